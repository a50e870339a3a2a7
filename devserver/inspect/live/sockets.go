package live

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
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
				for _, s := range o.Sockets(nil) {
					shown := showSocket(at, label(at), o, s)
					shown.Last = l.record.lastFrame(socketKey{at, s.ID})
					mu.Lock()
					out = append(out, shown)
					mu.Unlock()
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

func showSocket(ref inspect.Ref, label string, o *durable.Object, s *durable.Socket) inspect.Socket {
	out := inspect.Socket{
		Ref: ref, Object: label, ID: s.ID, URL: s.URL, Tags: slices.Clone(s.Tags), Attachment: json.RawMessage("null"), State: inspect.SocketOpen,
		Opened: s.Opened().UTC(), Sent: int64(s.Sent), Received: int64(s.Received), SentBytes: s.SentBytes, ReceivedBytes: s.RecvBytes,
	}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	if s.Attachment != nil {
		if v, err := stored.Value(s.Attachment); err == nil {
			out.Attachment = v.JSON
		}
	}
	switch {
	case s.Closing() || s.Closed():
		out.State = inspect.SocketClosing
	case o.Life() == nil:
		out.State = inspect.SocketHibernating
	}
	return out
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
	list, err := l.Sockets(ctx, only)
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
