// Package snapshot keeps named copies of what a state folder stores.
//
// A [Store] is a folder of its own, beside the project's configuration, that
// outlives the state. Files are kept by the digest of their content, so that
// snapshots share what has not changed between them; a [Manifest] says which
// file was whose. Nothing in a store is ever a link to a live file.
//
// Saving and restoring need the namespaces held ([state.Hold]), and restoring
// happens wholly or not at all.
package snapshot

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/sqlite"
)

// version is that of the manifest's format.
const version = 1

// A Manifest is a snapshot's list of what it holds.
type Manifest struct {
	Version int       `json:"version"`
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	// State is the folder it was taken of.
	State string `json:"state"`
	// Whole says that it is of all namespaces, Part that it has not all objects
	// of those it is of. Restoring removes what came into it since.
	Whole bool `json:"whole"`
	Part  bool `json:"part,omitempty"`
	// Namespaces are the keys of those it is of, with or without objects.
	Namespaces []string `json:"namespaces"`
	Objects    []Object `json:"objects"`
	// Ledger is the text of the state's ledger of migrations, "" for none.
	Ledger string `json:"ledger,omitempty"`
}

// An Object is one object in a snapshot.
type Object struct {
	Namespace string    `json:"namespace"`
	ID        string    `json:"id"`
	Name      string    `json:"name,omitempty"` // where it is known
	Alarm     time.Time `json:"alarm,omitzero"`
	Files     []File    `json:"files"`
}

// A File is one database.
type File struct {
	Name string `json:"name"` // in the namespace's folder
	Size int64  `json:"size"`
	Sum  string `json:"sum"` // SHA-256 of its content, in hexadecimal
	// Modified is when it had changed last, zero if it could change again and
	// have the same time.
	Modified time.Time `json:"modified,omitzero"`
}

// tick is how coarsely file systems note when a file changed, at most.
const tick = 2 * time.Second

// untouched reports whether the file at path still has the content of f, which
// its size and time tell. Where they do not, it is read.
func (f File) untouched(path string) bool {
	info, err := os.Stat(path)
	if err != nil || info.Size() != f.Size {
		return false
	}
	if !f.Modified.IsZero() {
		return info.ModTime().Equal(f.Modified)
	}
	now, err := sum(path)
	return err == nil && now == f.Sum
}

// Bytes is what the object's files hold.
func (o Object) Bytes() (n int64) {
	for _, f := range o.Files {
		n += f.Size
	}
	return n
}

// Bytes is what all its files hold, shared with other snapshots or not.
func (m *Manifest) Bytes() (n int64) {
	for _, o := range m.Objects {
		n += o.Bytes()
	}
	return n
}

// Find gives an object of the snapshot.
func (m *Manifest) Find(namespace, id string) (Object, bool) {
	for _, o := range m.Objects {
		if o.Namespace == namespace && o.ID == id {
			return o, true
		}
	}
	return Object{}, false
}

// A Store is a folder of snapshots. It need not be there.
type Store struct {
	Dir string
	// Step, unless nil, is called before each change to the disk. Tests have it
	// fail, as a full disk does.
	Step func() error
}

// Errors of a Store.
var (
	ErrNotFound = errors.New("there is no such snapshot")
	ErrExists   = errors.New("there is a snapshot of that name already")
	ErrNewer    = errors.New("a newer version of dodev wrote it")
	ErrDamaged  = errors.New("it is damaged")
	ErrBusy     = errors.New("another dodev is changing the snapshots of this project: try again when it has ended")
	ErrName     = errors.New("a snapshot's name is up to 100 letters, digits, dots, hyphens and underscores")
)

// CheckName says what keeps a text from being a snapshot's name.
func CheckName(name string) error {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	if name == "" || len(name) > 100 || strings.Trim(name, allowed) != "" || strings.ContainsAny(name[:1], ".-") {
		return fmt.Errorf("%w: not %q", ErrName, name)
	}
	return nil
}

// lock keeps others from changing the store. What only reads needs no lock: it
// finds a file there wholly or not at all.
func (s Store) lock() (release func(), err error) {
	lock, err := sqlite.TakeLock(filepath.Join(s.Dir, "lock"))
	if errors.Is(err, sqlite.ErrLocked) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, err
	}
	return lock.Release, nil
}

func (s Store) step() error {
	if s.Step == nil {
		return nil
	}
	return s.Step()
}

func (s Store) manifest(name string) string { return filepath.Join(s.Dir, name+".json") }

func (s Store) data(sum string) string { return filepath.Join(s.Dir, "data", sum) }

// Load reads a snapshot's manifest.
func (s Store) Load(name string) (*Manifest, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(s.manifest(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("snapshot %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", name, err)
	}
	m, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", name, err)
	}
	m.Name = name
	return m, nil
}

// decode reads a manifest and checks whatever becomes a path.
func decode(text []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if m.Version > version {
		return nil, ErrNewer
	}
	if m.Version != version {
		return nil, fmt.Errorf("%w: version %d is none", ErrDamaged, m.Version)
	}
	for _, o := range m.Objects {
		if !plain(o.Namespace) || !isHex(o.ID, 32) {
			return nil, fmt.Errorf("%w: %q in %q is no object", ErrDamaged, o.ID, o.Namespace)
		}
		for _, f := range o.Files {
			if !plain(f.Name) || !strings.HasPrefix(f.Name, o.ID+".") || !isHex(f.Sum, 32) {
				return nil, fmt.Errorf("%w: %q is no file of %s", ErrDamaged, f.Name, o.ID)
			}
		}
	}
	for _, key := range m.Namespaces {
		if !plain(key) {
			return nil, fmt.Errorf("%w: %q is no namespace", ErrDamaged, key)
		}
	}
	return &m, nil
}

// plain reports whether a text names something in a folder.
func plain(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, `/\`) && filepath.IsLocal(name)
}

func isHex(s string, bytes int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == bytes
}

// Names are those of all snapshots, also of those that cannot be read.
func (s Store) Names() ([]string, error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json"); ok && CheckName(name) == nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// List reads all manifests, the latest first. Those that cannot be read are
// left out, and told of in the error.
func (s Store) List() ([]*Manifest, error) {
	names, err := s.Names()
	if err != nil {
		return nil, err
	}
	var all []*Manifest
	var errs []error
	for _, name := range names {
		m, err := s.Load(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b *Manifest) int { return b.At.Compare(a.At) })
	return all, errors.Join(errs...)
}

// Delete removes a snapshot, and the files that no other one has. Nothing is
// removed while a manifest cannot be read.
func (s Store) Delete(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if _, err := os.Stat(s.manifest(name)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("snapshot %s: %w", name, ErrNotFound)
	}
	release, err := s.lock()
	if err != nil {
		return fmt.Errorf("delete snapshot %s: %w", name, err)
	}
	defer release()
	if err := s.step(); err != nil {
		return fmt.Errorf("delete snapshot %s: %w", name, err)
	}
	if err := os.Remove(s.manifest(name)); err != nil {
		return fmt.Errorf("delete snapshot %s: %w", name, err)
	}
	return s.sweep()
}

// sweep removes files that no snapshot has, those that a killed process has left
// half written among them. While a manifest cannot be read, nobody knows which
// these are: all stay.
func (s Store) sweep() error {
	all, err := s.List()
	if err != nil {
		return nil
	}
	used := map[string]bool{}
	for _, m := range all {
		for _, o := range m.Objects {
			for _, f := range o.Files {
				used[f.Sum] = true
			}
		}
	}
	entries, err := os.ReadDir(s.data(""))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove what no snapshot has: %w", err)
	}
	var stray []string
	for _, e := range entries {
		if !used[e.Name()] {
			stray = append(stray, s.data(e.Name()))
		}
	}
	drafts, err := filepath.Glob(filepath.Join(s.Dir, "*.json.new"))
	if err != nil {
		return fmt.Errorf("remove what no snapshot has: %w", err)
	}
	var errs []error
	for _, path := range append(stray, drafts...) {
		if err := s.step(); err != nil {
			return err
		}
		errs = append(errs, os.Remove(path))
	}
	return errors.Join(errs...)
}

// write puts a manifest in place, which makes the snapshot.
func (s Store) write(m *Manifest) error {
	text, err := json.Marshal(m) // of ten thousand objects indentation would be half
	if err != nil {
		return err
	}
	if err := s.step(); err != nil {
		return err
	}
	draft := s.manifest(m.Name) + ".new"
	if err := os.WriteFile(draft, append(text, '\n'), 0o666); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	if err := s.step(); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return os.Rename(draft, s.manifest(m.Name))
}
