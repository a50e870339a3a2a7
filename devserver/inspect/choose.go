package inspect

import (
	"cmp"
	"slices"
	"strings"
)

// levels are in order of weight.
var levels = []string{"debug", "log", "info", "warn", "error"}

// Wants reports whether a line is among those the query chooses, its limit
// apart. Level is the least one.
func (q LogQuery) Wants(l LogLine) bool {
	search := strings.ToLower(q.Search)
	return (q.Object.IsZero() || q.Object == l.Ref) && (q.Trace == "" || q.Trace == l.Trace) &&
		(q.Level == "" || slices.Index(levels, l.Level) >= slices.Index(levels, q.Level)) &&
		!l.At.Before(q.Since) &&
		(search == "" || strings.Contains(strings.ToLower(l.Text), search) || strings.Contains(strings.ToLower(l.Object), search))
}

// Choose are the lines that the query wants, the last ones when there are more
// than its limit.
func (q LogQuery) Choose(lines []LogLine) []LogLine {
	var out []LogLine
	for _, l := range lines {
		if q.Wants(l) {
			out = append(out, l)
		}
	}
	return out[max(0, len(out)-cmp.Or(q.Limit, 1000)):]
}

// Wants reports whether a trace is among those the query chooses, its limit
// apart.
func (q TraceQuery) Wants(t Trace) bool {
	return (q.Object.IsZero() || slices.Contains(t.Refs, q.Object)) && !t.At.Before(q.Since)
}

// Choose are the traces that the query wants, without their spans.
func (q TraceQuery) Choose(traces []Trace) []Trace {
	var out []Trace
	for _, t := range traces {
		if q.Wants(t) {
			t.Spans = nil
			out = append(out, t)
		}
	}
	return out[max(0, len(out)-cmp.Or(q.Limit, 200)):]
}
