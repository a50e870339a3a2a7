package config

import "fmt"

// A declared class is one that migrations or exports leave alive.
type declared struct {
	Class
	pos       Position
	by        string // what brought it about, for messages
	elsewhere bool   // it comes from another script, which chose its storage
}

// lifecycle is what becomes of a script's classes step by step.
type lifecycle struct {
	report *reporter
	live   []declared
	gone   map[string]fate // former classes
}

// A fate is what became of a class.
type fate struct {
	what string // such as `migration "v2" deletes it`
	now  string // its name now, "" if it has none
}

// Classes returns the Durable Object classes of this script: first those that
// migrations or exports declare, in the order they came to be, then those that
// are bound and never declared, which the local runtime gives key-value storage.
// Classes of other scripts are not among them.
func (c *Config) Classes() []Class {
	life := c.lifecycle(&reporter{})
	var out []Class
	for _, d := range life.live {
		d.Elsewhere = d.elsewhere && d.by != "exports"
		out = append(out, d.Class)
	}
	seen := map[string]bool{}
	for _, b := range c.Bindings {
		if b.ScriptName == "" && life.find(b.Class) < 0 && !seen[b.Class] {
			seen[b.Class] = true
			out = append(out, Class{Name: b.Class})
		}
	}
	return out
}

// KeyValueClasses warns of each class that is declared with key-value storage
// and could have SQLite's, which has that and more.
func (c *Config) KeyValueClasses() Diagnostics {
	report := &reporter{}
	for _, d := range c.lifecycle(&reporter{}).live {
		if d.SQLite || d.elsewhere {
			continue
		}
		p := report.warnf(d.pos, "key-value-class", "class %q has key-value storage", d.Name).
			detail("SQLite classes have the same and SQL, point-in-time recovery and values of 2 MB")
		if d.by == "exports" {
			p.hint("unless it is deployed already, change its storage to \"sqlite\"")
		} else {
			p.hint("unless it is deployed already, move it from new_classes to new_sqlite_classes")
		}
	}
	return report.sorted(c.Path)
}

// lifecycle applies migrations, then exports, and reports steps that cannot be.
func (c *Config) lifecycle(report *reporter) *lifecycle {
	life := &lifecycle{report: report, gone: map[string]fate{}}
	for _, m := range c.Migrations {
		life.migrate(m)
	}
	for _, e := range c.Exports {
		life.export(e)
	}
	return life
}

func (l *lifecycle) find(class string) int {
	for i, d := range l.live {
		if d.Name == class {
			return i
		}
	}
	return -1
}

func (l *lifecycle) remove(class string, f fate) (old declared, found bool) {
	i := l.find(class)
	if i < 0 {
		return declared{}, false
	}
	old = l.live[i]
	l.live = append(l.live[:i:i], l.live[i+1:]...)
	l.gone[class] = f
	return old, true
}

func (l *lifecycle) add(d declared) {
	delete(l.gone, d.Name)
	l.live = append(l.live, d)
}

// migrate applies one migration's lists in the order the platform's tool does.
func (l *lifecycle) migrate(m Migration) {
	by := fmt.Sprintf("migration %q", m.Tag)
	for _, class := range m.DeletedClasses {
		if _, ok := l.remove(class, fate{what: by + " deletes it"}); !ok {
			l.missing(m.at(deletedClasses, class), by+" deletes", class)
		}
	}
	for _, r := range m.RenamedClasses {
		l.rename(m, r, by)
	}
	for _, t := range m.TransferredClasses {
		l.create(declared{Class{Name: t.To, Migrated: true}, m.at(transferredClasses, t.To), by, true})
	}
	for _, class := range m.NewClasses {
		l.create(declared{Class{Name: class, Migrated: true}, m.at(newClasses, class), by, false})
	}
	for _, class := range m.NewSQLiteClasses {
		l.create(declared{Class{Name: class, Migrated: true, SQLite: true}, m.at(newSQLiteClasses, class), by, false})
	}
}

func (l *lifecycle) rename(m Migration, r Rename, by string) {
	pos := m.at(renamedClasses, r.From)
	old, ok := l.remove(r.From, fate{fmt.Sprintf("%s renames it to %q", by, r.To), r.To})
	if !ok {
		l.missing(pos, by+" renames", r.From)
		return
	}
	if _, ok := l.remove(r.To, fate{}); ok {
		l.report.warnf(pos, "class-exists", "%s renames %q to %q, which exists already: a deploy refuses that", by, r.From, r.To)
	}
	l.add(declared{Class{Name: r.To, SQLite: old.SQLite, Migrated: true}, pos, by, old.elsewhere})
}

func (l *lifecycle) create(d declared) {
	i := l.find(d.Name)
	if i < 0 {
		l.add(d)
		return
	}
	l.report.errorf(d.pos, "class-exists", "%s creates class %q, which exists already", d.by, d.Name).
		detail("%s at line %d created it", l.live[i].by, l.live[i].pos.Line).
		hint("name a class once: its storage cannot be changed afterwards")
}

func (l *lifecycle) missing(pos Position, does, class string) {
	var names []string
	for _, d := range l.live {
		names = append(names, d.Name)
	}
	p := l.report.errorf(pos, "no-such-class", "%s class %q, which no earlier migration creates", does, class)
	if guess := near(class, names); guess != "" {
		p.hint("did you mean %q?", guess)
	}
}

func (l *lifecycle) export(e Export) {
	if e.Type != typeDurableObject {
		return
	}
	switch e.State {
	case stateDeleted:
		l.gone[e.Class] = fate{what: "its export says it is deleted"}
	case stateRenamed:
		l.gone[e.Class] = fate{fmt.Sprintf("its export says it is now %q", e.RenamedTo), e.RenamedTo}
	case stateTransferred:
		l.gone[e.Class] = fate{what: fmt.Sprintf("its export says it went to %q", e.TransferredTo)}
	case stateCreated, stateExpectingTransfer, "":
		if l.find(e.Class) < 0 {
			l.add(declared{Class{Name: e.Class, SQLite: e.Storage == "sqlite", Migrated: true}, e.Pos, "exports", e.State == stateExpectingTransfer})
		}
	}
}

// checkLifecycle reports impossible steps, and bound classes that a deploy would
// refuse.
func (l *loader) checkLifecycle() {
	c := l.config
	life := c.lifecycle(l.report)
	for _, e := range c.Exports {
		if e.State == stateRenamed && life.find(e.RenamedTo) < 0 {
			l.report.warnf(e.Pos, "no-such-class", "class %q is renamed to %q, which \"exports\" does not declare", e.Class, e.RenamedTo).
				hint("%s", l.remedy(e.RenamedTo))
		}
	}
	warned := map[string]bool{}
	for _, b := range c.Bindings {
		if b.ScriptName != "" || life.find(b.Class) >= 0 || warned[b.Class] {
			continue
		}
		warned[b.Class] = true
		if f, ok := life.gone[b.Class]; ok {
			l.warnGone(b, f)
			continue
		}
		l.report.warnf(b.ClassPos, "class-not-migrated", "class %q is bound, but nothing declares it", b.Class).
			detail("it runs with key-value storage here, without SQL").
			detail("a deploy says: Cannot create binding for class '%s' because it is not currently configured to implement Durable Objects. [code: 10061]", b.Class).
			hint("%s", l.remedy(b.Class))
	}
}

func (l *loader) warnGone(b DurableObjectBinding, f fate) {
	p := l.report.warnf(b.ClassPos, "class-gone", "class %q is bound, but %s", b.Class, f.what).
		detail("it runs with key-value storage here, without SQL; a deploy refuses it")
	if f.now != "" {
		p.hint("change class_name to %q", f.now)
		return
	}
	p.hint("remove the binding %s", b.Name)
}

// remedy is what to add to declare a class, in the words of the file's format.
func (l *loader) remedy(class string) string {
	c := l.config
	toml := hasExtension(c.Path, ".toml")
	switch {
	case len(c.Migrations) > 0 && toml:
		return fmt.Sprintf("add [[migrations]] with a new tag and new_sqlite_classes = [%q]: `dodev migrate new` does", class)
	case len(c.Migrations) > 0:
		return fmt.Sprintf("add to \"migrations\" { \"tag\": …, \"new_sqlite_classes\": [%q] }: `dodev migrate new` does", class)
	case toml:
		return fmt.Sprintf("add [exports.%s] with type = %q and storage = \"sqlite\"", class, typeDurableObject)
	}
	return fmt.Sprintf("add \"exports\": { %q: { \"type\": %q, \"storage\": \"sqlite\" } }", class, typeDurableObject)
}
