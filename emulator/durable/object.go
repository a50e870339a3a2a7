package durable

import (
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/emulator/object"
)

// State is what an object is doing.
type State string

const (
	Stored     State = "stored"     // it has no instance
	Running    State = "running"    // an event is in flight
	Idle       State = "idle"       // it has an instance and nothing to do
	Hibernated State = "hibernated" // no instance, but sockets are open
	Failed     State = "failed"     // its last life ended with an error
)

// An Object is one object the server has met. It stays in memory while it has
// an instance, sockets or a pending retry.
type Object struct {
	m    *Objects
	ref  object.Ref
	home atomic.Pointer[Home]

	life    *Life
	sockets sockets
	alarm   alarmState
	moving  *move
	failure error // of the last life
}

// An Event is something an object is to handle.
type Event struct {
	Name string // for people: "GET /x", "greet()"
	// Run handles the event, in a turn of life. The event is in flight until
	// life.Finish is called with it.
	Run func(life *Life)
	// Fail is called, once and instead of Finish, when the object cannot handle
	// the event or was reset while it did.
	Fail func(err error)

	at time.Time
}

// Ref tells which object o is.
func (o *Object) Ref() object.Ref { return o.ref }

// Life is the present life, nil for none.
func (o *Object) Life() *Life { return o.life }

// State tells what the object is doing.
func (o *Object) State() State {
	switch {
	case o.life != nil && o.life.busyWith() != "":
		return Running
	case o.life != nil:
		return Idle
	case o.sockets.len() > 0:
		return Hibernated
	case o.failure != nil:
		return Failed
	}
	return Stored
}

// post runs fn on the loop of the object's home, wherever that is by then.
func (o *Object) post(fn func()) {
	home := o.home.Load()
	(*home).Loop().Post(func() {
		if o.home.Load() != home {
			o.post(fn)
			return
		}
		fn()
	})
}

// accept starts a life for an event, or hands it to the present one.
func (o *Object) accept(e *Event) {
	if o.moving != nil {
		o.moving.waiting = append(o.moving.waiting, e)
		return
	}
	if o.life == nil {
		if err := o.start(); err != nil {
			e.Fail(err)
			return
		}
	}
	o.life.deliver(e)
}

// start begins a life: the constructor runs in a turn of its own.
func (o *Object) start() error {
	life := newLife(o)
	o.life = life
	o.failure = nil
	var failed error
	life.loop.Turn(life, nil, func() {
		if err := life.home.Start(life); err != nil {
			failed = life.Reset(err)
		}
	})
	if failed == nil && o.life != life {
		failed = life.reason
	}
	return failed
}

// A move is an object on its way to another home.
type move struct {
	to      Home
	waiting []*Event
	done    []func()
}

// move takes the object to another home once nothing runs in this one.
func (o *Object) move(to Home, done func()) {
	if o.moving != nil {
		o.moving.to = to
		o.moving.done = append(o.moving.done, done)
		return
	}
	o.moving = &move{to: to, done: []func(){done}}
	if o.life == nil || len(o.life.inFlight) == 0 {
		o.leave()
		return
	}
	life := o.life
	stop := o.m.opts.Clock.AfterFunc(o.m.opts.MoveAfter, func() {
		o.post(func() {
			if o.life == life {
				life.Reset(codeUpdated())
			}
		})
	})
	life.onQuiet = func() { stop() }
}

// leave ends the life here and goes.
func (o *Object) leave() {
	mv := o.moving
	if mv == nil {
		return
	}
	o.moving = nil // before the life ends, which else would leave a second time
	if o.life != nil {
		o.life.codeChanged = true
		o.life.end()
	}
	to := mv.to
	o.home.Store(&to)
	for _, e := range mv.waiting {
		o.post(func() { o.accept(e) })
	}
	for _, done := range mv.done {
		done()
	}
}
