package durable

import "github.com/dodev/dodev/emulator/engine"

// A move is an object on its way to another home.
type move struct {
	Update
	waiting []*Event // arrived since
	done    []func()
	stop    func() // the time it is given
}

// move takes the object to the home it now belongs to, once nothing runs in
// this one.
func (o *Object) move(how Update, done func()) {
	if o.moving != nil {
		o.moving.done = append(o.moving.done, done)
		return
	}
	o.moving = &move{Update: how, done: []func(){done}, stop: func() {}}
	if !o.running() {
		o.leave()
		return
	}
	mv := o.moving
	mv.stop = o.m.opts.Clock.AfterFunc(how.Delay, func() {
		o.run(func() {
			if o.moving == mv {
				o.outlived()
			}
		})
	})
}

// outlived resets instances of old code that are still busy. Events that the
// object has not begun go on to the next one.
func (o *Object) outlived() {
	o.endFacets(1012, updateReason, codeUpdated())
	if o.life != nil {
		o.life.outlived()
		return
	}
	o.leave()
}

func (l *Life) outlived() {
	var rest []*Event
	for e := l.first; e != nil; {
		next := e.next
		if !e.begun && !e.bound {
			l.remove(e)
			rest = append(rest, e)
		}
		e = next
	}
	l.o.moving.waiting = append(rest, l.o.moving.waiting...)
	l.reset(codeUpdated(), l.o.moving.cause(l.o), true)
}

const updateReason = "the code was updated"

// cause ends the life of an object that moves. Deployed, its sockets are not
// told why.
func (mv *move) cause(o *Object) error {
	if mv.Deployed {
		return codeUpdated()
	}
	return o.closeCause(1012, updateReason, codeUpdated())
}

// closeCause is err as the end of a life that closes its sockets with a code.
func (o *Object) closeCause(code int, reason string, err error) error {
	if o.m.opts.CloseCause == nil {
		return err
	}
	return &closing{o.m.opts.CloseCause(code, reason), err}
}

// closing is why a life ended, and how its sockets are to close.
type closing struct{ sockets, why error }

func (c *closing) Error() string { return c.why.Error() }

func (c *closing) Unwrap() []error { return []error{c.sockets, c.why} }

// leave ends the life here and goes, unless something has begun again.
func (o *Object) leave() {
	mv := o.moving
	if mv == nil || o.running() {
		return
	}
	mv.stop()
	o.moving = nil
	if o.life != nil {
		o.life.end(mv.cause(o))
	}
	if mv.Deployed {
		o.abortSockets()
	}
	o.endFacets(1012, updateReason, codeUpdated())
	o.settle(o.m.homeOf(o.ref.Key()))
	o.first(mv.waiting)
	for _, done := range mv.done {
		done()
	}
}

// codeUpdated is what the callers of an instance see that was reset for new
// code.
func codeUpdated() *engine.Throw {
	return engine.Error("Durable Object reset because its code was updated.")
}
