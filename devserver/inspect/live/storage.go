package live

import (
	"context"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
	"github.com/dodev/dodev/sqlite"
)

// inside runs fn with an object's database, as an event of the object.
func inside[A any](ctx context.Context, l *Live, ref inspect.Ref, what string, fn func(e *emulator.Emulator, at object.Ref, db *sqlite.Object) (A, error)) (A, error) {
	var answer A
	e, at, err := l.known(ref)
	if err != nil {
		return answer, err
	}
	var got A
	err = e.Visit(ctx, at, what, func(life *durable.Life) error {
		var err error
		got, err = fn(e, at, worker.Database(life))
		return err
	})
	if err != nil {
		return answer, err
	}
	return got, nil
}

// whole runs what writes, so that an error leaves nothing of it.
func whole[A any](db *sqlite.Object, fn func() (A, error)) (A, error) {
	var none A
	level, err := db.Savepoint()
	if err != nil {
		return none, err
	}
	a, err := fn()
	if err != nil {
		_ = db.RollbackTo(level) // the first error says what is wrong
		return none, err
	}
	return a, db.Release(level)
}

// Keys implements inspect.Storage.
func (l *Live) Keys(ctx context.Context, ref inspect.Ref, q inspect.KeyQuery) (inspect.KeyPage, error) {
	return inside(ctx, l, ref, "list keys", func(_ *emulator.Emulator, _ object.Ref, db *sqlite.Object) (inspect.KeyPage, error) {
		return stored.Keys(db, q)
	})
}

// Entry implements inspect.Storage.
func (l *Live) Entry(ctx context.Context, ref inspect.Ref, key string) (inspect.Entry, error) {
	return inside(ctx, l, ref, "read "+key, func(_ *emulator.Emulator, _ object.Ref, db *sqlite.Object) (inspect.Entry, error) {
		return stored.Entry(db, key)
	})
}

// Edit implements inspect.Storage.
func (l *Live) Edit(ctx context.Context, ref inspect.Ref, changes []inspect.Change) ([]inspect.Diff, error) {
	diffs, err := inside(ctx, l, ref, "edit", func(e *emulator.Emulator, at object.Ref, db *sqlite.Object) ([]inspect.Diff, error) {
		limit := func(key string, size int) error {
			if err := e.ValueLimit(at.Namespace, key, size); err != nil {
				return &inspect.Error{Code: inspect.Invalid, Message: err.Error()}
			}
			return nil
		}
		return whole(db, func() ([]inspect.Diff, error) { return stored.Edit(db, changes, limit) })
	})
	if err == nil && l.record.storing(ref) {
		l.ring.add(inspect.Event{Kind: inspect.StorageChanged, Storage: &inspect.StorageEvent{Object: ref, By: "edit", Diffs: diffs}})
	}
	return diffs, err
}

// Schema implements inspect.Storage.
func (l *Live) Schema(ctx context.Context, ref inspect.Ref) (inspect.Schema, error) {
	return inside(ctx, l, ref, "read the schema", func(_ *emulator.Emulator, _ object.Ref, db *sqlite.Object) (inspect.Schema, error) {
		return stored.Schema(db)
	})
}

// sqlTime is how long a query may keep the object from everything else.
const sqlTime = 30 * time.Second

// SQL implements inspect.Storage.
func (l *Live) SQL(ctx context.Context, ref inspect.Ref, q inspect.SQLQuery) (inspect.SQLResult, error) {
	r, err := inside(ctx, l, ref, "sql", func(_ *emulator.Emulator, _ object.Ref, db *sqlite.Object) (inspect.SQLResult, error) {
		late := time.Now().Add(sqlTime)
		db.Interrupt(func() bool { return ctx.Err() != nil || time.Now().After(late) })
		defer db.Interrupt(nil)
		if !inspect.Writes(q.SQL) {
			return stored.SQL(db, q)
		}
		return whole(db, func() (inspect.SQLResult, error) { return stored.SQL(db, q) })
	})
	if err == nil && inspect.Writes(q.SQL) && l.record.storing(ref) {
		l.ring.add(inspect.Event{Kind: inspect.StorageChanged, Storage: &inspect.StorageEvent{Object: ref, By: "sql", SQL: true}})
	}
	return r, err
}
