package sqlite_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
)

// everything describes all that is in a database: pairs, schema, rows, alarm.
func everything(t testing.TB, o *sqlite.Object) string {
	t.Helper()
	var b strings.Builder
	for list := o.List(sqlite.ListOptions{}); list.Next(); {
		fmt.Fprintf(&b, "%s=%x\n", list.Key(), list.Value())
	}
	tables, err := query(o, "SELECT name, sql FROM sqlite_schema WHERE name NOT GLOB '_cf_*' AND name <> 'sqlite_sequence' ORDER BY name")
	must(t, err)
	for _, table := range tables {
		fmt.Fprintln(&b, table...)
		if strings.HasPrefix(fmt.Sprint(table[1]), "CREATE TABLE") {
			rows, err := query(o, fmt.Sprintf("SELECT * FROM %q", table[0]))
			must(t, err)
			fmt.Fprintln(&b, rows)
		}
	}
	at, ok, err := o.Alarm()
	must(t, err)
	fmt.Fprintln(&b, at.UnixNano(), ok)
	return b.String()
}

// intact has the engine look for damage.
func intact(t testing.TB, o *sqlite.Object) {
	t.Helper()
	rows, err := query(o, "PRAGMA quick_check")
	must(t, err)
	if len(rows) != 1 || rows[0][0] != "ok" {
		t.Errorf("the database is damaged: %v", rows)
	}
}

// noReports fails if history was lost.
func noReports(t testing.TB, reported *[]error) {
	t.Helper()
	if len(*reported) > 0 {
		t.Errorf("reported %v", *reported)
	}
}

func bookmark(t testing.TB, o *sqlite.Object) string {
	t.Helper()
	b, err := o.CurrentBookmark()
	must(t, err)
	return b
}

func put(t testing.TB, o *sqlite.Object, key, value string) {
	t.Helper()
	must(t, o.Put(key, []byte(value)))
	must(t, o.Commit())
}

func get(t testing.TB, o *sqlite.Object, key string) string {
	t.Helper()
	value, ok, err := o.Get(key)
	must(t, err)
	if !ok {
		return "none"
	}
	return string(value)
}

func TestADatabaseGoesBackAndForthInTime(t *testing.T) {
	o, reported := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	one := bookmark(t, o)
	put(t, o, "a", "2")
	two := bookmark(t, o)
	undoOne, err := o.RestoreTo(one)
	must(t, err)
	if got := get(t, o, "a"); got != "1" {
		t.Errorf("a = %s at the first bookmark", got)
	}
	put(t, o, "a", "3")
	_, err = o.RestoreTo(two)
	must(t, err)
	if got := get(t, o, "a"); got != "2" {
		t.Errorf("a = %s at the second bookmark", got)
	}
	undoTwo, err := o.RestoreTo(undoOne)
	must(t, err)
	if got := get(t, o, "a"); got != "2" {
		t.Errorf("a = %s before the first restoration", got)
	}
	_, err = o.RestoreTo(one)
	must(t, err)
	_, err = o.RestoreTo(undoTwo)
	must(t, err)
	if got := get(t, o, "a"); got != "2" {
		t.Errorf("a = %s before the third restoration", got)
	}
	noReports(t, reported)
}

func TestABookmarkOfAnOpenTransactionHasAllOfIt(t *testing.T) {
	o, _ := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	must(t, o.Put("a", []byte("2")))
	b := bookmark(t, o)
	if again := bookmark(t, o); again != b {
		t.Errorf("two bookmarks of one transaction: %s and %s", b, again)
	}
	put(t, o, "a", "3")
	put(t, o, "a", "4")
	if later := bookmark(t, o); later <= b {
		t.Errorf("%s does not sort behind %s", later, b)
	}
	_, err := o.RestoreTo(b)
	must(t, err)
	if got := get(t, o, "a"); got != "3" {
		t.Errorf("a = %s, want what the transaction committed", got)
	}
}

func TestABookmarkOfATransactionThatWasRolledBackIsOfTheStateBefore(t *testing.T) {
	o, _ := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	must(t, o.Put("a", []byte("2")))
	b := bookmark(t, o)
	must(t, o.Rollback())
	put(t, o, "a", "3")
	_, err := o.RestoreTo(b)
	must(t, err)
	if got := get(t, o, "a"); got != "1" {
		t.Errorf("a = %s", got)
	}
}

func TestARestorationWaitsForTheNextSession(t *testing.T) {
	o, reported := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	b := bookmark(t, o)
	put(t, o, "a", "2")
	if restored, err := o.BeginSession(); restored || err != nil {
		t.Errorf("nothing was asked for: %v, %v", restored, err)
	}
	undo, err := o.RestoreOnNextSession(b)
	must(t, err)
	put(t, o, "a", "3") // the session goes on
	if undo <= bookmark(t, o)[:8] || len(undo) != len(b) {
		t.Errorf("undo bookmark %s", undo)
	}
	must(t, o.Close())

	again, more := openHistoric(t, o.Path(), sqlite.HistoryOptions{})
	if restored, err := again.BeginSession(); !restored || err != nil {
		t.Fatalf("BeginSession = %v, %v", restored, err)
	}
	if got := get(t, again, "a"); got != "1" {
		t.Errorf("a = %s after the restoration", got)
	}
	if restored, err := again.BeginSession(); restored || err != nil {
		t.Errorf("restored twice: %v, %v", restored, err)
	}
	_, err = again.RestoreTo(undo)
	must(t, err)
	if got := get(t, again, "a"); got != "3" {
		t.Errorf("a = %s after undoing it, want what the session wrote last", got)
	}
	noReports(t, reported)
	noReports(t, more)
}

func TestTheUndoOfARestorationThatHasNotHappenedIsThePresent(t *testing.T) {
	o, _ := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	b := bookmark(t, o)
	put(t, o, "a", "2")
	undo, err := o.RestoreOnNextSession(b)
	must(t, err)
	_, err = o.RestoreOnNextSession(undo)
	must(t, err)
	restored, err := o.BeginSession()
	if got := get(t, o, "a"); !restored || err != nil || got != "2" {
		t.Errorf("restored %v, %v; a = %s", restored, err, got)
	}
}

func TestWrongBookmarksAreRefusedAndNothingChanges(t *testing.T) {
	o, _ := newHistoric(t, sqlite.HistoryOptions{})
	other, _ := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	put(t, other, "a", "2")
	b := bookmark(t, o)
	for _, wrong := range []string{"", "x", strings.ToUpper(b) + "0", strings.Replace(b, "-", "_", 1), b[:18] + "00000002" + b[26:],
		b[:18] + "00000001" + b[26:], "00000000" + b[8:], bookmark(t, other), strings.Repeat("g", 8) + b[8:]} {
		for name, call := range map[string]func(string) error{
			"RestoreTo":            func(b string) error { _, err := o.RestoreTo(b); return err },
			"RestoreOnNextSession": func(b string) error { _, err := o.RestoreOnNextSession(b); return err },
			"ReadAt":               func(b string) error { _, err := o.ReadAt(b); return err },
			"Fork":                 func(b string) error { return o.Fork(b, filepath.Join(t.TempDir(), "fork")) },
		} {
			if err := call(wrong); !errors.Is(err, sqlite.ErrBookmark) {
				t.Errorf("%s(%q) = %v", name, wrong, err)
			}
		}
	}
	if restored, err := o.BeginSession(); restored || err != nil || get(t, o, "a") != "1" {
		t.Errorf("BeginSession = %v, %v", restored, err)
	}
}

func TestWithoutHistoryThereAreNoBookmarks(t *testing.T) {
	for _, opts := range []sqlite.Options{{}, {InMemory: true, History: &sqlite.HistoryOptions{}}} {
		o := sqlite.OpenObject(filepath.Join(t.TempDir(), "object.sqlite"), opts)
		put(t, o, "a", "1")
		if _, err := o.CurrentBookmark(); !errors.Is(err, sqlite.ErrNoHistory) {
			t.Errorf("bookmark: %v", err)
		}
		if restored, err := o.BeginSession(); restored || err != nil {
			t.Errorf("BeginSession = %v, %v", restored, err)
		}
		must(t, o.Close())
	}
}

// manual is a clock that the test moves.
type manual struct{ now time.Time }

func (c *manual) Now() time.Time { return c.now }

func TestABookmarkIsFoundByItsTime(t *testing.T) {
	c := &manual{time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)}
	o, _ := newHistoric(t, sqlite.HistoryOptions{Now: c.Now})
	start := c.now
	for i := range 5 {
		c.now = start.Add(time.Duration(i) * time.Hour)
		put(t, o, "a", fmt.Sprint(i))
	}
	for hours, want := range map[float64]string{-1: "none", 0: "0", 0.5: "0", 1: "1", 3.9: "3", 4: "4", 100: "4"} {
		b, err := o.BookmarkForTime(start.Add(time.Duration(hours * float64(time.Hour))))
		must(t, err)
		past, err := o.ReadAt(b)
		must(t, err)
		if got := get(t, past, "a"); got != want {
			t.Errorf("%v hours: a = %s, want %s", hours, got, want)
		}
		must(t, past.Close())
	}
	commits, err := o.Commits()
	must(t, err)
	if len(commits) != 5 || !commits[3].At.Equal(start.Add(3*time.Hour)) || commits[4].Bookmark != bookmark(t, o) {
		t.Errorf("commits %+v", commits)
	}
}

func TestHistoryOfADatabaseThatWasThereBeginsWhenItIsWritten(t *testing.T) {
	c := &manual{time.Now()}
	plain := newObject(t)
	put(t, plain, "a", "1")
	must(t, plain.Close())
	o, reported := openHistoric(t, plain.Path(), sqlite.HistoryOptions{Now: c.Now})
	put(t, o, "a", "2")
	if _, err := o.BookmarkForTime(c.now.Add(-time.Minute)); !errors.Is(err, sqlite.ErrBookmark) {
		t.Errorf("a bookmark before the history began: %v", err)
	}
	b, err := o.BookmarkForTime(c.now.Add(-time.Microsecond))
	must(t, err)
	_, err = o.RestoreTo(b)
	must(t, err)
	if got := get(t, o, "a"); got != "1" {
		t.Errorf("a = %s", got)
	}
	noReports(t, reported)
}

func TestWhatDeleteAllRemovedComesBack(t *testing.T) {
	o, reported := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", strings.Repeat("long", 5000))
	_, err := query(o, "CREATE TABLE t AS SELECT 1 AS x")
	must(t, err)
	must(t, o.Commit())
	before, b := everything(t, o), bookmark(t, o)
	must(t, o.DeleteAll(true))
	must(t, o.Commit())
	if exists(o.Path()) {
		t.Fatal("the file is still there")
	}
	empty := bookmark(t, o)
	if exists(o.Path()) {
		t.Error("asking for a bookmark made a file")
	}
	past, err := o.ReadAt(b)
	must(t, err)
	if got := everything(t, past); got != before {
		t.Errorf("read\n%s\nwant\n%s", got, before)
	}
	must(t, past.Close())
	_, err = o.RestoreTo(b)
	must(t, err)
	intact(t, o)
	if got := everything(t, o); got != before {
		t.Errorf("restored\n%s\nwant\n%s", got, before)
	}
	_, err = o.RestoreTo(empty)
	must(t, err)
	if got := get(t, o, "a"); got != "none" {
		t.Errorf("a = %s", got)
	}
	put(t, o, "b", "1")
	intact(t, o)
	noReports(t, reported)
}

func TestHistoryOfAFileThatOthersChangedIsDiscardedAndSaidSo(t *testing.T) {
	o, _ := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	b := bookmark(t, o)
	put(t, o, "a", "2")
	last := bookmark(t, o)
	must(t, o.Close())
	other := sqlite.OpenObject(o.Path(), sqlite.Options{})
	put(t, other, "b", "3")
	must(t, other.Close())

	again, reported := openHistoric(t, o.Path(), sqlite.HistoryOptions{})
	put(t, again, "a", "4")
	if _, err := again.RestoreTo(b); !errors.Is(err, sqlite.ErrBookmark) {
		t.Errorf("restored from a history that is not its own: %v", err)
	}
	if len(*reported) != 1 || !strings.Contains((*reported)[0].Error(), "another program has changed") {
		t.Errorf("reported %v", *reported)
	}
	if now := bookmark(t, again); now <= last {
		t.Errorf("bookmark %s does not sort behind %s", now, last)
	}
	if get(t, again, "a") != "4" || get(t, again, "b") != "3" {
		t.Error("data was lost")
	}
}

func TestACopiedStateFolderKeepsItsHistory(t *testing.T) {
	o, _ := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	b := bookmark(t, o)
	put(t, o, "a", "2")
	must(t, o.Close())
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(filepath.Dir(o.Path()))))
	copied, reported := openHistoric(t, filepath.Join(folder, "object.sqlite"), sqlite.HistoryOptions{})
	_, err := copied.RestoreTo(b)
	must(t, err)
	if got := get(t, copied, "a"); got != "1" {
		t.Errorf("a = %s", got)
	}
	noReports(t, reported)
}

func TestADamagedHistoryIsDiscardedAndANewerOneKept(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"a header that was cut off": func(b []byte) []byte { return b[:10] },
		"no header":                 func(b []byte) []byte { return append([]byte("x"), b...) },
		"a bad checksum":            func(b []byte) []byte { b[20]++; return b },
		"a bad first block":         func(b []byte) []byte { b[64]++; b[len(b)-1]++; return b },
		"a newer version":           func(b []byte) []byte { b[8]++; return b },
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := newHistoric(t, sqlite.HistoryOptions{})
			put(t, o, "a", "1")
			must(t, o.Close())
			path := filepath.Join(filepath.Dir(o.Path()), "history", "object.sqlite.hist")
			data, err := os.ReadFile(path)
			must(t, err)
			data = damage(data)
			must(t, os.WriteFile(path, data, 0o666))
			again, reported := openHistoric(t, o.Path(), sqlite.HistoryOptions{})
			put(t, again, "a", "2")
			_, err = again.CurrentBookmark()
			must(t, again.Close())
			after, readErr := os.ReadFile(path)
			must(t, readErr)
			newer := name == "a newer version"
			if len(*reported) != 1 || (err != nil) != newer || slices.Equal(after, data) != newer {
				t.Errorf("reported %v, bookmark: %v", *reported, err)
			}
		})
	}
}

func TestHistoryStaysWithinItsSize(t *testing.T) {
	const limit = 64 << 10
	o, reported := newHistoric(t, sqlite.HistoryOptions{MaxBytes: limit})
	random := rand.New(rand.NewPCG(1, 2))
	value := make([]byte, 200)
	var first, last string
	for i := range 3000 {
		for j := range value {
			value[j] = byte(random.Uint32())
		}
		must(t, o.Put(fmt.Sprint(i%7), value))
		must(t, o.Commit())
		if i == 10 {
			first = bookmark(t, o)
		}
		if i == 2990 {
			last = bookmark(t, o)
		}
	}
	path := filepath.Join(filepath.Dir(o.Path()), "history", "object.sqlite.hist")
	info, err := os.Stat(path)
	must(t, err)
	if info.Size() > 2*limit {
		t.Errorf("%d bytes", info.Size())
	}
	if _, err := o.RestoreTo(first); !errors.Is(err, sqlite.ErrBookmark) {
		t.Errorf("a commit that was dropped: %v", err)
	}
	_, err = o.RestoreTo(last)
	must(t, err)
	must(t, o.Put("large", make([]byte, 10)))
	for i := range 40 {
		for j := range value {
			value[j] = byte(random.Uint32())
		}
		must(t, o.Put(fmt.Sprint("large", i), slices.Repeat(value, 20)))
	}
	noReports(t, reported)
	must(t, o.Commit())
	must(t, o.Close())
	if len(*reported) != 1 || !strings.Contains((*reported)[0].Error(), "more than may be kept") {
		t.Errorf("reported %v of a commit that is too large", *reported)
	}
}

func TestOldCommitsAreDropped(t *testing.T) {
	c := &manual{time.Now()}
	o, reported := newHistoric(t, sqlite.HistoryOptions{Now: c.Now})
	put(t, o, "a", "1")
	old := bookmark(t, o)
	c.now = c.now.Add(20 * 24 * time.Hour)
	put(t, o, "a", "2")
	recent := bookmark(t, o)
	must(t, o.Close())
	c.now = c.now.Add(20 * 24 * time.Hour)
	put(t, o, "a", "3")
	if _, err := o.RestoreTo(recent); err != nil {
		t.Error(err)
	}
	commits, err := o.Commits()
	must(t, err)
	if len(commits) != 3 {
		t.Errorf("%d commits are left: %+v", len(commits), commits)
	}
	b, err := o.BookmarkForTime(c.now.Add(-25 * 24 * time.Hour))
	must(t, err) // the state the oldest commit was made upon
	if b != old {
		t.Errorf("the history begins with %s, want %s", b, old)
	}
	if _, err := o.BookmarkForTime(c.now.Add(-41 * 24 * time.Hour)); !errors.Is(err, sqlite.ErrBookmark) {
		t.Errorf("a time before the history: %v", err)
	}
	noReports(t, reported)
}

func TestAForkIsADatabaseOfItsOwn(t *testing.T) {
	o, _ := newHistoric(t, sqlite.HistoryOptions{})
	put(t, o, "a", "1")
	b := bookmark(t, o)
	put(t, o, "a", "2")
	path := filepath.Join(t.TempDir(), "new", "fork.sqlite")
	must(t, o.Fork(b, path))
	if err := o.Fork(b, path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("forked onto a file: %v", err)
	}
	fork, _ := openHistoric(t, path, sqlite.HistoryOptions{})
	if got := get(t, fork, "a"); got != "1" {
		t.Errorf("a = %s in the fork", got)
	}
	put(t, fork, "a", "3")
	if got := get(t, o, "a"); got != "2" {
		t.Errorf("a = %s in the original", got)
	}
}
