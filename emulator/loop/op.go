package loop

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Kind says what an operation waits for.
type Kind int

const (
	Timer Kind = iota
	Fetch
	Body
	Socket     // that a client has opened
	Connection // that was opened to the outside
	Call
	Other

	kinds
)

// An Op is something JavaScript waits for. It belongs to the owner and section
// of the turn in which it began.
type Op struct {
	l       *Loop
	id      int
	kind    Kind
	owner   Owner
	section any
	span    Span // nil when nobody follows it

	completed atomic.Bool
	fn        func() // of Done, or of the timer
	ended     bool   // on the loop's goroutine: its owner has been told
	onEnd     func()

	at         time.Time // of a timer
	place      int       // of a timer in the heap, from 1; 0 when it is not there
	prev, next *Op       // in Ops

	mu     sync.Mutex // guards what follows
	ctx    context.Context
	cancel context.CancelFunc
	over   bool
}

// Begin notes, in a turn, that JavaScript now waits for something outside.
func (l *Loop) Begin(kind Kind) *Op {
	l.nextOp++
	o := &Op{l: l, id: l.nextOp, kind: kind, owner: l.owner, section: l.section, span: l.span}
	if o.span != nil {
		o.span.Began(o)
	}
	if o.owner != nil {
		o.owner.Began(o)
	}
	return o
}

// After begins an operation that completes once d has passed.
func (l *Loop) After(d time.Duration, kind Kind, fn func()) *Op {
	o := l.Begin(kind)
	if !o.ended {
		o.fn, o.at = fn, l.timerBase().Add(max(d, 0))
		l.timers.add(l, o)
	}
	return o
}

// timerSlack is for how long timers begun in one turn count from the same time.
const timerSlack = 10 * time.Millisecond

// timerBase is the time from which a timer begun now counts. Those begun
// together count from the same moment, so that they come due in the order of
// their delays however busy the machine is between them.
func (l *Loop) timerBase() time.Time {
	now := l.RealNow()
	if l.timed.IsZero() || now.Sub(l.timed) > timerSlack {
		l.timed = now
	}
	return l.timed
}

// ID is the number by which JavaScript knows the operation.
func (o *Op) ID() int { return o.id }

// Kind says what the operation waits for.
func (o *Op) Kind() Kind { return o.kind }

// Context is done when the operation was cancelled, has completed or its owner
// is gone. It is safe for concurrent use.
func (o *Op) Context() context.Context {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx == nil {
		parent := context.Background()
		if o.owner != nil {
			parent = o.owner.Context()
		}
		o.ctx, o.cancel = context.WithCancel(parent)
		if o.over {
			o.cancel()
		}
	}
	return o.ctx
}

// Done completes the operation: fn runs in a turn of its own once the owner
// admits it, and not at all when the operation was cancelled or the owner is
// gone. Only the first call counts. It is safe for concurrent use.
func (o *Op) Done(fn func()) {
	if o.completed.Swap(true) {
		return
	}
	o.fn = fn
	o.l.Post(o.deliver)
}

// Later completes the operation like Done, from the loop's goroutine, with
// what is already at hand: the event comes after those that are due now.
func (o *Op) Later(fn func()) { o.Done(fn) }

func (o *Op) deliver() {
	switch {
	case o.ended:
	case o.owner == nil:
		o.end()
	default:
		o.owner.Admit(o.section, o.run)
	}
}

func (o *Op) run() {
	if o.ended {
		return
	}
	o.l.Turn(o.owner, o.section, func() {
		if o.ended {
			return
		}
		if o.span != nil {
			o.l.SetSpan(o.span)
		}
		defer o.end()
		o.fn()
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
				o.l.Turn(o.owner, o.section, func() {
					if o.span != nil {
						o.l.SetSpan(o.span)
					}
					fn()
				})
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

// OnEnd has fn called, on the loop's goroutine, when the operation has ended in
// whatever way, at once when it has.
func (o *Op) OnEnd(fn func()) {
	if o.ended {
		fn()
		return
	}
	o.onEnd = fn
}

func (o *Op) end() {
	if o.ended {
		return
	}
	o.ended = true
	o.l.timers.remove(o)
	o.mu.Lock()
	o.over = true
	cancel := o.cancel
	o.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	if o.span != nil {
		o.span.Ended(o)
	}
	if o.owner != nil {
		o.owner.Ended(o)
	}
	if o.onEnd != nil {
		o.onEnd()
	}
}

// Ops are the open operations of one owner. The zero value has none.
type Ops struct {
	first, last *Op
	count       [kinds]int
}

// Add notes an operation that began.
func (s *Ops) Add(o *Op) {
	s.count[o.kind]++
	o.prev = s.last
	if s.last == nil {
		s.first = o
	} else {
		s.last.next = o
	}
	s.last = o
}

// Remove forgets an operation that ended.
func (s *Ops) Remove(o *Op) {
	s.count[o.kind]--
	if o.prev == nil {
		s.first = o.next
	} else {
		o.prev.next = o.next
	}
	if o.next == nil {
		s.last = o.prev
	} else {
		o.next.prev = o.prev
	}
	o.prev, o.next = nil, nil
}

// Count is how many operations of a kind are open.
func (s *Ops) Count(k Kind) int { return s.count[k] }

// Any reports whether fn does of an operation, asking the newest first.
func (s *Ops) Any(fn func(*Op) bool) bool {
	for o := s.last; o != nil; o = o.prev {
		if fn(o) {
			return true
		}
	}
	return false
}

// Cancel ends all operations, oldest first. The owner's Ended must remove each.
func (s *Ops) Cancel() {
	for s.first != nil {
		s.first.Cancel()
	}
}
