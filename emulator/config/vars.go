package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Variables of wrangler's own that say how environment files are used.
const (
	loadFromDotenv = "CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"
	includeProcess = "CLOUDFLARE_INCLUDE_PROCESS_ENV"
)

// readVars gathers the variables: those of the configuration, over them those of
// the files beside it, over them those of the command line.
func (l *loader) readVars() {
	vars := map[string]Var{}
	if n := l.view.get("vars"); n != nil {
		for _, m := range n.members {
			l.rejectDates(m.value, "vars."+m.key)
			vars[m.key] = Var{Name: m.key, JSON: m.value.json(), Source: filepath.Base(l.config.Path), Pos: m.pos}
		}
	}
	l.addFile(l.config.Path)
	l.addSecrets(vars)
	l.yieldToBindings(vars)
	for _, v := range l.opts.Vars {
		vars[v.Name] = v
	}
	for _, v := range vars {
		l.config.Vars = append(l.config.Vars, v)
	}
	slices.SortFunc(l.config.Vars, func(a, b Var) int { return strings.Compare(a.Name, b.Name) })
}

// rejectDates reports TOML dates, which no variable can hold.
func (l *loader) rejectDates(n *node, path string) {
	if n.kind == dateKind {
		l.report.errorf(n.pos, "wrong-type", "%q is a date, which JSON does not have", path).
			hint("put it in quotes: %q", n.text)
	}
	for _, item := range n.items {
		l.rejectDates(item, path)
	}
	for _, m := range n.members {
		l.rejectDates(m.value, join(path, m.key))
	}
}

// addSecrets lays the variables of environment files over the others. Where the
// configuration lists the secrets it requires, others in the files only replace
// variables there are.
func (l *loader) addSecrets(vars map[string]Var) {
	secrets := l.view.get("secrets")
	listed := secrets.get("required")
	settings := l.fileSettings(secrets != nil)
	found := map[string]bool{}
	for _, s := range settings {
		found[s.name] = true
		if _, replaces := vars[s.name]; secrets != nil && !replaces && !slices.Contains(listed.strings(), s.name) {
			continue
		}
		source := "environment"
		if s.pos.File != "" {
			source = filepath.Base(s.pos.File)
		}
		vars[s.name] = Var{Name: s.name, JSON: quoteJSON(s.value), Source: source, Secret: true, Pos: s.pos}
	}
	for _, n := range listed.array() {
		if name := n.string(); name != "" && !found[name] {
			l.report.warnf(n.pos, "missing-secret", "the required secret %q is not set", name).
				hint("add %s=… to .dev.vars or .env", name)
		}
	}
}

// yieldToBindings drops variables of files that have a binding's name. Those of
// the configuration itself are an error of their own.
func (l *loader) yieldToBindings(vars map[string]Var) {
	names := map[string]bool{}
	for _, b := range l.config.Bindings {
		names[b.Name] = true
	}
	for _, s := range l.config.Services {
		names[s.Name] = true
	}
	for _, v := range vars {
		if v.Secret && names[v.Name] {
			l.report.warnf(v.Pos, "duplicate-binding", "%q is a binding's name: the variable is not used", v.Name)
			delete(vars, v.Name)
		}
	}
}

// fileSettings reads the environment files that count: .dev.vars.<env> or else
// .dev.vars, and only where there is neither, the .env files together.
func (l *loader) fileSettings(withProcess bool) []setting {
	process := environment(l.opts.Environ)
	devVars := []string{".dev.vars"}
	dotenv := []string{".env", ".env.local"}
	if env := l.opts.Env; env != "" && fs.ValidPath(env) && !strings.Contains(env, "/") {
		devVars = []string{".dev.vars." + env, ".dev.vars"}
		dotenv = append(dotenv, ".env."+env, ".env."+env+".local")
	}
	for _, name := range devVars {
		if settings, ok := l.settingsOf(name); ok {
			return settings
		}
	}
	if strings.EqualFold(process[loadFromDotenv], "false") {
		return nil
	}
	if !withProcess && !strings.EqualFold(process[includeProcess], "true") {
		process = nil
	}
	var all []setting
	for _, name := range dotenv {
		settings, _ := l.settingsOf(name)
		all = append(all, settings...)
	}
	all = lastOfEach(all)
	expand(all, process, l.report)
	for _, entry := range l.opts.Environ {
		name, value, ok := strings.Cut(entry, "=")
		inFile := slices.ContainsFunc(all, func(s setting) bool { return s.name == name })
		if _, used := process[name]; ok && used && name != "" && !inFile {
			all = append(all, setting{name: name, value: value})
		}
	}
	return all
}

// settingsOf reads an environment file beside the configuration, and says
// whether it is there.
func (l *loader) settingsOf(name string) ([]setting, bool) {
	path := filepath.Join(l.config.Dir, name)
	l.addFile(path)
	src, err := readSource(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	if err != nil {
		l.report.errorf(Position{File: path}, "unreadable", "the variables cannot be read: %s", cause(err))
		return nil, true
	}
	return parseDotenv(src, l.report), true
}

// cause is an error without the file's name, which its place gives already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// lastOfEach keeps the last value of each name, at the place of the first.
func lastOfEach(settings []setting) []setting {
	var out []setting
	index := map[string]int{}
	for _, s := range settings {
		if i, seen := index[s.name]; seen {
			out[i] = s
			continue
		}
		index[s.name] = len(out)
		out = append(out, s)
	}
	return out
}

// environment turns NAME=value entries into a map.
func environment(entries []string) map[string]string {
	out := map[string]string{}
	for _, entry := range entries {
		if name, value, ok := strings.Cut(entry, "="); ok {
			out[name] = value
		}
	}
	return out
}
