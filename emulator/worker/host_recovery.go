package worker

import (
	"errors"
	"time"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/sqlite"
)

// recoveryFuncs lead through an object's past.
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/#pitr-point-in-time-recovery-api
func (i *Isolate) recoveryFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"bookmark": i.forLife(func(c engine.Call, life *durable.Life) error {
			if !i.w.setup.Recovery {
				i.loop.Touch(life)
				b, err := database(life).NextBookmark()
				c.Return(engine.String(b))
				return storageError(err)
			}
			return i.recovery(c, life, (*sqlite.Object).CurrentBookmark)
		}),
		"bookmarkForTime": i.forLife(func(c engine.Call, life *durable.Life) error {
			at := time.UnixMilli(int64(c.Number(1)))
			return i.recovery(c, life, func(db *sqlite.Object) (string, error) { return db.BookmarkForTime(at) })
		}),
		"restoreOnNextSession": i.forLife(func(c engine.Call, life *durable.Life) error {
			bookmark := c.String(1)
			return i.recovery(c, life, func(db *sqlite.Object) (string, error) { return db.RestoreOnNextSession(bookmark) })
		}),
	}
}

// recovery returns the bookmark that fn asks the database for. Only SQLite
// classes have a past.
func (i *Isolate) recovery(c engine.Call, life *durable.Life, fn func(*sqlite.Object) (string, error)) error {
	err := sqlite.ErrNoHistory
	if ns, ok := i.w.namespaceOf(life.Ref().Namespace); ok && ns.SQLite && i.w.setup.Recovery {
		i.loop.Touch(life)
		var b string
		b, err = fn(database(life))
		c.Return(engine.String(b))
	}
	switch {
	case errors.Is(err, sqlite.ErrNoHistory):
		return engine.Error("This Durable Object's storage back-end does not implement point-in-time recovery.")
	case errors.Is(err, sqlite.ErrBookmark):
		return engine.Error("%s", err)
	}
	return storageError(err)
}

// beginSession does what code asked for the start of the next session.
func (i *Isolate) beginSession(life *durable.Life) error {
	if !i.w.setup.Recovery {
		return nil
	}
	restored, err := database(life).BeginSession()
	if restored {
		life.AlarmRolledBack()
	}
	return err
}
