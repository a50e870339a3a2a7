package live

import (
	"context"
	"errors"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
)

// stillError gives the error of something that needs the project to be still its
// code: it may work another time. Others get theirs from otherwise.
func stillError(err error, otherwise func(error) error) error {
	if errors.Is(err, durable.ErrBusy) || errors.Is(err, emulator.ErrInMemory) {
		return &inspect.Error{Code: inspect.Refused, Message: err.Error()}
	}
	return otherwise(err)
}

func (l *Live) store() snapshot.Store { return snapshot.Store{Dir: l.project.SnapshotDir()} }

// Keep implements inspect.Keeper.
func (l *Live) Keep(_ context.Context, s inspect.Saving) (inspect.Kept, error) {
	e, err := l.emulator()
	if err != nil {
		return inspect.Kept{}, err
	}
	m, err := e.SaveSnapshot(l.store(), stored.Wish(s, time.Now()))
	if err != nil {
		return inspect.Kept{}, stillError(err, stored.Coded)
	}
	return stored.KeptOf(m), nil
}

// Restore implements inspect.Keeper.
func (l *Live) Restore(_ context.Context, s inspect.Saving) (inspect.Restored, error) {
	e, err := l.emulator()
	if err != nil {
		return inspect.Restored{}, err
	}
	m, err := l.store().Load(s.Name)
	if err != nil {
		return inspect.Restored{}, stored.Coded(err)
	}
	scope, err := stored.ScopeOf(s, m)
	if err != nil {
		return inspect.Restored{}, err
	}
	r, err := e.RestoreSnapshot(l.store(), m, scope)
	if err != nil {
		return inspect.Restored{}, stillError(err, stored.Coded)
	}
	l.replaced("restore", func(ref inspect.Ref) bool { return m.Covers(scope, ref.Namespace, ref.ID) })
	return stored.RestoredOf(r), nil
}

// Snapshots implements inspect.Keeper.
func (l *Live) Snapshots(context.Context) ([]inspect.Kept, error) { return stored.Snapshots(l.store()) }

// Contents implements inspect.Keeper.
func (l *Live) Contents(ctx context.Context, name string) (inspect.Contents, error) {
	now, err := l.Snapshot(ctx)
	if err != nil {
		return inspect.Contents{}, err
	}
	return stored.Contents(l.store(), name, now)
}

// Differences implements inspect.Keeper.
func (l *Live) Differences(ctx context.Context, d inspect.Differing) (inspect.Differences, error) {
	now, err := l.Snapshot(ctx)
	if err != nil {
		return inspect.Differences{}, err
	}
	view := func(ctx context.Context, ref inspect.Ref, fn func(*sqlite.View) error) error {
		_, err := viewing(ctx, l, ref, "compare", func(v *sqlite.View) (struct{}, error) { return struct{}{}, fn(v) })
		return err
	}
	return stored.Differences(ctx, l.store(), d, stored.Present{Snapshot: now, View: view})
}

// Discard implements inspect.Keeper.
func (l *Live) Discard(_ context.Context, name string) error { return stored.Discard(l.store(), name) }
