package emulator

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// ErrInMemory is what commands about stored files get when nothing is stored.
var ErrInMemory = errors.New("nothing is stored: the server runs with --in-memory")

// SaveSnapshot copies what is stored, of all objects at one instant, while the
// project runs. A wish without namespaces is for everything.
func (e *Emulator) SaveSnapshot(s snapshot.Store, w snapshot.Wish) (m *snapshot.Manifest, err error) {
	nothing := func(object.Ref) bool { return false }
	err = e.still(nothing, func(f state.Folder, h *state.Hold, keys []string) error {
		if len(w.Namespaces) == 0 {
			w.Namespaces, w.Whole = keys, true
		}
		if w.Ledger, err = migrate.LedgerText(f); err != nil {
			return err
		}
		w.ObjectName = e.storedName
		m, err = s.Save(f, h, w)
		return err
	})
	return m, err
}

// RestoreSnapshot puts back what a snapshot has of a scope, while the project
// runs. Objects that it is about end before, and begin anew when the next event
// reaches them.
func (e *Emulator) RestoreSnapshot(s snapshot.Store, m *snapshot.Manifest, scope snapshot.Scope) (r snapshot.Restored, err error) {
	of := func(ref object.Ref) bool { return m.Covers(scope, ref.Namespace, ref.ID.String()) }
	err = e.still(of, func(f state.Folder, h *state.Hold, _ []string) error {
		r, err = s.Restore(f, h, m, scope, migrate.LedgerFile)
		return err
	})
	if err != nil {
		return r, err
	}
	return r, errors.Join(e.readLedger(), e.scheduleAgain())
}

// still calls fn while nothing runs and no database is open, with all that is
// stored held. Objects that reset chooses end before.
func (e *Emulator) still(reset func(object.Ref) bool, fn func(state.Folder, *state.Hold, []string) error) error {
	return e.stillIn(func(held func() error) error { return e.objects.Freeze(reset, held) }, fn)
}

// stillIn is still in a freeze of some kind.
func (e *Emulator) stillIn(freeze func(func() error) error, fn func(state.Folder, *state.Hold, []string) error) error {
	if e.opts.InMemory {
		return ErrInMemory
	}
	f := e.folder()
	return freeze(func() error {
		open, err := e.pool.Rest()
		if err != nil {
			return err
		}
		if len(open) > 0 {
			namespace, id := placeOf(open[0])
			return fmt.Errorf("%w: %s is in the middle of a transaction or a query; try again when it has ended", durable.ErrBusy, filepath.Join(namespace, id))
		}
		keys, err := f.Namespaces()
		if err != nil {
			return err
		}
		h, err := f.Borrow(e.indexes.all(), keys...)
		if err != nil {
			return err
		}
		return errors.Join(fn(f, h, keys), h.Release())
	})
}

// all are the indexes that are open, by namespace.
func (x *indexes) all() map[string]*sqlite.Index {
	x.mu.Lock()
	defer x.mu.Unlock()
	return maps.Clone(x.open)
}

// scheduleAgain has the alarms fire that are entered now.
func (e *Emulator) scheduleAgain() error {
	for key, index := range e.indexes.all() {
		alarms, err := index.All()
		if err != nil {
			return err
		}
		for _, a := range alarms {
			if id, err := object.Decode(a.ID); err == nil {
				e.objects.Schedule(object.Ref{Namespace: key, ID: id, Name: a.Name}, a.At)
			}
		}
	}
	return nil
}

// storedName is what an object is called, "" when nobody knows.
func (e *Emulator) storedName(namespace, id string) string {
	decoded, err := object.Decode(id)
	if err != nil {
		return ""
	}
	return e.names.Name(object.Key{Namespace: namespace, ID: decoded})
}
