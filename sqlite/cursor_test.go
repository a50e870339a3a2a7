package sqlite_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

const tableT = "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, v REAL)"

func TestRowsAreCountedAsThePlatformCounts(t *testing.T) {
	fill := []string{tableT, "INSERT INTO t(name,v) VALUES('a',1),('b',2),('c',3)"}
	tests := []struct {
		name          string
		setup         []string
		sql           string
		read, written int64
	}{
		{"insert with an index", []string{tableT}, "INSERT INTO t(name,v) VALUES('a',1),('b',2),('c',3)", 0, 6},
		{"scan", fill, "SELECT * FROM t", 3, 0},
		{"update of what is not indexed", fill, "UPDATE t SET v=9 WHERE id>1", 2, 2},
		{"update of what is", fill, "UPDATE t SET name=name||'x' WHERE id=1", 1, 2},
		{"delete", fill, "DELETE FROM t WHERE id=1", 1, 1},
		{"insert without index", []string{"CREATE TABLE n(x)"}, "INSERT INTO n VALUES(1),(2)", 0, 2},
		{"count", []string{"CREATE TABLE n(x)", "INSERT INTO n VALUES(1),(2)"}, "SELECT count(*) FROM n", 2, 0},
		{"replace", fill, "REPLACE INTO t VALUES(1,'z',0)", -1, 2},
		{"returning", fill, "INSERT INTO t(name) VALUES('d') RETURNING id", -1, 2},
		{"upsert", fill, "INSERT INTO t(name) VALUES('a') ON CONFLICT DO UPDATE SET v=7", -1, 1},
		{"without rowid", []string{"CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID"}, "INSERT INTO w VALUES('a',1),('b',2)", -1, 2},
		{"trigger", []string{tableT, "CREATE TABLE l(x)", "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO l VALUES(new.name); END"}, "INSERT INTO t(name) VALUES('q')", -1, 3},
		{"full-text search", []string{"CREATE VIRTUAL TABLE f USING fts5(body)"}, "INSERT INTO f VALUES('a b c')", -1, 1},
		{"delete of everything", fill, "DELETE FROM t", -1, 3},
		{"update of the rowid", fill, "UPDATE t SET id=77 WHERE id=1", -1, 2},
		{"update of a partial index and an expression", []string{"CREATE TABLE px(a,b)", "CREATE INDEX pi ON px(a) WHERE b>0", "CREATE INDEX pe ON px(a+b)", "INSERT INTO px VALUES(1,0),(1,1)"}, "UPDATE px SET b=5", 2, 6},
		{"update of what a column is generated from", []string{"CREATE TABLE g(a, b GENERATED ALWAYS AS (a*2) STORED)", "CREATE INDEX gi ON g(b)", "INSERT INTO g(a) VALUES(1)"}, "UPDATE g SET a=2", 1, 2},
		{"cascade", []string{"CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(pid REFERENCES p(id) ON DELETE CASCADE)", "INSERT INTO p VALUES(1),(2)", "INSERT INTO c VALUES(1),(1),(2)"}, "DELETE FROM p WHERE id=1", -1, 3},
		{"create table", nil, tableT, 1, 3},
		{"create table after writing", fill, "CREATE TABLE n(x)", 1, 2},
		{"create view", nil, "CREATE VIEW v AS SELECT 1", 1, 2},
		{"create virtual table", nil, "CREATE VIRTUAL TABLE f USING fts5(body)", 1, 2},
		{"add column", fill, "ALTER TABLE t ADD COLUMN z", 4, 1},
		{"table-valued function", nil, "SELECT * FROM json_each('[1,2,3]')", 3, 0},
		{"full-text query", []string{"CREATE VIRTUAL TABLE f USING fts5(body)", "INSERT INTO f VALUES('hello world'),('hello')"}, "SELECT * FROM f WHERE f MATCH 'hello'", 2, 0},
		{"index lookup", fill, "SELECT name FROM t WHERE name='b'", 1, 0},
		{"row through an index", fill, "SELECT * FROM t WHERE name='b'", 1, 0},
		{"grouping", fill, "SELECT v, count(*) FROM t GROUP BY v", 6, 0},
		{"last of several", nil, "CREATE TABLE a(x); INSERT INTO a VALUES(1); SELECT * FROM a", 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := newObject(t)
			for _, sql := range tt.setup {
				setUp(t, o, sql)
			}
			c, err := o.Exec(tt.sql)
			must(t, err)
			for !c.Done() {
				must(t, c.Advance())
			}
			if got := c.RowsRead(); tt.read >= 0 && got != tt.read {
				t.Errorf("read %d, want %d", got, tt.read)
			}
			if got := c.RowsWritten(); got != tt.written {
				t.Errorf("wrote %d, want %d", got, tt.written)
			}
		})
	}
}

func TestACursorReadsNoFurtherThanItStands(t *testing.T) {
	o := newObject(t)
	setUp(t, o, tableT)
	setUp(t, o, "INSERT INTO t(name) VALUES('a'),('b'),('c')")
	c, err := o.Exec("SELECT name FROM t")
	must(t, err)
	if c.RowsRead() != 1 {
		t.Errorf("read %d rows at first, want 1", c.RowsRead())
	}
	must(t, o.Commit())
	must(t, c.Advance())
	if got := c.Value(0).Text; got != "b" {
		t.Errorf("after a commit the cursor stands on %q, want b", got)
	}
	if o.Idle() {
		t.Error("a database with an open cursor is idle")
	}
	c.Close()
	c.Close()
	if !c.Done() || !o.Idle() {
		t.Errorf("closed: done %v, idle %v", c.Done(), o.Idle())
	}
}

func TestAStatementCanRunWhileACursorIsOnIt(t *testing.T) {
	o := newObject(t)
	const sql = "SELECT 1 AS a UNION ALL SELECT 2"
	first, err := o.Exec(sql)
	must(t, err)
	second, err := o.Exec(sql)
	must(t, err)
	must(t, first.Advance())
	if a, b := first.Integer(0), second.Integer(0); a != 2 || b != 1 {
		t.Errorf("cursors stand on %d and %d, want 2 and 1", a, b)
	}
	first.Close()
	second.Close()
}

func TestAnUnreadRETURNINGDoesNotHoldUpTheCommit(t *testing.T) {
	o := newObject(t)
	setUp(t, o, tableT)
	c, err := o.Exec("INSERT INTO t(name) VALUES('a'),('b') RETURNING name, x'00ff'")
	must(t, err)
	must(t, o.Commit())
	if got := string(c.Bytes(0)) + fmt.Sprintf("%x", c.Bytes(1)); got != "a00ff" || c.Kind(1) != sqlite.Blob {
		t.Errorf("first row %q", got)
	}
	must(t, c.Advance())
	if c.Done() || c.Value(0).Text != "b" {
		t.Errorf("second row: done %v", c.Done())
	}
	must(t, c.Advance())
	if !c.Done() {
		t.Error("a third row")
	}
}

func TestColumnNamesFollowAnAlteredTable(t *testing.T) {
	o := newObject(t)
	setUp(t, o, "CREATE TABLE a(x)")
	for _, want := range []string{"x", "x y"} {
		c, err := o.Exec("SELECT * FROM a")
		must(t, err)
		if got := strings.Join(c.Columns(), " "); got != want {
			t.Errorf("columns %q, want %q", got, want)
		}
		c.Close()
		if want == "x" {
			setUp(t, o, "ALTER TABLE a ADD COLUMN y")
		}
	}
}

func TestTextComesBackByteForByte(t *testing.T) {
	o := newObject(t)
	for _, in := range []string{"", "a\x00b", "\xff\xfe", "é\U0001f600"} {
		c, err := o.Exec("SELECT ?1, typeof(?1)", sqlite.Value{Kind: sqlite.Text, Text: in})
		must(t, err)
		if got := string(c.Bytes(0)); got != in || c.Value(1).Text != "text" {
			t.Errorf("%q came back as %q, a %s", in, got, c.Value(1).Text)
		}
		c.Close()
	}
	c, err := o.Exec("SELECT typeof(?), typeof(?)", sqlite.Value{Kind: sqlite.Blob}, sqlite.Value{})
	must(t, err)
	if a, b := c.Value(0).Text, c.Value(1).Text; a != "blob" || b != "null" {
		t.Errorf("an empty blob is %s, nothing is %s", a, b)
	}
	c.Close()
}

func TestManyDifferentStatementsStayWithinTheCache(t *testing.T) {
	o := newObject(t)
	pad := strings.Repeat(" ", 50_000)
	for i := range 60 {
		c, err := o.Exec(fmt.Sprintf("SELECT %d%s", i, pad))
		must(t, err)
		if got := c.Integer(0); got != int64(i) {
			t.Errorf("got %d, want %d", got, i)
		}
		if i%2 == 0 {
			defer c.Close() // after its statement has left the cache
		} else {
			c.Close()
		}
		if size, most := o.CachedText(); size == 0 || size > most || most != 1<<20 {
			t.Fatalf("%d bytes are kept, of at most %d", size, most)
		}
	}
}

func TestSizeCountsPagesInUse(t *testing.T) {
	o := newObject(t)
	sizes := []int64{4096, 3 * 4096}
	got, err := o.Size()
	must(t, err)
	if got != sizes[0] {
		t.Errorf("empty: %d, want %d", got, sizes[0])
	}
	setUp(t, o, tableT)
	if got, err = o.Size(); got != sizes[1] || err != nil {
		t.Errorf("with a table and an index: %d, %v, want %d", got, err, sizes[1])
	}
}

func TestValuesBeyondTheLimitAreRefused(t *testing.T) {
	o := newObject(t)
	must(t, o.Put("a", nil))
	must(t, o.Commit())
	err := o.Put("big", make([]byte, 9<<20))
	var e *sqlite.Error
	if !errors.As(err, &e) || !strings.HasSuffix(e.Message, ": SQLITE_TOOBIG") {
		t.Errorf("a value beyond the limit: %v", err)
	}
	must(t, o.Commit())
}
