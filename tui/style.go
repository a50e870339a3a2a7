package tui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// A paint is a way to show text. The zero value shows it as it is.
type paint string

const unpainted = ansi.ResetStyle

// on paints text.
func (p paint) on(text string) string {
	if p == "" || text == "" {
		return text
	}
	return string(p) + text + unpainted
}

// under paints what lies below text that is painted already.
func (p paint) under(text string) string {
	if p == "" || text == "" {
		return text
	}
	return string(p) + strings.ReplaceAll(text, unpainted, unpainted+string(p)) + unpainted
}

// styles are one accent, greys, and three meanings: green runs, amber waits or
// is near a limit, red has failed.
type styles struct {
	accent, strong, text, dim, faint paint
	green, amber, red                paint
	cursor                           paint // under the line where the cursor is
	shadow                           paint // under it where the pane has not the focus
	flash                            paint // under what has just changed
	match                            paint // what a filter found
	key                              paint // of the keyboard
}

// A terminal is dark or light, and has more or fewer colours.
type terminal struct {
	dark    bool
	profile colorprofile.Profile
}

// newStyles gives the colours for a terminal, whose own background stays. No
// colours at all are Bubble Tea's to make of them, so nothing is told by colour
// alone.
func newStyles(t terminal) styles {
	if t.profile == colorprofile.ANSI {
		return fewStyles(t.dark)
	}
	pick := lipgloss.LightDark(t.dark)
	ink := func(light, darker string) ansi.Style {
		return ansi.NewStyle().ForegroundColor(pick(lipgloss.Color(light), lipgloss.Color(darker)))
	}
	ground := func(light, darker string) paint {
		return painted(ansi.NewStyle().BackgroundColor(pick(lipgloss.Color(light), lipgloss.Color(darker))))
	}
	accent := ink("#0b7285", "#56c8d8")
	return styles{
		accent: painted(accent),
		strong: painted(ansi.NewStyle().Bold()),
		dim:    painted(ink("#57606a", "#8b949e")),
		faint:  painted(ink("#afb8c1", "#484f58")),
		green:  painted(ink("#1a7f37", "#57ab5a")),
		amber:  painted(ink("#9a6700", "#daaa3f")),
		red:    painted(ink("#cf222e", "#f47067")),
		cursor: ground("#d0e8ee", "#243b44"),
		shadow: ground("#eaeef2", "#2a2f36"),
		flash:  ground("#fff3c4", "#4d3b10"),
		match:  painted(accent.Underline(true)),
		key:    painted(accent.Bold()),
	}
}

// fewStyles are those for a terminal with sixteen colours, where the nearest to
// a grey would be a blue.
func fewStyles(dark bool) styles {
	ink := func(c ansi.BasicColor) ansi.Style { return ansi.NewStyle().ForegroundColor(c) }
	ground := ansi.White
	if dark {
		ground = ansi.Blue
	}
	return styles{
		accent: painted(ink(ansi.Cyan)),
		strong: painted(ansi.NewStyle().Bold()),
		dim:    painted(ink(ansi.BrightBlack)),
		faint:  painted(ink(ansi.BrightBlack)),
		green:  painted(ink(ansi.Green)),
		amber:  painted(ink(ansi.Yellow)),
		red:    painted(ink(ansi.Red)),
		cursor: painted(ansi.NewStyle().BackgroundColor(ground)),
		flash:  painted(ansi.NewStyle().Reverse(true)),
		match:  painted(ink(ansi.Cyan).Underline(true)),
		key:    painted(ink(ansi.Cyan).Bold()),
	}
}

func painted(style ansi.Style) paint { return paint(style.String()) }

// http colours what belongs to an HTTP status.
func (s styles) http(code int) paint {
	switch {
	case code >= 500:
		return s.red
	case code >= 400:
		return s.amber
	case code >= 300:
		return s.dim
	}
	return s.green
}
