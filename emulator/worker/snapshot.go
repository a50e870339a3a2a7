package worker

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/sqlite"
)

// Snapshots are copies of what objects have stored, facets included, known by
// number for as long as the server runs. One that an object is to begin its next
// session with is kept apart and outlives the server. It is safe for concurrent
// use.
type Snapshots struct {
	Next string // the folder for those that sessions are to begin with

	mu    sync.Mutex
	taken string // the folder of the others, "" until there is one
	last  int
}

// The files of a snapshot: its databases are named as those of an object are.
const (
	snapshotDatabase = "object.sqlite"
	snapshotUndo     = "undo" // the bookmark that undoes its restoration
)

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
	return filepath.Join(s.Next, ref.Namespace, ref.ID.String())
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

// next gives the snapshot that an object is to begin with, if there is one.
func (s *Snapshots) next(ref object.Ref) (dir string, ok bool) {
	dir = s.nextOf(ref)
	_, err := os.Stat(dir)
	return dir, err == nil
}

// forget takes back what an object is to begin with.
func (s *Snapshots) forget(ref object.Ref) error { return os.RemoveAll(s.nextOf(ref)) }

// snapshot takes one when what the turn has written is committed, and gives the
// operation whose result is its number.
func (i *Isolate) snapshot(c engine.Call, life *durable.Life) error {
	if !i.remembers(life) {
		return recoveryError(sqlite.ErrNoHistory, "snapshots")
	}
	bookmark := c.String(1)
	op := i.loop.Begin(loop.Other)
	i.loop.Send(func() {
		if life.Over() {
			return
		}
		number, err := i.w.setup.Realm.Snapshots.take(life.Store().(*Store), bookmark)
		life.Store().Release()
		op.Done(func() {
			if err != nil {
				_ = web.Fail(i.vm, op.ID(), callError(recoveryError(err, "snapshots")).throwFor(false))
				return
			}
			_ = web.Settle(i.vm, op.ID(), engine.Int(number))
		})
	})
	c.Return(engine.Int(op.ID()))
	return nil
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

// A datum is a pair to be stored in what a snapshot leads to.
type datum struct {
	key   string
	value []byte
}

// restoreData adds a pair to what the next restoreSnapshot stores besides.
func (i *Isolate) restoreData(c engine.Call, _ *durable.Life) error {
	key := c.String(1)
	value, err := i.encode(c, 2, engine.ForStorage)
	if err != nil {
		return err
	}
	i.data = append(i.data, datum{key, bytes.Clone(value)})
	c.Return(engine.Int(len(key) + len(value)))
	return nil
}

// restoreSnapshot has the next session of an object begin with a snapshot.
func (i *Isolate) restoreSnapshot(c engine.Call, life *durable.Life) error {
	data := i.data
	i.data = nil
	if !i.remembers(life) {
		return recoveryError(sqlite.ErrNoHistory, "snapshots")
	}
	i.loop.Touch(life)
	undo, err := database(life).ReserveUndo()
	if err == nil {
		err = i.w.setup.Realm.Snapshots.prepare(life.Ref(), c.Int(1), undo, data)
	}
	if err != nil {
		return recoveryError(err, "snapshots")
	}
	c.Return(engine.String(undo))
	return nil
}

// prepare puts a snapshot where the next session finds it, wholly or not at all.
func (s *Snapshots) prepare(ref object.Ref, number int, undo string, data []datum) error {
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

// replaceWith puts what a snapshot has in the place of all that is stored.
func (s *Store) replaceWith(dir string) error {
	undo, err := os.ReadFile(filepath.Join(dir, snapshotUndo))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	r := replacement{store: s, path: filepath.Join(dir, snapshotDatabase), undo: string(undo)}
	if r.theirs, err = sqlite.OpenFacets(r.path); err != nil {
		return err
	}
	if r.ours, err = s.pool.Facets(s.root); err != nil {
		return err
	}
	if err := r.facetsWithin(0, 0); err != nil {
		return err
	}
	return r.copy(0, s.DB())
}

// A replacement is a snapshot on its way to where it is restored.
type replacement struct {
	store        *Store
	path         string // of the snapshot's database
	undo         string
	theirs, ours *sqlite.Facets
}

// none is the number of no facet.
const none = -1

// facetsWithin replaces the facets within one of ours by those within one of
// theirs, which have the same names and other numbers.
func (r *replacement) facetsWithin(theirs, ours int) error {
	for _, f := range r.theirs.Within(theirs) {
		if _, err := r.ours.Number(ours, f.Name); err != nil {
			return err
		}
	}
	for _, f := range r.ours.Within(ours) {
		from, ok := r.theirs.Find(theirs, f.Name)
		if !ok {
			from = none
		}
		if err := r.facetsWithin(from, f.Number); err != nil {
			return err
		}
		if err := r.store.facet(f.Number, func(db *sqlite.Object) error { return r.copy(from, db) }); err != nil {
			return err
		}
	}
	return nil
}

// copy replaces a database by that of one of theirs, or by nothing.
func (r *replacement) copy(theirs int, db *sqlite.Object) error {
	from := sqlite.OpenObject(sqlite.FacetPath(r.path, theirs), sqlite.Options{})
	return errors.Join(db.CopyOnRestore(from, r.undo), from.Close())
}
