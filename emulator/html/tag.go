package html

import (
	"bytes"
)

// A tag is one that was read.
type tag struct {
	name       string // as it is written
	lower      string
	attributes []Attribute
	closed     bool
}

// readTag reads a tag whose name begins at from. It gives the number of bytes,
// 0 when the tag is not complete.
func readTag(b []byte, from int) (tag, int) {
	var t tag
	i := from
	for i < len(b) && !isNameEnd(b[i]) {
		i++
	}
	t.name = string(b[from:i])
	t.lower = asciiLower(t.name)
	for {
		for i < len(b) && (isSpace(b[i]) || b[i] == '/') {
			t.closed = b[i] == '/'
			i++
		}
		switch {
		case i == len(b):
			return t, 0
		case b[i] == '>':
			t.closed = t.closed && b[i-1] == '/'
			return t, i + 1
		}
		var a Attribute
		if a, i = readAttribute(b, i); i == len(b) {
			return t, 0
		}
		t.attributes = append(t.attributes, a)
		t.closed = false
	}
}

// readAttribute reads an attribute that begins at start, HTML Standard 13.2.5.32
// to 39. It gives where it ends, the length of b when that is not known.
func readAttribute(b []byte, start int) (Attribute, int) {
	i := start + 1 // whatever the first character is
	for i < len(b) && !isNameEnd(b[i]) && b[i] != '=' {
		i++
	}
	name := string(b[start:i])
	next := skipSpaces(b, i)
	if next == len(b) {
		return Attribute{}, len(b)
	}
	if b[next] != '=' {
		return Attribute{Name: name, Source: name}, i
	}
	i = skipSpaces(b, next+1)
	if i == len(b) {
		return Attribute{}, len(b)
	}
	from, to, end := i, i, i
	switch b[i] {
	case '"', '\'':
		n := bytes.IndexByte(b[i+1:], b[i])
		if n < 0 {
			return Attribute{}, len(b)
		}
		from, to, end = i+1, i+1+n, i+n+2
	default:
		for end < len(b) && !isSpace(b[end]) && b[end] != '>' {
			end++
		}
		to = end
	}
	return Attribute{Name: name, Value: string(b[from:to]), Source: string(b[start:end])}, end
}

func skipSpaces(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

func (r *Reader) startTag(b []byte) int {
	t, n := readTag(b, 1)
	if n == 0 {
		return 0
	}
	if r.err = r.tree.guard(t.lower); r.err != nil {
		return 0
	}
	r.out.endText()
	if space := r.out.start(b[:n], &t); space == htmlSpace {
		r.begin(t.lower)
	}
	return n
}

// begin changes to the way of reading that an element's content wants.
func (r *Reader) begin(name string) {
	switch name {
	case "title", "textarea":
		r.mode = inRC
	case "style", "xmp", "iframe", "noembed", "noframes", "noscript":
		r.mode = inRaw
	case "script":
		r.mode, r.script = inScript, plainScript
	case "plaintext":
		r.mode = inPlain
	}
	r.rawName = name
}

func (r *Reader) endTag(b []byte) int {
	t, n := readTag(b, 2)
	if n == 0 {
		return 0
	}
	r.mode = inData
	r.out.endText()
	r.out.end(b[:n], &t)
	return n
}

// doctype reads a document type, HTML Standard 13.2.5.53 to 68, not minding
// what is wrong with it.
func (r *Reader) doctype(b []byte) int {
	end := bytes.IndexByte(b, '>')
	if end < 0 {
		return 0
	}
	t := Token{Kind: Doctype}
	rest := bytes.TrimLeft(b[len("<!doctype"):end], " \t\n\f\r")
	if i := bytes.IndexFunc(rest, func(c rune) bool { return c < 0x80 && isSpace(byte(c)) }); i >= 0 {
		t.DoctypeName, rest = lowered(rest[:i]), rest[i:]
	} else if len(rest) > 0 {
		t.DoctypeName, rest = lowered(rest), nil
	}
	rest = bytes.TrimLeft(rest, " \t\n\f\r")
	switch {
	case hasFold(rest, "public"):
		t.PublicID, rest = quoted(rest[len("public"):])
		if t.PublicID != nil {
			t.SystemID, _ = quoted(rest)
		}
	case hasFold(rest, "system"):
		t.SystemID, _ = quoted(rest[len("system"):])
	}
	r.out.doctype(b[:end+1], t)
	return end + 1
}

func lowered(b []byte) *string {
	s := asciiLower(string(b))
	return &s
}

// quoted reads a string in quotes, nil when there is none.
func quoted(b []byte) (*string, []byte) {
	b = bytes.TrimLeft(b, " \t\n\f\r")
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return nil, b
	}
	n := bytes.IndexByte(b[1:], b[0])
	if n < 0 {
		n = len(b) - 1
	}
	s := string(b[1 : n+1])
	return &s, b[min(len(b), n+2):]
}
