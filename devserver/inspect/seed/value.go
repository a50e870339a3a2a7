package seed

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/config"
)

// value reads a value of storage. What is wrong with it has been said when it is
// not ok.
func (d *decoder) value(n ast.Node) (json.RawMessage, bool) {
	if n == nil {
		return json.RawMessage("null"), true
	}
	before := len(d.wrong)
	w := valueWriter{d: d}
	w.value(n, 0)
	if len(d.wrong) > before || w.stopped {
		return nil, false
	}
	tree, err := clone.FromJSON(w.text)
	if err == nil {
		_, err = clone.Encode(tree)
	}
	if err != nil {
		at, reason := d.place(n), err.Error()
		if wrong, ok := errors.AsType[*clone.JSONError](err); ok {
			at, reason = w.placeOf(wrong.Offset, at), wrong.Reason
		}
		d.failAt(at, "", "%s", reason)
		return nil, false
	}
	return w.text, true
}

// A valueWriter writes a node as JSON and remembers what came from where.
type valueWriter struct {
	d     *decoder
	text  []byte
	marks []mark // by offset
	// stopped says that the value is too much, as has been said.
	stopped bool
}

type mark struct {
	offset int
	at     config.Position
}

// placeOf is where in the file an offset in the JSON comes from.
func (w *valueWriter) placeOf(offset int, otherwise config.Position) config.Position {
	i := sort.Search(len(w.marks), func(i int) bool { return w.marks[i].offset > offset })
	if i == 0 {
		return otherwise
	}
	return w.marks[i-1].at
}

func (w *valueWriter) value(n ast.Node, depth int) {
	w.marks = append(w.marks, mark{len(w.text), w.d.place(n)})
	if depth > maxDepth {
		w.d.fail(n, "nested more than %d deep", maxDepth)
		w.stopped = true
	}
	if w.stopped = w.stopped || !w.d.spend(n); w.stopped {
		return
	}
	switch of := w.d.resolved(n).(type) {
	case nil:
		w.text = append(w.text, "null"...)
	case *ast.NullNode:
		w.text = append(w.text, "null"...)
	case *ast.BoolNode:
		w.text = strconv.AppendBool(w.text, of.Value)
	case *ast.StringNode:
		w.d.whole(of)
		w.scalar(of)
	case *ast.LiteralNode:
		w.quoted(of.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		w.number(of)
	case *ast.SequenceNode:
		w.text = append(w.text, '[')
		for i, item := range of.Values {
			if i > 0 {
				w.text = append(w.text, ',')
			}
			w.value(item, depth+1)
		}
		w.text = append(w.text, ']')
	case *ast.MappingNode, *ast.MappingValueNode:
		w.mapping(of, depth)
	default:
		w.d.fail(n, "%s is no value", kindOf(of))
	}
}

func (w *valueWriter) mapping(n ast.Node, depth int) {
	w.text = append(w.text, '{')
	for i, m := range w.d.members(n, "") {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		w.quoted(m.key)
		w.text = append(w.text, ':')
		if m.value == nil {
			w.text = append(w.text, "null"...)
			continue
		}
		w.value(m.value, depth+1)
	}
	w.text = append(w.text, '}')
}

func (w *valueWriter) quoted(s string) {
	text, err := json.Marshal(s)
	if err != nil {
		text = []byte(`""`) // a string has a JSON form
	}
	w.text = append(w.text, text...)
}

// jsonNumber matches a number as JSON has it. The YAML library takes some of
// them for texts.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// scalar writes a text, or the number that it is in JSON.
func (w *valueWriter) scalar(n *ast.StringNode) {
	if n.Token.Type == token.StringType && jsonNumber.MatchString(n.Value) {
		w.text = append(w.text, n.Value...)
		return
	}
	w.quoted(n.Value)
}

// whole refuses a text that would be stored as another one: the YAML library
// reads half of a pair as the replacement character.
func (d *decoder) whole(n *ast.StringNode) {
	if d.halves && n.Token.Type == token.DoubleQuoteType && strings.ContainsRune(n.Value, utf8.RuneError) {
		d.fail(n, "the text holds half of a surrogate pair")
	}
}

func (w *valueWriter) number(n ast.Node) {
	text := n.GetToken().Value
	if jsonNumber.MatchString(text) {
		w.text = append(w.text, text...)
		return
	}
	switch of := n.(type) {
	case *ast.IntegerNode:
		if !plainInteger.MatchString(text) {
			w.d.failAt(w.d.place(n), "quote it, or write it without the leading zero", "%s may be a text or a number in another base", text)
			return
		}
		w.text = fmt.Append(w.text, of.Value)
	case *ast.FloatNode:
		w.float(of.Value)
	case *ast.InfinityNode:
		w.float(of.Value)
	default:
		w.float(math.NaN())
	}
}

// plainInteger matches integers that nobody takes for something else: decimal
// ones and those that tell their base.
var plainInteger = regexp.MustCompile(`^[+-]?(0|[1-9][0-9_]*|0[xob][0-9a-fA-F_]+)$`)

func (w *valueWriter) float(f float64) {
	switch {
	case math.IsNaN(f):
		w.text = append(w.text, `{"$type":"number","value":"NaN"}`...)
	case math.IsInf(f, 0):
		sign := ""
		if f < 0 {
			sign = "-"
		}
		w.text = append(w.text, `{"$type":"number","value":"`+sign+`Infinity"}`...)
	default:
		w.text = strconv.AppendFloat(w.text, f, 'g', -1, 64)
	}
}

// kindOf is what a node is, for people.
func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "null"
	}
	return "this"
}
