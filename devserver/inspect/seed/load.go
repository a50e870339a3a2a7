package seed

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/config"
)

// A Store is what fixtures are loaded into and taken from.
type Store interface {
	inspect.Storage
	Object(ctx context.Context, ref inspect.Ref) (inspect.Object, error)
	Act(ctx context.Context, a inspect.Action) (inspect.Outcome, error)
}

// Loaded is what was stored of an object.
type Loaded struct {
	Target     inspect.Target
	Object     Object
	Rows       int
	Statements int
}

// A Plan is a fixture whose objects have been found.
type Plan struct {
	objects []Object
	targets []inspect.Target
}

// Aim finds the objects of a fixture in a project. The error is
// [config.Diagnostics] with all that cannot be, as a class that is not there.
func Aim(f *File, s inspect.Snapshot) (*Plan, error) {
	p := &Plan{objects: f.Objects}
	lines := map[inspect.Ref]int{}
	var wrong config.Diagnostics
	fail := func(at config.Position, hint, format string, args ...any) {
		wrong = append(wrong, config.Diagnostic{Severity: config.Error, Code: "seed", Pos: at, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	for _, o := range f.Objects {
		t, err := s.Named(o.Name)
		if err != nil {
			hint := ""
			if e, ok := err.(*inspect.Error); ok && len(e.Near) > 0 {
				hint = "did you mean " + strings.Join(e.Near, " or ") + "?"
			}
			fail(o.at, hint, "%s", err)
			continue
		}
		if line, twice := lines[t.Ref]; twice {
			fail(o.at, "", "%s is the object of line %d", o.Name, line)
		}
		lines[t.Ref] = o.at.Line
		if part, needed := sqlOf(o); needed && !hasSQL(s, t.Ref) {
			fail(part, sqlHint, "objects of %s store keys alone", t.Ref.Namespace)
		}
		p.targets = append(p.targets, t)
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return p, nil
}

// sqlHint is what to do about a class without SQL.
const sqlHint = "make it a class of new_sqlite_classes, or store keys"

// Into plans what one object of a project, which need not be there yet, is to
// store, whatever o is called.
func Into(s inspect.Snapshot, t inspect.Target, o Object) (*Plan, error) {
	if _, needed := sqlOf(o); needed && !hasSQL(s, t.Ref) {
		return nil, &inspect.Error{Code: inspect.Invalid, Message: fmt.Sprintf("objects of %s store keys alone: %s", t.Ref.Namespace, sqlHint)}
	}
	return &Plan{objects: []Object{o}, targets: []inspect.Target{t}}, nil
}

// sqlOf says whether an object needs SQL, and where that begins.
func sqlOf(o Object) (at config.Position, needed bool) {
	switch {
	case len(o.Tables) > 0:
		return o.Tables[0].at, true
	case len(o.SQL) > 0:
		return o.SQL[0].at, true
	}
	return config.Position{}, false
}

func hasSQL(s inspect.Snapshot, ref inspect.Ref) bool {
	for _, ns := range s.Namespaces {
		if ns.Key == ref.Namespace {
			return ns.SQLite || !ns.Known
		}
	}
	return true
}

// Load stores a fixture, object by object, and tells of each. With replace
// objects lose first what they stored before. An object's keys are stored all or
// none, and so are its tables and statements as long as they are within the
// 100 kB that the platform takes at a time.
func (p *Plan) Load(ctx context.Context, in Store, replace bool, tell func(Loaded)) error {
	for i, o := range p.objects {
		l := Loaded{Target: p.targets[i], Object: o, Statements: len(o.SQL)}
		for _, t := range o.Tables {
			l.Rows += len(t.Rows)
		}
		if err := load(ctx, in, o, p.targets[i], replace); err != nil {
			return err
		}
		tell(l)
	}
	return nil
}

func load(ctx context.Context, in Store, o Object, t inspect.Target, replace bool) error {
	if replace && t.Found {
		_, err := in.Act(ctx, inspect.Action{Kind: inspect.Delete, Object: t.Ref})
		if err != nil && inspect.CodeOf(err) != inspect.NotFound {
			return located(o.at, t, err)
		}
	}
	if len(o.Keys) > 0 {
		changes := make([]inspect.Change, 0, len(o.Keys))
		for _, pair := range o.Keys {
			changes = append(changes, inspect.Change{Key: pair.Key, Value: pair.Value})
		}
		if _, err := in.Edit(ctx, t.Ref, changes); err != nil {
			return located(o.at, t, err)
		}
	}
	if err := loadSQL(ctx, in, o, t); err != nil {
		return err
	}
	if t.Name != "" {
		if _, err := in.Act(ctx, inspect.Action{Kind: inspect.Remember, Object: t.Ref, Text: t.Name}); err != nil {
			return located(o.at, t, err)
		}
	}
	if o.Alarm.IsZero() {
		return nil
	}
	if _, err := in.Act(ctx, inspect.Action{Kind: inspect.SetAlarm, Object: t.Ref, At: o.Alarm}); err != nil {
		return located(o.alarmAt, t, err)
	}
	return nil
}

// located says where in the file it stands what could not be stored, if it
// stands in one.
func located(at config.Position, t inspect.Target, err error) error {
	if at.Line == 0 {
		return fmt.Errorf("%s: %w", t.Label, err)
	}
	switch inspect.CodeOf(err) {
	case inspect.Threw, inspect.Invalid, inspect.Refused:
		return config.Diagnostics{{Severity: config.Error, Code: "seed", Pos: at, Message: fmt.Sprintf("%s: %s", t.Label, err)}}
	}
	return fmt.Errorf("seed %s: %w", t.Label, err)
}

// batchSize is how much SQL is run at a time: less than the platform takes.
const batchSize = 60_000

// deferred lets rows refer to rows that come later.
const deferred = "PRAGMA defer_foreign_keys = ON;\n"

// A batch is SQL that is run at once, as one transaction.
type batch struct {
	in   Store
	t    inspect.Target
	text strings.Builder
	at   config.Position // where its first part stands
}

// loadSQL makes tables with their rows and runs statements.
func loadSQL(ctx context.Context, in Store, o Object, t inspect.Target) error {
	b := &batch{in: in, t: t}
	for _, table := range o.Tables {
		if table.SQL == "" {
			continue
		}
		if err := b.add(ctx, table.SQL, table.at); err != nil {
			return err
		}
	}
	// A row may refer to any table, so all of them are made first.
	for _, table := range o.Tables {
		for _, row := range table.Rows {
			if err := b.row(ctx, table, row); err != nil {
				return err
			}
		}
	}
	for _, statement := range o.SQL {
		if err := b.add(ctx, statement.SQL, statement.at); err != nil {
			return err
		}
	}
	return b.run(ctx)
}

// row inserts a row, one that is large on its own.
func (b *batch) row(ctx context.Context, t Table, r Row) error {
	into := "INSERT INTO " + inspect.QuoteName(t.Name)
	if r.Columns != nil {
		names := make([]string, len(r.Columns))
		for i, name := range r.Columns {
			names[i] = inspect.QuoteName(name)
		}
		into += " (" + strings.Join(names, ", ") + ")"
	}
	literals := make([]string, len(r.Values))
	for i, value := range r.Values {
		literal, err := inspect.Literal(value)
		if err != nil {
			return located(t.at, b.t, &inspect.Error{Code: inspect.Invalid, Message: err.Error()})
		}
		literals[i] = literal
	}
	sql := into + " VALUES (" + strings.Join(literals, ", ") + ")"
	if len(sql) <= batchSize && !strings.Contains(sql, "\x00") {
		return b.add(ctx, sql, t.at)
	}
	if err := b.run(ctx); err != nil {
		return err
	}
	marks, bound := bindable(r.Values, literals)
	return b.send(ctx, inspect.SQLQuery{SQL: into + " VALUES (" + marks + ")", Bindings: bound}, t.at)
}

// bindable binds what is a text or bytes, and writes the rest out, so that
// integers stay integers.
func bindable(values []json.RawMessage, literals []string) (marks string, bound []json.RawMessage) {
	parts := make([]string, len(values))
	for i, literal := range literals {
		parts[i] = literal
		if literal[0] == '\'' || literal[0] == 'X' {
			parts[i] = "?"
			bound = append(bound, values[i])
		}
	}
	return strings.Join(parts, ", "), bound
}

// add puts a statement into the batch, after running one that is full.
func (b *batch) add(ctx context.Context, sql string, at config.Position) error {
	if b.text.Len() > 0 && b.text.Len()+len(sql) > batchSize {
		if err := b.run(ctx); err != nil {
			return err
		}
	}
	if b.text.Len() == 0 {
		b.text.WriteString(deferred)
		b.at = at
	}
	// On a line of its own, a semicolon also ends what ends with a comment.
	b.text.WriteString(strings.TrimRight(sql, "; \t\r\n") + "\n;\n")
	return nil
}

// run runs what is in the batch.
func (b *batch) run(ctx context.Context) error {
	if b.text.Len() == 0 {
		return nil
	}
	sql := b.text.String()
	b.text.Reset()
	return b.send(ctx, inspect.SQLQuery{SQL: sql}, b.at)
}

func (b *batch) send(ctx context.Context, q inspect.SQLQuery, at config.Position) error {
	if _, err := b.in.SQL(ctx, b.t.Ref, q); err != nil {
		return located(at, b.t, err)
	}
	return nil
}
