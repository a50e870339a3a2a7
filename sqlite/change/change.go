// Package change moves, removes and replaces many files of a folder wholly or
// not at all.
//
// A [Set] collects what is to happen and [Set.Commit] does it. A process that is
// killed leaves a journal, and [Recover] ends what it had begun: either nothing
// has happened or, once the journal was written, all of it does.
//
// It happens in two steps, each of which can be done again from the middle.
// First every file that is to go leaves its place for the set's own folder; then
// every file that is to come takes its place. So a file may go where another one
// was, in any order and in circles.
//
// The package survives a killed process, not a power cut: it does not sync. The
// files must not be in use. A Set belongs to one goroutine.
package change

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// version is that of the journal's format.
const version = 1

// The journal's names in the set's folder, by what is still to be done.
const (
	leaving  = "leaving.json"  // both steps
	arriving = "arriving.json" // the second one
)

// A journal says what is to happen. Paths are relative to the root, with
// slashes.
type journal struct {
	Version int    `json:"version"`
	Files   []file `json:"files"`
}

// A file waits under its number in the set's folder between the steps.
type file struct {
	From string `json:"from,omitempty"` // "" for one that is new
	To   string `json:"to,omitempty"`   // "" for one that goes for good
}

// A Set is a change to the files below a root.
type Set struct {
	root, dir string
	files     []file
	err       error // the first one of Move, Remove and Put
	done      bool

	// step, unless nil, is called before each change to the disk.
	step func() error
}

// Begin makes an empty set. The folder dir, which is on the file system of
// root, is the set's own until it ends: it must not be there yet, see [Recover].
//
// Step, unless nil, is called before each change to what is on disk while the
// set is committed: a test that has it fail sees what a killed process leaves.
func Begin(root, dir string, step func() error) (*Set, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return nil, fmt.Errorf("begin a change: %w", err)
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return nil, fmt.Errorf("begin a change: %w", err)
	}
	return &Set{root: root, dir: dir, step: step}, nil
}

// Move has a file take another place, which nothing else takes. If a file is
// there now, it has to be moved or removed as well.
func (s *Set) Move(from, to string) { s.add(file{From: s.relative(from), To: s.relative(to)}) }

// Remove has a file go.
func (s *Set) Remove(path string) { s.add(file{From: s.relative(path)}) }

// Put returns where to write a file that is to come to a place.
func (s *Set) Put(to string) (path string) {
	s.add(file{To: s.relative(to)})
	return place(s.dir, len(s.files)-1)
}

// Empty reports whether nothing is to happen.
func (s *Set) Empty() bool { return len(s.files) == 0 }

func (s *Set) add(f file) { s.files = append(s.files, f) }

func (s *Set) relative(path string) string {
	rel, err := filepath.Rel(s.root, path)
	if err == nil && !filepath.IsLocal(rel) {
		err = fmt.Errorf("%s is not below %s", path, s.root)
	}
	if err != nil && s.err == nil {
		s.err = err
	}
	return filepath.ToSlash(rel)
}

// Commit does it all. After an error nothing has happened, or [Recover] will end
// it; [Incomplete] tells which.
func (s *Set) Commit() error {
	if s.err != nil {
		return errors.Join(fmt.Errorf("prepare a change: %w", s.err), s.Discard())
	}
	j := journal{Version: version, Files: s.files}
	if err := s.check(j); err != nil {
		return errors.Join(fmt.Errorf("prepare a change: %w", err), s.Discard())
	}
	if err := s.write(j); err != nil {
		return errors.Join(fmt.Errorf("prepare a change: %w", err), s.Discard())
	}
	s.done = true
	return s.run(j, leaving)
}

// Discard forgets the set. After Commit it does nothing.
func (s *Set) Discard() error {
	if s.done {
		return nil
	}
	s.done = true
	return os.RemoveAll(s.dir)
}

// check finds out what would go wrong in the middle.
func (s *Set) check(j journal) error {
	from, to := map[string]bool{}, map[string]bool{}
	for n, f := range j.Files {
		source := filepath.Join(s.root, f.From)
		if f.From == "" {
			source = place(s.dir, n)
		}
		if _, err := os.Lstat(source); err != nil {
			return err
		}
		if f.From != "" && from[f.From] || f.To != "" && to[f.To] {
			return fmt.Errorf("%s and %s are named twice", f.From, f.To)
		}
		from[f.From], to[f.To] = true, true
	}
	for path := range to {
		if path == "" || from[path] {
			continue
		}
		if _, err := os.Lstat(filepath.Join(s.root, path)); err == nil {
			return fmt.Errorf("%s: %w", path, fs.ErrExist)
		}
	}
	return nil
}

// write puts the journal where Recover looks for it; from here on it counts.
func (s *Set) write(j journal) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := s.before(); err != nil {
		return err
	}
	draft := filepath.Join(s.dir, "draft")
	if err := os.WriteFile(draft, text, 0o666); err != nil {
		return err
	}
	if err := s.before(); err != nil {
		return err
	}
	return os.Rename(draft, filepath.Join(s.dir, leaving))
}

// run does what a journal says, from a step on.
func (s *Set) run(j journal, from string) error {
	if from == leaving {
		for n, f := range j.Files {
			if f.From == "" {
				continue
			}
			if err := s.leave(filepath.Join(s.root, f.From), place(s.dir, n)); err != nil {
				return &Incomplete{s.dir, err}
			}
		}
		if err := s.rename(filepath.Join(s.dir, leaving), filepath.Join(s.dir, arriving)); err != nil {
			return &Incomplete{s.dir, err}
		}
	}
	for n, f := range j.Files {
		if f.To == "" {
			continue
		}
		if err := s.arrive(place(s.dir, n), filepath.Join(s.root, f.To)); err != nil {
			return &Incomplete{s.dir, err}
		}
	}
	return s.tidy(j)
}

// leave takes a file away, unless that is done.
func (s *Set) leave(from, waiting string) error {
	if _, err := os.Lstat(waiting); err == nil {
		return nil
	}
	return s.rename(from, waiting)
}

// arrive puts a file into its place, unless that is done.
func (s *Set) arrive(waiting, to string) error {
	if _, err := os.Lstat(waiting); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return s.rename(waiting, to)
}

func (s *Set) rename(from, to string) error {
	if err := s.before(); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// tidy removes what is left: folders that became empty, and the set's own,
// whose journal goes last.
func (s *Set) tidy(j journal) error {
	for n, f := range j.Files {
		if f.To != "" {
			continue
		}
		if err := s.before(); err != nil {
			return &Incomplete{s.dir, err}
		}
		if err := os.RemoveAll(place(s.dir, n)); err != nil {
			return &Incomplete{s.dir, err}
		}
	}
	for _, f := range j.Files {
		if f.From != "" {
			_ = os.Remove(filepath.Dir(filepath.Join(s.root, f.From))) // which is kept when it holds more
		}
	}
	if err := s.before(); err != nil {
		return &Incomplete{s.dir, err}
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return &Incomplete{s.dir, err}
	}
	return nil
}

func (s *Set) before() error {
	if s.step == nil {
		return nil
	}
	return s.step()
}

func place(dir string, n int) string { return filepath.Join(dir, strconv.Itoa(n)) }

// Incomplete is the error of a change that has begun and is not over: [Recover]
// ends it once the cause is gone.
type Incomplete struct {
	Dir   string
	cause error
}

func (e *Incomplete) Error() string { return "the change is not over: " + e.cause.Error() }

func (e *Incomplete) Unwrap() error { return e.cause }

// ErrNewer is that of a journal which a later version of dodev wrote.
var ErrNewer = errors.New("a newer version of dodev began it; end it with that one")

// Recover ends what a killed process left in dir: it goes on with a change whose
// journal was written, and drops any other. It reports whether it went on with
// one.
func Recover(root, dir string) (resumed bool, err error) {
	s := &Set{root: root, dir: dir, done: true}
	return s.recover()
}

// Pending lists the files that [Recover] would go on to move, by their paths
// relative to the root, with slashes.
func Pending(dir string) ([]string, error) {
	j, _, err := begun(dir)
	var paths []string
	for _, f := range j.Files {
		for _, path := range []string{f.From, f.To} {
			if path != "" {
				paths = append(paths, path)
			}
		}
	}
	return paths, err
}

// begun reads the journal of a change that was begun, and which step it is in:
// none for one that was not.
func begun(dir string) (j journal, step string, err error) {
	for _, step := range []string{leaving, arriving} {
		text, err := os.ReadFile(filepath.Join(dir, step))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			if j, err = decode(text); err != nil {
				err = fmt.Errorf("%s: %w", filepath.Join(dir, step), err)
			}
		}
		if err != nil {
			return j, "", fmt.Errorf("end a change that was begun: %w", err)
		}
		return j, step, nil
	}
	return j, "", nil
}

func (s *Set) recover() (resumed bool, err error) {
	j, step, err := begun(s.dir)
	if err != nil {
		return false, err
	}
	if step != "" {
		return true, s.run(j, step)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return false, fmt.Errorf("drop a change that was prepared: %w", err)
	}
	return false, nil
}

// decode reads a journal, and refuses one that leads outside of its root.
func decode(text []byte) (journal, error) {
	var j journal
	if err := json.Unmarshal(text, &j); err != nil {
		return j, err
	}
	if j.Version > version {
		return j, ErrNewer
	}
	if j.Version != version {
		return j, fmt.Errorf("version %d is none", j.Version)
	}
	for _, f := range j.Files {
		for _, path := range []string{f.From, f.To} {
			if path != "" && !filepath.IsLocal(filepath.FromSlash(path)) {
				return j, fmt.Errorf("%q leads out of the folder", path)
			}
		}
	}
	return j, nil
}
