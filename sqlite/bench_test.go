package sqlite_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

func BenchmarkPutInTransaction(b *testing.B) {
	o := newObject(b)
	value := make([]byte, 16)
	for b.Loop() {
		value[0]++
		must(b, o.Put("key", value))
	}
}

func BenchmarkPutAndCommit(b *testing.B) {
	o := newObject(b)
	value := make([]byte, 16)
	for b.Loop() {
		value[0]++
		must(b, o.Put("key", value))
		must(b, o.Commit())
	}
}

func BenchmarkGet(b *testing.B) {
	o := newObject(b)
	must(b, o.Put("key", make([]byte, 16)))
	must(b, o.Commit())
	for b.Loop() {
		if _, ok, err := o.Get("key"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkListOf100(b *testing.B) {
	o := newObject(b)
	for i := range 100 {
		must(b, o.Put("key"+strconv.Itoa(i), make([]byte, 16)))
	}
	must(b, o.Commit())
	for b.Loop() {
		for list := o.List(sqlite.ListOptions{}); list.Next(); {
			_, _ = list.Key(), list.Value()
		}
	}
}

func BenchmarkExecSelectOne(b *testing.B) {
	o := newObject(b)
	setUpBench(b, o)
	for b.Loop() {
		c, err := o.Exec("SELECT name FROM t WHERE id = ?", sqlite.Value{Kind: sqlite.Float, Float: 1})
		must(b, err)
		_ = c.Bytes(0)
		must(b, c.Advance())
	}
}

func BenchmarkExecInsert(b *testing.B) {
	o := newObject(b)
	setUpBench(b, o)
	for b.Loop() {
		_, err := o.Exec("INSERT INTO t (name) VALUES (?)", sqlite.Value{Kind: sqlite.Text, Text: "name"})
		must(b, err)
	}
}

func BenchmarkOpenExisting(b *testing.B) {
	o := newObject(b)
	must(b, o.Put("key", make([]byte, 16)))
	must(b, o.Commit())
	for b.Loop() {
		must(b, o.Close())
		if _, ok, err := o.Get("key"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkReopenPutClose(b *testing.B) {
	o := newObject(b)
	for b.Loop() {
		must(b, o.Put("key", make([]byte, 16)))
		must(b, o.Commit())
		must(b, o.Close())
	}
}

func BenchmarkCreateFile(b *testing.B) {
	folder := b.TempDir()
	n := 0
	for b.Loop() {
		n++
		o := sqlite.OpenObject(filepath.Join(folder, strconv.Itoa(n)), sqlite.Options{})
		must(b, o.Put("key", make([]byte, 16)))
		must(b, o.Commit())
		must(b, o.Close())
	}
}

func setUpBench(b *testing.B, o *sqlite.Object) {
	b.Helper()
	for _, sql := range []string{"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO t (name) VALUES ('a')"} {
		_, err := o.Exec(sql)
		must(b, err)
	}
	must(b, o.Commit())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
