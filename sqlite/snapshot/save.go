package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

// A Wish says what to save.
type Wish struct {
	Name       string
	At         time.Time
	Namespaces []string // held ones
	Whole      bool     // those are all there are
	// Only, unless nil, chooses among their objects.
	Only func(namespace, id string) bool
	// ObjectName tells an object's name where it is known; nil knows none but
	// those of alarms.
	ObjectName func(namespace, id string) string
	Ledger     string
}

// Save copies what held namespaces store, as it is now.
func (s Store) Save(f state.Folder, h *state.Hold, w Wish) (*Manifest, error) {
	if err := CheckName(w.Name); err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.manifest(w.Name)); err == nil {
		return nil, fmt.Errorf("snapshot %s: %w", w.Name, ErrExists)
	}
	if err := os.MkdirAll(s.data(""), 0o777); err != nil {
		return nil, fmt.Errorf("save snapshot %s: %w", w.Name, err)
	}
	m := &Manifest{Version: version, Name: w.Name, At: w.At.UTC(), State: f.Dir, Whole: w.Whole && w.Only == nil, Part: w.Only != nil, Namespaces: w.Namespaces, Ledger: w.Ledger}
	c := &copier{store: s, folder: f, hold: h, known: s.known(f.Dir)}
	for _, key := range w.Namespaces {
		objects, err := c.namespace(key, w)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("save snapshot %s: %w", w.Name, err), s.sweep())
		}
		m.Objects = append(m.Objects, objects...)
	}
	if err := s.write(m); err != nil {
		return nil, errors.Join(fmt.Errorf("save snapshot %s: %w", w.Name, err), s.sweep())
	}
	return m, nil
}

// A copier copies files into a store.
type copier struct {
	store  Store
	folder state.Folder
	hold   *state.Hold
	known  map[string]File // by path below the state folder
}

// known are the files of the latest snapshot of a state folder: those that have
// not been touched since need not be read.
func (s Store) known(dir string) map[string]File {
	files := map[string]File{}
	all, _ := s.List()
	for _, m := range all {
		if m.State != dir {
			continue
		}
		for _, o := range m.Objects {
			for _, f := range o.Files {
				path := filepath.Join(o.Namespace, f.Name)
				if _, later := files[path]; !later {
					files[path] = f
				}
			}
		}
	}
	return files
}

func (c *copier) namespace(key string, w Wish) ([]Object, error) {
	objects, err := c.folder.Objects(key)
	if err != nil {
		return nil, err
	}
	alarms, err := c.hold.Alarms(key)
	if err != nil {
		return nil, err
	}
	byID := map[string]sqlite.Alarm{}
	for _, a := range alarms {
		byID[a.ID] = a
	}
	var out []Object
	for _, o := range objects {
		if w.Only != nil && !w.Only(key, o.ID) {
			continue
		}
		saved := Object{Namespace: key, ID: o.ID, Name: byID[o.ID].Name, Alarm: byID[o.ID].At.UTC()}
		if saved.Name == "" && w.ObjectName != nil {
			saved.Name = w.ObjectName(key, o.ID)
		}
		if err := c.hold.Settle(key, o); err != nil {
			return nil, err
		}
		for _, name := range o.Files {
			f, err := c.file(key, name)
			if err != nil {
				return nil, err
			}
			saved.Files = append(saved.Files, f)
		}
		out = append(out, saved)
	}
	return out, nil
}

// file copies a file, unless its content is there.
func (c *copier) file(key, name string) (File, error) {
	path := filepath.Join(c.folder.Namespace(key), name)
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	f := File{Name: name, Size: info.Size(), Modified: info.ModTime().UTC()}
	if was, ok := c.known[filepath.Join(key, name)]; ok && was.Size == f.Size && was.Modified.Equal(f.Modified) {
		if _, err := os.Stat(c.store.data(was.Sum)); err == nil {
			f.Sum = was.Sum
			return f, nil
		}
	}
	if f.Sum, err = sum(path); err != nil {
		return File{}, err
	}
	if _, err := os.Stat(c.store.data(f.Sum)); err == nil {
		return f, nil
	}
	return f, copyFile(path, c.store.data(f.Sum))
}

func sum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// copyFile copies a file to a path that is there wholly or not at all. Between
// files the system copies, and shares blocks where the file system can.
func copyFile(from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	draft := to + ".new"
	dst, err := os.Create(draft)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err = errors.Join(err, dst.Close()); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return os.Rename(draft, to)
}
