package seed

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
)

// lineWidth is how long a value may be that is written on one line.
const lineWidth = 88

// appendMember writes a key with its value in lines of their own.
func appendMember(out []byte, indent int, key string, t tree) []byte {
	out = append(out, strings.Repeat(" ", indent)...)
	out = append(appendText(out, key, blockText), ':')
	width := lineWidth - len(key)
	if t.kind == '[' && (key == partRows || key == partSQL) {
		width = 0 // one a line, to compare files by
	}
	return appendValue(out, indent, t, width)
}

// appendValue writes a value behind a key or the dash of an item.
func appendValue(out []byte, indent int, t tree, width int) []byte {
	if t.kind == '"' && lines(t.text) {
		return appendLines(out, indent+2, t.text)
	}
	flow := t.appendFlow(nil, t.kind == '"')
	if t.kind == '"' || t.kind == 0 || len(t.parts) == 0 || len(flow) <= width && !t.hasLines() && !t.section() {
		return append(append(append(out, ' '), flow...), '\n')
	}
	out = append(out, '\n')
	for i, part := range t.parts {
		if t.kind == '{' {
			out = appendMember(out, indent+2, t.keys[i], part)
			continue
		}
		out = appendItem(out, indent+2, part)
	}
	return out
}

// appendItem writes an item of a list; what is not on one line begins beside the
// dash.
func appendItem(out []byte, indent int, t tree) []byte {
	dash := append(bytes.Repeat([]byte(" "), indent), '-')
	if t.kind == '"' && lines(t.text) {
		return appendLines(append(out, dash...), indent+2, t.text)
	}
	value := appendValue(nil, indent, t, lineWidth)
	if value[0] == ' ' {
		return append(append(out, dash...), value...)
	}
	value = value[1:] // the line's end
	copy(value, append(dash, ' '))
	return append(out, value...)
}

// section reports whether a mapping is one of the file's own, which are never
// on one line.
func (t tree) section() bool {
	for i, key := range t.keys {
		if (key == partStorage || key == partTables || key == partRows) && t.parts[i].kind != '"' {
			return true
		}
	}
	return false
}

// hasLines reports whether there is a text of several lines in t.
func (t tree) hasLines() bool {
	if t.kind == '"' {
		return lines(t.text)
	}
	for _, part := range t.parts {
		if part.hasLines() {
			return true
		}
	}
	return false
}

// lines reports whether a text is better read as lines, and survives it.
func lines(s string) bool {
	body := strings.TrimSuffix(s, "\n")
	if !strings.Contains(body, "\n") || strings.HasSuffix(body, "\n") || !unicode.IsPrint(rune(body[0])) || body[0] == ' ' || body[0] > unicode.MaxASCII {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" && (strings.TrimSpace(line) == "" || line[len(line)-1] == ' ') {
			return false
		}
	}
	return !strings.ContainsFunc(body, func(r rune) bool { return r != '\n' && (!unicode.IsPrint(r) || r == unicode.ReplacementChar) })
}

func appendLines(out []byte, indent int, s string) []byte {
	body, ended := strings.CutSuffix(s, "\n")
	out = append(out, " |"...)
	if !ended {
		out = append(out, '-')
	}
	out = append(out, '\n')
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" {
			out = append(append(out, strings.Repeat(" ", indent)...), line...)
		}
		out = append(out, '\n')
	}
	return out
}

// appendFlow writes a value on one line.
func (t tree) appendFlow(out []byte, alone bool) []byte {
	switch t.kind {
	case '"':
		if alone {
			return appendText(out, t.text, blockText)
		}
		return appendText(out, t.text, flowText)
	case 0:
		return append(out, t.text...)
	}
	out = append(out, t.kind)
	for i, part := range t.parts {
		if i > 0 {
			out = append(out, ", "...)
		}
		if t.kind == '{' {
			out = append(appendText(out, t.keys[i], flowText), ": "...)
		}
		out = part.appendFlow(out, false)
	}
	return append(out, t.kind+2)
}

// Texts that need no quotes, within a line of several values and on their own.
// They are fewer than YAML's, so that no reader takes them for something else.
var (
	flowText  = regexp.MustCompile(`^[A-Za-z$][A-Za-z0-9_$./@-]*( [A-Za-z0-9_$./@-]+)*$`)
	blockText = regexp.MustCompile(`^[A-Za-z$]([A-Za-z0-9_$./@(),*=+<>'"?-]|:[A-Za-z0-9_])*( [A-Za-z0-9_$./@(),*=+<>'"?]([A-Za-z0-9_$./@(),*=+<>'"?-]|:[A-Za-z0-9_])*)*$`)
	reserved  = regexp.MustCompile(`^(?i:null|true|false|yes|no|on|off|y|n)$`)
)

func appendText(out []byte, s string, plain *regexp.Regexp) []byte {
	if plain.MatchString(s) && !reserved.MatchString(s) {
		return append(out, s...)
	}
	return appendQuoted(out, s)
}
