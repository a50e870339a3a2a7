package config

import "strings"

// readBindings reads the Durable Object bindings. One that lacks a name or a
// class was reported by the schema and is left out.
func (l *loader) readBindings() {
	for _, n := range l.view.get("durable_objects").get("bindings").array() {
		b := DurableObjectBinding{
			Name:       n.get("name").string(),
			Class:      n.get("class_name").string(),
			ScriptName: n.get("script_name").string(),
			Pos:        n.pos,
			ClassPos:   n.get("class_name").place(n.pos),
		}
		environment := n.member("environment")
		switch {
		case environment == nil:
		case n.member("script_name") == nil:
			l.report.errorf(environment.pos, "missing-key", "a binding with \"environment\" needs \"script_name\"").
				hint("add the other Worker's script_name, or remove environment")
		default:
			b.ScriptName = inEnvironment(b.ScriptName, environment.value.string())
		}
		if b.ScriptName == l.config.Name {
			b.ScriptName = ""
		}
		if b.Name != "" && b.Class != "" {
			l.config.Bindings = append(l.config.Bindings, b)
		}
	}
}

// readServices reads the bindings to other Workers.
func (l *loader) readServices() {
	for _, n := range l.view.get("services").array() {
		s := ServiceBinding{
			Name:       n.get("binding").string(),
			Service:    inEnvironment(n.get("service").string(), n.get("environment").string()),
			Entrypoint: n.get("entrypoint").string(),
			Pos:        n.pos,
		}
		if props := n.get("props"); props != nil && props.kind == tableKind {
			l.rejectDates(props, "props")
			s.PropsJSON = props.json()
		}
		if s.Name != "" && s.Service != "" {
			l.config.Services = append(l.config.Services, s)
		}
	}
}

// inEnvironment returns the name under which a Worker's environment runs.
func inEnvironment(name, environment string) string {
	if name == "" || environment == "" {
		return name
	}
	return name + "-" + environment
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
