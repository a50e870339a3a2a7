package durable

import (
	"context"
	"errors"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/gate"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A Life is one instance of an object, from its constructor to its end. It is
// the owner of the turns its code runs in.
type Life struct {
	o    *Object
	home Home
	loop *loop.Loop

	input  gate.Input
	output gate.Output
	store  Store

	ctx    context.Context
	cancel context.CancelFunc

	inFlight    map[*Event]struct{}
	pending     map[loop.Kind]int
	holds       int  // reasons besides events and operations to stay alive
	transaction int  // depth of open transactions
	alarmSet    bool // this turn changed the alarm
	stopIdle    func()
	onQuiet     func()
	codeChanged bool

	ended  bool
	reason error // why it was reset, nil when it ended in peace
}

func newLife(o *Object) *Life {
	home := *o.home.Load()
	l := &Life{o: o, home: home, loop: home.Loop(), inFlight: map[*Event]struct{}{}, pending: map[loop.Kind]int{}}
	l.input.Later = l.loop.AfterTurn
	l.input.Trace, l.output.Trace = o.m.opts.Trace, o.m.opts.Trace
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.store = o.m.opts.OpenStore(o.ref)
	return l
}

// Ref tells whose life this is.
func (l *Life) Ref() object.Ref { return l.o.ref }

// Object is the object whose life this is.
func (l *Life) Object() *Object { return l.o }

// Store is the object's database. It must not be used after the end.
func (l *Life) Store() Store { return l.store }

// Over reports whether the life has ended; its code must not act any more.
func (l *Life) Over() bool { return l.ended }

// Reason is the error the life was reset with, nil for none.
func (l *Life) Reason() error { return l.reason }

// Context implements loop.Owner.
func (l *Life) Context() context.Context { return l.ctx }

// Home is the isolate the instance lives in.
func (l *Life) Home() Home { return l.home }

// Deliver hands an event to this life, and no other one: when it has ended the
// event fails.
func (l *Life) Deliver(e *Event) {
	if l.ended {
		err := l.reason
		if err == nil {
			err = errGone
		}
		e.Fail(err)
		return
	}
	l.deliver(e)
}

var errGone = &engine.Throw{Class: "Error", Message: "The destination object for this session no longer exists."}

// deliver lets an event in and runs it.
func (l *Life) deliver(e *Event) {
	e.at = l.loop.RealNow()
	l.inFlight[e] = struct{}{}
	l.wake()
	l.input.Enter(nil, func() { l.loop.Turn(l, (*gate.Section)(nil), func() { e.Run(l) }) })
}

// Finish ends an event that has been handled. Calling it twice is harmless.
func (l *Life) Finish(e *Event) {
	if _, ok := l.inFlight[e]; ok {
		delete(l.inFlight, e)
		l.quiet()
	}
}

// Admit implements loop.Owner.
func (l *Life) Admit(section any, run func()) {
	if l.ended {
		return
	}
	s, _ := section.(*gate.Section)
	l.input.Enter(s, func() {
		if !l.ended {
			run()
		}
	})
}

// Began implements loop.Owner.
func (l *Life) Began(k loop.Kind) {
	l.pending[k]++
	l.wake()
}

// Ended implements loop.Owner.
func (l *Life) Ended(k loop.Kind) {
	l.pending[k]--
	l.quiet()
}

// Hold keeps the instance alive until the returned function is called, which
// may be done twice.
func (l *Life) Hold() (release func()) {
	l.holds++
	l.wake()
	released := false
	return func() {
		if !released {
			released = true
			l.holds--
			l.quiet()
		}
	}
}

// Commit implements loop.Owner: what the turn wrote becomes durable, unless a
// transaction is open. A commit that fails resets the object.
func (l *Life) Commit() error {
	if l.ended {
		return l.reason
	}
	if l.transaction > 0 {
		return nil
	}
	if l.store.Dirty() {
		if err := l.o.commit(l); err != nil {
			return l.Reset(err)
		}
	}
	l.store.Release()
	return nil
}

// Release implements loop.Owner.
func (l *Life) Release(sent []func()) {
	if l.ended && l.reason != nil {
		return
	}
	for _, fn := range sent {
		l.output.Send(fn)
	}
}

// Section begins a critical section, as blockConcurrencyWhile does, and runs
// fn in a turn of it. Ending the section is up to the caller.
func (l *Life) Section(fn func(*gate.Section)) {
	parent, _ := l.loop.Section().(*gate.Section)
	l.loop.AfterTurn(func() {
		l.Admit(parent, func() {
			l.input.Begin(parent, func(s *gate.Section) {
				l.loop.Turn(l, s, func() { fn(s) })
			})
		})
	})
}

// Transaction keeps what is written, and what is sent, back until the returned
// function is called.
func (l *Life) Transaction() (end func()) {
	l.transaction++
	release := l.output.Lock()
	return func() {
		l.transaction--
		l.loop.Touch(l)
		release()
	}
}

// Reset ends the life with an error: what was not committed is rolled back, and
// every event in flight fails. It returns the error those callers see.
func (l *Life) Reset(err error) error {
	if l.ended {
		return l.reason
	}
	l.reason = asReset(err)
	l.o.failure = l.reason
	_ = l.store.Rollback()
	l.output.Drop()
	l.fail(l.reason)
	l.o.resetSockets(l.codeChanged || isCodeUpdate(err))
	l.end()
	return l.reason
}

// fail fails every event in flight.
func (l *Life) fail(err error) {
	events := l.inFlight
	l.inFlight = map[*Event]struct{}{}
	for e := range events {
		e.Fail(err)
	}
}

// end drops the instance.
func (l *Life) end() {
	if l.ended {
		return
	}
	l.ended = true
	if l.stopIdle != nil {
		l.stopIdle()
	}
	l.input.Break()
	l.cancel()
	if l.reason == nil && l.store.Dirty() {
		if err := l.o.commit(l); err != nil {
			l.o.m.opts.Log(l.o.ref, err)
		}
	}
	l.home.Drop(l)
	l.store.Release()
	if l.o.life == l {
		l.o.life = nil
	}
	if l.onQuiet != nil {
		l.onQuiet()
	}
	l.o.m.opts.Changed(l.o.ref, l.o.State())
	if l.o.moving != nil {
		l.loop.AfterTurn(l.o.leave)
	}
}

// busyWith says what keeps the instance alive, "" for nothing.
func (l *Life) busyWith() string {
	switch {
	case len(l.inFlight) > 0:
		return "an event is in flight"
	case l.pending[loop.Timer] > 0:
		return "a timer is pending"
	case l.pending[loop.Fetch] > 0 || l.pending[loop.Body] > 0 || l.pending[loop.Call] > 0 || l.pending[loop.Other] > 0:
		return "an operation is pending"
	case l.pending[loop.Socket] > 0:
		return "a socket that cannot hibernate is open"
	case l.holds > 0:
		return "something still refers to it"
	}
	return ""
}

// wake notes that the instance has something to do.
func (l *Life) wake() {
	if l.stopIdle != nil {
		l.stopIdle()
		l.stopIdle = nil
	}
}

// quiet is called when something has ended: when it was the last thing, the
// instance moves, or is dropped after a while.
func (l *Life) quiet() {
	if l.ended {
		return
	}
	if l.o.moving != nil && len(l.inFlight) == 0 {
		l.loop.AfterTurn(l.o.leave)
		return
	}
	if l.busyWith() != "" || l.stopIdle != nil {
		return
	}
	l.stopIdle = l.o.m.opts.Clock.AfterFunc(l.o.m.opts.IdleAfter, func() {
		l.o.post(func() {
			if !l.ended && l.stopIdle != nil && l.busyWith() == "" {
				l.end()
			}
		})
	})
}

// asReset is the error callers of a reset object see.
func asReset(err error) error {
	var t *engine.Throw
	if errors.As(err, &t) {
		c := *t
		return &ResetError{Throw: c}
	}
	var e *engine.Exception
	if errors.As(err, &e) {
		return &ResetError{Throw: engine.Throw{Class: e.Name, Message: e.Message}, Exception: e}
	}
	return &ResetError{Throw: engine.Throw{Class: "Error", Message: err.Error()}}
}

// A ResetError is what the callers of an object see that was reset while it
// handled their event.
type ResetError struct {
	Throw     engine.Throw
	Exception *engine.Exception // what the object's code threw, nil when it did not
	Overload  bool              // the platform calls it overloaded
}

func (e *ResetError) Error() string { return e.Throw.Error() }

func (e *ResetError) Unwrap() error { return &e.Throw }

var errCodeUpdated = engine.Throw{Class: "Error", Message: "Durable Object reset because its code was updated."}

func codeUpdated() error {
	t := errCodeUpdated
	return &t
}

func isCodeUpdate(err error) bool {
	var t *engine.Throw
	return errors.As(err, &t) && t.Message == errCodeUpdated.Message
}

// Since is how long an event has been in flight.
func (l *Life) Since(e *Event) time.Duration { return l.loop.RealNow().Sub(e.at) }
