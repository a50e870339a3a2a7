package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/change"
)

// A Hold keeps everybody else away from some namespaces of a folder, and from
// changing the folder at all.
type Hold struct {
	folder  Folder
	lock    *sqlite.Lock
	indexes map[string]*sqlite.Index
	lent    map[string]*sqlite.Index // of those, the ones that are somebody else's
}

// A BusyError is that of a folder which another process is changing. It matches
// [sqlite.ErrLocked].
type BusyError struct{ Dir string }

func (e *BusyError) Error() string {
	return "another dodev is changing " + e.Dir + ": try again when it has ended"
}

// Is makes every BusyError match [sqlite.ErrLocked].
func (e *BusyError) Is(target error) bool { return target == sqlite.ErrLocked }

// lock keeps others from changing the folder.
func (f Folder) lock() (*sqlite.Lock, error) {
	lock, err := sqlite.TakeLock(f.Own("lock"))
	if errors.Is(err, sqlite.ErrLocked) {
		return nil, &BusyError{f.Dir}
	}
	return lock, err
}

// Hold takes hold of namespaces, which need not be there. It ends first what a
// killed process has left of a change. The error is a [sqlite.LockedError] when
// a server, or another tool, uses one of them, and a [BusyError] while somebody
// else changes the folder.
func (f Folder) Hold(keys ...string) (*Hold, error) { return f.hold(nil, keys) }

// Borrow is Hold for the server that uses the folder: it lends the indexes it has
// open, and sees to it that no database is open until the hold ends.
func (f Folder) Borrow(lent map[string]*sqlite.Index, keys ...string) (*Hold, error) {
	return f.hold(lent, keys)
}

func (f Folder) hold(lent map[string]*sqlite.Index, keys []string) (*Hold, error) {
	lock, err := f.lock()
	if err != nil {
		return nil, err
	}
	h := &Hold{folder: f, lock: lock, indexes: map[string]*sqlite.Index{}, lent: lent}
	if _, err := h.recover(); err != nil {
		return nil, errors.Join(err, h.Release())
	}
	for _, key := range keys {
		if err := h.add(key); err != nil {
			return nil, errors.Join(err, h.Release())
		}
	}
	return h, nil
}

// Recover ends what a killed process has left of a change, and reports whether
// there was one that had begun. Whoever uses the folder calls it first.
func (f Folder) Recover() (resumed bool, err error) {
	if _, err := os.Stat(f.Own("change")); err != nil {
		return false, nil
	}
	lock, err := f.lock()
	if err != nil {
		return false, err
	}
	h := &Hold{folder: f, lock: lock, indexes: map[string]*sqlite.Index{}}
	resumed, err = h.recover()
	return resumed, errors.Join(err, h.Release())
}

// recover ends what was begun, with everybody kept away from the namespaces that
// it is about: another tool may have taken them up half done.
func (h *Hold) recover() (resumed bool, err error) {
	dir := h.folder.Own("change")
	paths, err := change.Pending(dir)
	if err != nil {
		return false, err
	}
	for _, path := range paths {
		inside, ok := strings.CutPrefix(path, "v3/do/")
		if key, _, _ := strings.Cut(inside, "/"); ok {
			if err := h.add(key); err != nil {
				return false, err
			}
		}
	}
	return change.Recover(h.folder.Dir, dir)
}

func (h *Hold) add(key string) error {
	folder := h.folder.Namespace(key)
	if h.indexes[key] != nil {
		return nil
	}
	if index := h.lent[key]; index != nil {
		h.indexes[key] = index
		return nil
	}
	if _, err := os.Stat(folder); err != nil {
		return nil
	}
	index, err := sqlite.OpenIndex(folder, sqlite.Options{})
	if err != nil {
		return err
	}
	h.indexes[key] = index
	return nil
}

// index is that of a namespace, which is made if need be.
func (h *Hold) index(key string) (*sqlite.Index, error) {
	if index := h.indexes[key]; index != nil {
		return index, nil
	}
	if index := h.lent[key]; index != nil {
		h.indexes[key] = index
		return index, nil
	}
	index, err := sqlite.OpenIndex(h.folder.Namespace(key), sqlite.Options{})
	if err != nil {
		return nil, err
	}
	h.indexes[key] = index
	return index, nil
}

// drop removes the index of a namespace that has no objects any more.
func (h *Hold) drop(key string) error {
	index := h.indexes[key]
	if index == nil {
		return nil
	}
	delete(h.indexes, key)
	path := filepath.Join(h.folder.Namespace(key), indexFile)
	if err := errors.Join(index.Close(), h.folder.step()); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the alarms of %s: %w", key, err)
	}
	dropLeftovers(path)
	_ = os.Remove(filepath.Dir(path)) // which is kept when it holds more
	return nil
}

// Alarms lists those of a held namespace, soonest first.
func (h *Hold) Alarms(key string) ([]sqlite.Alarm, error) {
	index := h.indexes[key]
	if index == nil {
		return nil, nil
	}
	return index.All()
}

// Settle brings all that was committed to an object's databases into their
// files, so that these can be copied or moved.
func (h *Hold) Settle(key string, o Object) error {
	if o.settled {
		return nil
	}
	for _, file := range o.Files {
		path := filepath.Join(h.folder.Namespace(key), file)
		if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
			if err := h.folder.step(); err != nil {
				return err
			}
			if err := settle(path); err != nil {
				return fmt.Errorf("settle %s: %w", path, err)
			}
		}
		dropLeftovers(path)
	}
	return nil
}

// settle opens and closes a database, which ends its write-ahead log.
func settle(path string) error {
	db := sqlite.OpenObject(path, sqlite.Options{})
	_, err := db.Size()
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return errors.New("its write-ahead log stays")
	}
	return nil
}

// dropLeftovers removes what readers leave beside a database that nobody has
// open and whose log is empty.
func dropLeftovers(path string) {
	_ = os.Remove(path + "-shm")
	_ = os.Remove(path + "-wal")
}

// Release lets others in. Doing it twice is harmless.
func (h *Hold) Release() error {
	err := h.closeIndexes()
	h.lock.Release()
	return err
}

func (h *Hold) closeIndexes() error {
	var errs []error
	for key, index := range h.indexes {
		delete(h.indexes, key)
		if h.lent[key] != nil {
			continue
		}
		err := index.Close()
		if errs = append(errs, err); err == nil {
			dropLeftovers(filepath.Join(h.folder.Namespace(key), indexFile))
		}
	}
	return errors.Join(errs...)
}
