package tui

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// mostRows is how many rows of a table are shown that differ.
const mostRows = 200

// contrastLines show what differs between two states of an object: what came
// with +, what went with -, and what changed with ~, before and after.
func contrastLines(s styles, c inspect.Contrast, width int) []string {
	w := contrastWriter{style: s, width: width}
	w.contrast(c, "")
	if a := c.Alarm; a != nil {
		w.change("", "alarm", w.alarm(a.Before), w.alarm(a.After))
	}
	for _, f := range c.Facets {
		w.add("", s.dim.on("facet ")+s.strong.on(plain(f.Facet)))
		w.contrast(f.Contrast, "  ")
	}
	if c.More {
		w.add("", s.dim.on("… and more than is shown"))
	}
	return w.lines
}

type contrastWriter struct {
	style styles
	width int
	lines []string
}

func (w *contrastWriter) add(indent, text string) {
	w.lines = append(w.lines, cut(" "+indent+text, w.width))
}

// alarm is when one is set to, "" for none.
func (w *contrastWriter) alarm(at *time.Time) string {
	if at == nil {
		return ""
	}
	return w.style.accent.on(at.Local().Format("2006-01-02 15:04:05.000"))
}

// change shows something on one line; "" is nothing.
func (w *contrastWriter) change(indent, name, before, after string) {
	s := w.style
	switch {
	case before == "":
		w.add(indent, s.green.on("+ ")+plain(name)+"  "+after)
	case after == "":
		w.add(indent, s.red.on("- ")+plain(name)+"  "+before)
	default:
		w.add(indent, s.amber.on("~ ")+plain(name)+"  "+before+s.dim.on(" → ")+after)
	}
}

func (w *contrastWriter) contrast(c inspect.Contrast, indent string) {
	for _, d := range c.Keys {
		w.key(d, indent)
	}
	for _, t := range c.Tables {
		w.table(t, indent)
	}
}

// key shows what became of a key: on one line where that has room, else line by
// line.
func (w *contrastWriter) key(d inspect.Diff, indent string) {
	s := w.style
	before, after := "", ""
	if d.Before != nil {
		before = entryInline(s, d.Before)
	}
	if d.After != nil {
		after = entryInline(s, d.After)
	}
	if d.Before == nil || d.After == nil || ansi.StringWidth(indent+d.Key+before+after)+9 <= w.width {
		w.change(indent, d.Key, before, after)
		return
	}
	room := w.width - len(indent) - 6
	lines := difference(s, entryLines(s, d.Before, room), entryLines(s, d.After, room))
	w.add(indent, s.amber.on("~ ")+plain(d.Key))
	for _, l := range hunks(s, lines) {
		w.add(indent+"    ", l)
	}
}

// around is how many lines that stayed are shown beside those that changed.
const around = 2

// hunks leaves out of a difference what is far from any change.
func hunks(s styles, lines []string) []string {
	near := make([]bool, len(lines))
	for i, l := range lines {
		if strings.HasPrefix(l, "  ") {
			continue
		}
		for j := max(0, i-around); j <= min(len(lines)-1, i+around); j++ {
			near[j] = true
		}
	}
	var out []string
	for i, l := range lines {
		switch {
		case near[i]:
			out = append(out, l)
		case i == 0 || near[i-1]:
			out = append(out, s.faint.on("  ⋮"))
		}
	}
	return out
}

// table shows the rows of a table that differ.
func (w *contrastWriter) table(t inspect.TableDiff, indent string) {
	s := w.style
	head := s.dim.on("table ") + s.strong.on(plain(t.Table))
	if t.Change != "" {
		head += s.dim.on("  " + plain(t.Change))
	}
	w.add(indent, head)
	indent += "  "
	was := t.Columns
	if len(t.Was) > 0 {
		was = t.Was
	}
	changed := map[int]int{} // a row of those added, by one of those removed
	paired := map[int]bool{}
	for _, pair := range t.Changed {
		changed[pair[0]], paired[pair[1]] = pair[1], true
	}
	shown := 0
	room := func() bool { shown++; return shown <= mostRows }
	for i, row := range t.Removed {
		if !room() {
			break
		}
		if j, ok := changed[i]; ok && j < len(t.Added) {
			w.add(indent, s.amber.on("~ ")+w.rowChange(t, was, row, t.Added[j]))
			continue
		}
		w.add(indent, s.red.on("- ")+w.row(was, row))
	}
	for j, row := range t.Added {
		if paired[j] || !room() {
			continue
		}
		w.add(indent, s.green.on("+ ")+w.row(t.Columns, row))
	}
	if shown > mostRows {
		w.add(indent, s.dim.on("… and "+count(shown-mostRows, "row")+" more"))
	}
}

// values are those of a row.
func values(row string) []json.RawMessage {
	var out []json.RawMessage
	_ = json.Unmarshal([]byte(row), &out) // what is no row has none
	return out
}

// row is a row on one line, each value after its column.
func (w *contrastWriter) row(columns []string, row string) string {
	var parts []string
	for i, v := range values(row) {
		parts = append(parts, w.value(columns, i, v))
	}
	return strings.Join(parts, w.style.faint.on(" · "))
}

func (w *contrastWriter) value(columns []string, i int, v json.RawMessage) string {
	name := ""
	if i < len(columns) {
		name = w.style.dim.on(plain(columns[i])) + " "
	}
	return name + w.cell(v)
}

// cell is a value of a row.
func (w *contrastWriter) cell(v json.RawMessage) string {
	if string(v) == "null" {
		return w.style.dim.on("NULL")
	}
	return jsonInline(w.style, v)
}

// rowChange is a row before and after: what tells it from others, and what is
// not as it was.
func (w *contrastWriter) rowChange(t inspect.TableDiff, was []string, before, after string) string {
	left, right := values(before), values(after)
	var parts []string
	for i, v := range right {
		name := ""
		if i < len(t.Columns) {
			name = t.Columns[i]
		}
		at := slices.Index(was, name)
		same := at >= 0 && at < len(left) && string(left[at]) == string(v)
		switch {
		case same && slices.Contains(t.Key, i):
			parts = append(parts, w.value(t.Columns, i, v))
		case same:
		case at < 0 || at >= len(left):
			parts = append(parts, w.value(t.Columns, i, v))
		default:
			parts = append(parts, w.style.dim.on(plain(name))+" "+w.cell(left[at])+w.style.dim.on(" → ")+w.cell(v))
		}
	}
	return strings.Join(parts, w.style.faint.on(" · "))
}
