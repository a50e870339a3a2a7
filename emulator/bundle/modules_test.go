package bundle_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// listing names the modules of a bundle with their kinds, hashes left out.
func listing(b *bundle.Bundle) []string {
	var names []string
	for _, m := range b.Modules {
		name := m.Name
		if before, after, ok := strings.Cut(name, "-"); ok && len(before) == 40 {
			name = "HASH-" + after
		}
		names = append(names, m.Kind.String()+" "+name)
	}
	slices.Sort(names[1:]) // hashes have an order of their own
	return names
}

func wantList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %s %q, want %q", what, got, want)
	}
}

func TestRulesLoadTextIntoTheBundleAndDataBesideIt(t *testing.T) {
	b, cfg := build(t, `
-- cfg --
{"Rules": [{"Type": "Text", "Globs": ["**/*.md"], "Fallthrough": true}]}
-- tsconfig.json --
{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}
-- src/index.ts --
import page from "./page.html"
import readme from "@/readme.md"
import schema from "./schema.sql"
import bytes from "./lib/bytes.bin"
import again from "./copy.bin"
import wasm from "./add.wasm"
import module from "./add.wasm?module"
import packaged from "pkg/data.bin"
const required = require("./lib/bytes.bin")
export default { page, readme, schema, bytes, again, wasm, module, packaged, required }
-- src/page.html --
<p>page</p>
-- src/readme.md --
# read me
-- src/schema.sql --
SELECT 1
-- src/lib/bytes.bin --
bytes
-- src/copy.bin --
bytes
-- src/add.wasm --
wasm
-- node_modules/pkg/data.bin --
packaged
`)
	wantContains(t, code(b), "<p>page</p>", "# read me", "SELECT 1", `-bytes.bin"`, `-add.wasm"`)
	wantList(t, "modules", listing(b), "ESModule index.js",
		"CompiledWasm HASH-add.wasm", "Data HASH-bytes.bin", "Data HASH-copy.bin", "Data HASH-data.bin")
	for _, m := range b.Modules[1:] {
		if _, err := b.Resolve(b.Main, "./"+m.Name); err != nil {
			t.Error(err)
		}
		wantContains(t, code(b), `"./`+m.Name+`"`)
	}
	for _, name := range []string{"src/page.html", "src/lib/bytes.bin", "src/add.wasm"} {
		if !slices.Contains(inputNames(cfg, b.Inputs), name) {
			t.Errorf("got no input %s among %q", name, inputNames(cfg, b.Inputs))
		}
	}
}

func TestNoBundleTakesModulesAsTheyAre(t *testing.T) {
	const index = "import { a } from './lib/a.js'\nimport text from './text.txt'\nimport { DurableObject } from 'cloudflare:workers'\n" +
		"export * from './classes.js'\nexport default { a, text, DurableObject, late: () => import('./lib/late.mjs') }\n"
	b, cfg := build(t, `
-- cfg --
{"NoBundle": true, "FindAdditionalModules": true, "Main": "src/index.js", "BaseDir": "src",
 "Rules": [{"Type": "ESModule", "Globs": ["**/*.js", "**/*.mjs"]}, {"Type": "CommonJS", "Globs": ["**/*.cjs"]}]}
-- src/index.js --
`+index+`
-- src/classes.js --
import { a } from "lib/a.js"
export class Room { a = a }
export class Hall {}
-- src/lib/a.js --
export { late as a } from "./late.mjs"
-- src/lib/late.mjs --
export const late = 1
-- src/lib/old.cjs --
module.exports = 1
-- src/text.txt --
some text
-- src/data.bin --
bytes
-- src/unused.md --
unused
-- src/broken.js --
}
`)
	wantList(t, "modules", listing(b), "ESModule index.js", "CommonJS lib/old.cjs", "Data data.bin",
		"ESModule broken.js", "ESModule classes.js", "ESModule lib/a.js", "ESModule lib/late.mjs", "Text text.txt")
	wantList(t, "exports", b.Exports, "Hall", "Room", "default")
	wantList(t, "builtins", b.Builtins, "cloudflare:workers")
	if code(b) != index+"\n" && code(b) != index {
		t.Errorf("got main changed:\n%s", code(b))
	}
	got := inputNames(cfg, b.Inputs)
	for _, name := range []string{"src", "src/index.js", "src/lib/a.js", "src/text.txt"} {
		if !slices.Contains(got, name) {
			t.Errorf("got no input %s among %q", name, got)
		}
	}
	stack := b.MapStack("Error: x\n    at f (lib/a.js:1:9)\n    at index.js:4:1\n")
	if want := "Error: x\n    at f (src/lib/a.js:1:9)\n    at src/index.js:4:1\n"; stack != want {
		t.Errorf("got stack\n%s\nwant\n%s", stack, want)
	}
}

func TestNoBundleLowersOnlyWhatTheEngineLacks(t *testing.T) {
	b, _ := build(t, `
-- cfg --
{"NoBundle": true, "Main": "src/index.js", "Rules": [{"Type": "ESModule", "Globs": ["**/*.js"]}]}
-- src/index.js --
import { als } from "./als.js"
export default { als,

  async fetch() {
    throw new Error("here")
  } }
-- src/als.js --
import { AsyncLocalStorage } from "node:async_hooks"
export const als = new AsyncLocalStorage()
`)
	if !b.NeedsAsyncContext {
		t.Error("got no NeedsAsyncContext with node:async_hooks")
	}
	wantLacks(t, code(b), "async fetch")
	wantContains(t, string(b.Module("als.js").Source), "\nexport const als = new AsyncLocalStorage()\n")
	line, column := find(t, code(b), `new Error("here")`)
	if file, l, c, _, ok := b.Modules[0].Map.Lookup(line, column); !ok || file != "src/index.js" || l != 5 || c != 11 {
		t.Errorf("got %s:%d:%d %v, want src/index.js:5:11", file, l, c, ok)
	}
}

func TestAdditionalModulesStayBesideTheBundle(t *testing.T) {
	b, _ := build(t, `
-- cfg --
{"FindAdditionalModules": true, "Rules": [{"Type": "ESModule", "Globs": ["lang/**/*.js"]}]}
-- src/index.ts --
import en from "./lang/en.js"
import { deep } from "./deep/deep"
export default { en, deep, load: (name: string) => import(name) }
-- src/deep/deep.ts --
export { default as deep } from "../lang/de.js"
-- src/lang/en.js --
export default "hello"
-- src/lang/de.js --
export default "hallo"
-- src/other.js --
export default "unused"
`)
	wantList(t, "modules", listing(b), "ESModule index.js", "ESModule lang/de.js", "ESModule lang/en.js")
	wantContains(t, code(b), `from "./lang/en.js"`, `from "./lang/de.js"`)
	wantLacks(t, code(b), "hello")
}

func TestLibraryStandsInForFilesTheProjectLacks(t *testing.T) {
	const index = `
-- src/index.ts --
import { Counter } from "@/core/services/durable-objects/counter"
export class Mine extends Counter {}
export default { Mine }
`
	for _, c := range []struct{ name, archive, want, file string }{
		{"library", index, `throw new Error("library")`, "dodev/patterns/counter.ts"},
		{"own file", index + "-- src/core/services/durable-objects/counter.ts --\nexport class Counter { own = 'own file' }\n", "own file", "src/core/services/durable-objects/counter.ts"},
		{"tsconfig paths", index + "-- tsconfig.json --\n{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./app/*\"]}}}\n-- app/core/services/durable-objects/counter.ts --\nexport class Counter { own = 'mapped' }\n", "mapped", "app/core/services/durable-objects/counter.ts"},
		{"paths that lead nowhere", index + "-- tsconfig.json --\n{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./src/*\"]}}}\n", `throw new Error("library")`, "dodev/patterns/counter.ts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, cfg := build(t, c.archive)
			wantContains(t, code(b), c.want)
			line, column := find(t, code(b), "Counter")
			if file, _, _, _, ok := b.Modules[0].Map.Lookup(line, column); !ok || file != c.file {
				t.Errorf("got file %q, want %q", file, c.file)
			}
			own := filepath.Join(cfg.Dir, "src/core/services/durable-objects/counter.ts")
			if strings.HasPrefix(c.file, "dodev") && !slices.Contains(b.Inputs, own) {
				t.Errorf("got no input %s that would replace the library", own)
			}
		})
	}
}

func TestShippedLibraryBuilds(t *testing.T) {
	cfg := project(t, `
-- src/index.ts --
export { BaseDurableObject } from "@/core/services/durable-objects/base-durable-object"
export { WebSocketRoom } from "@/core/services/durable-objects/websocket-room"
export { Counter } from "@/core/services/durable-objects/counter"
export { RateLimiter } from "@/core/services/durable-objects/rate-limiter"
export default {}
`)
	b, ds := bundle.Build(cfg, bundle.Options{Library: bundle.Patterns()})
	if len(ds) > 0 {
		t.Fatal(formatted(cfg, ds))
	}
	wantList(t, "exports", b.Exports, "BaseDurableObject", "Counter", "RateLimiter", "WebSocketRoom", "default")
}

func TestCommandRunsBeforeTheBuildAndWhatItWritesIsNotWatched(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the command is for a POSIX shell")
	}
	cfg := project(t, `
-- cfg --
{"Main": "dist/index.js", "Build": {"Command": "mkdir -p ../dist && cp index.js ../dist && echo $WRANGLER_COMMAND", "Dir": "src", "WatchDir": ["src", "templates"]}}
-- src/index.js --
import { old } from "../old.js"
export default { old }
-- old.js --
export const old = 1
`)
	long := info(t, filepath.Join(cfg.Dir, "old.js")).ModTime().Add(-1e9)
	if err := os.Chtimes(filepath.Join(cfg.Dir, "old.js"), long, long); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	b, ds := bundle.Build(cfg, bundle.Options{Output: &said})
	if len(ds) > 0 {
		t.Fatal(formatted(cfg, ds))
	}
	if said.String() != "dev\n" {
		t.Errorf("got output %q, want %q", said.String(), "dev\n")
	}
	wantList(t, "inputs", inputNames(cfg, b.Inputs), "dist/tsconfig.json", "old.js", "src", "templates", "tsconfig.json")
}

func TestBuilderSeesChangesAndKeepsInputsOfFailures(t *testing.T) {
	cfg := project(t, `
-- src/index.ts --
import { a } from "./a"
export default { a }
`)
	a, index := filepath.Join(cfg.Dir, "src/a.ts"), filepath.Join(cfg.Dir, "src/index.ts")
	b := bundle.NewBuilder(cfg, bundle.Options{})
	defer b.Close()

	if made, ds := b.Build(); made != nil || !ds.HasErrors() {
		t.Fatalf("got a bundle without ./a")
	}
	if in := b.Inputs(); !slices.Contains(in, a) || !slices.Contains(in, index) {
		t.Errorf("got inputs %q, want them to have %s and %s", in, a, index)
	}
	for _, text := range []string{"export const a = 'one'", "import 'node:async_hooks'; export const a = async () => 'two'", "export const a = async () => 'three'"} {
		write(t, a, text)
		made, ds := b.Build()
		if ds.HasErrors() {
			t.Fatal(formatted(cfg, ds))
		}
		if want := strings.Contains(text, "async_hooks"); made.NeedsAsyncContext != want {
			t.Errorf("got NeedsAsyncContext %v for %s", made.NeedsAsyncContext, text)
		}
		_, value, _ := strings.Cut(text, "'")
		wantContains(t, code(made), strings.Trim(value[strings.LastIndexByte(strings.TrimSuffix(value, "'"), '\'')+1:], "'"))
	}
	b.Close()
	b.Close()
	if made, ds := b.Build(); made != nil || !ds.HasErrors() {
		t.Error("got a bundle of a closed builder")
	}
}

func TestClosingStopsARunningCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the command is for a POSIX shell")
	}
	cfg := project(t, `
-- cfg --
{"Build": {"Command": "echo started; sleep 600 & sleep 600"}}
-- src/index.ts --
export default {}
`)
	started, said := io.Pipe()
	b := bundle.NewBuilder(cfg, bundle.Options{Output: said})
	go func() {
		if _, err := started.Read(make([]byte, 1)); err == nil {
			go io.Copy(io.Discard, started)
			b.Close()
		}
	}()
	if made, ds := b.Build(); made != nil || !ds.HasErrors() {
		t.Error("got a bundle although the command was stopped")
	}
}

func TestProjectsBehindSymbolicLinksKeepTheirNames(t *testing.T) {
	for _, c := range []struct{ name, cfg string }{
		{"bundled", `{"Main": "src/index.js"}`},
		{"no_bundle", `{"Main": "src/index.js", "NoBundle": true, "Rules": [{"Type": "ESModule", "Globs": ["**/*.js"]}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(t.TempDir(), dir); err != nil {
				t.Skip(err)
			}
			cfg := projectIn(t, dir, txtar.Parse([]byte("-- cfg --\n"+c.cfg+`
-- src/index.js --
import { a } from "./a.js"
export default { a }
-- src/a.js --
export const a = "the text"
`)))
			b, ds := bundle.Build(cfg, bundle.Options{})
			if len(ds) > 0 {
				t.Fatal(formatted(cfg, ds))
			}
			if want := filepath.Join(dir, "src/a.js"); !slices.Contains(b.Inputs, want) {
				t.Errorf("got inputs %q, want %s among them", b.Inputs, want)
			}
			if _, ok := b.Excerpt("src/a.js", 1, 1, 0); !ok {
				t.Error("got no source src/a.js")
			}
			write(t, filepath.Join(dir, "src/a.js"), "}")
			_, ds = bundle.Build(cfg, bundle.Options{})
			if got := formatted(cfg, ds); !strings.HasPrefix(got, "src/a.js:1:1: error: ") {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestProbeProjectOfTheRealRuntimeBuilds(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "golden")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the probes of the real runtime are not beside the repository")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{
		Dir: dir, Path: filepath.Join(dir, "wrangler.toml"), Main: filepath.Join(dir, "src/index.js"),
		NoBundle: true, FindAdditionalModules: true, BaseDir: filepath.Join(dir, "src"),
		Rules: []config.Rule{{Type: "ESModule", Globs: []string{"**/*.js"}}},
	}
	b, ds := bundle.Build(cfg, bundle.Options{})
	if len(ds) > 0 {
		t.Fatal(formatted(cfg, ds))
	}
	if !slices.Contains(b.Exports, "ProbeSQL") {
		t.Errorf("got exports %q, want ProbeSQL among them", b.Exports)
	}
}

func info(t *testing.T, file string) os.FileInfo {
	t.Helper()
	i, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// find gives the place of a text in code, from 1.
func find(t *testing.T, code, text string) (line, column int) {
	t.Helper()
	at := strings.Index(code, text)
	if at < 0 {
		t.Fatalf("no %q in:\n%s", text, code)
	}
	before := code[:at]
	return strings.Count(before, "\n") + 1, at - strings.LastIndexByte(before, '\n')
}
