package inspecttest

import (
	"context"

	"github.com/dodev/dodev/devserver/inspect"
)

// SetMigrations has the Fake tell of migrations, and tells who follows.
func (f *Fake) SetMigrations(s inspect.MigrationStatus, p inspect.MigrationPlan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.applied, f.plan = s, p
	f.tellLocked(inspect.Event{Kind: inspect.MigrationsChanged})
}

// MigrationStatus implements inspect.Inspector.
func (f *Fake) MigrationStatus(ctx context.Context) (inspect.MigrationStatus, error) {
	if err := f.ask(ctx, "migrations"); err != nil {
		return inspect.MigrationStatus{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.applied, nil
}

// MigrationPlan implements inspect.Inspector.
func (f *Fake) MigrationPlan(ctx context.Context) (inspect.MigrationPlan, error) {
	if err := f.ask(ctx, "plan"); err != nil {
		return inspect.MigrationPlan{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.plan, nil
}

// Migrate implements inspect.Inspector: what is pending is applied from now on.
func (f *Fake) Migrate(ctx context.Context, a inspect.Agreement) (inspect.Migrated, error) {
	if err := f.ask(ctx, "migrate"); err != nil {
		return inspect.Migrated{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := a.To(f.plan); err != nil {
		return inspect.Migrated{}, err
	}
	steps := f.plan.Steps
	for _, tag := range f.plan.Pending {
		done := inspect.AppliedMigration{Script: f.project.Name, Tag: tag, At: f.Now(), Config: f.project.Config, Snapshot: "before-" + tag}
		for _, s := range steps {
			if inspect.MigrationTitle(s.Tag) == tag {
				done.Steps = append(done.Steps, s)
			}
		}
		f.applied.Applied = append(f.applied.Applied, done)
	}
	f.plan, f.applied.Pending, f.applied.WhyNoUndo = inspect.MigrationPlan{}, nil, ""
	f.tellLocked(inspect.Event{Kind: inspect.MigrationsChanged})
	return inspect.Migrated{Steps: steps, Snapshot: "before-migration", Reloaded: f.project.Live}, nil
}

// UndoMigrations implements inspect.Inspector: the last one is pending again.
func (f *Fake) UndoMigrations(ctx context.Context) (inspect.Undone, error) {
	if err := f.ask(ctx, "undo"); err != nil {
		return inspect.Undone{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.applied.Applied) - 1
	if n < 0 {
		return inspect.Undone{}, &inspect.Error{Code: inspect.Unavailable, Message: "nothing was applied to this state"}
	}
	last := f.applied.Applied[n]
	f.applied.Applied = f.applied.Applied[:n]
	f.plan = inspect.MigrationPlan{Steps: last.Steps, Pending: []string{inspect.MigrationTitle(last.Tag)}, Held: f.project.Live}
	f.applied.Pending = f.plan.Pending
	f.tellLocked(inspect.Event{Kind: inspect.MigrationsChanged})
	return inspect.Undone{Objects: len(f.objects), Snapshot: "before-undo", Held: f.project.Live}, nil
}
