package worker

import "time"

// restAfter is how long an isolate has nothing to do before it collects
// garbage. References to what other isolates hold are given back only then,
// and an object that someone may still call is kept alive.
const restAfter = 2 * time.Second

// rest collects garbage when an isolate has come to rest.
type rest struct {
	events int    // delivered so far
	seen   int    // when the wait began
	stop   func() // of the wait, nil when none is on
}

// worked notes that the isolate had an event.
func (i *Isolate) worked() {
	i.rest.events++
	if i.rest.stop == nil {
		i.awaitRest()
	}
}

func (i *Isolate) awaitRest() {
	i.rest.seen = i.rest.events
	i.rest.stop = i.w.setup.Loop.Clock.AfterFunc(restAfter, func() { i.loop.Post(i.rested) })
}

func (i *Isolate) rested() {
	if i.rest.seen != i.rest.events {
		i.awaitRest()
		return
	}
	i.rest.stop = nil
	i.vm.CollectGarbage()
	if err := i.vm.Drain(); err != nil { // finalizers are jobs
		i.uncaught(nil, err, false)
	}
}
