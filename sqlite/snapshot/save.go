package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
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
	g, err := s.Prepare(f, w.Name)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	if err := g.Begin(h, w); err != nil {
		return nil, err
	}
	return g.Finish()
}

// A Saving is a snapshot that is being made. What is in it is what there was
// when it began: the files of an object may change from then on, but not before
// [Saving.Touch] has returned.
type Saving struct {
	store    Store
	folder   state.Folder
	wish     Wish
	manifest *Manifest
	known    map[string]File // by path below the state folder
	objects  []*saved
	byID     map[string]*saved // by namespace and id
	drafts   atomic.Int64
	release  func() // of the store
}

// saved is an object on its way into the snapshot.
type saved struct {
	Object
	files []string
	once  sync.Once // copies them
	err   error
}

// Prepare makes ready for a snapshot of a name, of a folder that need not be
// held yet. [Saving.Close] must be called.
func (s Store) Prepare(f state.Folder, name string) (*Saving, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	if exists(s.manifest(name)) {
		return nil, fmt.Errorf("snapshot %s: %w", name, ErrExists)
	}
	release, err := s.lock()
	if err != nil {
		return nil, fmt.Errorf("save snapshot %s: %w", name, err)
	}
	if err := os.MkdirAll(s.data(""), 0o777); err != nil {
		release()
		return nil, fmt.Errorf("save snapshot %s: %w", name, err)
	}
	return &Saving{store: s, folder: f, known: s.known(f.Dir), byID: map[string]*saved{}, release: release}, nil
}

// Begin takes stock of what held namespaces store, which is quickly done.
func (g *Saving) Begin(h *state.Hold, w Wish) error {
	g.wish = w
	g.manifest = &Manifest{
		Version: version, Name: w.Name, At: w.At.UTC(), State: g.folder.Dir, Whole: w.Whole && w.Only == nil, Part: w.Only != nil,
		Namespaces: w.Namespaces, Ledger: w.Ledger,
	}
	for _, key := range w.Namespaces {
		if err := g.list(h, key); err != nil {
			return fmt.Errorf("save snapshot %s: %w", w.Name, err)
		}
	}
	return nil
}

// Close ends it. After Finish it does nothing.
func (g *Saving) Close() { g.release() }

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

// list notes the objects of a namespace that are to be saved.
func (g *Saving) list(h *state.Hold, key string) error {
	objects, err := g.folder.Objects(key)
	if err != nil {
		return err
	}
	alarms, err := h.Alarms(key)
	if err != nil {
		return err
	}
	byID := map[string]sqlite.Alarm{}
	for _, a := range alarms {
		byID[a.ID] = a
	}
	for _, o := range objects {
		if g.wish.Only != nil && !g.wish.Only(key, o.ID) {
			continue
		}
		s := &saved{files: o.Files, Object: Object{Namespace: key, ID: o.ID, Name: byID[o.ID].Name, Alarm: byID[o.ID].At.UTC()}}
		if err := h.Settle(key, o); err != nil {
			return err
		}
		g.objects = append(g.objects, s)
		g.byID[key+"/"+o.ID] = s
	}
	return nil
}

// Touch returns once the object that has a file at a path is in the snapshot, as
// it was when that began. It is safe for concurrent use.
func (g *Saving) Touch(path string) {
	id, _, _ := strings.Cut(filepath.Base(path), ".")
	if s := g.byID[filepath.Base(filepath.Dir(path))+"/"+id]; s != nil {
		g.copy(s)
	}
}

// Finish copies what has not been and makes the snapshot. After an error nothing
// is left of it.
func (g *Saving) Finish() (*Manifest, error) {
	defer g.release()
	m := g.manifest
	for _, s := range g.objects {
		if g.copy(s); s.err != nil {
			return nil, errors.Join(fmt.Errorf("save snapshot %s: %w", m.Name, s.err), g.abandon())
		}
		if s.Name == "" && g.wish.ObjectName != nil {
			s.Name = g.wish.ObjectName(s.Namespace, s.ID)
		}
		m.Objects = append(m.Objects, s.Object)
	}
	if err := g.store.write(m); err != nil {
		return nil, errors.Join(fmt.Errorf("save snapshot %s: %w", m.Name, err), g.abandon())
	}
	return m, nil
}

// abandon removes what was copied, once nobody copies any more.
func (g *Saving) abandon() error {
	for _, s := range g.objects {
		s.once.Do(func() {})
	}
	return g.store.sweep()
}

// copy copies an object's files, once. What went wrong is an error of the
// snapshot, not of whoever touches the object.
func (g *Saving) copy(s *saved) {
	s.once.Do(func() {
		for _, name := range s.files {
			var f File
			if f, s.err = g.file(s.Namespace, name); s.err != nil {
				return
			}
			s.Files = append(s.Files, f)
		}
	})
}

// file copies a file, unless its content is there.
func (g *Saving) file(key, name string) (File, error) {
	path := filepath.Join(g.folder.Namespace(key), name)
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	f := File{Name: name, Size: info.Size()}
	if changed := info.ModTime().UTC(); time.Since(changed) > tick {
		f.Modified = changed
	}
	if was, ok := g.known[filepath.Join(key, name)]; ok && was.untouched(path) && exists(g.store.data(was.Sum)) {
		f.Sum = was.Sum
		return f, nil
	}
	if f.Sum, err = sum(path); err != nil {
		return File{}, err
	}
	if exists(g.store.data(f.Sum)) {
		return f, nil
	}
	to := g.store.data(f.Sum)
	return f, g.store.copyFile(path, to, fmt.Sprintf("%s.%d.new", to, g.drafts.Add(1)))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
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

// copyFile copies a file to a path that is there wholly or not at all, by way of
// a draft. Between files the system copies, and shares blocks where the file
// system can.
func (s Store) copyFile(from, to, draft string) (err error) {
	if err := s.step(); err != nil {
		return err
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(draft)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err = errors.Join(err, dst.Close()); err == nil {
		err = s.step()
	}
	if err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return os.Rename(draft, to)
}
