package tui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// Text here is measured in cells of the terminal, and may carry styles.

// cut shortens text to a width; an ellipsis tells that something is missing.
func cut(text string, width int) string {
	if width <= 0 {
		return ""
	}
	if len(text) <= width { // a cell takes a byte at least
		return text
	}
	return ansi.Truncate(text, width, "…")
}

// fit makes text exactly as wide as asked for.
func fit(text string, width int) string {
	text = cut(text, width)
	if missing := width - ansi.StringWidth(text); missing > 0 {
		text += strings.Repeat(" ", missing)
	}
	return text
}

// fitRight is fit with the text at the right.
func fitRight(text string, width int) string {
	text = cut(text, width)
	if missing := width - ansi.StringWidth(text); missing > 0 {
		text = strings.Repeat(" ", missing) + text
	}
	return text
}

// ends puts one text at the left and one at the right of a line. When both do
// not fit the right one goes.
func ends(left, right string, width int) string {
	l, r := ansi.StringWidth(left), ansi.StringWidth(right)
	if r == 0 || l+r+1 > width {
		return fit(left, width)
	}
	return left + strings.Repeat(" ", width-l-r) + right
}

// middle shortens text by leaving out its middle, as one does with ids.
func middle(text string, width int) string {
	if utf8.RuneCountInString(text) <= width || width < 3 {
		return cut(text, width)
	}
	runes := []rune(text)
	head := width / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(width-head-1):])
}

// glance is how much of a text is looked at to show it on a line: more than the
// widest screen has cells.
const glance = 8 << 10

// plain makes text of a project's harmless to the terminal, and one line, of
// which nobody sees more than the beginning.
func plain(text string) string {
	if len(text) > glance {
		text = strings.ToValidUTF8(text[:glance], "") + "…"
	}
	return inspect.Printable(text)
}

// block makes lines exactly as many and as wide as asked for.
func block(lines []string, width, height int) []string {
	out := make([]string, height)
	for i := range out {
		if i < len(lines) {
			out[i] = fit(lines[i], width)
		} else {
			out[i] = strings.Repeat(" ", width)
		}
	}
	return out
}

// folded breaks text into lines of a width, at spaces where there are any.
func folded(text string, width int) []string {
	if width < 1 {
		return nil
	}
	return strings.Split(ansi.Wrap(text, width, ""), "\n")
}
