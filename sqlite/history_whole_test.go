package sqlite_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
)

// A whole is an object with one facet, and a clock.
type whole struct {
	t            *testing.T
	now          time.Time
	object, part *sqlite.Object
}

func newWhole(t *testing.T) *whole {
	w := &whole{t: t, now: time.UnixMicro(1_700_000_000_000_000)}
	opts := sqlite.Options{History: &sqlite.HistoryOptions{
		Path: func(p string) string { return p + ".hist" },
		Now:  func() time.Time { w.now = w.now.Add(time.Second); return w.now },
	}}
	path := filepath.Join(t.TempDir(), "o.sqlite")
	w.object, w.part = sqlite.OpenObject(path, opts), sqlite.OpenObject(sqlite.FacetPath(path, 1), opts)
	t.Cleanup(func() { w.object.Close(); w.part.Close() })
	return w
}

func (w *whole) put(o *sqlite.Object, value string) {
	w.t.Helper()
	must(w.t, o.Put("value", []byte(value)))
	must(w.t, o.Commit())
}

func (w *whole) want(object, part string) {
	w.t.Helper()
	for i, want := range []string{object, part} {
		if got, _, err := []*sqlite.Object{w.object, w.part}[i].Get("value"); string(got) != want || err != nil {
			w.t.Errorf("database %d has %q, %v; want %q", i, got, err, want)
		}
	}
}

func (w *whole) bookmark() string {
	w.t.Helper()
	b, err := w.object.FreshBookmark()
	must(w.t, err)
	return b
}

// restore has the whole go back, as the start of a session does it, and gives
// what undoes it.
func (w *whole) restore(bookmark string) string {
	w.t.Helper()
	undo, err := w.object.RestoreOnNextSession(bookmark)
	must(w.t, err)
	must(w.t, w.part.RestoreAlong(bookmark, undo))
	pending, ok, err := w.object.Pending()
	if pending != undo || !ok || err != nil {
		w.t.Errorf("pending is %s %v %v, want %s", pending, ok, err, undo)
	}
	must(w.t, w.part.BeginAlong(undo))
	_, err = w.object.BeginSession()
	must(w.t, err)
	return undo
}

func TestFacetsGoBackInTimeWithTheirObject(t *testing.T) {
	w := newWhole(t)
	w.put(w.object, "one")
	empty := w.bookmark()
	w.put(w.part, "part one")
	first := w.bookmark()
	w.put(w.part, "part two")
	second := w.bookmark()
	w.put(w.object, "two")
	w.put(w.part, "part three")

	undo := w.restore(first)
	w.want("one", "part one")
	w.restore(undo)
	w.want("two", "part three")
	w.restore(second)
	w.want("one", "part two")
	w.put(w.part, "part four")
	w.restore(empty)
	w.want("one", "")
	w.restore(undo)
	w.want("two", "part three")
}

func TestAFacetThatWasRemovedComesBackWithItsObject(t *testing.T) {
	w := newWhole(t)
	w.put(w.object, "one")
	w.put(w.part, "part one")
	before := w.bookmark()
	must(t, w.part.Remove())
	w.restore(before)
	w.want("one", "part one")
}

func TestAFacetThatIsNewerThanTheRestorationIsEmptied(t *testing.T) {
	w := newWhole(t)
	w.put(w.object, "one")
	before := w.bookmark()
	undo, err := w.object.RestoreOnNextSession(before)
	must(t, err)
	w.put(w.part, "new")
	must(t, w.part.BeginAlong(undo))
	_, err = w.object.BeginSession()
	must(t, err)
	w.want("one", "")
}

func TestMomentsAreFoundByTheirTime(t *testing.T) {
	w := newWhole(t)
	w.put(w.object, "one")
	w.put(w.part, "part one")
	at := w.now
	w.put(w.part, "part two")
	b, err := w.object.BookmarkForMoment(at)
	must(t, err)
	w.restore(b)
	w.want("one", "part one")
}

func TestACopyOnRestoreIsUndone(t *testing.T) {
	w, other := newWhole(t), newWhole(t)
	w.put(w.object, "mine")
	w.put(w.part, "my part")
	other.put(other.object, "theirs")
	undo, err := w.object.ReserveUndo()
	must(t, err)
	w.put(w.object, "mine, later")
	must(t, w.part.CopyOnRestore(other.part, undo))
	must(t, w.object.CopyOnRestore(other.object, undo))
	w.want("theirs", "")
	w.put(w.object, "changed")
	w.restore(undo)
	w.want("mine, later", "my part")
}

func TestAForkAlongIsOfTheSameMoment(t *testing.T) {
	w := newWhole(t)
	w.put(w.object, "one")
	w.put(w.part, "part one")
	b := w.bookmark()
	w.put(w.part, "part two")
	path := filepath.Join(t.TempDir(), "fork.sqlite")
	must(t, w.part.ForkAlong(b, path))
	fork := sqlite.OpenObject(path, sqlite.Options{})
	defer fork.Close()
	if got, _, err := fork.Get("value"); string(got) != "part one" || err != nil {
		t.Errorf("the fork has %q, %v", got, err)
	}
}

func TestAWholeIsRestoredAndForkedWithItsFacets(t *testing.T) {
	now := time.UnixMicro(1_700_000_000_000_000)
	opts := sqlite.Options{History: &sqlite.HistoryOptions{
		Path: func(p string) string { return p + ".hist" },
		Now:  func() time.Time { now = now.Add(time.Second); return now },
	}}
	dir := t.TempDir()
	path, fork := filepath.Join(dir, "o.sqlite"), filepath.Join(dir, "fork.sqlite")
	facets, err := sqlite.OpenFacets(path)
	must(t, err)
	if _, err := facets.Number(0, "part"); err != nil {
		t.Fatal(err)
	}
	both := func(path string, fn func(o *sqlite.Object)) {
		for number := range 2 {
			o := sqlite.OpenObject(sqlite.FacetPath(path, number), opts)
			fn(o)
			must(t, o.Close())
		}
	}
	put := func(value string) {
		both(path, func(o *sqlite.Object) {
			must(t, o.Put("value", []byte(value)))
			must(t, o.Commit())
		})
	}
	want := func(path, want string) {
		t.Helper()
		both(path, func(o *sqlite.Object) {
			if got, _, err := o.Get("value"); string(got) != want || err != nil {
				t.Errorf("%s has %q, %v; want %q", filepath.Base(o.Path()), got, err, want)
			}
		})
	}
	put("first")
	w, err := sqlite.OpenWhole(path, opts)
	must(t, err)
	first, err := w.Object().BookmarkOf("", time.Time{})
	must(t, err)
	must(t, w.Close())
	put("second")

	w, err = sqlite.OpenWhole(path, opts)
	must(t, err)
	undo, err := w.Restore(first)
	must(t, err)
	must(t, w.Close())
	want(path, "first")
	w, err = sqlite.OpenWhole(path, opts)
	must(t, err)
	must(t, w.Fork(undo, fork))
	_, err = w.Restore(undo)
	must(t, err)
	must(t, w.Close())
	want(path, "second")
	want(fork, "second")
}

func TestAWholeThatCannotBeRestoredStaysAsItIs(t *testing.T) {
	w := newWhole(t)
	w.put(w.object, "mine")
	other := newWhole(t)
	other.put(other.object, "theirs")
	theirs := other.bookmark()
	whole, err := sqlite.OpenWhole(w.object.Path(), sqlite.Options{})
	must(t, err)
	if _, err := whole.Restore(theirs); !errors.Is(err, sqlite.ErrNoHistory) {
		t.Errorf("without a history: %v", err)
	}
	if _, err := w.object.BookmarkOf(theirs, time.Time{}); !errors.Is(err, sqlite.ErrBookmark) {
		t.Errorf("of another object: %v", err)
	}
	if _, pending, err := w.object.Pending(); pending || err != nil {
		t.Errorf("something is to be restored, %v", err)
	}
	w.want("mine", "")
}

func TestARestorationThatDoesNotFitLeavesNothingToBeDone(t *testing.T) {
	folder := t.TempDir()
	path, history := filepath.Join(folder, "object.sqlite"), filepath.Join(folder, "history")
	open := func(size int64) *sqlite.Whole {
		w, err := sqlite.OpenWhole(path, sqlite.Options{MaxSize: size, History: &sqlite.HistoryOptions{Path: func(string) string { return history }}})
		must(t, err)
		return w
	}
	w := open(0)
	must(t, w.Object().Put("large", make([]byte, 100_000)))
	must(t, w.Object().Commit())
	b := bookmark(t, w.Object())
	must(t, w.Object().DeleteAll(true))
	must(t, w.Object().Commit())
	must(t, w.Object().Put("small", []byte("1")))
	must(t, w.Object().Commit())
	_, err := w.Object().Commits()
	must(t, err)
	must(t, w.Close())
	before := everything(t, w.Object())
	must(t, w.Close())

	w = open(40_000)
	if _, err := w.Restore(b); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("restored: %v, want %v", err, syscall.ENOSPC)
	}
	must(t, w.Close())
	w = open(0)
	if restored, err := w.Object().BeginSession(); restored || err != nil {
		t.Errorf("the next session restores: %t, %v", restored, err)
	}
	if got := everything(t, w.Object()); got != before {
		t.Errorf("got %d bytes, want\n%s", len(got), before)
	}
	_, err = w.Restore(b)
	must(t, err)
	must(t, w.Close())
}
