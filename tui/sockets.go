package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// framesKept is how many frames the tap remembers.
const framesKept = 500

// sockets lists connections: who is connected, and what they say. Below it the
// frames of the tap run through.
type sockets struct {
	list
	style styles

	rows    []inspect.Socket
	loaded  bool
	problem string
	single  bool // they are one object's, which need not be named

	tapped bool
	frames []inspect.Frame
	paused bool // what comes is kept, and not shown
	missed int  // frames that came since
	held   int  // of those, that were kept
}

// Clear forgets what was shown, as another scope will be; single says that it
// is one object.
func (p *sockets) Clear(single bool) { *p = sockets{style: p.style, single: single} }

// Set shows these sockets.
func (p *sockets) Set(rows []inspect.Socket) {
	at, here := p.Selected()
	p.rows, p.loaded, p.problem = rows, true, ""
	slices.SortStableFunc(p.rows, compareSockets)
	if here {
		p.moveTo(at)
	}
}

func compareSockets(a, b inspect.Socket) int {
	return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.Ref.ID, b.Ref.ID), cmp.Compare(a.ID, b.ID))
}

func (p *sockets) moveTo(s inspect.Socket) {
	i, found := slices.BinarySearchFunc(p.rows, s, compareSockets)
	if found {
		p.cursor = i
	}
}

// Put follows what became of a socket.
func (p *sockets) Put(s inspect.Socket) {
	i, found := slices.BinarySearchFunc(p.rows, s, compareSockets)
	switch {
	case s.State == inspect.SocketClosed && found:
		p.rows = slices.Delete(p.rows, i, i+1)
		if i < p.cursor {
			p.cursor--
		}
	case s.State == inspect.SocketClosed:
	case found:
		if s.Last == nil {
			s.Last = p.rows[i].Last
		}
		p.rows[i] = s
	default:
		p.rows = slices.Insert(p.rows, i, s)
		if i <= p.cursor && len(p.rows) > 1 {
			p.cursor++
		}
	}
}

// Fail says why there are none.
func (p *sockets) Fail(problem string) { p.loaded, p.problem = true, problem }

// Tap shows the frames that go by, or no longer.
func (p *sockets) Tap() { p.tapped, p.paused = !p.tapped, false }

// Pause holds the tap, or lets it go on.
func (p *sockets) Pause() {
	p.paused, p.missed, p.held = !p.paused, 0, 0
	p.frames = slices.Delete(p.frames, 0, max(0, len(p.frames)-framesKept))
}

// Frame is one that went by: the last message of its socket.
func (p *sockets) Frame(f inspect.Frame) {
	if len(p.frames) >= framesKept && !p.paused {
		p.frames = slices.Delete(p.frames, 0, framesKept/10)
	}
	if len(p.frames) < 4*framesKept { // what is held must stay, but not without end
		p.frames = append(p.frames, f)
		if p.paused {
			p.held++
		}
	}
	if p.paused {
		p.missed++
	}
	for i := range p.rows {
		if k := &p.rows[i]; k.Ref == f.Object && k.ID == f.Socket {
			k.Last = &f
		}
	}
}

// Selected is the socket at the cursor.
func (p *sockets) Selected() (inspect.Socket, bool) {
	if len(p.rows) == 0 {
		return inspect.Socket{}, false
	}
	return p.rows[within(p.cursor, len(p.rows))], true
}

// Press moves the cursor.
func (p *sockets) Press(key string) bool { return p.press(key, len(p.rows)) }

// socketColumns are all there are: those that would tell nothing are left out.
var socketColumns = []column{
	objectColumn: {title: "OBJECT", width: 14, grow: 1, drop: 3},
	{title: "ID", width: 3, right: true},
	{title: "STATE", width: 11},
	facetColumn:      {title: "FACET", width: 8, grow: 1, drop: 6},
	tagsColumn:       {title: "TAGS", width: 8, grow: 1, drop: 5},
	attachmentColumn: {title: "ATTACHMENT", width: 14, grow: 2, drop: 2},
	{title: "OUT", width: 5, right: true, drop: 4},
	{title: "BYTES", width: 6, right: true, drop: 7},
	{title: "IN", width: 5, right: true, drop: 4},
	{title: "BYTES", width: 6, right: true, drop: 7},
	{title: "OPEN", width: 5, right: true, drop: 8},
	{title: "LAST", width: 9, grow: 2, drop: 1},
	urlColumn: {title: "URL", width: 14, grow: 2, drop: 9},
}

// Places of columns that are not always there.
const (
	objectColumn     = 0
	facetColumn      = 3
	tagsColumn       = 4
	attachmentColumn = 5
	urlColumn        = 12
)

// columns are those that tell something of these sockets.
func (p *sockets) columns() []column {
	columns := slices.Clone(socketColumns)
	keep := func(place int, tells func(inspect.Socket) bool) {
		if !slices.ContainsFunc(p.rows, tells) {
			columns[place] = column{}
		}
	}
	keep(objectColumn, func(inspect.Socket) bool { return !p.single })
	keep(facetColumn, func(k inspect.Socket) bool { return k.Facet != "" })
	keep(tagsColumn, func(k inspect.Socket) bool { return len(k.Tags) > 0 })
	keep(attachmentColumn, func(k inspect.Socket) bool { return k.Hibernatable })
	return columns
}

// Render draws the sockets, and the tap below them.
func (p *sockets) Render(width, height int, now time.Time, focus bool) []string {
	switch {
	case p.problem != "":
		return message(p.style.red, p.problem, width)
	case !p.loaded:
		return message(p.style.dim, "reading …", width)
	case len(p.rows) == 0 && !p.tapped:
		return message(p.style.dim, "Nobody is connected.", width)
	}
	upper := height
	if p.tapped {
		upper = max(3, min(len(p.rows)+2, height/2))
	} else if height > 8 {
		upper = height - 4
	}
	columns := p.columns()
	widths := layout(columns, width-2)
	out := []string{" " + p.style.dim.on(head(columns, widths))}
	from, to := p.window(len(p.rows), upper-1)
	for i := from; i < to; i++ {
		text := line(columns, widths, p.cells(p.rows[i], now)) + " "
		out = append(out, cursorLine(p.style, text, width, i == p.cursor, focus))
	}
	for len(out) < upper && upper < height {
		out = append(out, "")
	}
	if p.tapped {
		return append(out, p.tap(width, height-len(out))...)
	}
	if upper < height {
		out = append(out, p.detail(width)...)
	}
	return out
}

func (p *sockets) cells(k inspect.Socket, now time.Time) []string {
	s := p.style
	state := s.green.on(string(k.State))
	switch {
	case k.State != inspect.SocketOpen:
		state = s.dim.on(string(k.State))
	case !k.Hibernatable:
		state += s.amber.on(", awake")
	}
	last := ""
	if k.Last != nil {
		last = arrow(s, *k.Last) + " " + frameText(s, *k.Last)
	}
	return []string{
		plain(k.Object), fmt.Sprint(k.ID), state, plain(k.Facet), plain(strings.Join(k.Tags, " ")), jsonInline(s, k.Attachment),
		fmt.Sprint(k.Sent), s.dim.on(size(k.SentBytes)), fmt.Sprint(k.Received), s.dim.on(size(k.ReceivedBytes)),
		s.dim.on(ago(k.Opened, now)), last, s.dim.on(plain(k.OpenedBy())),
	}
}

// detail is more of the socket at the cursor than its row has room for.
func (p *sockets) detail(width int) []string {
	k, ok := p.Selected()
	if !ok {
		return nil
	}
	s := p.style
	last := s.dim.on("nothing yet")
	if k.Last != nil {
		last = arrow(s, *k.Last) + " " + frameText(s, *k.Last) + "  " + s.dim.on(clock(k.Last.At))
	}
	holds := s.dim.on("holds ") + dash(jsonInline(s, k.Attachment))
	switch {
	case k.Outgoing:
		holds = s.amber.on("keeps its object in memory") + s.dim.on(", which has opened it to somebody else")
	case !k.Hibernatable:
		holds = s.amber.on("keeps its object in memory") + s.dim.on(": accept(), not ctx.acceptWebSocket()")
	}
	from := s.dim.on("url   ") + dash(plain(k.URL))
	if k.Facet != "" {
		from = s.dim.on("facet ") + plain(k.Facet) + s.dim.on("  url  ") + dash(plain(k.URL))
	}
	return []string{rule(s, "", width), " " + from, " " + holds, " " + s.dim.on("last  ") + last}
}
