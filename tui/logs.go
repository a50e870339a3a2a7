package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// linesKept is how many log lines are remembered.
const linesKept = 5000

// logs shows what code printed, the newest at the bottom. It keeps all lines and
// shows those of a scope, from a level on, that have a text in them. While it is
// paused what comes is kept and counted.
type logs struct {
	list
	style styles

	all    []inspect.LogLine
	shown  []int // of all, those that pass
	scope  scope
	level  int
	search string
	trace  string // whose lines are shown, "" for those of the scope
	paused bool
	missed int // lines that came while it was paused
	away   bool
}

// levels are what there is to be less of.
var levels = []string{"debug", "log", "info", "warn", "error"}

// Set replaces all lines.
func (p *logs) Set(lines []inspect.LogLine) {
	p.all = lines
	p.sift()
}

// Add is a line that was just printed.
func (p *logs) Add(l inspect.LogLine) {
	if len(p.all) >= linesKept && !p.paused {
		p.all = slices.Delete(p.all, 0, linesKept/10)
		p.sift()
	}
	if len(p.all) < 4*linesKept { // what is held must stay, but not without end
		p.all = append(p.all, l)
	}
	if !p.passes(l) {
		return
	}
	if p.paused {
		p.missed++
		return
	}
	end := p.atEnd()
	p.shown = append(p.shown, len(p.all)-1)
	if end {
		p.cursor = len(p.shown) - 1
	}
}

func (p *logs) atEnd() bool { return p.cursor >= len(p.shown)-1 }

func (p *logs) passes(l inspect.LogLine) bool {
	switch {
	case p.trace != "":
		if l.Trace != p.trace {
			return false
		}
	case !p.scope.ref.IsZero() && l.Ref != p.scope.ref:
		return false
	case p.scope.ref.IsZero() && p.scope.class != "" && l.Ref.Namespace != p.scope.class:
		return false
	}
	if slices.Index(levels, l.Level) < p.level {
		return false
	}
	word := strings.ToLower(p.search)
	return word == "" || contains(l.Text, word) || contains(l.Object, word) || contains(l.Place, word)
}

// sift chooses anew what is shown, and goes to the end if it was there.
func (p *logs) sift() {
	end := p.atEnd()
	p.shown = p.shown[:0]
	for i, l := range p.all {
		if p.passes(l) {
			p.shown = append(p.shown, i)
		}
	}
	p.missed = 0
	if end {
		p.cursor = len(p.shown) - 1
	}
	p.cursor = within(p.cursor, len(p.shown))
}

// Show chooses whose lines are shown.
func (p *logs) Show(s scope) {
	if p.scope != s {
		p.scope = s
		p.cursor = len(p.shown)
		p.sift()
	}
}

// Search shows lines with a text in them only.
func (p *logs) Search(text string) {
	p.search = text
	p.sift()
}

// Level goes on to the next level, and shows what is at least as grave.
func (p *logs) Level() {
	p.level = (p.level + 1) % len(levels)
	p.sift()
}

// Pause holds the lines, or lets them go on.
func (p *logs) Pause() {
	p.paused = !p.paused
	if !p.paused {
		p.all = slices.Delete(p.all, 0, max(0, len(p.all)-linesKept))
		p.cursor = len(p.shown)
		p.sift()
	}
}

// Selected is the line at the cursor.
func (p *logs) Selected() (inspect.LogLine, bool) {
	if len(p.shown) == 0 {
		return inspect.LogLine{}, false
	}
	return p.all[p.shown[within(p.cursor, len(p.shown))]], true
}

// Press moves the cursor.
func (p *logs) Press(key string) bool { return p.press(key, len(p.shown)) }

// Of are the lines that a trace printed.
func (p *logs) Of(trace string) []inspect.LogLine {
	var out []inspect.LogLine
	for _, l := range p.all {
		if l.Trace == trace {
			out = append(out, l)
		}
	}
	return out
}

// Only shows the lines of a trace, whatever they are of; "" shows those of the
// scope again.
func (p *logs) Only(trace string) {
	p.trace = trace
	p.cursor = len(p.shown)
	p.sift()
}

// Title says what is left out.
func (p *logs) Title() string {
	s := p.style
	var parts []string
	if p.trace != "" {
		parts = append(parts, s.accent.on("trace "+plain(p.trace)))
	}
	if p.search != "" {
		parts = append(parts, s.accent.on("/"+plain(p.search)))
	}
	if p.level > 0 {
		parts = append(parts, s.accent.on(levels[p.level]+" and worse"))
	}
	if p.paused {
		text := "paused"
		if p.missed > 0 {
			text += ", " + count(p.missed, "new line")
		}
		parts = append(parts, s.amber.on(text))
	}
	return strings.Join(append(parts, s.dim.on(count(len(p.shown), "line"))), "  ")
}

// Render draws the lines, and below them more of the one at the cursor where
// there is more to it.
func (p *logs) Render(width, height int, now time.Time, focus bool) []string {
	if len(p.shown) == 0 {
		text := "Nothing was printed."
		switch {
		case p.search != "" || p.level > 0:
			text = "No line passes. L shows all levels, esc any text."
		case p.trace != "":
			text = "The trace printed nothing. esc goes back to it."
		}
		return message(p.style.dim, text, width)
	}
	detail := p.detail(width)
	if focus && height > 10 && len(detail) > 0 {
		detail = detail[:min(len(detail), height/2)]
	} else {
		detail = nil
	}
	out := make([]string, 0, height)
	from, to := p.window(len(p.shown), height-len(detail))
	for i := from; i < to; i++ {
		text := p.line(p.all[p.shown[i]], width-2)
		out = append(out, cursorLine(p.style, text, width, i == p.cursor, focus))
	}
	for len(out) < height-len(detail) {
		out = append(out, "")
	}
	return append(out, detail...)
}

func (p *logs) line(l inspect.LogLine, width int) string {
	s := p.style
	who := ""
	if p.scope.ref.IsZero() || p.trace != "" {
		who = fit(middle(plain(l.Object), 20), 20) + "  "
		if l.Object == "" {
			who = s.dim.on(fit("Worker", 20)) + "  "
		}
	}
	left := s.dim.on(clock(l.At)) + " " + levelMark(s, l) + " " + who + levelPaint(s, l.Level).on(plain(l.Text))
	return ends(cut(left, width), s.dim.on(plain(l.Place)), width)
}

func levelPaint(s styles, level string) paint {
	switch level {
	case "error":
		return s.red
	case "warn":
		return s.amber
	case "debug":
		return s.dim
	}
	return ""
}

func levelMark(s styles, l inspect.LogLine) string {
	word := fit(l.Level, 5)
	if l.Kind == "uncaught" {
		word = "throw"
	}
	if paint := levelPaint(s, l.Level); paint != "" {
		return paint.on(word)
	}
	return s.dim.on(word)
}

// detail is the whole text of the line at the cursor, its stack and the source
// around its place.
func (p *logs) detail(width int) []string {
	l, ok := p.Selected()
	if !ok || l.Stack == "" && l.Excerpt == "" && !strings.Contains(l.Text, "\n") && len(l.Text) < width-40 {
		return nil
	}
	s := p.style
	out := []string{rule(s, l.Place, width)}
	for _, text := range strings.Split(l.Text, "\n") {
		for _, part := range folded(plain(text), width-2) {
			out = append(out, " "+levelPaint(s, l.Level).on(part))
		}
	}
	return append(out, faultLines(s, l.Stack, l.Excerpt)...)
}

// faultLines are where an error came from.
func faultLines(s styles, stack, excerpt string) []string {
	var out []string
	for _, text := range strings.Split(strings.TrimRight(stack, "\n"), "\n") {
		if text != "" {
			out = append(out, "   "+s.dim.on(plain(strings.TrimSpace(text))))
		}
	}
	for _, text := range strings.Split(strings.TrimRight(excerpt, "\n"), "\n") {
		if text == "" {
			continue
		}
		look := s.dim
		if strings.HasPrefix(strings.TrimSpace(text), ">") {
			look = ""
		}
		out = append(out, "   "+look.on(plain(strings.ReplaceAll(text, "\t", "  "))))
	}
	return out
}

// mostCopied is how much text is put on the clipboard: terminals take no more.
const mostCopied = 64 << 10

// Copied are the lines that are shown, the latest when there are too many.
func (p *logs) Copied() (text string, lines int) {
	var parts []string
	size := 0
	for i := len(p.shown) - 1; i >= 0; i-- {
		part := copied(p.all[p.shown[i]])
		if size += len(part) + 1; size > mostCopied {
			break
		}
		parts = append(parts, part)
	}
	slices.Reverse(parts)
	return strings.Join(parts, "\n"), len(parts)
}

// copied is what a line is on the clipboard.
func copied(l inspect.LogLine) string {
	text := fmt.Sprintf("%s %s %s %s", l.At.UTC().Format(time.RFC3339Nano), l.Level, l.Object, l.Text)
	if l.Stack != "" {
		text += "\n" + l.Stack
	}
	return text
}
