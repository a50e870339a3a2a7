package sqlite_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

func TestObjectsAreFoundByTheirFiles(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{cafeID + ".sqlite", tablesID + ".sqlite", tablesID + ".sqlite-wal", tablesID + ".1.sqlite", "metadata.sqlite", "notes.txt"} {
		must(t, os.WriteFile(filepath.Join(folder, name), nil, 0o666))
	}
	got, err := sqlite.ObjectIDs(folder)
	must(t, err)
	if want := []string{cafeID, tablesID}; !slices.Equal(got, want) {
		t.Errorf("ids %v, want %v", got, want)
	}
	if got, err := sqlite.ObjectIDs(filepath.Join(folder, "nowhere")); got != nil || err != nil {
		t.Errorf("no folder: %v, %v", got, err)
	}
	if got, want := sqlite.ObjectPath("f", cafeID), filepath.Join("f", cafeID+".sqlite"); got != want {
		t.Errorf("path %s, want %s", got, want)
	}
}
