package html

// A matcher knows all selectors of a reader. Their compounds are numbered in
// one row, so that what an element has reached is a set of bits.
type matcher struct {
	steps []step
	words int
}

// A step is one compound of an alternative.
type step struct {
	*compound
	first bool // of its alternative
	part  int  // that is matched when it is the last one, else -1
}

func newMatcher(parts []Part) matcher {
	var m matcher
	for part := range parts {
		if parts[part].Selector == nil {
			continue
		}
		for _, alternative := range parts[part].Selector.alternatives {
			for i := range alternative {
				s := step{&alternative[i], i == 0, -1}
				if i == len(alternative)-1 {
					s.part = part
				}
				m.steps = append(m.steps, s)
			}
		}
	}
	m.words = (len(m.steps) + 63) / 64
	return m
}

// match gives the parts that an element matches, in their order, and what it
// has reached.
func (m *matcher) match(t *tag, among *siblings, parent *item) (parts []int, reached []uint64) {
	reached = make([]uint64, m.words)
	for i := range m.steps {
		s := &m.steps[i]
		if !s.first && !follows(s, i-1, parent) || !s.holds(t, among) {
			continue
		}
		reached[i/64] |= 1 << (i % 64)
		if s.part >= 0 && (len(parts) == 0 || parts[len(parts)-1] != s.part) {
			parts = append(parts, s.part)
		}
	}
	return parts, reached
}

// follows reports whether the step before was reached where this one wants it.
func follows(s *step, before int, parent *item) bool {
	if parent == nil {
		return false
	}
	has := func(set []uint64) bool { return set != nil && set[before/64]&(1<<(before%64)) != 0 }
	return has(parent.reached) || !s.child && has(parent.above)
}
