package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// flashes is how long a value that changed stays lit.
const flashes = 1500 * time.Millisecond

// storage lists the keys of an object in their order, with the value of the one
// at the cursor below. Keys with a prefix in common may be one row, which opens.
type storage struct {
	list
	style styles

	rows    []row
	more    bool // there are rows that were not asked for yet
	loaded  bool
	problem string // why nothing is there

	prefix  string // that was opened
	grouped string // what ends the prefixes that are one row each, "" for none
	search  string

	changes map[string]change
	diff    bool // show what the last change did
	top     int  // of the value, the first line in sight
	lines   int  // and how many it has
	room    int  // and are in sight

	text     []string       // a value, written out
	textOf   *inspect.Entry // whose it is: a large one takes its time
	textWide int            // for which width
}

// A row is a pair, or a prefix that stands for several.
type row struct {
	entry *inspect.Entry
	group *inspect.Group
}

func (r row) key() string {
	if r.group != nil {
		return r.group.Prefix
	}
	return r.entry.Key
}

// A change is what last happened to a key.
type change struct {
	inspect.Diff
	at time.Time
	by string
}

// pageSize is how many keys are asked for at a time.
const pageSize = 500

// Clear forgets what was shown, as another object will be.
func (p *storage) Clear() {
	*p = storage{style: p.style, changes: map[string]change{}}
}

// Query is what to ask for, from the beginning or for more.
func (p *storage) Query(more bool) inspect.KeyQuery {
	q := inspect.KeyQuery{Prefix: p.prefix, Search: p.search, Limit: pageSize}
	if p.loaded && !more {
		q.Limit = max(pageSize, len(p.rows)) // nobody is thrown back who has gone on
	}
	if p.search == "" {
		q.Group = p.grouped
	}
	if more && len(p.rows) > 0 {
		q.After = p.rows[len(p.rows)-1].key()
	}
	return q
}

// separator is what the keys' prefixes seem to end with.
func (p *storage) separator() string {
	colons, slashes := 0, 0
	for _, r := range p.rows {
		colons += strings.Count(r.key(), ":")
		slashes += strings.Count(r.key(), "/")
	}
	if slashes > colons {
		return "/"
	}
	return ":"
}

// Set shows a page: the first one, or one that goes on where the last ended.
func (p *storage) Set(page inspect.KeyPage, more bool) {
	at := ""
	if r, ok := p.Selected(); ok {
		at = r.key()
	}
	if !more {
		p.rows = nil
	}
	for i := range page.Entries {
		p.rows = append(p.rows, row{entry: &page.Entries[i]})
	}
	for i := range page.Groups {
		p.rows = append(p.rows, row{group: &page.Groups[i]})
	}
	slices.SortStableFunc(p.rows, func(a, b row) int { return strings.Compare(a.key(), b.key()) })
	p.more, p.loaded, p.problem = page.More, true, ""
	p.moveTo(at)
}

// Renew shows a page anew where nobody tells what became of it: what differs is
// lit.
func (p *storage) Renew(page inspect.KeyPage, at time.Time) {
	was, whole := map[string]*inspect.Entry{}, p.loaded && !p.more
	for _, r := range p.rows {
		if r.entry != nil {
			was[r.entry.Key] = r.entry
		}
	}
	p.Set(page, false)
	if !p.plainly() {
		return
	}
	for _, r := range p.rows {
		before, known := was[r.entry.Key]
		if known && before.Version != r.entry.Version || !known && whole {
			p.changes[r.entry.Key] = change{Diff: inspect.Diff{Key: r.entry.Key, Before: before, After: r.entry}, at: at, by: "another process"}
		}
	}
}

// Fail says why there are no keys.
func (p *storage) Fail(problem string) {
	p.rows, p.loaded, p.problem = nil, true, problem
}

// moveTo has the cursor on a key, if it is there.
func (p *storage) moveTo(key string) {
	i, ok := slices.BinarySearchFunc(p.rows, key, func(r row, key string) int { return strings.Compare(r.key(), key) })
	if ok || i < len(p.rows) && key != "" {
		p.cursor = i
	}
	p.cursor = within(p.cursor, len(p.rows))
}

// Apply follows what a turn stored. It says whether the keys must be asked for
// again, because the rows are not simply those keys.
func (p *storage) Apply(e inspect.StorageEvent, at time.Time) (again bool) {
	if e.All {
		p.rows, p.more = nil, false
	}
	for _, d := range e.Diffs {
		p.changes[d.Key] = change{Diff: d, at: at, by: e.By}
		if !p.plainly() || !strings.HasPrefix(d.Key, p.prefix) {
			continue
		}
		p.put(d)
	}
	return e.All || !p.plainly()
}

// plainly says whether the rows are the keys with the prefix, and nothing else.
func (p *storage) plainly() bool { return p.grouped == "" && p.search == "" }

func (p *storage) put(d inspect.Diff) {
	i, found := slices.BinarySearchFunc(p.rows, d.Key, func(r row, key string) int { return strings.Compare(r.key(), key) })
	switch {
	case d.After == nil && found:
		p.rows = slices.Delete(p.rows, i, i+1)
		if i < p.cursor {
			p.cursor--
		}
	case d.After == nil:
	case found:
		p.rows[i] = row{entry: d.After}
	case i == len(p.rows) && p.more:
		// beyond what was asked for
	default:
		p.rows = slices.Insert(p.rows, i, row{entry: d.After})
		if i <= p.cursor && len(p.rows) > 1 {
			p.cursor++
		}
	}
}

// Selected is the row of the cursor.
func (p *storage) Selected() (row, bool) {
	if len(p.rows) == 0 {
		return row{}, false
	}
	return p.rows[within(p.cursor, len(p.rows))], true
}

// Entry is the pair at the cursor, nil where there is none.
func (p *storage) Entry() *inspect.Entry {
	r, _ := p.Selected()
	return r.entry
}

// writtenOut is the value of an entry, on as many lines as it takes.
func (p *storage) writtenOut(e *inspect.Entry, width int) []string {
	if p.textOf != e || p.textWide != width {
		p.text, p.textOf, p.textWide = entryLines(p.style, e, width), e, width
	}
	return p.text
}

// Open goes into the prefix at the cursor, and says whether there is one.
func (p *storage) Open() bool {
	r, ok := p.Selected()
	if !ok || r.group == nil {
		return false
	}
	p.reset(r.group.Prefix)
	return true
}

// Back leaves a prefix, and says whether there was one to leave.
func (p *storage) Back() bool {
	if p.prefix == "" {
		return false
	}
	above := strings.TrimSuffix(p.prefix, p.grouped)
	was := p.prefix
	p.reset(above[:strings.LastIndex(above, p.grouped)+1])
	p.rows = []row{{group: &inspect.Group{Prefix: was}}} // to come back to
	return true
}

// Group has keys with a common prefix as one row, or not.
func (p *storage) Group() {
	if p.grouped == "" {
		p.grouped = p.separator()
	} else {
		p.grouped = ""
	}
	p.reset("")
}

// Search shows only pairs that have a text in their key or value.
func (p *storage) Search(text string) {
	p.search = text
	p.reset(p.prefix)
}

func (p *storage) reset(prefix string) {
	p.prefix, p.loaded, p.cursor, p.list.top, p.top = prefix, false, 0, 0, 0
}

// Press moves the cursor, or the value below.
func (p *storage) Press(key string) bool {
	switch key {
	case "]", "shift+down":
		p.scrollValue(1)
	case "[", "shift+up":
		p.scrollValue(-1)
	default:
		if !p.press(key, len(p.rows)) {
			return false
		}
		p.top = 0
	}
	return true
}

func (p *storage) scrollValue(by int) { p.top = max(0, min(p.top+by, p.lines-p.room)) }

// Hungry says whether the cursor comes near the end of the rows that are here
// and there are more.
func (p *storage) Hungry() bool { return p.loaded && p.more && p.cursor > len(p.rows)-100 }

// lit says whether something changed so lately that it is still lit.
func (p *storage) Lit(now time.Time) bool {
	for _, c := range p.changes {
		if now.Sub(c.at) < flashes {
			return true
		}
	}
	return false
}

// Title is the way to what is shown.
func (p *storage) Title() string {
	var parts []string
	if p.prefix != "" {
		parts = append(parts, p.style.accent.on(plain(p.prefix)))
	}
	if p.search != "" {
		parts = append(parts, p.style.accent.on("/"+plain(p.search)))
	}
	if p.loaded && p.problem == "" {
		n := fmt.Sprint(len(p.rows))
		if p.more {
			n += "+"
		}
		unit := "key"
		if p.grouped != "" && p.search == "" {
			unit = "row"
		}
		parts = append(parts, p.style.dim.on(strings.Replace(count(len(p.rows), unit), fmt.Sprint(len(p.rows)), n, 1)))
	}
	return strings.Join(parts, "  ")
}
