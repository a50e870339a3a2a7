package loop

import (
	"sync"
	"sync/atomic"
	"time"
)

// recentTurns is how many turns are noted at most.
const recentTurns = 64

// A Past is a turn that has ended.
type Past struct {
	Owner Owner
	Span  Span // that it belonged to at its end, nil when nobody followed it
	End   time.Time
}

// recent has the latest turns, while somebody wants to know what a loop is busy
// with.
type recent struct {
	wanted atomic.Int32

	mu    sync.Mutex // guards what follows
	turns [recentTurns]Past
	count int // of all that were noted
}

// Observe has the loop note its turns, the present one included, until
// [Loop.Unobserve] is called as often. Both are safe for concurrent use.
func (l *Loop) Observe() { l.recent.wanted.Add(1) }

// Unobserve takes an Observe back.
func (l *Loop) Unobserve() {
	if l.recent.wanted.Add(-1) > 0 {
		return
	}
	l.recent.mu.Lock()
	defer l.recent.mu.Unlock()
	clear(l.recent.turns[:min(l.recent.count, recentTurns)])
	l.recent.count = 0
}

// Since calls fn with the noted turns that ended after a time, oldest first, with
// the latest 64 when there were more. It is safe for concurrent use; fn must not
// have the loop do anything.
func (l *Loop) Since(at time.Time, fn func(Past)) {
	r := &l.recent
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := max(0, r.count-recentTurns); n < r.count; n++ {
		if t := r.turns[n%recentTurns]; t.End.After(at) {
			fn(t)
		}
	}
}

// note notes the turn that ends.
func (r *recent) note(owner Owner, span Span) {
	end := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turns[r.count%recentTurns] = Past{owner, span, end}
	r.count++
}
