package change

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// tree is what a folder holds: contents by path.
type tree map[string]string

func (t tree) write(tb testing.TB, root string) {
	tb.Helper()
	for path, text := range t {
		write(tb, filepath.Join(root, path), text)
	}
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		tb.Fatal(err)
	}
}

func read(tb testing.TB, root string) tree {
	tb.Helper()
	out := tree{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		out[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// errKilled is where a test kills the process.
var errKilled = errors.New("killed")

// dies lets some steps pass.
func dies(after int) func() error {
	return func() error {
		if after == 0 {
			return errKilled
		}
		after--
		return nil
	}
}

// shuffle is a change of some files and what it leads to: circles, chains,
// removals and new files.
func shuffle(tb testing.TB, root string, before tree, seed uint64) (s *Set, after tree) {
	tb.Helper()
	s, err := Begin(root, filepath.Join(root, "own"), nil)
	if err != nil {
		tb.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	after = tree{}
	paths := make([]string, 0, len(before))
	for i := range len(before) {
		paths = append(paths, fmt.Sprintf("a/%d", i))
	}
	free := append([]string{"b/new", "a/new"}, paths...)
	r.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	for i, path := range paths {
		if r.IntN(4) == 0 {
			s.Remove(filepath.Join(root, path))
			continue
		}
		s.Move(filepath.Join(root, path), filepath.Join(root, free[i]))
		after[free[i]] = before[path]
	}
	write(tb, s.Put(filepath.Join(root, "c/put")), "put")
	after["c/put"] = "put"
	return s, after
}

func TestAKilledChangeHasHappenedWhollyOrNotAtAll(t *testing.T) {
	before := tree{}
	for i := range 6 {
		before[fmt.Sprintf("a/%d", i)] = fmt.Sprint(i)
	}
	for seed := range uint64(20) {
		for kill := 0; ; kill++ {
			root := t.TempDir()
			before.write(t, root)
			s, after := shuffle(t, root, before, seed)
			s.step = dies(kill)
			err := s.Commit()
			if err == nil {
				expect(t, read(t, root), after, seed, kill)
				break
			}
			if !errors.Is(err, errKilled) {
				t.Fatalf("seed %d, killed at step %d: %v", seed, kill, err)
			}
			// The next process may be killed as well.
			again := &Set{root: root, dir: s.dir, done: true, step: dies(kill % 3)}
			if _, err := again.recover(); err != nil && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			if _, err := Recover(root, s.dir); err != nil {
				t.Fatalf("seed %d, killed at step %d: recover: %v", seed, kill, err)
			}
			want := after
			if kill < 2 { // the journal was not there yet
				want = before
			}
			expect(t, read(t, root), want, seed, kill)
		}
	}
}

func expect(t *testing.T, got, want tree, seed uint64, kill int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Fatalf("seed %d, killed at step %d: got %v, want %v", seed, kill, got, want)
	}
}

func TestAChangeThatCannotBeDoneLeavesEverything(t *testing.T) {
	before := tree{"a": "a", "b": "b"}
	tests := []struct {
		name string
		fill func(s *Set, at func(string) string)
	}{
		{"a file that is not there", func(s *Set, at func(string) string) { s.Move(at("none"), at("c")) }},
		{"a place that is taken", func(s *Set, at func(string) string) { s.Move(at("a"), at("b")) }},
		{"one place for two", func(s *Set, at func(string) string) { s.Move(at("a"), at("c")); s.Move(at("b"), at("c")) }},
		{"a file twice", func(s *Set, at func(string) string) { s.Remove(at("a")); s.Move(at("a"), at("c")) }},
		{"a new file that was not written", func(s *Set, at func(string) string) { s.Put(at("c")) }},
		{"a place outside", func(s *Set, at func(string) string) { s.Move(at("a"), at("../c")) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			before.write(t, root)
			s, err := Begin(root, filepath.Join(root, "own"), nil)
			if err != nil {
				t.Fatal(err)
			}
			tt.fill(s, func(name string) string { return filepath.Join(root, name) })
			if err := s.Commit(); err == nil {
				t.Error("no error")
			}
			if got := read(t, root); !maps.Equal(got, before) {
				t.Errorf("got %v, want %v", got, before)
			}
		})
	}
}

func TestOneChangeAtATime(t *testing.T) {
	root := t.TempDir()
	own := filepath.Join(root, "own")
	s, err := Begin(root, own, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Begin(root, own, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second change: %v, want that the folder exists", err)
	}
	if err := errors.Join(s.Discard(), s.Discard()); err != nil {
		t.Error(err)
	}
	if _, err := Begin(root, own, nil); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

func TestAJournalOfANewerVersionIsLeftAlone(t *testing.T) {
	root := t.TempDir()
	before := tree{"a": "a", "own/leaving.json": `{"version": 2, "files": [{"from": "a"}]}`}
	before.write(t, root)
	if _, err := Recover(root, filepath.Join(root, "own")); !errors.Is(err, ErrNewer) {
		t.Errorf("got %v, want %v", err, ErrNewer)
	}
	if got := read(t, root); !maps.Equal(got, before) {
		t.Errorf("got %v, want %v", got, before)
	}
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"version":1,"files":[{"from":"a","to":"b"},{"to":"c/d"}]}`))
	f.Add([]byte(`{"version":1,"files":[{"from":"../a"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		j, err := decode(text)
		if err != nil {
			return
		}
		for _, file := range j.Files {
			if file.From != "" && !filepath.IsLocal(file.From) || file.To != "" && !filepath.IsLocal(file.To) {
				t.Errorf("%q leads outside", text)
			}
		}
	})
}
