package config

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads a TOML document. After a syntax error the tree holds what
// stood before it.
func parseTOML(src *source, report *reporter) *node {
	root := &node{kind: tableKind, pos: src.at(0)}
	r := &tomlReader{src: src, report: report, root: root, current: root, state: map[*node]tableState{}}
	r.parser.Reset(src.text)
	for r.parser.NextExpression() {
		r.expression(r.parser.Expression())
	}
	if err := r.parser.Error(); err != nil {
		report.errorf(src.at(r.errorOffset(err)), "syntax", "%s", err)
	}
	return root
}

// tableState is what TOML lets happen to a table later on.
type tableState int

const (
	implied tableState = iota // by a longer header: may get its own
	headed                    // by its own [header]: no second one
	dotted                    // by a dotted key: no header, more dotted keys
	closed                    // written inline: nothing
)

type tomlReader struct {
	src     *source
	report  *reporter
	parser  unstable.Parser
	root    *node
	current *node // the table of the last header, nil after a wrong one
	state   map[*node]tableState
}

func (r *tomlReader) errorOffset(err error) int {
	var syntax *unstable.ParserError
	if !errors.As(err, &syntax) || syntax.Highlight == nil {
		return len(r.src.text)
	}
	return cap(r.src.text) - cap(syntax.Highlight)
}

// A tomlKey is one part of a dotted key.
type tomlKey struct {
	text   string
	offset int
}

func keyParts(it unstable.Iterator) []tomlKey {
	var parts []tomlKey
	for it.Next() {
		n := it.Node()
		parts = append(parts, tomlKey{string(n.Data), int(n.Raw.Offset)})
	}
	return parts
}

func (r *tomlReader) expression(e *unstable.Node) {
	switch e.Kind {
	case unstable.KeyValue:
		if r.current != nil {
			r.keyValue(r.current, e, 0)
		}
	case unstable.Table:
		r.current = r.header(keyParts(e.Key()))
	case unstable.ArrayTable:
		r.current = r.arrayHeader(keyParts(e.Key()))
	}
}

// twice reports a key given again, and where it was first.
func (r *tomlReader) twice(key tomlKey, first Position) {
	r.report.errorf(r.src.at(key.offset), "duplicate-key", "%q is given twice", key.text).
		detail("first at line %d", first.Line)
}

// header opens the table of a [header].
func (r *tomlReader) header(parts []tomlKey) *node {
	parent := r.walk(parts[:len(parts)-1])
	if parent == nil {
		return nil
	}
	last := parts[len(parts)-1]
	m := parent.member(last.text)
	if m == nil {
		return r.add(parent, last, headed)
	}
	if m.value.kind != tableKind || r.state[m.value] != implied {
		r.twice(last, m.pos)
		return nil
	}
	r.state[m.value] = headed
	m.value.pos = r.src.at(r.bracket(last.offset))
	return m.value
}

// arrayHeader opens a new element of the array of an [[header]].
func (r *tomlReader) arrayHeader(parts []tomlKey) *node {
	parent := r.walk(parts[:len(parts)-1])
	if parent == nil {
		return nil
	}
	last := parts[len(parts)-1]
	m := parent.member(last.text)
	if m == nil {
		array := &node{kind: arrayKind, pos: r.src.at(r.bracket(last.offset))}
		parent.members = append(parent.members, member{last.text, r.src.at(last.offset), array})
		m = parent.member(last.text)
	} else if m.value.kind != arrayKind || r.state[m.value] == closed {
		r.twice(last, m.pos)
		return nil
	}
	item := &node{kind: tableKind, pos: r.src.at(r.bracket(last.offset))}
	r.state[item] = headed
	m.value.items = append(m.value.items, item)
	return item
}

// walk follows the leading parts of a header from the root, making the tables
// that are missing.
func (r *tomlReader) walk(parts []tomlKey) *node {
	at := r.root
	for _, part := range parts {
		m := at.member(part.text)
		switch {
		case m == nil:
			at = r.add(at, part, implied)
			continue
		case m.value.kind == arrayKind && len(m.value.items) > 0 && r.state[m.value] != closed:
			at = m.value.items[len(m.value.items)-1]
		case m.value.kind == tableKind && r.state[m.value] != closed:
			at = m.value
		default:
			r.twice(part, m.pos)
			return nil
		}
	}
	return at
}

// add makes a table under a key of another.
func (r *tomlReader) add(parent *node, key tomlKey, state tableState) *node {
	table := &node{kind: tableKind, pos: r.src.at(r.bracket(key.offset))}
	r.state[table] = state
	parent.members = append(parent.members, member{key.text, r.src.at(key.offset), table})
	return table
}

// bracket returns where the header that holds a key begins, or the key's own
// offset where there is no header.
func (r *tomlReader) bracket(offset int) int {
	start := r.src.lines[r.src.at(offset).Line-1]
	if i := strings.IndexFunc(string(r.src.text[start:offset]), func(c rune) bool { return c != ' ' && c != '\t' }); i >= 0 &&
		r.src.text[start+i] == '[' {
		return start + i
	}
	return offset
}

// keyValue puts one `key = value` into a table.
func (r *tomlReader) keyValue(table *node, e *unstable.Node, depth int) {
	parts := keyParts(e.Key())
	for _, part := range parts[:len(parts)-1] {
		m := table.member(part.text)
		switch {
		case m == nil:
			table = r.add(table, part, dotted)
			continue
		case m.value.kind != tableKind || r.state[m.value] == closed || r.state[m.value] == headed:
			r.twice(part, m.pos)
			return
		}
		table = m.value
	}
	last := parts[len(parts)-1]
	if m := table.member(last.text); m != nil {
		r.twice(last, m.pos)
		return
	}
	value := r.value(e.Value(), r.valueOffset(e), depth+1)
	table.members = append(table.members, member{last.text, r.src.at(last.offset), value})
}

// valueOffset finds where the value of a `key = value` begins, since the parser
// gives arrays no place.
func (r *tomlReader) valueOffset(e *unstable.Node) int {
	end := int(e.Raw.Offset)
	for it := e.Key(); it.Next(); {
		raw := it.Node().Raw
		end = int(raw.Offset + raw.Length)
	}
	for end < len(r.src.text) && strings.IndexByte(" \t=", r.src.text[end]) >= 0 {
		end++
	}
	return end
}

// value turns the parser's node into ours; offset is where it is if the parser
// does not know.
func (r *tomlReader) value(v *unstable.Node, offset, depth int) *node {
	if v.Raw.Length > 0 {
		offset = int(v.Raw.Offset)
	}
	n := &node{pos: r.src.at(offset)}
	if depth > maxDepth {
		r.report.errorf(n.pos, "syntax", "values nest more than %d levels deep", maxDepth)
		return n
	}
	switch v.Kind {
	case unstable.String:
		n.kind, n.text = stringKind, string(v.Data)
	case unstable.Bool:
		n.kind, n.truth = boolKind, string(v.Data) == "true"
	case unstable.Integer, unstable.Float:
		r.number(n, string(v.Data))
	case unstable.Array:
		n.kind = arrayKind
		r.state[n] = closed
		for it := v.Children(); it.Next(); {
			n.items = append(n.items, r.value(it.Node(), offset, depth+1))
		}
	case unstable.InlineTable:
		n.kind = tableKind
		for it := v.Children(); it.Next(); {
			r.keyValue(n, it.Node(), depth+1)
		}
		r.state[n] = closed
	default:
		n.kind, n.text = dateKind, string(v.Data)
	}
	return n
}

func (r *tomlReader) number(n *node, text string) {
	n.kind = numberKind
	if i, err := strconv.ParseInt(text, 0, 64); err == nil {
		n.number = float64(i)
		return
	}
	plain := strings.ReplaceAll(text, "_", "")
	switch f, err := strconv.ParseFloat(plain, 64); {
	case err == nil:
		n.number = f
	case strings.HasSuffix(plain, "nan"):
		n.number = math.NaN()
	default:
		r.report.errorf(n.pos, "wrong-value", "%s is too large a number", text)
	}
}
