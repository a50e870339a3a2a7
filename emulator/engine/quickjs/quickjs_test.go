package quickjs

import (
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/engine"
)

// boot makes an isolate whose entries are the methods of the object literal
// given, with the host functions given.
func boot(t testing.TB, entries string, funcs map[string]engine.Func) engine.VM {
	t.Helper()
	e := New()
	v, err := e.NewVM(engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	for name, fn := range funcs {
		v.Func(name, fn)
	}
	code, err := e.Compile("boot.js", "(function (host) { return "+entries+" })", engine.Script)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Boot(code); err != nil {
		t.Fatal(err)
	}
	return v
}

func mustCall(t testing.TB, v engine.VM, entry string, args ...engine.Value) engine.Value {
	t.Helper()
	r, err := v.Call(entry, args...)
	if err != nil {
		t.Fatalf("%s: %v", entry, err)
	}
	return r
}

func TestPlainValuesCrossBothWays(t *testing.T) {
	v := boot(t, `{ echo: (x) => x, kind: (x) => typeof x }`, nil)
	for _, x := range []engine.Value{
		engine.Undefined, engine.Null, engine.Bool(true), engine.Int(42), engine.Number(1.5), engine.Number(1 << 40),
		engine.String("café 你 \U0001F600"), engine.String("a\x00b"), engine.String("\xed\xa0\x80lone"), engine.Bytes([]byte{0, 1, 255}), engine.Bytes(nil),
	} {
		got := mustCall(t, v, "echo", x)
		if got.Kind() != x.Kind() || got.Number() != x.Number() || got.Text() != x.Text() || string(got.Bytes()) != string(x.Bytes()) {
			t.Errorf("echo gave %#v, want %#v", got, x)
		}
	}
}

func TestHostErrorKeepsItsClass(t *testing.T) {
	v := boot(t, `{ run() { try { host.fail() } catch (e) { return e instanceof RangeError && e.message } } }`,
		map[string]engine.Func{"fail": func(engine.Call) error { return engine.RangeError("too far") }})
	if got := mustCall(t, v, "run").Text(); got != "too far" {
		t.Errorf("caught %q, want %q", got, "too far")
	}
}

func TestExceptionCarriesNameMessageAndPlace(t *testing.T) {
	v := boot(t, "{ run() {\n  throw new TypeError('no') } }", nil)
	_, err := v.Call("run")
	e, ok := err.(*engine.Exception)
	if !ok || e.Name != "TypeError" || e.Message != "no" || !strings.Contains(e.Stack, "(boot.js:2:") {
		t.Errorf("got %#v", err)
	}
}

func TestDrainRunsJobsToTheEnd(t *testing.T) {
	v := boot(t, `(globalThis.n = 0, { run() { (async () => { for (let i = 0; i < 5; i++) { await null; n++ } })() }, n: () => n })`, nil)
	mustCall(t, v, "run")
	if err := v.Drain(); err != nil {
		t.Fatal(err)
	}
	if got := mustCall(t, v, "n").Int(); got != 5 {
		t.Errorf("ran %d jobs, want 5", got)
	}
}

func TestRejectionsAreThoseLeftWithoutHandler(t *testing.T) {
	v := boot(t, `{ run() { Promise.reject(new Error("lost")); const p = Promise.reject(new Error("found")); p.catch(() => {}) } }`, nil)
	mustCall(t, v, "run")
	if err := v.Drain(); err != nil {
		t.Fatal(err)
	}
	got := v.Rejections()
	if len(got) != 1 || got[0].Message != "lost" {
		t.Errorf("got %v, want one rejection, lost", got)
	}
}

func TestInterruptStopsARunawayTurn(t *testing.T) {
	var v engine.VM
	v = boot(t, `{ run() { host.started(); try { for (;;); } catch { return "caught" } }, ok: () => 1 }`,
		map[string]engine.Func{"started": func(engine.Call) error { v.Interrupt("took too long"); return nil }})
	_, err := v.Call("run")
	e, ok := err.(*engine.Exception)
	if !ok || !e.Interrupted || e.Message != "took too long" {
		t.Fatalf("got %#v, want an interruption", err)
	}
	mustCall(t, v, "ok")
}

func TestTerminateCannotBeCaught(t *testing.T) {
	var v engine.VM
	v = boot(t, `{ run() { try { host.abort() } catch { return "caught" } }, ok: () => 1 }`,
		map[string]engine.Func{"abort": func(engine.Call) error { v.Terminate(engine.Error("gone")); return nil }})
	_, err := v.Call("run")
	if e, ok := err.(*engine.Exception); !ok || !e.Interrupted || e.Message != "gone" {
		t.Fatalf("got %#v, want an uncatchable error", err)
	}
	mustCall(t, v, "ok")
}

func TestMemoryIsBounded(t *testing.T) {
	e := New()
	v, err := e.NewVM(engine.Options{MemoryLimit: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	code, err := e.Compile("boot.js", `(function () { return { grow() { const a = []; for (;;) a.push(new Uint8Array(1 << 20)) } } })`, engine.Script)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Boot(code); err != nil {
		t.Fatal(err)
	}
	_, err = v.Call("grow")
	if x, ok := err.(*engine.Exception); !ok || !x.OutOfMemory {
		t.Errorf("got %v, want out of memory", err)
	}
}

func TestEndlessRecursionIsARangeError(t *testing.T) {
	v := boot(t, `{ run() { const f = () => f() + 1; try { f() } catch (e) { return e.constructor.name + ": " + e.message } } }`, nil)
	if got := mustCall(t, v, "run").Text(); !strings.Contains(got, "stack") {
		t.Errorf("got %q", got)
	}
}

func TestModulesImportEachOtherAndTheHost(t *testing.T) {
	e := New()
	v := boot(t, `{ builtin: (name) => name === "host:x" ? { answer: 42 } : undefined, take(ns) { globalThis.taken = ns.default }, taken: () => globalThis.taken }`, nil)
	sources := map[string]string{
		"index.js": `import { one } from "./lib.js"; import { answer } from "host:x"; await null; export default one + answer;`,
		"lib.js":   `export const one = 1;`,
	}
	v.SetModules(func(name string) (engine.Code, error) { return e.Compile(name, sources[name], engine.Module) },
		func(_, spec string) (string, error) { return strings.TrimPrefix(spec, "./"), nil })
	if pending, err := v.Import("index.js", "take"); err != nil || pending {
		t.Fatalf("pending %v, err %v", pending, err)
	}
	if got := mustCall(t, v, "taken").Int(); got != 43 {
		t.Errorf("got %d, want 43", got)
	}
}

func TestThrowWhileAModuleLoadsIsReturned(t *testing.T) {
	e := New()
	v := boot(t, `{ take() {} }`, nil)
	v.SetModules(func(name string) (engine.Code, error) {
		return e.Compile(name, "\n  throw new RangeError('top')", engine.Module)
	}, nil)
	_, err := v.Import("index.js", "take")
	x, ok := err.(*engine.Exception)
	if !ok || x.Name != "RangeError" || !strings.Contains(x.Stack, "index.js:2:") {
		t.Errorf("got %#v", err)
	}
	if left := v.Rejections(); len(left) != 0 {
		t.Errorf("%d rejections left", len(left))
	}
}

func TestSyntaxErrorHasItsPlace(t *testing.T) {
	_, err := New().Compile("a.js", "let x =\n  ;", engine.Module)
	if e, ok := err.(*engine.Exception); !ok || e.Name != "SyntaxError" || e.File != "a.js" || e.Line != 2 {
		t.Errorf("got %#v", err)
	}
}

// TestValuesSurviveTheSink walks a value into a builder and asks JavaScript
// whether the copy is like the original.
func TestValuesSurviveTheSink(t *testing.T) {
	v := boot(t, `(() => {
		const cyclic = { a: 1 }; cyclic.self = cyclic;
		const shared = { s: 1 }, buf = new Uint8Array([1, 2, 3, 4]).buffer;
		const values = [
			undefined, null, true, 1, -0, 1.5, NaN, 10n ** 30n, -5n, "é\ud800",
			new Date(5), /a+/giu, new Map([[1, { b: new Set([2, 3]) }]]), [1, , 3], [1, 2, 3], Object.assign([1], { x: 1 }), Object.assign([], { 5: "x" }),
			{ z: 1, a: 2, 1: 3 }, JSON.parse('{"__proto__": 1}'), cyclic, [shared, shared],
			buf, new Uint8Array(buf, 1, 2), [new Uint16Array(buf), new Uint8Array(buf)], new DataView(buf, 1, 2), new Float64Array([1.5]), new BigInt64Array([-1n]),
			new TypeError("boom", { cause: new Error("inner") }), Object.assign(new Error("x"), { name: "Mine", code: 7 }), new AggregateError([1], "agg"),
			new Number(5), new String("s"), new Boolean(false), Object(7n), Object.create(null),
			{ get a() { return [1]; }, get b() { return [2]; }, get c() { return [3]; } }, // made anew, and freed, one after the other
		];
		const show = (v, seen = []) => {
			if (typeof v === "bigint") return v + "n";
			if (typeof v !== "object" || v === null) return Object.is(v, -0) ? "-0" : typeof v === "string" ? JSON.stringify(v) : String(v);
			if (seen.includes(v)) return "^" + seen.indexOf(v);
			seen.push(v);
			const c = Object.prototype.toString.call(v);
			let s = c;
			if (v instanceof Date) s += +v; else if (v instanceof RegExp) s += String(v);
			else if (v instanceof Map) s += [...v].map(([k, x]) => show(k, seen) + "=>" + show(x, seen));
			else if (v instanceof Set) s += [...v].map((x) => show(x, seen));
			else if (v instanceof ArrayBuffer) s += new Uint8Array(v).join();
			else if (ArrayBuffer.isView(v)) s += v.byteOffset + ":" + v.byteLength + show(v.buffer, seen);
			else if (/Number|String|Boolean|BigInt/.test(c)) s += v.valueOf();
			for (const k of v instanceof Error ? Object.getOwnPropertyNames(v).sort() : Object.getOwnPropertyNames(v)) if (!ArrayBuffer.isView(v) && k !== "length") s += "," + k + ":" + show(v[k], seen);
			return s;
		};
		return { count: () => values.length, check: (i) => { const c = host.copy(values[i]); return show(values[i]) === show(c) ? "" : show(values[i]) + " became " + show(c) } };
	})()`, map[string]engine.Func{"copy": func(c engine.Call) error {
		return c.ReturnBuilt(func(s engine.Sink) error { return c.Encode(0, engine.ForClone, s) })
	}})
	for i := range mustCall(t, v, "count").Int() {
		if diff := mustCall(t, v, "check", engine.Int(i)).Text(); diff != "" {
			t.Errorf("value %d: %s", i, diff)
		}
	}
}

func TestOnlyAFulfilledPromiseHasAValue(t *testing.T) {
	v := boot(t, `{ run() {
		const rejected = Promise.reject(1);
		rejected.catch(() => {});
		return [Promise.resolve(7), new Promise(() => {}), rejected, 7, undefined, (async () => "done")()].map(host.value).join();
	} }`, map[string]engine.Func{"value": func(c engine.Call) error {
		c.ReturnFulfilled(0)
		return nil
	}})
	if got, want := mustCall(t, v, "run").Text(), "7,,,,,done"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhatCannotBeClonedIsADataCloneError(t *testing.T) {
	v := boot(t, `{ run(i) { try { host.copy([() => 1, Symbol("s"), Promise.resolve()][i]) } catch (e) { return e.name + ": " + e.message } } }`,
		map[string]engine.Func{"copy": func(c engine.Call) error {
			return c.ReturnBuilt(func(s engine.Sink) error { return c.Encode(0, engine.ForStorage, s) })
		}})
	for i, want := range []string{"DataCloneError: () => 1 could not be cloned.", "DataCloneError: Symbol(s) could not be cloned.", "DataCloneError: #<Promise> could not be cloned."} {
		if got := mustCall(t, v, "run", engine.Int(i)).Text(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMemoryStaysFlatOverManyCalls(t *testing.T) {
	v := boot(t, `{ run(s, b) { return host.echo(s, { a: [1, s], b }, new Map([[1, new Date(0)]])) } }`, map[string]engine.Func{
		"echo": func(c engine.Call) error {
			if err := c.ReturnBuilt(func(s engine.Sink) error { return c.Encode(2, engine.ForStorage, s) }); err != nil {
				return err
			}
			if err := c.Encode(1, engine.ForStorage, newBuilderForTest(c)); err != nil {
				return err
			}
			c.Return(engine.String(c.String(0)))
			return nil
		},
	})
	run := func(n int) {
		for range n {
			mustCall(t, v, "run", engine.String("hello there"), engine.Bytes(make([]byte, 100)))
		}
		v.CollectGarbage()
	}
	run(1000)
	before := v.Memory()
	run(20000)
	if after := v.Memory(); after.Used > before.Used+1024 || after.Objects > before.Objects {
		t.Errorf("heap grew from %+v to %+v", before, after)
	}
}

func newBuilderForTest(c engine.Call) engine.Sink { return discard{newBuilder(c.(*call).v, false)} }

// discard is a builder that frees what it has built at once.
type discard struct{ *builder }

func (d discard) EndObject(n int) {
	d.builder.EndObject(n)
	if len(d.stack) == 0 {
		d.release()
	}
}

func BenchmarkHostCall(b *testing.B) {
	v := boot(b, `{ run(n) { for (let i = 0; i < n; i++) host.nothing(i) } }`, map[string]engine.Func{"nothing": func(c engine.Call) error { _ = c.Int(0); return nil }})
	mustCall(b, v, "run", engine.Int(b.N))
}

func BenchmarkMegabyteInAndOut(b *testing.B) {
	v := boot(b, `{ echo: (x) => x }`, nil)
	data := make([]byte, 1<<20)
	for b.Loop() {
		mustCall(b, v, "echo", engine.Bytes(data))
	}
}

func BenchmarkCloneSmallObject(b *testing.B) {
	v := boot(b, `{ run(n) { const o = { n: 1, s: "x" }; for (let i = 0; i < n; i++) host.copy(o) } }`, map[string]engine.Func{"copy": func(c engine.Call) error {
		return c.ReturnBuilt(func(s engine.Sink) error { return c.Encode(0, engine.ForClone, s) })
	}})
	mustCall(b, v, "run", engine.Int(b.N))
}
