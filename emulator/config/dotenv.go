package config

import (
	"strings"
)

// A setting is one NAME=value of an environment file.
type setting struct {
	name  string
	value string
	pos   Position
}

// parseDotenv reads an environment file by the rules of the dotenv library,
// which wrangler reads them with:
//
//	NAME=value            # up to a # or the end of the line, trimmed
//	export NAME="a\nb"    # \n and \r are line breaks in double quotes only
//	NAME='...' NAME=`...` # quotes of all three kinds go over lines
//	NAME: value
//
// A backslash keeps a quote from ending the value and stays in it. Lines of any
// other form are left out, with a warning.
func parseDotenv(src *source, report *reporter) []setting {
	r := dotenvReader{src: src, report: report, text: string(src.text)}
	var out []setting
	for r.at < len(r.text) {
		if s, ok := r.line(); ok {
			out = append(out, s)
		}
	}
	return out
}

type dotenvReader struct {
	src    *source
	report *reporter
	text   string
	at     int
}

// line reads one line, or as many as a quoted value takes.
func (r *dotenvReader) line() (setting, bool) {
	end := r.lineEnd(r.at)
	line := r.text[r.at:end]
	start := r.at + len(line) - len(strings.TrimLeft(line, " \t\v\f\r"))
	if start == end || r.text[start] == '#' {
		r.at = end + 1
		return setting{}, false
	}
	nameStart := start
	if rest, ok := strings.CutPrefix(r.text[start:end], "export"); ok {
		trimmed := strings.TrimLeft(rest, " \t")
		if trimmed != rest && !strings.HasPrefix(trimmed, "=") {
			nameStart = end - len(trimmed)
		}
	}
	nameEnd := nameStart
	for nameEnd < end && isNameByte(r.text[nameEnd]) {
		nameEnd++
	}
	valueStart, ok := r.separator(nameEnd, end)
	if !ok || nameEnd == nameStart {
		r.at = end + 1
		r.report.warnf(r.src.at(start), "malformed-line", "this line is ignored: it is not NAME=value")
		return setting{}, false
	}
	s := setting{name: r.text[nameStart:nameEnd], pos: r.src.at(nameStart)}
	s.value = r.value(valueStart)
	return s, true
}

// lineEnd returns the offset of the line break that ends the line.
func (r *dotenvReader) lineEnd(from int) int {
	if i := strings.IndexByte(r.text[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(r.text)
}

// separator skips an equals sign, or a colon with a blank after it.
func (r *dotenvReader) separator(at, end int) (after int, ok bool) {
	rest := r.text[at:end]
	trimmed := strings.TrimLeft(rest, " \t")
	if strings.HasPrefix(trimmed, "=") {
		return end - len(trimmed) + 1, true
	}
	if strings.HasPrefix(rest, ": ") || strings.HasPrefix(rest, ":\t") || rest == ":" || rest == ":\r" {
		return at + 1, true
	}
	return 0, false
}

// value reads a value and moves on to the next line.
func (r *dotenvReader) value(start int) string {
	lineEnd := r.lineEnd(start)
	at := start
	for at < lineEnd && strings.IndexByte(" \t\v\f\r", r.text[at]) >= 0 {
		at++
	}
	if at < lineEnd && isQuote(r.text[at]) {
		if closing, ok := r.closing(at); ok {
			r.at = r.lineEnd(closing) + 1
			return unquote(strings.ReplaceAll(r.text[at:closing+1], "\r\n", "\n"))
		}
	}
	r.at = lineEnd + 1
	value, _, _ := strings.Cut(r.text[at:lineEnd], "#")
	value = strings.TrimSpace(value)
	if isQuoted(value) {
		return unquote(value) // with quotes of the same kind inside
	}
	if value != "" && isQuote(value[0]) {
		r.report.warnf(r.src.at(at), "malformed-line", "the value's opening %c is not closed: it is taken as it stands", value[0])
	}
	if strings.HasPrefix(value, `"`) {
		value = breakLines(value)
	}
	return value
}

// closing finds the quote that ends a value: the first that no backslash stands
// before. There is none if more than a comment follows it on its line.
func (r *dotenvReader) closing(open int) (int, bool) {
	quote := r.text[open]
	for i := open + 1; i < len(r.text); i++ {
		switch r.text[i] {
		case '\\':
			if i+1 < len(r.text) && r.text[i+1] == quote {
				i++
			}
		case quote:
			return i, r.endsLine(i + 1)
		}
	}
	return 0, false
}

// endsLine says whether nothing but blanks and a comment follow on the line.
func (r *dotenvReader) endsLine(from int) bool {
	rest := strings.TrimLeft(r.text[from:r.lineEnd(from)], " \t\v\f\r")
	return rest == "" || rest[0] == '#'
}

func isQuote(c byte) bool { return c == '\'' || c == '"' || c == '`' }

// isQuoted says whether a value begins and ends with the same quote.
func isQuoted(value string) bool {
	return len(value) > 1 && isQuote(value[0]) && value[len(value)-1] == value[0]
}

func unquote(value string) string {
	inner := value[1 : len(value)-1]
	if value[0] == '"' {
		return breakLines(inner)
	}
	return inner
}

func breakLines(s string) string {
	return strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(s)
}

func isNameByte(c byte) bool {
	return c == '_' || c == '.' || c == '-' ||
		'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
