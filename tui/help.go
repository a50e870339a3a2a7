package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// help shows all keys. Those that cannot act now are dimmed and say why.
type help struct{ list }

func (m *model) openHelp() tea.Cmd {
	m.dialog = &help{}
	return nil
}

func (h *help) field() *field  { return nil }
func (h *help) changed(*model) {}

func (h *help) press(m *model, key tea.KeyPressMsg) tea.Cmd {
	rows := len(h.lines(m, 80))
	switch name := key.String(); name {
	case "esc", "q", "?", "enter":
		m.dialog = nil
	case "up", "k":
		h.scroll(-1, rows)
	case "down", "j":
		h.scroll(1, rows)
	case "pgdown", "space", "ctrl+f", "ctrl+d":
		h.scroll(h.height-1, rows)
	case "pgup", "ctrl+b", "ctrl+u":
		h.scroll(1-h.height, rows)
	}
	return nil
}

func (h *help) box(m *model, width, height int) (string, []string) {
	lines := h.lines(m, width)
	h.height = height
	h.scroll(0, len(lines))
	to := min(len(lines), h.top+height)
	title := "Keys"
	if len(lines) > height {
		title += m.style.dim.on("  ↑ ↓ for the others")
	}
	return title, lines[h.top:to]
}

func (h *help) lines(m *model, width int) []string {
	s := m.style
	var out []string
	for _, sec := range m.helpOrder() {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, " "+s.accent.on(sec.title))
		for _, b := range sec.bindings {
			out = append(out, helpLine(m, b, width))
		}
	}
	return append(out, "", " "+s.accent.on("Everywhere"),
		helpText(s, "↑ ↓ j k", "up and down; pgup, pgdown, home, end by more"),
		helpText(s, "← →", "fold and unfold the tree"),
		helpText(s, "[ ]", "scroll what is below or beside: a value, a result"),
		helpText(s, "mouse", "click to choose, again to open; the wheel scrolls"))
}

// helpOrder has the keys of where one is first.
func (m *model) helpOrder() []section {
	var here, there []section
	for _, sec := range sections() {
		own := false
		for _, b := range sec.bindings {
			own = own || !b.general() && b.in&m.place() != 0
		}
		if own {
			here = append(here, sec)
		} else {
			there = append(there, sec)
		}
	}
	return append(here, there...)
}

func helpLine(m *model, b binding, width int) string {
	s := m.style
	if why := b.reason(m); why != "" && b.in&m.place() != 0 {
		return "  " + s.faint.on(fit(keyNames(b), 12)+fit(b.name, 16)) + s.faint.on("not now: "+why)
	}
	return "  " + s.key.on(fit(keyNames(b), 12)) + fit(b.name, 16) + s.dim.on(b.help)
}

func helpText(s styles, keys, text string) string {
	return "  " + s.key.on(fit(keys, 12)) + s.dim.on(text)
}

// keyNames are the keys of a binding as they are written on keyboards.
func keyNames(b binding) string {
	names := ""
	for _, k := range b.keys {
		if name := keyName(k); len(names)+len(name) < 11 {
			names += " " + name
		}
	}
	return strings.TrimPrefix(names, " ")
}

func keyName(key string) string {
	switch key {
	case "enter":
		return "⏎"
	case "right":
		return "→"
	case "left":
		return "←"
	case "backspace":
		return "⌫"
	}
	return key
}
