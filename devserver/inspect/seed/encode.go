package seed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// alarmLayout is how times are written, in UTC.
const alarmLayout = "2006-01-02T15:04:05.000Z07:00"

// YAML writes the fixture as YAML, for [Decode] to read. The error is w's, or
// that a text holds half of a surrogate pair, which neither form can carry.
func (f *File) YAML(w io.Writer) error {
	root, err := f.tree()
	if err != nil {
		return err
	}
	var out []byte
	for i, name := range root.keys {
		if i > 0 {
			out = append(out, '\n')
		}
		out = appendMember(out, 0, name, root.parts[i])
	}
	_, err = w.Write(out)
	return err
}

// JSON writes the fixture as JSON, for [Decode] to read. Its errors are those of
// YAML.
func (f *File) JSON(w io.Writer) error {
	root, err := f.tree()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, root.appendJSON(nil), "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = w.Write(out.Bytes())
	return err
}

// A tree is a JSON value that keeps the order of its keys.
type tree struct {
	kind  byte   // '{', '[', '"', or 0 for a literal
	text  string // of a text or literal
	keys  []string
	parts []tree
}

func textOf(s string) tree { return tree{kind: '"', text: s} }

func (t *tree) put(key string, part tree) {
	t.keys, t.parts = append(t.keys, key), append(t.parts, part)
}

// tree is the whole file.
func (f *File) tree() (tree, error) {
	root := tree{kind: '{'}
	for _, o := range f.Objects {
		t, err := o.tree()
		if err != nil {
			return root, fmt.Errorf("%s: %w", o.Name, err)
		}
		root.put(o.Name, t)
	}
	return root, nil
}

func (o Object) tree() (tree, error) {
	out := tree{kind: '{'}
	if len(o.Keys) > 0 {
		keys := tree{kind: '{'}
		for _, pair := range o.Keys {
			value, err := treeOf(pair.Value)
			if err != nil {
				return out, fmt.Errorf("key %q: %w", pair.Key, err)
			}
			keys.put(pair.Key, value)
		}
		out.put(partStorage, keys)
	}
	if len(o.Tables) > 0 {
		tables := tree{kind: '{'}
		for _, t := range o.Tables {
			table, err := t.tree()
			if err != nil {
				return out, fmt.Errorf("table %s: %w", t.Name, err)
			}
			tables.put(t.Name, table)
		}
		out.put(partTables, tables)
	}
	if len(o.SQL) > 0 {
		statements := tree{kind: '['}
		for _, s := range o.SQL {
			statements.parts = append(statements.parts, textOf(s.SQL))
		}
		out.put(partSQL, statements)
	}
	if !o.Alarm.IsZero() {
		out.put(partAlarm, textOf(o.Alarm.UTC().Truncate(time.Millisecond).Format(alarmLayout)))
	}
	return out, nil
}

// tree has rows as lists under common columns, or else each as a mapping.
func (t Table) tree() (tree, error) {
	out, rows := tree{kind: '{'}, tree{kind: '['}
	if t.SQL != "" {
		out.put(partSQL, textOf(t.SQL))
	}
	if len(t.Rows) == 0 {
		return out, nil
	}
	columns := t.Rows[0].Columns
	common := !slices.ContainsFunc(t.Rows, func(r Row) bool { return !slices.Equal(r.Columns, columns) })
	for _, r := range t.Rows {
		row := tree{kind: '['}
		if !common && r.Columns != nil {
			row = tree{kind: '{', keys: r.Columns}
		}
		for _, value := range r.Values {
			v, err := treeOf(value)
			if err != nil {
				return out, err
			}
			row.parts = append(row.parts, v)
		}
		rows.parts = append(rows.parts, row)
	}
	if common && columns != nil {
		names := tree{kind: '['}
		for _, name := range columns {
			names.parts = append(names.parts, textOf(name))
		}
		out.put(partColumns, names)
	}
	out.put(partRows, rows)
	return out, nil
}

// treeOf reads a JSON value.
func treeOf(value json.RawMessage) (tree, error) {
	if halfPair(value) {
		return tree{}, fmt.Errorf("a text holds half of a surrogate pair, which a fixture cannot carry; `dodev storage export` can")
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	return readTree(d)
}

func readTree(d *json.Decoder) (tree, error) {
	tok, err := d.Token()
	if err != nil {
		return tree{}, err
	}
	switch of := tok.(type) {
	case json.Delim:
		return readParts(d, byte(of))
	case string:
		return textOf(of), nil
	case json.Number:
		return tree{text: of.String()}, nil
	case bool:
		return tree{text: fmt.Sprint(of)}, nil
	}
	return tree{text: "null"}, nil
}

func readParts(d *json.Decoder, kind byte) (tree, error) {
	out := tree{kind: kind}
	for d.More() {
		if kind == '{' {
			key, err := d.Token()
			if err != nil {
				return out, err
			}
			name, _ := key.(string)
			out.keys = append(out.keys, name)
		}
		part, err := readTree(d)
		if err != nil {
			return out, err
		}
		out.parts = append(out.parts, part)
	}
	_, err := d.Token()
	return out, err
}

// halfPair reports whether JSON has an escape of half a surrogate pair.
func halfPair(text []byte) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if i++; text[i] != 'u' || i+4 >= len(text) {
			continue
		}
		var unit uint16
		if _, err := fmt.Sscanf(string(text[i+1:i+5]), "%04x", &unit); err != nil || unit < 0xd800 || unit > 0xdfff {
			continue
		}
		if unit >= 0xdc00 || i+10 >= len(text) || text[i+5] != '\\' || text[i+6] != 'u' {
			return true
		}
		var low uint16
		if _, err := fmt.Sscanf(string(text[i+7:i+11]), "%04x", &low); err != nil || low < 0xdc00 || low > 0xdfff {
			return true
		}
		i += 10
	}
	return false
}

func (t tree) appendJSON(out []byte) []byte {
	switch t.kind {
	case '"':
		return appendQuoted(out, t.text)
	case 0:
		return append(out, t.text...)
	}
	out = append(out, t.kind)
	for i, part := range t.parts {
		if i > 0 {
			out = append(out, ',')
		}
		if t.kind == '{' {
			out = append(appendQuoted(out, t.keys[i]), ':')
		}
		out = part.appendJSON(out)
	}
	return append(out, t.kind+2) // } and ] come two behind { and [
}

// appendQuoted quotes a text for JSON, which YAML reads, too.
func appendQuoted(out []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string has a JSON form
	return append(out, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
