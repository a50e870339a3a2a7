package clone

import (
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The parser of encoding/json loses the order of keys and lone surrogates, so
// this is one that keeps both.

// A node is a JSON value and where it is.
type node struct {
	offset  int
	kind    nodeKind
	text    string // of a string
	number  float64
	truth   bool
	items   []node
	members []member
}

type member struct {
	key   string
	value node
}

type nodeKind uint8

const (
	jsonNull nodeKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

// maxJSONDepth is enough for every value that is nested maxDepth deep.
const maxJSONDepth = 4 * maxDepth

type jsonReader struct {
	text  []byte
	pos   int
	depth int
}

func (r *jsonReader) fail(offset int, reason string) error {
	return &JSONError{Offset: offset, Reason: reason}
}

// parse reads the whole text.
func (r *jsonReader) parse() (node, error) {
	n, err := r.value()
	if err != nil {
		return n, err
	}
	if r.space(); r.pos < len(r.text) {
		return n, r.fail(r.pos, "text after the value")
	}
	return n, nil
}

func (r *jsonReader) space() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// peek is the next byte that is no space, 0 at the end.
func (r *jsonReader) peek() byte {
	r.space()
	if r.pos == len(r.text) {
		return 0
	}
	return r.text[r.pos]
}

// next consumes the next byte that is no space if it is c.
func (r *jsonReader) next(c byte) bool {
	if r.peek() != c || c == 0 {
		return false
	}
	r.pos++
	return true
}

func (r *jsonReader) value() (n node, err error) {
	c := r.peek()
	n.offset = r.pos
	switch {
	case c == '{' || c == '[':
		if r.depth++; r.depth > maxJSONDepth {
			return n, r.fail(r.pos, "nested too deep")
		}
		r.pos++
		if c == '{' {
			err = r.object(&n)
		} else {
			err = r.array(&n)
		}
		r.depth--
	case c == '"':
		n.kind = jsonString
		n.text, err = r.quoted()
	case c == '-' || c >= '0' && c <= '9':
		n.kind = jsonNumber
		n.number, err = r.number()
	default:
		err = r.word(&n)
	}
	return n, err
}

func (r *jsonReader) word(n *node) error {
	rest := r.text[r.pos:]
	for _, w := range []string{"null", "true", "false"} {
		if len(rest) >= len(w) && string(rest[:len(w)]) == w {
			r.pos += len(w)
			n.truth = w == "true"
			if w != "null" {
				n.kind = jsonBool
			}
			return nil
		}
	}
	if len(rest) == 0 {
		return r.fail(r.pos, "unexpected end of text")
	}
	return r.fail(r.pos, "no JSON value begins with "+strconv.QuoteRune(rune(rest[0])))
}

func (r *jsonReader) array(n *node) error {
	n.kind = jsonArray
	if r.next(']') {
		return nil
	}
	for {
		item, err := r.value()
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
		if r.next(']') {
			return nil
		}
		if !r.next(',') {
			return r.fail(r.pos, `"," or "]" expected`)
		}
	}
}

func (r *jsonReader) object(n *node) error {
	n.kind = jsonObject
	if r.next('}') {
		return nil
	}
	known := map[string]bool{}
	for {
		if r.peek() != '"' {
			return r.fail(r.pos, "key in quotes expected")
		}
		at := r.pos
		key, err := r.quoted()
		if err != nil {
			return err
		}
		if known[key] {
			return r.fail(at, "key "+string(appendQuoted(nil, key))+" is there twice")
		}
		known[key] = true
		if !r.next(':') {
			return r.fail(r.pos, `":" expected`)
		}
		v, err := r.value()
		if err != nil {
			return err
		}
		n.members = append(n.members, member{key, v})
		if r.next('}') {
			return nil
		}
		if !r.next(',') {
			return r.fail(r.pos, `"," or "}" expected`)
		}
	}
}

// number reads digits as JSON has them: no leading zero, no bare point.
func (r *jsonReader) number() (float64, error) {
	at := r.pos
	digits := func() bool {
		from := r.pos
		for r.pos < len(r.text) && r.text[r.pos] >= '0' && r.text[r.pos] <= '9' {
			r.pos++
		}
		return r.pos > from
	}
	oneOf := func(set string) bool {
		for i := range len(set) {
			if r.pos < len(r.text) && r.text[r.pos] == set[i] {
				r.pos++
				return true
			}
		}
		return false
	}
	oneOf("-")
	ok := oneOf("0") || digits()
	if ok && oneOf(".") {
		ok = digits()
	}
	if ok && oneOf("eE") {
		oneOf("+-")
		ok = digits()
	}
	if !ok {
		return 0, r.fail(r.pos, "digit expected")
	}
	f, err := strconv.ParseFloat(string(r.text[at:r.pos]), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, r.fail(at, "not a number")
	}
	return f, nil
}

// quoted reads a string into WTF-8.
func (r *jsonReader) quoted() (string, error) {
	at := r.pos
	r.pos++
	var dst []byte
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == '"':
			r.pos++
			return string(dst), nil
		case c < ' ':
			return "", r.fail(r.pos, "control character in a string")
		case c == '\\':
			unit, err := r.escape()
			if err != nil {
				return "", err
			}
			dst = appendUnit(dst, unit)
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			r.pos++
		default:
			decoded, size := utf8.DecodeRune(r.text[r.pos:])
			dst = utf8.AppendRune(dst, decoded)
			r.pos += size
		}
	}
	return "", r.fail(at, "string without an end")
}

// appendUnit appends a UTF-16 unit, joining it with a high surrogate before.
func appendUnit(dst []byte, unit rune) []byte {
	if n := len(dst) - 3; n >= 0 {
		high, size := decodeWTF8(string(dst[n:]))
		if joined := utf16.DecodeRune(high, unit); size == 3 && joined != utf8.RuneError {
			return utf8.AppendRune(dst[:n], joined)
		}
	}
	return appendWTF8(dst, unit)
}

// escape reads a backslash and what follows it.
func (r *jsonReader) escape() (rune, error) {
	at := r.pos
	if r.pos += 2; r.pos > len(r.text) {
		return 0, r.fail(at, "string without an end")
	}
	switch c := r.text[r.pos-1]; c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		if r.pos+4 <= len(r.text) {
			n, err := strconv.ParseUint(string(r.text[r.pos:r.pos+4]), 16, 16)
			if err == nil {
				r.pos += 4
				return rune(n), nil
			}
		}
	}
	return 0, r.fail(at, "unknown escape in a string")
}
