package snapshot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

// Extract writes what a snapshot has into a state folder that is new.
func (s Store) Extract(m *Manifest, f state.Folder) error {
	for _, key := range m.Namespaces {
		if err := s.extract(m, f, key); err != nil {
			return fmt.Errorf("unpack snapshot %s: %w", m.Name, err)
		}
	}
	if m.Ledger == "" {
		return nil
	}
	if err := os.MkdirAll(f.Own(), 0o777); err != nil {
		return fmt.Errorf("unpack snapshot %s: %w", m.Name, err)
	}
	return os.WriteFile(f.Own("ledger.json"), []byte(m.Ledger), 0o666)
}

func (s Store) extract(m *Manifest, f state.Folder, key string) (err error) {
	index, err := sqlite.OpenIndex(f.Namespace(key), sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	for _, o := range m.Objects {
		if o.Namespace != key {
			continue
		}
		for _, file := range o.Files {
			if err := s.fetch(file, filepath.Join(f.Namespace(key), file.Name)); err != nil {
				return err
			}
		}
		if !o.Alarm.IsZero() {
			if err := index.Set(sqlite.Alarm{ID: o.ID, At: o.Alarm, Name: o.Name}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Unpack writes the files of an object to a folder.
func (s Store) Unpack(o Object, dir string) error {
	for _, file := range o.Files {
		if err := s.fetch(file, filepath.Join(dir, file.Name)); err != nil {
			return fmt.Errorf("unpack %s: %w", file.Name, err)
		}
	}
	return nil
}

// Same reports whether another snapshot has the very same files of the object.
func (o Object) Same(other Object) bool {
	return slices.EqualFunc(o.Files, other.Files, func(a, b File) bool { return a.Name == b.Name && a.Sum == b.Sum })
}

// fetch copies the content of a file to a path.
func (s Store) fetch(f File, to string) error {
	err := s.copyFile(s.data(f.Sum), to, to+".new")
	if _, gone := os.Stat(s.data(f.Sum)); err != nil && gone != nil {
		return fmt.Errorf("%w: the content of %s is missing", ErrDamaged, f.Name)
	}
	return err
}

// Untouched reports whether the files of an object in a state folder are still
// those of the snapshot.
func (o Object) Untouched(f state.Folder) bool {
	for _, file := range o.Files {
		path := filepath.Join(f.Namespace(o.Namespace), file.Name)
		if !file.untouched(path) {
			return false
		}
		if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
			return false
		}
	}
	return !o.grown(f)
}

// grown reports whether an object has facets with files that the snapshot has
// not.
func (o Object) grown(f state.Folder) bool {
	path := sqlite.ObjectPath(f.Namespace(o.Namespace), o.ID)
	facets, err := sqlite.OpenFacets(path)
	if err != nil {
		return true
	}
	for number := 1; number <= facets.Len(); number++ {
		name := filepath.Base(sqlite.FacetPath(path, number))
		_, err := os.Stat(sqlite.FacetPath(path, number))
		if err == nil && !slices.ContainsFunc(o.Files, func(file File) bool { return file.Name == name }) {
			return true
		}
	}
	return false
}
