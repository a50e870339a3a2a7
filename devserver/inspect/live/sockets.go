package live

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
)

// A socketKey tells a socket from all others.
type socketKey struct {
	ref inspect.Ref
	id  int
}

// Sockets implements inspect.Viewer.
func (l *Live) Sockets(ctx context.Context, ref inspect.Ref) ([]inspect.Socket, error) {
	e, err := l.emulator()
	if err != nil {
		return nil, err
	}
	list, err := l.listSockets(ctx, e, ref)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range list {
		if l.sockets != nil && l.followsSocketsLocked(s.Ref) {
			l.sockets[socketKey{s.Ref, s.ID}] = s // so that its end is told
		}
	}
	return list, err
}

// followsSocketsLocked reports whether somebody follows the sockets of an object.
func (l *Live) followsSocketsLocked(ref inspect.Ref) bool {
	for s := range l.streams {
		if slices.Contains(s.follow.Topics, inspect.AllSockets) && (s.follow.Object.IsZero() || s.follow.Object == ref) {
			return true
		}
	}
	return false
}

func (l *Live) listSockets(ctx context.Context, e *emulator.Emulator, ref inspect.Ref) ([]inspect.Socket, error) {
	found := make(chan []inspect.Socket, 1)
	go func() { found <- l.socketsOf(e, ref) }()
	select {
	case list := <-found:
		return list, nil
	case <-ctx.Done():
		return nil, ctx.Err() // an object's code does not come to an end
	}
}

// socketsOf lists the sockets of an object, or of all, each asked on its loop.
func (l *Live) socketsOf(e *emulator.Emulator, ref inspect.Ref) []inspect.Socket {
	label := l.labels()
	out := []inspect.Socket{}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for _, g := range e.Objects().Glances() {
		at := refOf(g.Ref.Key())
		if g.Sockets == 0 || !ref.IsZero() && ref != at {
			continue
		}
		wait.Go(func() {
			e.Objects().Inside(g.Ref, func(o *durable.Object) {
				mu.Lock()
				defer mu.Unlock()
				for _, s := range o.AllSockets() {
					out = append(out, showSocket(at, label(at), s))
				}
			})
		})
	}
	wait.Wait()
	slices.SortFunc(out, func(a, b inspect.Socket) int {
		return cmp.Or(strings.Compare(a.Object, b.Object), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func showSocket(ref inspect.Ref, label string, s *durable.Socket) inspect.Socket {
	passed := s.Traffic()
	out := inspect.Socket{
		Ref: ref, Object: label, ID: s.ID, Facet: s.Facet(), URL: s.URL(), Hibernatable: s.Hibernatable(), Outgoing: s.Outgoing(),
		Tags: slices.Clone(s.Tags), Attachment: json.RawMessage("null"), State: stateOf(s), Opened: s.Opened().UTC(),
		Sent: int64(passed.Sent), Received: int64(passed.Received), SentBytes: passed.SentBytes, ReceivedBytes: passed.ReceivedBytes,
	}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	if s.Attachment != nil {
		if v, err := stored.Value(s.Attachment); err == nil {
			out.Attachment = v.JSON
		}
	}
	if !passed.Last.At.IsZero() {
		last := showFrame(ref, passed.Last)
		out.Last = &last
	}
	return out
}

func stateOf(s *durable.Socket) inspect.SocketState {
	switch {
	case s.Closing() || s.Closed():
		return inspect.SocketClosing
	case s.Asleep():
		return inspect.SocketHibernating
	}
	return inspect.SocketOpen
}

// actOnSocket sends or closes, for the object or as its client would.
func actOnSocket(e *emulator.Emulator, ref object.Ref, a inspect.Action, label string) error {
	if a.Kind == inspect.CloseSocket {
		a.Code = cmp.Or(a.Code, 1000)
		if why := inspect.WhyNoClose(a.Code, a.Text); why != "" {
			return &inspect.Error{Code: inspect.Invalid, Message: why}
		}
	}
	err := error(&inspect.Error{Code: inspect.NotFound, Message: fmt.Sprintf("%s has no socket %d", label, a.Socket)})
	e.Objects().Inside(ref, func(o *durable.Object) {
		s := o.AnySocket(a.Socket)
		switch {
		case s == nil:
		case a.AsClient && s.Closed(), !a.AsClient && s.Closing():
			err = &inspect.Error{Code: inspect.Refused, Message: fmt.Sprintf("%s: socket %d is closing", label, a.Socket)}
		default:
			use(s, a)
			err = nil
		}
	})
	return err
}

func use(s *durable.Socket, a inspect.Action) {
	text, data := a.Data == nil && !a.Binary, a.Data
	if text {
		data = []byte(a.Text)
	}
	switch {
	case a.Kind == inspect.SendSocket && a.AsClient:
		s.Receive(durable.SocketEvent{Kind: durable.SocketMessage, Text: text, Data: data})
	case a.Kind == inspect.SendSocket:
		s.Say(text, data)
	case a.AsClient:
		s.Leave(a.Code, a.Text)
	default:
		s.HangUp(a.Code, a.Text)
	}
}

// tellSockets tells which sockets are not what followers know them as.
func (l *Live) tellSockets(ctx context.Context, e *emulator.Emulator) {
	l.mu.Lock()
	var of []inspect.Ref
	for s := range l.streams {
		if slices.Contains(s.follow.Topics, inspect.AllSockets) {
			of = append(of, s.follow.Object)
		}
	}
	l.mu.Unlock()
	if len(of) == 0 {
		return
	}
	only := of[0]
	for _, ref := range of {
		if ref != only {
			only = inspect.Ref{}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, tick*socketTick)
	defer cancel()
	list, err := l.listSockets(ctx, e, only)
	if err != nil {
		return
	}
	now := make(map[socketKey]inspect.Socket, len(list))
	for _, s := range list {
		now[socketKey{s.Ref, s.ID}] = s
	}
	l.mu.Lock()
	before := l.sockets
	l.sockets = now
	l.mu.Unlock()
	for key, s := range now {
		if known, had := before[key]; !had || !reflect.DeepEqual(known, s) {
			l.ring.add(inspect.Event{Kind: inspect.SocketChanged, Socket: &s})
		}
	}
	for key, s := range before {
		if _, still := now[key]; !still {
			s.State = inspect.SocketClosed
			l.ring.add(inspect.Event{Kind: inspect.SocketChanged, Socket: &s})
		}
	}
}
