package gate

import (
	"slices"
	"testing"
)

func TestSectionKeepsOutsideEventsOutUntilItEnds(t *testing.T) {
	var in Input
	var got []string
	note := func(s string) func() { return func() { got = append(got, s) } }

	var sec *Section
	in.Begin(nil, func(s *Section) { sec = s })
	in.Enter(nil, note("outside 1"))
	in.Enter(sec, note("inside"))
	in.Enter(nil, note("outside 2"))
	sec.End()
	sec.End()
	in.Enter(sec, note("late"))

	if want := []string{"inside", "outside 1", "outside 2", "late"}; !slices.Equal(got, want) {
		t.Errorf("entered %q, want %q", got, want)
	}
}

func TestOuterSectionWaitsForTheInnerOne(t *testing.T) {
	var in Input
	var got []string
	var outer, inner *Section
	in.Begin(nil, func(s *Section) { outer = s })
	in.Begin(outer, func(s *Section) { inner = s })
	in.Enter(outer, func() { got = append(got, "outer") })
	in.Enter(inner, func() { got = append(got, "inner") })
	if d := inner.Depth(); d != 2 {
		t.Errorf("inner section is %d deep, want 2", d)
	}
	inner.End()
	if want := []string{"inner", "outer"}; !slices.Equal(got, want) {
		t.Errorf("entered %q, want %q", got, want)
	}
	if !in.Closed() {
		t.Error("gate is open while the outer section lasts")
	}
}

func TestSiblingsTakeTurns(t *testing.T) {
	var in Input
	var got []int
	var current *Section
	for i := range 3 {
		in.Begin(nil, func(s *Section) { got = append(got, i); current = s })
	}
	for range 3 {
		current.End()
	}
	if want := []int{0, 1, 2}; !slices.Equal(got, want) || in.Closed() {
		t.Errorf("began %v, want %v", got, want)
	}
}

func TestBrokenGateLetsNothingIn(t *testing.T) {
	var in Input
	in.Begin(nil, func(*Section) {})
	in.Enter(nil, func() { t.Error("entered") })
	in.Break()
	in.Enter(nil, func() { t.Error("entered") })
}

func TestOutputHoldsUntilLastRelease(t *testing.T) {
	var out Output
	var got []int
	a, b := out.Lock(), out.Lock()
	out.Send(func() { got = append(got, 1) })
	out.Send(func() { got = append(got, 2) })
	a()
	a()
	if len(got) != 0 {
		t.Fatalf("let out %v under a lock", got)
	}
	b()
	out.Send(func() { got = append(got, 3) })
	if want := []int{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("let out %v, want %v", got, want)
	}
}
