package state_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func id(n int) string { return fmt.Sprintf("%064x", n) }

// put stores an object with an alarm.
func put(t *testing.T, f state.Folder, key, id, value string, alarm time.Time) {
	t.Helper()
	db := sqlite.OpenObject(sqlite.ObjectPath(f.Namespace(key), id), sqlite.Options{})
	index, err := sqlite.OpenIndex(f.Namespace(key), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Put("value", []byte(value)), db.SetAlarm(alarm), db.Commit(), db.Close(),
		index.Set(sqlite.Alarm{ID: id, At: alarm, Name: value}), index.Close()); err != nil {
		t.Fatal(err)
	}
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("x"), 0o666)); err != nil {
		t.Fatal(err)
	}
}

func hold(t *testing.T, f state.Folder, keys ...string) *state.Hold {
	t.Helper()
	h, err := f.Hold(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAnObjectHasTheFilesOfItsFacetsToo(t *testing.T) {
	f := state.Folder{Dir: t.TempDir()}
	for _, name := range []string{
		id(1) + ".sqlite", id(1) + ".sqlite-wal", id(1) + ".sqlite-shm", id(1) + ".facets", id(1) + ".1.sqlite",
		id(2) + ".sqlite", id(3) + ".sqlite-wal", "metadata.sqlite", "notes.txt",
	} {
		touch(t, filepath.Join(f.Namespace("app-Room"), name))
	}
	got, err := f.Objects("app-Room")
	if err != nil {
		t.Fatal(err)
	}
	want := []state.Object{{ID: id(1), Files: []string{id(1) + ".1.sqlite", id(1) + ".facets", id(1) + ".sqlite"}}, {ID: id(2), Files: []string{id(2) + ".sqlite"}}}
	same := func(a, b state.Object) bool { return a.ID == b.ID && slices.Equal(a.Files, b.Files) }
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAFolderThatIsNotThereIsEmpty(t *testing.T) {
	f := state.Folder{Dir: filepath.Join(t.TempDir(), "none")}
	keys, err := f.Namespaces()
	if len(keys) > 0 || err != nil {
		t.Errorf("namespaces %v, %v", keys, err)
	}
	if resumed, err := f.Recover(); resumed || err != nil {
		t.Errorf("recovered %t, %v", resumed, err)
	}
	if _, err := os.Stat(f.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("looking made it")
	}
}

func TestAHoldKeepsOthersAway(t *testing.T) {
	f := state.Folder{Dir: t.TempDir()}
	put(t, f, "app-Room", id(1), "one", now)
	h := hold(t, f, "app-Room")
	if _, err := sqlite.OpenIndex(f.Namespace("app-Room"), sqlite.Options{}); !errors.Is(err, sqlite.ErrLocked) {
		t.Errorf("a server got in: %v", err)
	}
	if _, err := f.Hold(); !errors.Is(err, sqlite.ErrLocked) {
		t.Errorf("another hold: %v, want %v", err, sqlite.ErrLocked)
	}
	if err := errors.Join(h.Release(), h.Release()); err != nil {
		t.Error(err)
	}
	if err := hold(t, f, "app-Room").Release(); err != nil {
		t.Error(err)
	}
}

func TestAMovedObjectTakesItsAlarmAndItsPastAlong(t *testing.T) {
	f := state.Folder{Dir: t.TempDir()}
	put(t, f, "app-Room", id(1), "one", now)
	put(t, f, "app-Room", id(2), "two", now.Add(time.Hour))
	touch(t, f.Own("history", "app-Room", id(1)+".hist"))
	touch(t, f.Own("next", "app-Room", id(1), "undo"))
	h := hold(t, f, "app-Room")
	c, err := h.Change()
	if err != nil {
		t.Fatal(err)
	}
	objects, err := f.Objects("app-Room")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Move("app-Room", objects[0], "app-Hall", id(9), "uno"), c.Remove("app-Room", objects[1]), c.Commit()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{f.Own("history", "app-Hall", id(9)+".hist"), f.Own("next", "app-Hall", id(9), "undo"), sqlite.ObjectPath(f.Namespace("app-Hall"), id(9))} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	alarms, err := f.Alarms("app-Hall")
	if err != nil || len(alarms) != 1 || alarms[0].ID != id(9) || alarms[0].Name != "uno" || !alarms[0].At.Equal(now) {
		t.Errorf("alarms %v, %v; want that of the moved object, under its new name", alarms, err)
	}
	if keys, err := f.Namespaces(); err != nil || !slices.Equal(keys, []string{"app-Hall"}) {
		t.Errorf("namespaces %v, %v; nothing is left of the other one", keys, err)
	}
}

func TestALentIndexStaysOpenAndHasTheNewAlarms(t *testing.T) {
	f := state.Folder{Dir: t.TempDir()}
	put(t, f, "app-Room", id(1), "one", now)
	index, err := sqlite.OpenIndex(f.Namespace("app-Room"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	h, err := f.Borrow(map[string]*sqlite.Index{"app-Room": index}, "app-Room")
	if err != nil {
		t.Fatal(err)
	}
	c, err := h.Change()
	if err != nil {
		t.Fatal(err)
	}
	objects, err := f.Objects("app-Room")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Remove("app-Room", objects[0]), c.Commit()); err != nil {
		t.Fatal(err)
	}
	if alarms, err := index.All(); err != nil || len(alarms) > 0 {
		t.Errorf("the lent index has %v, %v", alarms, err)
	}
}
