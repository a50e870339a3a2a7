package migrate

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dodev/dodev/emulator/config"
)

// problem notes what is wrong. The result is for adding to it.
func (m *planner) problem(severity config.Severity, pos config.Position, code, format string, args ...any) *config.Diagnostic {
	m.plan.Problems = append(m.plan.Problems, config.Diagnostic{Severity: severity, Code: code, Pos: pos, Message: fmt.Sprintf(format, args...)})
	return &m.plan.Problems[len(m.plan.Problems)-1]
}

// checkApplied compares the migrations that were applied with those that the
// configuration has, and returns how many of these are behind us.
func (m *planner) checkApplied() int {
	tags := m.script.tags()
	list := m.config.Migrations
	place := func(tag string) int {
		return slices.IndexFunc(list, func(g config.Migration) bool { return g.Tag == tag })
	}
	behind := 0
	for _, tag := range tags {
		if i := place(tag); i >= 0 {
			behind = max(behind, i+1)
			continue
		}
		if len(list) == 0 {
			continue // the project has gone over to an exports map
		}
		d := m.problem(config.Error, config.Position{File: m.config.Path}, "tag-missing", "migration %q was applied to this state, and the configuration no longer has it", tag)
		d.Detail = []string{"it has: " + strings.Join(tagsOf(list), ", ")}
		if tag == tags[len(tags)-1] { // which is all that the platform knows
			d.Detail = append(d.Detail, fmt.Sprintf("a deploy says: The published script %s has a migration tag %q, which was not found in your %s file. You may have already deleted it. Applying all available migrations to the script...",
				m.config.Name, tag, filepath.Base(m.config.Path)))
		}
		d.Hint = "put it back, or begin with other state: `dodev serve --persist-to FOLDER`, or `dodev reset`"
		if was, _ := m.script.applied(tag); was.Snapshot != "" {
			d.Hint = "put it back, or return to what was stored before it: `dodev migrate undo`"
			m.plan.behind = append(m.plan.behind, m.config.Name)
		}
	}
	for i, g := range list[:behind] {
		was, ok := m.script.applied(g.Tag)
		if !ok {
			d := m.problem(config.Error, g.Pos, "tag-order", "migration %q stands before %q, which was applied already: it will never be applied", g.Tag, list[behind-1].Tag)
			d.Hint = "put it behind the last one"
			continue
		}
		if was.Digest != digest(g) {
			d := m.problem(config.Warning, g.Pos, "tag-changed", "migration %q was changed after it had been applied: what it says now is never looked at", g.Tag)
			d.Detail = []string{"applied: " + describe(was.Steps)}
			d.Hint = "put it back as it was, and say what is to change in a migration with a new tag"
		}
		if want := tags[min(i, len(tags)-1)]; i < len(tags) && want != g.Tag && place(want) >= 0 {
			d := m.problem(config.Error, g.Pos, "tag-order", "migration %q stands where %q was applied", g.Tag, want)
			d.Hint = "put the migrations back in the order in which they were applied: " + strings.Join(tags, ", ")
			break
		}
	}
	return behind
}

func tagsOf(list []config.Migration) []string {
	tags := make([]string, len(list))
	for i, g := range list {
		tags[i] = g.Tag
	}
	return tags
}

func describe(steps []Step) string {
	var parts []string
	for _, s := range steps {
		parts = append(parts, s.String())
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// check finds what keeps the pending steps from being applied, here or by a
// deploy.
func (m *planner) check() {
	for _, p := range m.plan.pending {
		if p.config != m.config {
			continue
		}
		for _, s := range p.steps {
			switch s.Kind {
			case Delete:
				m.checkBindings(s)
			case Rename, Transfer:
				m.checkTarget(s)
			}
		}
	}
	m.checkStorage()
	m.checkExports()
}

// checkExports finds classes with objects that an exports map names no more.
func (m *planner) checkExports() {
	if m.script == nil || len(m.config.Migrations) > 0 {
		return
	}
	for _, class := range slices.Sorted(maps.Keys(m.script.Classes)) {
		there := m.survey[Key(m.config.Name, class)]
		if there.Objects == 0 || slices.ContainsFunc(m.config.Exports, func(e config.Export) bool { return e.Class == class }) {
			continue
		}
		file := config.Position{File: m.config.Path}
		back := m.formerly(m.script.Classes[class])
		if back == "" {
			d := m.problem(config.Warning, file, "export-missing", "%s has %s, and \"exports\" names it no more: nothing reaches them", class, objects(there.Objects))
			d.Hint = "name it with the state \"deleted\", or \"renamed\" to what it is now"
			continue
		}
		d := m.problem(config.Error, file, "export-missing", "%s was renamed to %s in this state, and \"exports\" no longer says so: %s would stay behind", back, class, objects(there.Objects))
		d.Hint = "put it back, or return to what was stored before it: `dodev migrate undo`"
		m.plan.behind = append(m.plan.behind, m.config.Name)
	}
}

// formerly is the class of the configuration that a class was called before, ""
// for none.
func (m *planner) formerly(c *Class) string {
	for _, e := range m.config.Exports {
		if e.State == "created" && slices.Contains(c.Former, Key(m.config.Name, e.Class)) {
			return e.Class
		}
	}
	return ""
}

// checkBindings finds bindings of a class that is to be deleted.
func (m *planner) checkBindings(s Step) {
	if m.alive(s.source()) {
		return // a later migration creates it anew
	}
	for _, b := range m.config.Bindings {
		if b.Class != s.Class || b.ScriptName != "" {
			continue
		}
		d := m.problem(config.Error, s.Pos, "class-bound", "%s is deleted%s but still bound as %s (line %d)", s.Class, by(s.Tag), b.Name, b.Pos.Line)
		d.Detail = []string{fmt.Sprintf("a deploy says: Cannot apply --delete-class migration to class '%s' without also removing the binding that references it. [code: 10061]", s.Class)}
		d.Hint = fmt.Sprintf("remove the binding, or do not delete %s", s.Class)
	}
}

func by(tag string) string {
	if tag == "" {
		return ""
	}
	return " by " + tag
}

// checkTarget finds objects that are where a step is to put others.
func (m *planner) checkTarget(s Step) {
	there := m.survey[s.target()]
	if there.Objects == 0 || s.Objects == 0 || m.freed(s) {
		return
	}
	d := m.problem(config.Error, s.Pos, "class-exists", "%s has %s already, so %s cannot become it%s", s.To, objects(there.Objects), s.Class, by(s.Tag))
	d.Detail = []string{fmt.Sprintf("a deploy refuses to rename a class to one that exists; here they lie in %s and %s", s.source(), s.target())}
	d.Hint = fmt.Sprintf("delete those that are not wanted, with `dodev reset %s` or `dodev reset %s`", s.To, s.Class)
}

// objects is a number of them.
func objects(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprintf("%d objects", n)
}

// freed reports whether a step before s takes away the objects that are where
// it puts others.
func (m *planner) freed(s Step) bool {
	for _, before := range m.plan.Steps {
		if before == s {
			return false
		}
		if before.Kind != New && before.source() == s.target() {
			return true
		}
	}
	return false
}

// checkStorage finds classes that are to have another kind of storage than
// they were created with.
func (m *planner) checkStorage() {
	if m.script == nil {
		return
	}
	for _, class := range m.config.Classes() {
		was := m.script.Classes[class.Name]
		if was == nil || !class.Migrated || class.Elsewhere || was.SQLite == class.SQLite || m.createdAnew(class.Name) {
			continue
		}
		d := m.problem(config.Error, m.declared(class.Name), "storage-changed", "%s has %s storage, and the configuration says %s: a class keeps what it was created with",
			class.Name, storage(was.SQLite), storage(class.SQLite))
		d.Hint = "create a class with another name, and have the old one hand over what it stores"
	}
}

// createdAnew reports whether pending steps delete a class and create another
// one of that name.
func (m *planner) createdAnew(class string) bool {
	return slices.ContainsFunc(m.plan.Steps, func(s Step) bool {
		return s.Script == m.config.Name && s.Class == class && s.Kind != New
	})
}

func storage(sqlite bool) string {
	if sqlite {
		return "SQLite"
	}
	return "key-value"
}

// declared is where the configuration brings a class about.
func (m *planner) declared(class string) config.Position {
	for _, g := range m.config.Migrations {
		if slices.Contains(g.NewClasses, class) || slices.Contains(g.NewSQLiteClasses, class) {
			return g.CreatedAt(class)
		}
		for _, r := range g.RenamedClasses {
			if r.To == class {
				return g.RenamedAt(r.From)
			}
		}
	}
	for _, e := range m.config.Exports {
		if e.Class == class {
			return e.Pos
		}
	}
	return config.Position{File: m.config.Path}
}
