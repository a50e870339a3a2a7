package loop

import (
	"sync"
	"time"
)

// A watchdog interrupts a turn that takes too long. One timer serves all turns:
// it is left to run when a turn ends, and looks again when it fires.
type watchdog struct {
	limit     time.Duration
	interrupt func()

	mu       sync.Mutex
	timer    *time.Timer
	armed    bool
	running  bool // a turn is
	closed   bool
	deadline time.Time
	overran  bool // the present turn was interrupted
}

func newWatchdog(limit time.Duration, interrupt func()) *watchdog {
	return &watchdog{limit: limit, interrupt: interrupt}
}

// begin says that a turn begins.
func (w *watchdog) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running, w.overran, w.deadline = true, false, time.Now().Add(w.limit)
	if !w.armed {
		w.armLocked(w.limit)
	}
}

// end says that the turn has ended, and tells whether it was interrupted. Past
// it there are no interruptions.
func (w *watchdog) end() (overran bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = false
	return w.overran
}

func (w *watchdog) armLocked(d time.Duration) {
	w.armed = true
	if w.timer == nil {
		w.timer = time.AfterFunc(d, w.fire)
		return
	}
	w.timer.Reset(d)
}

func (w *watchdog) fire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = false
	if !w.running || w.closed {
		return
	}
	now := time.Now()
	if !now.Before(w.deadline) {
		w.overran, w.deadline = true, now.Add(w.limit)
		w.interrupt()
	}
	w.armLocked(w.deadline.Sub(now))
}

func (w *watchdog) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.timer != nil {
		w.timer.Stop()
	}
}
