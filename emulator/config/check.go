package config

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A checker compares a tree with the schema.
type checker struct {
	report *reporter
	root   []field // for naming keys that stand in the wrong table
}

// environment checks a whole environment's keys: of the top level when name is
// "", else of env.<name>.
func (c checker) environment(n *node, name string) {
	prefix := ""
	if name != "" {
		prefix = "env." + name
	}
	for i := range n.members {
		m := &n.members[i]
		if name == "" && m.key == "env" {
			continue
		}
		f := lookup(c.root, m.key)
		if f != nil && name != "" && f.scope == topOnly && f.support != removed {
			c.report.warnf(m.pos, "not-in-environment", "%q has no effect in an environment", m.key).
				hint("move it to the top level, where it holds for all environments")
			continue
		}
		c.member(m, f, c.root, prefix)
	}
}

// member checks one key and its value against the field it was found to be.
func (c checker) member(m *member, f *field, among []field, prefix string) {
	path := join(prefix, m.key)
	switch {
	case f == nil:
		c.unknown(m, among, prefix)
	case f.support == removed:
		c.report.errorf(m.pos, "removed-key", "%q is no longer supported", path).hint("%s", f.note)
	case f.support == notEmulated && f.scope == nestedOnly:
		if !m.value.empty() {
			c.report.warnf(m.pos, "not-emulated", "%q is not emulated; the rest runs", path)
		}
	default:
		c.value(m.value, f.shape, path)
	}
}

// unknown warns of a key the format does not have, and guesses what was meant.
func (c checker) unknown(m *member, among []field, prefix string) {
	p := c.report.warnf(m.pos, "unknown-key", "unknown key %q is ignored", join(prefix, m.key))
	if guess := near(m.key, keys(among)); guess != "" {
		p.hint("did you mean %q?", guess)
		return
	}
	if f := lookup(c.root, m.key); f != nil || m.key == "env" {
		p.hint("%q belongs to the top level: in TOML, above the first [table]", m.key)
	}
}

// value checks a value and all within it.
func (c checker) value(n *node, s shape, path string) {
	if n.kind == nullKind {
		return // as if it were not there
	}
	if len(s.kinds) > 0 && !slices.Contains(s.kinds, n.kind) {
		c.wrongType(n, s, path)
		return
	}
	switch n.kind {
	case stringKind:
		c.word(n, s.words, path)
		if s.filled && n.text == "" {
			c.report.errorf(n.pos, "wrong-value", "%q is empty", path)
		}
	case numberKind:
		if s.whole && (n.number < 0 || n.number != math.Trunc(n.number) || n.number > 1<<53) {
			c.report.errorf(n.pos, "wrong-value", "%q is %s, want a whole number that is not negative", path, n.json())
		}
	case arrayKind:
		if s.items == nil {
			return
		}
		for i, item := range n.items {
			c.value(item, *s.items, fmt.Sprintf("%s[%d]", path, i))
		}
	case tableKind:
		c.table(n, s, path)
	}
}

// wrongType reports a value of the wrong kind. A date is what TOML makes of an
// unquoted one, so that gets a hint.
func (c checker) wrongType(n *node, s shape, path string) {
	var want []string
	for _, k := range s.kinds {
		want = append(want, k.String())
	}
	p := c.report.errorf(n.pos, "wrong-type", "%q is %s, want %s", path, n.describe(), strings.Join(want, " or "))
	switch {
	case n.kind == dateKind && slices.Contains(s.kinds, stringKind):
		p.hint("put it in quotes: %q", n.text)
	case n.kind == stringKind && slices.Contains(s.kinds, arrayKind):
		p.hint("put it in brackets: [%s]", quoteJSON(n.text))
	}
}

func (c checker) word(n *node, words []string, path string) {
	if len(words) == 0 || slices.Contains(words, n.text) {
		return
	}
	p := c.report.errorf(n.pos, "wrong-value", "%q is %s, want one of %s", path, n.describe(), quoted(words))
	if guess := near(n.text, words); guess != "" {
		p.hint("did you mean %q?", guess)
	}
}

func (c checker) table(n *node, s shape, path string) {
	for i := range n.members {
		m := &n.members[i]
		switch {
		case s.values != nil:
			c.value(m.value, *s.values, join(path, m.key))
		case s.open && lookup(s.fields, m.key) == nil:
		case s.fields != nil:
			c.member(m, lookup(s.fields, m.key), s.fields, path)
		}
	}
	for _, f := range s.fields {
		if v := n.get(f.key); f.required && (v == nil || v.kind == nullKind || v.kind == stringKind && v.text == "") {
			c.report.errorf(v.place(n.pos), "missing-key", "%s has no %q", path, f.key)
		}
	}
}

func lookup(fields []field, key string) *field {
	for i := range fields {
		if fields[i].key == key {
			return &fields[i]
		}
	}
	return nil
}

// keys lists the keys worth suggesting.
func keys(fields []field) []string {
	var out []string
	for _, f := range fields {
		if f.support != removed {
			out = append(out, f.key)
		}
	}
	return out
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// quoted lists words as "a", "b" or "c".
func quoted(words []string) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(quoteJSON(w))
	}
	return b.String()
}
