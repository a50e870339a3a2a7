package tui

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// mostLines is how much of a value is ever written out.
const mostLines = 5000

// inline is a value on one line, with colours by what it is.
func inline(s styles, n inspect.Node) string {
	var b strings.Builder
	writeInline(&b, s, n, 400)
	return b.String()
}

// writeInline writes a node, and gives up when so many bytes are there.
func writeInline(b *strings.Builder, s styles, n inspect.Node, most int) {
	if b.Len() > most {
		b.WriteString("…")
		return
	}
	if n.Mark != "" {
		b.WriteString(s.dim.on(n.Mark + " "))
	}
	if n.Whole() || n.Text != "" { // of an error the message says enough
		b.WriteString(leaf(s, n))
		return
	}
	open, shut := "{ ", " }"
	switch n.Type {
	case "Array":
		open, shut = "[", "]"
	case "object":
	default:
		open = s.dim.on(plain(n.Type)) + " { "
	}
	b.WriteString(open)
	for i, part := range n.Parts {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len() > most {
			b.WriteString("…")
			break
		}
		b.WriteString(partLabel(s, n, part))
		writeInline(b, s, part, most)
	}
	b.WriteString(shut)
}

// leaf is a value without parts.
func leaf(s styles, n inspect.Node) string {
	text := plain(n.Text)
	switch n.Type {
	case "string":
		return s.green.on(quoted(n.Text))
	case "number", "bigint":
		if n.Type == "bigint" {
			text += "n"
		}
		return s.amber.on(text)
	case "boolean", "null", "undefined", "hole", "reference":
		return s.dim.on(text)
	case "Date", "RegExp":
		return s.accent.on(text)
	case "Array":
		return "[]"
	case "object":
		return "{}"
	case "Map", "Set":
		return s.dim.on(n.Type) + " {}"
	}
	if n.Text == "" {
		return s.dim.on(plain(n.Type))
	}
	if _, err := hex.DecodeString(n.Text); err == nil && len(n.Text) > 0 {
		return s.dim.on(plain(n.Type)) + " " + bytesInline(n.Text)
	}
	return s.dim.on(plain(n.Type)+": ") + text
}

// quoted is a string as code has it.
func quoted(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		return `"` + plain(text) + `"`
	}
	unescaped := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(out))
	return inspect.Printable(unescaped)
}

// bytesInline is the beginning of bytes, in pairs of digits.
func bytesInline(digits string) string {
	var b strings.Builder
	for i := 0; i+1 < len(digits) && i < 48; i += 2 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(digits[i : i+2])
	}
	if len(digits) > 48 {
		b.WriteString(" …")
	}
	return b.String()
}

func partLabel(s styles, parent, part inspect.Node) string {
	switch {
	case part.Key != nil:
		return inline(s, *part.Key) + s.dim.on(" → ")
	case part.Label == "", parent.Type == "Array" && isIndex(part.Label):
		return ""
	}
	return plain(part.Label) + s.dim.on(": ")
}

// written is a value on as many lines as it takes: one for each part, and more
// for a string that is wider than asked for.
func written(s styles, n inspect.Node, width int) []string {
	w := writer{style: s, width: width}
	w.node(n, "", "")
	return w.lines
}

type writer struct {
	style styles
	width int
	lines []string
}

func (w *writer) add(text string) { w.lines = append(w.lines, text) }

func (w *writer) node(n inspect.Node, indent, label string) {
	if len(w.lines) >= mostLines {
		if len(w.lines) == mostLines {
			w.add(w.style.dim.on("… and more than can be shown"))
		}
		return
	}
	if n.Whole() {
		if digits, ok := longBytes(n); ok {
			w.add(indent + label + w.style.dim.on(fmt.Sprintf("%s  %s", plain(n.Type), size(int64(n.Size)))))
			w.dump(digits, indent+"  ")
			return
		}
		if n.Type == "string" && len(n.Text) > w.width {
			w.text(n.Text, indent, label)
			return
		}
		w.add(indent + label + leaf(w.style, n))
		return
	}
	w.add(indent + label + w.style.dim.on(strings.TrimSpace(kindOf(n)+"  "+n.Mark)))
	for _, part := range n.Parts {
		w.node(part, indent+"  ", partLabelLong(w.style, n, part))
	}
}

// text writes a long string, each of its lines with its own colour.
func (w *writer) text(text, indent, label string) {
	room := max(10, w.width-ansi.StringWidth(indent+label))
	for i, l := range strings.Split(ansi.Hardwrap(quoted(text), room, true), "\n") {
		if i > 0 && len(w.lines) > mostLines {
			return
		}
		w.add(indent + label + w.style.green.on(l))
		label = strings.Repeat(" ", ansi.StringWidth(label))
	}
}

// kindOf names a value that has parts, and counts them.
func kindOf(n inspect.Node) string {
	switch n.Type {
	case "object":
		return "object, " + count(len(n.Parts), "property")
	case "Array":
		return "Array, " + count(n.Size, "item")
	case "Map", "Set":
		return fmt.Sprintf("%s, %s", n.Type, count(n.Size, map[string]string{"Map": "entry", "Set": "value"}[n.Type]))
	}
	if n.Text != "" {
		return plain(n.Type + ": " + n.Text)
	}
	return plain(n.Type)
}

// isIndex says whether the label of an array's part is that of an item.
func isIndex(label string) bool { return strings.Trim(label, "0123456789") == "" }

func partLabelLong(s styles, parent, part inspect.Node) string {
	if parent.Type == "Array" && part.Label != "" && isIndex(part.Label) {
		return s.dim.on(part.Label + "  ")
	}
	return partLabel(s, parent, part)
}

// longBytes are the digits of bytes that deserve lines of their own.
func longBytes(n inspect.Node) (string, bool) {
	switch n.Type {
	case "string", "number", "bigint", "Date", "RegExp", "boolean", "null", "undefined", "hole", "reference":
		return "", false
	}
	_, err := hex.DecodeString(n.Text)
	return n.Text, err == nil && len(n.Text) > 32
}

// dump writes bytes as hexadecimal digits beside the letters they stand for.
func (w *writer) dump(digits, indent string) {
	data, err := hex.DecodeString(digits)
	if err != nil {
		return
	}
	for at := 0; at < len(data) && len(w.lines) < mostLines; at += 16 {
		row := data[at:min(len(data), at+16)]
		letters := []byte(strings.Repeat(".", len(row)))
		for i, c := range row {
			if c >= ' ' && c < 0x7f {
				letters[i] = c
			}
		}
		w.add(fmt.Sprintf("%s%s  %-47x  %s", indent, w.style.dim.on(fmt.Sprintf("%06x", at)), spaced(row), letters))
	}
}

// spaced is bytes that %x prints with blanks between.
type spaced []byte

// Format implements fmt.Formatter.
func (b spaced) Format(f fmt.State, _ rune) {
	text := fmt.Sprintf("% x", []byte(b))
	width, _ := f.Width()
	fmt.Fprintf(f, "%-*s", width, text)
}

// entryLines is an entry's value, written out.
func entryLines(s styles, e *inspect.Entry, width int) []string {
	if e == nil {
		return []string{s.dim.on("nothing")}
	}
	if e.Damaged != "" {
		return []string{s.red.on(plain(e.Damaged))}
	}
	n, err := e.Tree()
	if err != nil {
		return []string{s.red.on(plain(err.Error()))}
	}
	return written(s, n, width)
}

// entryInline is an entry's value on one line.
func entryInline(s styles, e *inspect.Entry) string {
	if e == nil {
		return s.dim.on("nothing")
	}
	if e.Damaged != "" {
		return s.red.on(plain(e.Damaged))
	}
	if len(e.Value) > 4096 || strings.HasSuffix(e.Type, "Array") && e.Type != "Array" {
		return plain(e.Preview) // which has the numbers of a typed array
	}
	n, err := e.Tree()
	if err != nil {
		return plain(e.Preview)
	}
	return inline(s, n)
}

// jsonInline is JSON on one line, as values are shown; nothing for none.
func jsonInline(s styles, value json.RawMessage) string {
	if len(value) == 0 || string(value) == "null" {
		return ""
	}
	n, err := inspect.ParseNode(value)
	if err != nil {
		return plain(string(value))
	}
	return inline(s, n)
}
