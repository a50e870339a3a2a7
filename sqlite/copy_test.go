package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

func TestACopyIsWhatWasCommitted(t *testing.T) {
	for name, opts := range map[string]sqlite.Options{
		"on disk":        {},
		"with a history": {History: &sqlite.HistoryOptions{Path: func(p string) string { return p + ".hist" }}},
		"in memory":      {InMemory: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from, to := sqlite.OpenObject(filepath.Join(dir, "a.sqlite"), opts), sqlite.OpenObject(filepath.Join(dir, "b.sqlite"), opts)
			defer from.Close()
			defer to.Close()
			big := strings.Repeat("x", 50_000)
			for i, value := range []string{big, "two"} {
				must(t, from.Put(string(rune('a'+i)), []byte(value)))
			}
			must(t, from.Commit())
			must(t, to.Put("old", []byte(strings.Repeat("y", 90_000))))
			must(t, to.Commit())
			if !opts.InMemory {
				must(t, from.Put("a", []byte("not committed")))
			}
			must(t, to.CopyFrom(from))
			for key, want := range map[string]string{"a": big, "b": "two", "old": ""} {
				if got, _, err := to.Get(key); string(got) != want || err != nil {
					t.Errorf("%s is %d bytes, %v; want %d", key, len(got), err, len(want))
				}
			}
			must(t, to.Put("c", []byte("more")))
			must(t, to.Commit())
			must(t, from.Rollback())
			if _, ok, _ := from.Get("c"); ok {
				t.Error("a write to the copy reached what it was copied from")
			}
			must(t, to.CopyFrom(sqlite.OpenObject(filepath.Join(dir, "none.sqlite"), opts)))
			if _, ok, err := to.Get("a"); ok || err != nil {
				t.Errorf("the copy of nothing has something, %v", err)
			}
		})
	}
}

func TestFacetsAreRemovedTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sqlite")
	f, err := sqlite.OpenFacets(path)
	must(t, err)
	for _, name := range []string{"p", "q"} {
		n, err := f.Number(0, name)
		must(t, err)
		o := sqlite.OpenObject(sqlite.FacetPath(path, n), sqlite.Options{})
		must(t, o.Put("a", []byte(name)))
		must(t, o.Commit())
		must(t, o.Close())
	}
	must(t, sqlite.RemoveFacets(path, sqlite.Options{}))
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "a.*.sqlite*")); len(left) > 0 || err != nil {
		t.Errorf("%v are left, %v", left, err)
	}
}

func TestWhatWasRemovedCanBePutBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sqlite")
	o := sqlite.OpenObject(path, sqlite.Options{History: &sqlite.HistoryOptions{Path: func(p string) string { return p + ".hist" }}})
	defer o.Close()
	must(t, o.Put("a", []byte("one")))
	must(t, o.Commit())
	bookmark, err := o.CurrentBookmark()
	must(t, err)
	must(t, o.Put("a", []byte("two")))
	must(t, o.Remove())
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is still there")
	}
	if _, ok, err := o.Get("a"); ok || err != nil {
		t.Errorf("there is a value, %v", err)
	}
	if _, err := o.RestoreTo(bookmark); err != nil {
		t.Fatal(err)
	}
	if got, _, err := o.Get("a"); string(got) != "one" || err != nil {
		t.Errorf("the value is %q, %v", got, err)
	}
}
