package files

import (
	"context"
	"errors"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite/state"
)

// A Reading is what a project's files say now: its configurations, and what is
// wrong with them and the code.
type Reading func() ([]*config.Config, config.Diagnostics, error)

// ReadBy has the folder ask for the project's configurations when it plans
// migrations, instead of going by those it was opened with.
func (f *Folder) ReadBy(read Reading) { f.read = read }

// configurations are those of the project.
func (f *Folder) configurations() ([]*config.Config, config.Diagnostics, error) {
	if f.read == nil {
		return nil, nil, &inspect.Error{Code: inspect.Unavailable, Message: "there is no configuration here whose migrations could be looked at"}
	}
	return f.read()
}

// planned is the plan for what is stored now. A change that a killed process has
// left is ended first.
func (f *Folder) planned() (*migrate.Plan, *migrate.Ledger, config.Diagnostics, error) {
	configs, wrong, err := f.configurations()
	if err != nil {
		return nil, nil, nil, err
	}
	folder := state.Folder{Dir: f.dir}
	if _, err := folder.Recover(); err != nil {
		return nil, nil, nil, locked(err)
	}
	ledger, err := migrate.ReadLedger(folder)
	if err != nil {
		return nil, nil, nil, err
	}
	survey, err := migrate.TakeSurvey(folder)
	if err != nil {
		return nil, nil, nil, err
	}
	return migrate.Make(configs, ledger, survey), ledger, wrong, nil
}

// MigrationStatus implements inspect.Migrator.
func (f *Folder) MigrationStatus(context.Context) (inspect.MigrationStatus, error) {
	plan, ledger, _, err := f.planned()
	if err != nil {
		return inspect.MigrationStatus{}, err
	}
	return stored.StatusOf(ledger, plan.Pending(), f.store()), nil
}

// MigrationPlan implements inspect.Migrator.
func (f *Folder) MigrationPlan(context.Context) (inspect.MigrationPlan, error) {
	plan, _, wrong, err := f.planned()
	if err != nil {
		return inspect.MigrationPlan{}, err
	}
	return stored.PlanOf(plan, wrong), nil
}

// Migrate implements inspect.Migrator.
func (f *Folder) Migrate(_ context.Context, a inspect.Agreement) (inspect.Migrated, error) {
	plan, _, wrong, err := f.planned()
	if err != nil {
		return inspect.Migrated{}, err
	}
	if err := a.To(stored.PlanOf(plan, wrong)); err != nil {
		return inspect.Migrated{}, err
	}
	if plan.Done() && len(a.Adopt) == 0 {
		return stored.MigratedOf(migrate.Result{}), nil
	}
	folder, now := state.Folder{Dir: f.dir}, time.Now()
	r, err := plan.Apply(folder, migrate.Options{
		Now: now, Adopt: a.Adopt, Name: f.nameNow, Named: func(ref object.Ref) { f.book.Note(ref) }, Before: plan.KeepIn(f.store(), folder, now, f.nameNow),
	})
	if err != nil {
		return inspect.Migrated{}, locked(err)
	}
	return stored.MigratedOf(r), nil
}

// nameNow is an object's name: one that was remembered, or that the other tool
// has left in its file.
func (f *Folder) nameNow(key, id string) string {
	if name := f.nameOf(key, id); name != "" {
		return name
	}
	return migrate.NameInFile(state.Folder{Dir: f.dir}, key, id)
}

// UndoMigrations implements inspect.Migrator.
func (f *Folder) UndoMigrations(context.Context) (done inspect.Undone, err error) {
	folder := state.Folder{Dir: f.dir}
	if _, err := folder.Recover(); err != nil {
		return done, locked(err)
	}
	ledger, err := migrate.ReadLedger(folder)
	if err != nil {
		return done, err
	}
	undo, err := ledger.Undo(f.store())
	if err != nil {
		return done, stored.UndoError(err)
	}
	hold, err := folder.Hold(undo.Before.Namespaces...)
	if err != nil {
		return done, locked(err)
	}
	defer func() { err = errors.Join(err, hold.Release()) }()
	undone, err := undo.Apply(folder, hold, time.Now(), f.nameNow)
	return stored.UndoneOf(undone), err
}
