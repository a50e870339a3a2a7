package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// A dialog takes all keys until it is answered.
type dialog interface {
	press(m *model, key tea.KeyPressMsg) tea.Cmd
	// field is the line that is typed into, nil for none, and changed is told
	// that something came into it by another way than a key.
	field() *field
	changed(m *model)
	// box is what is in the middle of the screen, within these bounds.
	box(m *model, width, height int) (title string, lines []string)
}

// A question is answered with yes or no.
type question struct {
	title  string
	text   []string
	yes    string
	accept func(m *model) tea.Cmd
}

func (q *question) field() *field  { return nil }
func (q *question) changed(*model) {}

func (q *question) press(m *model, key tea.KeyPressMsg) tea.Cmd {
	switch key.String() {
	case "y", "enter":
		m.dialog = nil
		return q.accept(m)
	case "n", "esc", "q":
		m.dialog = nil
	}
	return nil
}

func (q *question) box(m *model, width, height int) (string, []string) {
	lines := []string{""}
	for _, l := range q.text {
		lines = append(lines, " "+cut(l, width-2))
	}
	s := m.style
	return q.title, append(lines, "", " "+s.key.on("y")+" "+s.red.on(q.yes)+"   "+s.key.on("n")+" leave it")
}

// A prompt takes a line. What accept does not take stays on the screen.
type prompt struct {
	title, note string
	line        field
	accept      func(m *model, text string) tea.Cmd
}

func (p *prompt) field() *field  { return &p.line }
func (p *prompt) changed(*model) {}

func (p *prompt) press(m *model, key tea.KeyPressMsg) tea.Cmd {
	switch key.String() {
	case "esc":
		m.dialog = nil
	case "enter":
		if strings.TrimSpace(p.line.text()) != "" {
			return p.accept(m, p.line.text())
		}
	default:
		p.line.press(key)
	}
	return nil
}

func (p *prompt) box(m *model, width, height int) (string, []string) {
	s := m.style
	return p.title, []string{"", " " + s.accent.on("› ") + p.line.render(width-5), "", " " + s.dim.on(p.note)}
}

// A filter is typed below the screen, which follows it with every key.
type filter struct {
	title, was string
	line       field
	apply      func(m *model, text string) tea.Cmd
	pending    tea.Cmd
}

func (m *model) filterLine(title, text string, apply func(m *model, text string) tea.Cmd) dialog {
	return &filter{title: title, was: text, line: newField(text), apply: apply}
}

func (f *filter) field() *field { return &f.line }

func (f *filter) changed(m *model) { f.pending = f.apply(m, f.line.text()) }

func (f *filter) press(m *model, key tea.KeyPressMsg) tea.Cmd {
	pending := f.pending
	f.pending = nil
	switch key.String() {
	case "esc":
		m.dialog = nil
		return f.apply(m, "")
	case "enter":
		m.dialog = nil
		return pending
	case "up", "down":
		return m.move(key.String()) // among what is left
	}
	before := f.line.text()
	f.line.press(key)
	if f.line.text() == before {
		return pending
	}
	return f.apply(m, f.line.text())
}

func (f *filter) box(*model, int, int) (string, []string) { return "", nil }

// bar is the line below the screen.
func (f *filter) bar(s styles, width int) string {
	left := " " + s.dim.on(f.title+" ") + s.accent.on("/")
	note := s.key.on("⏎") + s.dim.on(" keep  ") + s.key.on("esc") + s.dim.on(" all ")
	room := width - ansi.StringWidth(left) - ansi.StringWidth(note) - 1
	if room < 10 {
		return left + f.line.render(width-ansi.StringWidth(left))
	}
	return left + f.line.render(room) + " " + note
}

// overlay puts a dialog over the screen, in its middle.
func (m *model) overlay(screen []string) []string {
	width := min(m.width, max(24, min(m.width-4, 96)))
	title, lines := m.dialog.box(m, width-2, m.height-6)
	if lines == nil {
		return screen
	}
	lines = append(lines, "")
	height := min(len(lines)+2, m.height)
	box := frame{title: title, focus: true}.draw(m.style, lines, width, height)
	left, top := (m.width-width)/2, max(0, (m.height-height)/3)
	for i, l := range box {
		if top+i < len(screen) {
			under := screen[top+i]
			screen[top+i] = ansi.Cut(under, 0, left) + l + ansi.Cut(under, left+width, m.width)
		}
	}
	return screen
}
