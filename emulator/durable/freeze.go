package durable

import (
	"errors"
	"fmt"
	"time"

	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// errFrozen is what an instance ends with whose stored data is replaced.
var errFrozen = errors.New("what the object had stored was replaced")

// ErrBusy is in the error of [Objects.Freeze], and of what needs it, when
// something would have to be waited for.
var ErrBusy = errors.New("the project is busy")

// frostTime is how long a turn that runs may hold up a freeze.
const frostTime = 5 * time.Second

// Freeze calls fn while no object runs: between the turns of all of them. Lives
// of objects that reset chooses end before, as ctx.abort ends them; they must be
// those whose data fn replaces. fn may use no object and must not take long.
func (m *Objects) Freeze(reset func(object.Ref) bool, fn func() error) error {
	return m.freeze(func(o *Object) {
		if o.life != nil && reset(o.ref) {
			_ = o.life.Reset(errFrozen)
			o.failure = nil // it is no fault of the object's
			o.changed()
		}
	}, fn)
}

// An Ending is how an object ends whose data gets other code in a freeze.
type Ending int

const (
	Stays Ending = iota // it does not
	// Updated ends it as new code does that comes without waiting: its sockets
	// close with 1012, so that clients which come again when a server restarts do.
	Updated
	// Dropped ends it, and its sockets without a closing handshake.
	Dropped
)

// Supersede is Freeze for data that gets other code along with it: what how
// names ends before, sockets that hibernate included. Their callers see the
// platform's error for updated code.
func (m *Objects) Supersede(how func(object.Key) Ending, fn func() error) error {
	return m.freeze(func(o *Object) {
		if e := how(o.ref.Key()); e != Stays {
			o.supersede(e)
		}
	}, func() error {
		if err := fn(); err != nil {
			return err
		}
		m.missAll(how)
		return nil
	})
}

// missAll has the events fail that wait for objects which other code replaces:
// old code sent them, and in its homes they would begin lives anew.
func (m *Objects) missAll(how func(object.Key) Ending) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for key, o := range m.objects {
		if how(key) != Stays {
			o.miss(codeUpdated())
		}
	}
}

// supersede ends the life and the sockets of an object, and what waits for its
// way to another home.
func (o *Object) supersede(how Ending) {
	if mv := o.moving; mv != nil {
		waiting := mv.waiting
		mv.waiting = nil
		for _, e := range waiting {
			e.fail(codeUpdated())
		}
	}
	if o.life != nil {
		var cause error = codeUpdated()
		if how == Updated {
			cause = o.closeCause(1012, updateReason, codeUpdated())
		}
		o.life.reset(codeUpdated(), cause, true)
	}
	if how == Updated {
		o.closeSockets(1012, updateReason)
	} else {
		o.abortSockets()
	}
	o.endFacets(1012, updateReason, codeUpdated())
	o.failure = nil
	o.changed()
	o.run(func() {}) // the record may be forgotten
}

// freeze calls fn while no object runs, and end for each in memory before.
func (m *Objects) freeze(end func(*Object), fn func() error) error {
	loops := m.loops()
	thaw, frozen := make(chan struct{}), make(chan struct{}, len(loops))
	defer close(thaw)
	for home, l := range loops {
		parked := l.Post(func() {
			select {
			case <-thaw: // it took too long
				return
			default:
			}
			for _, o := range m.at(home) {
				end(o)
			}
			frozen <- struct{}{}
			<-thaw
		})
		if !parked {
			frozen <- struct{}{} // it is gone, with all that lived in it
		}
	}
	late := time.NewTimer(frostTime) // of the machine, whatever the clock of the objects says
	defer late.Stop()
	for range loops {
		select {
		case <-frozen:
		case <-late.C:
			return fmt.Errorf("%w: an object's code has been running for %v; try again when it has ended", ErrBusy, frostTime)
		}
	}
	return fn()
}

// loops are those of all homes that objects live in.
func (m *Objects) loops() map[Home]*loop.Loop {
	m.mu.RLock()
	defer m.mu.RUnlock()
	loops := map[Home]*loop.Loop{}
	add := func(homes []Home) {
		for _, h := range homes {
			loops[h] = h.Loop()
		}
	}
	add(m.homes)
	for _, homes := range m.apart {
		add(homes)
	}
	for _, o := range m.objects {
		o.mu.Lock()
		loops[o.home] = o.loop
		o.mu.Unlock()
	}
	return loops
}

// at lists the objects of a home. It is called on its loop, which they cannot
// leave meanwhile.
func (m *Objects) at(home Home) []*Object {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var here []*Object
	for _, o := range m.objects {
		o.mu.Lock()
		if o.home == home {
			here = append(here, o)
		}
		o.mu.Unlock()
	}
	return here
}
