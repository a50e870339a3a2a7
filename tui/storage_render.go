package tui

import (
	"fmt"
	"strings"
	"time"
)

var storageColumns = []column{
	{title: "KEY", width: 12, grow: 2},
	{title: "TYPE", width: 10, drop: 1},
	{title: "VALUE", width: 10, grow: 3},
	{title: "SIZE", width: 7, right: true, drop: 2},
}

// mostBytes is how many of a value's bytes a row shows.
const mostBytes = 48

// Render draws the keys, and below them the value of the one at the cursor.
func (p *storage) Render(width, height int, now time.Time, focus bool) []string {
	switch {
	case p.problem != "":
		return message(p.style.red, p.problem, width)
	case !p.loaded:
		return message(p.style.dim, "reading …", width)
	case len(p.rows) == 0 && p.search != "":
		return message(p.style.dim, "No key or value has that text in it. esc shows all.", width)
	case len(p.rows) == 0:
		return message(p.style.dim, "No keys. n adds one.", width)
	}
	value := p.value(width, now)
	below := 0
	if height > 8 {
		below = max(3, min(len(value)+1, height/2))
	}
	out := p.keys(width, height-below, now, focus)
	if below == 0 {
		return out
	}
	for len(out) < height-below {
		out = append(out, "")
	}
	p.lines, p.room = len(value), below-1
	p.scrollValue(0)
	note := ""
	if p.lines > p.room {
		note = fmt.Sprintf("lines %d–%d of %d  [ ]", p.top+1, min(p.lines, p.top+p.room), p.lines)
	}
	out = append(out, rule(p.style, note, width))
	return append(out, value[p.top:min(p.lines, p.top+p.room)]...)
}

// message is a pane that has nothing but words.
func message(paint paint, text string, width int) []string {
	out := []string{""}
	for _, l := range folded(plain(text), width-4) {
		out = append(out, "  "+paint.on(l))
	}
	return out
}

// rule is a line that parts a pane in two.
func rule(s styles, note string, width int) string {
	if note != "" {
		note = " " + note + " "
	}
	note = cut(note, width-2)
	return s.faint.on(strings.Repeat("─", max(0, width-len([]rune(note))-1))) + s.dim.on(note) + s.faint.on("─")
}

func (p *storage) keys(width, height int, now time.Time, focus bool) []string {
	widths := layout(storageColumns, width-2)
	out := []string{" " + p.style.dim.on(head(storageColumns, widths))}
	from, to := p.window(len(p.rows), height-1)
	for i := from; i < to; i++ {
		text := line(storageColumns, widths, p.cells(p.rows[i])) + " "
		here := i == p.cursor
		if c, ok := p.changes[p.rows[i].key()]; ok && now.Sub(c.at) < flashes && !(here && focus) {
			text, here = p.style.flash.under(text), false
		}
		out = append(out, cursorLine(p.style, text, width, here, focus))
	}
	return out
}

func (p *storage) cells(r row) []string {
	if r.group != nil {
		return []string{
			p.style.accent.on("▸ ") + plain(strings.TrimPrefix(r.group.Prefix, p.prefix)),
			p.style.dim.on(count(r.group.Count, "key")), "", size(r.group.SizeBytes),
		}
	}
	key := plain(r.entry.Key)
	if p.prefix != "" {
		rest := plain(strings.TrimPrefix(r.entry.Key, p.prefix))
		key = p.style.dim.on(plain(p.prefix)) + rest
	}
	value, isBytes := r.entry.Hex(mostBytes)
	if !isBytes {
		value = entryInline(p.style, r.entry)
	}
	return []string{key, p.style.dim.on(plain(r.entry.Type)), value, size(r.entry.SizeBytes)}
}

// value is what is below: the value of the row, and what last became of it.
func (p *storage) value(width int, now time.Time) []string {
	r, _ := p.Selected()
	if r.group != nil {
		return []string{" " + p.style.dim.on(fmt.Sprintf("%s beginning with ", count(r.group.Count, "key"))) + plain(r.group.Prefix)}
	}
	c, changed := p.changes[r.entry.Key]
	var lines []string
	if p.diff && changed {
		lines = difference(p.style, entryLines(p.style, c.Before, width-4), entryLines(p.style, c.After, width-4))
	} else {
		lines = p.writtenOut(r.entry, width-2)
	}
	if changed {
		lines = append([]string{p.changed(c, now)}, lines...)
	}
	out := make([]string, 0, len(lines))
	for _, l := range lines {
		out = append(out, " "+cut(l, width-2))
	}
	return out
}

// changed says when and by what a value changed, and what it was.
func (p *storage) changed(c change, now time.Time) string {
	s := p.style
	text := s.dim.on("changed "+agoWords(c.at, now)+" by ") + plain(c.by)
	switch {
	case p.diff:
		return text + s.dim.on("  ·  before and after, d shows the value")
	case c.Before == nil:
		return text + s.dim.on("  ·  was not there")
	}
	return text + s.dim.on("  ·  was ") + entryInline(s, c.Before)
}

// agoWords is ago within a sentence.
func agoWords(at, now time.Time) string {
	if text := ago(at, now); text != "now" {
		return text + " ago"
	}
	return "just now"
}
