package sqlite_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

func TestThePoolHandsTheSameObjectToAll(t *testing.T) {
	p := sqlite.NewPool(1, sqlite.Options{})
	defer p.Close()
	path := filepath.Join(t.TempDir(), "a.sqlite")
	first, second := p.Get(path), p.Get(path)
	if first != second {
		t.Error("two objects for one path")
	}
	must(t, p.Put(first))
	must(t, p.Put(second))
	if again := p.Get(path); again != first {
		t.Error("an idle object within the bound was dropped")
	}
}

func TestThePoolClosesWhatIsIdleLongest(t *testing.T) {
	p := sqlite.NewPool(2, sqlite.Options{})
	defer p.Close()
	folder := t.TempDir()
	path := func(i int) string { return filepath.Join(folder, fmt.Sprint(i, ".sqlite")) }
	held := p.Get(path(0))
	must(t, held.Put("k", nil))
	must(t, held.Commit())
	dirty := p.Get(path(1))
	must(t, dirty.Put("k", nil))
	must(t, p.Put(dirty))
	for i := 2; i < 6; i++ {
		o := p.Get(path(i))
		must(t, o.Put("k", nil))
		must(t, o.Commit())
		must(t, p.Put(o))
	}
	for i, open := range []bool{true, true, false, false, false, true} {
		if got := exists(path(i) + "-wal"); got != open {
			t.Errorf("object %d is open: %v, want %v", i, got, open)
		}
	}
	if !p.Get(path(1)).Dirty() {
		t.Error("an open transaction was closed")
	}
}

func TestThePoolIsSafeForConcurrentUse(t *testing.T) {
	p := sqlite.NewPool(2, sqlite.Options{})
	folder := t.TempDir()
	const objects, rounds = 6, 30
	var wg sync.WaitGroup
	for i := range objects {
		wg.Go(func() {
			for range rounds {
				o := p.Get(filepath.Join(folder, fmt.Sprint(i, ".sqlite")))
				value, _, err := o.Get("n")
				if err == nil {
					err = o.Put("n", append(value, 1))
				}
				if err == nil {
					err = o.Commit()
				}
				if err == nil {
					err = p.Put(o)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	must(t, p.Close())
	must(t, p.Close())
	for i := range objects {
		o := sqlite.OpenObject(filepath.Join(folder, fmt.Sprint(i, ".sqlite")), sqlite.Options{})
		if value, _, err := o.Get("n"); len(value) != rounds || err != nil {
			t.Errorf("object %d counted to %d, %v, want %d", i, len(value), err, rounds)
		}
		must(t, o.Close())
	}
}

func TestThePoolKeepsObjectsThatLiveInMemory(t *testing.T) {
	p := sqlite.NewPool(1, sqlite.Options{InMemory: true})
	for round := range 2 {
		for i := range 4 {
			o := p.Get(fmt.Sprint(i))
			if _, ok, err := o.Get("k"); ok != (round == 1) || err != nil {
				t.Errorf("round %d object %d: %v, %v", round, i, ok, err)
			}
			must(t, o.Put("k", nil))
			must(t, o.Commit())
			must(t, p.Put(o))
		}
	}
	must(t, p.Close())
}
