// Package names remembers what objects are called.
//
// An object's id says nothing of the name it was asked for by, and the user's
// database is no place for it: a [Book] keeps the names that were seen in
// files of its own, one for each namespace.
//
// A Book is safe for concurrent use. What it could not write it forgets with
// the process.
package names

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/dodev/dodev/emulator/object"
)

// Dir is where the names of a state folder are kept.
func Dir(stateDir string) string { return filepath.Join(stateDir, "dodev", "names") }

// A Book has the names of objects.
type Book struct {
	dir string // "" keeps them in memory

	mu     sync.Mutex
	known  map[string]map[object.ID]string // by namespace, once read
	files  map[string]*os.File             // that were written to
	closed bool
}

// Open opens the book in a folder, "" for one in memory. Nothing is read or
// made before it is needed.
func Open(dir string) *Book {
	return &Book{dir: dir, known: map[string]map[object.ID]string{}, files: map[string]*os.File{}}
}

// Note remembers an object's name, unless it is empty.
func (b *Book) Note(ref object.Ref) {
	if ref.Name == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	known := b.readLocked(ref.Namespace)
	if known[ref.ID] == ref.Name {
		return
	}
	known[ref.ID] = ref.Name
	b.writeLocked(ref)
}

// NoteID is Note for an id in hexadecimal; what is none is passed over.
func (b *Book) NoteID(namespace, id, name string) {
	if decoded, err := object.Decode(id); err == nil {
		b.Note(object.Ref{Namespace: namespace, ID: decoded, Name: name})
	}
}

// Name is an object's name, "" when it is not known.
func (b *Book) Name(k object.Key) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.readLocked(k.Namespace)[k.ID]
}

// Close ends writing. Closing twice is harmless.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	var first error
	for key, f := range b.files {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
		delete(b.files, key)
	}
	return first
}

func (b *Book) path(namespace string) string { return filepath.Join(b.dir, namespace+".txt") }

// readLocked gives the names of a namespace: lines of an id and its name as a
// JSON string, of which a later one counts.
func (b *Book) readLocked(namespace string) map[object.ID]string {
	if known, ok := b.known[namespace]; ok {
		return known
	}
	known := map[object.ID]string{}
	b.known[namespace] = known
	if b.dir == "" {
		return known
	}
	text, err := os.ReadFile(b.path(namespace))
	if err != nil {
		return known
	}
	for line := range strings.Lines(string(text)) {
		digits, rest, _ := strings.Cut(line, " ")
		id, err := object.Decode(digits)
		var name string
		if err == nil && json.Unmarshal([]byte(rest), &name) == nil {
			known[id] = name
		}
	}
	return known
}

func (b *Book) writeLocked(ref object.Ref) {
	if b.dir == "" || b.closed {
		return
	}
	f := b.files[ref.Namespace]
	if f == nil {
		if os.MkdirAll(b.dir, 0o755) != nil {
			return
		}
		var err error
		if f, err = os.OpenFile(b.path(ref.Namespace), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644); err != nil {
			return
		}
		b.files[ref.Namespace] = f
		endLine(f)
	}
	name, err := json.Marshal(ref.Name)
	if err != nil {
		return
	}
	if _, err := f.WriteString(ref.ID.String() + " " + string(name) + "\n"); err != nil {
		_ = f.Close()
		delete(b.files, ref.Namespace) // opened again, the line is ended
	}
}

// endLine ends a last line that a killed process, or a full disk, has cut off, so
// that the next one is not lost with it.
func endLine(f *os.File) {
	last := make([]byte, 1)
	if end, err := f.Seek(0, io.SeekEnd); err != nil || end == 0 {
		return
	} else if _, err := f.ReadAt(last, end-1); err == nil && last[0] != '\n' {
		_, _ = f.WriteString("\n")
	}
}
