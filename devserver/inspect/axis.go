package inspect

import "time"

// An Axis lays the time of a trace out in columns. What the trace left behind,
// where that goes on for long, has the last quarter to itself, so that there is
// room for what came before the answer.
type Axis struct {
	width      int
	took, end  time.Duration
	until, all int // columns, of the time until the answer and of all
}

// Axis is that of the trace in so many columns.
func (t Trace) Axis(columns int) Axis {
	a := Axis{width: columns, took: t.Took, until: columns, all: columns}
	for _, s := range t.Spans {
		a.end = max(a.end, s.End())
	}
	a.end = max(a.end, a.took, 1)
	if a.took > 0 && a.end > a.took+a.took/3 {
		a.until = columns * 3 / 4
	} else {
		a.took = a.end
	}
	return a
}

// Column is where a time lies, from 0.
func (a Axis) Column(at time.Duration) int {
	at = max(at, 0)
	column := 0
	if at <= a.took {
		column = int(float64(at) * float64(a.until) / float64(a.took))
	} else {
		column = a.until + int(float64(at-a.took)*float64(a.all-a.until)/float64(a.end-a.took))
	}
	return min(column, a.width-1)
}

// Answer is the column at which what was left behind begins, if that is apart.
func (a Axis) Answer() (column int, apart bool) { return a.until, a.until < a.all }
