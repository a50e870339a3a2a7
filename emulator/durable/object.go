package durable

import (
	"sync/atomic"

	"github.com/dodev/dodev/emulator/gate"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// State is what an object is doing.
type State string

const (
	Stored     State = "stored"     // it has no instance
	Running    State = "running"    // an event is in flight, or something waits
	Idle       State = "idle"       // it has an instance and nothing to do but to hear its sockets
	Hibernated State = "hibernated" // no instance, but sockets are open
	Failed     State = "failed"     // its last life ended with an error, a moment ago
)

// An Object is one object the server has met. It stays in memory while it has
// an instance, sockets or events that wait.
type Object struct {
	m   *Objects
	ref object.Ref
	// facet is what it is of another object, nil if it is of its own.
	facet *Facet
	mailbox
	alive     atomic.Bool   // it has an instance, for who cannot wait for its loop
	wires     atomic.Int32  // sockets that can hibernate, likewise
	held      atomic.Int32  // and those that cannot, likewise
	connected atomic.Int32  // both, and those of its facets, likewise; of a facet nothing
	mode      atomic.Uint32 // what it does, likewise
	// location is where it was asked to be kept, likewise; nil for nowhere.
	location atomic.Pointer[string]

	// What follows belongs to the loop the object lives on.
	life    *Life
	sockets sockets
	moving  *move
	failure error // of the last life
	facets  map[string]*Facet
	// stopRest stops the timer by which they are forgotten, nil when there is
	// none.
	stopRest func()
}

// An Event is something an object is to handle.
type Event struct {
	Name string // for people: "GET /x", "greet()"
	// Run handles the event, in a turn of life. The event is in flight until
	// life.Finish is called with it.
	Run func(life *Life)
	// Fail is called, once and instead of Finish, when the object cannot handle
	// the event or was reset while it did.
	Fail func(err error)

	// What follows is for who watches, see [Objects.Watch].
	Parent loop.Span // in which it was sent, nil when nobody follows that
	Inside bool      // code sent it: it has a parent, followed or not
	Kind   string    // "fetch", "call", …
	Detail string    // more of it: "retry 2", "12 bytes"
	Again  func()    // sends the same once more, nil when that is not possible
	Weight int       // in bytes, of what Again keeps
	Err    error     // that the handler threw
	Status int       // of the response, 0 for none

	span       Span  // nil when nobody watches
	life       *Life // in which it is in flight, nil otherwise
	bound      bool  // to that life: no other one is to handle it
	begun      bool
	prev, next *Event // in flight
}

// Ref tells which object o is.
func (o *Object) Ref() object.Ref { return o.ref }

// locate notes where the object was first asked to be kept, "" for nowhere.
func (o *Object) locate(location string) {
	if location != "" && o.location.Load() == nil {
		kept := location // which alone goes to the heap
		o.ref.Location = kept
		o.location.Store(&kept)
	}
}

// Life is the present life, nil for none.
func (o *Object) Life() *Life { return o.life }

// A Tally is how much of a namespace is in memory.
type Tally struct {
	Alive   int // instances
	Sockets int // that can hibernate
}

// Tallies tells of each namespace that has something in memory. It waits for no
// loop, however busy that is.
func (m *Objects) Tallies() map[string]Tally {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := map[string]Tally{}
	for key, o := range m.objects {
		t := out[key.Namespace]
		if o.alive.Load() {
			t.Alive++
		}
		t.Sockets += int(o.wires.Load())
		out[key.Namespace] = t
	}
	return out
}

// State tells what the object is doing.
func (o *Object) State() State {
	switch {
	case o.life != nil && o.life.working():
		return Running
	case o.life != nil:
		return Idle
	case o.connected.Load() > 0:
		return Hibernated
	case o.failure != nil:
		return Failed
	}
	return Stored
}

// changed tells of the present state.
func (o *Object) changed() {
	o.mode.Store(modeOf(o))
	if o.m.opts.Changed != nil && o.facet == nil {
		o.m.opts.Changed(o.ref, o.State())
	}
}

// accept starts a life for an event, or hands it to the present one.
func (o *Object) accept(e *Event) {
	if o.m.closed.Load() {
		e.fail(ErrClosed)
		return
	}
	if o.moving != nil && (o.life == nil || !o.moving.Deployed) {
		e.held(Holder{What: "new code"})
		o.moving.waiting = append(o.moving.waiting, e)
		return
	}
	if o.facet != nil && o.facet.failure != nil {
		e.fail(o.facet.failure)
		return
	}
	if o.life == nil {
		if err := o.refused(); err != nil {
			e.fail(err)
			return
		}
		if err := o.start(e); err != nil {
			o.tellFailure(err)
			e.fail(err)
			return
		}
	}
	o.life.deliver(e)
}

// refused is why the object is to have no life, nil when it may.
func (o *Object) refused() error {
	if o.m.opts.Refuse == nil || o.facet != nil {
		return nil
	}
	return o.m.opts.Refuse(o.ref)
}

// start begins a life for an event: the constructor runs in a turn of its own.
func (o *Object) start(e *Event) error {
	life := newLife(o)
	o.life, o.failure = life, nil
	o.alive.Store(true)
	if o.m.opts.Started != nil && o.facet == nil {
		o.m.opts.Started(o.ref)
	}
	life.loop.Turn(life, (*gate.Section)(nil), func() {
		done := e.starting(life.loop)
		err := life.home.Start(life)
		done(err)
		if err != nil {
			_ = life.Reset(err)
		}
	})
	switch {
	case !life.ended:
		return nil
	case life.reason == nil:
		return errGone
	}
	return life.reason
}

// close ends the object for good.
func (o *Object) close() {
	const reason = "the server is shutting down"
	var waiting []*Event
	if o.moving != nil {
		waiting, o.moving.waiting = o.moving.waiting, nil
	}
	if o.life != nil {
		o.life.fail(ErrClosed)
		o.life.end(o.closeCause(1001, reason, errGone))
	}
	o.endFacets(1001, reason, ErrClosed)
	for _, e := range waiting {
		e.fail(ErrClosed)
	}
	o.closeSockets(1001, reason)
}
