package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// A tomlHeader is where a table of a TOML document begins.
type tomlHeader struct {
	path  []string
	array bool
	start int // of its line
}

// headers are those of the document, in order.
func (e editor) headers() []tomlHeader {
	var headers []tomlHeader
	var p unstable.Parser
	p.Reset(e.src.text)
	for p.NextExpression() {
		x := p.Expression()
		if x.Kind != unstable.Table && x.Kind != unstable.ArrayTable {
			continue
		}
		parts := keyParts(x.Key())
		h := tomlHeader{array: x.Kind == unstable.ArrayTable, start: bytes.LastIndexByte(e.src.text[:parts[0].offset], '\n') + 1}
		for _, part := range parts {
			h.path = append(h.path, part.text)
		}
		headers = append(headers, h)
	}
	return headers
}

// end is where the table of a header ends: before the comments of the next one.
func (e editor) end(headers []tomlHeader, n int) int {
	end := len(e.src.text)
	if n+1 < len(headers) {
		end = headers[n+1].start
	}
	for end > 0 {
		start := bytes.LastIndexByte(e.src.text[:end-1], '\n') + 1
		line := bytes.TrimSpace(e.src.text[start:end])
		if len(line) > 0 && line[0] != '#' || start <= headers[n].start {
			break
		}
		end = start
	}
	return end
}

var errElsewhere = errors.New("its migrations are not where they can be added to")

// tomlMigration adds a table at the end of the migrations.
func (e editor) tomlMigration() ([]byte, error) {
	path := []string{"migrations"}
	if e.config.Env != "" && len(e.config.Migrations) > 0 && e.inEnvironment() {
		path = []string{"env", e.config.Env, "migrations"}
	}
	headers := e.headers()
	at, gap := len(e.src.text), e.lineEnd()
	last := -1
	for n, h := range headers {
		if h.array && slices.Equal(h.path, path) {
			last = n
		}
	}
	switch {
	case last >= 0:
		at = e.end(headers, last)
	case len(e.config.Migrations) > 0:
		return e.tomlElement()
	}
	if at > 0 && e.src.text[at-1] != '\n' {
		gap += e.lineEnd()
	}
	table := strings.Replace(e.tomlTable(), "[[migrations]]", "[["+strings.Join(path, ".")+"]]", 1)
	return splice(e.src.text, at, gap+table), nil
}

// tomlElement adds an inline table at the end of migrations that are written as
// an array.
func (e editor) tomlElement() ([]byte, error) {
	var p unstable.Parser
	p.Reset(e.src.text)
	for p.NextExpression() {
		x := p.Expression()
		if x.Kind == unstable.Table || x.Kind == unstable.ArrayTable {
			break
		}
		key := keyParts(x.Key())
		if len(key) != 1 || key[0].text != "migrations" || x.Value().Kind != unstable.Array {
			continue
		}
		first, last, ok := tomlElements(e.src.text, key[0].offset)
		if !ok {
			return nil, errElsewhere
		}
		if !e.startsLine(first) {
			return splice(e.src.text, last, ", "+e.tomlInline()), nil
		}
		return e.behind(last, e.indentAt(first)+e.tomlInline(), "#"), nil
	}
	return nil, errElsewhere
}

// tomlElements finds where the first inline table of an array begins and the last
// one ends, behind the array's key.
func tomlElements(text []byte, key int) (first, last int, ok bool) {
	depth, quote := 0, byte(0)
	first = -1
	for i := key; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			i += max(0, bytes.IndexByte(text[i:], '\n'))
		case c == '[' || c == '{':
			if depth++; depth == 2 && c == '{' && first < 0 {
				first = i
			}
		case c == ']' || c == '}':
			if depth--; depth == 1 && c == '}' {
				last = i + 1
			}
			if depth == 0 {
				return first, last, first >= 0
			}
		}
	}
	return 0, 0, false
}

// tomlInline is the migration as an inline table.
func (e editor) tomlInline() string {
	lines := strings.Split(strings.TrimSuffix(e.tomlTable(), e.lineEnd()), e.lineEnd())
	return "{ " + strings.Join(lines[1:], ", ") + " }"
}

// inEnvironment reports whether the migrations stand in the environment's table.
func (e editor) inEnvironment() bool {
	for _, h := range e.headers() {
		if len(h.path) == 3 && h.path[0] == "env" && h.path[1] == e.config.Env && h.path[2] == "migrations" {
			return true
		}
	}
	return false
}

// tomlTable is the migration as a table.
func (e editor) tomlTable() string {
	c := e.change
	lines := []string{"[[migrations]]", "tag = " + quoteJSON(c.Tag)}
	if len(c.Deleted) > 0 {
		lines = append(lines, "deleted_classes = "+tomlList(c.Deleted))
	}
	if len(c.Renamed) > 0 {
		var items []string
		for _, r := range c.Renamed {
			items = append(items, fmt.Sprintf("{ from = %s, to = %s }", quoteJSON(r.From), quoteJSON(r.To)))
		}
		lines = append(lines, "renamed_classes = ["+strings.Join(items, ", ")+"]")
	}
	if len(c.New) > 0 {
		key := newSQLiteClasses
		if c.KV {
			key = newClasses
		}
		lines = append(lines, key+" = "+tomlList(c.New))
	}
	return e.lines(lines...)
}

func tomlList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = quoteJSON(item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// tomlExports rewrites the tables of classes that go, and adds those of classes
// that come behind the last one.
func (e editor) tomlExports() ([]byte, error) {
	headers := e.headers()
	edited := slices.Clone(e.src.text)
	last := -1
	states := e.states()
	for n := len(headers) - 1; n >= 0; n-- { // from the end, so that offsets hold
		h := headers[n]
		if len(h.path) != 2 || h.path[0] != "exports" {
			continue
		}
		end := e.end(headers, n)
		if last < 0 {
			last = n
			edited = splice(edited, end, e.addedTables())
		}
		if keys, ok := states[h.path[1]]; ok {
			head := h.start + bytes.IndexByte(edited[h.start:], '\n') + 1
			edited = slices.Concat(edited[:head], e.restated(edited[head:end], keys), edited[end:])
			delete(states, h.path[1])
		}
	}
	if last < 0 || len(states) > 0 {
		return nil, errElsewhere
	}
	return edited, nil
}

// states are what the tables of classes that go say of their state, by class.
func (e editor) states() map[string][]string {
	states := map[string][]string{}
	for _, class := range e.change.Deleted {
		states[class] = []string{"state = " + quoteJSON(stateDeleted)}
	}
	for _, r := range e.change.Renamed {
		states[r.From] = []string{"state = " + quoteJSON(stateRenamed), "renamed_to = " + quoteJSON(r.To)}
	}
	return states
}

// stateKeys are the keys of an export that belong to a state.
var stateKeys = []string{"storage", "state", "renamed_to", "transferred_to", "transfer_from", "container"}

// restated is the body of a table with another state. Every other line stays,
// and so do the comments behind those that go.
func (e editor) restated(body []byte, state []string) []byte {
	var out []byte
	for line := range bytes.Lines(body) {
		key, value, ok := bytes.Cut(line, []byte("="))
		if !ok || !slices.Contains(stateKeys, string(bytes.TrimSpace(key))) {
			out = append(out, line...)
			continue
		}
		comment := tomlComment(value)
		switch {
		case len(state) > 0:
			out = append(out, strings.TrimSuffix(e.lines(state...), e.lineEnd())...)
			out = append(append(out, comment...), e.lineEnd()...)
			state = nil
		case len(comment) > 0:
			out = append(append(out, bytes.TrimLeft(comment, " \t")...), e.lineEnd()...)
		}
	}
	if len(state) > 0 {
		if n := len(out); n > 0 && out[n-1] != '\n' {
			out = append(out, e.lineEnd()...)
		}
		out = append(out, e.lines(state...)...)
	}
	return out
}

// tomlComment is the comment behind a value, with the white space before it.
func tomlComment(value []byte) []byte {
	quote := byte(0)
	for i, c := range value {
		switch {
		case quote != 0 && c == quote && (quote == '\'' || value[i-1] != '\\'):
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			text := len(bytes.TrimRight(value[:i], " \t"))
			return bytes.TrimRight(value[text:], " \t\r\n")
		}
	}
	return nil
}

// addedTables are those of classes that come.
func (e editor) addedTables() string {
	var b strings.Builder
	add := func(class, storage string) {
		b.WriteString(e.lineEnd() + e.lines("[exports."+class+"]", "type = "+quoteJSON(typeDurableObject), "storage = "+quoteJSON(storage)))
	}
	for _, r := range e.change.Renamed {
		for _, x := range e.config.Exports {
			if x.Class == r.From {
				add(r.To, x.Storage)
			}
		}
	}
	for _, class := range e.change.New {
		add(class, e.change.storage())
	}
	return b.String()
}
