package sqlite_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
)

func TestTheIndexKnowsTheSoonestAlarm(t *testing.T) {
	for _, opts := range []sqlite.Options{{}, {InMemory: true}} {
		folder := filepath.Join(t.TempDir(), "script-Class")
		index, err := sqlite.OpenIndex(folder, opts)
		must(t, err)
		if _, ok, err := index.Next(); ok || err != nil {
			t.Errorf("an empty index has a next alarm: %v, %v", ok, err)
		}
		at := func(s int64) time.Time { return time.Unix(s, 5) }
		for _, a := range []sqlite.Alarm{
			{ID: "b", At: at(2), Name: "bee"}, {ID: "a", At: at(3)}, {ID: "c", At: at(9)}, {ID: "b", At: at(4)},
		} {
			must(t, index.Set(a))
		}
		must(t, index.Delete("c"))
		must(t, index.Delete("never there"))
		all, err := index.All()
		must(t, err)
		want := []sqlite.Alarm{{ID: "a", At: at(3)}, {ID: "b", At: at(4), Name: "bee"}}
		if !slices.EqualFunc(all, want, sameAlarm) {
			t.Errorf("alarms %v, want %v", all, want)
		}
		if next, ok, err := index.Next(); !sameAlarm(next, want[0]) || !ok || err != nil {
			t.Errorf("next %v, %v, %v", next, ok, err)
		}
		if exists(folder) == opts.InMemory {
			t.Errorf("%+v: the folder exists: %v", opts, !opts.InMemory)
		}
		must(t, index.Close())
	}
}

func TestAReadOnlyIndexRefusesWrites(t *testing.T) {
	folder := t.TempDir()
	if _, err := sqlite.OpenIndex(folder, sqlite.Options{ReadOnly: true}); err == nil {
		t.Error("opened an index that is not there")
	}
	copyFile(t, "testdata/real/metadata.sqlite", filepath.Join(folder, "metadata.sqlite"))
	index, err := sqlite.OpenIndex(folder, sqlite.Options{ReadOnly: true})
	must(t, err)
	defer index.Close()
	if all, err := index.All(); len(all) != 2 || err != nil {
		t.Errorf("alarms %v, %v", all, err)
	}
	if err := index.Set(sqlite.Alarm{ID: "a"}); err == nil {
		t.Error("set an alarm")
	}
}
