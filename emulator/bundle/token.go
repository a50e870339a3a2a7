package bundle

import "strings"

// A token is a word or sign of JavaScript as the bundler prints it. Texts,
// numbers, regular expressions and comments are none that matter: of them a
// token remains that says something was there.
type token struct {
	text string // literal for a text, number or regular expression
	at   int    // offset in the source
}

const literal = "0"

// isName reports whether a token is an identifier or a keyword.
func (t token) isName() bool {
	c := t.text[0]
	return c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// tokens takes JavaScript apart.
func tokens(source string) []token {
	l := lexer{source: source}
	for l.next() {
	}
	return l.out
}

type lexer struct {
	source string
	at     int
	out    []token
	// open holds what is open: '{' for a brace, '`' for a template whose
	// expression is being read.
	open []byte
}

// signs are those of more than one character, longest first.
var signs = [...]string{
	">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=",
	"=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**",
}

func (l *lexer) emit(text string, size int) {
	l.out = append(l.out, token{text, l.at})
	l.at += size
}

// next reads one token, or what lies between two.
func (l *lexer) next() bool {
	if l.at >= len(l.source) {
		return false
	}
	rest := l.source[l.at:]
	switch c := rest[0]; {
	case c <= ' ':
		l.at++
	case strings.HasPrefix(rest, "//"):
		l.skip(strings.IndexByte(rest, '\n'), 1)
	case strings.HasPrefix(rest, "/*"):
		l.skip(strings.Index(rest[2:], "*/"), 4)
	case c == '"' || c == '\'':
		l.emit(literal, quotedSize(rest, c))
	case c == '`':
		l.template(1)
	case c == '}' && len(l.open) > 0 && l.open[len(l.open)-1] == '`':
		l.open = l.open[:len(l.open)-1]
		l.emit(")", 0)
		l.template(1)
	case c >= '0' && c <= '9' || c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		l.emit(literal, wordSize(rest, '.'))
	case token{text: rest[:1]}.isName():
		l.emit(rest[:wordSize(rest, 0)], wordSize(rest, 0))
	case c == '#':
		l.emit("#", max(wordSize(rest[1:], 0), 0)+1)
	case c == '/' && l.regexpMayStand():
		l.emit(literal, regexpSize(rest))
	default:
		l.sign(rest)
	}
	return true
}

// skip moves past what ends at an index, or to the end when that is not there.
func (l *lexer) skip(index, more int) {
	if index < 0 {
		l.at = len(l.source)
		return
	}
	l.at += index + more
}

func (l *lexer) sign(rest string) {
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			l.emit(s, len(s))
			return
		}
	}
	switch rest[0] {
	case '{':
		l.open = append(l.open, '{')
	case '}':
		if len(l.open) > 0 {
			l.open = l.open[:len(l.open)-1]
		}
	}
	l.emit(rest[:1], 1)
}

// template reads a template's text, from its start or from the end of an
// expression in it, to its end or to the next expression. An expression stands
// between brackets.
func (l *lexer) template(from int) {
	rest := l.source[l.at:]
	for i := from; i < len(rest); i++ {
		switch {
		case rest[i] == '\\':
			i++
		case rest[i] == '`':
			l.emit(literal, i+1)
			return
		case strings.HasPrefix(rest[i:], "${"):
			l.emit(literal, i+2)
			l.emit("+", 0)
			l.emit("(", 0)
			l.open = append(l.open, '`')
			return
		}
	}
	l.emit(literal, len(rest))
}

// regexpMayStand reports whether a slash begins a regular expression: it does
// where a value may begin.
func (l *lexer) regexpMayStand() bool {
	if len(l.out) == 0 {
		return true
	}
	switch last := l.out[len(l.out)-1]; last.text {
	case ")", "]", "}", literal, "++", "--", "#":
		return false
	case "return", "typeof", "case", "in", "of", "delete", "void", "instanceof", "new", "do", "else", "throw", "yield", "await":
		return true
	default:
		return !last.isName()
	}
}

func wordSize(s string, more byte) int {
	for i := range len(s) {
		c := s[i]
		if !(token{text: s[i : i+1]}.isName()) && (c < '0' || c > '9') && (more == 0 || c != more) {
			return i
		}
	}
	return len(s)
}

func quotedSize(s string, quote byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return len(s)
}

func regexpSize(s string) int {
	inClass := false
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			inClass = true
		case ']':
			inClass = false
		case '/':
			if !inClass {
				return i + 1 + wordSize(s[i+1:], 0)
			}
		case '\n':
			return i
		}
	}
	return len(s)
}
