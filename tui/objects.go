package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// objects is the tree of classes and objects. Of thousands it draws those in
// sight; it sorts and filters them anew only when something changed that the
// order depends on.
type objects struct {
	list
	style styles

	spaces []inspect.Namespace
	all    map[inspect.Ref]*inspect.Object
	load   inspect.Load

	folded map[string]bool // classes whose objects are not shown
	opened map[string]bool // classes whose merely stored objects are
	filter string
	order  order

	at      scope  // where the cursor is
	rows    []node // as they are shown
	stale   bool   // the rows must be made anew
	unadded bool   // what the classes tell must be, too

	nameWidth int // of the rows' names
}

// A scope is what the tabs are about: an object, a class when there is no
// object, everything when there is no class either.
type scope struct {
	class string // a namespace's key
	ref   inspect.Ref
	rest  bool // the row that stands for the stored objects of the class
}

// A node is a row of the tree.
type node struct {
	scope
	space  *inspect.Namespace
	object *inspect.Object
	sum    summary // of a class, or of everything
	deep   bool    // it lies below the row that stands for the stored ones
}

// A summary is what a row that stands for several objects tells of them.
type summary struct {
	objects, sockets int
	bytes            int64
	rate             float64
	history          []float64
	queue            int
	alarm            *time.Time
	p50, p99         float64
}

func (s *summary) add(o *inspect.Object) {
	s.objects++
	s.sockets += o.Sockets
	s.bytes += o.SizeBytes
	s.rate += o.Load.Rate
	s.queue += o.Load.Queue
	s.p50, s.p99 = max(s.p50, o.Load.P50Millis), max(s.p99, o.Load.P99Millis)
	if o.NextAlarm != nil && (s.alarm == nil || o.NextAlarm.Before(*s.alarm)) {
		s.alarm = o.NextAlarm
	}
	h := o.Load.History
	if len(h) > len(s.history) {
		s.history = append(make([]float64, len(h)-len(s.history)), s.history...)
	}
	for i, v := range h {
		s.history[len(s.history)-len(h)+i] += v
	}
}

// Set replaces all that is known.
func (p *objects) Set(s inspect.Snapshot) {
	p.spaces, p.load = s.Namespaces, s.Load
	p.all = make(map[inspect.Ref]*inspect.Object, len(s.Objects))
	for i := range s.Objects {
		p.all[s.Objects[i].Ref] = &s.Objects[i]
	}
	p.stale = true
}

// Put tells of one object.
func (p *objects) Put(o inspect.Object) {
	was := p.all[o.Ref]
	if was == nil {
		p.all[o.Ref] = &o
		p.stale = true
		return
	}
	if len(o.Load.History) == 0 {
		o.Load.History = was.Load.History
	}
	moves := p.order.compare(was, &o) != 0 || was.Name != o.Name || (was.State == inspect.Stored) != (o.State == inspect.Stored) ||
		p.filter != "" && was.State != o.State
	*was = o // the rows have it, too
	p.stale = p.stale || moves
	p.unadded = true
}

// Remove tells that an object is no more.
func (p *objects) Remove(ref inspect.Ref) {
	delete(p.all, ref)
	p.stale = true
}

// PutSpace tells of a class.
func (p *objects) PutSpace(ns inspect.Namespace) {
	i := slices.IndexFunc(p.spaces, func(s inspect.Namespace) bool { return s.Key == ns.Key })
	if i < 0 {
		p.spaces = append(p.spaces, ns)
	} else {
		p.spaces[i] = ns
	}
	p.stale = true
}

// SetLoads tells how busy everything is, and some of the objects.
func (p *objects) SetLoads(all *inspect.Load, loads map[inspect.Ref]inspect.Load) {
	if all != nil {
		p.load = *all
	}
	for ref, load := range loads {
		if o := p.all[ref]; o != nil {
			o.Load = load
		}
	}
	p.unadded = true
	if p.order == byRate || p.order == byLatency || p.order == byQueue {
		p.stale = true
	}
}

// Filter shows only what has all words of a text in its name, id or state.
func (p *objects) Filter(text string) {
	p.filter = text
	p.stale = true
}

// Best has the cursor on an object that passes the filter, the first one unless
// it is on one.
func (p *objects) Best() {
	p.refresh()
	if p.filter == "" || p.Selected().object != nil {
		return
	}
	for i, n := range p.rows {
		if n.object != nil {
			p.cursor, p.at = i, n.scope
			return
		}
	}
}

// Sort chooses the order of the objects of a class.
func (p *objects) Sort(by order) {
	p.order = by
	p.stale = true
}

// Selected is the row of the cursor.
func (p *objects) Selected() node {
	p.refresh()
	if len(p.rows) == 0 {
		return node{}
	}
	return p.rows[within(p.cursor, len(p.rows))]
}

// Select goes to a scope, and shows it if it is folded away.
func (p *objects) Select(s scope) {
	if o := p.all[s.ref]; o != nil {
		s.class = s.ref.Namespace
		p.folded[s.class] = false
		if o.State == inspect.Stored && p.filter == "" {
			p.opened[s.class] = true
		}
	}
	p.at, p.stale = s, true
	p.refresh()
}

// Press moves the cursor, or folds and unfolds.
func (p *objects) Press(key string) bool {
	p.refresh()
	switch key {
	case "left":
		p.fold()
	case "right", "l", "space":
		p.unfold()
	default:
		if !p.press(key, len(p.rows)) {
			return false
		}
	}
	p.remember()
	return true
}

// Scroll turns the wheel over the tree.
func (p *objects) Scroll(by int) {
	p.refresh()
	p.scroll(by, len(p.rows))
	p.remember()
}

// Click chooses the row in a line of the tree, and says whether it was chosen
// before.
func (p *objects) Click(line int) (again bool) {
	p.refresh()
	row := p.list.at(line, len(p.rows))
	if row < 0 {
		return false
	}
	again = row == p.cursor
	p.cursor = row
	p.remember()
	return again
}

func (p *objects) remember() {
	if len(p.rows) > 0 {
		p.at = p.rows[within(p.cursor, len(p.rows))].scope
	}
}

func (p *objects) fold() {
	n := p.Selected()
	switch {
	case n.class == "":
	case n.rest, n.deep:
		p.opened[n.class] = false
		p.at = scope{class: n.class, rest: true}
	case n.object != nil:
		p.at = scope{class: n.class}
	default:
		p.folded[n.class] = true
	}
	p.stale = true
	p.refresh()
}

func (p *objects) unfold() {
	n := p.Selected()
	switch {
	case n.rest:
		p.opened[n.class] = !p.opened[n.class]
	case n.class != "" && n.object == nil:
		p.folded[n.class] = !p.folded[n.class]
	}
	p.stale = true
	p.refresh()
}

// foldsFrom is from how many merely stored objects on a class shows one row
// for them.
const foldsFrom = 9

// refresh makes the rows anew when something changed, with the cursor on what
// it was on.
func (p *objects) refresh() {
	if !p.stale {
		p.add()
		return
	}
	p.stale, p.unadded = false, false
	by := map[string][]*inspect.Object{}
	everything := node{sum: summary{}}
	for _, o := range p.all {
		by[o.Ref.Namespace] = append(by[o.Ref.Namespace], o)
		everything.sum.add(o)
	}
	p.rows = append(p.rows[:0], everything)
	words := strings.Fields(strings.ToLower(p.filter))
	for i := range p.spaces {
		p.class(&p.spaces[i], by[p.spaces[i].Key], words)
	}
	p.nameWidth = p.widestName()
	p.follow()
}

// add sums up anew what the rows of classes tell, where only that changed.
func (p *objects) add() {
	if !p.unadded || len(p.rows) == 0 {
		return
	}
	p.unadded = false
	of := map[string]*summary{}
	for i := range p.rows {
		if n := &p.rows[i]; n.object == nil && !n.rest {
			n.sum = summary{}
			of[n.class] = &n.sum
		}
	}
	for _, o := range p.all {
		of[""].add(o)
		if sum := of[o.Ref.Namespace]; sum != nil {
			sum.add(o)
		}
	}
}

// follow has the cursor stay with what it was on, or near.
func (p *objects) follow() {
	for i := range p.rows {
		if p.rows[i].scope == p.at {
			p.cursor = i
			return
		}
	}
	p.cursor = within(p.cursor, len(p.rows))
	p.at = p.rows[p.cursor].scope
}

// class adds the rows of a class.
func (p *objects) class(ns *inspect.Namespace, members []*inspect.Object, words []string) {
	row := node{scope: scope{class: ns.Key}, space: ns}
	var shown, stored []*inspect.Object
	fold := len(words) == 0 && countStored(members) >= foldsFrom
	for _, o := range members {
		row.sum.add(o)
		switch {
		case !matches(o, words):
		case fold && o.State == inspect.Stored:
			stored = append(stored, o)
		default:
			shown = append(shown, o)
		}
	}
	if len(words) > 0 && len(shown) == 0 {
		return
	}
	p.rows = append(p.rows, row)
	if p.folded[ns.Key] && len(words) == 0 {
		return
	}
	p.members(ns, shown, false)
	if len(stored) == 0 {
		return
	}
	rest := node{scope: scope{class: ns.Key, rest: true}, space: ns}
	for _, o := range stored {
		rest.sum.add(o)
	}
	p.rows = append(p.rows, rest)
	if p.opened[ns.Key] {
		p.members(ns, stored, true)
	}
}

func (p *objects) members(ns *inspect.Namespace, members []*inspect.Object, deep bool) {
	slices.SortFunc(members, func(a, b *inspect.Object) int {
		return cmp.Or(p.order.compare(a, b), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	for _, o := range members {
		p.rows = append(p.rows, node{scope: scope{class: ns.Key, ref: o.Ref}, space: ns, object: o, deep: deep})
	}
}

func countStored(members []*inspect.Object) int {
	n := 0
	for _, o := range members {
		if o.State == inspect.Stored {
			n++
		}
	}
	return n
}

// matches says whether an object has every word in its name, id, class or
// state.
func matches(o *inspect.Object, words []string) bool {
	for _, word := range words {
		if !contains(o.Label, word) && !contains(o.Name, word) && !strings.HasPrefix(o.ID, word) &&
			!strings.HasPrefix(string(o.State), word) {
			return false
		}
	}
	return true
}

// contains is strings.Contains in any case; word is in lower case.
func contains(text, word string) bool {
	return strings.Contains(text, word) || strings.Contains(strings.ToLower(text), word)
}

// An order is how the objects of a class are sorted.
type order int

const (
	byLife order = iota // what is alive first
	byName
	byRate
	byLatency
	byQueue
	bySize
	bySockets
	byAlarm
	byError
	orders // how many there are
)

func (o order) String() string {
	return [...]string{"alive first", "name", "requests/s", "latency", "queue", "size", "sockets", "next alarm", "last error"}[o]
}

func (o order) compare(a, b *inspect.Object) int {
	switch o {
	case byLife:
		return cmp.Compare(life(a), life(b))
	case byRate:
		return cmp.Compare(b.Load.Rate, a.Load.Rate)
	case byLatency:
		return cmp.Compare(b.Load.P99Millis, a.Load.P99Millis)
	case byQueue:
		return cmp.Compare(b.Load.Queue, a.Load.Queue)
	case bySize:
		return cmp.Compare(b.SizeBytes, a.SizeBytes)
	case bySockets:
		return cmp.Compare(b.Sockets, a.Sockets)
	case byAlarm:
		return earlier(a.NextAlarm, b.NextAlarm)
	case byError:
		return cmp.Compare(faultTime(b), faultTime(a))
	}
	return 0
}

// life ranks states so that an object which becomes busy does not jump.
func life(o *inspect.Object) int {
	switch o.State {
	case inspect.Stored:
		return 2
	case inspect.Hibernated:
		return 1
	}
	return 0
}

func earlier(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(*b)
}

func faultTime(o *inspect.Object) int64 {
	if o.LastError == nil {
		return 0
	}
	return o.LastError.At.UnixNano()
}

// Counts are what the screen's first line tells.
func (p *objects) Counts() summary {
	p.refresh()
	return p.rows[0].sum
}

// shown is how many objects the filter leaves.
func (p *objects) shown() int {
	n := 0
	for _, row := range p.rows {
		if row.object != nil {
			n++
		}
	}
	return n
}

// Title is what the frame says.
func (p *objects) Title() string {
	if p.filter != "" {
		p.refresh()
		return fmt.Sprintf("Objects  %s %d of %d", p.style.accent.on("/"+plain(p.filter)), p.shown(), len(p.all))
	}
	return "Objects"
}
