package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// A frame is the border of a pane.
type frame struct {
	title, note string // above, left and right
	foot        string // below, at the right
	focus       bool

	// top, shown and all say which of all rows are in sight, for the bar at the
	// right; none when all of them are.
	top, shown, all int
}

// draw puts lines into the frame. They are made to fit.
func (f frame) draw(s styles, lines []string, width, height int) []string {
	if width < 4 || height < 2 {
		return block(lines, width, height)
	}
	edge := s.faint
	if f.focus {
		edge = s.accent
	}
	inner := height - 2
	out := make([]string, 0, height)
	out = append(out, f.edge(s, edge, "╭", "╮", f.title, f.note, width))
	from, to := f.thumb(inner)
	for i, line := range block(lines, width-2, inner) {
		right := edge.on("│")
		if i >= from && i < to {
			right = s.dim.on("┃")
		}
		out = append(out, edge.on("│")+line+right)
	}
	return append(out, f.edge(s, edge, "╰", "╯", "", f.foot, width))
}

func (f frame) edge(s styles, edge paint, left, right, title, note string, width int) string {
	if title != "" {
		title = " " + title + " "
	}
	if note != "" {
		note = " " + note + " "
	}
	room := width - 4
	title = cut(title, room)
	if ansi.StringWidth(title)+ansi.StringWidth(note)+1 > room {
		note = ""
	}
	if f.focus {
		title = s.strong.under(title)
	}
	rule := strings.Repeat("─", room-ansi.StringWidth(title)-ansi.StringWidth(note))
	return edge.on(left+"─") + title + edge.on(rule) + note + edge.on("─"+right)
}

// thumb is where the bar lies that says how far down the rows are.
func (f frame) thumb(height int) (from, to int) {
	if f.all <= f.shown || f.all == 0 {
		return 0, 0
	}
	size := max(1, height*f.shown/f.all)
	from = (height - size) * f.top / max(1, f.all-f.shown)
	return from, from + size
}
