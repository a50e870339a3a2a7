package worker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
)

// Snapshots are copies of what objects have stored, facets included, known by
// number for as long as the server runs. One that an object is to begin its next
// session with is kept apart and outlives the server. It is safe for concurrent
// use.
type Snapshots struct {
	next string      // the folder for those that sessions are to begin with
	any  atomic.Bool // there may be some

	mu    sync.Mutex
	taken string // the folder of the others, "" until there is one
	last  int
}

// The files of a snapshot: its databases are named as those of an object are.
const (
	snapshotDatabase = "object.sqlite"
	snapshotUndo     = "undo" // the bookmark that undoes its restoration
)

// Open tells where those lie that sessions are to begin with. It must be called
// before the first Worker is made.
func (s *Snapshots) Open(dir string) {
	_, err := os.Stat(dir)
	s.next = dir
	s.any.Store(err == nil)
}

// add makes a folder for one more.
func (s *Snapshots) add() (number int, dir string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == "" {
		if s.taken, err = os.MkdirTemp("", "dodev-snapshots-"); err != nil {
			return 0, "", err
		}
	}
	s.last++
	return s.last, s.numberedLocked(s.last), nil
}

func (s *Snapshots) numbered(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.numberedLocked(n)
}

func (s *Snapshots) numberedLocked(n int) string { return filepath.Join(s.taken, strconv.Itoa(n)) }

func (s *Snapshots) nextOf(ref object.Ref) string {
	return filepath.Join(s.next, ref.Namespace, ref.ID.String())
}

// Close removes the snapshots that were known by number.
func (s *Snapshots) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == "" {
		return nil
	}
	err := os.RemoveAll(s.taken)
	s.taken = ""
	return err
}

// awaiting gives the snapshot that an object is to begin with, if there is one.
func (s *Snapshots) awaiting(ref object.Ref) (dir string, ok bool) {
	if !s.any.Load() {
		return "", false
	}
	dir = s.nextOf(ref)
	_, err := os.Stat(dir)
	return dir, err == nil
}

// forget takes back what an object is to begin with.
func (s *Snapshots) forget(ref object.Ref) error {
	if !s.any.Load() {
		return nil
	}
	return os.RemoveAll(s.nextOf(ref))
}

// take copies what an object had stored at a bookmark, "" for now.
func (s *Snapshots) take(store *Store, bookmark string) (number int, err error) {
	if bookmark == "" {
		if bookmark, err = store.bookmark(); err != nil {
			return 0, err
		}
	}
	facets, err := store.pool.Facets(store.root)
	if err != nil {
		return 0, err
	}
	number, dir, err := s.add()
	if err != nil {
		return 0, err
	}
	path := filepath.Join(dir, snapshotDatabase)
	if err := store.DB().Fork(bookmark, path); err != nil {
		return 0, err
	}
	if err := facets.CopyTo(path); err != nil {
		return 0, err
	}
	return number, store.eachFacet(func(n int, db *sqlite.Object) error { return db.ForkAlong(bookmark, sqlite.FacetPath(path, n)) })
}

// prepare puts a snapshot where the next session finds it, wholly or not at all.
func (s *Snapshots) prepare(ref object.Ref, number int, undo string, data []datum) error {
	s.any.Store(true)
	next := s.nextOf(ref)
	temp := next + ".new"
	err := errors.Join(os.RemoveAll(temp), s.forget(ref), os.MkdirAll(filepath.Dir(temp), 0o777))
	if err != nil {
		return err
	}
	if err := os.CopyFS(temp, os.DirFS(s.numbered(number))); err != nil {
		return fmt.Errorf("copy snapshot: %w", err)
	}
	db := sqlite.OpenObject(filepath.Join(temp, snapshotDatabase), sqlite.Options{})
	for _, d := range data {
		err = errors.Join(err, db.Put(d.key, d.value))
	}
	err = errors.Join(err, db.Commit(), db.Close(), os.WriteFile(filepath.Join(temp, snapshotUndo), []byte(undo), 0o666))
	if err != nil {
		return err
	}
	return os.Rename(temp, next)
}
