package bundle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/bundle"
)

func TestBundlesTypeScriptAndWhatItImports(t *testing.T) {
	b, cfg := build(t, `
-- src/index.ts --
import { DurableObject } from "cloudflare:workers"
import { greet } from "./greet"
import config from "./config.json"
import again from "./config.json" with { type: "json" }
export class Room extends DurableObject<{ ROOM: string }> {
  hello(name: string): string { return greet(name) + config.sign + again.sign }
}
export default { fetch: (r: Request) => new Response("x") }
-- src/greet.ts --
export const greet = (name: string): string => "hello " + name
-- src/config.json --
{"sign": "!"}
`)
	if b.Main != "index.js" || b.Modules[0].Name != "index.js" || len(b.Modules) != 1 {
		t.Errorf("got main %q and %d modules, want index.js alone", b.Main, len(b.Modules))
	}
	if want := []string{"Room", "default"}; !slices.Equal(b.Exports, want) {
		t.Errorf("got exports %q, want %q", b.Exports, want)
	}
	if want := []string{"cloudflare:workers"}; !slices.Equal(b.Builtins, want) {
		t.Errorf("got builtins %q, want %q", b.Builtins, want)
	}
	wantContains(t, code(b), `import { DurableObject } from "cloudflare:workers"`, "hello ", `sign: "!"`)
	wantLacks(t, code(b), ": string")
	want := []string{"src/config.json", "src/greet.ts", "src/index.ts", "src/tsconfig.json", "tsconfig.json"}
	if got := inputNames(cfg, b.Inputs); !slices.Equal(got, want) {
		t.Errorf("got inputs %q, want %q", got, want)
	}
}

func TestPackagesAreChosenByWorkerConditions(t *testing.T) {
	for _, c := range []struct{ name, manifest, want string }{
		{"workerd first", `{"exports": {".": {"node": "./node.js", "workerd": "./workerd.js", "worker": "./worker.js", "browser": "./browser.js", "default": "./main.js"}}}`, "workerd"},
		{"then worker", `{"exports": {".": {"node": "./node.js", "worker": "./worker.js", "browser": "./browser.js", "default": "./main.js"}}}`, "worker"},
		{"then browser", `{"exports": {".": {"node": "./node.js", "browser": "./browser.js", "default": "./main.js"}}}`, "browser"},
		{"import", `{"exports": {".": {"require": "./main.js", "import": "./module.js"}}}`, "module"},
		{"browser field", `{"main": "./main.js", "module": "./module.js", "browser": "./browser.js"}`, "browser"},
		{"module field", `{"main": "./main.js", "module": "./module.js"}`, "module"},
		{"main field", `{"main": "./main.js"}`, "main"},
		{"browser map", `{"main": "./node.js", "browser": {"./node.js": "./browser.js"}}`, "browser"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, _ := build(t, `
-- src/index.ts --
import which from "pkg"
export default { which }
-- node_modules/pkg/package.json --
`+c.manifest+`
-- node_modules/pkg/workerd.js --
export default "is workerd"
-- node_modules/pkg/worker.js --
export default "is worker"
-- node_modules/pkg/browser.js --
export default "is browser"
-- node_modules/pkg/module.js --
export default "is module"
-- node_modules/pkg/main.js --
module.exports = "is main"
-- node_modules/pkg/node.js --
module.exports = "is node"
`)
			wantContains(t, code(b), `"is `+c.want+`"`)
		})
	}
}

func TestPackagesAreFoundInFoldersAbove(t *testing.T) {
	b, _ := build(t, `
-- cfg --
{"Main": "apps/web/src/index.ts"}
-- apps/web/src/index.ts --
import which from "pkg"
export default { which }
-- node_modules/pkg/index.js --
export default "from above"
`)
	wantContains(t, code(b), "from above")
}

func TestTSConfigPathsDefineAliasAndJSX(t *testing.T) {
	b, _ := build(t, `
-- cfg --
{"Main": "src/index.tsx", "Define": {"MODE": "\"dev\""}, "Alias": {"node:fs": "./src/fs.ts", "old": "node:events", "thing": "pkg"}, "JSXFactory": "h", "JSXFragment": "Frag"}
-- tsconfig.json --
{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}
-- src/index.tsx --
import { deep } from "@/lib/deep"
import { readFile } from "node:fs"
import { EventEmitter } from "old"
import thing from "thing"
declare const MODE: string
const h = (...a: unknown[]) => a, Frag = 1
export default { deep, readFile, EventEmitter, MODE, thing, x: <><b>1</b></> }
-- src/lib/deep.ts --
export const deep = "deep down"
-- src/fs.ts --
export const readFile = "no file"
-- node_modules/pkg/index.js --
module.exports = "a thing"
`)
	wantContains(t, code(b), "deep down", "no file", `MODE: "dev"`, "a thing", `h(Frag, null,`, `h("b", null, "1")`, `from "node:events"`)
}

func TestNodeModulesAreNamedWithTheirPrefix(t *testing.T) {
	b, _ := build(t, `
-- src/index.ts --
import { EventEmitter } from "events"
import { Buffer } from "node:buffer"
import pkg from "pkg"
export default { EventEmitter, Buffer, pkg }
-- node_modules/pkg/index.js --
module.exports = require("util").inspect
-- node_modules/events/index.js --
module.exports = "the package"
`)
	if want := []string{"node:buffer", "node:events", "node:util"}; !slices.Equal(b.Builtins, want) {
		t.Errorf("got builtins %q, want %q", b.Builtins, want)
	}
	wantLacks(t, code(b), "the package", `__require("`)
	if b.NeedsAsyncContext {
		t.Error("got NeedsAsyncContext without node:async_hooks")
	}
}

// TestNodeModulesAreThereByFlagAndDate has what the incumbent's bundler and the
// real runtime do, which between them find these modules or do not.
func TestNodeModulesAreThereByFlagAndDate(t *testing.T) {
	const (
		noFlag  = `index.ts:1:21: error: node:buffer is there only with the compatibility flag "nodejs_compat"`
		add     = `hint: add "nodejs_compat" to compatibility_flags, or use a compatibility_date of 2026-08-04 or later`
		removal = `hint: take "no_nodejs_compat" off compatibility_flags`
	)
	for _, c := range []struct {
		date, flags, specifier string
		want                   []string // nothing when the module is found
	}{
		{"2026-08-04", "", "node:buffer", nil},
		{"2026-08-04", "", "buffer", nil},
		{"2026-08-03", "", "node:buffer", []string{noFlag, add}},
		{"2026-08-03", "", "buffer", []string{noFlag, add}},
		{"2026-08-03", `"nodejs_compat"`, "buffer", nil},
		{"2026-08-04", `"no_nodejs_compat", "no_nodejs_compat_v2"`, "node:buffer", []string{noFlag, removal}},
		{"2024-09-22", `"nodejs_compat"`, "node:buffer", nil},
		{"2024-09-22", `"nodejs_compat"`, "buffer", []string{`"buffer" is not found, and as of 2024-09-22 the runtime's own is "node:buffer"`, "hint: write the prefix, or use a compatibility_date of 2024-09-23 or later"}},
		{"2024-09-23", `"nodejs_compat"`, "buffer", nil},
		{"2024-09-22", `"nodejs_compat_v2"`, "buffer", nil},
		{"2026-08-03", `"nodejs_als"`, "node:async_hooks", nil},
		{"2026-08-03", `"nodejs_als"`, "node:buffer", []string{noFlag, add}},
	} {
		t.Run(c.date+c.flags+c.specifier, func(t *testing.T) {
			archive := fmt.Sprintf(`
-- cfg --
{"Main": "src/index.ts", "CompatibilityDate": %q, "CompatibilityFlags": [%s]}
-- src/index.ts --
import * as it from %q
export default { it }
`, c.date, c.flags, c.specifier)
			if len(c.want) == 0 {
				build(t, archive)
				return
			}
			cfg := project(t, archive)
			_, ds := bundle.Build(cfg, bundle.Options{Library: library})
			got := formatted(cfg, ds)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant %s", got, want)
				}
			}
		})
	}
}

func TestPackagesDoWithoutNodeModulesTheyMayNotHave(t *testing.T) {
	b, _ := build(t, `
-- cfg --
{"Main": "src/index.ts", "CompatibilityDate": "2026-08-03"}
-- src/index.ts --
import { read } from "pkg"
import events from "events"
export default { read, events }
-- node_modules/pkg/index.js --
export async function read() { return (await import("node:buffer")).Buffer }
-- node_modules/pkg/package.json --
{"type": "module"}
-- node_modules/events/index.js --
module.exports = "the package"
`)
	wantContains(t, code(b), `throw new Error('No such module "node:buffer".')`, "the package")
}

func TestOptionalNodeModulesOfPackagesThrowWhenReached(t *testing.T) {
	b, _ := build(t, `
-- src/index.ts --
import { read } from "pkg"
export default { read }
-- node_modules/pkg/index.js --
export async function read() { return (await import("node:sea")).isSea }
export function list() { try { return require("node:quic") } catch { return null } }
-- node_modules/pkg/package.json --
{"type": "module"}
`)
	wantContains(t, code(b), `throw new Error('node:sea is not part of the Workers runtime, but package "pkg" needs it here')`)
}

func TestAsyncFunctionsAreLoweredOnlyForAsyncContext(t *testing.T) {
	const worker = `
export async function wait(x: Promise<number>) { for await (const y of [x]) return await y }
export const gen = async function* () { yield 1 }
export default { wait, gen, async fetch() { await wait(Promise.resolve(1)) } }
`
	plain, _ := build(t, "-- src/index.ts --\n"+worker)
	wantContains(t, code(plain), "async function wait", "for await", "async function*")
	if plain.NeedsAsyncContext {
		t.Error("got NeedsAsyncContext without node:async_hooks")
	}

	lowered, _ := build(t, "-- src/index.ts --\nimport { als } from './als'\nconsole.log(als)\n"+worker+
		"\n-- src/als.ts --\nimport { AsyncLocalStorage } from 'async_hooks'\nexport const als = new AsyncLocalStorage()\n")
	wantLacks(t, code(lowered), "async function", "for await", "async fetch", "async (")
	wantContains(t, code(lowered), `from "node:async_hooks"`)
	if !lowered.NeedsAsyncContext {
		t.Error("got no NeedsAsyncContext with node:async_hooks")
	}

	scoped, _ := build(t, "-- src/index.ts --\nimport { withEnv } from 'cloudflare:workers'\nwithEnv({}, () => wait(Promise.resolve(1)))\n"+worker)
	if !scoped.NeedsAsyncContext {
		t.Error("got no NeedsAsyncContext with withEnv")
	}
}

func TestNewerSyntaxIsLowered(t *testing.T) {
	b, _ := build(t, `
-- src/index.ts --
const dec = (v: any, c: any) => v
class Thing { @dec m() { using x = { [Symbol.dispose]() {} }; return x } ; accessor y = 1 }
export default { Thing }
`)
	wantLacks(t, code(b), "using x", "@dec", "accessor y")
}

func TestClassNamesSurviveCollisions(t *testing.T) {
	b, _ := build(t, `
-- src/index.ts --
import { Room as Other } from "./other"
export class Room {}
export default { Other }
-- src/other.ts --
export class Room { static who = Room.name }
`)
	wantContains(t, code(b), `__name(this, "Room")`)
}

func TestMinifiedBundlesStayLoadable(t *testing.T) {
	b, _ := build(t, `
-- cfg --
{"Minify": true}
-- src/index.ts --
export class Room { hello(someone: string) { return someone } }
export default { Room }
`)
	wantLacks(t, code(b), "someone")
	if want := []string{"Room", "default"}; !slices.Equal(b.Exports, want) {
		t.Errorf("got exports %q, want %q", b.Exports, want)
	}
}

func TestResolveFindsModulesRelativeToTheImporter(t *testing.T) {
	b := &bundle.Bundle{Modules: []bundle.Module{{Name: "index.js"}, {Name: "lib/a.js"}, {Name: "lib/b.js"}}}
	for _, c := range []struct{ base, specifier, want, err string }{
		{"index.js", "./lib/a.js", "lib/a.js", ""},
		{"index.js", "lib/a.js", "lib/a.js", ""},
		{"lib/a.js", "./b.js", "lib/b.js", ""},
		{"lib/a.js", "../index.js", "index.js", ""},
		{"lib/a.js", "/index.js", "index.js", ""},
		{"lib/a.js", "node:events", "node:events", ""},
		{"lib/a.js", "cloudflare:workers", "cloudflare:workers", ""},
		{"lib/a.js", "./c.js", "", "No such module \"lib/c.js\".\n  imported from \"lib/a.js\""},
	} {
		got, err := b.Resolve(c.base, c.specifier)
		if got != c.want || (err == nil) != (c.err == "") || (err != nil && err.Error() != c.err) {
			t.Errorf("Resolve(%q, %q) = %q, %v; want %q, %q", c.base, c.specifier, got, err, c.want, c.err)
		}
	}
}
