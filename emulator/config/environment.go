package config

import "strings"

// A view is a configuration as one environment sees it.
type view struct {
	fields []field
	top    *node
	env    *node  // the environment's table, nil at the top level
	suffix string // the environment's name when the Worker takes it into its own
}

// member returns the key as it holds in the environment, nil if it does not.
func (v view) member(key string) *member {
	f := lookup(v.fields, key)
	if v.env != nil && f.scope != topOnly {
		m := v.env.member(key)
		if m != nil && m.value.kind != nullKind {
			return m
		}
		if f.scope == ownOnly {
			return nil
		}
	}
	if m := v.top.member(key); m != nil && m.value.kind != nullKind {
		return m
	}
	return nil
}

// get returns the value that holds for a key in the environment.
func (v view) get(key string) *node {
	if m := v.member(key); m != nil {
		return m.value
	}
	return nil
}

// suffixed says whether the Worker's name ends in the environment's.
func (v view) suffixed() bool {
	return v.suffix != "" && v.env.get("name").string() == ""
}

// chooseEnvironment finds the environment that was asked for. A file without
// any environments is used as it is, with the name taken in, as wrangler does.
func (l *loader) chooseEnvironment() {
	envs := l.view.top.member("env")
	l.checkEnvironments(envs)
	name := l.opts.Env
	if name == "" {
		return
	}
	l.view.suffix = name
	if envs == nil || len(envs.value.members) == 0 {
		l.report.warnf(l.view.top.pos, "no-environments", "there is no environment %q: the top level is used for it", name).
			hint("add an \"env\" table with %q in it", name)
		return
	}
	if env := envs.value.get(name); env != nil {
		if env.kind == tableKind {
			l.view.env = env
		}
		return
	}
	var names []string
	for _, m := range envs.value.members {
		names = append(names, m.key)
	}
	p := l.report.errorf(envs.pos, "unknown-environment", "there is no environment %q", name).
		detail("environments: %s", strings.Join(names, ", "))
	if guess := near(name, names); guess != "" {
		p.hint("did you mean %q?", guess)
	}
}

// checkEnvironments reports environments that are not tables.
func (l *loader) checkEnvironments(envs *member) {
	if envs == nil {
		return
	}
	c := checker{l.report, l.view.fields}
	c.value(envs.value, dictionary(shape{kinds: []kind{tableKind}}), "env")
}

// warnNotInherited names what the top level has and the environment, which does
// not inherit it, lacks.
func (l *loader) warnNotInherited() {
	for _, f := range l.view.fields {
		top, own := l.view.top.member(f.key), l.view.env.member(f.key)
		if f.scope != ownOnly || top == nil || top.value.empty() {
			continue
		}
		if own == nil {
			l.report.warnf(top.pos, "not-inherited", "%q is not inherited: env.%s has none", f.key, l.opts.Env).
				hint("repeat it in env.%s, empty if it should have none", l.opts.Env)
			continue
		}
		if f.key == "vars" || f.key == "define" {
			l.warnMissingEntries(f.key, top.value, own)
		}
	}
}

// warnMissingEntries names the variables of the top level that an environment
// with variables of its own lacks.
func (l *loader) warnMissingEntries(key string, top *node, own *member) {
	var missing []string
	for _, m := range top.members {
		if own.value.member(m.key) == nil {
			missing = append(missing, m.key)
		}
	}
	if len(missing) > 0 && own.value.kind == tableKind {
		l.report.warnf(own.pos, "not-inherited", "env.%s.%s lacks entries of the top level, which are not inherited", l.opts.Env, key).
			detail("missing: %s", strings.Join(missing, ", "))
	}
}

// warnNotEmulated names what the environment uses and a local run does not have.
func (l *loader) warnNotEmulated() {
	for _, f := range l.view.fields {
		m := l.view.member(f.key)
		if f.support != notEmulated || m == nil || m.value.empty() {
			continue
		}
		name, pos := f.key, m.pos
		if f.key == "triggers" {
			crons := m.value.member("crons")
			if crons == nil || crons.value.empty() {
				continue
			}
			name, pos = "triggers.crons", crons.pos
		}
		p := l.report.warnf(pos, "not-emulated", "%q is not emulated; the rest runs", name)
		var names []string
		for _, n := range namesAt(m.value, f.binds) {
			names = append(names, "env."+n.text)
		}
		if len(names) > 0 {
			p.detail("undefined here: %s", strings.Join(names, ", "))
		}
	}
}
