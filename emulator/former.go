package emulator

import (
	"os"
	"sync"

	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

// openState ends what a killed command has left of a change to the state folder,
// and reads what was done to it.
func (e *Emulator) openState() (err error) {
	e.ledger = &migrate.Ledger{}
	if e.opts.InMemory {
		return nil
	}
	folder := state.Folder{Dir: e.opts.StateDir}
	if _, err := folder.Recover(); err != nil {
		return err
	}
	e.ledger, err = migrate.ReadLedger(folder)
	return err
}

// former leads to objects that were made when their class, or script, was called
// something else.
type former struct {
	alias  migrate.Alias
	folder string // of the namespace

	mu    sync.Mutex
	found map[object.ID]object.ID // by the id that a name has now
}

// formerOf is the former of a class, nil for one that was never renamed.
func (e *Emulator) formerOf(script, class string) *former {
	alias := migrate.NewAlias(script, class, e.ledger.Class(script, class))
	if !alias.Any() {
		return nil
	}
	folder := state.Folder{Dir: e.opts.StateDir}.Namespace(migrate.Key(script, class))
	return &former{alias: alias, folder: folder, found: map[object.ID]object.ID{}}
}

// ByID implements worker.Former.
func (f *former) ByID(id object.ID) (object.ID, bool) { return f.alias.ByID(id) }

// ByName implements worker.Former: an object that is stored under its present id
// is not looked for elsewhere, and what was found once stays so.
func (f *former) ByName(name string, id object.ID) object.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	if found, ok := f.found[id]; ok {
		return found
	}
	found := id
	if !f.stored(id) {
		for _, candidate := range f.alias.ByName(name) {
			if f.stored(candidate) {
				found = candidate
				break
			}
		}
	}
	f.found[id] = found
	return found
}

func (f *former) stored(id object.ID) bool {
	_, err := os.Stat(sqlite.ObjectPath(f.folder, id.String()))
	return err == nil
}
