package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// tracesKept is how many traces are remembered.
const tracesKept = 1000

// timeline lists what came from outside and what followed, the newest at the
// bottom. One that is opened is drawn as a waterfall.
type timeline struct {
	list
	style styles

	all     []inspect.Trace // by their beginning
	shown   []int
	scope   scope
	search  string
	bad     bool // only what something went wrong in
	loaded  bool
	problem string

	open    *inspect.Trace // with its spans
	spans   list
	aim     inspect.LogLine   // to go to when the open trace has been read, zero for nowhere
	printed []inspect.LogLine // by the open trace
	from    tab               // where it was opened
}

// Set shows these traces beside those that are there.
func (p *timeline) Set(traces []inspect.Trace) {
	p.loaded, p.problem = true, ""
	at, _ := p.Selected()
	for _, t := range traces {
		p.put(t)
	}
	p.sift(at)
}

// Put follows a trace that began or went on.
func (p *timeline) Put(t inspect.Trace) {
	at, _ := p.Selected()
	if len(p.all) >= tracesKept {
		p.all = slices.Delete(p.all, 0, tracesKept/10)
	}
	p.put(t)
	p.sift(at)
}

func (p *timeline) put(t inspect.Trace) {
	for i := len(p.all) - 1; i >= 0; i-- {
		if p.all[i].ID == t.ID {
			p.all[i] = t
			return
		}
	}
	i, _ := slices.BinarySearchFunc(p.all, t, func(a, b inspect.Trace) int { return a.At.Compare(b.At) })
	for i < len(p.all) && p.all[i].At.Equal(t.At) {
		i++
	}
	p.all = slices.Insert(p.all, i, t)
}

// Fail says why there are none.
func (p *timeline) Fail(problem string) { p.loaded, p.problem = true, problem }

// sift chooses what is shown, with the cursor at the end if it was there, else
// on the trace it was on.
func (p *timeline) sift(at inspect.Trace) {
	end := p.cursor >= len(p.shown)-1
	p.shown = p.shown[:0]
	for i, t := range p.all {
		if p.passes(t) {
			p.shown = append(p.shown, i)
			if !end && t.ID == at.ID {
				p.cursor = len(p.shown) - 1
			}
		}
	}
	if end {
		p.cursor = len(p.shown) - 1
	}
	p.cursor = within(p.cursor, len(p.shown))
}

func (p *timeline) passes(t inspect.Trace) bool {
	switch {
	case !p.scope.ref.IsZero() && !slices.Contains(t.Refs, p.scope.ref):
		return false
	case p.scope.ref.IsZero() && p.scope.class != "" &&
		!slices.ContainsFunc(t.Refs, func(r inspect.Ref) bool { return r.Namespace == p.scope.class }):
		return false
	}
	if p.bad && !troubled(t) {
		return false
	}
	word := strings.ToLower(p.search)
	return word == "" || contains(t.Name, word) || contains(strings.Join(t.Objects, " "), word) ||
		t.Error != nil && contains(t.Error.Message, word)
}

// troubled says whether something went wrong in a trace.
func troubled(t inspect.Trace) bool { return t.Error != nil || t.Errors > 0 || t.Status >= 500 }

// Bad shows only what something went wrong in, or all again.
func (p *timeline) Bad() {
	at, _ := p.Selected()
	p.bad = !p.bad
	p.sift(at)
}

// Show chooses whose traces are shown.
func (p *timeline) Show(s scope) {
	if p.scope != s {
		p.scope, p.open = s, nil
		p.cursor = len(p.shown)
		p.sift(inspect.Trace{})
	}
}

// Search shows traces with a text in their name, objects or error only.
func (p *timeline) Search(text string) {
	p.search = text
	p.sift(inspect.Trace{})
}

// Selected is the trace at the cursor, or the one that is open.
func (p *timeline) Selected() (inspect.Trace, bool) {
	switch {
	case p.open != nil:
		return *p.open, true // also when it is listed no longer
	case len(p.shown) == 0:
		return inspect.Trace{}, false
	}
	i := p.shown[within(p.cursor, len(p.shown))]
	if i >= len(p.all) {
		return inspect.Trace{}, false
	}
	return p.all[i], true
}

// Open draws a trace with its spans.
func (p *timeline) Open(t inspect.Trace) {
	if p.open == nil || p.open.ID != t.ID {
		p.spans, p.aim = list{}, inspect.LogLine{}
	}
	p.open = &t
	if p.aim.Span == 0 || len(t.Spans) == 0 {
		return
	}
	for i, st := range nested(t.Spans) {
		if st.ID == p.aim.Span || printed(st.Span, p.aim) {
			p.spans.cursor = i
		}
	}
	p.aim = inspect.LogLine{}
}

// printed says whether a step is that a line was printed.
func printed(s inspect.Span, l inspect.LogLine) bool {
	return s.Kind == inspect.LogSpan && s.Parent == l.Span && strings.HasPrefix(l.Text, strings.TrimSuffix(s.Name, "…"))
}

// Printed tells what the open trace printed.
func (p *timeline) Printed(lines []inspect.LogLine) { p.printed = lines }

// Back returns to the traces, and says whether one was open.
func (p *timeline) Back() bool {
	was := p.open != nil
	p.open = nil
	return was
}

// Span is the one at the cursor of the open trace.
func (p *timeline) Span() (inspect.Span, bool) {
	if p.open == nil || len(p.open.Spans) == 0 {
		return inspect.Span{}, false
	}
	ordered := nested(p.open.Spans)
	return ordered[within(p.spans.cursor, len(ordered))].Span, true
}

// Press moves the cursor.
func (p *timeline) Press(key string) bool {
	if p.open != nil {
		return p.spans.press(key, len(p.open.Spans))
	}
	return p.press(key, len(p.shown))
}

// Title says what is left out.
func (p *timeline) Title() string {
	s := p.style
	if p.open != nil {
		return s.dim.on("trace " + p.open.ID)
	}
	parts := []string{}
	if p.search != "" {
		parts = append(parts, s.accent.on("/"+plain(p.search)))
	}
	if p.bad {
		parts = append(parts, s.accent.on("only errors"))
	}
	skipped := 0
	for _, t := range p.all {
		skipped += t.Skipped
	}
	if skipped > 0 {
		parts = append(parts, s.amber.on(fmt.Sprintf("%d left out", skipped)))
	}
	return strings.Join(append(parts, s.dim.on(count(len(p.shown), "trace"))), "  ")
}

var traceColumns = []column{
	{title: "TIME", width: 12, drop: 2},
	{title: "WHAT", width: 24, grow: 3},
	{title: "STATUS", width: 6, right: true},
	{title: "TOOK", width: 8, right: true},
	{title: "", width: 12, drop: 4},
	{title: "OBJECTS", width: 14, grow: 1, drop: 3},
}

// Render draws the traces, or the one that is open.
func (p *timeline) Render(width, height int, now time.Time, focus bool) []string {
	switch {
	case p.problem != "":
		return message(p.style.red, p.problem, width)
	case p.open != nil:
		return p.waterfall(width, height, focus)
	case !p.loaded:
		return message(p.style.dim, "reading …", width)
	case len(p.shown) == 0:
		return message(p.style.dim, p.whyNone(), width)
	}
	columns := traceColumns
	widths := layout(columns, width-2)
	out := []string{" " + p.style.dim.on(head(columns, widths))}
	from, to := p.window(len(p.shown), height-1)
	longest := time.Duration(0)
	for i := from; i < to; i++ {
		longest = max(longest, p.all[p.shown[i]].Took)
	}
	for i := from; i < to; i++ {
		text := line(columns, widths, p.cells(p.all[p.shown[i]], longest)) + " "
		out = append(out, cursorLine(p.style, text, width, i == p.cursor, focus))
	}
	return out
}

func (p *timeline) whyNone() string {
	switch {
	case p.search != "":
		return "No trace has that in it. esc shows all."
	case p.bad:
		return "Nothing went wrong in what is kept. e shows all."
	case len(p.all) > 0:
		return "Nothing has reached this. Traces appear as requests, calls, messages and alarms do."
	}
	return "Nothing has come in. Traces appear as requests, calls, messages and alarms do."
}

func (p *timeline) cells(t inspect.Trace, longest time.Duration) []string {
	s := p.style
	status, what := "", kindMark(s, t.Kind)+" "+plain(t.Name)
	if t.Status != 0 {
		status = s.http(t.Status).on(some(t.Status))
	}
	if t.Error != nil {
		what += "  " + s.red.on(plain(t.Error.Name+": "+t.Error.Message))
		status = s.red.on(dash(some(t.Status)))
	} else if t.Errors > 0 {
		what += "  " + s.red.on("✗ "+count(t.Errors, "error"))
	}
	if t.Skipped > 0 {
		what += "  " + s.dim.on(fmt.Sprintf("%d before it left out", t.Skipped))
	}
	duration, bar := s.green.on("running"), ""
	if t.Took > 0 {
		duration = took(t.Took)
		bar = s.accent.on(measure(t.Took, longest, 12))
	}
	return []string{
		s.dim.on(clock(t.At)), what, status, duration, bar, plain(strings.Join(t.Objects, ", ")),
	}
}

// measure is a bar as long as a part is of a whole, to an eighth of a cell.
func measure(part, whole time.Duration, width int) string {
	if whole <= 0 {
		return ""
	}
	eighths := int(int64(part) * int64(width) * 8 / int64(whole))
	bar := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	if bar == "" {
		return "▏"
	}
	return bar
}

// kindMark is what came in, in one cell.
func kindMark(s styles, kind inspect.SpanKind) string {
	switch kind {
	case inspect.AlarmSpan:
		return s.amber.on("◷")
	case inspect.SocketSpan:
		return s.accent.on("⇄")
	case inspect.CallSpan:
		return s.accent.on("ƒ")
	case inspect.EditSpan:
		return s.amber.on("✎")
	}
	return s.dim.on("→")
}
