package config

import (
	"path/filepath"
	"slices"
	"strings"
)

// hasExtension says whether a path ends in an extension.
func hasExtension(path, ext string) bool { return filepath.Ext(path) == ext }

// CheckExports compares the configuration with the names its code exports, as a
// bundle of mainFile has them. It reports bound classes that are missing, and
// classes that migrations or exports declare and nothing exports, but for those
// that have moved to another Worker.
func (c *Config) CheckExports(exported []string, mainFile string, moved ...string) Diagnostics {
	check := exportCheck{config: c, exported: exported, main: within(c.Dir, mainFile)}
	bound := map[string]bool{}
	for _, b := range c.Bindings {
		if b.ScriptName != "" {
			continue
		}
		bound[b.Class] = true
		if !slices.Contains(exported, b.Class) {
			check.bound(b)
		}
	}
	for _, d := range c.lifecycle(&reporter{}).live {
		if !bound[d.Name] && !slices.Contains(exported, d.Name) && !slices.Contains(moved, d.Name) {
			check.declared(d)
		}
	}
	for _, e := range c.Exports {
		if e.Type == typeWorker && !slices.Contains(exported, e.Class) {
			check.report.warnf(e.Pos, "entrypoint-not-exported", "\"exports\" names %q, which is not exported", e.Class).
				detail("%s", check.present())
		}
	}
	return check.report.sorted(c.Path)
}

// An exportCheck reports names that the code lacks.
type exportCheck struct {
	config   *Config
	exported []string
	main     string
	report   reporter
}

func (k *exportCheck) bound(b DurableObjectBinding) {
	p := k.report.errorf(b.ClassPos, "class-not-exported", "class %q is bound but not exported", b.Class).
		detail("%s", k.present())
	if now := k.config.lifecycle(&reporter{}).gone[b.Class].now; now != "" {
		p.hint("change class_name to %q", now)
		return
	}
	if other := k.likely(b.Class); other != "" {
		p.hint("add `export class %s`, or change class_name to %q", b.Class, other)
		return
	}
	p.hint("add `export class %s`", b.Class)
}

// declared reports a class nobody binds. The local runtime starts without one of
// key-value storage, and not without one of SQLite.
func (k *exportCheck) declared(d declared) {
	severity := Warning
	if d.SQLite {
		severity = Error
	}
	p := k.report.add(severity, d.pos, "class-not-exported", "class "+quoteJSON(d.Name)+" is declared by "+d.by+" but not exported").
		detail("%s", k.present())
	if d.by == "exports" {
		p.hint("add `export class %s`, or give it the state \"deleted\" or \"renamed\"", d.Name)
		return
	}
	p.detail("a deploy says: New version of script does not export class '%s' which is depended on by existing Durable Objects. [code: 10064]", d.Name)
	p.hint("add `export class %s`, or delete or rename it by a new migration: `dodev migrate new` writes one", d.Name)
}

// present lists what is exported, classes before the default.
func (k *exportCheck) present() string {
	if len(k.exported) == 0 {
		return k.main + " exports nothing"
	}
	names := slices.Sorted(slices.Values(k.exported))
	if i := slices.Index(names, "default"); i >= 0 {
		names = append(slices.Delete(names, i, i+1), "default")
	}
	return k.main + " exports: " + strings.Join(names, ", ")
}

// likely returns the export that a missing class was probably meant to be: one
// of a similar name, or the only one that is not bound.
func (k *exportCheck) likely(class string) string {
	free := slices.DeleteFunc(slices.Clone(k.exported), func(name string) bool {
		return name == "default" || slices.ContainsFunc(k.config.Bindings, func(b DurableObjectBinding) bool {
			return b.ScriptName == "" && b.Class == name
		})
	})
	if guess := near(class, free); guess != "" {
		return guess
	}
	if len(free) == 1 {
		return free[0]
	}
	return ""
}
