package live

import (
	"context"
	"errors"
	"fmt"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
)

// A Project is what the emulator runs, as its files are.
type Project interface {
	// Saved are the Workers as they are saved now, and what is wrong with them.
	// Unless fresh, those of the last save do while their configurations are the
	// same.
	Saved(fresh bool) ([]emulator.Worker, config.Diagnostics, error)
	// Migrated is told that the emulator went on with other code, since
	// migrations that go with it were applied.
	Migrated(r migrate.Result, info emulator.ReloadInfo)
	// Undone is told that migrations were undone. Held says that the code is again
	// that of before, and what is saved waits.
	Undone(u migrate.Undone, info emulator.ReloadInfo, held bool)
}

// errNoProject is the answer of a Live that was given no project.
var errNoProject = &inspect.Error{Code: inspect.Unavailable, Message: "the server does not know the project's files"}

// AttachProject gives it the project, whose migrations it then plans and applies.
func (l *Live) AttachProject(p Project) { l.saved.Store(&p) }

func (l *Live) attached() (*emulator.Emulator, Project, error) {
	e, err := l.emulator()
	if err != nil {
		return nil, nil, err
	}
	p := l.saved.Load()
	if p == nil {
		return nil, nil, errNoProject
	}
	return e, *p, nil
}

// planned is the plan for what is saved and stored now, once what is being
// applied is.
func (l *Live) planned() (*migrate.Plan, config.Diagnostics, error) {
	l.migrating.Lock()
	defer l.migrating.Unlock()
	e, p, err := l.attached()
	if err != nil {
		return nil, nil, err
	}
	workers, wrong, err := p.Saved(false)
	if err != nil {
		return nil, nil, err
	}
	var configs []*config.Config
	for _, w := range workers {
		configs = append(configs, w.Config)
	}
	plan, err := e.PlanMigrations(configs)
	return plan, wrong, migrationError(err)
}

// MigrationStatus implements inspect.Migrator.
func (l *Live) MigrationStatus(context.Context) (inspect.MigrationStatus, error) {
	plan, _, err := l.planned()
	if err != nil {
		return inspect.MigrationStatus{}, err
	}
	return stored.StatusOf(plan.Ledger(), plan.Pending(), l.store()), nil
}

// MigrationPlan implements inspect.Migrator.
func (l *Live) MigrationPlan(context.Context) (inspect.MigrationPlan, error) {
	plan, wrong, err := l.planned()
	if err != nil {
		return inspect.MigrationPlan{}, err
	}
	out := stored.PlanOf(plan, wrong)
	out.Held = len(plan.Ahead()) > 0 || plan.Behind()
	return out, nil
}

// Migrate implements inspect.Migrator: the project goes on with the code that is
// saved now.
func (l *Live) Migrate(_ context.Context, a inspect.Agreement) (inspect.Migrated, error) {
	l.migrating.Lock()
	defer l.migrating.Unlock()
	e, p, err := l.attached()
	if err != nil {
		return inspect.Migrated{}, err
	}
	workers, wrong, err := p.Saved(true)
	if err != nil {
		return inspect.Migrated{}, err
	}
	nothing := errors.New("nothing is left to apply")
	var failure *emulator.Failure
	before := e.Running()
	r, info, err := e.Migrate(emulator.Migration{
		Workers: workers, Adopt: a.Adopt, Snapshots: l.store(),
		Agreed: func(plan *migrate.Plan) error {
			if err := a.To(stored.PlanOf(plan, wrong)); err != nil {
				return err
			}
			if plan.Done() && len(a.Adopt) == 0 {
				return nothing
			}
			return nil
		},
	})
	switch {
	case errors.Is(err, nothing):
		return stored.MigratedOf(migrate.Result{}), nil
	case errors.As(err, &failure):
		return inspect.Migrated{}, &inspect.Error{Code: inspect.Refused, Message: "what is saved does not load: " + failure.Error(), Fault: faultOf(failure)}
	case err != nil:
		return inspect.Migrated{}, migrationError(err)
	}
	l.before = before
	l.changed()
	p.Migrated(r, info)
	out := stored.MigratedOf(r)
	out.Reloaded = true
	return out, nil
}

// changed has followers look again at everything.
func (l *Live) changed() {
	l.replaced("migration", func(inspect.Ref) bool { return true })
	l.ring.add(inspect.Event{Kind: inspect.MigrationsChanged})
}

// UndoMigrations implements inspect.Migrator. The project goes on with what is
// saved, if that does not ask for the same again, else with the code it ran
// before.
func (l *Live) UndoMigrations(context.Context) (inspect.Undone, error) {
	l.migrating.Lock()
	defer l.migrating.Unlock()
	e, p, err := l.attached()
	if err != nil {
		return inspect.Undone{}, err
	}
	ledger, err := e.Ledger()
	if err != nil {
		return inspect.Undone{}, migrationError(err)
	}
	undo, err := ledger.Undo(l.store())
	if err != nil {
		return inspect.Undone{}, stored.UndoError(err)
	}
	workers, held, err := l.afterUndo(p, undo)
	if err != nil {
		return inspect.Undone{}, err
	}
	done, info, err := e.UndoMigrations(undo, workers)
	if err != nil {
		return inspect.Undone{}, migrationError(err)
	}
	l.before = nil
	l.changed()
	p.Undone(done, info, held)
	out := stored.UndoneOf(done)
	out.Held = held
	return out, nil
}

// afterUndo is the code to go on with when migrations are undone. Held says that
// it is not what is saved.
func (l *Live) afterUndo(p Project, u *migrate.Undo) (workers []emulator.Worker, held bool, err error) {
	ledger, err := u.Ledger()
	if err != nil {
		return nil, false, err
	}
	workers, _, err = p.Saved(true)
	if err == nil {
		var configs []*config.Config
		for _, w := range workers {
			configs = append(configs, w.Config)
		}
		if !migrate.Make(configs, ledger, nil).Changes() {
			return workers, false, nil
		}
	}
	if l.before != nil {
		return l.before, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	return nil, false, &inspect.Error{Code: inspect.Refused, Message: fmt.Sprintf(
		"what is saved asks for %s again, and would not find what is stored before it: take it out of the configuration, with the code as it was, and undo then", u.Applied.Title())}
}

// migrationError gives errors of migrations their codes.
func migrationError(err error) error {
	if err == nil {
		return nil
	}
	return stillError(err, stored.Coded)
}
