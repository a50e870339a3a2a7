package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

// remembered is a bookmark and what was in the database then.
type remembered struct{ bookmark, contents string }

// traveller does random things to an object, and remembers some states.
type traveller struct {
	t        *testing.T
	random   *rand.Rand
	object   *sqlite.Object
	reported *[]error
	past     []remembered
	now      string
}

func newTraveller(t *testing.T, seed uint64) *traveller {
	w := &traveller{t: t, random: rand.New(rand.NewPCG(seed, 7))}
	w.object, w.reported = newHistoric(t, sqlite.HistoryOptions{})
	return w
}

func (w *traveller) pick(n int) int { return w.random.IntN(n) }

func (w *traveller) try(sql string, args ...any) {
	_, err := query(w.object, fmt.Sprintf(sql, args...))
	if err != nil && !strings.Contains(err.Error(), "no such") && !strings.Contains(err.Error(), "already") && !strings.Contains(err.Error(), "duplicate column") {
		w.t.Fatalf("%s: %v", fmt.Sprintf(sql, args...), err)
	}
}

// write does one random thing within the transaction.
func (w *traveller) write() {
	t, o := w.t, w.object
	switch w.pick(12) {
	case 0, 1, 2:
		must(t, o.Put(fmt.Sprint("key", w.pick(30)), make([]byte, w.pick(40))))
	case 3:
		must(t, o.Put(fmt.Sprint("large", w.pick(5)), []byte(strings.Repeat(fmt.Sprint(w.pick(1000)), w.pick(20000)))))
	case 4:
		_, err := o.Delete(fmt.Sprint("large", w.pick(5)))
		must(t, err)
	case 5:
		w.try("CREATE TABLE t%d (a, b)", w.pick(4))
	case 6:
		w.try("DROP TABLE t%d", w.pick(4))
	case 7:
		w.try("CREATE INDEX i%d ON t%d (a)", w.pick(9), w.pick(4))
	case 8, 9:
		w.try("INSERT INTO t%d SELECT value, hex(randomblob(20)) FROM json_each('[1,2,3,4,5,6,7,8,9]')", w.pick(4))
	case 10:
		w.try("DELETE FROM t%d WHERE a %% 3 = %d", w.pick(4), w.pick(3))
	case 11:
		must(t, o.SetAlarm(in2100()))
	}
}

// step does one random thing that a session does, and checks what must hold.
func (w *traveller) step() {
	t, o := w.t, w.object
	switch n := w.pick(40); {
	case n == 0:
		must(t, o.DeleteAll(w.pick(2) == 0))
		must(t, o.Commit())
	case n == 1:
		must(t, o.Close())
	case n == 2:
		w.write()
		must(t, o.Rollback())
	case n < 6 && len(w.past) > 0:
		w.travel()
		return
	case n == 6:
		for range 200 {
			w.write()
			must(t, o.Commit())
		}
	default:
		for range w.pick(5) {
			w.write()
		}
		must(t, o.Commit())
	}
	w.remember(w.pick(3) == 0)
}

// travel goes back to a remembered state, or looks at it.
func (w *traveller) travel() {
	t, to := w.t, w.past[w.pick(len(w.past))]
	past, err := w.object.ReadAt(to.bookmark)
	must(t, err)
	if got := everything(t, past); got != to.contents {
		t.Fatalf("read at %s\n%s\nwant\n%s", to.bookmark, got, to.contents)
	}
	must(t, past.Close())
	if w.pick(2) == 0 {
		return
	}
	undo, err := w.object.RestoreTo(to.bookmark)
	must(t, err)
	w.past = append(w.past, remembered{undo, w.now})
	w.remember(true)
	if w.now != to.contents {
		t.Fatalf("restored to %s\n%s\nwant\n%s", to.bookmark, w.now, to.contents)
	}
	intact(t, w.object)
}

func (w *traveller) remember(bookmarked bool) {
	w.now = everything(w.t, w.object)
	if bookmarked {
		w.past = append(w.past, remembered{bookmark(w.t, w.object), w.now})
	}
}

func TestRandomSessionsCanBeTravelledThrough(t *testing.T) {
	for seed := range uint64(3) {
		w := newTraveller(t, seed)
		for range 80 {
			w.step()
		}
		for range 20 {
			w.travel()
		}
		noReports(t, w.reported)
	}
}

// kill returns the object as a new process finds it when the old one is killed
// now: what lies on disk, with the times it has there.
func (w *traveller) kill() {
	folder := w.t.TempDir()
	from := filepath.Dir(w.object.Path())
	must(w.t, os.CopyFS(folder, os.DirFS(from)))
	for _, name := range []string{"object.sqlite", "object.sqlite-wal"} {
		if info, err := os.Stat(filepath.Join(from, name)); err == nil {
			must(w.t, os.Chtimes(filepath.Join(folder, name), info.ModTime(), info.ModTime()))
		}
	}
	w.object, w.reported = openHistoric(w.t, filepath.Join(folder, "object.sqlite"), sqlite.HistoryOptions{})
}

func TestHistorySurvivesAKilledProcess(t *testing.T) {
	for seed := range uint64(3) {
		w := newTraveller(t, 100+seed)
		for range 12 {
			for range w.pick(12) {
				w.step()
			}
			w.kill()
			if got := everything(t, w.object); w.now != "" && got != w.now {
				t.Fatalf("found\n%s\nwant\n%s", got, w.now)
			}
			if w.now != "" && len(w.past) > 0 {
				w.travel()
			}
			noReports(t, w.reported)
		}
	}
}
