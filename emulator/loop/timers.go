package loop

import (
	"container/heap"
	"time"
)

// timers calls functions on the loop's goroutine in order of time, those of
// one time in the order in which they were added.
type timers struct {
	heap   timerHeap
	seq    int
	disarm func()
	armed  time.Time
}

type timer struct {
	at  time.Time
	seq int
	fn  func()
}

func (t *timers) add(l *Loop, at time.Time, fn func()) {
	t.seq++
	heap.Push(&t.heap, timer{at, t.seq, fn})
	t.arm(l)
}

// arm has the clock call when the first timer is due.
func (t *timers) arm(l *Loop) {
	if len(t.heap) == 0 {
		return
	}
	at := t.heap[0].at
	if t.disarm != nil {
		if !at.Before(t.armed) {
			return
		}
		t.disarm()
	}
	t.armed = at
	t.disarm = l.opts.Clock.AfterFunc(at.Sub(l.RealNow()), func() { l.Post(func() { t.fire(l) }) })
}

func (t *timers) fire(l *Loop) {
	t.disarm = nil
	now := l.RealNow()
	for len(t.heap) > 0 && !t.heap[0].at.After(now) {
		heap.Pop(&t.heap).(timer).fn()
	}
	t.arm(l)
}

func (t *timers) stop() {
	if t.disarm != nil {
		t.disarm()
	}
}

type timerHeap []timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].seq < h[j].seq
	}
	return h[i].at.Before(h[j].at)
}
func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(x any)   { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
