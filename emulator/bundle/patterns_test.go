package bundle_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dodev/dodev/emulator/bundle"
)

func TestPatternsHoldTheModulesOfTheDocument(t *testing.T) {
	for _, name := range []string{"base-durable-object", "websocket-room", "counter", "rate-limiter"} {
		if _, err := fs.Stat(bundle.Patterns(), name+".ts"); err != nil {
			t.Error(err)
		}
	}
}

// The limiter fixture carries the library as a project does that added it.
func TestTheLimiterFixtureCarriesTheLibraryAsItIs(t *testing.T) {
	folder := filepath.FromSlash("../../fixtures/limiter/src/core/services/durable-objects")
	names, err := fs.Glob(bundle.Patterns(), "*.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		want, err := fs.ReadFile(bundle.Patterns(), name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Error(err)
		} else if string(got) != string(want) {
			t.Errorf("%s differs from emulator/bundle/patterns/%s: copy it again", filepath.Join(folder, name), name)
		}
	}
}
