package tui

import (
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// commits lists what was written to an object, the latest first, and below it
// what the commit at the cursor changed.
type commits struct {
	list
	style styles

	history inspect.History
	loaded  bool
	problem string
	aim     time.Time // of the commit to go to, once there are any

	changes map[string]inspect.Contrast // by bookmark, of those that were looked at
	failed  map[string]string           // why others could not be
	weight  int                         // of what is remembered, in bytes
	drawn   drawn
	detail  scroller
}

// commitsAsked is how many commits are asked for at first, and more each time
// the cursor comes near the last of them.
const commitsAsked = 200

// changesKept is how much is remembered of what commits changed: of so many
// commits, and so many bytes of values and rows.
const (
	changesKept      = 500
	changesKeptBytes = 32 << 20
)

// changesShown is how many keys and rows of a commit are asked for.
const changesShown = 500

// Clear forgets the object that was shown.
func (p *commits) Clear() {
	*p = commits{style: p.style, changes: map[string]inspect.Contrast{}, failed: map[string]string{}}
}

// Aim has the cursor go to the commit that was made nearest to a time.
func (p *commits) Aim(at time.Time) { p.aim = at }

// aimed is the commit that was aimed at.
func (p *commits) aimed() (nearest int) {
	for i, c := range p.history.Commits {
		if c.At.Sub(p.aim).Abs() < p.history.Commits[nearest].At.Sub(p.aim).Abs() {
			nearest = i
		}
	}
	return nearest
}

// Set shows these commits. The cursor stays on the one it was on, unless it was
// on the latest.
func (p *commits) Set(h inspect.History) {
	at, ok := p.Selected()
	latest := p.cursor == 0
	p.history, p.loaded, p.problem = h, true, ""
	if !p.aim.IsZero() {
		if p.cursor = p.aimed(); !h.More || p.cursor < len(h.Commits)-1 {
			p.aim = time.Time{} // else it lies among those that are yet to come
		}
		return
	}
	if !ok || latest {
		p.cursor = 0
		return
	}
	for i, c := range h.Commits {
		if c.Bookmark == at.Bookmark {
			p.cursor = i
			return
		}
	}
	p.cursor = within(p.cursor, len(h.Commits))
}

// Fail says why there are none.
func (p *commits) Fail(problem string) {
	p.history, p.loaded, p.problem = inspect.History{}, true, problem
}

// Limit is how many commits to ask for: those that are here, and more where the
// cursor comes near their end.
func (p *commits) Limit() int {
	limit := max(commitsAsked, len(p.history.Commits))
	if p.Hungry() {
		limit += 5 * commitsAsked
	}
	return limit
}

// Hungry says whether the cursor comes near the end of the commits that are here
// and there are more.
func (p *commits) Hungry() bool {
	return p.loaded && p.history.More && p.cursor > len(p.history.Commits)-50
}

// Selected is the commit at the cursor.
func (p *commits) Selected() (inspect.Commit, bool) {
	if len(p.history.Commits) == 0 {
		return inspect.Commit{}, false
	}
	return p.history.Commits[within(p.cursor, len(p.history.Commits))], true
}

// Unknown is the commit at the cursor, if what it changed is yet to be asked for.
func (p *commits) Unknown() (inspect.Commit, bool) {
	c, ok := p.Selected()
	_, known := p.changes[c.Bookmark]
	_, failed := p.failed[c.Bookmark]
	return c, ok && !known && !failed
}

// Changed tells what a commit changed, or why that cannot be told.
func (p *commits) Changed(bookmark string, c inspect.Contrast, err error) {
	if len(p.changes)+len(p.failed) >= changesKept || p.weight > changesKeptBytes {
		clear(p.changes)
		clear(p.failed)
		p.weight = 0
	}
	if err != nil {
		p.failed[bookmark] = explain(err)
		return
	}
	p.changes[bookmark] = c
	p.weight += weight(c)
}

// weight is roughly how many bytes a contrast takes.
func weight(c inspect.Contrast) (n int) {
	for _, d := range c.Keys {
		for _, e := range []*inspect.Entry{d.Before, d.After} {
			if e != nil {
				n += len(e.Value)
			}
		}
	}
	for _, t := range c.Tables {
		for _, row := range append(t.Removed[:len(t.Removed):len(t.Removed)], t.Added...) {
			n += len(row)
		}
	}
	for _, f := range c.Facets {
		n += weight(f.Contrast)
	}
	return n
}

// Press moves the cursor, or scrolls what is below.
func (p *commits) Press(key string) bool {
	if p.detail.press(key) {
		return true
	}
	if !p.press(key, len(p.history.Commits)) {
		return false
	}
	p.detail.top = 0
	return true
}

// Title says how many there are, and how far back they go.
func (p *commits) Title() string {
	if !p.loaded || p.problem != "" {
		return p.style.dim.on("commits")
	}
	text := count(len(p.history.Commits), "commit")
	switch {
	case p.history.More:
		text = "the last " + text
	case !p.history.Complete:
		text += " since " + p.history.Begins.Local().Format("2006-01-02 15:04")
	}
	return p.style.dim.on(text)
}

var commitColumns = []column{
	{title: "AGO", width: 5},
	{title: "TIME", width: 12, drop: 2},
	{title: "KIND", width: 7},
	{title: "CHANGED", width: 7, right: true},
	{title: "STORED", width: 7, right: true, drop: 3},
	{title: "BOOKMARK", width: 17, grow: 1, drop: 1},
}

// Render draws the commits, and below them what the one at the cursor changed.
func (p *commits) Render(width, height int, now time.Time, focus bool) []string {
	switch {
	case p.problem != "":
		return message(p.style.red, p.problem, width)
	case !p.loaded:
		return message(p.style.dim, "reading …", width)
	case len(p.history.Commits) == 0:
		return message(p.style.dim, "Nothing was written since its history begins. Commits appear as they are made.", width)
	}
	below := p.below(width, now)
	room := 0
	if height > 8 {
		room = height / 2 // whatever is below, so that the commits stay where they are
	}
	widths := layout(commitColumns, width-2)
	out := []string{" " + p.style.dim.on(head(commitColumns, widths))}
	from, to := p.window(len(p.history.Commits), height-room-1)
	for i := from; i < to; i++ {
		text := line(commitColumns, widths, p.cells(p.history.Commits[i], now)) + " "
		out = append(out, cursorLine(p.style, text, width, i == p.cursor, focus))
	}
	if room == 0 {
		return out
	}
	for len(out) < height-room {
		out = append(out, "")
	}
	shown, note := p.detail.show(below, room-1)
	return append(append(out, rule(p.style, note, width)), shown...)
}

func (p *commits) cells(c inspect.Commit, now time.Time) []string {
	s := p.style
	kind := s.dim.on(string(c.Kind))
	if c.Kind != inspect.Written {
		kind = s.amber.on(string(c.Kind))
	}
	return []string{ago(c.At, now), s.dim.on(clock(c.At)), kind, size(c.BytesChanged), s.dim.on(size(c.SizeBytes)), s.dim.on(shortMark(c.Bookmark))}
}

// shortMark is what tells a bookmark from others of the object.
func shortMark(bookmark string) string { return bookmark[:min(17, len(bookmark))] }

// below is what the commit at the cursor is, and what it changed.
func (p *commits) below(width int, now time.Time) []string {
	s := p.style
	c, _ := p.Selected()
	head := ""
	if c.Bookmark == p.history.Commits[0].Bookmark {
		head = "what is stored now  ·  "
	}
	head += string(c.Kind) + " " + agoWords(c.At, now) + "  ·  " + c.At.Local().Format("2006-01-02 15:04:05.000") + "  ·  " + size(c.BytesChanged) + " in " + count(c.Pages, "page")
	out := []string{" " + s.dim.on(cut(head, width-2))}
	changes, known := p.changes[c.Bookmark]
	switch {
	case p.failed[c.Bookmark] != "":
		return append(out, message(s.red, p.failed[c.Bookmark], width)[1:]...)
	case !known:
		return append(out, " "+s.dim.on("reading what it changed …"))
	case changes.None():
		return append(out, " "+s.dim.on("No key, row or alarm is other than before."))
	}
	return append(out, p.drawn.lines(c.Bookmark, width, func() []string { return contrastLines(s, changes, width-1) })...)
}
