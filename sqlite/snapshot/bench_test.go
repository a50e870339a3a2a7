package snapshot_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// benchObjects is how many objects of 100 kB the benchmarks have: 1,000, or what
// DODEV_BENCH_OBJECTS says.
func benchObjects(b *testing.B) int {
	text := os.Getenv("DODEV_BENCH_OBJECTS")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func filled(b *testing.B) (state.Folder, snapshot.Store) {
	dir := b.TempDir()
	f, s := state.Folder{Dir: filepath.Join(dir, "state")}, snapshot.Store{Dir: filepath.Join(dir, "snapshots")}
	for n := range benchObjects(b) {
		db := sqlite.OpenObject(sqlite.ObjectPath(f.Namespace("app-C"), id(n)), sqlite.Options{})
		value := make([]byte, 90_000)
		copy(value, fmt.Sprint(n))
		if err := errors.Join(db.Put("value", value), db.Commit(), db.Close()); err != nil {
			b.Fatal(err)
		}
	}
	return f, s
}

func BenchmarkSave(b *testing.B) {
	f, s := filled(b)
	save(b, s, f, "first")
	for name, fresh := range map[string]bool{"first": true, "unchanged": false} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				store := s
				if fresh {
					store = snapshot.Store{Dir: filepath.Join(s.Dir, fmt.Sprint("fresh", b.N, n))}
				}
				save(b, store, f, fmt.Sprintf("s%d-%d", b.N, n))
				n++
			}
		})
	}
}

func BenchmarkRestoreOne(b *testing.B) {
	f, s := filled(b)
	save(b, s, f, "first")
	n := 0
	for b.Loop() {
		put(b, f, "app-C", id(7), fmt.Sprint(n))
		restore(b, s, f, "first", snapshot.Scope{Namespace: "app-C", ID: id(7)})
		n++
	}
}
