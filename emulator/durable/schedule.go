package durable

import (
	"container/heap"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/object"
)

// alarms calls objects when their alarms are due. It is safe for concurrent
// use.
type alarms struct {
	clock   clock.Clock
	deliver func(ref object.Ref, retries int, early bool, done func(bool, error))

	mu      sync.Mutex
	all     map[object.Key]*pending
	heap    alarmHeap
	disarm  func()
	armed   time.Time
	started bool
	stopped bool
}

// pending is the alarm of one object: an entry of the index, and of the heap
// while the object is to be called.
type pending struct {
	ref     object.Ref
	indexed time.Time // as the index has it
	due     time.Time // when to call
	retries int       // how often that has been in vain
	place   int       // in the heap from 1, 0 while the object has been called
}

// alarmLag keeps an alarm that is due at once from running before the call that
// set it has returned to its caller, as on the platform.
const alarmLag = 5 * time.Millisecond

// set notes what the index says now: the object is called at that time.
func (a *alarms) set(ref object.Ref, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.all[ref.Key()]
	if p == nil {
		p = &pending{}
		a.all[ref.Key()] = p
	}
	p.ref, p.indexed = ref, at
	a.callLocked(p, at, 0)
}

// noteIndexed notes what the index says, and leaves the call as it is.
func (a *alarms) noteIndexed(ref object.Ref, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.all[ref.Key()]; p != nil {
		p.indexed = at
		return
	}
	a.all[ref.Key()] = &pending{ref: ref, indexed: at}
}

// again has an object called at another time than the index says.
func (a *alarms) again(ref object.Ref, due time.Time, retries int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.all[ref.Key()]
	if p == nil {
		p = &pending{ref: ref, indexed: due}
		a.all[ref.Key()] = p
	}
	a.callLocked(p, due, retries)
}

func (a *alarms) callLocked(p *pending, due time.Time, retries int) {
	p.due, p.retries = due, retries
	if p.place > 0 {
		heap.Fix(&a.heap, p.place-1)
	} else {
		heap.Push(&a.heap, p)
	}
	a.armLocked()
}

// forget drops the alarm of an object.
func (a *alarms) forget(k object.Key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.all[k]
	if p == nil {
		return
	}
	delete(a.all, k)
	if p.place > 0 {
		heap.Remove(&a.heap, p.place-1)
	}
}

// known is what the index says.
func (a *alarms) known(k object.Key) (at time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.all[k]; p != nil {
		return p.indexed, true
	}
	return time.Time{}, false
}

// next is when the object will be called.
func (a *alarms) next(k object.Key) (at time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.all[k]; p != nil && p.place > 0 {
		return p.due, true
	}
	return time.Time{}, false
}

// take has the caller call an object now.
func (a *alarms) take(k object.Key) (retries int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.all[k]
	if p == nil || p.place == 0 {
		return 0, false
	}
	heap.Remove(&a.heap, p.place-1)
	return p.retries, true
}

func (a *alarms) start() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.started = true
	a.armLocked()
}

func (a *alarms) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	if a.disarm != nil {
		a.disarm()
		a.disarm = nil
	}
}

// armLocked has the clock call when the first alarm is due. One that is dropped
// leaves it armed.
func (a *alarms) armLocked() {
	if !a.started || a.stopped || len(a.heap) == 0 {
		return
	}
	first := a.heap[0].due
	if a.disarm != nil {
		if !first.Before(a.armed) {
			return
		}
		a.disarm()
	}
	a.armed = first
	a.disarm = a.clock.AfterFunc(max(first.Sub(a.clock.Now()), alarmLag), a.fire)
}

func (a *alarms) fire() {
	now := a.clock.Now()
	type call struct {
		ref     object.Ref
		retries int
	}
	var ready []call
	a.mu.Lock()
	a.disarm = nil
	for len(a.heap) > 0 && !a.heap[0].due.After(now) && !a.stopped {
		p := heap.Pop(&a.heap).(*pending)
		ready = append(ready, call{p.ref, p.retries})
	}
	a.armLocked()
	a.mu.Unlock()
	for _, c := range ready {
		a.deliver(c.ref, c.retries, false, nil)
	}
}

type alarmHeap []*pending

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }

func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i+1, j+1
}

func (h *alarmHeap) Push(x any) {
	p := x.(*pending)
	*h = append(*h, p)
	p.place = len(*h)
}

func (h *alarmHeap) Pop() any {
	old := *h
	p := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	p.place = 0
	return p
}

// forgetAll drops the alarms of the objects of a namespace.
func (a *alarms) forgetAll(namespace string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, p := range a.all {
		if k.Namespace != namespace {
			continue
		}
		delete(a.all, k)
		if p.place > 0 {
			heap.Remove(&a.heap, p.place-1)
		}
	}
}
