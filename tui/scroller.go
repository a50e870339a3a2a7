package tui

import "fmt"

// A scroller is how far lines are scrolled that have less room than they take.
type scroller struct {
	top, lines, room int
}

func (p *scroller) scroll(by int) { p.top = max(0, min(p.top+by, p.lines-p.room)) }

// press scrolls by a key, and says whether it was one that scrolls.
func (p *scroller) press(key string) bool {
	switch key {
	case "]", "shift+down":
		p.scroll(1)
	case "[", "shift+up":
		p.scroll(-1)
	default:
		return false
	}
	return true
}

// show gives the lines that are in sight in a height, and says which they are
// where not all of them are.
func (p *scroller) show(lines []string, height int) (shown []string, note string) {
	p.lines, p.room = len(lines), max(0, height)
	p.scroll(0)
	to := min(p.lines, p.top+p.room)
	if p.lines > p.room {
		note = fmt.Sprintf("lines %d–%d of %d  [ ]", p.top+1, to, p.lines)
	}
	return lines[p.top:to], note
}

// drawn remembers the lines of something that is long, as long as it is drawn in
// the same width.
type drawn struct {
	what  string
	width int
	text  []string
}

func (d *drawn) lines(what string, width int, draw func() []string) []string {
	if d.text == nil || d.what != what || d.width != width {
		*d = drawn{what, width, draw()}
	}
	return d.text
}
