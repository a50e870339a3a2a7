package durable

import (
	"slices"
	"sync"
)

// A Listener is the code at an object's side of a socket that cannot hibernate.
// Its methods are safe for concurrent use and do not block.
type Listener interface {
	// Hear makes an event of what came from the other side. Around, unless nil,
	// is given its turn to run.
	Hear(e SocketEvent, around func(turn func() error))
	// HangUp makes an event in which the code's side is closed.
	HangUp(code int, reason string)
}

// Adopt notes a socket that the instance keeps itself. What comes from the other
// side is to go through [Socket.Receive], what is sent through the other
// methods; Over ends it. Outgoing says that the instance has asked for the
// connection.
func (l *Life) Adopt(conn Conn, listener Listener, outgoing bool) *Socket {
	s := l.o.newSocket(conn)
	s.life, s.listener, s.outgoing = l, listener, outgoing
	l.setSockets(append(l.sockets, s))
	return s
}

func (l *Life) setSockets(list []*Socket) {
	l.o.root().connected.Add(int32(len(list) - len(l.sockets)))
	l.sockets = list
	l.o.held.Store(int32(len(list)))
}

// hear passes on what came on a socket that cannot hibernate.
func (s *Socket) hear(e SocketEvent) {
	if s.closed.Load() {
		return
	}
	if e.Kind != SocketMessage {
		s.closed.Store(true)
	}
	s.passed(Frame{FromClient: true, SocketEvent: e})
	s.listener.Hear(e, s.follow(e))
}

// follow has who watches follow an event on its way to the listeners. It gives
// what is to run their turn, nil when nobody watches.
func (s *Socket) follow(e SocketEvent) (around func(turn func() error)) {
	if !s.o.m.Follows(nil, true) {
		return nil
	}
	ev := &Event{Name: e.Kind.listener(), Kind: "socket", Again: s.again(e), Weight: len(e.Data)}
	s.o.m.accompany(s.ref, ev)
	if ev.span == nil {
		return nil
	}
	if !s.underway.add(ev) {
		ev.span.End(errGone)
		return nil
	}
	ev.span.Posted(s.life.loop)
	return func(turn func() error) {
		ev.span.Admitted()
		s.life.loop.SetSpan(ev.span)
		ev.Err = turn()
		s.life.loop.AfterTurn(func() { s.underway.end(ev) })
	}
}

// listener is the name of the event that the listeners are told of.
func (k SocketEventKind) listener() string {
	switch k {
	case SocketMessage:
		return "message"
	case SocketClose:
		return "close"
	}
	return "error"
}

// underway are the events of a socket that somebody follows and no listener has
// handled yet. The zero value is ready.
type underway struct {
	mu     sync.Mutex
	events []*Event
	over   bool
}

// add notes an event, or reports that there is nobody left to handle it.
func (u *underway) add(e *Event) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.over {
		u.events = append(u.events, e)
	}
	return !u.over
}

// end tells who follows an event that it was handled.
func (u *underway) end(e *Event) {
	u.mu.Lock()
	i := slices.Index(u.events, e)
	if i >= 0 {
		u.events = slices.Delete(u.events, i, i+1)
	}
	u.mu.Unlock()
	if i >= 0 {
		e.span.End(e.Err)
	}
}

// endAll tells who follows the rest that nobody is left to handle it.
func (u *underway) endAll(why error) {
	u.mu.Lock()
	rest := u.events
	u.events, u.over = nil, true
	u.mu.Unlock()
	for _, e := range rest {
		e.span.End(why)
	}
}

// Say sends a message as the object's code does: not before what an open
// transaction has written is kept.
func (s *Socket) Say(text bool, data []byte) {
	if l := s.o.life; l != nil {
		l.loop.SendFor(l, func() { s.Send(text, data) })
		return
	}
	s.Send(text, data)
}

// HangUp closes as the object's code does.
func (s *Socket) HangUp(code int, reason string) {
	if s.listener != nil {
		s.listener.HangUp(code, reason)
		return
	}
	s.Close(code, reason)
}

// Leave ends the socket as if the other side had closed it.
func (s *Socket) Leave(code int, reason string) {
	s.Receive(SocketEvent{Kind: SocketClose, Code: code, Reason: reason, Clean: true})
	if s.life == nil {
		s.o.run(func() { s.Close(code, reason) }) // the code of others answers by itself
	}
}

// Over says that the instance has no more to do with a socket it was given by
// [Life.Adopt].
func (s *Socket) Over() {
	l := s.life
	if i, ok := l.sockets.find(s.ID); ok {
		l.setSockets(slices.Delete(l.sockets, i, i+1))
	}
	s.underway.endAll(l.lastWord())
}
