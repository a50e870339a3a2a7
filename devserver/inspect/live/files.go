package live

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
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

// scan looks at all folders that have changed, and returns the namespaces that
// have one.
func (f *files) scan(e *emulator.Emulator) []string {
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
		f.scanLocked(name, e.Folder(name))
	}
	return names
}

func (f *files) scanLocked(name, dir string) {
	info, err := os.Stat(dir)
	if err != nil {
		delete(f.spaces, name)
		return
	}
	if known := f.spaces[name]; known != nil && known.changed.Equal(info.ModTime()) {
		return
	}
	space := &folder{changed: info.ModTime(), sizes: map[string]int64{}}
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		id, _, ok := strings.Cut(entry.Name(), ".sqlite")
		if info, err := entry.Info(); ok && err == nil && len(id) == 64 && !strings.HasSuffix(entry.Name(), "-shm") {
			space.sizes[id] += info.Size()
		}
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

// size is how long an object's files are now; false says that it has none.
func (f *files) size(e *emulator.Emulator, ref inspect.Ref) (int64, bool) {
	dir := e.Folder(ref.Namespace)
	if dir == "" {
		return 0, false
	}
	path := filepath.Join(dir, ref.ID+".sqlite")
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
