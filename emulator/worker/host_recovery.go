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
			if !i.w.setup.Recovery || life.Object().Part() != nil {
				i.loop.Touch(life)
				b, err := database(life).NextBookmark()
				c.Return(engine.String(b))
				return storageError(err)
			}
			return i.recovery(c, life, (*Store).bookmark)
		}),
		"bookmarkForTime": i.forLife(func(c engine.Call, life *durable.Life) error {
			at := time.UnixMilli(int64(c.Number(1)))
			return i.recovery(c, life, func(s *Store) (string, error) { return s.bookmarkForTime(at) })
		}),
		"restoreOnNextSession": i.forLife(func(c engine.Call, life *durable.Life) error {
			bookmark := c.String(1)
			return i.recovery(c, life, func(s *Store) (string, error) {
				undo, err := s.restoreOnNextSession(bookmark)
				if err == nil {
					err = i.w.setup.Realm.Snapshots.forget(life.Ref())
				}
				return undo, err
			})
		}),
		"restoreBegin": i.forLife(func(engine.Call, *durable.Life) error {
			i.data = nil
			return nil
		}),
		"restoreData":     i.forLife(i.restoreData),
		"restoreSnapshot": i.forLife(i.restoreSnapshot),
		"snapshot":        i.forLife(i.snapshot),
	}
}

// remembers reports whether an object has a past. Only those of SQLite classes
// have one; a facet has none of its own.
func (i *Isolate) remembers(life *durable.Life) bool {
	ns, ok := i.w.namespaceOf(life.Ref().Namespace)
	return ok && ns.SQLite && i.w.setup.Recovery && life.Object().Part() == nil
}

// recovery returns the bookmark that fn asks the databases of an object for.
func (i *Isolate) recovery(c engine.Call, life *durable.Life, fn func(*Store) (string, error)) error {
	err := sqlite.ErrNoHistory
	if i.remembers(life) {
		i.loop.Touch(life)
		var b string
		b, err = fn(life.Store().(*Store))
		c.Return(engine.String(b))
	}
	return recoveryError(err, "point-in-time recovery")
}

// recoveryError is an error as code sees it that asks for the past.
func recoveryError(err error, what string) error {
	switch {
	case errors.Is(err, sqlite.ErrNoHistory):
		return engine.Error("This Durable Object's storage back-end does not implement %s.", what)
	case errors.Is(err, sqlite.ErrBookmark):
		return engine.Error("%s", err)
	}
	return storageError(err)
}

// beginSession does what code asked for the start of the next session. It ends
// what is left of the one before.
func (i *Isolate) beginSession(life *durable.Life) error {
	if !i.w.setup.Recovery || life.Object().Part() != nil {
		return nil
	}
	store := life.Store().(*Store)
	undo, restores, err := store.DB().Pending()
	if err != nil {
		return err
	}
	next, replaces := i.w.setup.Realm.Snapshots.awaiting(life.Ref())
	if !restores && !replaces {
		return nil
	}
	life.Object().AbortFacets(errNoContext)
	if replaces {
		err = errors.Join(store.replaceWith(next), i.w.setup.Realm.Snapshots.forget(life.Ref()))
	} else {
		err = store.restore(undo)
	}
	life.AlarmRolledBack()
	return err
}
