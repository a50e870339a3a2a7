package inspect

import (
	"testing"
	"time"
)

// lasting is a trace of two spans, of which the second is left behind.
func lasting(took, end time.Duration) Trace {
	ran := func(from, to time.Duration) []Phase { return []Phase{{Kind: Ran, From: from, To: to}} }
	return Trace{Took: took, Spans: []Span{{ID: 1, Phases: ran(0, took)}, {ID: 2, Parent: 1, Phases: ran(took/2, end)}}}
}

func TestAnAxisGivesWhatIsLeftBehindTheLastQuarter(t *testing.T) {
	for _, c := range []struct {
		name      string
		took, end time.Duration
		at        time.Duration
		want      int
		apart     bool
	}{
		{"all of it before the answer", 10, 10, 5, 20, false},
		{"the end is the last column", 10, 10, 10, 39, false},
		{"a little after the answer", 10, 12, 6, 20, false},
		{"half of the time to the answer", 10, 1000, 5, 15, true},
		{"the answer", 10, 1000, 10, 30, true},
		{"half of the rest", 10, 1010, 510, 35, true},
		{"the end of the rest", 10, 1000, 1000, 39, true},
		{"beyond", 10, 1000, 5000, 39, true},
		{"before", 10, 10, -5, 0, false},
		{"a trace that goes on", 0, 40, 20, 20, false},
		{"a trace of no time", 0, 0, 0, 0, false},
	} {
		axis := lasting(c.took, c.end).Axis(40)
		if got := axis.Column(c.at); got != c.want {
			t.Errorf("%s: column %d, want %d", c.name, got, c.want)
		}
		if _, apart := axis.Answer(); apart != c.apart {
			t.Errorf("%s: apart %v, want %v", c.name, apart, c.apart)
		}
	}
}
