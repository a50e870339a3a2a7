package durable

import (
	"slices"
	"time"
)

// A Conn is the other side of a hibernatable socket. Its methods are safe for
// concurrent use and do not block.
type Conn interface {
	Send(text bool, data []byte)
	Close(code int, reason string)
	// Abort ends the connection without a closing handshake.
	Abort()
}

// A Socket is a hibernatable socket. It belongs to the object, not to an
// instance, and so outlives evictions and new code.
type Socket struct {
	ID         int
	Tags       []string
	Attachment []byte    // serialized, nil for none
	AutoAt     time.Time // of the last automatic response
	URL        string
	Protocol   string

	Sent, Received       int // messages
	SentBytes, RecvBytes int64

	o       *Object
	conn    Conn
	closing bool // the object has closed it
	closed  bool

	opened time.Time
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

// AutoResponse is answered to a message without waking the object.
type AutoResponse struct{ Request, Response string }

// sockets are an object's hibernatable sockets, in the order of acceptance.
type sockets struct {
	list []*Socket
	next int
	auto *AutoResponse
	// eventTimeout is what the object asked for, 0 for nothing.
	eventTimeout time.Duration
}

func (s *sockets) len() int { return len(s.list) }

// find tells where in the list the socket with a number is: numbers rise.
func (s *sockets) find(id int) (place int, ok bool) {
	return slices.BinarySearchFunc(s.list, id, func(s *Socket, id int) int { return s.ID - id })
}

// MaxSockets is how many sockets an object may have.
// https://developers.cloudflare.com/durable-objects/best-practices/websockets/
const MaxSockets = 32 << 10

// Accept takes a socket over from the instance, of which there may be
// [MaxSockets].
func (l *Life) Accept(conn Conn, tags []string) *Socket {
	s := &Socket{ID: l.o.sockets.next, Tags: tags, o: l.o, conn: conn, opened: l.loop.RealNow()}
	l.o.sockets.next++
	l.o.setSockets(append(l.o.sockets.list, s))
	return s
}

// Sockets lists the object's sockets that have a tag, or all for nil.
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

// Socket finds a socket by its number, nil when it is gone.
func (o *Object) Socket(id int) *Socket {
	if i, ok := o.sockets.find(id); ok {
		return o.sockets.list[i]
	}
	return nil
}

// SetAutoResponse has one message answered without waking the object; nil
// unsets it.
func (o *Object) SetAutoResponse(a *AutoResponse) { o.sockets.auto = a }

// AutoResponse is what SetAutoResponse was last given.
func (o *Object) AutoResponse() *AutoResponse { return o.sockets.auto }

// SetEventTimeout limits how long a handler of a socket's event may take; 0 is
// for as long as it likes. Past it the instance is reset, and its sockets stay
// open: their next event begins a new life.
func (o *Object) SetEventTimeout(d time.Duration) { o.sockets.eventTimeout = d }

// EventTimeout is what SetEventTimeout was last given.
func (o *Object) EventTimeout() time.Duration { return o.sockets.eventTimeout }

// Receive hands in what came from the other side. It is safe for concurrent
// use; events of one goroutine keep their order.
func (s *Socket) Receive(e SocketEvent) {
	s.o.run(func() { s.o.received(s, e) })
}

func (o *Object) received(s *Socket, e SocketEvent) {
	if s.closed {
		return
	}
	a := o.sockets.auto
	answered := a != nil && e.Kind == SocketMessage && e.Text && string(e.Data) == a.Request && !s.closing
	if w := o.m.watch.Load(); w != nil {
		w.received(s, e, answered)
	}
	if e.Kind == SocketMessage {
		s.Received++
		s.RecvBytes += int64(len(e.Data))
		if answered {
			s.AutoAt = o.m.opts.Clock.Now()
			s.Send(true, []byte(a.Response))
			return
		}
	} else {
		s.closed = true
	}
	o.socketEvent(s, e)
}

// socketEvent has the instance handle an event of one of its sockets.
func (o *Object) socketEvent(s *Socket, e SocketEvent) {
	ev := &Event{Name: e.Kind.handler(), Kind: "socket"}
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
				o.m.opts.Log(o.ref, err)
			}
			ev.Err = err
			if life.Finish(ev) {
				gone()
			}
		})
	}
	ev.Fail = func(error) { gone() }
	if o.m.Watched() {
		if e.Kind == SocketMessage {
			ev.Again = func() { s.Receive(e) }
		}
		o.m.follow(o.ref, ev)
	}
	o.accept(ev)
}

// limitEvent resets the instance when an event takes longer than it may.
func (o *Object) limitEvent(life *Life, e *Event) (stop func()) {
	if o.sockets.eventTimeout == 0 {
		return func() {}
	}
	return o.m.opts.Clock.AfterFunc(o.sockets.eventTimeout, func() {
		o.run(func() {
			if e.life == life {
				o.m.opts.Log(o.ref, errEventTimeout)
				life.reset(errEventTimeout, nil, true)
			}
		})
	})
}

func (o *Object) setSockets(list []*Socket) {
	o.sockets.list = list
	o.wires.Store(int32(len(list)))
}

func (o *Object) dropSocket(s *Socket) {
	s.closed = true
	if i, ok := o.sockets.find(s.ID); ok {
		o.setSockets(slices.Delete(o.sockets.list, i, i+1))
		o.run(func() {}) // the record may be forgotten
	}
}

// Send sends a message; the caller sees to the output gate.
func (s *Socket) Send(text bool, data []byte) {
	if s.conn == nil {
		return
	}
	if w := s.o.m.watch.Load(); w != nil {
		w.sent(s, text, data)
	}
	s.Sent++
	s.SentBytes += int64(len(data))
	s.conn.Send(text, data)
}

// Close starts or completes the closing handshake.
func (s *Socket) Close(code int, reason string) {
	if s.conn != nil {
		if w := s.o.m.watch.Load(); w != nil {
			w.closed(s, code, reason)
		}
		s.conn.Close(code, reason)
	}
}

// MarkClosing notes that the object has called close: nothing more is sent.
func (s *Socket) MarkClosing() { s.closing = true }

// MarkGone makes s stand for a socket that is no longer there.
func (s *Socket) MarkGone() { s.closed = true }

// Closing reports whether the object has called close.
func (s *Socket) Closing() bool { return s.closing }

// Closed reports whether the other side has closed, or is gone.
func (s *Socket) Closed() bool { return s.closed }

// abortSockets drops the sockets of an object whose instance was reset. New code
// leaves them be, unless it comes as deployed: the next message wakes the object
// in it.
func (o *Object) abortSockets() {
	list := o.sockets.list
	o.setSockets(nil)
	for _, s := range list {
		s.closed = true
		s.conn.Abort()
	}
}

// closeSockets closes every socket.
func (o *Object) closeSockets(code int, reason string) {
	list := o.sockets.list
	o.setSockets(nil)
	for _, s := range list {
		s.closed = true
		s.conn.Close(code, reason)
	}
}
