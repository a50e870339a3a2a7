package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// A step is a span and how deep it lies below the first.
type step struct {
	inspect.Span
	depth int
}

// nested orders spans so that each follows the one that began it.
func nested(spans []inspect.Span) []step {
	below := map[int][]inspect.Span{}
	known := map[int]bool{}
	for _, s := range spans {
		known[s.ID] = true
	}
	for _, s := range spans {
		parent := s.Parent
		if !known[parent] || parent == s.ID {
			parent = 0
		}
		below[parent] = append(below[parent], s)
	}
	out := make([]step, 0, len(spans))
	var walk func(parent, depth int)
	walk = func(parent, depth int) {
		members := below[parent]
		delete(below, parent) // whatever the ids are, it ends
		slices.SortStableFunc(members, func(a, b inspect.Span) int { return cmp.Compare(a.Start(), b.Start()) })
		for _, s := range members {
			out = append(out, step{s, depth})
			walk(s.ID, depth+1)
		}
	}
	walk(0, 0)
	return out
}

// waterfall draws where the time of the open trace went.
func (p *timeline) waterfall(width, height int, focus bool) []string {
	s, t := p.style, p.open
	steps := nested(t.Spans)
	out := []string{p.headline(width), ""}
	detail := p.spanDetail(steps, width)
	if height < 14 {
		detail = nil
	}
	detail = detail[:min(len(detail), height/2)]
	room := height - len(out) - len(detail) - 1
	printed := p.printed[:min(len(p.printed), room/3)]
	from, to := p.spans.window(len(steps), room-len(printed))
	whole := wholeTime(t, steps)
	names := 20
	for _, st := range steps[from:to] {
		names = max(names, ansi.StringWidth(p.stepName(st)))
	}
	names = min(names, (width-2)*2/5)
	for i := from; i < to; i++ {
		text := p.step(steps[i], whole, names, width-2)
		out = append(out, cursorLine(s, text, width, i == p.spans.cursor, focus))
	}
	for _, l := range printed {
		out = append(out, " "+p.logStep(l, whole, names, width-2))
	}
	for len(out) < height-len(detail)-1 {
		out = append(out, "")
	}
	out = append(out, detail...)
	return append(out, legend(s, width))
}

// logStep is a line that was printed, with a dot at its time.
func (p *timeline) logStep(l inspect.LogLine, whole time.Duration, names, width int) string {
	s := p.style
	left := s.dim.on("log ") + levelPaint(s, l.Level).on(plain(l.Text))
	noteWidth := max(9, min(34, width/5))
	chart := width - names - noteWidth - 2
	if chart < 8 {
		return fit(left, width-noteWidth-1) + " " + fit(s.dim.on(tail(plain(l.Place), noteWidth)), noteWidth)
	}
	at := cell(l.At.Sub(p.open.At), whole, chart)
	dot := strings.Repeat(" ", at) + levelPaint(s, l.Level).on("•")
	return fit(left, names) + " " + fit(dot, chart) + " " + fit(s.dim.on(tail(plain(l.Place), noteWidth)), noteWidth)
}

func (p *timeline) headline(width int) string {
	s, t := p.style, p.open
	left := " " + s.strong.on(plain(t.Name))
	if t.Status != 0 {
		left += "  " + s.http(t.Status).on(fmt.Sprint(t.Status))
	}
	if t.Took > 0 {
		left += "  " + took(t.Took)
	} else {
		left += "  " + s.green.on("running")
	}
	return ends(left, s.dim.on(clock(t.At)+" "), width)
}

func wholeTime(t *inspect.Trace, steps []step) time.Duration {
	whole := t.Took
	for _, st := range steps {
		whole = max(whole, st.End())
	}
	return max(whole, 1)
}

// step is one line: whose code, what it did, when, and how long.
func (p *timeline) step(st step, whole time.Duration, names, width int) string {
	left, note := p.stepName(st), p.stepNote(st)
	noteWidth := max(9, min(34, width/5))
	chart := width - names - noteWidth - 2
	if chart < 8 {
		return fit(left, width-noteWidth-1) + " " + fit(note, noteWidth)
	}
	return fit(left, names) + " " + p.bar(st, whole, chart) + " " + fit(note, noteWidth)
}

func (p *timeline) stepName(st step) string {
	s := p.style
	name := strings.Repeat("  ", min(st.depth, 8))
	if st.Error != nil {
		name += s.red.on("✗ ")
	}
	switch st.Kind {
	case inspect.StorageSpan, inspect.LogSpan, inspect.OutboundSpan:
		return name + s.dim.on(string(st.Kind)) + " " + plain(st.Name)
	}
	return name + plain(cmp.Or(st.Object, "Worker")) + s.dim.on(" "+plain(st.Name))
}

func (p *timeline) stepNote(st step) string {
	if st.Error != nil {
		return p.style.red.on(plain(st.Error.Name + ": " + st.Error.Message))
	}
	length := st.End() - st.Start()
	text := ""
	if length > 0 {
		text = took(length)
	}
	if st.Detail != "" {
		text = strings.TrimPrefix(text+"  "+plain(st.Detail), "  ")
	}
	return p.style.dim.on(text)
}

// phaseMarks are how the phases of a span look.
func phaseMarks(s styles, kind inspect.PhaseKind) (string, paint) {
	switch kind {
	case inspect.Queued:
		return "▒", s.amber
	case inspect.Ran:
		return "█", s.green
	case inspect.Outside:
		return "▔", s.accent
	}
	return "░", s.faint
}

// bar draws the phases of a span on the time of the whole trace. What ran is
// never too short to be seen.
func (p *timeline) bar(st step, whole time.Duration, width int) string {
	kinds := make([]inspect.PhaseKind, width)
	for _, ph := range st.Phases {
		from := cell(ph.From, whole, width)
		to := max(from+1, cell(ph.To, whole, width))
		for i := from; i < to && i < width; i++ {
			if ph.Kind == inspect.Ran || kinds[i] != inspect.Ran {
				kinds[i] = ph.Kind
			}
		}
	}
	var b strings.Builder
	for i := 0; i < width; {
		j := i
		for j < width && kinds[j] == kinds[i] {
			j++
		}
		if kinds[i] == "" {
			b.WriteString(strings.Repeat(" ", j-i))
		} else {
			mark, look := phaseMarks(p.style, kinds[i])
			b.WriteString(look.on(strings.Repeat(mark, j-i)))
		}
		i = j
	}
	return b.String()
}

func cell(at, whole time.Duration, width int) int {
	return max(0, min(width-1, int(int64(at)*int64(width)/int64(whole))))
}

// spanDetail is all that is known about the span at the cursor.
func (p *timeline) spanDetail(steps []step, width int) []string {
	if len(steps) == 0 {
		return nil
	}
	s := p.style
	st := steps[within(p.spans.cursor, len(steps))]
	out := []string{rule(s, plain(st.Place), width)}
	var phases []string
	for _, ph := range st.Phases {
		_, look := phaseMarks(s, ph.Kind)
		if ph.Kind == inspect.Waited {
			look = s.dim
		}
		text := look.on(string(ph.Kind)) + " " + took(ph.To-ph.From)
		if ph.Why != "" {
			text += s.dim.on(" (" + plain(ph.Why) + ")")
		}
		phases = append(phases, text)
	}
	if len(phases) > 0 {
		out = append(out, " "+cut(strings.Join(phases, s.dim.on(" · ")), width-2))
	}
	if st.Detail != "" {
		for _, l := range folded(plain(st.Detail), width-2) {
			out = append(out, " "+l)
		}
	}
	if st.Error != nil {
		out = append(out, " "+s.red.on(plain(st.Error.Name+": "+st.Error.Message)))
		out = append(out, faultLines(s, st.Error.Stack, st.Error.Excerpt)...)
	}
	return out
}

func legend(s styles, width int) string {
	var marks []string
	for _, kind := range []inspect.PhaseKind{inspect.Ran, inspect.Queued, inspect.Waited, inspect.Outside} {
		mark, look := phaseMarks(s, kind)
		marks = append(marks, look.on(mark)+" "+s.dim.on(string(kind)))
	}
	return fitRight(strings.Join(marks, "  "), width-1) + " "
}
