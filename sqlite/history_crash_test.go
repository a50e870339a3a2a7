package sqlite_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
)

// crashes copies an object's files whenever its history asks for the time: right
// after each commit, before and after it is archived. Every copy is what a
// process leaves that is killed there.
type crashes struct {
	t      *testing.T
	folder string
	copies []string
	on     bool
}

func (c *crashes) Now() time.Time {
	if c.on {
		c.copies = append(c.copies, copyFolder(c.t, c.folder))
	}
	return time.Now()
}

func copyFolder(t *testing.T, folder string) string {
	t.Helper()
	to := t.TempDir()
	must(t, os.CopyFS(to, os.DirFS(folder)))
	return to
}

func newCrashing(t *testing.T) (*sqlite.Object, *crashes) {
	c := &crashes{t: t, folder: t.TempDir()}
	o, _ := openHistoric(t, filepath.Join(c.folder, "object.sqlite"), sqlite.HistoryOptions{Now: c.Now})
	return o, c
}

func TestARestorationThatIsKilledHappenedWhollyOrNotAtAll(t *testing.T) {
	o, c := newCrashing(t)
	large := strings.Repeat("x", 9_000)
	put(t, o, "a", "1")
	b := bookmark(t, o)
	before := everything(t, o)
	put(t, o, "a", "2")
	put(t, o, "large", large)
	after := everything(t, o)
	c.on = true
	undo, err := o.RestoreTo(b)
	must(t, err)
	c.on = false
	if len(c.copies) < 4 {
		t.Fatalf("%d copies", len(c.copies))
	}
	done := 0
	for i, folder := range c.copies {
		o, reported := openHistoric(t, filepath.Join(folder, "object.sqlite"), sqlite.HistoryOptions{})
		if got := everything(t, o); got != before && got != after {
			t.Fatalf("copy %d holds\n%s", i, got)
		}
		restored, err := o.BeginSession()
		must(t, err)
		intact(t, o)
		want := after // it was not even noted
		if commits, err := o.Commits(); err != nil {
			t.Error(err)
		} else if commits[len(commits)-1].Restored {
			want = before
			done++
		} else if restored {
			t.Errorf("copy %d: restored, but the history does not say so: %+v", i, commits)
		}
		if got := everything(t, o); got != want {
			t.Errorf("copy %d: restored %v, holds\n%s\nwant\n%s", i, restored, got, want)
		}
		if want == before {
			_, err = o.RestoreTo(undo)
			must(t, err)
			if got := everything(t, o); got != after {
				t.Errorf("copy %d: undone\n%s\nwant\n%s", i, got, after)
			}
		}
		noReports(t, reported)
	}
	if done == 0 || done == len(c.copies) {
		t.Errorf("the restoration was done in %d copies of %d", done, len(c.copies))
	}
}

func TestARemovalThatIsKilledIsForgottenWithItsHistoryKept(t *testing.T) {
	o, c := newCrashing(t)
	put(t, o, "a", "1")
	b := bookmark(t, o)
	must(t, o.DeleteAll(true))
	c.on = true
	must(t, o.Commit())
	c.on = false
	before := c.copies[len(c.copies)-1] // all is there, and the removal noted nowhere
	hist := filepath.Join("history", "object.sqlite.hist")
	copyFile(t, filepath.Join(c.folder, hist), filepath.Join(before, hist))
	if exists(o.Path()) || !exists(filepath.Join(before, "object.sqlite")) {
		t.Fatal("the file was removed too early or not at all")
	}

	again, reported := openHistoric(t, filepath.Join(before, "object.sqlite"), sqlite.HistoryOptions{})
	put(t, again, "b", "2")
	_, err := again.RestoreTo(b)
	must(t, err)
	if get(t, again, "a") != "1" || get(t, again, "b") != "none" {
		t.Error("not what was there before deleteAll")
	}
	noReports(t, reported)
}

func TestAHistoryThatWasCutOffIsMendedFromTheWriteAheadLog(t *testing.T) {
	o, c := newCrashing(t)
	put(t, o, "a", "1")
	b := bookmark(t, o)
	hist := filepath.Join("history", "object.sqlite.hist")
	first, err := os.Stat(filepath.Join(c.folder, hist))
	must(t, err)
	put(t, o, "a", "2")
	two := bookmark(t, o)
	killed := copyFolder(t, c.folder)
	data, err := os.ReadFile(filepath.Join(killed, hist))
	must(t, err)
	for size := first.Size(); size < int64(len(data)); size += 7 {
		folder := copyFolder(t, killed)
		must(t, os.Truncate(filepath.Join(folder, hist), size))
		again, reported := openHistoric(t, filepath.Join(folder, "object.sqlite"), sqlite.HistoryOptions{})
		put(t, again, "a", "3")
		if commits, err := again.Commits(); err != nil || len(commits) != 3 {
			t.Errorf("%+v, %v", commits, err)
		}
		for bookmark, want := range map[string]string{b: "1", two: "2"} {
			past, err := again.ReadAt(bookmark)
			must(t, err)
			if got := get(t, past, "a"); got != want && bookmark == b {
				t.Errorf("cut off at %d: a = %s, want %s", size, got, want)
			}
			must(t, past.Close())
		}
		noReports(t, reported)
	}
}

func TestAHistoryThatCannotBeWrittenFailsNoCommit(t *testing.T) {
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "history"), nil, 0o666))
	o, reported := openHistoric(t, filepath.Join(folder, "object.sqlite"), sqlite.HistoryOptions{})
	for i := range 1500 {
		put(t, o, "a", strconv.Itoa(i))
	}
	if len(*reported) != 1 {
		t.Errorf("reported %v", *reported)
	}
	if info, err := os.Stat(o.Path() + "-wal"); err != nil || info.Size() > 5<<20 {
		t.Errorf("the write-ahead log grows: %d bytes, %v", info.Size(), err)
	}
	must(t, o.Close())
	if got := get(t, o, "a"); got != "1499" {
		t.Errorf("a = %s", got)
	}
}
