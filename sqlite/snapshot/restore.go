package snapshot

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

// A Scope says what of a snapshot to restore. The zero Scope is all of it.
type Scope struct {
	Namespace string // "" for all
	ID        string // "" for all objects of it
}

func (s Scope) has(namespace, id string) bool {
	return (s.Namespace == "" || s.Namespace == namespace) && (s.ID == "" || s.ID == id)
}

// Covers reports whether restoring a scope of the snapshot is about an object.
func (m *Manifest) Covers(s Scope, namespace, id string) bool {
	if !s.has(namespace, id) {
		return false
	}
	if m.Whole || !m.Part && slices.Contains(m.Namespaces, namespace) {
		return true
	}
	_, ok := m.Find(namespace, id)
	return ok
}

// EachName tells what objects of a scope are called, where that is known.
func (m *Manifest) EachName(s Scope, tell func(namespace, id, name string)) {
	for _, o := range m.Objects {
		if o.Name != "" && s.has(o.Namespace, o.ID) {
			tell(o.Namespace, o.ID, o.Name)
		}
	}
}

// A Restored is what restoring did.
type Restored struct {
	Objects int // that are as they were saved, those that had not changed included
	Written int // of them, that had changed or were gone
	Removed int // that were not there when the snapshot was taken
}

// Restore puts back what a snapshot has of a scope, and removes what came into
// it since, wholly or not at all. The namespaces that it is of must be held, and
// for a snapshot of everything all others as well; the hold ends. Ledger names
// the file that the snapshot's ledger belongs in, among dodev's own; it is
// written only with all of a snapshot, and removed
// by one of everything that had none.
func (s Store) Restore(f state.Folder, h *state.Hold, m *Manifest, scope Scope, ledger string) (Restored, error) {
	c, err := h.Change()
	if err != nil {
		return Restored{}, errors.Join(err, h.Release())
	}
	r := &restoration{store: s, folder: f, hold: h, change: c, manifest: m, scope: scope}
	if err := r.fill(ledger); err != nil {
		return Restored{}, errors.Join(fmt.Errorf("restore snapshot %s: %w", m.Name, err), c.Discard())
	}
	if err := c.Commit(); err != nil {
		return Restored{}, fmt.Errorf("restore snapshot %s: %w", m.Name, err)
	}
	return r.done, nil
}

type restoration struct {
	store    Store
	folder   state.Folder
	hold     *state.Hold
	change   *state.Change
	manifest *Manifest
	scope    Scope
	done     Restored
}

func (r *restoration) fill(ledger string) error {
	keys := r.manifest.Namespaces
	if r.manifest.Whole && r.scope == (Scope{}) {
		all, err := r.folder.Namespaces()
		if err != nil {
			return err
		}
		keys = append(slices.Clone(keys), all...)
		slices.Sort(keys)
		keys = slices.Compact(keys)
	}
	saved := map[string]map[string]Object{}
	for _, o := range r.manifest.Objects {
		if saved[o.Namespace] == nil {
			saved[o.Namespace] = map[string]Object{}
		}
		saved[o.Namespace][o.ID] = o
	}
	for _, key := range keys {
		if r.scope.Namespace != "" && key != r.scope.Namespace {
			continue
		}
		if err := r.namespace(key, saved[key]); err != nil {
			return err
		}
	}
	switch {
	case r.scope != (Scope{}):
	case r.manifest.Ledger != "":
		return r.change.Write([]byte(r.manifest.Ledger), ledger)
	case r.manifest.Whole:
		r.change.Unwrite(ledger) // there was none for what is stored again
	}
	return nil
}

// namespace puts the objects of one back.
func (r *restoration) namespace(key string, saved map[string]Object) error {
	objects, err := r.folder.Objects(key)
	if err != nil {
		return err
	}
	kept := map[string]bool{} // as they are
	for _, o := range objects {
		if !r.scope.has(key, o.ID) {
			continue
		}
		was, ok := saved[o.ID]
		if !ok && r.manifest.Part {
			continue
		}
		// What a killed process had committed may still be beside the files.
		if err := r.hold.Settle(key, o); err != nil {
			return err
		}
		if ok && r.same(key, o, was) {
			kept[o.ID] = true
			continue
		}
		if err := r.change.Remove(key, o); err != nil {
			return err
		}
		if !ok {
			r.done.Removed++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(saved)) {
		if !r.scope.has(key, id) {
			continue
		}
		r.done.Objects++
		if kept[id] {
			continue
		}
		r.done.Written++
		if err := r.put(key, saved[id]); err != nil {
			return err
		}
	}
	return nil
}

// same reports whether an object's files have not been touched since.
func (r *restoration) same(key string, o state.Object, was Object) bool {
	if len(o.Files) != len(was.Files) {
		return false
	}
	for i, name := range o.Files {
		if f := was.Files[i]; f.Name != name || !f.untouched(filepath.Join(r.folder.Namespace(key), name)) {
			return false
		}
	}
	return true
}

func (r *restoration) put(key string, o Object) error {
	names := make([]string, len(o.Files))
	for i, f := range o.Files {
		names[i] = f.Name
	}
	paths, err := r.change.Put(key, state.Object{ID: o.ID, Files: names}, sqlite.Alarm{At: o.Alarm, Name: o.Name})
	if err != nil {
		return err
	}
	for i, f := range o.Files {
		if err := r.store.fetch(f, paths[i]); err != nil {
			return err
		}
		if f.Modified.IsZero() {
			continue
		}
		if err := os.Chtimes(paths[i], f.Modified, f.Modified); err != nil {
			return err
		}
	}
	return nil
}
