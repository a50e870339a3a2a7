package durable

import (
	"time"

	"github.com/dodev/dodev/emulator/engine"
)

// A Facet is an object within an object: it has a class, an instance and a
// database of its own, and lives in the same home. Only the object it is part
// of can reach it, by its name. It outlives evictions of the object, but
// nothing that resets it, and no move to new code.
//
// A Facet belongs to the goroutine of the loop its object lives on.
type Facet struct {
	name    string
	parent  *Object
	object  *Object
	begun   bool // somebody finds out what it is to be
	made    any  // what was found out, nil before
	waiting []*Event
	failure error // it is no more, or cannot become anything
}

// facetsRest is how long an object that has no instance remembers what its
// facets are.
const facetsRest = 70 * time.Second

// Facet finds a part of the object by its name, or makes one that waits to be
// told by [Facet.Become] what it is.
func (o *Object) Facet(name string) *Facet {
	if f := o.facets[name]; f != nil {
		return f
	}
	f := &Facet{name: name, parent: o, object: &Object{m: o.m, ref: o.ref}}
	f.object.facet = f
	f.object.settle(o.home)
	if o.facets == nil {
		o.facets = map[string]*Facet{}
	}
	o.facets[name] = f
	return f
}

// Part is the facet that the object is, nil for an object of its own.
func (o *Object) Part() *Facet { return o.facet }

// Name is what the object it is part of calls it.
func (f *Facet) Name() string { return f.name }

// Parent is the object it is part of.
func (f *Facet) Parent() *Object { return f.parent }

// Made is what Become was given, nil before.
func (f *Facet) Made() any { return f.made }

// Depth is how many objects a facet of o would be within.
func (o *Object) Depth() int {
	if o.facet == nil {
		return 1
	}
	return 1 + o.facet.parent.Depth()
}

// Begin reports whether the caller is the first to do so, and so has to find
// out what the facet is.
func (f *Facet) Begin() bool {
	first := !f.begun
	f.begun = true
	return first
}

// Become tells what the facet is: the number by which its database is known,
// and what its home makes instances from. Events that wait go on.
func (f *Facet) Become(number int, made any) {
	if f.failure != nil || f.made != nil {
		return
	}
	f.object.ref.Facet, f.made = number, made
	for _, e := range f.waiting {
		f.object.post(mail{event: e})
	}
	f.waiting = nil
}

// Refuse gives up finding out what the facet is. All events fail until it is
// aborted.
func (f *Facet) Refuse(err error) {
	if f.failure == nil && f.made == nil {
		f.fail(err)
	}
}

// Deliver sends an event to the facet. Who watches sees it go to the object.
func (f *Facet) Deliver(e *Event) {
	f.parent.m.follow(f.parent.root().ref, e)
	switch {
	case f.failure != nil:
		e.fail(f.failure)
	case f.made == nil:
		e.held(Holder{What: "start of the facet"})
		f.waiting = append(f.waiting, e)
	default:
		f.object.post(mail{event: e})
	}
}

// Abort ends the facet, and all within it. Events in flight, and all later
// ones, fail with the error as it is.
func (f *Facet) Abort(err error) {
	f.forget()
	if f.failure == nil {
		f.fail(err)
	}
	f.object.AbortFacets(err)
	if life := f.object.life; life != nil {
		life.fail(&LocalError{err})
		_ = life.Reset(err)
	}
	f.object.abortSockets()
}

// fail fails what waits, and all that comes.
func (f *Facet) fail(err error) {
	f.failure = &LocalError{err}
	waiting := f.waiting
	f.waiting = nil
	for _, e := range waiting {
		e.fail(f.failure)
	}
}

// forget has the next to ask for the name get a facet of its own.
func (f *Facet) forget() {
	if f.parent.facets[f.name] == f {
		delete(f.parent.facets, f.name)
	}
}

// AbortFacet aborts the facet of a name, if there is one.
func (o *Object) AbortFacet(name string, err error) {
	if f := o.facets[name]; f != nil {
		f.Abort(err)
	}
}

// AbortFacets aborts all facets.
func (o *Object) AbortFacets(err error) {
	for _, f := range o.facets {
		f.Abort(err)
	}
}

// Errors that the callers of a facet get when its object does away with it.
var (
	ErrFacetDeleted  = error(engine.Error("Facet was deleted."))
	ErrFacetReplaced = error(engine.Error("Facet was cloned-over."))

	// errFacetAlarm ends a facet that has set an alarm.
	errFacetAlarm = engine.Error("Facets currently cannot set alarms.")
)

// root is the object that o is part of, itself if it is of its own.
func (o *Object) root() *Object {
	for o.facet != nil {
		o = o.facet.parent
	}
	return o
}

// running reports whether the object, or a facet of it, has an event in flight.
func (o *Object) running() bool {
	if o.life != nil && o.life.first != nil {
		return true
	}
	for _, f := range o.facets {
		if len(f.waiting) > 0 || f.object.running() {
			return true
		}
	}
	return false
}

// resting reports whether a facet could be forgotten without anyone noticing.
func (f *Facet) resting() bool {
	if f.object.life != nil || f.object.sockets.len() > 0 || len(f.waiting) > 0 {
		return false
	}
	for _, inner := range f.object.facets {
		if !inner.resting() {
			return false
		}
	}
	return true
}

// evictFacets drops the instances of facets that are idle.
func (o *Object) evictFacets() {
	for _, f := range o.facets {
		if life := f.object.life; life != nil && life.busyWith() == "" {
			life.evict()
		}
		f.object.evictFacets()
	}
}

// restFacets has facets forgotten when nothing of the object has been in memory
// for a while.
func (o *Object) restFacets() {
	if o.stopRest != nil {
		o.stopRest()
		o.stopRest = nil
	}
	if o.facet != nil || len(o.facets) == 0 {
		return
	}
	o.stopRest = o.m.opts.Clock.AfterFunc(facetsRest, func() {
		o.run(func() {
			if o.life != nil {
				return // its end comes here again
			}
			for name, f := range o.facets {
				if f.resting() {
					delete(o.facets, name)
				}
			}
			o.restFacets()
		})
	})
}

// endFacets ends all facets for the move to another home, or for good.
func (o *Object) endFacets(code int, reason string, why error) {
	facets := o.facets
	o.facets = nil
	for _, f := range facets {
		f.object.closeSockets(code, reason)
		f.object.endFacets(code, reason, why)
		f.fail(why)
		if life := f.object.life; life != nil {
			life.fail(why)
			life.end(o.closeCause(code, reason, why))
		}
	}
}
