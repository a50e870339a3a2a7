package clone

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Format is v on one line for people, much as a JavaScript console shows it:
//
//	{ name: "Ann", joined: 2026-11-23T12:04:31.884Z }
//	Map(2) {"a" → 1, "b" → [1, 2]}
//
// It is cut off with "…" after width runes, unless width is 0, and costs time
// in proportion to what it returns. Control characters are escaped.
func Format(v Value, width int) string {
	p := printer{width: width}
	p.value(v)
	if width <= 0 || p.runes <= width {
		return string(p.text)
	}
	runes := []rune(string(p.text))
	return string(runes[:width-1]) + "…"
}

type printer struct {
	text  []byte
	runes int
	width int
	open  []Value // objects being printed
}

// full reports whether what follows would be cut off.
func (p *printer) full() bool { return p.width > 0 && p.runes > p.width }

func (p *printer) write(s string) {
	p.text = append(p.text, s...)
	p.runes += utf8.RuneCountInString(s)
}

func (p *printer) writef(format string, args ...any) { p.write(fmt.Sprintf(format, args...)) }

func (p *printer) quoted(s string) {
	p.write(string(appendQuoted(nil, p.clip(s))))
}

// clip cuts off what cannot be on the line: a rune has four bytes at most.
func (p *printer) clip(s string) string {
	if p.width > 0 && len(s) > 4*p.width {
		return s[:4*p.width]
	}
	return s
}

func (p *printer) value(v Value) {
	if p.full() {
		return
	}
	switch v := v.(type) {
	case Undefined:
		p.write("undefined")
	case Null:
		p.write("null")
	case bool:
		p.write(strconv.FormatBool(v))
	case float64:
		p.number(v)
	case *big.Int:
		p.bigint(v)
	case string:
		p.quoted(v)
	default:
		p.object(v)
	}
}

func (p *printer) number(n float64) {
	if n == 0 && math.Signbit(n) {
		p.write("-")
	}
	p.write(numberString(n))
}

// bigint prints n; one of many more digits than the line has is not worth the
// time they take.
func (p *printer) bigint(n *big.Int) {
	if p.width > 0 && n.BitLen() > 64+8*p.width {
		p.writef("<bigint of %d bits>", n.BitLen())
		return
	}
	p.write(n.String() + "n")
}

func (p *printer) object(v Value) {
	if slices.Contains(p.open, v) {
		p.write("[Circular]")
		return
	}
	p.open = append(p.open, v)
	defer func() { p.open = p.open[:len(p.open)-1] }()
	switch v := v.(type) {
	case *Date:
		p.write(dateString(v.Milliseconds))
	case *RegExp:
		p.write(printable("/" + p.clip(v.Source) + "/" + v.Flags))
	case *Boxed:
		p.boxed(v)
	case *Buffer:
		p.writef("ArrayBuffer(%d) ", len(v.Data))
		p.bytes(v.Data)
	case *View:
		p.view(v)
	case *Object:
		p.properties(v.Properties)
	case *Array:
		p.array(v)
	case *Map:
		p.entries(v.Entries)
	case *Set:
		p.writef("Set(%d) ", len(v.Items))
		p.list("{", "}", len(v.Items), func(i int) { p.value(v.Items[i]) })
	case *Error:
		p.fault(v)
	case *Host:
		p.writef("Host(%d) ", v.Tag)
		p.value(v.Payload)
	default:
		p.writef("[%T]", v)
	}
}

// list prints n members between brackets until the line is full.
func (p *printer) list(begin, end string, n int, member func(i int)) {
	p.write(begin)
	for i := 0; i < n && !p.full(); i++ {
		if i > 0 {
			p.write(", ")
		}
		member(i)
	}
	p.write(end)
}

func (p *printer) properties(properties []Property) {
	if len(properties) == 0 {
		p.write("{}")
		return
	}
	p.list("{ ", " }", len(properties), func(i int) { p.property(properties[i]) })
}

func (p *printer) property(property Property) {
	if isName(property.Key) {
		p.write(property.Key)
	} else {
		p.quoted(property.Key)
	}
	p.write(": ")
	p.value(property.Value)
}

// isName reports whether a key needs no quotes.
func isName(key string) bool {
	for i, r := range key {
		if r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
		if i == 0 && unicode.IsDigit(r) {
			_, ok := arrayIndex(key)
			return ok
		}
	}
	return key != ""
}

func (p *printer) entries(entries []Entry) {
	p.writef("Map(%d) ", len(entries))
	p.list("{", "}", len(entries), func(i int) {
		p.value(entries[i].Key)
		p.write(" → ")
		p.value(entries[i].Value)
	})
}

func (p *printer) array(a *Array) {
	p.write("[")
	separator, next := "", uint32(0)
	comma := func() {
		p.write(separator)
		separator = ", "
	}
	gap := func(until uint32) {
		if until > next {
			comma()
			p.write(emptyItems(until - next))
		}
	}
	for i, v := range a.Elements() {
		if p.full() {
			return
		}
		gap(i)
		comma()
		p.value(v)
		next = i + 1
	}
	gap(uint32(a.Len()))
	for property := range a.Extras() {
		if p.full() {
			return
		}
		comma()
		p.property(property)
	}
	p.write("]")
}

func emptyItems(n uint32) string {
	if n == 1 {
		return "<1 empty item>"
	}
	return fmt.Sprintf("<%d empty items>", n)
}

func (p *printer) bytes(data []byte) {
	p.write("{")
	for i, c := range data {
		if p.full() {
			break
		}
		if i > 0 {
			p.write(" ")
		}
		p.writef("%02x", c)
	}
	p.write("}")
}

func (p *printer) view(v *View) {
	p.writef("%s(%d) ", viewNames[v.Kind], v.Length/v.Kind.ElementSize())
	p.write("[")
	separator := ""
	for element := range v.Elements() {
		if p.full() {
			break
		}
		p.write(separator)
		p.value(element)
		separator = ", "
	}
	p.write("]")
}

func (p *printer) boxed(b *Boxed) {
	kind := "Object"
	switch b.Value.(type) {
	case bool:
		kind = "Boolean"
	case float64:
		kind = "Number"
	case string:
		kind = "String"
	case *big.Int:
		kind = "BigInt"
	}
	p.writef("[%s: ", kind)
	p.value(b.Value)
	p.write("]")
}

// fault prints an error without its stack.
func (p *printer) fault(e *Error) {
	name := e.Class
	var rest []Property
	for _, property := range e.Properties {
		text, isText := property.Value.(string)
		switch {
		case property.Key == "name" && isText:
			name = text
		case property.Key != "stack":
			rest = append(rest, property)
		}
	}
	p.write(printable(p.clip(name)))
	if e.Message != "" {
		p.write(": " + printable(p.clip(e.Message)))
	}
	if len(rest) > 0 {
		p.write(" ")
		p.properties(rest)
	}
}

// printable escapes what would disturb a line.
func printable(s string) string {
	var text []byte
	for len(s) > 0 {
		r, size := decodeWTF8(s)
		if unicode.IsPrint(r) {
			text = append(text, s[:size]...)
		} else {
			text = appendEscaped(text, r)
		}
		s = s[size:]
	}
	return string(text)
}

// dateString is a date as Date.prototype.toISOString gives it.
func dateString(ms float64) string {
	if math.IsNaN(timeClip(ms)) {
		return "Invalid Date"
	}
	t := time.UnixMilli(int64(ms)).UTC()
	rest := t.Format("-01-02T15:04:05.000Z")
	switch year := t.Year(); {
	case year < 0:
		return fmt.Sprintf("-%06d%s", -year, rest)
	case year > 9999:
		return fmt.Sprintf("+%06d%s", year, rest)
	default:
		return fmt.Sprintf("%04d%s", year, rest)
	}
}
