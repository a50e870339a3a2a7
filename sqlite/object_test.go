package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

func TestSmoke(t *testing.T) {
	p := filepath.Join(t.TempDir(), "a", "x.sqlite")
	o := sqlite.OpenObject(p, sqlite.Options{})
	if err := o.Put("k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	t.Log(o.Get("k"))
	c, err := o.Exec("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, v REAL); INSERT INTO t(name,v) VALUES('a',1),('b',2),('c',3)")
	t.Log(err, c.RowsRead(), c.RowsWritten())
	c, err = o.Exec("SELECT * FROM t")
	t.Log(err, c.RowsRead(), c.Columns())
	for !c.Done() {
		t.Log(c.Value(1))
		c.Advance()
	}
	t.Log(c.RowsRead())
	_, err = o.Exec("SELEKT 1")
	t.Log(err)
	t.Log(o.Close())
}
