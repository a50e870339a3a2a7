package stored

import (
	"errors"
	"slices"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/sqlite/snapshot"
)

// StepsOf are steps as package inspect has them.
func StepsOf(steps []migrate.Step) []inspect.MigrationStep {
	out := []inspect.MigrationStep{}
	for _, s := range steps {
		out = append(out, inspect.MigrationStep{
			Script: s.Script, Tag: s.Tag, Kind: inspect.MigrationKind(s.Kind), Class: s.Class, From: s.From, To: s.To, SQLite: s.SQLite,
			Objects: s.Objects, Bytes: s.Bytes, Alarms: s.Alarms, File: s.Pos.File, Line: s.Pos.Line,
		})
	}
	return out
}

// PlanOf is a plan as package inspect has it, with what is wrong with the
// project besides.
func PlanOf(p *migrate.Plan, wrong config.Diagnostics) inspect.MigrationPlan {
	out := inspect.MigrationPlan{Steps: StepsOf(p.Steps), Offers: StepsOf(p.Offers), Pending: p.Pending(), Problems: []inspect.MigrationProblem{}}
	for _, d := range append(aboutClasses(wrong, p.Problems), p.Problems...) {
		out.Problems = append(out.Problems, inspect.MigrationProblem{
			Severity: d.Severity.String(), Code: d.Code, Message: d.Message, File: d.Pos.File, Line: d.Pos.Line, Column: d.Pos.Column, Detail: d.Detail, Hint: d.Hint,
		})
	}
	return out
}

// aboutClasses keeps the diagnostics of a project that are errors or concern
// classes. One that the plan tells of in other words is left out.
func aboutClasses(ds, planned config.Diagnostics) config.Diagnostics {
	codes := []string{"duplicate-tag", "no-such-class", "class-exists", "class-not-migrated", "class-gone", "class-not-exported", "migrations-and-exports", "migration-not-exported"}
	bound := slices.ContainsFunc(planned, func(d config.Diagnostic) bool { return d.Code == "class-bound" })
	return slices.DeleteFunc(slices.Clone(ds), func(d config.Diagnostic) bool {
		return !slices.Contains(codes, d.Code) && d.Severity != config.Error || bound && d.Code == "class-gone"
	})
}

// StatusOf is what was applied by a ledger, and what is left.
func StatusOf(l *migrate.Ledger, pending []string, store snapshot.Store) inspect.MigrationStatus {
	s := inspect.MigrationStatus{Applied: []inspect.AppliedMigration{}, Pending: pending}
	for name, script := range l.Scripts {
		for _, a := range script.Applied {
			s.Applied = append(s.Applied, inspect.AppliedMigration{Script: name, Tag: a.Tag, At: a.At, Config: a.Config, Steps: StepsOf(a.Steps), Snapshot: a.Snapshot})
		}
	}
	slices.SortStableFunc(s.Applied, func(a, b inspect.AppliedMigration) int { return a.At.Compare(b.At) })
	if _, err := l.Undo(store); err != nil {
		s.WhyNoUndo = err.Error()
	}
	return s
}

// MigratedOf is what applying did as package inspect has it.
func MigratedOf(r migrate.Result) inspect.Migrated {
	return inspect.Migrated{Steps: StepsOf(r.Steps), Nameless: r.Nameless, Snapshot: r.Snapshot}
}

// UndoneOf is what undoing did as package inspect has it.
func UndoneOf(u migrate.Undone) inspect.Undone {
	return inspect.Undone{Objects: u.Objects, Snapshot: u.Snapshot}
}

// UndoError gives the error of finding what to undo its code.
func UndoError(err error) error {
	if errors.Is(err, migrate.ErrNothingApplied) || errors.Is(err, migrate.ErrNothingTouched) || errors.Is(err, snapshot.ErrNotFound) {
		return &inspect.Error{Code: inspect.Unavailable, Message: err.Error()}
	}
	return err
}
