package snapshot_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func id(n int) string { return fmt.Sprintf("%064x", n) }

// model is what a folder should hold: values by namespace and id.
type model map[string]map[string]string

func (m model) set(key, id, value string) {
	if m[key] == nil {
		m[key] = map[string]string{}
	}
	m[key][id] = value
}

func (m model) copy() model {
	out := model{}
	for key, objects := range m {
		for id, value := range objects {
			out.set(key, id, value)
		}
	}
	return out
}

// put stores a value in an object, and an alarm that is known by it.
func put(t testing.TB, f state.Folder, key, id, value string) {
	t.Helper()
	db := sqlite.OpenObject(sqlite.ObjectPath(f.Namespace(key), id), sqlite.Options{})
	if err := errors.Join(db.Put("value", []byte(value)), db.Commit(), db.Close()); err != nil {
		t.Fatal(err)
	}
	index, err := sqlite.OpenIndex(f.Namespace(key), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(index.Set(sqlite.Alarm{ID: id, At: now.Add(time.Hour), Name: value}), index.Close()); err != nil {
		t.Fatal(err)
	}
}

// read is what a folder holds, and checks that its alarms are those of its
// objects.
func read(t testing.TB, f state.Folder) model {
	t.Helper()
	m := model{}
	keys, err := f.Namespaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		objects, err := f.Objects(key)
		if err != nil {
			t.Fatal(err)
		}
		alarms, err := f.Alarms(key)
		if err != nil {
			t.Fatal(err)
		}
		if len(alarms) != len(objects) {
			t.Errorf("%s has %d objects and %d alarms", key, len(objects), len(alarms))
		}
		for _, o := range objects {
			db := sqlite.OpenObject(sqlite.ObjectPath(f.Namespace(key), o.ID), sqlite.Options{ReadOnly: true})
			value, _, err := db.Get("value")
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			m.set(key, o.ID, string(value))
		}
	}
	return m
}

func hold(t testing.TB, f state.Folder) (*state.Hold, []string) {
	t.Helper()
	keys, err := f.Namespaces()
	if err != nil {
		t.Fatal(err)
	}
	h, err := f.Hold(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return h, keys
}

func save(t testing.TB, s snapshot.Store, f state.Folder, name string) *snapshot.Manifest {
	t.Helper()
	h, keys := hold(t, f)
	m, err := s.Save(f, h, snapshot.Wish{Name: name, At: now, Namespaces: keys, Whole: true})
	if err := errors.Join(err, h.Release()); err != nil {
		t.Fatal(err)
	}
	return m
}

func restore(t testing.TB, s snapshot.Store, f state.Folder, name string, scope snapshot.Scope) snapshot.Restored {
	t.Helper()
	m, err := s.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	h, _ := hold(t, f)
	r, err := s.Restore(f, h, m, scope, "ledger.json")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsRestoredIsWhatWasSaved(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	r := rand.New(rand.NewPCG(1, 2))
	present, saved := model{}, map[string]model{}
	for step := range 60 {
		switch name := fmt.Sprintf("s%d", r.IntN(4)); {
		case step%5 == 4:
			_ = s.Delete(name)
			save(t, s, f, name)
			saved[name] = present.copy()
		case step%7 == 6 && saved[name] != nil:
			restore(t, s, f, name, snapshot.Scope{})
			present = saved[name].copy()
		default:
			key, id, value := fmt.Sprintf("app-C%d", r.IntN(3)), id(r.IntN(5)), fmt.Sprint(step)
			put(t, f, key, id, value)
			present.set(key, id, value)
		}
		if got := read(t, f); fmt.Sprint(got) != fmt.Sprint(present) {
			t.Fatalf("step %d: the folder holds %v, want %v", step, got, present)
		}
	}
}

func TestOneObjectCanBeRestored(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	put(t, f, "app-C", id(1), "one")
	put(t, f, "app-C", id(2), "two")
	save(t, s, f, "before")
	put(t, f, "app-C", id(1), "changed")
	put(t, f, "app-C", id(2), "changed")
	if r := restore(t, s, f, "before", snapshot.Scope{Namespace: "app-C", ID: id(1)}); r.Objects != 1 || r.Written != 1 {
		t.Errorf("restored %+v, want one object", r)
	}
	if got := read(t, f); got["app-C"][id(1)] != "one" || got["app-C"][id(2)] != "changed" {
		t.Errorf("got %v", got)
	}
}

func TestSnapshotsShareWhatHasNotChanged(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	for n := range 10 {
		put(t, f, "app-C", id(n), fmt.Sprint(n))
	}
	save(t, s, f, "first")
	put(t, f, "app-C", id(0), "changed")
	save(t, s, f, "second")
	files := func() int {
		entries, err := os.ReadDir(filepath.Join(s.Dir, "data"))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	if n := files(); n != 11 {
		t.Errorf("%d files, want 10 and the one that changed", n)
	}
	if err := s.Delete("first"); err != nil {
		t.Fatal(err)
	}
	if n := files(); n != 10 {
		t.Errorf("%d files are left, want the 10 of the second", n)
	}
}

func TestASnapshotOfANameThatIsTakenIsRefused(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	save(t, s, f, "x")
	h, _ := hold(t, f)
	defer h.Release()
	if _, err := s.Save(f, h, snapshot.Wish{Name: "x"}); !errors.Is(err, snapshot.ErrExists) {
		t.Errorf("got %v, want %v", err, snapshot.ErrExists)
	}
	for _, name := range []string{"", "../x", ".x", "-x", "a b", strings.Repeat("a", 101)} {
		if _, err := s.Save(f, h, snapshot.Wish{Name: name}); err == nil {
			t.Errorf("the name %q was taken", name)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(`{"version":1,"name":"x","namespaces":["app-C"],"objects":[{"namespace":"app-C","id":"` + id(1) + `","files":[{"name":"` + id(1) + `.sqlite","sum":"` + id(2) + `"}]}]}`)
	f.Add(`{"version":1,"objects":[{"namespace":"..","id":"` + id(1) + `"}]}`)
	f.Add(`{"version":2}`)
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x.json"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		m, err := snapshot.Store{Dir: dir}.Load("x")
		if err != nil {
			return
		}
		for _, o := range m.Objects {
			for _, file := range o.Files {
				if filepath.Base(file.Name) != file.Name || filepath.Base(o.Namespace) != o.Namespace {
					t.Errorf("%q leads outside", text)
				}
			}
		}
	})
}

func TestALedgerIsThatOfWhatIsRestored(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	put(t, f, "app-C", id(1), "one")
	save(t, s, f, "none")
	if err := errors.Join(os.MkdirAll(f.Own(), 0o777), os.WriteFile(f.Own("ledger.json"), []byte("{}"), 0o666)); err != nil {
		t.Fatal(err)
	}
	there := func() bool {
		_, err := os.Stat(f.Own("ledger.json"))
		return err == nil
	}
	restore(t, s, f, "none", snapshot.Scope{Namespace: "app-C"})
	if !there() {
		t.Error("restoring a class removed the ledger of all")
	}
	restore(t, s, f, "none", snapshot.Scope{})
	if there() {
		t.Error("the ledger of what was replaced is still there")
	}
}

// killed is the folder as a process leaves it that is killed now, at the same
// place.
func killed(t *testing.T, f state.Folder, while func()) {
	t.Helper()
	while()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(f.Dir)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(f.Dir), os.Rename(to, f.Dir)); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAKilledProcessHadCommittedIsUndoneByRestoringToo(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	put(t, f, "app-C", id(1), "one")
	save(t, s, f, "before")
	path := sqlite.ObjectPath(f.Namespace("app-C"), id(1))
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	db := sqlite.OpenObject(path, sqlite.Options{})
	killed(t, f, func() {
		if err := errors.Join(db.Put("value", []byte("two")), db.Commit()); err != nil {
			t.Fatal(err)
		}
	})
	defer db.Close()
	if err := os.Chtimes(path, was.ModTime(), was.ModTime()); err != nil { // which copying has not kept
		t.Fatal(err)
	}
	if r := restore(t, s, f, "before", snapshot.Scope{}); r.Written != 1 {
		t.Errorf("restored %+v, want that one had changed", r)
	}
	if got := read(t, f); got["app-C"][id(1)] != "one" {
		t.Errorf("got %v", got)
	}
}

func TestAFileThatChangesWithinATickIsNotTakenForTheFormerOne(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	put(t, f, "app-C", id(1), "one")
	path := sqlite.ObjectPath(f.Namespace("app-C"), id(1))
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	save(t, s, f, "first")
	put(t, f, "app-C", id(1), "two")
	if err := os.Chtimes(path, was.ModTime(), was.ModTime()); err != nil {
		t.Fatal(err)
	}
	save(t, s, f, "second")
	restore(t, s, f, "first", snapshot.Scope{})
	if got := read(t, f); got["app-C"][id(1)] != "one" {
		t.Errorf("the first: got %v", got)
	}
	restore(t, s, f, "second", snapshot.Scope{})
	if got := read(t, f); got["app-C"][id(1)] != "two" {
		t.Errorf("the second: got %v", got)
	}
}

func TestWhatIsTouchedWhileASnapshotIsSavedIsInItAsItWas(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	for n := range 3 {
		put(t, f, "app-C", id(n), "before")
	}
	saving, err := s.Prepare(f, "x")
	if err != nil {
		t.Fatal(err)
	}
	defer saving.Close()
	h, keys := hold(t, f)
	if err := errors.Join(saving.Begin(h, snapshot.Wish{Name: "x", At: now, Namespaces: keys, Whole: true}), h.Release()); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2, 3} { // of which the last is new
		saving.Touch(sqlite.ObjectPath(f.Namespace("app-C"), id(n)))
		put(t, f, "app-C", id(n), "after")
	}
	if _, err := saving.Finish(); err != nil {
		t.Fatal(err)
	}
	restore(t, s, f, "x", snapshot.Scope{})
	got := read(t, f)
	if len(got["app-C"]) != 3 || got["app-C"][id(1)] != "before" || got["app-C"][id(2)] != "before" {
		t.Errorf("got %v", got)
	}
}

func TestWhatIsMissingInAStoreIsSaidAndNothingIsRestored(t *testing.T) {
	dir := t.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	put(t, f, "app-C", id(1), "one")
	put(t, f, "app-C", id(2), "two")
	m := save(t, s, f, "x")
	if err := os.Remove(filepath.Join(s.Dir, "data", m.Objects[1].Files[0].Sum)); err != nil {
		t.Fatal(err)
	}
	put(t, f, "app-C", id(1), "changed")
	put(t, f, "app-C", id(2), "changed")
	before := read(t, f)
	h, _ := hold(t, f)
	if _, err := s.Restore(f, h, m, snapshot.Scope{}, "ledger.json"); !errors.Is(err, snapshot.ErrDamaged) {
		t.Errorf("restored: %v, want %v", err, snapshot.ErrDamaged)
	}
	if got := read(t, f); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("got %v, want %v", got, before)
	}
	if err := s.Export("x", io.Discard); !errors.Is(err, snapshot.ErrDamaged) {
		t.Errorf("exported: %v, want %v", err, snapshot.ErrDamaged)
	}
}

func TestAnObjectIsTouchedByWhateverItStoresSince(t *testing.T) {
	for name, touch := range map[string]func(path string) error{
		"nothing": nil,
		"a write": func(path string) error {
			db := sqlite.OpenObject(path, sqlite.Options{})
			return errors.Join(db.Put("value", []byte("other")), db.Commit(), db.Close())
		},
		"a facet": func(path string) error {
			facets, err := sqlite.OpenFacets(path)
			if err != nil {
				return err
			}
			number, err := facets.Number(0, "part")
			db := sqlite.OpenObject(sqlite.FacetPath(path, number), sqlite.Options{})
			return errors.Join(err, db.Put("value", []byte("part")), db.Commit(), db.Close())
		},
	} {
		dir := t.TempDir()
		f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
		put(t, f, "app-C", id(1), "one")
		m := save(t, s, f, "first")
		if touch != nil {
			if err := touch(sqlite.ObjectPath(f.Namespace("app-C"), id(1))); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := m.Objects[0].Untouched(f), touch == nil; got != want {
			t.Errorf("after %s it is untouched: %v, want %v", name, got, want)
		}
	}
}
