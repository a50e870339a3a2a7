package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// snapshots lists what was kept, the latest first, and beside it what the one at
// the cursor has, or how it differs from what is stored now.
type snapshots struct {
	list
	style styles

	rows    []inspect.Kept
	loaded  bool
	problem string

	diff   bool // it is compared with what is stored now
	shown  string
	has    *inspect.Contents    // of the one that is shown, nil before it is known
	differ *inspect.Differences // likewise
	failed string
	drawn  drawn
	detail scroller
}

// Clear forgets all.
func (p *snapshots) Clear() { *p = snapshots{style: p.style} }

// Set shows these snapshots.
func (p *snapshots) Set(rows []inspect.Kept) {
	at, ok := p.Selected()
	p.rows, p.loaded, p.problem = rows, true, ""
	if i := slices.IndexFunc(rows, func(k inspect.Kept) bool { return k.Name == at.Name }); ok && i >= 0 {
		p.cursor = i
	}
	p.cursor = within(p.cursor, len(rows))
}

// Choose has the cursor on a snapshot, once it is listed.
func (p *snapshots) Choose(name string) {
	if i := slices.IndexFunc(p.rows, func(k inspect.Kept) bool { return k.Name == name }); i >= 0 {
		p.cursor = i
	}
}

// Fail says why there are none.
func (p *snapshots) Fail(problem string) { p.rows, p.loaded, p.problem = nil, true, problem }

// Selected is the snapshot at the cursor.
func (p *snapshots) Selected() (inspect.Kept, bool) {
	if len(p.rows) == 0 {
		return inspect.Kept{}, false
	}
	return p.rows[within(p.cursor, len(p.rows))], true
}

// Forget has what is beside the list asked for anew.
func (p *snapshots) Forget() {
	p.shown, p.has, p.differ, p.failed, p.detail, p.drawn = "", nil, nil, "", scroller{}, drawn{}
}

// Show prepares for what belongs beside the list, and says whether that is yet to
// be asked for.
func (p *snapshots) Show() (k inspect.Kept, asks bool) {
	k, ok := p.Selected()
	if k.Name != p.shown {
		p.Forget()
		p.shown = k.Name
	}
	if !ok || k.Problem != "" || p.failed != "" {
		return k, false
	}
	if p.diff {
		return k, p.differ == nil
	}
	return k, p.has == nil
}

// Press moves the cursor, or scrolls what is beside.
func (p *snapshots) Press(key string) bool {
	return p.detail.press(key) || p.press(key, len(p.rows))
}

var snapshotColumns = []column{
	{title: "NAME", width: 16, grow: 2},
	{title: "AGO", width: 4},
	{title: "OF", width: 13, grow: 1, drop: 1},
	{title: "OBJECTS", width: 7, right: true, drop: 2},
	{title: "SIZE", width: 7, right: true},
}

// Render draws the list; of tells what a snapshot is of.
func (p *snapshots) Render(width, height int, now time.Time, of func(inspect.Kept) string) []string {
	switch {
	case p.problem != "":
		return message(p.style.red, p.problem, width)
	case !p.loaded:
		return message(p.style.dim, "reading …", width)
	case len(p.rows) == 0:
		return message(p.style.dim, "Nothing was kept yet. s keeps what is stored, to go back to it or compare with it later.", width)
	}
	widths := layout(snapshotColumns, width-2)
	out := []string{" " + p.style.dim.on(head(snapshotColumns, widths))}
	from, to := p.window(len(p.rows), height-1)
	for i := from; i < to; i++ {
		text := line(snapshotColumns, widths, p.cells(p.rows[i], now, of)) + " "
		out = append(out, cursorLine(p.style, text, width, i == p.cursor, true))
	}
	return out
}

func (p *snapshots) cells(k inspect.Kept, now time.Time, of func(inspect.Kept) string) []string {
	s := p.style
	if k.Problem != "" {
		return []string{plain(k.Name), "", s.red.on("damaged"), "", ""}
	}
	return []string{plain(k.Name), ago(k.At, now), s.dim.on(of(k)), fmt.Sprint(k.Objects), size(k.Bytes)}
}

// DetailTitle is what is beside the list.
func (p *snapshots) DetailTitle() string {
	k, ok := p.Selected()
	switch {
	case !ok:
		return ""
	case p.diff:
		return plain(k.Name) + p.style.dim.on(" and now")
	}
	return plain(k.Name)
}

// Detail draws what is beside the list, and says which lines are in sight where
// not all of them are.
func (p *snapshots) Detail(width, height int, now time.Time) (lines []string, note string) {
	s := p.style
	k, ok := p.Selected()
	switch {
	case !ok:
		return nil, ""
	case k.Problem != "":
		return message(s.red, k.Problem, width), ""
	case p.failed != "":
		return message(s.red, p.failed, width), ""
	case p.diff && p.differ == nil:
		return message(s.dim, "comparing with what is stored now …", width), ""
	case p.diff:
		return p.detail.show(p.drawn.lines("diff", width, func() []string { return p.differences(width) }), height)
	case p.has == nil:
		return message(s.dim, "reading …", width), ""
	}
	taken := "taken " + agoWords(p.has.At, now) + "  ·  " + p.has.At.Local().Format(time.DateTime)
	lines = p.drawn.lines("has", width, func() []string { return p.contents(width) })
	return p.detail.show(append([]string{" " + s.dim.on(taken)}, lines...), height)
}

var keptColumns = []column{
	{title: "OBJECT", width: 14, grow: 1},
	{title: "STORED", width: 7, right: true},
	{title: "ALARM", width: 19, drop: 1},
}

// contents are the objects that the snapshot has.
func (p *snapshots) contents(width int) []string {
	s := p.style
	widths := layout(keptColumns, width-2)
	out := []string{"", " " + s.dim.on(head(keptColumns, widths))}
	for _, o := range p.has.Has {
		alarm := ""
		if o.Alarm != nil {
			alarm = s.dim.on(o.Alarm.Local().Format(time.DateTime))
		}
		out = append(out, " "+line(keptColumns, widths, []string{plain(o.Object), size(o.Bytes), alarm}))
	}
	if len(p.has.Has) == 0 {
		out = append(out, " "+s.dim.on("No object was stored."))
	}
	return out
}

// differences are what is stored now beside what the snapshot has.
func (p *snapshots) differences(width int) []string {
	s := p.style
	if len(p.differ.Objects) == 0 {
		return message(s.dim, "Nothing differs from what is stored now.", width)
	}
	out := []string{" " + s.dim.on("what is only in the snapshot has ") + s.red.on("-") + s.dim.on(", what is only stored now ") + s.green.on("+")}
	for _, o := range p.differ.Objects {
		head := " " + changeMark(s, o.Change) + s.strong.on(plain(o.Object))
		if o.Change != "changed" {
			head += s.dim.on("  " + plain(o.Change) + " since")
		}
		out = append(out, "", cut(head, width))
		for _, l := range contrastLines(s, o.Contrast, width-2) {
			out = append(out, "  "+l)
		}
	}
	if p.differ.More {
		out = append(out, "", " "+s.dim.on("… and more differs than is shown"))
	}
	return out
}

// changeMark is what became of an object, in two cells.
func changeMark(s styles, change string) string {
	switch change {
	case "added":
		return s.green.on("+ ")
	case "removed":
		return s.red.on("- ")
	}
	return s.amber.on("~ ")
}

// drawSnapshots draws the page: on a wide screen what the snapshot has is at the
// right of the list, else below it.
func (m *model) drawSnapshots(width, height int) []string {
	s, p := m.style, &m.snaps
	title := "Snapshots"
	foot := s.dim.on("in " + plain(m.shorter(m.project.SnapshotDir())))
	draw := func(width, height int) []string {
		lines := p.Render(width-2, height-2, m.now, m.keptOf)
		f := frame{title: title, note: foot, focus: true, top: p.top, shown: p.list.height, all: len(p.rows)}
		return f.draw(s, lines, width, height)
	}
	beside := func(width, height int) []string {
		lines, note := p.Detail(width-2, height-2, m.now)
		f := frame{title: p.DetailTitle(), foot: s.dim.on(note)}
		return f.draw(s, lines, width, height)
	}
	if m.wide() {
		left := max(46, min(width*11/25, 80))
		out := draw(left, height)
		for i, l := range beside(width-left, height) {
			out[i] += l
		}
		return out
	}
	upper := max(4, height*2/5)
	if height-upper < 4 {
		return draw(width, height)
	}
	return append(draw(width, upper), beside(width, height-upper)...)
}

// keptOf is what a snapshot is of, in a word.
func (m *model) keptOf(k inspect.Kept) string {
	if k.Whole {
		return "everything"
	}
	var names []string
	for _, key := range k.Namespaces {
		names = append(names, m.spaceOf(key))
	}
	text := strings.Join(names, ", ")
	if k.Part {
		return fmt.Sprintf("%d of %s", k.Objects, text)
	}
	return text
}

// spaceOf is how people write a namespace.
func (m *model) spaceOf(key string) string {
	for i := range m.objects.spaces {
		if ns := &m.objects.spaces[i]; ns.Key == key {
			return plain(m.objects.spaceName(ns))
		}
	}
	return plain(inspect.Unknown(key).Class)
}
