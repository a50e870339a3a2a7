package durable

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/emulator/object"
)

// A Conn is the other side of a socket. Its methods are safe for concurrent use
// and do not block.
type Conn interface {
	Send(text bool, data []byte)
	Close(code int, reason string)
	// Abort ends the connection without a closing handshake.
	Abort()
	// URL is that of the request which opened the connection, "" for none.
	URL() string
}

// A Socket is a WebSocket of an object. One that can hibernate belongs to the
// object, and so outlives evictions and new code; what arrives on it is an event
// that wakes the object. Any other belongs to the life whose code has accepted
// it, and keeps that in memory.
//
// What is not said to be safe for concurrent use belongs to the loop of the
// object.
type Socket struct {
	ID         int // in the object and all facets of it
	Tags       []string
	Attachment []byte    // serialized, nil for none
	AutoAt     time.Time // of the last automatic response

	o        *Object
	ref      object.Ref // of the object, for who must not look at o
	conn     Conn
	opened   time.Time
	life     *Life    // that it belongs to, nil for one that can hibernate
	listener Listener // likewise
	underway underway // likewise
	outgoing bool

	closing atomic.Bool // the object has closed it
	closed  atomic.Bool
	traffic traffic
}

// SocketEventKind tells what happened on a socket.
type SocketEventKind int

const (
	SocketMessage SocketEventKind = iota
	SocketClose
	SocketError
)

// handler is the name of the handler for it.
func (k SocketEventKind) handler() string {
	switch k {
	case SocketMessage:
		return "webSocketMessage"
	case SocketClose:
		return "webSocketClose"
	}
	return "webSocketError"
}

// A SocketEvent is something that happened on a socket.
type SocketEvent struct {
	Kind   SocketEventKind
	Text   bool
	Data   []byte
	Code   int
	Reason string
	Clean  bool
	Err    error
}

// sockets are an object's hibernatable sockets, in the order of acceptance.
type sockets struct {
	list socketList
	next int // number, also of those in facets and of those that cannot hibernate
	auto *AutoResponse
	// eventTimeout is what the object asked for, 0 for nothing.
	eventTimeout time.Duration
}

func (s *sockets) len() int { return len(s.list) }

// A socketList is in the order of the sockets' numbers.
type socketList []*Socket

// find tells where in the list the socket with a number is.
func (l socketList) find(id int) (place int, ok bool) {
	return slices.BinarySearchFunc(l, id, func(s *Socket, id int) int { return s.ID - id })
}

// get is the socket with a number, nil when it is not in the list.
func (l socketList) get(id int) *Socket {
	if i, ok := l.find(id); ok {
		return l[i]
	}
	return nil
}

// MaxSockets is how many hibernatable sockets an object may have.
// https://developers.cloudflare.com/durable-objects/best-practices/websockets/
const MaxSockets = 32 << 10

// Accept takes a socket over from the instance, of which there may be
// [MaxSockets].
func (l *Life) Accept(conn Conn, tags []string) *Socket {
	s := l.o.newSocket(conn)
	s.Tags = tags
	l.o.setSockets(append(l.o.sockets.list, s))
	return s
}

// newSocket makes a socket with a number that no other of the object, or of a
// facet of it, has.
func (o *Object) newSocket(conn Conn) *Socket {
	numbers := &o.root().sockets
	s := &Socket{ID: numbers.next, o: o, ref: o.root().ref, conn: conn, opened: o.m.opts.Clock.Now()}
	numbers.next++
	return s
}

// Sockets lists the hibernatable sockets that have a tag, or all for nil.
func (o *Object) Sockets(tag *string) []*Socket {
	if tag == nil {
		return o.sockets.list
	}
	var out []*Socket
	for _, s := range o.sockets.list {
		if slices.Contains(s.Tags, *tag) {
			out = append(out, s)
		}
	}
	return out
}

// Socket finds a hibernatable socket by its number, nil when it is gone.
func (o *Object) Socket(id int) *Socket { return o.sockets.list.get(id) }

// Receive hands in what came from the other side. It is safe for concurrent
// use; events of one goroutine keep their order.
func (s *Socket) Receive(e SocketEvent) {
	if s.life != nil {
		s.hear(e)
		return
	}
	ev := s.arrives(e)
	s.o.tell(func(here bool) {
		if here {
			s.o.received(s, e, ev)
		} else {
			ev.leave(ErrClosed)
		}
	})
}

// arrives has who watches follow an event from when it arrives. It gives nil when
// nobody does.
func (s *Socket) arrives(e SocketEvent) *Event {
	if !s.o.m.Follows(nil, true) {
		return nil
	}
	ev := &Event{Name: e.Kind.handler(), Kind: "socket"}
	ev.Again, ev.Weight = s.again(e), len(e.Data)
	s.o.m.accompany(s.ref, ev)
	if ev.span != nil {
		ev.span.Posted(s.o.posts())
	}
	return ev
}

func (o *Object) received(s *Socket, e SocketEvent, ev *Event) {
	if s.closed.Load() {
		ev.leave(errGone)
		return
	}
	answered := o.answers(s, e)
	s.passed(Frame{FromClient: true, Auto: answered, SocketEvent: e})
	if answered {
		s.AutoAt = o.m.opts.Clock.Now()
		s.Send(true, []byte(o.sockets.auto.Response))
		ev.answered()
		return
	}
	if e.Kind != SocketMessage {
		s.closed.Store(true)
	}
	if ev == nil {
		ev = &Event{Name: e.Kind.handler(), Kind: "socket"}
	}
	o.socketEvent(s, e, ev)
}

// socketEvent has the instance handle an event of one of its sockets.
func (o *Object) socketEvent(s *Socket, e SocketEvent, ev *Event) {
	gone := func() {
		if e.Kind != SocketMessage {
			o.dropSocket(s)
		}
	}
	ev.Run = func(life *Life) {
		stop := o.limitEvent(life, ev)
		life.home.SocketEvent(life, s, e, func(err error) {
			stop()
			if err != nil {
				o.m.opts.Log(o.ref, err, ev.followed())
			}
			ev.Err = err
			if life.Finish(ev) {
				gone()
			}
		})
	}
	ev.Fail = func(error) { gone() }
	o.accept(ev)
}

func (o *Object) setSockets(list []*Socket) {
	o.root().connected.Add(int32(len(list) - len(o.sockets.list)))
	o.sockets.list = list
	o.wires.Store(int32(len(list)))
}

func (o *Object) dropSocket(s *Socket) {
	s.closed.Store(true)
	if i, ok := o.sockets.list.find(s.ID); ok {
		o.setSockets(slices.Delete(o.sockets.list, i, i+1))
		o.run(func() {}) // the record may be forgotten
	}
}

// Send sends a message; the caller sees to the output gate.
func (s *Socket) Send(text bool, data []byte) {
	if s.conn == nil {
		return
	}
	s.passed(Frame{SocketEvent: SocketEvent{Text: text, Data: data}})
	s.conn.Send(text, data)
}

// Close starts or completes the closing handshake. It is safe for concurrent
// use.
func (s *Socket) Close(code int, reason string) {
	if s.conn == nil {
		return
	}
	s.closing.Store(true)
	s.passed(Frame{SocketEvent: SocketEvent{Kind: SocketClose, Code: code, Reason: reason}})
	s.conn.Close(code, reason)
}

// Abort drops the connection. It is safe for concurrent use.
func (s *Socket) Abort() {
	if !s.closing.Swap(true) {
		s.passed(Frame{SocketEvent: SocketEvent{Kind: SocketError}})
	}
	s.conn.Abort()
}

// MarkClosing notes that the object has called close: nothing more is sent.
func (s *Socket) MarkClosing() { s.closing.Store(true) }

// MarkGone makes s stand for a socket that is no longer there.
func (s *Socket) MarkGone() { s.closed.Store(true) }

// Closing reports whether the object has called close.
func (s *Socket) Closing() bool { return s.closing.Load() }

// Closed reports whether the other side has closed, or is gone.
func (s *Socket) Closed() bool { return s.closed.Load() }

// abortSockets drops the sockets of an object whose instance was reset. New code
// leaves them be, unless it comes as deployed: the next message wakes the object
// in it.
func (o *Object) abortSockets() {
	list := o.sockets.list
	o.setSockets(nil)
	for _, s := range list {
		s.closed.Store(true)
		s.Abort()
	}
}

// closeSockets closes every socket that can hibernate.
func (o *Object) closeSockets(code int, reason string) {
	list := o.sockets.list
	o.setSockets(nil)
	for _, s := range list {
		s.closed.Store(true)
		s.Close(code, reason)
	}
}
