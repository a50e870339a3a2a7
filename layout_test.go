// Package dodev holds the tests that concern the whole repository.
package dodev

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dodev/dodev/"

// arrows lists, for every package, the packages of this module it may import.
// Adding one is a design decision: it is made here. docs/architecture.md says
// what each package is for.
var arrows = map[string][]string{
	"cmd/dodev":                     {"devserver", "devserver/inspect", "devserver/inspect/files", "devserver/inspect/live", "devserver/inspect/seed", "devserver/inspect/stored", "devserver/watch", "emulator", "emulator/bundle", "emulator/config", "emulator/migrate", "emulator/names", "emulator/object", "emulator/registry", "sqlite", "sqlite/snapshot", "sqlite/state", "tui"},
	"devserver":                     {"emulator", "emulator/bundle", "emulator/config", "emulator/web"},
	"devserver/inspect":             {"emulator/object"},
	"devserver/inspect/inspecttest": {"devserver/inspect"},
	"devserver/inspect/files":       {"devserver/inspect", "devserver/inspect/stored", "emulator/config", "emulator/migrate", "emulator/names", "emulator/object", "sqlite", "sqlite/snapshot", "sqlite/state"},
	"devserver/inspect/live":        {"devserver/inspect", "devserver/inspect/stored", "emulator", "emulator/config", "emulator/durable", "emulator/loop", "emulator/migrate", "emulator/object", "emulator/web", "emulator/worker", "sqlite", "sqlite/snapshot"},
	"devserver/inspect/seed":        {"devserver/inspect", "emulator/clone", "emulator/config"},
	"devserver/inspect/stored":      {"devserver/inspect", "emulator/clone", "emulator/config", "emulator/migrate", "sqlite", "sqlite/snapshot", "sqlite/state"},
	"devserver/watch":               {},
	"devserver/wsreplay":            {},
	"emulator":                      {"emulator/bundle", "emulator/clock", "emulator/config", "emulator/durable", "emulator/engine", "emulator/engine/quickjs", "emulator/loop", "emulator/migrate", "emulator/names", "emulator/object", "emulator/registry", "emulator/web", "emulator/worker", "sqlite", "sqlite/snapshot", "sqlite/state"},
	"emulator/bundle":               {"emulator/config"},
	"emulator/clock":                {},
	"emulator/clone":                {"emulator/engine"},
	"emulator/config":               {},
	"emulator/durable":              {"emulator/clock", "emulator/engine", "emulator/gate", "emulator/loop", "emulator/object"},
	"emulator/engine":               {},
	"emulator/engine/quickjs":       {"emulator/engine"},
	"emulator/gate":                 {},
	"emulator/html":                 {},
	"emulator/loop":                 {"emulator/clock", "emulator/engine"},
	"emulator/names":                {"emulator/object"},
	"emulator/object":               {},
	"emulator/registry":             {},
	"emulator/web":                  {"emulator/clone", "emulator/engine", "emulator/html", "emulator/loop"},
	"emulator/worker":               {"emulator/clone", "emulator/durable", "emulator/engine", "emulator/gate", "emulator/loop", "emulator/object", "emulator/web", "sqlite"},
	"sqlite":                        {},
	"sqlite/change":                 {},
	"sqlite/state":                  {"sqlite", "sqlite/change"},
	"sqlite/snapshot":               {"sqlite", "sqlite/state"},
	"emulator/migrate":              {"emulator/config", "emulator/object", "sqlite", "sqlite/snapshot", "sqlite/state"},
	"tui":                           {"devserver/inspect"},
}

// engineLibrary is the JavaScript engine, which one package alone may know.
const engineLibrary = "modernc.org/libquickjs"

func TestImportsFollowTheArrows(t *testing.T) {
	seen := map[string]bool{}
	eachGoFile(t, func(dir, file string, imports []string) {
		seen[dir] = true
		allowed, ok := arrows[dir]
		if !ok {
			t.Errorf("%s: package %s is not in the list of packages", file, dir)
			return
		}
		for _, imp := range imports {
			if imp == engineLibrary && dir != "emulator/engine/quickjs" {
				t.Errorf("%s imports the JavaScript engine, which only emulator/engine/quickjs may", file)
			}
			if own, ok := strings.CutPrefix(imp, module); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s: no arrow from %s to %s", file, dir, own)
			}
		}
	})
	for dir := range arrows {
		if !seen[dir] {
			t.Errorf("package %s is listed but not there", dir)
		}
	}
}

func TestArrowsPointDown(t *testing.T) {
	const (
		entered = iota + 1
		left
	)
	state := map[string]int{}
	var visit func(dir string, trail []string)
	visit = func(dir string, trail []string) {
		switch state[dir] {
		case entered:
			t.Errorf("cycle: %s", strings.Join(append(trail, dir), " -> "))
			return
		case left:
			return
		}
		state[dir] = entered
		for _, to := range arrows[dir] {
			visit(to, append(trail, dir))
		}
		state[dir] = left
	}
	for dir := range arrows {
		visit(dir, nil)
	}
}

// eachGoFile visits the Go files that are no tests.
func eachGoFile(t *testing.T, visit func(dir, file string, imports []string)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(file), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, imp := range parsed.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, p)
		}
		visit(path.Dir(file), file, imports)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
