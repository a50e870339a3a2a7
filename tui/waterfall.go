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
	out := []string{p.headline(width), " " + s.amber.on(cut(plain(t.Note), width-2))}
	detail := p.spanDetail(steps, width)
	if height < 14 {
		detail = nil
	}
	detail = detail[:min(len(detail), height/2)]
	from, to := p.spans.window(len(steps), height-len(out)-len(detail)-1)
	g := p.grid(steps[from:to], width-2)
	for i := from; i < to; i++ {
		out = append(out, cursorLine(s, p.step(steps[i], g), width, i == p.spans.cursor, focus))
	}
	for len(out) < height-len(detail)-1 {
		out = append(out, "")
	}
	out = append(out, detail...)
	return append(out, legend(s, g.axis, width))
}

// A grid says where the columns of a waterfall are: names, the chart, and what
// there is to say. A chart of no width is not drawn.
type grid struct {
	names, chart, notes int
	axis                inspect.Axis
}

// leastChart is how many columns a chart takes to say something.
const leastChart = 10

func (p *timeline) grid(steps []step, width int) grid {
	g := grid{names: 20, notes: 9}
	for _, st := range steps {
		g.names = max(g.names, ansi.StringWidth(p.stepName(st)))
		g.notes = max(g.notes, ansi.StringWidth(p.stepNote(st)))
	}
	g.names, g.notes = min(g.names, width*2/5), min(g.notes, width*2/5)
	g.notes = min(g.notes, max(9, width-g.names-leastChart-2))
	if g.chart = width - g.names - g.notes - 2; g.chart < leastChart {
		g.names, g.chart = width-g.notes-1, 0
	}
	g.axis = p.open.Axis(g.chart)
	return g
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

// step is one line: whose code, what it did, when, and how long.
func (p *timeline) step(st step, g grid) string {
	left, note := fit(p.stepName(st), g.names), fit(p.stepNote(st), g.notes)
	if g.chart == 0 {
		return left + " " + note
	}
	return left + " " + p.bar(st, g.axis, g.chart) + " " + note
}

func (p *timeline) stepName(st step) string {
	s := p.style
	name := strings.Repeat("  ", min(st.depth, 8))
	if st.Error != nil {
		name += s.red.on("✗ ")
	}
	switch st.Kind {
	case inspect.LogSpan:
		return name + s.dim.on("log ") + levelPaint(s, st.Level).on(plain(st.Name))
	case inspect.OutboundSpan:
		return name + s.dim.on("fetch ") + plain(st.Name)
	case inspect.StorageSpan:
		return name + s.dim.on("storage ") + plain(st.Name)
	}
	return name + plain(cmp.Or(st.Object, "Worker")) + s.dim.on(" "+plain(st.Name))
}

// stepNote is what matters most of a step.
func (p *timeline) stepNote(st step) string {
	s := p.style
	length := st.End() - st.Start()
	switch {
	case st.Error != nil:
		return s.red.on(plain(st.Error.Name + ": " + st.Error.Message))
	case st.Kind == inspect.LogSpan:
		return s.dim.on(plain(st.Place))
	case p.longQueue(st):
		return s.amber.on("queued " + took(st.Sum(inspect.Queued)) + " (" + plain(st.Why(inspect.Queued)) + ")")
	case st.Kind == inspect.StorageSpan || st.Kind == inspect.OutboundSpan:
		return s.dim.on(strings.TrimPrefix(plain(st.Detail)+", "+took(length), ", "))
	}
	text := took(length)
	if ran, waited := st.Sum(inspect.Ran), st.Sum(inspect.Waited)+st.Sum(inspect.Outside); ran > 0 && waited > ran/10 {
		text = "ran " + took(ran) + " of " + took(length)
	}
	if st.Detail != "" {
		text += "  " + plain(st.Detail)
	}
	return s.dim.on(text)
}

// longQueue says whether a step was kept out for so long that why matters.
func (p *timeline) longQueue(st step) bool {
	queued := st.Sum(inspect.Queued)
	return st.Why(inspect.Queued) != "" && queued >= 100*time.Microsecond && queued >= p.open.Took/20
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
	case inspect.Untold:
		return "·", s.dim
	}
	return "░", s.faint
}

// bar draws the phases of a span on the time of the whole trace. What ran is
// never too short to be seen. A line parts off what came after the answer.
func (p *timeline) bar(st step, axis inspect.Axis, width int) string {
	marks, looks := make([]string, width), make([]paint, width)
	set := func(i int, mark string, look paint) {
		if i < width {
			marks[i], looks[i] = mark, look
		}
	}
	if answer, apart := axis.Answer(); apart {
		set(answer, "┊", p.style.faint)
	}
	ran, _ := phaseMarks(p.style, inspect.Ran)
	for _, ph := range st.Phases {
		mark, look := phaseMarks(p.style, ph.Kind)
		if st.Kind == inspect.LogSpan {
			mark, look = "•", levelPaint(p.style, st.Level)
		}
		from := axis.Column(ph.From)
		for i := from; i < max(from+1, axis.Column(ph.To)) && i < width; i++ {
			if ph.Kind == inspect.Ran || marks[i] != ran {
				set(i, mark, look)
			}
		}
	}
	var b strings.Builder
	for i := 0; i < width; {
		j := i
		for j < width && marks[j] == marks[i] {
			j++
		}
		mark := marks[i]
		if mark == "" {
			mark = " "
		}
		b.WriteString(looks[i].on(strings.Repeat(mark, j-i)))
		i = j
	}
	return b.String()
}

// spanDetail is all that is known about the span at the cursor.
func (p *timeline) spanDetail(steps []step, width int) []string {
	if len(steps) == 0 {
		return nil
	}
	s := p.style
	st := steps[within(p.spans.cursor, len(steps))]
	out := []string{rule(s, plain(st.Place), width)}
	if st.Kind == inspect.LogSpan {
		return append(out, p.printedBy(st, width)...)
	}
	for _, l := range folded(p.phases(st), width-2) {
		out = append(out, " "+l)
	}
	if st.Kind == inspect.StorageSpan && ansi.StringWidth(st.Name) > 30 {
		for _, l := range folded(plain(st.Name), width-2) {
			out = append(out, " "+l)
		}
	}
	if st.Detail != "" {
		out = append(out, " "+s.dim.on(cut(plain(st.Detail), width-2)))
	}
	if st.Error != nil {
		out = append(out, " "+s.red.on(plain(st.Error.Name+": "+st.Error.Message)))
		out = append(out, faultLines(s, st.Error.Stack, st.Error.Excerpt)...)
	}
	return out
}

// phases say how long a step did what, one after the other.
func (p *timeline) phases(st step) string {
	s := p.style
	var parts []string
	for _, ph := range st.Phases {
		_, look := phaseMarks(s, ph.Kind)
		if ph.Kind == inspect.Waited {
			look = s.dim
		}
		text := look.on(string(ph.Kind)) + " " + took(ph.To-ph.From)
		if ph.Why != "" {
			text += s.dim.on(" (" + plain(ph.Why) + ")")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, s.dim.on(" · "))
}

// printedBy is the whole of a line that was printed.
func (p *timeline) printedBy(st step, width int) []string {
	s := p.style
	l := inspect.LogLine{Text: st.Name, Level: st.Level}
	for _, other := range p.printed {
		if printed(st.Span, other) {
			l = other
		}
	}
	var out []string
	for _, text := range strings.Split(l.Text, "\n") {
		for _, part := range folded(plain(text), width-2) {
			out = append(out, " "+levelPaint(s, l.Level).on(part))
		}
	}
	return append(out, faultLines(s, l.Stack, l.Excerpt)...)
}

func legend(s styles, axis inspect.Axis, width int) string {
	var marks []string
	for _, kind := range []inspect.PhaseKind{inspect.Ran, inspect.Queued, inspect.Waited, inspect.Outside} {
		mark, look := phaseMarks(s, kind)
		marks = append(marks, look.on(mark)+" "+s.dim.on(string(kind)))
	}
	if _, apart := axis.Answer(); apart {
		marks = append(marks, s.faint.on("┊")+" "+s.dim.on("answered"))
	}
	return fitRight(strings.Join(marks, "  "), width-1) + " "
}
