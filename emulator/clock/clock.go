// Package clock tells the time, for real or by hand.
//
// Everything in the emulator that waits for a time to come asks a [Clock], so
// that alarms, timers and eviction can be moved through time in tests and on
// demand.
package clock

import (
	"sync"
	"time"
)

// A Clock tells the time and calls back when it comes.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in a goroutine of its own once d has passed, unless
	// the returned function is called first. Calling that twice is harmless.
	AfterFunc(d time.Duration, f func()) (stop func())
}

// System is the machine's clock.
type System struct{}

// Now implements [Clock].
func (System) Now() time.Time { return time.Now() }

// AfterFunc implements [Clock].
func (System) AfterFunc(d time.Duration, f func()) func() {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}

// Manual is a clock that stands until it is moved. It is safe for concurrent
// use; make one with [NewManual].
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	waiting map[*waiter]struct{}
}

type waiter struct {
	at time.Time
	f  func()
}

// NewManual returns a clock that stands at now.
func NewManual(now time.Time) *Manual {
	return &Manual{now: now, waiting: map[*waiter]struct{}{}}
}

// Now implements [Clock].
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// AfterFunc implements [Clock].
func (m *Manual) AfterFunc(d time.Duration, f func()) func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := &waiter{m.now.Add(d), f}
	m.waiting[w] = struct{}{}
	if d <= 0 {
		delete(m.waiting, w)
		go f()
	}
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.waiting, w)
	}
}

// Advance moves the clock forward by d, calling what comes due in order of
// time. It returns when each of those calls has returned.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	end := m.now.Add(d)
	m.mu.Unlock()
	for {
		w := m.next(end)
		if w == nil {
			return
		}
		w.f()
	}
}

// next takes the earliest waiter due by end and moves the clock to its time,
// or to end when there is none.
func (m *Manual) next(end time.Time) *waiter {
	m.mu.Lock()
	defer m.mu.Unlock()
	var first *waiter
	for w := range m.waiting {
		if !w.at.After(end) && (first == nil || w.at.Before(first.at)) {
			first = w
		}
	}
	if first == nil {
		m.now = end
		return nil
	}
	delete(m.waiting, first)
	if first.at.After(m.now) {
		m.now = first.at
	}
	return first
}
