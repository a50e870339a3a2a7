package loop

import (
	"container/heap"
	"time"
)

// timers complete operations in order of time, those of one time in the order
// in which they began.
type timers struct {
	heap   timerHeap
	disarm func()
	armed  time.Time
}

func (t *timers) add(l *Loop, o *Op) {
	heap.Push(&t.heap, o)
	t.arm(l)
}

func (t *timers) remove(o *Op) {
	if o.place > 0 {
		heap.Remove(&t.heap, o.place-1)
	}
}

// arm has the clock call when the first timer is due. A timer that is removed
// leaves it armed: waking once for nothing costs less than arming it again.
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
	defer t.arm(l)
	now := l.RealNow()
	for len(t.heap) > 0 && !t.heap[0].at.After(now) {
		o := heap.Pop(&t.heap).(*Op)
		if !o.completed.Swap(true) {
			o.deliver()
		}
	}
}

func (t *timers) stop() {
	if t.disarm != nil {
		t.disarm()
	}
}

type timerHeap []*Op

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].id < h[j].id
	}
	return h[i].at.Before(h[j].at)
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

func (h *timerHeap) Push(x any) {
	o := x.(*Op)
	*h = append(*h, o)
	o.place = len(*h)
}

func (h *timerHeap) Pop() any {
	old := *h
	o := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	o.place = 0
	return o
}
