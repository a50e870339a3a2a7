package durable

import (
	"slices"
	"sync"

	"github.com/dodev/dodev/emulator/loop"
)

// A mailbox is what reaches an object, in order, on the loop of its home. It
// follows the object to another home, so that what is on its way is neither
// lost nor overtaken.
type mailbox struct {
	mu     sync.Mutex
	home   Home
	loop   *loop.Loop
	drain  func() // works the queue off, in home
	queue  []mail
	head   int  // of the queue
	posted bool // drain is on its way, or running
	gone   bool // the record is no longer in use
}

// mail is an event, or a function, which is told whether it runs on the
// object's loop or, since that has been closed, does not.
type mail struct {
	event    *Event
	late     error  // of the life that the event was for, and which it has missed
	name     string // of the object, as the event's sender knows it
	location string // likewise
	fn       func(here bool)
}

// fairShare is how many events an object handles before others have their turn.
const fairShare = 64

// settle gives the object a home. It does so on the loop of the former one.
func (o *Object) settle(home Home) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.home, o.loop = home, home.Loop()
	o.drain = func() { o.open(home) }
}

// post leaves something for the object, or reports that the record is no longer
// in use.
func (o *Object) post(m mail) bool {
	o.mu.Lock()
	if o.gone {
		o.mu.Unlock()
		return false
	}
	o.queue = append(o.queue, m)
	if m.event != nil && m.event.span != nil {
		m.event.span.Posted(o.loop)
	}
	o.sendLocked()
	return true
}

// tell has fn run on the object's loop, or told that it cannot.
func (o *Object) tell(fn func(here bool)) {
	if !o.post(mail{fn: fn}) {
		fn(false)
	}
}

// posts is the loop on which what is posted waits.
func (o *Object) posts() *loop.Loop {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.loop
}

// run has fn run on the object's loop, if that is there.
func (o *Object) run(fn func()) {
	o.post(mail{fn: func(here bool) {
		if here {
			fn()
		}
	}})
}

// first puts events before everything that waits.
func (o *Object) first(events []*Event) {
	if len(events) == 0 {
		return
	}
	o.mu.Lock()
	queue := make([]mail, 0, len(events)+len(o.queue)-o.head)
	for _, e := range events {
		if e.span != nil {
			e.span.Posted(o.loop)
		}
		queue = append(queue, mail{event: e})
	}
	o.queue, o.head = append(queue, o.queue[o.head:]...), 0
	o.sendLocked()
}

// sendLocked sees to it that the queue will be worked off, and unlocks.
func (o *Object) sendLocked() {
	if o.posted {
		o.mu.Unlock()
		return
	}
	o.posted = true
	l, drain := o.loop, o.drain
	o.mu.Unlock()
	if !l.Post(drain) {
		o.lose()
	}
}

// open works the queue off, as long as the object is at home.
func (o *Object) open(home Home) {
	emptied := false
	defer func() {
		if !emptied { // there is more, the object has moved, or it panicked
			o.mu.Lock()
			o.posted = false
			o.sendLocked()
		}
	}()
	for range fairShare {
		o.mu.Lock()
		if o.home != home {
			o.mu.Unlock()
			return
		}
		if o.head == len(o.queue) {
			o.queue, o.head = reuse(o.queue), 0
			o.posted, emptied = false, true
			o.mu.Unlock()
			o.forget()
			return
		}
		m := o.queue[o.head]
		o.queue[o.head] = mail{}
		o.head++
		o.mu.Unlock()
		o.read(m)
	}
}

// reuse keeps the memory of a queue that was not long.
func reuse(queue []mail) []mail {
	if cap(queue) > 2*fairShare {
		return nil
	}
	return queue[:0]
}

func (o *Object) read(m mail) {
	if m.event == nil {
		m.fn(true)
		return
	}
	if m.late != nil {
		m.event.fail(m.late)
		return
	}
	if o.ref.Name == "" {
		o.ref.Name = m.name
	}
	o.locate(m.location)
	o.accept(m.event)
}

// miss has the events that wait fail as those of the life which has been reset:
// whoever sent them had that instance in mind.
func (o *Object) miss(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := o.head; i < len(o.queue); i++ {
		if m := &o.queue[i]; m.late == nil {
			m.late = err
		}
	}
}

// lose gives up what waits for a loop that has been closed.
func (o *Object) lose() {
	o.mu.Lock()
	queue := slices.Clone(o.queue[o.head:])
	o.queue, o.head, o.posted = nil, 0, false
	o.mu.Unlock()
	for _, m := range queue {
		if m.event != nil {
			m.event.fail(ErrClosed)
		} else {
			m.fn(false)
		}
	}
}

// forget drops the record of an object of which nothing is in memory. It must
// be called on the object's loop.
func (o *Object) forget() {
	if o.facet != nil || len(o.facets) > 0 || o.life != nil || o.moving != nil || o.failure != nil || o.sockets.len() > 0 {
		return
	}
	o.m.mu.Lock()
	defer o.m.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.head < len(o.queue) || o.posted || o.gone {
		return
	}
	o.gone = true
	delete(o.m.objects, o.ref.Key())
}
