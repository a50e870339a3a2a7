package worker

import (
	"errors"
	"time"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/sqlite"
)

// A Store is an object's database as package durable sees it. It holds the
// database from its first use in a turn to the end of the turn, so that the
// pool may close what is not in use.
type Store struct {
	pool *sqlite.Pool
	root string // the database of the object itself
	path string
	held *sqlite.Object

	alarmUnknown bool // to the instance, since it has deleted everything
}

// NewStore gives the database of a facet of the object that has its own at
// path; facet 0 is the object itself.
func NewStore(pool *sqlite.Pool, path string, facet int) *Store {
	return &Store{pool: pool, root: path, path: sqlite.FacetPath(path, facet)}
}

// DB is the database itself.
func (s *Store) DB() *sqlite.Object {
	if s.held == nil {
		s.held = s.pool.Get(s.path)
	}
	return s.held
}

// Dirty implements durable.Store.
func (s *Store) Dirty() bool { return s.held != nil && s.held.Dirty() }

// Commit implements durable.Store. What a statement failed with is why nothing
// can be committed; a violated constraint ends the instance without a word of a
// reset.
func (s *Store) Commit() error {
	err := s.DB().Commit()
	if errors.Is(err, sqlite.ErrViolated) {
		return &durable.ResetError{Throw: *engine.Error("%s", err), Undone: true}
	}
	return storageError(err)
}

// Rollback implements durable.Store.
func (s *Store) Rollback() error {
	if s.held == nil {
		return nil
	}
	return s.held.Rollback()
}

// Alarm implements durable.Store.
func (s *Store) Alarm() (time.Time, bool, error) { return s.DB().Alarm() }

// SetAlarm implements durable.Store.
func (s *Store) SetAlarm(at time.Time, ok bool) error {
	if !ok {
		return s.DB().ClearAlarm()
	}
	return s.DB().SetAlarm(at)
}

// Release implements durable.Store.
func (s *Store) Release() {
	if s.held != nil {
		// Closing another file that made room may fail; it has no writes left.
		_ = s.pool.Put(s.held)
		s.held = nil
	}
}

func database(life *durable.Life) *sqlite.Object { return life.Store().(*Store).DB() }

func (i *Isolate) kvFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"kvGet":        i.forStore(i.kvGet),
		"kvGetMany":    i.forStore(i.kvGetMany),
		"kvPut":        i.forLife(i.kvPut),
		"kvDelete":     i.forLife(i.kvDelete),
		"kvDeleteMany": i.forLife(i.kvDeleteMany),
		"kvList":       i.forStore(i.kvList),
		"kvLimits": func(c engine.Call) error {
			if err := i.checkBatch(c.Int(1)); err != nil {
				return err
			}
			if max := i.w.setup.Deployed.Batch; c.Int(1) > max { // being close to it is no trap
				i.returnNear(c, i.near("put() was given %d pairs", c.Int(1), max))
			}
			return nil
		},
		"deleteAll": i.forLife(func(c engine.Call, life *durable.Life) error {
			i.loop.Touch(life)
			life.Wrote(nil)
			alarm := i.w.setup.Flag("delete_all_deletes_alarm")
			if alarm {
				if err := life.SetAlarm(time.Time{}, false); err != nil {
					return storageError(err)
				}
			}
			if err := database(life).DeleteAll(alarm); err != nil {
				return storageError(err)
			}
			life.Store().(*Store).alarmUnknown = true
			return deleteFacets(life)
		}),
		"unconfirmed": i.forLife(func(c engine.Call, life *durable.Life) error {
			life.Unconfirmed(c.Bool(1))
			return nil
		}),
		"sync": func(c engine.Call) error {
			op := i.loop.Begin(loop.Other)
			i.loop.Send(func() {
				op.Done(func() { _ = web.Settle(i.vm, op.ID()) })
			})
			c.Return(engine.Int(op.ID()))
			return nil
		},
		"savepoint": i.forStore(func(c engine.Call, db *sqlite.Object) error {
			level, err := db.Savepoint()
			c.Return(engine.Int(level))
			return storageError(err)
		}),
		"release":    i.forStore(func(c engine.Call, db *sqlite.Object) error { return storageError(db.Release(c.Int(1))) }),
		"rollbackTo": i.forLife(i.rollbackTo),
	}
}

func (i *Isolate) rollbackTo(c engine.Call, life *durable.Life) error {
	if err := database(life).RollbackTo(c.Int(1)); err != nil {
		i.loop.Touch(life)
		return storageError(err)
	}
	life.AlarmRolledBack()
	return nil
}

// storageError is an error of the database as code sees it.
func storageError(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return engine.Error("%s", e.Message)
	}
	return err
}

// checkKey checks a key of the life that a host call acts for. Of SQLite classes
// the deployed service bounds key and value together, see checkValue.
func (i *Isolate) checkKey(c engine.Call, key string) error {
	if max := i.w.setup.Limits.Key; max > 0 && len(key) > max && !i.storesSQL(i.lives[c.Int(0)]) {
		return engine.RangeError("Keys cannot be larger than %d bytes. A key of size %d was provided.", max, len(key))
	}
	return nil
}

// storesSQL reports whether a life is of a SQLite class.
func (i *Isolate) storesSQL(life *durable.Life) bool {
	ns, _ := i.w.namespaceOf(life.Ref().Namespace)
	return ns.SQLite
}

func (i *Isolate) checkBatch(n int) error {
	if max := i.w.setup.Limits.Batch; max > 0 && n > max {
		return engine.RangeError("Maximum number of key value pairs is %d. %d pairs were provided.", max, n)
	}
	return nil
}

func (i *Isolate) checkKeys(c engine.Call, keys []string) error {
	if max := i.w.setup.Limits.Batch; max > 0 && len(keys) > max {
		return engine.RangeError("Maximum number of keys is %d. %d keys were provided.", max, len(keys))
	}
	for _, key := range keys {
		if err := i.checkKey(c, key); err != nil {
			return err
		}
	}
	return nil
}

func (i *Isolate) kvGet(c engine.Call, db *sqlite.Object) error {
	key := c.String(1)
	if err := i.checkKey(c, key); err != nil {
		return err
	}
	data, ok, err := db.Get(key)
	if err != nil || !ok {
		return storageError(err)
	}
	i.met(1, len(data))
	return c.ReturnBuilt(func(s engine.Sink) error { return decodeStored(key, data, s) })
}

// decodeStored feeds a stored value; one that cannot be read is an error that
// says which.
func decodeStored(key string, data []byte, s engine.Sink) error {
	if err := clone.Decode(data, s); err != nil {
		return engine.Error("the stored value of %q cannot be read: %s", key, err)
	}
	return nil
}

func (i *Isolate) kvGetMany(c engine.Call, db *sqlite.Object) error {
	keys := sorted(c.Strings(1))
	if err := i.checkKeys(c, keys); err != nil {
		return err
	}
	return c.ReturnBuilt(func(s engine.Sink) error {
		s.BeginDense(0)
		n := 0
		for _, key := range keys {
			data, ok, err := db.Get(key)
			if err != nil {
				return storageError(err)
			}
			if !ok {
				continue
			}
			if err := feedPair(s, key, data); err != nil {
				return err
			}
			i.met(1, len(data))
			n += 2
		}
		s.EndDense(0, n)
		return nil
	})
}

// feedPair adds a key and its value to the array being built. The value is
// built with identities of its own.
func feedPair(s engine.Sink, key string, data []byte) error {
	s.String(key)
	if r, ok := s.(engine.Rebaser); ok {
		r.Rebase()
	}
	return decodeStored(key, data, s)
}

func (i *Isolate) kvPut(c engine.Call, life *durable.Life) error {
	i.loop.Touch(life)
	key := c.String(1)
	if err := i.checkKey(c, key); err != nil {
		return err
	}
	data, err := i.encode(c, 2, engine.ForStorage)
	if err != nil {
		return err
	}
	if err := i.checkValue(life, key, data); err != nil {
		return err
	}
	if err := i.wrote(life, database(life).Put(key, data)); err != nil {
		return err
	}
	i.met(1, len(data))
	i.returnNear(c, i.nearLimit(life, key, len(data)))
	return nil
}

// wrote notes a write, and gives its error as code sees it.
func (i *Isolate) wrote(life *durable.Life, err error) error {
	life.Wrote(err)
	return storageError(err)
}

func (i *Isolate) checkValue(life *durable.Life, key string, data []byte) error {
	limits := i.w.setup.Limits
	switch sql := i.storesSQL(life); {
	case !sql && limits.Value > 0 && len(data) > limits.Value:
		return engine.RangeError("Values cannot be larger than %d bytes. A value of size %d was provided.", limits.Value, len(data))
	case sql && limits.Pair > 0 && len(key)+len(data) > limits.Pair:
		return engine.Error("string or blob too big: SQLITE_TOOBIG")
	}
	return nil
}

func (i *Isolate) kvDelete(c engine.Call, life *durable.Life) error {
	i.loop.Touch(life)
	key := c.String(1)
	if err := i.checkKey(c, key); err != nil {
		return err
	}
	deleted, err := database(life).Delete(key)
	if deleted {
		i.met(1, 0)
	}
	c.Return(engine.Bool(deleted))
	return i.wrote(life, err)
}

func (i *Isolate) kvDeleteMany(c engine.Call, life *durable.Life) error {
	i.loop.Touch(life)
	keys := c.Strings(1)
	if err := i.checkKeys(c, keys); err != nil {
		return err
	}
	n := 0
	for _, key := range keys {
		deleted, err := database(life).Delete(key)
		if err != nil {
			return i.wrote(life, err)
		}
		if deleted {
			n++
		}
	}
	i.met(n, 0)
	c.Return(engine.Int(n))
	return i.wrote(life, nil)
}

func (i *Isolate) kvList(c engine.Call, db *sqlite.Object) error {
	opts := sqlite.ListOptions{
		Start: optionalString(c, 1), StartAfter: optionalString(c, 2), End: optionalString(c, 3),
		Prefix: c.String(4), Reverse: c.Bool(5), Limit: c.Int(6),
	}
	list := db.List(opts)
	defer list.Close()
	return c.ReturnBuilt(func(s engine.Sink) error {
		s.BeginDense(0)
		n := 0
		for list.Next() {
			if err := feedPair(s, decodeText([]byte(list.Key())), list.Value()); err != nil {
				return err
			}
			i.met(1, len(list.Value()))
			n += 2
		}
		s.EndDense(0, n)
		return storageError(list.Err())
	})
}

func optionalString(c engine.Call, i int) *string {
	if c.Kind(i) != engine.KindString {
		return nil
	}
	s := c.String(i)
	return &s
}

func (i *Isolate) alarmFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"getAlarm": i.forLife(func(c engine.Call, life *durable.Life) error {
			at, ok, err := life.Alarm()
			life.Store().(*Store).alarmUnknown = false
			if ok {
				c.Return(engine.Int(at.UnixMilli()))
			} else {
				c.Return(engine.Null)
			}
			return storageError(err)
		}),
		"setAlarm": i.forLife(func(c engine.Call, life *durable.Life) error {
			life.Store().(*Store).alarmUnknown = false
			return i.wrote(life, life.SetAlarm(time.UnixMilli(int64(c.Number(1))), true))
		}),
		"deleteAlarm": i.forLife(func(c engine.Call, life *durable.Life) error {
			return i.wrote(life, deleteAlarm(life))
		}),
	}
}

// deleteAlarm removes the alarm. That none is set is written, as by the real
// runtime, where the instance does not know it.
func deleteAlarm(life *durable.Life) error {
	store := life.Store().(*Store)
	err := life.SetAlarm(time.Time{}, false)
	if err != nil || !store.alarmUnknown || life.Object().Part() != nil {
		return err
	}
	store.alarmUnknown = false
	return store.DB().WriteNoAlarm()
}
