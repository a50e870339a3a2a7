package loop

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// An Op is something JavaScript waits for. It belongs to the owner and section
// of the turn in which it began.
type Op struct {
	l       *Loop
	id      int
	kind    Kind
	owner   Owner
	section any

	once      sync.Once
	ctx       context.Context
	cancel    context.CancelFunc
	completed atomic.Bool
	ended     bool // on the loop's goroutine: its owner has been told
}

// Begin notes, in a turn, that JavaScript now waits for something outside.
func (l *Loop) Begin(kind Kind) *Op {
	l.nextOp++
	o := &Op{l: l, id: l.nextOp, kind: kind, owner: l.owner, section: l.section}
	if o.owner != nil {
		o.owner.Began(kind)
	}
	return o
}

// ID is the number by which JavaScript knows the operation.
func (o *Op) ID() int { return o.id }

// Context is done when the operation was cancelled, has completed or its owner
// is gone.
func (o *Op) Context() context.Context {
	o.once.Do(func() {
		parent := context.Background()
		if o.owner != nil {
			parent = o.owner.Context()
		}
		o.ctx, o.cancel = context.WithCancel(parent)
	})
	return o.ctx
}

// Done completes the operation: fn runs in a turn of its own once the owner
// admits it, and not at all when the operation was cancelled or the owner is
// gone. Only the first call counts. It is safe for concurrent use.
func (o *Op) Done(fn func()) {
	if o.completed.Swap(true) {
		return
	}
	o.l.Post(func() { o.deliver(fn) })
}

// Later completes the operation like Done, from the loop's goroutine, with
// what is already at hand: the event comes after those that are due now.
func (o *Op) Later(fn func()) { o.Done(fn) }

func (o *Op) deliver(fn func()) {
	if o.ended {
		return
	}
	if o.owner == nil {
		o.end()
		return
	}
	o.owner.Admit(o.section, func() {
		if o.ended {
			return
		}
		o.l.Turn(o.owner, o.section, func() {
			fn()
			o.end()
		})
	})
}

// Again delivers an event of an operation that stays open, such as a message
// on a socket. It is safe for concurrent use.
func (o *Op) Again(fn func()) {
	o.l.Post(func() {
		if o.ended || o.owner == nil {
			return
		}
		o.owner.Admit(o.section, func() {
			if !o.ended {
				o.l.Turn(o.owner, o.section, fn)
			}
		})
	})
}

// Cancel ends the operation without completing it. It must be called on the
// loop's goroutine; calling it twice, or after Done, is harmless.
func (o *Op) Cancel() {
	o.completed.Store(true)
	o.end()
}

func (o *Op) end() {
	if o.ended {
		return
	}
	o.ended = true
	o.Context()
	o.cancel()
	if o.owner != nil {
		o.owner.Ended(o.kind)
	}
}

// After begins an operation that completes once d has passed.
func (l *Loop) After(d time.Duration, kind Kind, fn func()) *Op {
	op := l.Begin(kind)
	l.timers.add(l, l.RealNow().Add(max(d, 0)), func() {
		if !op.completed.Swap(true) {
			op.deliver(fn)
		}
	})
	return op
}
