package files

import (
	"context"
	"errors"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

func (f *Folder) store() snapshot.Store { return snapshot.Store{Dir: f.project.SnapshotDir()} }

// hold keeps everybody else away from all that is stored.
func (f *Folder) hold() (state.Folder, *state.Hold, []string, error) {
	folder := state.Folder{Dir: f.dir}
	keys, err := folder.Namespaces()
	if err != nil {
		return folder, nil, nil, err
	}
	h, err := folder.Hold(keys...)
	return folder, h, keys, locked(err)
}

// Keep implements inspect.Keeper.
func (f *Folder) Keep(_ context.Context, s inspect.Saving) (kept inspect.Kept, err error) {
	folder, h, keys, err := f.hold()
	if err != nil {
		return kept, err
	}
	defer func() { err = errors.Join(err, h.Release()) }()
	w := stored.Wish(s, time.Now())
	if w.Namespaces == nil {
		w.Namespaces, w.Whole = keys, true
	}
	if w.Ledger, err = migrate.LedgerText(folder); err != nil {
		return kept, err
	}
	w.ObjectName = f.nameOf
	m, err := f.store().Save(folder, h, w)
	if err != nil {
		return kept, stored.Coded(err)
	}
	return stored.KeptOf(m), nil
}

func (f *Folder) nameOf(namespace, id string) string {
	decoded, err := object.Decode(id)
	if err != nil {
		return ""
	}
	return f.book.Name(object.Key{Namespace: namespace, ID: decoded})
}

// Restore implements inspect.Keeper.
func (f *Folder) Restore(_ context.Context, s inspect.Saving) (inspect.Restored, error) {
	m, err := f.store().Load(s.Name)
	if err != nil {
		return inspect.Restored{}, stored.Coded(err)
	}
	scope, err := stored.ScopeOf(s, m)
	if err != nil {
		return inspect.Restored{}, err
	}
	folder, h, _, err := f.hold()
	if err != nil {
		return inspect.Restored{}, err
	}
	defer h.Release()
	r, err := f.store().Restore(folder, h, m, scope, migrate.LedgerFile)
	if err != nil {
		return inspect.Restored{}, stored.Coded(err)
	}
	m.EachName(scope, f.book.NoteID)
	return stored.RestoredOf(r), nil
}

// Snapshots implements inspect.Keeper.
func (f *Folder) Snapshots(context.Context) ([]inspect.Kept, error) {
	return stored.Snapshots(f.store())
}

// Contents implements inspect.Keeper.
func (f *Folder) Contents(ctx context.Context, name string) (inspect.Contents, error) {
	now, err := f.Snapshot(ctx)
	if err != nil {
		return inspect.Contents{}, err
	}
	return stored.Contents(f.store(), name, now)
}

// Differences implements inspect.Keeper.
func (f *Folder) Differences(ctx context.Context, d inspect.Differing) (inspect.Differences, error) {
	now, err := f.Snapshot(ctx)
	if err != nil {
		return inspect.Differences{}, err
	}
	view := func(_ context.Context, ref inspect.Ref, fn func(*sqlite.View) error) error {
		whole, err := sqlite.OpenWhole(sqlite.ObjectPath(f.folder(ref.Namespace), ref.ID), sqlite.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		v := whole.View()
		return locked(errors.Join(fn(v), v.Close(), whole.Close()))
	}
	return stored.Differences(ctx, f.store(), d, stored.Present{Snapshot: now, View: view})
}

// Discard implements inspect.Keeper.
func (f *Folder) Discard(_ context.Context, name string) error {
	return stored.Discard(f.store(), name)
}
