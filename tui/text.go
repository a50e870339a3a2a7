package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
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

// tail shortens text by leaving out its beginning, as one does with places.
func tail(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width || width < 1 {
		return text
	}
	return "…" + string(runes[len(runes)-width+1:])
}

// plain makes text of a project's harmless: what would move the cursor, change
// colours or hide other text is shown as a symbol.
func plain(text string) string {
	harmless := true
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			harmless = false
			break
		}
	}
	if harmless {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case r == '\t':
			return '⇥'
		case r < ' ':
			return '␀' + r
		case r == 0x7f:
			return '␡'
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return '�'
		}
		return r
	}, text)
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
