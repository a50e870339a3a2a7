package config

import (
	"fmt"
	"strings"

	"github.com/tailscale/hujson"
)

// parseJSONC reads JSON with comments and trailing commas. After a syntax
// error the tree holds what stood complete before it.
func parseJSONC(src *source, report *reporter) *node {
	root := &node{kind: tableKind, pos: src.at(0)}
	if at, deep := tooDeep(src.text); deep {
		report.errorf(src.at(at), "syntax", "values nest more than %d levels deep", maxDepth)
		return root
	}
	// A comment that ends with the file is complete for everyone but hujson.
	value, err := hujson.Parse(append(src.text, '\n'))
	if err != nil {
		line, column, message := splitHuJSONError(err)
		report.errorf(src.at(src.offset(line, column)), "syntax", "%s", message)
	}
	r := jsoncReader{src, report}
	n := r.value(value)
	switch {
	case n == nil:
		return root
	case n.kind != tableKind:
		report.errorf(n.pos, "syntax", "the configuration is %s, want an object", n.kind)
		return root
	}
	return n
}

// splitHuJSONError takes the place out of hujson's message, which is the only
// form it gives it in.
func splitHuJSONError(err error) (line, column int, message string) {
	message = err.Error()
	if _, scanErr := fmt.Sscanf(message, "hujson: line %d, column %d:", &line, &column); scanErr != nil {
		return 1, 1, message
	}
	_, message, _ = strings.Cut(message, ": ")
	_, message, _ = strings.Cut(message, ": ")
	return line, column, strings.Replace(message, "unexpected EOF", "the file ends here", 1)
}

// tooDeep looks for brackets nested deeper than a recursive parser should
// follow. It skips strings, and counts brackets in comments too.
func tooDeep(text []byte) (offset int, deep bool) {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"', inString && c == '\n':
			inString = c == '"' && !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return i, true
			}
		case c == '}' || c == ']':
			depth = max(0, depth-1)
		}
	}
	return 0, false
}

type jsoncReader struct {
	src    *source
	report *reporter
}

func (r jsoncReader) value(v hujson.Value) *node {
	n := &node{pos: r.src.at(v.StartOffset)}
	switch x := v.Value.(type) {
	case *hujson.Object:
		r.object(n, x)
	case *hujson.Array:
		n.kind = arrayKind
		for _, element := range x.Elements {
			if item := r.value(element); item != nil {
				n.items = append(n.items, item)
			}
		}
	case hujson.Literal:
		r.literal(n, x)
	default:
		return nil
	}
	return n
}

func (r jsoncReader) object(n *node, object *hujson.Object) {
	n.kind = tableKind
	seen := map[string]Position{}
	for _, m := range object.Members {
		key := r.value(m.Name)
		value := r.value(m.Value)
		if key == nil || value == nil {
			continue
		}
		if first, twice := seen[key.text]; twice {
			r.report.warnf(key.pos, "duplicate-key", "%q is given twice", key.text).
				detail("first at line %d; the last one counts", first.Line)
		}
		seen[key.text] = key.pos
		n.members = append(n.members, member{key.text, key.pos, value})
	}
}

func (jsoncReader) literal(n *node, literal hujson.Literal) {
	switch literal.Kind() {
	case 't', 'f':
		n.kind, n.truth = boolKind, literal.Bool()
	case '0':
		n.kind, n.number = numberKind, literal.Float()
	case '"':
		n.kind, n.text = stringKind, literal.String()
	}
}
