package snapshot_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// exported is a snapshot of three objects as a file.
func exported(t testing.TB) (dir string, text []byte) {
	dir = t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	for n := range 3 {
		put(t, f, "app-C", id(n), fmt.Sprint(n))
	}
	save(t, s, f, "x")
	var b bytes.Buffer
	if err := s.Export("x", &b); err != nil {
		t.Fatal(err)
	}
	return dir, b.Bytes()
}

func TestASnapshotMovesToAnotherMachine(t *testing.T) {
	_, text := exported(t)
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	if _, err := s.Import(bytes.NewReader(text), "there"); err != nil {
		t.Fatal(err)
	}
	restore(t, s, f, "there", snapshot.Scope{})
	if got := read(t, f); len(got["app-C"]) != 3 || got["app-C"][id(2)] != "2" {
		t.Errorf("got %v", got)
	}
	if _, err := s.Import(bytes.NewReader(text), "there"); !errors.Is(err, snapshot.ErrExists) {
		t.Errorf("again: %v, want %v", err, snapshot.ErrExists)
	}
}

func TestWhatIsDamagedIsNotImported(t *testing.T) {
	_, text := exported(t)
	for name, bad := range map[string][]byte{
		"nothing": nil, "something else": []byte("hello"),
		"cut off": text[:len(text)/2], "cut off at the end": text[:len(text)-6],
	} {
		s := snapshot.Store{Dir: filepath.Join(t.TempDir(), "snapshots")}
		if _, err := s.Import(bytes.NewReader(bad), ""); err == nil {
			t.Errorf("%s was imported", name)
		}
		if all, err := s.List(); len(all) > 0 || err != nil {
			t.Errorf("%s: the store has %v, %v", name, all, err)
		}
		if files, _ := os.ReadDir(filepath.Join(s.Dir, "data")); len(files) > 0 {
			t.Errorf("%s left %v", name, files)
		}
	}
}

func FuzzImport(f *testing.F) {
	_, text := exported(f)
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		s := snapshot.Store{Dir: filepath.Join(dir, "in", "snapshots")}
		_, _ = s.Import(bytes.NewReader(text), "x")
		if entries, _ := os.ReadDir(dir); len(entries) > 1 {
			t.Errorf("it wrote outside: %v", entries)
		}
	})
}
