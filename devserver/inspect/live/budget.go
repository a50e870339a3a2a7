package live

import (
	"sync/atomic"
	"time"
)

// A budget is how often something may be done: at most so many times at once,
// with some more each tick. Who asks whether there is some left reads one number;
// while it is full nothing runs.
type budget struct {
	perTick, most int64
	rest          atomic.Int64
	filling       atomic.Bool
	closed        atomic.Bool
}

func (b *budget) init(perTick, most int64) {
	b.perTick, b.most = perTick, most
	b.rest.Store(most)
}

// left reports whether there is some left.
func (b *budget) left() bool { return b.rest.Load() > 0 }

// take takes one, if there is one left.
func (b *budget) take() bool {
	if b.rest.Add(-1) < 0 {
		b.rest.Add(1)
		return false
	}
	b.fill()
	return true
}

// fill adds to it from the next tick on, until it is full.
func (b *budget) fill() {
	if !b.closed.Load() && !b.filling.Swap(true) {
		time.AfterFunc(tick, func() {
			full := b.rest.Add(b.perTick) >= b.most
			if full {
				b.rest.Store(b.most)
			}
			b.filling.Store(false)
			if !full {
				b.fill()
			}
		})
	}
}

// close has it not be filled any more.
func (b *budget) close() { b.closed.Store(true) }
