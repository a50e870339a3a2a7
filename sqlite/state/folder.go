// Package state sees a project's state folder as a whole: which objects it
// holds, and changes to many of them at once.
//
// A [Folder] is looked at freely. To change it, its namespaces are held
// ([Folder.Hold]), which no server and no other tool can use meanwhile; then a
// [Change] moves, removes and replaces objects with their facets, their history
// and their alarms, wholly or not at all, whenever the process is killed.
//
// The package knows files. What a namespace is called and which id an object
// gets is the caller's business.
package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dodev/dodev/sqlite"
)

// indexFile holds the alarms of a namespace, and is what locks it.
const indexFile = "metadata.sqlite"

// A Folder is a state folder, such as .wrangler/state. It need not be there.
type Folder struct {
	Dir string
	// Step, unless nil, is called before each change to the disk. Tests have it
	// fail, as a full disk does, or keep what a process leaves that is killed there.
	Step func() error
}

func (f Folder) step() error {
	if f.Step == nil {
		return nil
	}
	return f.Step()
}

// Namespace is where the objects of a namespace lie.
func (f Folder) Namespace(key string) string { return filepath.Join(f.Dir, "v3", "do", key) }

// Own is where files lie that are dodev's alone.
func (f Folder) Own(elements ...string) string {
	return filepath.Join(append([]string{f.Dir, "dodev"}, elements...)...)
}

// Namespaces lists the keys of the namespaces that have a folder, ascending.
func (f Folder) Namespaces() ([]string, error) {
	entries, err := os.ReadDir(f.Namespace(""))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	var keys []string
	for _, e := range entries {
		if e.IsDir() {
			keys = append(keys, e.Name())
		}
	}
	return keys, nil
}

// An Object is what an object has on disk.
type Object struct {
	ID    string   // 64 hexadecimal digits
	Files []string // names in the folder of the namespace: its own, and its facets'

	settled bool // nothing of the engine's lay beside its files
}

// Objects lists those of a namespace, by id.
func (f Folder) Objects(key string) ([]Object, error) {
	entries, err := os.ReadDir(f.Namespace(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	var all []Object
	for _, e := range entries { // in ascending order, so that an object's files follow each other
		id, rest, _ := strings.Cut(e.Name(), ".")
		if len(id) != 64 || e.IsDir() {
			continue
		}
		n := len(all)
		if sidecar(rest) { // which follows what it is beside
			if n > 0 && all[n-1].ID == id {
				all[n-1].settled = false
			}
			continue
		}
		if n == 0 || all[n-1].ID != id {
			all = append(all, Object{ID: id, settled: true})
		}
		o := &all[len(all)-1]
		o.Files = append(o.Files, e.Name())
	}
	return all, nil
}

// Bytes is how much the objects of a namespace take, write-ahead logs included.
func (f Folder) Bytes(key string) (total int64, err error) {
	entries, err := os.ReadDir(f.Namespace(key))
	if err != nil {
		return 0, fmt.Errorf("measure objects: %w", err)
	}
	for _, e := range entries {
		id, _, _ := strings.Cut(e.Name(), ".")
		if info, err := e.Info(); err == nil && len(id) == 64 && !e.IsDir() {
			total += info.Size()
		}
	}
	return total, nil
}

// sidecar reports whether a file is the engine's, beside a database.
func sidecar(name string) bool {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// Alarms lists those of a namespace without locking it, soonest first.
func (f Folder) Alarms(key string) ([]sqlite.Alarm, error) {
	if _, err := os.Stat(filepath.Join(f.Namespace(key), indexFile)); err != nil {
		return nil, nil
	}
	index, err := sqlite.OpenIndex(f.Namespace(key), sqlite.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	alarms, err := index.All()
	return alarms, errors.Join(err, index.Close())
}

// history is where the past of a database lies, for its file in a namespace.
func (f Folder) history(key, file string) string {
	return f.Own("history", key, strings.TrimSuffix(file, ".sqlite")+".hist")
}

// next is where the state lies that an object is to begin its next session with.
func (f Folder) next(key, id string) string { return f.Own("next", key, id) }
