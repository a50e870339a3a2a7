package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/change"
)

// A Hold keeps everybody else away from some namespaces of a folder, and from
// changing the folder at all.
type Hold struct {
	folder  Folder
	lock    *sqlite.Lock
	indexes map[string]*sqlite.Index
}

// Hold takes hold of namespaces, which need not be there. It ends first what a
// killed process has left of a change. The error is a [sqlite.LockedError] when
// a server, or another tool, uses one of them.
func (f Folder) Hold(keys ...string) (*Hold, error) {
	lock, err := sqlite.TakeLock(f.Own("lock"))
	if err != nil {
		return nil, err
	}
	h := &Hold{folder: f, lock: lock, indexes: map[string]*sqlite.Index{}}
	if _, err := change.Recover(f.Dir, f.Own("change")); err != nil {
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
	lock, err := sqlite.TakeLock(f.Own("lock"))
	if err != nil {
		return false, err
	}
	defer lock.Release()
	return change.Recover(f.Dir, f.Own("change"))
}

func (h *Hold) add(key string) error {
	folder := h.folder.Namespace(key)
	if h.indexes[key] != nil {
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
	for _, file := range o.Files {
		path := filepath.Join(h.folder.Namespace(key), file)
		if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
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
		err := index.Close()
		if errs = append(errs, err); err == nil {
			dropLeftovers(filepath.Join(h.folder.Namespace(key), indexFile))
		}
		delete(h.indexes, key)
	}
	return errors.Join(errs...)
}
