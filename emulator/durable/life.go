package durable

import (
	"context"
	"time"

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
	cancel context.CancelCauseFunc

	first, last *Event // in flight, in order of arrival
	ops         loop.Ops
	sockets     socketList // that its code has accepted and keeps itself
	holds       int        // reasons besides events and operations to stay alive
	busy        int        // events, operations and holds
	idleSince   time.Time
	linger      linger
	stopIdle    func() // of the timer that drops an idle instance, nil when there is none

	transactions int      // open ones
	unlocks      []func() // of the output gate, to be called after the commit

	unconfirmed bool    // what is being written needs no confirmation
	writes      written // in this turn

	alarm    *alarmRun // that the handler is busy with, nil for none
	alarmSet bool      // this turn may have changed the alarm
	// alarmRefused says that a facet, which cannot have one, has set an alarm.
	alarmRefused bool
	skipRetry    bool // of the alarm that is running

	ended   bool
	evicted bool
	reason  *ResetError // why it was reset, nil when it ended in peace
}

func newLife(o *Object) *Life {
	l := &Life{o: o, home: o.home, loop: o.loop}
	l.input.Later = l.loop.AfterTurn
	l.input.Trace, l.output.Trace = o.m.opts.Trace, o.m.opts.Trace
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	l.store = o.m.opts.OpenStore(o.ref)
	return l
}

// Ref tells whose life this is.
func (l *Life) Ref() object.Ref { return l.o.ref }

// Object is the object whose life this is.
func (l *Life) Object() *Object { return l.o }

// Home is the isolate the instance lives in.
func (l *Life) Home() Home { return l.home }

// Store is the object's database. It must not be used after the end.
func (l *Life) Store() Store { return l.store }

// Over reports whether the life has ended; its code must not act any more.
func (l *Life) Over() bool { return l.ended }

// Evicted reports whether the life has ended because its instance was idle, or
// somebody had it dropped.
func (l *Life) Evicted() bool { return l.evicted }

// Context implements loop.Owner. Its cause says how the life ended.
func (l *Life) Context() context.Context { return l.ctx }

// Deliver hands an event to this life, and no other one: when it has ended the
// event fails.
func (l *Life) Deliver(e *Event) {
	switch {
	case !l.ended:
		e.bound = true
		l.deliver(e)
	case l.reason != nil:
		e.fail(l.reason)
	default:
		e.fail(l.o.m.opts.Gone)
	}
}

// deliver lets an event in and runs it.
func (l *Life) deliver(e *Event) {
	l.linger.events++
	e.life, e.prev = l, l.last
	if l.last == nil {
		l.first = e
	} else {
		l.last.next = e
	}
	l.last = e
	l.wake()
	if e.span != nil && l.input.Closed() {
		e.span.Held(l.holder())
	}
	l.input.Enter(nil, func() { l.begin(e) })
}

func (l *Life) begin(e *Event) {
	if e.life != l {
		return
	}
	e.begun = true
	l.loop.Turn(l, (*gate.Section)(nil), func() {
		if e.life == l {
			if e.span != nil {
				e.span.Admitted()
				l.loop.SetSpan(e.span)
			}
			e.Run(l)
		}
	})
}

// Finish ends an event that has been handled, and reports whether it was in
// flight: if not, its sender has an answer already.
func (l *Life) Finish(e *Event) bool {
	if e.life != l {
		return false
	}
	l.remove(e)
	if e.Err != nil {
		l.o.tellFailure(e.Err)
	}
	if e.span != nil {
		e.span.End(e.Err)
	}
	if l.first == nil {
		l.leave()
	}
	return true
}

// remove takes an event out of those in flight.
func (l *Life) remove(e *Event) {
	if e.prev == nil {
		l.first = e.next
	} else {
		e.prev.next = e.next
	}
	if e.next == nil {
		l.last = e.prev
	} else {
		e.next.prev = e.prev
	}
	e.life, e.prev, e.next = nil, nil, nil
	l.rest()
}

// Admit implements loop.Owner.
func (l *Life) Admit(section any, run func()) {
	if l.ended {
		return
	}
	s, _ := section.(*gate.Section)
	l.input.Enter(s, run)
}

// Began implements loop.Owner. What code of an ended life begins ends at once.
func (l *Life) Began(op *loop.Op) {
	l.ops.Add(op)
	l.wake()
	if l.ended {
		op.Cancel()
	}
}

// Ended implements loop.Owner.
func (l *Life) Ended(op *loop.Op) {
	l.ops.Remove(op)
	l.rest()
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
			l.rest()
		}
	}
}

// Commit implements loop.Owner: what the turn wrote becomes durable, unless a
// transaction is open. A commit that fails resets the object.
func (l *Life) Commit() error {
	if l.ended {
		if l.reason != nil {
			return l.reason
		}
		return nil
	}
	if l.transactions > 0 {
		return nil
	}
	if l.alarmRefused {
		l.o.facet.Abort(errFacetAlarm)
		return errFacetAlarm
	}
	if l.store.Dirty() || l.alarmSet {
		if l.writes == writtenUnconfirmed {
			l.loop.ReleaseSent(l)
		}
		l.writes = 0
		done := l.committing()
		err := l.commit()
		done(err)
		if err != nil {
			return l.Reset(err)
		}
	}
	l.store.Release()
	unlocks := l.unlocks
	l.unlocks = nil
	for _, unlock := range unlocks {
		unlock()
	}
	return nil
}

// Release implements loop.Owner.
func (l *Life) Release(sent []func()) {
	if l.reason != nil {
		return
	}
	for _, fn := range sent {
		l.output.Send(fn)
	}
}

// Fail implements loop.Owner: an instance whose turn was broken off is reset.
func (l *Life) Fail(err error) { _ = l.Reset(err) }

// Section begins a critical section, as blockConcurrencyWhile does, and runs
// fn in a turn of it. Outside events that have not begun wait from now on.
// Ending the section is up to the caller. What tells people what they wait for.
func (l *Life) Section(what string, fn func(*gate.Section)) {
	var parent *gate.Section
	if l.loop.Owner() == loop.Owner(l) {
		parent, _ = l.loop.Section().(*gate.Section)
	}
	if l.ended {
		return
	}
	span := l.loop.Span()
	l.input.Begin(parent, func(s *gate.Section) {
		s.Of = Holder{what, span}
		l.loop.AfterTurn(func() {
			if !l.ended {
				l.loop.Turn(l, s, func() {
					l.loop.SetSpan(span)
					fn(s)
				})
			}
		})
	})
}

// Transaction keeps what is written from being committed, and what is sent from
// leaving, until the returned function is called in a turn: at the end of that
// turn both happen.
func (l *Life) Transaction() (end func()) {
	l.transactions++
	unlock := l.output.Lock()
	over := false
	return func() {
		if over || l.ended {
			return
		}
		over = true
		l.transactions--
		l.unlocks = append(l.unlocks, unlock)
		l.loop.Touch(l)
	}
}

// Reset ends the life with an error: what was not committed is rolled back, and
// every event in flight fails. It returns the error those callers see.
func (l *Life) Reset(err error) error {
	return l.reset(err, nil, false)
}

// reset is Reset with the cause of the end, which is the error itself for nil.
// After an update, or what is to be like one, the object's sockets stay open.
func (l *Life) reset(err, cause error, update bool) error {
	if l.ended {
		if l.reason != nil {
			return l.reason
		}
		return errGone
	}
	l.reason = asReset(err)
	l.reason.Update = update
	if cause == nil {
		cause = l.reason
	}
	if err := l.store.Rollback(); err != nil {
		l.o.m.opts.Log(l.o.ref, err, l.loop.Span())
	}
	l.output.Drop()
	if !update {
		l.o.abortSockets()
		l.o.miss(l.reason)
		l.o.fell(l.reason)
	}
	l.o.AbortFacets(l.reason)
	l.end(cause)
	return l.reason
}

// fail fails every event in flight, in their order.
func (l *Life) fail(err error) {
	for l.first != nil {
		e := l.first
		l.remove(e)
		e.fail(err)
	}
}

// end drops the instance. The cause says how to those who wait for it.
func (l *Life) end(cause error) {
	if l.ended {
		return
	}
	l.ended = true
	l.input.Break()
	l.settleStore()
	l.setSockets(nil)
	l.cancel(cause)
	l.ops.Cancel()
	l.home.Drop(l)
	l.store.Release()
	if l.stopIdle != nil {
		l.stopIdle()
	}
	if l.linger.stop != nil {
		l.linger.stop()
	}
	if l.o.life == l {
		l.o.life = nil
		l.o.alive.Store(false)
	}
	l.fail(l.lastWord())
	l.o.changed()
	l.leave()
	l.o.restFacets()
	l.o.run(func() {}) // the record may be forgotten
}

// leave has the object go that is on its way to another home, if nothing keeps
// it.
func (l *Life) leave() {
	if root := l.o.root(); root.moving != nil {
		l.loop.AfterTurn(root.leave)
	}
}

// settleStore leaves nothing uncommitted behind.
func (l *Life) settleStore() {
	if !l.store.Dirty() {
		return
	}
	settle := l.store.Rollback
	if l.reason == nil && l.transactions == 0 {
		settle = l.commit
	}
	if err := settle(); err != nil {
		l.o.m.opts.Log(l.o.ref, err, l.loop.Span())
	}
}

func (l *Life) lastWord() error {
	if l.reason != nil {
		return l.reason
	}
	return l.o.m.opts.Gone
}
