package web

import (
	"strings"
	"unicode/utf8"
)

// usv turns WTF-8 into UTF-8: each lone surrogate becomes U+FFFD, as in every
// API of the platform that takes a USVString.
func usv(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 && s[i] == 0xed && i+2 < len(s) {
			size = 3
		}
		b.WriteRune(r)
		i += size
	}
	return b.String()
}
