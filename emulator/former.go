package emulator

import (
	"os"
	"sync"
	"sync/atomic"

	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

// openState ends what a killed command has left of a change to the state folder,
// and reads what was done to it.
func (e *Emulator) openState() error {
	e.ledger.Store(&migrate.Ledger{})
	if e.opts.InMemory {
		return nil
	}
	if _, err := e.folder().Recover(); err != nil {
		return err
	}
	return e.readLedger()
}

func (e *Emulator) folder() state.Folder {
	return state.Folder{Dir: e.opts.StateDir, Step: e.opts.step}
}

// Refresh reads again what was done to the state folder, for somebody who has
// changed its ledger.
func (e *Emulator) Refresh() error {
	if e.opts.InMemory {
		return nil
	}
	return e.readLedger()
}

// readLedger reads what was done to the state folder. Whoever has changed the
// folder calls it: what is known of former ids begins anew.
func (e *Emulator) readLedger() error {
	l, err := migrate.ReadLedger(e.folder())
	if err != nil {
		return err
	}
	e.ledger.Store(l)
	return nil
}

// former leads to objects that were made when their class, or script, was called
// something else.
type former struct {
	script, class string
	folder        string // of the namespace
	ledger        *atomic.Pointer[migrate.Ledger]

	known atomic.Pointer[aliases]
}

// aliases are what a ledger says of former ids.
type aliases struct {
	ledger *migrate.Ledger
	migrate.Alias

	mu    sync.Mutex
	found map[object.ID]object.ID // by the id that a name has now
}

// formerOf is the former of a class.
func (e *Emulator) formerOf(script, class string) *former {
	return &former{script: script, class: class, folder: e.folder().Namespace(migrate.Key(script, class)), ledger: &e.ledger}
}

// now is what the present ledger says.
func (f *former) now() *aliases {
	l := f.ledger.Load()
	if a := f.known.Load(); a != nil && a.ledger == l {
		return a
	}
	a := &aliases{ledger: l, Alias: migrate.NewAlias(f.script, f.class, l.Class(f.script, f.class)), found: map[object.ID]object.ID{}}
	f.known.Store(a)
	return a
}

// ByID implements worker.Former.
func (f *former) ByID(id object.ID) (object.ID, bool) { return f.now().ByID(id) }

// ByName implements worker.Former: an object that is stored under its present id
// is not looked for elsewhere, and what was found once stays so.
func (f *former) ByName(name string, id object.ID) object.ID {
	a := f.now()
	if !a.Any() {
		return id
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if found, ok := a.found[id]; ok {
		return found
	}
	found := id
	if !f.stored(id) {
		for _, candidate := range a.ByName(name) {
			if f.stored(candidate) {
				found = candidate
				break
			}
		}
	}
	a.found[id] = found
	return found
}

func (f *former) stored(id object.ID) bool {
	_, err := os.Stat(sqlite.ObjectPath(f.folder, id.String()))
	return err == nil
}
