package config

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// kind is what a node of the tree is.
type kind int

const (
	nullKind kind = iota
	boolKind
	numberKind
	stringKind
	dateKind // TOML's dates and times, which nothing in a configuration takes
	arrayKind
	tableKind
)

// String names a kind with its article, for messages.
func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a date", "an array", "a table"}[k]
}

// A node is a value of a configuration file, of either format, with the place
// it was read from. A nil node stands for a value that is not there: all
// methods accept it.
type node struct {
	kind    kind
	pos     Position
	text    string  // of a string or date
	number  float64 // of a number
	truth   bool    // of a boolean
	items   []*node // of an array
	members []member
}

// A member is one key of a table.
type member struct {
	key   string
	pos   Position // of the key
	value *node
}

// member returns the last member of a table with the key, nil if there is none.
func (n *node) member(key string) *member {
	if n == nil {
		return nil
	}
	for i := len(n.members) - 1; i >= 0; i-- {
		if n.members[i].key == key {
			return &n.members[i]
		}
	}
	return nil
}

// get returns what stands under a key of a table, nil if nothing does.
func (n *node) get(key string) *node {
	if m := n.member(key); m != nil {
		return m.value
	}
	return nil
}

// place returns the node's position, or the other one for a nil node.
func (n *node) place(otherwise Position) Position {
	if n == nil {
		return otherwise
	}
	return n.pos
}

// string returns a string's text, "" for anything else.
func (n *node) string() string {
	if n == nil || n.kind != stringKind {
		return ""
	}
	return n.text
}

// bool returns a boolean's value, false for anything else.
func (n *node) bool() bool { return n != nil && n.kind == boolKind && n.truth }

// int returns a number's value, 0 for anything else and for fractions.
func (n *node) int() int {
	if n == nil || n.kind != numberKind || n.number != math.Trunc(n.number) || math.Abs(n.number) > 1<<53 {
		return 0
	}
	return int(n.number)
}

// array returns an array's elements, none for anything else.
func (n *node) array() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

// strings returns the strings among an array's elements, nil for anything else.
func (n *node) strings() []string {
	var out []string
	for _, item := range n.array() {
		if item.kind == stringKind {
			out = append(out, item.text)
		}
	}
	return out
}

// empty says that a node asks for nothing: it is missing, null, false, or has
// nothing in it.
func (n *node) empty() bool {
	switch {
	case n == nil:
		return true
	case n.kind == arrayKind:
		return len(n.items) == 0
	case n.kind == tableKind:
		return len(n.members) == 0
	case n.kind == boolKind:
		return !n.truth
	}
	return n.kind == nullKind
}

// json writes the value as JSON. Numbers JSON does not have become null, as
// JSON.stringify has it.
func (n *node) json() string {
	var b strings.Builder
	n.writeJSON(&b)
	return b.String()
}

func (n *node) writeJSON(b *strings.Builder) {
	switch n.kind {
	case boolKind:
		b.WriteString(strconv.FormatBool(n.truth))
	case numberKind:
		if math.IsInf(n.number, 0) || math.IsNaN(n.number) {
			b.WriteString("null")
			return
		}
		b.WriteString(strconv.FormatFloat(n.number, 'g', -1, 64))
	case stringKind, dateKind:
		b.WriteString(quoteJSON(n.text))
	case arrayKind:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.writeJSON(b)
		}
		b.WriteByte(']')
	case tableKind:
		n.writeMembers(b)
	default:
		b.WriteString("null")
	}
}

// writeMembers writes each key once, with its last value.
func (n *node) writeMembers(b *strings.Builder) {
	b.WriteByte('{')
	first := true
	for i := range n.members {
		m := &n.members[i]
		if n.member(m.key) != m {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		b.WriteString(quoteJSON(m.key))
		b.WriteByte(':')
		m.value.writeJSON(b)
	}
	b.WriteByte('}')
}

// quoteJSON writes a string as JSON, leaving characters such as < alone.
func quoteJSON(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return strconv.Quote(s)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// describe shows a value in a message: scalars as written, others by kind.
func (n *node) describe() string {
	switch n.kind {
	case boolKind, numberKind:
		return fmt.Sprintf("%s (%s)", n.kind, n.json())
	case stringKind:
		if len(n.text) > 40 {
			return n.kind.String()
		}
		return fmt.Sprintf("the string %s", quoteJSON(n.text))
	}
	return n.kind.String()
}
