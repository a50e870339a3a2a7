package bundle_test

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dodev/dodev/emulator/bundle"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Each archive of testdata/errors is a project with something wrong, and in its
// file "want" all that is said about it.
func TestDiagnosticsSayWhatIsWrongAndWhere(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			isWant := func(f txtar.File) bool { return f.Name == "want" }
			var want string
			if i := slices.IndexFunc(archive.Files, isWant); i >= 0 {
				want = string(archive.Files[i].Data)
			}
			archive.Files = slices.DeleteFunc(archive.Files, isWant)

			cfg := projectIn(t, t.TempDir(), archive)
			if cfg.Build.Command != "" && runtime.GOOS == "windows" {
				t.Skip("the command is for a POSIX shell")
			}
			b, ds := bundle.Build(cfg, bundle.Options{Library: library})
			got := strings.ReplaceAll(formatted(cfg, ds), cfg.Dir, "DIR")
			if (b == nil) != ds.HasErrors() {
				t.Errorf("got bundle %v beside errors: %v", b != nil, ds.HasErrors())
			}
			if *update {
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
