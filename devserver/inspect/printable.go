package inspect

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes text of a project's harmless to a terminal, and one line: what
// would move the cursor, change colours or hide other text is shown as a symbol.
func Printable(text string) string {
	if !strings.ContainsFunc(text, harmful) {
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
		case harmful(r):
			return '�'
		}
		return r
	}, text)
}

func harmful(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
