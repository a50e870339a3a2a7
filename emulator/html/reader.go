package html

import (
	"bytes"
	"strings"
)

// mode is how characters are read.
type mode int

const (
	inData mode = iota
	inRC        // title and textarea
	inRaw       // style and others
	inScript
	inPlain
	inCDATA
)

// A Reader reads one document.
type Reader struct {
	out  output
	tree tree

	rest    []byte // input that is not read yet
	mode    mode
	rawName string // the element that raw text belongs to, in lower case
	script  escape
	err     error
}

// escape is where in a script's comment-like parts the reader is.
type escape int

const (
	plainScript escape = iota
	escaped            // after <!--
	doubled            // and after <script in it
)

// NewReader makes a reader for parts, whose tokens name them by their places.
func NewReader(parts []Part) *Reader {
	r := &Reader{tree: newTree(parts)}
	r.out.tree = &r.tree
	return r
}

// Feed reads a chunk of valid or invalid UTF-8, the last one with end. It gives
// the tokens that are complete. After an error it gives nothing more.
func (r *Reader) Feed(chunk []byte, end bool) ([]Token, error) {
	if r.err != nil {
		return nil, r.err
	}
	r.out.reset()
	r.rest = append(r.rest, chunk...)
	read := 0
	for read < len(r.rest) {
		n := r.step(r.rest[read:], end)
		if n == 0 || r.err != nil {
			break
		}
		read += n
	}
	if end && r.err == nil {
		r.out.endText()
		r.out.raw(r.rest[read:])
		read = len(r.rest)
	}
	tokens := r.out.take()
	r.rest = bytes.Clone(r.rest[read:])
	return tokens, r.err
}

// step reads one piece of b and tells how long it was, 0 when more input is
// needed.
func (r *Reader) step(b []byte, end bool) int {
	switch r.mode {
	case inPlain:
		r.out.text(b)
		return len(b)
	case inCDATA:
		return r.cdata(b, end)
	}
	if i := nextOpen(b, 0); i > 0 {
		return r.before(b, i, end)
	}
	if r.mode == inData {
		return r.markup(b, end)
	}
	return r.rawText(b, end)
}

// nextOpen finds the next "<" from a place, or the end.
func nextOpen(b []byte, from int) int {
	if i := bytes.IndexByte(b[from:], '<'); i >= 0 {
		return from + i
	}
	return len(b)
}

// before reads the text before the next "<", which is at i.
func (r *Reader) before(b []byte, i int, end bool) int {
	if r.mode != inScript || r.script == plainScript {
		r.out.text(b[:i])
		return i
	}
	if at := bytes.Index(b[:i], []byte("-->")); at >= 0 {
		r.script = plainScript
		i = at + len("--")
	} else if n := trailing(b[:i], "-->"); !end && n > 0 && i == len(b) {
		if i -= n; i == 0 {
			return 0
		}
	}
	r.out.text(b[:i])
	return i
}

// trailing is how many bytes at the end of b may begin a mark.
func trailing(b []byte, mark string) int {
	for n := min(len(b), len(mark)-1); n > 0; n-- {
		if strings.HasPrefix(mark, string(b[len(b)-n:])) {
			return n
		}
	}
	return 0
}

// cdata reads a section of characters to its end.
func (r *Reader) cdata(b []byte, end bool) int {
	const mark = "]]>"
	i := bytes.Index(b, []byte(mark))
	switch {
	case i == 0:
		r.out.raw(b[:len(mark)])
		r.mode = inData
		return len(mark)
	case i < 0:
		i = len(b)
		if !end {
			i -= trailing(b, mark)
		}
	}
	r.out.text(b[:i])
	return i
}

// lone reads n characters as text of their own: they looked like markup.
func (r *Reader) lone(b []byte, n int) int {
	r.out.text(b[:n])
	return n
}

// markup reads what begins with "<".
func (r *Reader) markup(b []byte, end bool) int {
	if len(b) == 1 {
		if !end {
			return 0
		}
		return r.lone(b, 1)
	}
	switch c := b[1]; {
	case isLetter(c):
		return r.startTag(b)
	case c == '/':
		return r.slash(b, end)
	case c == '!':
		return r.declaration(b, end)
	case c == '?':
		return r.bogus(b, 1, end)
	}
	return r.lone(b, 1)
}

func (r *Reader) slash(b []byte, end bool) int {
	if len(b) == 2 {
		if !end {
			return 0
		}
		return r.lone(b, 2)
	}
	switch {
	case isLetter(b[2]):
		return r.endTag(b)
	case b[2] == '>':
		r.out.raw(b[:3])
		return 3
	}
	return r.bogus(b, 2, end)
}

// bogus reads a comment that is none, whose text begins at from.
func (r *Reader) bogus(b []byte, from int, end bool) int {
	i := bytes.IndexByte(b, '>')
	if i < 0 {
		return 0
	}
	r.out.comment(b[:i+1], b[from:max(from, i)])
	return i + 1
}

// declaration reads what begins with "<!".
func (r *Reader) declaration(b []byte, end bool) int {
	const comment, doctype, cdata = "<!--", "<!doctype", "<![CDATA["
	switch {
	case bytes.HasPrefix(b, []byte(comment)):
		return r.comment(b)
	case hasFold(b, doctype):
		return r.doctype(b)
	case r.tree.foreign() && bytes.HasPrefix(b, []byte(cdata)):
		r.out.raw(b[:len(cdata)])
		r.mode = inCDATA
		return len(cdata)
	case !end && (begins(b, comment) || begins(b, doctype) || r.tree.foreign() && begins(b, cdata)):
		return 0
	}
	return r.bogus(b, 2, end)
}

// hasFold reports whether b begins with a mark in lower case, whatever its own.
func hasFold(b []byte, mark string) bool {
	return len(b) >= len(mark) && strings.EqualFold(string(b[:len(mark)]), mark)
}

// begins reports whether b may go on to be a mark.
func begins(b []byte, mark string) bool {
	return len(b) < len(mark) && strings.EqualFold(string(b), mark[:len(b)])
}

// comment reads a comment, HTML Standard 13.2.5.43 to 51.
func (r *Reader) comment(b []byte) int {
	const open = len("<!--")
	switch {
	case bytes.HasPrefix(b[open:], []byte(">")):
		r.out.comment(b[:open+1], nil)
		return open + 1
	case bytes.HasPrefix(b[open:], []byte("->")):
		r.out.comment(b[:open+2], nil)
		return open + 2
	}
	for i := open; ; {
		at := bytes.Index(b[i:], []byte("--"))
		if at < 0 {
			return 0
		}
		at += i
		for _, mark := range []string{"-->", "--!>"} {
			if bytes.HasPrefix(b[at:], []byte(mark)) {
				n := at + len(mark)
				r.out.comment(b[:n], b[open:at])
				return n
			}
		}
		i = at + 1
	}
}

// rawText reads a "<" in text that knows no tags but its own end.
func (r *Reader) rawText(b []byte, end bool) int {
	if r.mode == inScript {
		if n, known := r.scriptMark(b, end); known {
			return n
		}
	}
	if len(b) == 1 && !end {
		return 0
	}
	if len(b) < 2 || b[1] != '/' {
		return r.lone(b, 1)
	}
	n := 2
	for n < len(b) && isLetter(b[n]) {
		n++
	}
	if n == len(b) && !end {
		return 0
	}
	if r.script == doubled {
		if n < len(b) && isNameEnd(b[n]) && strings.EqualFold(string(b[2:n]), "script") {
			r.script = escaped
		}
		return r.before(b, nextOpen(b, 1), end)
	}
	if n < len(b) && isNameEnd(b[n]) && strings.EqualFold(string(b[2:n]), r.rawName) {
		return r.endTag(b)
	}
	return r.lone(b, n)
}

// scriptMark reads what changes how a script is read: <!-- and <script.
func (r *Reader) scriptMark(b []byte, end bool) (n int, known bool) {
	const comment, script = "<!--", "<script"
	switch {
	case r.script == plainScript && bytes.HasPrefix(b, []byte(comment)):
		r.script = escaped
		return r.before(b, nextOpen(b, 1), end), true
	case r.script == plainScript && !end && begins(b, comment):
		return 0, true
	case r.script != escaped:
		return 0, false
	case len(b) > len(script) && hasFold(b, script) && isNameEnd(b[len(script)]):
		r.script = doubled
		return r.before(b, nextOpen(b, 1), end), true
	case !end && len(b) <= len(script) && strings.EqualFold(string(b), script[:len(b)]):
		return 0, true
	}
	return 0, false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' }

func isNameEnd(c byte) bool { return isSpace(c) || c == '/' || c == '>' }
