package web

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// TestNodeModules runs the assertion modules in testdata/node. They use what
// Node.js has too: `node run.mjs` in that folder runs the same assertions there.
func TestNodeModules(t *testing.T) {
	files, err := filepath.Glob("testdata/node/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no assertion modules: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test.mjs"), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			is := newIsolate(t, Options{})
			is.sources["assertions"] = lowered(t, string(source))
			got := is.eval(t, `const { default: run } = await import("assertions"); await run(); return "ok"`)
			if got != `"ok"` {
				t.Errorf("%s: got %s, want ok", file, got)
			}
		})
	}
}

// lowered turns the async functions of a module that imports node:async_hooks
// into generators, as the bundler does: see src/node/async_context.ts.
func lowered(t *testing.T, source string) string {
	t.Helper()
	if !strings.Contains(source, "node:async_hooks") {
		return source
	}
	result := api.Transform(source, api.TransformOptions{
		Supported: map[string]bool{"async-await": false, "async-generator": false, "for-await": false},
	})
	if len(result.Errors) > 0 {
		t.Fatal(buildError(result.Errors))
	}
	return string(result.Code)
}

func TestNodeModulesExportWhatThePlatformDoes(t *testing.T) {
	golden, err := os.ReadFile("testdata/node/exports.json")
	if err != nil {
		t.Fatal(err)
	}
	is := newIsolate(t, Options{})
	got := is.eval(t, fmt.Sprintf(`
		const lists = %s, differing = {};
		for (const [name, want] of Object.entries(lists)) {
			const have = Object.keys(await import(name)).sort();
			const missing = want.filter((key) => !have.includes(key)), extra = have.filter((key) => !want.includes(key));
			if (missing.length + extra.length > 0) differing[name] = { missing, extra };
		}
		return differing`, golden))
	if got != "{}" {
		t.Errorf("exports differ: got %s, want {}", got)
	}
}

func TestNodeGlobals(t *testing.T) {
	runCases(t, []jsCase{
		{"Buffer, process and global are own properties",
			`return ["Buffer", "process", "global"].map((name) => [typeof globalThis[name], Object.hasOwn(globalThis, name)])`,
			`[["function", true], ["object", true], ["object", true]]`},
		{"Buffer is the module's", `return (await import("node:buffer")).Buffer === Buffer`, `true`},
		{"a module has one instance under both names", `return (await import("util")).inspect === (await import("node:util")).inspect`, `true`},
		{"functions have the names they are exported by", `const { default: util } = await import("node:util"); return [Buffer.name, util.format.name, util.inspect.name]`,
			`["Buffer", "format", "inspect"]`},
		{"the environment holds text", `process.env.A = 5; return [process.env.A, process.env.NOPE ?? null, "A" in process.env]`, `["5", null, true]`},
		{"nextTick runs after the current code", `const seen = []; process.nextTick((x) => seen.push(x), 1); seen.push(0); await null; return seen`, `[0, 1]`},
		{"process gives built-in modules", `return process.getBuiltinModule("node:util").types.isMap(new Map())`, `true`},
		{"warnings are events of process",
			`const warned = new Promise((resolve) => process.once("warning", resolve)); process.emitWarning("w", "Kind", "C1");
			const w = await warned; return [w.name, w.code, w.message]`, `["Kind", "C1", "w"]`},
		{"process is an emitter", `let got; process.once("x", (v) => { got = v }); process.emit("x", 1); return got`, `1`},
		{"enterWith is refused as on the platform",
			`const { AsyncLocalStorage } = await import("node:async_hooks"); try { new AsyncLocalStorage().enterWith(1) } catch (e) { return e.message }`,
			`"asyncLocalStorage.enterWith() is not implemented"`},
		{"what node:crypto lacks names itself", `const { createCipheriv } = await import("node:crypto"); try { createCipheriv("rc2-cbc", Buffer.alloc(16), Buffer.alloc(8)) } catch (e) { return e.message }`,
			`"the cipher rc2-cbc of node:crypto is not emulated by dodev yet"`},
	})
}

func TestResetContextLeavesTheFramesOfStoppedCode(t *testing.T) {
	var is *isolate
	is = newIsolate(t, Options{
		Console:  func(Message) { is.loop.VM().Interrupt("stopped") },
		Uncaught: func(error) {},
	})
	is.sources["endless"] = `
		import { AsyncLocalStorage } from "node:async_hooks";
		globalThis.store = new AsyncLocalStorage();
		export default () => store.run("stale", () => { console.log("stop me"); for (;;); });`
	is.loop.Post(func() {
		is.loop.Turn(is.owner, nil, func() {
			if _, err := is.loop.VM().Import("endless", "run"); err != nil {
				t.Error(err)
			}
		})
		if _, err := is.loop.VM().Call("resetContext"); err != nil {
			t.Error(err)
		}
	})
	<-is.ended // as a rejection: the engine makes one where an async function is stopped
	if got := is.eval(t, `return store.getStore() ?? "none"`); got != `"none"` {
		t.Errorf("store in a later turn: got %s, want none", got)
	}
}

func TestImportingNothingLeavesPromisesAlone(t *testing.T) {
	runCases(t, []jsCase{
		{"then is the engine's until node:async_hooks is imported",
			`const before = Promise.prototype.then; await import("node:events"); await import("node:util");
			const same = before === Promise.prototype.then; await import("node:async_hooks");
			return [same, before === Promise.prototype.then, Promise.prototype.then.name, Promise.prototype.then.length]`,
			`[true, false, "then", 2]`},
	})
}
