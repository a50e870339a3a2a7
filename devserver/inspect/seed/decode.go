package seed

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/config"
)

// Decode reads a fixture. Times such as "+5m" are counted from now. The error is
// [config.Diagnostics] with all that is wrong, where it is in the file.
func Decode(file string, text []byte, now time.Time) (*File, error) {
	d := decoder{file: file, now: now, anchors: map[string]ast.Node{}, left: maxNodes}
	root := d.parse(text)
	var f File
	if root != nil {
		f.Objects = d.objects(root)
	}
	if len(d.wrong) > 0 {
		return nil, d.wrong
	}
	return &f, nil
}

// maxNodes bounds what aliases of aliases unfold to.
const maxNodes = 1_000_000

// maxDepth is more than values may be nested.
const maxDepth = 2000

// maxWrong is how much is said of a file that is wrong all over.
const maxWrong = 100

type decoder struct {
	file    string
	now     time.Time
	anchors map[string]ast.Node
	halves  bool // half of a surrogate pair is written somewhere
	unfolds bool // there are aliases
	left    int  // values that may still be read of a file that has them
	wrong   config.Diagnostics
}

// parse gives the document, nil when there is none to read.
func (d *decoder) parse(text []byte) ast.Node {
	if !utf8.Valid(text) {
		d.failAt(config.Position{File: d.file, Line: 1, Column: 1}, "", "the file is not UTF-8")
		return nil
	}
	d.halves = halfPair(text)
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		at := config.Position{File: d.file, Line: 1, Column: 1}
		message := err.Error()
		var located yaml.Error
		if errors.As(err, &located) {
			message = located.GetMessage()
			if token := located.GetToken(); token != nil && token.Position != nil {
				at.Line, at.Column = token.Position.Line, max(token.Position.Column, 1)
			}
		}
		d.wrong = append(d.wrong, config.Diagnostic{Severity: config.Error, Code: "syntax", Pos: at, Message: message})
		return nil
	}
	var root ast.Node
	for _, doc := range parsed.Docs {
		switch {
		case doc.Body == nil:
		case root != nil:
			d.fail(doc.Body, "a fixture is one document: this is the second")
		default:
			root = doc.Body
		}
	}
	return root
}

// place is where a node begins.
func (d *decoder) place(n ast.Node) config.Position {
	switch of := n.(type) {
	case *ast.MappingNode:
		if !of.IsFlowStyle && len(of.Values) > 0 {
			return d.place(of.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return d.place(of.Key)
	}
	at := config.Position{File: d.file, Line: 1, Column: 1}
	if token := n.GetToken(); token != nil && token.Position != nil {
		at.Line, at.Column = token.Position.Line, max(token.Position.Column, 1)
	}
	return at
}

func (d *decoder) fail(n ast.Node, format string, args ...any) {
	d.failAt(d.place(n), "", format, args...)
}

func (d *decoder) failAt(at config.Position, hint, format string, args ...any) {
	if len(d.wrong) >= maxWrong {
		return
	}
	d.wrong = append(d.wrong, config.Diagnostic{
		Severity: config.Error, Code: "seed", Pos: at, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// spend counts a value that is read, and reports whether there may be more: only
// aliases make more of them than a file has.
func (d *decoder) spend(n ast.Node) bool {
	if d.left--; d.left == 0 && d.unfolds {
		d.fail(n, "aliases unfold to more than %d values", maxNodes)
	}
	return d.left > 0 || !d.unfolds
}

// resolved is the node itself, behind anchors and aliases; nil when it cannot
// be read, which has been said.
func (d *decoder) resolved(n ast.Node) ast.Node {
	for {
		switch of := n.(type) {
		case *ast.AnchorNode:
			d.anchors[of.Name.GetToken().Value] = of.Value
			n = of.Value
		case *ast.AliasNode:
			d.unfolds = true
			name := of.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				d.fail(n, "no anchor &%s before this alias", name)
				return nil
			}
			n = target
		case *ast.TagNode:
			d.failAt(d.place(n), `write types as {$type: Date, value: …}`, "tags such as %s mean nothing here", of.Start.Value)
			return nil
		case nil:
			return nil
		default:
			return n
		}
	}
}

// A member is a key of a mapping with its value, which may be nil.
type member struct {
	key   string
	at    config.Position
	value ast.Node
}

// members are those of a mapping, none for null. That it is no mapping is said,
// in the words that what gives.
func (d *decoder) members(n ast.Node, what string) []member {
	n = d.resolved(n)
	var pairs []*ast.MappingValueNode
	switch of := n.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.MappingNode:
		pairs = of.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{of}
	default:
		d.fail(n, "%s, not %s", what, kindOf(n))
		return nil
	}
	out, seen := make([]member, 0, len(pairs)), make(map[string]bool, len(pairs))
	for _, pair := range pairs {
		key, ok := d.key(pair.Key)
		if !ok {
			continue
		}
		m := member{key, d.place(pair.Key), pair.Value}
		if seen[key] {
			d.failAt(m.at, "", "%q is there twice", key)
			continue
		}
		seen[key] = true
		out = append(out, m)
	}
	return out
}

// key is the text of a key, whatever it looks like.
func (d *decoder) key(n ast.Node) (string, bool) {
	switch of := n.(type) {
	case *ast.StringNode:
		d.whole(of)
		return of.Value, true
	case *ast.LiteralNode:
		return of.Value.Value, true
	case *ast.MappingKeyNode:
		return d.key(of.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.MergeKeyNode:
		d.fail(n, "merge keys are not read: write out what they stand for")
	case nil:
	default:
		d.fail(n, "a key is a text, not %s", kindOf(n))
	}
	return "", false
}

// objects reads the whole document.
func (d *decoder) objects(root ast.Node) []Object {
	var out []Object
	for _, m := range d.members(root, `a fixture maps objects such as "Room/lobby" to what they store: it is a mapping`) {
		class, rest, ok := strings.Cut(m.key, "/")
		if !ok || class == "" || rest == "" {
			d.failAt(m.at, "", "%q names no object: write Class/name or Class/id", m.key)
			continue
		}
		out = append(out, d.object(m))
	}
	return out
}

func (d *decoder) object(m member) Object {
	o := Object{Name: m.key, at: m.at}
	parts := []string{partStorage, partTables, partSQL, partAlarm}
	for _, part := range d.members(m.value, "an object is a mapping of storage, tables, sql and alarm") {
		switch part.key {
		case partStorage:
			for _, pair := range d.members(part.value, "storage maps keys to values: it is a mapping") {
				if value, ok := d.value(pair.value); ok {
					o.Keys = append(o.Keys, Pair{pair.key, value})
				}
			}
		case partTables:
			for _, table := range d.members(part.value, "tables maps names to tables: it is a mapping") {
				o.Tables = append(o.Tables, d.table(table))
			}
		case partSQL:
			o.SQL = d.statements(part.value)
		case partAlarm:
			o.Alarm, o.alarmAt = d.alarm(part.value), part.at
		default:
			d.unknown(part, parts)
		}
	}
	return o
}

// unknown says that a key means nothing, and which one was perhaps meant.
func (d *decoder) unknown(m member, known []string) {
	hint := "known are " + strings.Join(known, ", ")
	if near := inspect.Nearest(m.key, known); len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	}
	d.failAt(m.at, hint, "unknown key %q", m.key)
}

// text is a text that must be one.
func (d *decoder) text(n ast.Node, what string) (string, bool) {
	switch of := d.resolved(n).(type) {
	case *ast.StringNode:
		return of.Value, true
	case *ast.LiteralNode:
		return of.Value.Value, true
	case nil:
	default:
		d.fail(n, "%s is a text, not %s", what, kindOf(of))
	}
	return "", false
}

// list is what a sequence holds, none for null.
func (d *decoder) list(n ast.Node, what string) []ast.Node {
	switch of := d.resolved(n).(type) {
	case *ast.SequenceNode:
		return of.Values
	case nil, *ast.NullNode:
	default:
		d.fail(n, "%s, not %s", what, kindOf(of))
	}
	return nil
}

// statements reads a list of them, or one.
func (d *decoder) statements(n ast.Node) []Statement {
	var list []ast.Node
	switch d.resolved(n).(type) {
	case *ast.StringNode, *ast.LiteralNode:
		list = []ast.Node{n}
	default:
		list = d.list(n, "sql is a list of statements")
	}
	var out []Statement
	for _, item := range list {
		if sql, ok := d.text(item, "a statement"); ok && strings.TrimSpace(sql) != "" {
			out = append(out, Statement{sql, d.place(item)})
		}
	}
	return out
}

func (d *decoder) alarm(n ast.Node) time.Time {
	if _, none := d.resolved(n).(*ast.NullNode); none || n == nil {
		return time.Time{}
	}
	text, ok := d.text(n, "alarm")
	if !ok {
		return time.Time{}
	}
	if after, ok := strings.CutPrefix(text, "+"); ok {
		if wait, err := time.ParseDuration(after); err == nil && wait >= 0 {
			return d.now.Add(wait)
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return t.UTC()
		}
	}
	d.fail(n, "%q is no time such as 2026-11-23T12:00:00Z or +5m", text)
	return time.Time{}
}

func (d *decoder) table(m member) Table {
	t := Table{Name: m.key, at: m.at}
	var columns []string
	var rows []ast.Node
	for _, part := range d.members(m.value, "a table is a mapping of sql, columns and rows") {
		switch part.key {
		case partSQL:
			t.SQL, _ = d.text(part.value, "sql of a table")
		case partColumns:
			for _, item := range d.list(part.value, "columns is a list of names") {
				if name, ok := d.text(item, "a column"); ok {
					columns = append(columns, name)
				}
			}
		case partRows:
			rows = d.list(part.value, "rows is a list of them")
		default:
			d.unknown(part, []string{partSQL, partColumns, partRows})
		}
	}
	for _, row := range rows {
		t.Rows = append(t.Rows, d.row(row, columns))
	}
	return t
}

// row reads a row: a list of values, or a mapping of columns to values.
func (d *decoder) row(n ast.Node, columns []string) Row {
	var r Row
	switch of := d.resolved(n).(type) {
	case *ast.SequenceNode:
		if columns != nil && len(of.Values) != len(columns) {
			d.fail(n, "the row has %d values for %d columns", len(of.Values), len(columns))
			return r
		}
		r.Columns = columns
		for _, cell := range of.Values {
			r.Values = append(r.Values, d.cell(cell))
		}
	case *ast.MappingNode, *ast.MappingValueNode:
		for _, m := range d.members(of, "") {
			r.Columns = append(r.Columns, m.key)
			r.Values = append(r.Values, d.cell(m.value))
		}
	case nil:
		return r
	default:
		d.fail(n, "a row is a list of values, or a mapping of columns to values, not %s", kindOf(of))
		return r
	}
	if len(r.Values) == 0 {
		d.fail(n, "the row has no values")
	}
	return r
}

// cell reads a value of a row, which must be one that SQLite has.
func (d *decoder) cell(n ast.Node) json.RawMessage {
	value, ok := d.value(n)
	if !ok {
		return nil
	}
	if _, err := inspect.Literal(value); err != nil {
		d.fail(n, "%s", err)
	}
	return value
}
