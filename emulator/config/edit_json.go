package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

var errNoObject = errors.New("it is no object")

// document is the configuration as hujson has it, which tells offsets.
func (e editor) document() (*hujson.Object, error) {
	value, err := hujson.Parse(append(slices.Clone(e.src.text), '\n'))
	if err != nil {
		return nil, err
	}
	object, ok := value.Value.(*hujson.Object)
	if !ok {
		return nil, errNoObject
	}
	return object, nil
}

func jsonMember(o *hujson.Object, key string) *hujson.ObjectMember {
	for i := range o.Members {
		if name, ok := o.Members[i].Name.Value.(hujson.Literal); ok && name.String() == key {
			return &o.Members[i]
		}
	}
	return nil
}

// indentAt is the white space that a line begins with, and what one more level
// adds in this file.
func (e editor) indentAt(offset int) string {
	start := bytes.LastIndexByte(e.src.text[:offset], '\n') + 1
	line := e.src.text[start:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// step is what one level of this file is indented by.
func (e editor) step() string {
	o, err := e.document()
	if err == nil && len(o.Members) > 0 {
		if indent := e.indentAt(o.Members[0].Name.StartOffset); indent != "" {
			return indent
		}
	}
	return "  "
}

// jsonMigration adds an object at the end of the migrations, or the migrations
// at the end of the file's object.
func (e editor) jsonMigration() ([]byte, error) {
	root, err := e.document()
	if err != nil {
		return nil, err
	}
	holder := root
	if e.config.Env != "" && len(e.config.Migrations) > 0 {
		if env := jsonPath(root, "env", e.config.Env); env != nil && jsonMember(env, "migrations") != nil {
			holder = env
		}
	}
	m := jsonMember(holder, "migrations")
	if m == nil {
		indent := e.step()
		text := `"migrations": [` + e.lineEnd() + indent + indent + e.jsonObject(indent+indent) + e.lineEnd() + indent + "]"
		return e.appendMember(holder, text)
	}
	list, ok := m.Value.Value.(*hujson.Array)
	if !ok {
		return nil, errElsewhere
	}
	if len(list.Elements) == 0 {
		indent := e.indentAt(m.Name.StartOffset)
		inner := indent + e.step()
		text := "[" + e.lineEnd() + inner + e.jsonObject(inner) + e.lineEnd() + indent + "]"
		return slices.Concat(e.src.text[:m.Value.StartOffset], []byte(text), e.src.text[m.Value.EndOffset:]), nil
	}
	last := list.Elements[len(list.Elements)-1]
	first := list.Elements[0]
	if !e.startsLine(first.StartOffset) {
		return splice(e.src.text, last.EndOffset, ", "+e.jsonObject("")), nil
	}
	indent := e.indentAt(first.StartOffset)
	return e.behind(last.EndOffset, indent+e.jsonObject(indent), "//"), nil
}

// behind is the text with a line behind an element of a list or object that has
// a line of its own: the comment at its end stays with it.
func (e editor) behind(end int, line, comment string) []byte {
	rest := e.src.text[end:]
	stop := bytes.IndexByte(rest, '\n')
	if stop < 0 {
		return splice(e.src.text, end, ","+e.lineEnd()+line)
	}
	after := bytes.TrimLeft(rest[:stop], " \t")
	comma := bytes.HasPrefix(after, []byte(","))
	after = bytes.TrimSpace(bytes.TrimPrefix(after, []byte(",")))
	switch {
	case len(after) > 0 && !bytes.HasPrefix(after, []byte(comment)): // more than that
		return splice(e.src.text, end, ","+e.lineEnd()+line)
	case comma:
		return splice(e.src.text, end+stop+1, line+","+e.lineEnd())
	}
	return slices.Concat(e.src.text[:end], []byte(","), rest[:stop+1], []byte(line+e.lineEnd()), rest[stop+1:])
}

// startsLine reports whether only white space stands before an offset in its
// line.
func (e editor) startsLine(offset int) bool {
	start := bytes.LastIndexByte(e.src.text[:offset], '\n') + 1
	return len(bytes.TrimSpace(e.src.text[start:offset])) == 0
}

func jsonPath(o *hujson.Object, keys ...string) *hujson.Object {
	for _, key := range keys {
		m := jsonMember(o, key)
		if m == nil {
			return nil
		}
		next, ok := m.Value.Value.(*hujson.Object)
		if !ok {
			return nil
		}
		o = next
	}
	return o
}

// appendMember puts a member behind the last one of an object.
func (e editor) appendMember(o *hujson.Object, text string) ([]byte, error) {
	if len(o.Members) == 0 {
		return nil, errElsewhere
	}
	last := o.Members[len(o.Members)-1]
	if !e.startsLine(last.Name.StartOffset) {
		return splice(e.src.text, last.Value.EndOffset, ", "+text), nil
	}
	return e.behind(last.Value.EndOffset, e.indentAt(last.Name.StartOffset)+text, "//"), nil
}

// jsonObject is the migration as an object on one line, or on several when that
// would be long.
func (e editor) jsonObject(indent string) string {
	c := e.change
	members := []string{`"tag": ` + quoteJSON(c.Tag)}
	if len(c.Deleted) > 0 {
		members = append(members, `"deleted_classes": `+tomlList(c.Deleted))
	}
	if len(c.Renamed) > 0 {
		var items []string
		for _, r := range c.Renamed {
			items = append(items, fmt.Sprintf(`{ "from": %s, "to": %s }`, quoteJSON(r.From), quoteJSON(r.To)))
		}
		members = append(members, `"renamed_classes": [`+strings.Join(items, ", ")+"]")
	}
	if len(c.New) > 0 {
		key := newSQLiteClasses
		if c.KV {
			key = newClasses
		}
		members = append(members, fmt.Sprintf("%q: %s", key, tomlList(c.New)))
	}
	line := "{ " + strings.Join(members, ", ") + " }"
	if len(indent)+len(line) <= 100 {
		return line
	}
	inner := e.lineEnd() + indent + e.step()
	return "{" + inner + strings.Join(members, ","+inner) + e.lineEnd() + indent + "}"
}

// jsonExports replaces the values of classes that go, and adds members for
// classes that come.
func (e editor) jsonExports() ([]byte, error) {
	root, err := e.document()
	if err != nil {
		return nil, err
	}
	exports := jsonPath(root, "exports")
	if exports == nil || len(exports.Members) == 0 {
		return nil, errElsewhere
	}
	edited := e.src.text
	if added := e.addedMembers(); len(added) > 0 {
		last := exports.Members[len(exports.Members)-1]
		if e.startsLine(last.Name.StartOffset) {
			indent := e.indentAt(last.Name.StartOffset)
			edited = e.behind(last.Value.EndOffset, indent+strings.Join(added, ","+e.lineEnd()+indent), "//")
		} else {
			edited = splice(edited, last.Value.EndOffset, ", "+strings.Join(added, ", "))
		}
	}
	states := e.stateMembers()
	for i := len(exports.Members) - 1; i >= 0; i-- { // from the end, so that offsets hold
		m := exports.Members[i]
		name, _ := m.Name.Value.(hujson.Literal)
		state, ok := states[name.String()]
		object, isObject := m.Value.Value.(*hujson.Object)
		if ok && isObject && len(object.Members) > 0 {
			edited = e.restatedJSON(edited, object, state)
			delete(states, name.String())
		}
	}
	if len(states) > 0 {
		return nil, errElsewhere
	}
	return edited, nil
}

// stateMembers are what the objects of classes that go say of their state, by
// class.
func (e editor) stateMembers() map[string][]string {
	states := map[string][]string{}
	for _, class := range e.change.Deleted {
		states[class] = []string{fmt.Sprintf(`"state": %q`, stateDeleted)}
	}
	for _, r := range e.change.Renamed {
		states[r.From] = []string{fmt.Sprintf(`"state": %q`, stateRenamed), `"renamed_to": ` + quoteJSON(r.To)}
	}
	return states
}

// restatedJSON is a text in which an object has another state. All between its
// members, comments too, stays.
func (e editor) restatedJSON(text []byte, o *hujson.Object, state []string) []byte {
	gap := ", "
	if first := o.Members[0].Name.StartOffset; e.startsLine(first) {
		gap = "," + e.lineEnd() + e.indentAt(first)
	}
	var old []int // members that speak of the state there was
	for i, m := range o.Members {
		if name, ok := m.Name.Value.(hujson.Literal); ok && slices.Contains(stateKeys, name.String()) {
			old = append(old, i)
		}
	}
	said := strings.Join(state, gap)
	if len(old) == 0 {
		return splice(text, o.Members[len(o.Members)-1].Value.EndOffset, gap+said)
	}
	for n := len(old) - 1; n > 0; n-- { // from the end, so that offsets hold
		i := old[n]
		text = slices.Concat(text[:o.Members[i-1].Value.EndOffset], text[o.Members[i].Value.EndOffset:])
	}
	m := o.Members[old[0]]
	return slices.Concat(text[:m.Name.StartOffset], []byte(said), text[m.Value.EndOffset:])
}

func (e editor) addedMembers() []string {
	var members []string
	add := func(class, storage string) {
		members = append(members, fmt.Sprintf(`%s: { "type": %q, "storage": %q }`, quoteJSON(class), typeDurableObject, storage))
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
	return members
}
