package durable

import "time"

// AutoResponse is answered to a message without waking the object.
type AutoResponse struct{ Request, Response string }

// SetAutoResponse has one message answered without waking the object; nil
// unsets it.
func (o *Object) SetAutoResponse(a *AutoResponse) { o.sockets.auto = a }

// AutoResponse is what SetAutoResponse was last given.
func (o *Object) AutoResponse() *AutoResponse { return o.sockets.auto }

// answers reports whether the automatic response answers what came on a socket.
func (o *Object) answers(s *Socket, e SocketEvent) bool {
	a := o.sockets.auto
	return a != nil && e.Kind == SocketMessage && e.Text && string(e.Data) == a.Request && !s.Closing()
}

// SetEventTimeout limits how long a handler of a socket's event may take; 0 is
// for as long as it likes. Past it the instance is reset, and its sockets stay
// open: their next event begins a new life.
func (o *Object) SetEventTimeout(d time.Duration) { o.sockets.eventTimeout = d }

// EventTimeout is what SetEventTimeout was last given.
func (o *Object) EventTimeout() time.Duration { return o.sockets.eventTimeout }

// limitEvent resets the instance when an event takes longer than it may.
func (o *Object) limitEvent(life *Life, e *Event) (stop func()) {
	if o.sockets.eventTimeout == 0 {
		return func() {}
	}
	return o.m.opts.Clock.AfterFunc(o.sockets.eventTimeout, func() {
		o.run(func() {
			if e.life == life {
				o.m.opts.Log(o.ref, errEventTimeout, e.followed())
				life.reset(errEventTimeout, nil, true)
			}
		})
	})
}
