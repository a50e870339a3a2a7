package emulator

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// ErrInMemory is what commands about stored files get when nothing is stored.
var ErrInMemory = errors.New("nothing is stored: the server runs with --in-memory")

// keeping is a snapshot of what is stored that is being saved, if any.
type keeping struct {
	mu  sync.Mutex // held while files are copied, or changed behind the pool's back
	now atomic.Pointer[snapshot.Saving]
}

// touch has an object's files be copied, when a snapshot is being saved, before
// they change.
func (e *Emulator) touch(path string) {
	if saving := e.keeping.now.Load(); saving != nil {
		saving.Touch(path)
	}
}

// SaveSnapshot copies what is stored, of all objects at one instant, while the
// project runs. A wish without namespaces is for everything. Nothing runs while
// stock is taken; what an object stores is copied then, or when the object is
// first used.
func (e *Emulator) SaveSnapshot(s snapshot.Store, w snapshot.Wish) (*snapshot.Manifest, error) {
	if e.opts.InMemory {
		return nil, ErrInMemory
	}
	e.keeping.mu.Lock()
	defer e.keeping.mu.Unlock()
	saving, err := s.Prepare(e.folder(), w.Name)
	if err != nil {
		return nil, err
	}
	defer saving.Close()
	w.ObjectName = e.storedName
	if _, err := e.pool.Rest(nil); err != nil { // so that little is left to be closed while everything waits
		return nil, err
	}
	freeze := func(held func() error) error {
		return e.objects.Freeze(func(object.Ref) bool { return false }, held)
	}
	err = e.stillLocked(freeze, nil, func(f state.Folder, h *state.Hold, keys []string) error {
		if len(w.Namespaces) == 0 {
			w.Namespaces, w.Whole = keys, true
		}
		if w.Ledger, err = migrate.LedgerText(f); err != nil {
			return err
		}
		if err := saving.Begin(h, w); err != nil {
			return err
		}
		e.keeping.now.Store(saving)
		return nil
	})
	if err != nil {
		return nil, err
	}
	defer e.keeping.now.Store(nil)
	return saving.Finish()
}

// RestoreSnapshot puts back what a snapshot has of a scope, while the project
// runs. Objects that it is about end before, and begin anew when the next event
// reaches them.
func (e *Emulator) RestoreSnapshot(s snapshot.Store, m *snapshot.Manifest, scope snapshot.Scope) (r snapshot.Restored, err error) {
	of := func(ref object.Ref) bool { return m.Covers(scope, ref.Namespace, ref.ID.String()) }
	err = e.still(of, of, func(f state.Folder, h *state.Hold, _ []string) error {
		r, err = s.Restore(f, h, m, scope, migrate.LedgerFile)
		return err
	})
	if err != nil {
		return r, err
	}
	m.EachName(scope, e.names.NoteID)
	return r, errors.Join(e.readLedger(), e.withhold(), e.scheduleAgain())
}

// still calls fn while nothing runs, with all that is stored held and the
// databases closed of objects that touched chooses, all for nil. Objects that
// reset chooses end before.
func (e *Emulator) still(reset, touched func(object.Ref) bool, fn func(state.Folder, *state.Hold, []string) error) error {
	return e.stillIn(func(held func() error) error { return e.objects.Freeze(reset, held) }, touched, fn)
}

// stillIn is still in a freeze of some kind.
func (e *Emulator) stillIn(freeze func(func() error) error, touched func(object.Ref) bool, fn func(state.Folder, *state.Hold, []string) error) error {
	if e.opts.InMemory {
		return ErrInMemory
	}
	e.keeping.mu.Lock()
	defer e.keeping.mu.Unlock()
	return e.stillLocked(freeze, touched, fn)
}

// stillLocked is stillIn for who has the lock of what is being kept.
func (e *Emulator) stillLocked(freeze func(func() error) error, touched func(object.Ref) bool, fn func(state.Folder, *state.Hold, []string) error) error {
	of := func(path string) bool {
		namespace, id := placeOf(path)
		id, _, _ = strings.Cut(id, ".") // of a facet
		decoded, err := object.Decode(id)
		return touched == nil || err != nil || touched(object.Ref{Namespace: namespace, ID: decoded})
	}
	f := e.folder()
	return freeze(func() error {
		open, err := e.pool.Rest(of)
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
