package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// palette finds anything by its name: what can be done here, classes, objects.
type palette struct {
	list
	title string
	line  field
	items []item // all there are
	found []item
}

// An item is something to choose.
type item struct {
	name, note, key string
	why             string // it cannot be chosen now
	do              func(m *model) tea.Cmd
}

func (m *model) openPalette() tea.Cmd {
	p := &palette{title: "Command, class or object", line: newField("")}
	for _, b := range m.bindings() {
		if b.name != "command" {
			p.items = append(p.items, item{name: b.name, note: b.help, key: keyName(b.keys[0]), why: b.reason(m), do: func(m *model) tea.Cmd { return m.run(b) }})
		}
	}
	slices.SortStableFunc(p.items, func(a, b item) int { return cmp.Compare(len(a.why), len(b.why)) })
	for i := range m.objects.spaces {
		ns := &m.objects.spaces[i]
		p.items = append(p.items, item{name: ns.Class, note: "class", do: goTo(scope{class: ns.Key})})
	}
	for _, o := range m.snapshot().Objects {
		p.items = append(p.items, item{name: o.Label, note: string(o.State), do: goTo(scope{ref: o.Ref})})
	}
	p.find()
	m.dialog = p
	return nil
}

func goTo(s scope) func(m *model) tea.Cmd {
	return func(m *model) tea.Cmd {
		m.objects.Filter("")
		m.objects.Select(s)
		m.inTab, m.page = s.ref != inspect.Ref{}, mainPage
		return m.load()
	}
}

func (p *palette) field() *field  { return &p.line }
func (p *palette) changed(*model) { p.find() }

// find orders what has the typed letters in it: those that begin with them
// first, then those with them in one piece, then those with them somewhere.
func (p *palette) find() {
	typed := strings.ToLower(strings.TrimSpace(p.line.text()))
	p.list = list{}
	if typed == "" {
		p.found = p.items
		return
	}
	type ranked struct {
		item
		rank int
	}
	var all []ranked
	for _, it := range p.items {
		if rank := likeness(strings.ToLower(it.name), typed); rank > 0 {
			all = append(all, ranked{it, rank})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(len(a.name), len(b.name)))
	})
	p.found = make([]item, len(all))
	for i, r := range all {
		p.found[i] = r.item
	}
}

// likeness is 0 for a name without the letters, else less for a better one.
func likeness(name, typed string) int {
	switch i := strings.Index(name, typed); {
	case i == 0:
		return 1
	case i > 0 && strings.ContainsRune(" /:-_", rune(name[i-1])):
		return 2
	case i > 0:
		return 3
	}
	rest := name
	for _, r := range typed {
		i := strings.IndexRune(rest, r)
		if i < 0 {
			return 0
		}
		rest = rest[i+1:]
	}
	return 4
}

func (p *palette) press(m *model, key tea.KeyPressMsg) tea.Cmd {
	switch name := key.String(); name {
	case "esc":
		m.dialog = nil
	case "enter":
		if len(p.found) == 0 {
			return nil
		}
		m.dialog = nil
		return p.found[p.cursor].do(m)
	case "up", "ctrl+p", "shift+tab":
		p.move(-1, len(p.found))
	case "down", "ctrl+n", "tab":
		p.move(1, len(p.found))
	case "pgup", "pgdown":
		p.list.press(name, len(p.found))
	default:
		before := p.line.text()
		if p.line.press(key); p.line.text() != before {
			p.find()
		}
	}
	return nil
}

func (p *palette) box(m *model, width, height int) (string, []string) {
	s := m.style
	lines := []string{" " + s.accent.on(": ") + p.line.render(width-4), rule(s, "", width)}
	from, to := p.window(len(p.found), max(3, min(14, height-3)))
	for i := from; i < to; i++ {
		it := p.found[i]
		name, note := plain(it.name), s.dim.on(it.note)
		if it.why != "" {
			name, note = s.faint.on(name), s.faint.on("not now: "+it.why)
		}
		text := fit(name, max(18, width/3)) + " " + note
		lines = append(lines, cursorLine(s, ends(cut(text, width-5), s.key.on(it.key)+" ", width-1), width, i == p.cursor, true))
	}
	if len(p.found) == 0 {
		lines = append(lines, " "+s.dim.on("nothing is called so"))
	}
	return p.title, lines
}
