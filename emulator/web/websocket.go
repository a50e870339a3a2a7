package web

import (
	"context"
	"errors"
	"fmt"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// A CloseCause as the cause of an owner's context has the owner's sockets closed
// with a code and reason when the owner goes. With any other cause they are
// aborted.
type CloseCause struct {
	Code   int
	Reason string
}

func (c CloseCause) Error() string { return fmt.Sprintf("sockets closed: %d %s", c.Code, c.Reason) }

// sockets are those that scripts of one isolate have accepted.
type sockets struct {
	*host
	last    int
	live    map[int]*Socket
	orphans []int            // ends that no script can reach any more
	dialing map[int]*loop.Op // sockets to the outside that are not open yet
}

// A Socket is one that a script has accepted. It keeps its owner alive until it
// is done.
type Socket struct {
	*sockets
	id       int
	op       *loop.Op
	end      *End
	line     Line
	outgoing bool
	stop     func() bool // keeps the end from being closed with its owner
}

// A Line is what a script's socket sends into.
type Line interface {
	Send(text bool, data []byte)
	Close(code int, reason string)
	Abort()
}

// A Middle stands between a script's socket and the end that it has accepted:
// what the script does goes to its Line, and what reaches the end to its
// Receiver. It passes both on.
type Middle interface {
	Line
	Receiver
	// Over says, on the isolate's goroutine, that the script has no more to do
	// with the socket. It is the last call from there.
	Over()
}

// registerSockets adds the functions of host/websocket.ts.
func (h *host) registerSockets() {
	s := &sockets{host: h, live: map[int]*Socket{}, dialing: map[int]*loop.Op{}}
	for name, fn := range map[string]engine.Func{
		"wsPair":        s.pair,
		"wsAccept":      s.accept,
		"wsDead":        s.dead,
		"wsDrop":        s.drop,
		"wsSend":        s.send,
		"wsClose":       s.close,
		"wsAbort":       s.abort,
		"wsLost":        s.lost,
		"wsDone":        s.done,
		"wsSerialize":   h.serializeAttachment,
		"wsDeserialize": deserializeAttachment,
		"wsOpen":        s.open,
		"wsOpenCancel":  s.cancelOpen,
	} {
		h.vm.Func(name, fn)
	}
}

func (s *sockets) pair(c engine.Call) error {
	first, _ := s.opts.Wires.New()
	c.Return(engine.Int(first))
	return nil
}

func (s *sockets) dead(c engine.Call) error {
	a, b := NewWire()
	b.Abort()
	c.Return(engine.Int(s.opts.Wires.Add(a)))
	return nil
}

// maxOrphans is how many ends without a script are kept. The platform finds them
// when it collects garbage, some time after they were lost; finding them at once
// would end sockets that work there.
const maxOrphans = 256

func (s *sockets) drop(c engine.Call) error {
	s.orphans = append(s.orphans, c.Int(0))
	if len(s.orphans) > maxOrphans {
		s.opts.Wires.Drop(s.orphans[0])
		s.orphans = s.orphans[1:]
	}
	return nil
}

func (s *sockets) accept(c engine.Call) error {
	end := s.opts.Wires.Take(c.Int(0))
	if end == nil {
		return engine.TypeError("Can't accept() WebSocket that was already used in a response.")
	}
	relayed := c.Bool(1)
	if relayed {
		end.relay()
	}
	if s.opts.LargeMessages {
		end.TakeLarge()
	}
	kind := loop.Socket
	if end.outside {
		kind = loop.Connection
	}
	s.last++
	k := &Socket{sockets: s, id: s.last, op: s.loop.Begin(kind), end: end, line: end, outgoing: relayed || end.outside}
	s.live[k.id] = k
	receiver := k.between()
	// Not the operation's context: that has no cause when the owner cancels its
	// operations before it goes.
	ctx := s.ownerContext()
	k.stop = context.AfterFunc(ctx, func() {
		leave(k.line, context.Cause(ctx))
		s.loop.Post(func() { s.gone(k) })
	})
	end.Receive(receiver)
	c.Return(engine.Int(k.id))
	return nil
}

// between puts in the middle whom the options have there, and gives who is to
// receive what comes.
func (k *Socket) between() Receiver {
	if k.opts.Between == nil {
		return k.Receiver(nil)
	}
	m := k.opts.Between(k.loop.Owner(), k)
	if m == nil {
		return k.Receiver(nil)
	}
	k.line = m
	k.op.OnEnd(m.Over)
	return m
}

// End is what the script has accepted.
func (k *Socket) End() *End { return k.end }

// Outgoing reports whether the script's side has asked for the connection.
func (k *Socket) Outgoing() bool { return k.outgoing }

// HangUp has the script's socket closed, in a turn of its owner, as if the
// script had called close. It is safe for concurrent use.
func (k *Socket) HangUp(code int, reason string) {
	listeners{k, nil}.deliver("wsHangUp", engine.Int(code), engine.String(reason))
}

// ownerContext is done when the owner of the turn is gone.
func (h *host) ownerContext() context.Context {
	if owner := h.loop.Owner(); owner != nil {
		return owner.Context()
	}
	return context.Background()
}

// leave ends a socket whose owner is gone.
func leave(line Line, cause error) {
	var c CloseCause
	if errors.As(cause, &c) {
		line.Close(c.Code, c.Reason)
	}
	line.Abort()
}

// gone forgets a socket whose owner is gone.
func (s *sockets) gone(k *Socket) {
	if s.live[k.id] == k {
		delete(s.live, k.id)
		_ = s.call("wsGone", engine.Int(k.id))
	}
}

// Receiver makes each event a turn of the socket's owner, in which the script's
// listeners run. Around, unless nil, is given the turn to run; it runs it there
// and then, and gets what the listeners threw.
func (k *Socket) Receiver(around func(turn func() error)) Receiver { return listeners{k, around} }

type listeners struct {
	*Socket
	around func(turn func() error)
}

// Message implements [Receiver].
func (l listeners) Message(text bool, data []byte) {
	value := engine.Bytes(data)
	if text {
		value = engine.String(string(data))
	}
	l.deliver("wsMessage", value)
}

// Closed implements [Receiver].
func (l listeners) Closed(code int, reason string, clean bool) {
	l.deliver("wsClosed", engine.Int(code), engine.String(reason), engine.Bool(clean))
}

// Failed implements [Receiver].
func (l listeners) Failed(err error) {
	message := err.Error()
	var throw *engine.Throw
	if errors.As(err, &throw) {
		message = throw.Message
	}
	l.deliver("wsFailed", engine.String(message))
}

func (l listeners) deliver(entry string, args ...engine.Value) {
	args = append([]engine.Value{engine.Int(l.id)}, args...)
	l.op.Again(func() {
		if l.around == nil {
			_ = l.call(entry, args...)
			return
		}
		l.around(func() error { return l.call(entry, args...) })
	})
}

func (s *sockets) send(c engine.Call) error {
	k := s.live[c.Int(0)]
	if k == nil {
		return nil
	}
	text, data := c.Kind(1) == engine.KindString, chunk(c, 1)
	s.loop.Send(func() { k.line.Send(text, data) })
	return nil
}

func (s *sockets) close(c engine.Call) error {
	k := s.live[c.Int(0)]
	if k == nil {
		return nil
	}
	code, reason := c.Int(1), usv(c.String(2))
	s.loop.Send(func() { k.line.Close(code, reason) })
	c.Return(engine.Bool(k.end.shared.relayed.Load()))
	return nil
}

func (s *sockets) abort(c engine.Call) error {
	if k := s.live[c.Int(0)]; k != nil {
		s.loop.Send(k.line.Abort)
		s.forget(k)
	}
	return nil
}

func (s *sockets) lost(c engine.Call) error {
	if k := s.live[c.Int(0)]; k != nil {
		s.loop.Send(func() { k.Receiver(nil).Failed(connectionLost()) })
	}
	return nil
}

func (s *sockets) done(c engine.Call) error {
	if k := s.live[c.Int(0)]; k != nil {
		s.forget(k)
	}
	return nil
}

// forget lets a socket's owner go once what it sent has left.
func (s *sockets) forget(k *Socket) {
	delete(s.live, k.id)
	s.loop.Send(func() {
		k.stop()
		k.op.Cancel()
	})
}

// maxAttachment is the size of the largest serialized attachment.
const maxAttachment = 16 << 10

func (h *host) serializeAttachment(c engine.Call) error {
	e := h.encoder()
	if err := c.Encode(0, engine.ForClone, e); err != nil {
		return err
	}
	if n := len(e.Bytes()); n > maxAttachment {
		return engine.Error("A WebSocket 'attachment' cannot be larger than %d bytes.'attachment' was %d bytes.", maxAttachment, n)
	}
	c.Return(engine.Bytes(e.Bytes()))
	return nil
}

func deserializeAttachment(c engine.Call) error {
	data := c.Bytes(0)
	return c.ReturnBuilt(func(s engine.Sink) error { return clone.Decode(data, s) })
}
