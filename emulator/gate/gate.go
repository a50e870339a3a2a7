// Package gate orders what may enter and leave a Durable Object.
//
// An object owns two gates. The input gate keeps events out while a critical
// section runs, except those the section itself waits for. The output gate
// keeps what was sent in while a transaction it may depend on is open, so
// nobody observes state that could still be undone.
//
// Gates know nothing of JavaScript or SQLite. A gate belongs to one goroutine.
package gate

import "slices"

// Input is an input gate. The zero value is open.
type Input struct {
	// Later is used to let waiting events in when a section has ended: it must
	// call its argument outside of any event. Nil means at once.
	Later func(func())
	// Trace, unless nil, is told of each event let in.
	Trace func(step string)

	active  []*Section // nested, innermost last
	waiting []waiter
	broken  bool
}

type waiter struct {
	section *Section
	run     func()
}

// A Section is a critical section: while it lasts only its own events enter.
type Section struct {
	// Of says whose section it is, for who watches.
	Of any

	in     *Input
	parent *Section
	ended  bool
}

// Enter calls run when an event that belongs to section, nil for one from
// outside, may come in: at once, or when the sections in its way have ended.
// Waiting events enter in order of arrival. An event of a section that has
// ended belongs to the one around it.
func (in *Input) Enter(section *Section, run func()) {
	if in.broken {
		return
	}
	if in.admits(section) {
		if in.Trace != nil {
			in.Trace("gate.(*Input).Enter")
		}
		run()
		return
	}
	in.waiting = append(in.waiting, waiter{section, run})
}

func (in *Input) admits(s *Section) bool {
	if len(in.active) == 0 {
		return true
	}
	return s.alive() == in.active[len(in.active)-1]
}

// alive is the innermost section around s that has not ended, nil for none.
func (s *Section) alive() *Section {
	for s != nil && s.ended {
		s = s.parent
	}
	return s
}

// Begin starts a section inside parent, nil for none, as soon as an event of
// parent may enter, and calls run with it.
func (in *Input) Begin(parent *Section, run func(*Section)) {
	in.Enter(parent, func() {
		s := &Section{in: in, parent: parent.alive()}
		in.active = append(in.active, s)
		run(s)
	})
}

// End ends the section; ending it twice is harmless. Sections begun inside it
// end too.
func (s *Section) End() {
	if s.ended {
		return
	}
	i := slices.Index(s.in.active, s)
	for _, inner := range s.in.active[i:] {
		inner.ended = true
	}
	s.in.active = s.in.active[:i]
	if s.in.Later != nil {
		s.in.Later(s.in.admit)
		return
	}
	s.in.admit()
}

// Parent is the section around s that has not ended, nil for none.
func (s *Section) Parent() *Section { return s.parent.alive() }

// Depth is how many sections s is nested in, itself included.
func (s *Section) Depth() int {
	n := 0
	for s = s.alive(); s != nil; s = s.Parent() {
		n++
	}
	return n
}

// admit lets in what waits, one event at a time, since each may begin a
// section that stops the next.
func (in *Input) admit() {
	for !in.broken {
		i := slices.IndexFunc(in.waiting, func(w waiter) bool { return in.admits(w.section) })
		if i < 0 {
			return
		}
		w := in.waiting[i]
		in.waiting = slices.Delete(in.waiting, i, i+1)
		if in.Trace != nil {
			in.Trace("gate.(*Input).admit")
		}
		w.run()
	}
}

// Waiting is the number of events that wait to enter.
func (in *Input) Waiting() int { return len(in.waiting) }

// Closed reports whether a section keeps outside events out.
func (in *Input) Closed() bool { return len(in.active) > 0 }

// Holder is the section that keeps outside events out, nil for none.
func (in *Input) Holder() *Section {
	if len(in.active) == 0 {
		return nil
	}
	return in.active[len(in.active)-1]
}

// Break drops what waits and keeps everything out for good.
func (in *Input) Break() {
	in.broken, in.waiting, in.active = true, nil, nil
}

// Output is an output gate. The zero value is open.
type Output struct {
	// Trace, unless nil, is told of each thing sent that did not have to wait.
	Trace func(step string)

	locks int
	held  []func()
}

// Lock holds everything back until the returned function is called. Locks
// nest; releasing twice is harmless.
func (out *Output) Lock() (release func()) {
	out.locks++
	released := false
	return func() {
		if released {
			return
		}
		released = true
		if out.locks--; out.locks > 0 {
			return
		}
		held := out.held
		out.held = nil
		for _, fn := range held {
			fn()
		}
	}
}

// Send lets fn out now, or when the last lock is released.
func (out *Output) Send(fn func()) {
	if out.locks > 0 {
		out.held = append(out.held, fn)
		return
	}
	if out.Trace != nil {
		out.Trace("gate.(*Output).Send")
	}
	fn()
}

// Drop forgets what is held back.
func (out *Output) Drop() { out.held = nil }
