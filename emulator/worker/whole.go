package worker

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/sqlite"
)

// The databases of an object and its facets are a whole: what is restored of the
// past or from a snapshot is all of them.

// bookmark marks the state of all of them.
func (s *Store) bookmark() (string, error) {
	facets, err := s.pool.Facets(s.root)
	if err != nil {
		return "", err
	}
	if facets.Len() == 0 {
		return s.DB().CurrentBookmark()
	}
	return s.DB().FreshBookmark()
}

func (s *Store) bookmarkForTime(at time.Time) (string, error) {
	facets, err := s.pool.Facets(s.root)
	if err != nil {
		return "", err
	}
	if facets.Len() == 0 {
		return s.DB().BookmarkForTime(at)
	}
	return s.DB().BookmarkForMoment(at)
}

func (s *Store) restoreOnNextSession(bookmark string) (undo string, err error) {
	if undo, err = s.DB().RestoreOnNextSession(bookmark); err != nil {
		return "", err
	}
	return undo, s.eachFacet(func(_ int, db *sqlite.Object) error { return db.RestoreAlong(bookmark, undo) })
}

// restore takes all of them back. The object's own is last: until then the
// restoration is to be done, and starts anew when the process was killed.
func (s *Store) restore(undo string) error {
	err := s.eachFacet(func(_ int, db *sqlite.Object) error { return db.BeginAlong(undo) })
	if err != nil {
		return err
	}
	_, err = s.DB().BeginSession()
	return err
}

func (s *Store) eachFacet(fn func(number int, db *sqlite.Object) error) error {
	facets, err := s.pool.Facets(s.root)
	if err != nil {
		return err
	}
	for number := 1; number <= facets.Len(); number++ {
		if err := s.facet(number, func(db *sqlite.Object) error { return fn(number, db) }); err != nil {
			return err
		}
	}
	return nil
}

// facet runs fn with the database of a facet.
func (s *Store) facet(number int, fn func(*sqlite.Object) error) error {
	db := s.pool.Get(sqlite.FacetPath(s.root, number))
	return errors.Join(fn(db), s.pool.Put(db))
}

// View shows what an object and its facets have stored, in a turn of the
// object's. It is to be closed before the turn ends.
func View(life *durable.Life) (*sqlite.View, error) {
	s := life.Store().(*Store)
	facets, err := s.pool.Facets(s.root)
	if err != nil {
		return nil, err
	}
	return sqlite.NewView(s.DB(), facets, func(number int) (*sqlite.Object, func() error) {
		db := s.pool.Get(sqlite.FacetPath(s.root, number))
		return db, func() error { return s.pool.Put(db) }
	}), nil
}

func (s *Store) removeFacet(facets *sqlite.Facets, number int) error {
	for _, inner := range facets.Within(number) {
		if err := s.removeFacet(facets, inner.Number); err != nil {
			return err
		}
	}
	return s.facet(number, (*sqlite.Object).Remove)
}

func (s *Store) copyFacet(facets *sqlite.Facets, from, to int) error {
	for _, inner := range facets.Within(from) {
		copied, err := facets.Number(to, inner.Name)
		if err != nil {
			return err
		}
		if err := s.copyFacet(facets, inner.Number, copied); err != nil {
			return err
		}
	}
	return s.facet(from, func(source *sqlite.Object) error {
		return s.facet(to, func(target *sqlite.Object) error { return target.CopyFrom(source) })
	})
}

// ---- what a snapshot leads to ----

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
