package live

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/sqlite"
)

// files knows which objects have files, and how long those are.
type files struct {
	l *Live

	mu     sync.Mutex
	spaces map[string]*folder // by namespace
}

// A folder is that of a namespace.
type folder struct {
	changed time.Time // as the file system has it
	sizes   map[string]int64
}

// scan looks which objects have files in the folders that have changed, and
// returns the namespaces that have one. With sizes it looks at all files; else
// at those that are new, since nobody but the server itself writes to the
// others.
func (f *files) scan(e *emulator.Emulator, sizes bool) []string {
	classes := e.Classes()
	var names []string
	if len(classes) > 0 && e.Folder(classes[0].Key) != "" {
		root := filepath.Dir(e.Folder(classes[0].Key))
		entries, _ := os.ReadDir(root) // one that is not there has no folders
		for _, entry := range entries {
			if entry.IsDir() {
				names = append(names, entry.Name())
			}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.spaces == nil {
		f.spaces = map[string]*folder{}
	}
	for _, name := range names {
		f.scanLocked(name, e.Folder(name), sizes)
	}
	return names
}

// forget has the next scan look at everything.
func (f *files) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spaces = nil
}

func (f *files) scanLocked(name, dir string, sizes bool) {
	info, err := os.Stat(dir)
	if err != nil {
		delete(f.spaces, name)
		return
	}
	known := f.spaces[name]
	if known == nil {
		known = &folder{}
	}
	if known.changed.Equal(info.ModTime()) && !sizes {
		return
	}
	space := &folder{changed: info.ModTime(), sizes: map[string]int64{}}
	ids, _ := sqlite.ObjectIDs(dir) // that it cannot be read has been said at the start
	for _, id := range ids {
		size, ok := known.sizes[id]
		if !ok || sizes {
			size, _ = sizeOf(sqlite.ObjectPath(dir, id))
		}
		space.sizes[id] = size
	}
	f.spaces[name] = space
}

// ids are the objects of a namespace that have a file, with its length.
func (f *files) ids(namespace string) map[string]int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]int64{}
	if space := f.spaces[namespace]; space != nil {
		for id, size := range space.sizes {
			out[id] = size
		}
	}
	return out
}

// has reports whether an object had a file when the folders were looked at.
func (f *files) has(ref inspect.Ref) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	space := f.spaces[ref.Namespace]
	if space == nil {
		return false
	}
	_, ok := space.sizes[ref.ID]
	return ok
}

// size is how long an object's files are now; false says that it has none.
func (f *files) size(e *emulator.Emulator, ref inspect.Ref) (int64, bool) {
	dir := e.Folder(ref.Namespace)
	if dir == "" {
		return 0, false
	}
	return sizeOf(sqlite.ObjectPath(dir, ref.ID))
}

// sizeOf is how long a database and its WAL are; false says that there is none.
func sizeOf(path string) (int64, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	size := info.Size()
	if wal, err := os.Stat(path + "-wal"); err == nil {
		size += wal.Size()
	}
	return size, true
}
