package config

import "strings"

// readBindings reads the Durable Object and service bindings. One that lacks a
// name or a class was reported by the schema and is left out.
func (l *loader) readBindings() {
	c := l.config
	for _, n := range l.view.get("durable_objects").get("bindings").array() {
		b := DurableObjectBinding{
			Name:       n.get("name").string(),
			Class:      n.get("class_name").string(),
			ScriptName: n.get("script_name").string(),
			Pos:        n.pos,
			ClassPos:   n.get("class_name").place(n.pos),
		}
		if environment := n.member("environment"); environment != nil && n.member("script_name") == nil {
			l.report.errorf(environment.pos, "missing-key", "a binding with \"environment\" needs \"script_name\"").
				hint("add the other Worker's script_name, or remove environment")
		} else if e := environment.text(); e != "" && b.ScriptName != "" {
			b.ScriptName += "-" + e
		}
		if b.ScriptName == c.Name {
			b.ScriptName = ""
		}
		if b.Name != "" && b.Class != "" {
			c.Bindings = append(c.Bindings, b)
		}
	}
	for _, n := range l.view.get("services").array() {
		s := ServiceBinding{
			Name:       n.get("binding").string(),
			Service:    n.get("service").string(),
			Entrypoint: n.get("entrypoint").string(),
			Pos:        n.pos,
		}
		if e := n.get("environment").string(); e != "" && s.Service != "" {
			s.Service += "-" + e
		}
		if props := n.get("props"); props != nil && props.kind == tableKind {
			s.PropsJSON = props.json()
		}
		if s.Name != "" && s.Service != "" {
			c.Services = append(c.Services, s)
		}
	}
}

// text returns a member's string, "" for a missing member.
func (m *member) text() string {
	if m == nil {
		return ""
	}
	return m.value.string()
}

// checkUniqueBindings reports names that env would get from two bindings, of
// whatever kinds.
func (l *loader) checkUniqueBindings() {
	type use struct {
		key string
		pos Position
	}
	first := map[string]use{}
	add := func(key string, name *node) {
		if name.text == "" {
			return
		}
		if before, taken := first[name.text]; taken {
			l.report.errorf(name.pos, "duplicate-binding", "the name %q is bound twice", name.text).
				detail("first at line %d, in %s", before.pos.Line, before.key)
			return
		}
		first[name.text] = use{key, name.pos}
	}
	for _, f := range l.view.fields {
		if f.key == "vars" {
			f.binds = "*"
		}
		for _, name := range namesAt(l.view.get(f.key), f.binds) {
			add(f.key, name)
		}
	}
}

// namesAt follows a path of keys, * standing for every element of an array, and
// returns the strings it leads to; at its end * stands for the keys of a table.
func namesAt(n *node, path string) []*node {
	if n == nil || path == "" {
		return nil
	}
	step, rest, more := strings.Cut(path, ".")
	switch {
	case step == "*" && n.kind == tableKind && !more:
		var names []*node
		for _, m := range n.members {
			names = append(names, &node{kind: stringKind, text: m.key, pos: m.pos})
		}
		return names
	case step == "*":
		var names []*node
		for _, item := range n.items {
			names = append(names, namesAt(item, rest)...)
		}
		return names
	case more:
		return namesAt(n.get(step), rest)
	}
	if name := n.get(step); name.string() != "" {
		return []*node{name}
	}
	return nil
}
