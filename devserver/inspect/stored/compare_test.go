package stored_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/sqlite"
)

// A past is an object whose history is kept.
type past struct {
	t  testing.TB
	db *sqlite.Object
}

func newPast(t testing.TB) past {
	path := filepath.Join(t.TempDir(), "o.sqlite")
	db := sqlite.OpenObject(path, sqlite.Options{History: &sqlite.HistoryOptions{Path: func(string) string { return path + ".hist" }}})
	t.Cleanup(func() { db.Close() })
	return past{t, db}
}

func (p past) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p past) put(key string, value any) {
	p.t.Helper()
	text, err := json.Marshal(value)
	p.must(err)
	v, err := clone.FromJSON(text)
	p.must(err)
	data, err := clone.Encode(v)
	p.must(errors.Join(err, p.db.Put(key, data)))
}

func (p past) sql(query string) {
	p.t.Helper()
	cur, err := p.db.Exec(query)
	p.must(err)
	cur.Close()
}

// commit ends a transaction and gives the bookmark of what is stored then.
func (p past) commit() string {
	p.t.Helper()
	p.must(p.db.Commit())
	b, err := p.db.FreshBookmark()
	p.must(err)
	return b
}

func (p past) between(from, to string, limit int) inspect.Contrast {
	p.t.Helper()
	s := inspect.Stretch{From: inspect.Moment{Bookmark: from}, To: inspect.Moment{Bookmark: to}, Limit: limit}
	c, err := stored.Between(p.t.Context(), &sqlite.View{Object: p.db}, s)
	p.must(err)
	return c
}

// written is a contrast in lines: "- key before", "+ key after", and tables.
func written(c inspect.Contrast) (lines []string) {
	for _, k := range c.Keys {
		if k.Before != nil {
			lines = append(lines, "- "+k.Key+" "+k.Before.Preview)
		}
		if k.After != nil {
			lines = append(lines, "+ "+k.Key+" "+k.After.Preview)
		}
	}
	for _, t := range c.Tables {
		lines = append(lines, fmt.Sprintf("%s %s%v%v", t.Table, t.Change, t.Columns, t.Changed))
		for _, row := range t.Removed {
			lines = append(lines, "- "+row)
		}
		for _, row := range t.Added {
			lines = append(lines, "+ "+row)
		}
	}
	if c.Alarm != nil {
		lines = append(lines, fmt.Sprint("alarm ", c.Alarm.Before != nil, c.Alarm.After != nil))
	}
	return lines
}

func wantLines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%s: got\n%q\nwant\n%q", what, got, want)
	}
}

func TestACommitTellsWhatItChangedAndNothingElse(t *testing.T) {
	p := newPast(t)
	p.put("stays", 1)
	p.put("goes", "x")
	p.put("turns", "before")
	first := p.commit()
	p.put("turns", "after")
	p.put("comes", []int{1})
	_, err := p.db.Delete("goes")
	p.must(err)
	p.must(p.db.SetAlarm(time.Unix(1_800_000_000, 0)))
	second := p.commit()
	p.put("stays", 2)
	third := p.commit()

	wantLines(t, "second", written(p.between(first, second, 0)), "+ comes [1]", `- goes "x"`, `- turns "before"`, `+ turns "after"`, "alarm false true")
	wantLines(t, "third", written(p.between(second, third, 0)), "- stays 1", "+ stays 2")
	wantLines(t, "back", written(p.between("", second, 0)), "- stays 2", "+ stays 1")
	wantLines(t, "nothing", written(p.between(second, second, 0)))
}

func TestRowsAreComparedByWhatTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		before, change string
		want           []string
	}{
		"a row that changed is one": {
			"CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
			"UPDATE t SET v = 'B' WHERE id = 2; DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (9, 'z')",
			[]string{"t [id v][[0 0]]", `- [2,"b"]`, `- [3,"c"]`, `+ [2,"B"]`, `+ [9,"z"]`},
		},
		"one that got another number is not": {
			"CREATE TABLE t (k TEXT PRIMARY KEY, v); INSERT INTO t VALUES ('a', 1), ('b', 2)",
			"INSERT OR REPLACE INTO t VALUES ('a', 1)",
			nil,
		},
		"a column may be called rowid": {
			"CREATE TABLE t (rowid TEXT, _rowid_ TEXT, v); INSERT INTO t VALUES ('x', 'y', 1)",
			"UPDATE t SET v = 2",
			[]string{"t [rowid _rowid_ v][[0 0]]", `- ["x","y",1]`, `+ ["x","y",2]`},
		},
		"or all three names be taken": {
			"CREATE TABLE t (rowid, _rowid_, oid); INSERT INTO t VALUES (1, 2, 3), (1, 2, 3)",
			"INSERT INTO t VALUES (1, 2, 3), (4, 5, 6)",
			[]string{"t [rowid _rowid_ oid][]", "+ [1,2,3]", "+ [4,5,6]"},
		},
		"rows may have no number": {
			"CREATE TABLE t (a, b, v, PRIMARY KEY (b, a)) WITHOUT ROWID; INSERT INTO t VALUES (1, 1, 'a'), (2, 1, 'b')",
			"UPDATE t SET v = 'c' WHERE a = 2; INSERT INTO t VALUES (3, 3, x'00')",
			[]string{"t [a b v][[0 0]]", `- [2,1,"b"]`, `+ [2,1,"c"]`, `+ [3,3,{"$type":"ArrayBuffer","base64":"AA=="}]`},
		},
		"a table comes": {
			"CREATE TABLE other (v)", "CREATE TABLE t (v); INSERT INTO t VALUES (1.5)",
			[]string{"t added[v][]", "+ [1.5]"},
		},
		"or goes": {
			"CREATE TABLE t (v); INSERT INTO t VALUES (NULL)", "DROP TABLE t",
			[]string{"t removed[v][]", "- [null]"},
		},
		"or gets a column": {
			"CREATE TABLE t (v); INSERT INTO t VALUES (1)", "ALTER TABLE t ADD COLUMN w DEFAULT 7",
			[]string{"t altered[v w][[0 0]]", "- [1]", "+ [1,7]"},
		},
		`a name may need "quotes"`: {
			`CREATE TABLE "a ""b"" *" (v); INSERT INTO "a ""b"" *" VALUES (1)`, `DELETE FROM "a ""b"" *"`,
			[]string{`a "b" * [v][]`, "- [1]"},
		},
		"text is found": {
			"CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('one')", "CREATE VIEW seen AS SELECT 1", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPast(t)
			p.sql(c.before)
			first := p.commit()
			p.sql(c.change)
			wantLines(t, name, written(p.between(first, p.commit(), 0)), c.want...)
		})
	}
}

func TestALimitIsKeptAndToldOf(t *testing.T) {
	p := newPast(t)
	first := p.commit()
	for n := range 20 {
		p.put(fmt.Sprintf("k%02d", n), n)
	}
	p.sql("CREATE TABLE t (v); INSERT INTO t VALUES (1), (2), (3)")
	second := p.commit()
	if c := p.between(first, second, 22); c.Changes() != 22 || !c.More {
		t.Errorf("22 at most: %d, more %v", c.Changes(), c.More)
	}
	if c := p.between(first, second, 23); c.Changes() != 23 || c.More {
		t.Errorf("23 at most: %d, more %v", c.Changes(), c.More)
	}
}

func TestWhoDoesNotWaitIsNotAnswered(t *testing.T) {
	p := newPast(t)
	p.put("a", 1)
	first := p.commit()
	for n := range 2000 {
		p.put(fmt.Sprint(n), n)
	}
	p.commit()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := stored.Between(ctx, &sqlite.View{Object: p.db}, inspect.Stretch{From: inspect.Moment{Bookmark: first}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// BenchmarkBetween compares two states of an object of 4 MB that differ in one
// key.
func BenchmarkBetween(b *testing.B) {
	p := newPast(b)
	for n := range 500 {
		p.put(fmt.Sprintf("key%04d", n), string(make([]byte, 4000)))
	}
	p.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n REAL)")
	p.sql("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n < 40000) INSERT INTO t SELECT n, 'a name of a row, ' || n, n / 3.0 FROM c")
	first := p.commit()
	p.put("key0100", 1)
	second := p.commit()
	size, _ := p.db.Size()
	b.Logf("%d bytes", size)
	for b.Loop() {
		if c := p.between(first, second, 0); c.Changes() != 1 {
			b.Fatalf("%d changes", c.Changes())
		}
	}
}

// BenchmarkLongPast is of an object with a past as long as it is kept.
func BenchmarkLongPast(b *testing.B) {
	p := newPast(b)
	for n := range 100 {
		p.put(fmt.Sprintf("key%04d", n), string(make([]byte, 4000)))
	}
	for n := range 20000 {
		text := make([]byte, 3000)
		for i := range text {
			text[i] = 'a' + byte((i*7919+n*104729)%61)
		}
		p.put(fmt.Sprintf("key%04d", n%100), string(text))
		p.must(p.db.Commit())
	}
	h, err := stored.History(p.db, 0)
	p.must(err)
	b.Logf("%d commits", len(h.Commits))
	b.Run("history", func(b *testing.B) {
		for b.Loop() {
			if _, err := stored.History(p.db, 200); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, at := range map[string]int{"newest": 0, "oldest": len(h.Commits) - 1} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if c := p.between(h.Commits[at].Before, h.Commits[at].Bookmark, 0); c.Changes() != 1 {
					b.Fatalf("%d changes", c.Changes())
				}
			}
		})
	}
}
