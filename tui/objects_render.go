package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// remembered is how long the row of an object that goes on tells of an error.
const remembered = 5 * time.Minute

// graphWide is how many seconds the graph of a row shows.
const graphWide = 6

// objectColumns are the columns of the tree, and sortedBy what a click on the
// title of one sorts by.
var (
	objectColumns = []column{
		{title: "  NAME", width: shortNames, grow: 1},
		{title: "STATE", width: 10, drop: 1},
		{title: "", width: graphWide, drop: 5},
		{title: "REQ/S", width: 5, right: true, drop: 3},
		{title: "P50", width: 7, right: true, drop: 9},
		{title: "P99", width: 7, right: true, drop: 7},
		{title: "QUEUE", width: 5, right: true, drop: 8},
		{title: "STORED", width: 6, right: true, drop: 2},
		{title: "WS", width: 4, right: true, drop: 4},
		{title: "ALARM", width: 5, right: true, drop: 6},
		{title: "LAST ERROR", width: 24, grow: 1, drop: 10},
	}
	sortedBy = []order{byName, byLife, byRate, byRate, byLatency, byLatency, byQueue, bySize, bySockets, byAlarm, byError}
)

// How wide the column of names is at least: as wide as the names are, between
// these.
const (
	shortNames = 12
	longNames  = 26
)

// columns are those of the tree, with room for its names: as much as leaves some
// for what is going on.
func (p *objects) columns(width int) ([]column, []int) {
	columns := slices.Clone(objectColumns)
	for columns[0].width = p.nameWidth; ; columns[0].width-- {
		widths := layout(columns, width)
		if widths[rateColumn] > 0 || columns[0].width <= shortNames {
			return columns, widths
		}
	}
}

const rateColumn = 3

// widestName is the width that the longest name takes, with what stands before
// and behind it.
func (p *objects) widestName() int {
	widest := shortNames
	for _, n := range p.rows {
		name, beside := "", 6 // the indent, the mark and the sign of an error
		switch {
		case n.object != nil:
			name = objectName(n.object)
		case n.space != nil && !n.rest:
			name, beside = n.space.Class, 2
		}
		if len(name)+beside > widest { // it has no more cells than bytes
			widest = max(widest, ansi.StringWidth(name)+beside)
		}
		if widest >= longNames {
			return longNames
		}
	}
	return widest
}

// Render draws the tree: a line of titles, then rows.
func (p *objects) Render(width, height int, now time.Time, focus bool) []string {
	p.refresh()
	width -= 2 // the mark of the cursor, and a blank before the frame
	columns, widths := p.columns(width)
	out := []string{" " + p.titles(widths)}
	from, to := p.window(len(p.rows), height-1)
	for i := from; i < to; i++ {
		text := line(columns, widths, p.cells(p.rows[i], widths, now))
		out = append(out, cursorLine(p.style, text+" ", width+2, i == p.cursor, focus))
	}
	if len(p.all) == 0 && len(out) < height {
		out = append(out, "", "   "+p.style.dim.on("No objects yet. They appear with their first request."))
	} else if len(p.rows) == 1 && p.filter != "" {
		out = append(out, "", "   "+p.style.dim.on("Nothing matches. esc shows all."))
	}
	return out
}

// cursorLine marks the line of the cursor, also where there are no colours.
func cursorLine(s styles, text string, width int, here, focus bool) string {
	switch {
	case here && focus:
		return s.cursor.under(s.accent.on("▌") + fit(text, width-1))
	case here:
		return s.shadow.under(s.dim.on("▌") + fit(text, width-1))
	}
	return " " + text
}

// ClickTitle sorts by the column whose title is at a place of the first line,
// and says whether there is one.
func (p *objects) ClickTitle(x, width int) bool {
	_, widths := p.columns(width - 2)
	i := under(widths, x-1)
	if i < 0 {
		return false
	}
	p.Sort(sortedBy[i])
	return true
}

func (p *objects) titles(widths []int) string {
	titles := make([]string, len(objectColumns))
	marked := false
	for i, c := range objectColumns {
		titles[i] = p.style.dim.on(c.title)
		if sortedBy[i] == p.order && p.order != byLife && c.title != "" && !marked {
			titles[i], marked = p.style.accent.on(c.title), true
		}
	}
	return line(objectColumns, widths, titles)
}

func (p *objects) cells(n node, widths []int, now time.Time) []string {
	if n.object != nil {
		return p.objectCells(n, widths, now)
	}
	s := p.style
	name := s.strong.on("everything")
	paint := paint("")
	switch {
	case n.rest:
		mark := "▸"
		if p.opened[n.class] {
			mark = "▾"
		}
		name, paint = "  "+s.dim.on(mark+" "+count(n.sum.objects, "more")[:len(some(n.sum.objects))]+" stored"), s.dim
	case n.class != "":
		mark := "▾ "
		if p.folded[n.class] && p.filter == "" {
			mark = "▸ "
		}
		name = s.dim.on(mark) + s.strong.on(plain(p.spaceName(n.space)))
	}
	state := s.dim.on(count(n.sum.objects, "object"))
	switch {
	case n.rest:
		state = ""
	case n.sum.objects >= 1000: // the word has no room
		state = s.dim.on(some(n.sum.objects))
	}
	return []string{
		name, state, s.accent.on(spark(n.sum.history, graphWide)), rate(n.sum.rate), "", p.latency(n.sum.p99),
		s.amber.on(some(n.sum.queue)), paint.on(size(n.sum.bytes)), some(n.sum.sockets), s.dim.on(dueShort(n.sum.alarm, now)), "",
	}
}

// spaceName names a class, with its Worker when another has one of that name.
func (p *objects) spaceName(ns *inspect.Namespace) string {
	for i := range p.spaces {
		if other := &p.spaces[i]; other.Class == ns.Class && other.Key != ns.Key {
			return ns.Script + ":" + ns.Class
		}
	}
	return ns.Class
}

func (p *objects) objectCells(n node, widths []int, now time.Time) []string {
	s, o := p.style, n.object
	look := paint("")
	if o.State == inspect.Stored || o.State == inspect.Hibernated {
		look = s.dim
	}
	indent := "  "
	if n.deep {
		indent = "    "
	}
	room := widths[0] - len(indent) - 4
	name := look.on(p.highlight(middle(objectName(o), room)))
	if f := o.LastError; f != nil && o.State != inspect.Failed && now.Sub(f.At) < remembered {
		name += s.red.on(" !")
	}
	fault := ""
	if o.LastError != nil {
		fault = s.red.on(plain(o.LastError.Name + ": " + o.LastError.Message))
	}
	return []string{
		indent + mark(s, o) + " " + name, stateCell(s, o, now), s.accent.on(spark(o.Load.History, graphWide)), look.on(rate(o.Load.Rate)),
		p.latency(o.Load.P50Millis), p.latency(o.Load.P99Millis), s.amber.on(some(o.Load.Queue)),
		look.on(dash(stored(o.SizeBytes))), dash(some(o.Sockets)), dueShort(o.NextAlarm, now), fault,
	}
}

// highlight shows what the filter found in a name.
func (p *objects) highlight(name string) string {
	for _, word := range strings.Fields(strings.ToLower(p.filter)) {
		if i := strings.Index(strings.ToLower(name), word); i >= 0 && i+len(word) <= len(name) {
			return name[:i] + p.style.match.on(name[i:i+len(word)]) + name[i+len(word):]
		}
	}
	return name
}

// objectName is what an object is called within its class.
func objectName(o *inspect.Object) string {
	if o.Name != "" {
		return plain(o.Name)
	}
	return shortID(o.ID)
}

// shortID is enough of an id to know it again.
func shortID(id string) string {
	if len(id) < 12 {
		return id
	}
	return id[:8] + "…" + id[len(id)-2:]
}

// mark is a state in one cell. An object that is idle between two events runs,
// to the eye.
func mark(s styles, o *inspect.Object) string {
	switch o.State {
	case inspect.Running:
		return s.green.on("●")
	case inspect.Idle:
		if busy(o) {
			return s.green.on("●")
		}
		return "●"
	case inspect.Hibernated:
		return s.dim.on("◌")
	case inspect.Failed:
		return s.red.on("✗")
	}
	return s.faint.on("·")
}

// busy says whether something reached an object in the last seconds.
func busy(o *inspect.Object) bool { return o.Load.Rate > 0 }

func stateCell(s styles, o *inspect.Object, now time.Time) string {
	since := ""
	if !o.Since.IsZero() && now.Sub(o.Since) >= time.Second {
		since = " " + ago(o.Since, now)
	}
	switch o.State {
	case inspect.Running:
		return s.green.on("running")
	case inspect.Failed:
		return s.red.on("failed" + since)
	case inspect.Hibernated:
		return s.dim.on("hibernated")
	case inspect.Idle:
		if busy(o) {
			return "idle"
		}
		return "idle" + since
	}
	return s.faint.on(string(o.State))
}

func (p *objects) latency(millis float64) string {
	if millis == 0 {
		return ""
	}
	return took(time.Duration(millis * float64(time.Millisecond)))
}

// stored is how much there is, nothing for none.
func stored(bytes int64) string {
	if bytes == 0 {
		return ""
	}
	return size(bytes)
}

func dueShort(at *time.Time, now time.Time) string {
	if at == nil {
		return ""
	}
	if d := at.Sub(now); d > 0 {
		return ago(now.Add(-d), now)
	}
	return "due"
}
