package web

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/engine"
)

// A wasmText is a module put together by hand; the comment above each is what
// it says in the text format.
type wasmText struct {
	types    []wasmSignature
	imports  [][]byte
	funcs    []byte // types of the functions
	tables   [][]byte
	memories [][]byte
	globals  [][]byte
	exports  [][]byte
	start    []byte
	elements [][]byte
	code     [][]byte
	data     [][]byte
}

func (m wasmText) encode() []byte {
	var sections []wasmSection
	add := func(id byte, items [][]byte) {
		if len(items) > 0 {
			sections = append(sections, wasmSection{id, wasmList(items...)})
		}
	}
	var types, funcs [][]byte
	for _, s := range m.types {
		types = append(types, s.encode())
	}
	for _, f := range m.funcs {
		funcs = append(funcs, []byte{f})
	}
	add(wasmTypeSection, types)
	add(wasmImportSection, m.imports)
	add(wasmFunctionSection, funcs)
	add(wasmTableSection, m.tables)
	add(wasmMemorySection, m.memories)
	add(wasmGlobalSection, m.globals)
	add(wasmExportSection, m.exports)
	if m.start != nil {
		sections = append(sections, wasmSection{wasmStartSection, m.start})
	}
	add(wasmElementSection, m.elements)
	add(wasmCodeSection, m.code)
	add(wasmDataSection, m.data)
	return wasmJoin(sections...)
}

var (
	i32, i64, f32, f64 = []byte{wasmI32}, []byte{wasmI64}, []byte{wasmF32}, []byte{wasmF64}
	funcref, externref = []byte{wasmFuncref}, []byte{wasmExternref}
)

// wasmSamples are the modules of the tests.
func wasmSamples() map[string][]byte {
	function := func(s wasmSignature, code ...byte) []byte {
		return wasmText{
			types: []wasmSignature{s}, funcs: []byte{0},
			exports: [][]byte{wasmExported("f", wasmFunc, 0)}, code: [][]byte{wasmCode(code...)},
		}.encode()
	}
	return map[string][]byte{
		// (func (export "f") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
		"add": function(wasmSignature{slices.Concat(i32, i32), i32}, 0x20, 0, 0x20, 1, 0x6a),
		// (func (export "f") (param i64) (result i64) local.get 0)
		"i64": function(wasmSignature{i64, i64}, 0x20, 0),
		"f32": function(wasmSignature{f32, f32}, 0x20, 0),
		"f64": function(wasmSignature{f64, f64}, 0x20, 0),
		"any": function(wasmSignature{externref, externref}, 0x20, 0),
		"fun": function(wasmSignature{funcref, funcref}, 0x20, 0),
		// (func (export "f") (result i32 f64) i32.const 7 f64.const 0)
		"two": function(wasmSignature{nil, slices.Concat(i32, f64)}, 0x41, 7, 0x44, 0, 0, 0, 0, 0, 0, 0, 0),

		// (func (export "f") unreachable), and so on
		"trap":     function(wasmSignature{}, 0x00),
		"divide":   function(wasmSignature{slices.Concat(i32, i32), i32}, 0x20, 0, 0x20, 1, 0x6d),
		"truncate": function(wasmSignature{f64, i32}, 0x20, 0, 0xaa),
		// (func $f (export "f") call $f)
		"recurse": function(wasmSignature{}, 0x10, 0),
		// (func (export "f") loop br 0 end)
		"forever": function(wasmSignature{}, 0x03, 0x40, 0x0c, 0, 0x0b),
		// (func $f (export "f") (param i32) call $f twice unless the argument is 0)
		"explode": function(wasmSignature{i32, nil}, 0x20, 0, 0x04, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x20, 0, 0x41, 1, 0x6b, 0x10, 0, 0x0b),

		// (memory (export "memory") 1 3) (data (i32.const 8) "hey")
		// (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u)
		// (func (export "store") (param i32 i32) local.get 0 local.get 1 i32.store8)
		// (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
		"memory": wasmText{
			types: []wasmSignature{{i32, i32}, {slices.Concat(i32, i32), nil}}, funcs: []byte{0, 1, 0},
			memories: [][]byte{{1, 1, 3}},
			exports: [][]byte{wasmExported("memory", wasmMemory, 0), wasmExported("load", wasmFunc, 0),
				wasmExported("store", wasmFunc, 1), wasmExported("grow", wasmFunc, 2)},
			code: [][]byte{wasmCode(0x20, 0, 0x2d, 0, 0), wasmCode(0x20, 0, 0x20, 1, 0x3a, 0, 0), wasmCode(0x20, 0, 0x40, 0)},
			data: [][]byte{append([]byte{0, 0x41, 8, 0x0b}, wasmName("hey")...)},
		}.encode(),

		// (import "env" "log" (func (param i32 i64 f64) (result i32)))
		// (func (export "f") (param i32) (result i32) local.get 0 i64.const -1 f64.const 0 call 0)
		"callback": wasmText{
			types:   []wasmSignature{{slices.Concat(i32, i64, f64), i32}, {i32, i32}},
			imports: [][]byte{wasmImported("env", "log", wasmFunc, 0)}, funcs: []byte{1},
			exports: [][]byte{wasmExported("f", wasmFunc, 1), wasmExported("log", wasmFunc, 0)},
			code:    [][]byte{wasmCode(0x20, 0, 0x42, 0x7f, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0)},
		}.encode(),
		// (import "env" "start" (func)) (start 0)
		"start": wasmText{types: []wasmSignature{{}}, imports: [][]byte{wasmImported("env", "start", wasmFunc, 0)}, start: []byte{0}}.encode(),
		// (import "env" "two" (func (result i32 i64)))
		// (func (export "f") (result i32 i64) call 0)
		"pair": wasmText{
			types: []wasmSignature{{nil, slices.Concat(i32, i64)}}, imports: [][]byte{wasmImported("env", "two", wasmFunc, 0)},
			funcs: []byte{0}, exports: [][]byte{wasmExported("f", wasmFunc, 1)}, code: [][]byte{wasmCode(0x10, 0)},
		}.encode(),

		// (table (export "table") 3 funcref) (elem (i32.const 0) $seven $add)
		// (func $seven (result i32) i32.const 7)
		// (func $add (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
		// (func (export "call") (param i32) (result i32) local.get 0 call_indirect (result i32))
		"table": wasmText{
			types: []wasmSignature{{nil, i32}, {slices.Concat(i32, i32), i32}, {i32, i32}}, funcs: []byte{0, 1, 2},
			tables: [][]byte{{wasmFuncref, 0, 3}}, exports: [][]byte{wasmExported("table", wasmTable, 0), wasmExported("call", wasmFunc, 2)},
			elements: [][]byte{{0, 0x41, 0, 0x0b, 2, 0, 1}},
			code:     [][]byte{wasmCode(0x41, 7), wasmCode(0x20, 0, 0x20, 1, 0x6a), wasmCode(0x20, 0, 0x11, 0, 0)},
		}.encode(),
		// (import "env" "table" (table 2 5 funcref))
		// (func (export "call") (param i32) (result i32) i32.const 20 i32.const 3 local.get 0 call_indirect (param i32 i32) (result i32))
		"user": wasmText{
			types:   []wasmSignature{{slices.Concat(i32, i32), i32}, {i32, i32}},
			imports: [][]byte{wasmImported("env", "table", wasmTable, wasmFuncref, 1, 2, 5)}, funcs: []byte{1},
			exports: [][]byte{wasmExported("call", wasmFunc, 0)},
			code:    [][]byte{wasmCode(0x41, 20, 0x41, 3, 0x20, 0, 0x11, 0, 0)},
		}.encode(),
		// (import "env" "memory" (memory 1 4)) (export "memory" (memory 0))
		// (func (export "load") (param i32) (result i32) local.get 0 i32.load8_u)
		"shares": wasmText{
			types: []wasmSignature{{i32, i32}}, imports: [][]byte{wasmImported("env", "memory", wasmMemory, 1, 1, 4)}, funcs: []byte{0},
			exports: [][]byte{wasmExported("memory", wasmMemory, 0), wasmExported("load", wasmFunc, 0)},
			code:    [][]byte{wasmCode(0x20, 0, 0x2d, 0, 0)},
		}.encode(),
		// (import "env" "base" (global i32)) (global (export "count") (mut i64) (i64.const 5))
		// (func (export "bump") (result i32) global.get 1 i64.const 1 i64.add global.set 1 global.get 0)
		"globals": wasmText{
			types: []wasmSignature{{nil, i32}}, imports: [][]byte{wasmImported("env", "base", wasmGlobal, wasmI32, 0)}, funcs: []byte{0},
			globals: [][]byte{{wasmI64, 1, 0x42, 5, 0x0b}},
			exports: [][]byte{wasmExported("count", wasmGlobal, 1), wasmExported("bump", wasmFunc, 0)},
			code:    [][]byte{wasmCode(0x23, 1, 0x42, 1, 0x7c, 0x24, 1, 0x23, 0)},
		}.encode(),
		// (import "env" "cell" (global (mut i32))) (func (export "set") (param i32) local.get 0 global.set 0)
		"cell": wasmText{
			types: []wasmSignature{{i32, nil}}, imports: [][]byte{wasmImported("env", "cell", wasmGlobal, wasmI32, 1)}, funcs: []byte{0},
			exports: [][]byte{wasmExported("set", wasmFunc, 0)}, code: [][]byte{wasmCode(0x20, 0, 0x24, 0)},
		}.encode(),
		// (table 1 externref)
		// (func (export "get") (result externref) i32.const 0 table.get 0)
		// (func (export "set") (param externref) i32.const 0 local.get 0 table.set 0)
		"keeper": wasmText{
			types: []wasmSignature{{nil, externref}, {externref, nil}}, funcs: []byte{0, 1}, tables: [][]byte{{wasmExternref, 0, 1}},
			exports: [][]byte{wasmExported("get", wasmFunc, 0), wasmExported("set", wasmFunc, 1)},
			code:    [][]byte{wasmCode(0x41, 0, 0x25, 0), wasmCode(0x41, 0, 0x20, 0, 0x26, 0)},
		}.encode(),
		// (@custom "note" "one") (@custom "other" "two") (@custom "note" "three")
		"custom": wasmJoin(
			wasmSection{wasmCustomSection, append(wasmName("note"), "one"...)},
			wasmSection{wasmCustomSection, append(wasmName("other"), "two"...)},
			wasmSection{wasmCustomSection, append(wasmName("note"), "three"...)}),
		// (memory 30000)
		"huge": wasmText{memories: [][]byte{append([]byte{0}, wasmUint(30000)...)}}.encode(),
		// (memory 1) (data (i32.const 65535) "ab")
		"spill": wasmText{memories: [][]byte{{0, 1}}, data: [][]byte{slices.Concat([]byte{0}, wasmI32Const(65535), []byte{0x0b}, wasmName("ab"))}}.encode(),
	}
}

// wasmOptions give the samples as the Worker's modules.
func wasmOptions() Options {
	samples := wasmSamples()
	return Options{WasmModule: func(name string) ([]byte, bool) {
		binary, ok := samples[name]
		return binary, ok
	}}
}

// wasmPrelude makes the modules easy to use.
const wasmPrelude = `
const load = (name) => inside.wasmModule(name);
const exports = (name, imports) => new WebAssembly.Instance(load(name), imports).exports;
const fails = (fn) => { try { return ["no error", String(fn())] } catch (e) { return [e.constructor.name, e.message] } };
`

// runWasm runs cases that use the sample modules.
func runWasm(t *testing.T, cases []jsCase) {
	t.Helper()
	is := newIsolate(t, wasmOptions())
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := is.eval(t, wasmPrelude+c.body); !sameJSON(t, got, c.want) {
				t.Errorf("%s\n got %s\nwant %s", strings.TrimSpace(c.body), got, c.want)
			}
		})
	}
}

func TestWebAssemblyFunctionsConvertTheirValues(t *testing.T) {
	runWasm(t, []jsCase{
		{"integers wrap", `const { f } = exports("add"); return [f(1, 2), f(2 ** 31 - 1, 1), f(1.9, "2"), f(), f({ valueOf: () => 40 }, 2, 99)]`,
			`[3, -2147483648, 3, 0, 42]`},
		{"64-bit integers are bigints", `const { f } = exports("i64"); return [f(5n), f(-1n), f(2n ** 63n), f("12"), f(true)].map(String)`,
			`["5", "-1", "-9223372036854775808", "12", "1"]`},
		{"numbers are no bigints", `const { f } = exports("i64"); return [fails(() => f(5)), fails(() => f())]`,
			`[["TypeError", "Cannot convert 5 to a BigInt"], ["TypeError", "Cannot convert undefined to a BigInt"]]`},
		{"bigints are no numbers", `const { f } = exports("add"); return [fails(() => f(1n)), fails(() => f(Symbol(), 1))]`,
			`[["TypeError", "Cannot convert a BigInt value to a number"], ["TypeError", "Cannot convert a Symbol value to a number"]]`},
		{"floats keep their precision", `return [exports("f32").f(1.1), exports("f64").f(1.1), String(exports("f64").f(-0)), exports("f32").f(Infinity) === Infinity, Number.isNaN(exports("f64").f())]`,
			`[1.100000023841858, 1.1, "0", true, true]`},
		{"any value is a reference", `const { f } = exports("any"); const o = {}; return [f(o) === o, f(null), f() === undefined, f("x"), f(5), Number.isNaN(f(NaN))]`,
			`[true, null, true, "x", 5, true]`},
		{"functions of modules are references", `const { f } = exports("fun"); const g = exports("add").f; return [f(null), f(g) === g, f(g)(1, 2), fails(() => f(() => 1))]`,
			`[null, true, 3, ["TypeError", "type incompatibility when transforming from/to JS"]]`},
		{"several results are an array", `return exports("two").f()`, `[7, 0]`},
		{"a conversion may call compiled code", `const { f } = exports("add"); return f(1, { valueOf: () => f(20, 30) })`, `51`},
		{"functions look like V8's", `const { f } = exports("add"); return [f.name, f.length, String(f).replace(/\s+/g, " "), fails(() => new f())[0]]`,
			`["0", 2, "function 0() { [native code] }", "TypeError"]`},
	})
}

func TestWebAssemblyMemoryIsShared(t *testing.T) {
	runWasm(t, []jsCase{
		{"what compiled code writes, scripts see", `const m = exports("memory"); m.store(3, 200); const b = new Uint8Array(m.memory.buffer); b[4] = 7; return [b.length, b[3], m.load(4), String.fromCharCode(...b.subarray(8, 11))]`,
			`[65536, 200, 7, "hey"]`},
		{"the buffer is one until the memory grows", `const m = exports("memory"); const before = m.memory.buffer; return [before === m.memory.buffer, m.memory.grow(1), before.byteLength, m.memory.buffer.byteLength, m.load(8)]`,
			`[true, 1, 0, 131072, 104]`},
		{"compiled code can grow it", `const m = exports("memory"); const before = m.memory.buffer; return [m.grow(1), before.byteLength, m.grow(5), m.memory.buffer.byteLength, m.load(131071)]`,
			`[1, 0, -1, 131072, 0]`},
		{"it grows to its maximum", `const m = new WebAssembly.Memory({ initial: 1, maximum: 2 }); return [m.grow(1), fails(() => m.grow(1)), fails(() => m.grow(-1)), fails(() => m.grow())]`,
			`[1, ["RangeError", "WebAssembly.Memory.grow(): Maximum memory size exceeded"], ["TypeError", "WebAssembly.Memory.grow(): Argument 0 must be non-negative"], ["TypeError", "WebAssembly.Memory.grow(): Argument 0 must be convertible to a valid number"]]`},
		{"growing by nothing detaches too", `const m = new WebAssembly.Memory({ initial: 1 }); const before = m.buffer; m.grow(0); return [before.byteLength, m.buffer.byteLength]`, `[0, 65536]`},
		{"a script's memory can be imported", `const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 }); const m = exports("shares", { env: { memory } }); new Uint8Array(memory.buffer)[5] = 9; const seen = m.load(5); memory.grow(1); return [seen, m.load(5), m.memory === memory, m.load(70000)]`,
			`[9, 9, true, 0]`},
		{"so can another module's", `const a = exports("memory"); a.store(1, 33); const b = exports("shares", { env: { memory: a.memory } }); a.memory.grow(1); return [b.load(1), b.load(100000), b.memory === a.memory]`,
			`[33, 0, true]`},
		{"descriptors are checked", `return [undefined, {}, { initial: -1 }, { initial: 70000 }, { initial: 5, maximum: 2 }, { initial: "x" }].map((d) => fails(() => new WebAssembly.Memory(d)).join(": "))`,
			`["TypeError: WebAssembly.Memory(): Argument 0 must be a memory descriptor", "TypeError: WebAssembly.Memory(): Property 'initial' is required", "TypeError: WebAssembly.Memory(): Property 'initial' must be non-negative", "RangeError: WebAssembly.Memory(): Property 'initial': value 70000 is above the upper bound 65536", "RangeError: WebAssembly.Memory(): Property 'maximum': value 2 is below the lower bound 5", "TypeError: WebAssembly.Memory(): Property 'initial' must be convertible to a valid number"]`},
		{"a memory from nothing can grow", `const m = new WebAssembly.Memory({ initial: 0 }); const before = m.buffer.byteLength; m.grow(1); return [before, m.buffer.byteLength]`, `[0, 65536]`},
		{"data must fit", `return fails(() => exports("spill"))`, `["RuntimeError", "WebAssembly.Instance(): data segment is out of bounds"]`},
	})
}

func TestWebAssemblyImportsAreCalled(t *testing.T) {
	runWasm(t, []jsCase{
		{"with converted arguments", `const seen = []; const { f } = exports("callback", { env: { log(...args) { seen.push(...args.map(String), this === undefined); return "41" } } }); return [f(9), seen]`,
			`[41, ["9", "-1", "0", true]]`},
		{"and what they throw crosses unchanged", `class Mine extends Error {} const mine = new Mine("x"); const { f } = exports("callback", { env: { log() { throw mine } } }); try { f(1) } catch (e) { return [e === mine, f.name] }`,
			`[true, "1"]`},
		{"whatever it is", `const { f } = exports("callback", { env: { log() { throw undefined } } }); try { f(1) } catch (e) { return e === undefined }`, `true`},
		{"they can call back", `let depth = 0; const { f } = exports("callback", { env: { log(n) { return n === 0 ? 1 : n + f(n - 1) } } }); return f(10)`, `56`},
		{"an exception in the midst stops only what it passes", `const { f } = exports("callback", { env: { log(n) { if (n === 0) throw new Error("deep"); try { return f(n - 1) } catch { return 100 + n } } } }); return f(5)`, `101`},
		{"they may answer several values", `return [exports("pair", { env: { two: () => [1, 2n] } }).f().map(String), ...[1, [1], [1, 2n, 3]].map((r) => fails(() => exports("pair", { env: { two: () => r } }).f()))]`,
			`[["1", "2"], ["TypeError", "number 1 is not iterable (cannot read property Symbol(Symbol.iterator))"], ["TypeError", "multi-return length mismatch"], ["TypeError", "multi-return length mismatch"]]`},
		{"the start function runs at once", `let ran = 0; exports("start", { env: { start() { ran++ } } }); return [ran, fails(() => exports("start", { env: { start() { throw new SyntaxError("mine") } } }))]`,
			`[1, ["SyntaxError", "mine"]]`},
		{"a function of a script is exported as one of the module", `const log = () => 5; const a = exports("callback", { env: { log } }).log; const b = exports("callback", { env: { log: a } }).log; return [a === log, a === b, a(1, 2n, 3)]`,
			`[false, true, 5]`},
		{"without end is a RangeError", `let deep = 0; const { f } = exports("callback", { env: { log: (n) => { deep++; return f(n) } } }); return [fails(() => f(1)), deep > 100]`,
			`[["RangeError", "Maximum call stack size exceeded"], true]`},
	})
}

func TestWebAssemblyTraps(t *testing.T) {
	runWasm(t, []jsCase{
		{"have the words of V8", `return [
			fails(() => exports("trap").f()), fails(() => exports("divide").f(1, 0)),
			fails(() => exports("truncate").f(1e20)), fails(() => exports("memory").load(70000)), fails(() => exports("recurse").f()),
		].map((e) => e.join(": "))`,
			`["RuntimeError: unreachable", "RuntimeError: divide by zero", "RuntimeError: float unrepresentable in integer range", "RuntimeError: memory access out of bounds", "RangeError: Maximum call stack size exceeded"]`},
		{"leave the instance usable", `const m = exports("memory"); fails(() => m.load(70000)); return m.load(8)`, `104`},
		{"are errors", `const e = new WebAssembly.RuntimeError("m"); return [e instanceof Error, e.name, e.message, String(e), Object.prototype.toString.call(e), Object.getPrototypeOf(WebAssembly.RuntimeError) === Error]`,
			`[true, "RuntimeError", "m", "RuntimeError: m", "[object Error]", true]`},
	})
}

func TestWebAssemblyTables(t *testing.T) {
	runWasm(t, []jsCase{
		{"hold functions", `const { table, call } = exports("table"); return [table.length, table.get(0)(), table.get(1)(20, 3), table.get(2), call(0), table.get(0) === table.get(0)]`,
			`[3, 7, 23, null, 7, true]`},
		{"call nothing else", `const { call } = exports("table"); return [fails(() => call(1)), fails(() => call(2))].map((e) => e[0])`,
			`["RuntimeError", "RuntimeError"]`},
		{"are shared", `const table = new WebAssembly.Table({ initial: 2, maximum: 5, element: "anyfunc" }); const { call } = exports("user", { env: { table } }); table.set(1, exports("add").f); const first = call(1); table.set(1, exports("divide").f); return [first, call(1), table.get(1)(9, 3)]`,
			`[23, 6, 3]`},
		{"grow", `const table = new WebAssembly.Table({ initial: 2, maximum: 3, element: "anyfunc" }); const { f } = exports("add"); return [table.grow(1, f), table.length, table.get(2) === f, fails(() => table.grow(5)), fails(() => table.grow(0, 3))]`,
			`[2, 3, true, ["RangeError", "WebAssembly.Table.grow(): failed to grow table by 5"], ["TypeError", "WebAssembly.Table.grow(): Argument 1 is invalid: function-typed object must be null (if nullable) or a Wasm function object"]]`},
		{"hold anything", `const table = new WebAssembly.Table({ initial: 2, element: "externref" }); const before = table.get(0) === undefined; const o = {}; table.set(0, o); table.set(1, null); return [before, table.get(0) === o, table.get(1), table.grow(1, "q"), table.get(2)]`,
			`[true, true, null, 2, "q"]`},
		{"check their arguments", `const table = new WebAssembly.Table({ initial: 2, element: "anyfunc" }); return [fails(() => table.get(2)), fails(() => table.get(-1)), fails(() => table.get()), fails(() => table.set(0, () => 1)), fails(() => table.set(5, null)), fails(() => new WebAssembly.Table({ initial: 1 })), fails(() => new WebAssembly.Table({ element: "anyfunc" }))].map((e) => e.join(": "))`,
			`["RangeError: WebAssembly.Table.get(): invalid address 2 in funcref table of size 2", "TypeError: WebAssembly.Table.get(): Argument 0 must be non-negative", "TypeError: WebAssembly.Table.get(): Argument 0 must be convertible to a valid number", "TypeError: WebAssembly.Table.set(): Argument 1 is invalid for table: function-typed object must be null (if nullable) or a Wasm function object", "RangeError: WebAssembly.Table.set(): invalid address 5 in funcref table of size 2", "TypeError: WebAssembly.Table(): Descriptor property 'element' must be a WebAssembly reference type", "TypeError: WebAssembly.Table(): Property 'initial' is required"]`},
	})
}

func TestWebAssemblyGlobals(t *testing.T) {
	runWasm(t, []jsCase{
		{"of a module", `const { count, bump } = exports("globals", { env: { base: 11 } }); const before = String(count.value); const base = bump(); count.value += 10n; return [before, base, String(count.value), String(count.valueOf())]`,
			`["5", 11, "16", "16"]`},
		{"of a script", `const cell = new WebAssembly.Global({ value: "i32", mutable: true }, 3); const { set } = exports("cell", { env: { cell } }); const before = cell.value; set(-9); return [before, cell.value]`,
			`[3, -9]`},
		{"of every type", `const { f } = exports("add"); const made = (value, ...init) => new WebAssembly.Global({ value }, ...init).value; return [made("i32"), made("i32", -7.5), String(made("i64")), String(made("i64", -5n)), made("f32", 1.1), made("f64", 1.1), made("externref") === undefined, made("externref", null), made("externref", "s"), made("anyfunc"), made("anyfunc", f) === f]`,
			`[0, -7, "0", "-5", 1.100000023841858, 1.1, true, null, "s", null, true]`},
		{"immutable ones can be imported", `const base = new WebAssembly.Global({ value: "i32" }, 77); return exports("globals", { env: { base } }).bump()`, `77`},
		{"check what they are given", `const g = new WebAssembly.Global({ value: "i32" }); return [fails(() => { g.value = 2 }), fails(() => new WebAssembly.Global({ value: "i64" }, 5)), fails(() => new WebAssembly.Global({})), fails(() => new WebAssembly.Global()), fails(() => new WebAssembly.Global({ value: "anyfunc" }, () => 1)), fails(() => new WebAssembly.Global({ value: "v128" }))].map((e) => e.join(": "))`,
			`["TypeError: set WebAssembly.Global.value): Can't set the value of an immutable global.", "TypeError: Cannot convert 5 to a BigInt", "TypeError: WebAssembly.Global(): Descriptor property 'value' must be a WebAssembly type", "TypeError: WebAssembly.Global(): Argument 0 must be a global descriptor", "TypeError: WebAssembly.Global(): function-typed object must be null (if nullable) or a Wasm function object", "TypeError: WebAssembly.Global(): A global of type 'v128' cannot be created in JavaScript"]`},
	})
}

func TestWebAssemblyLinksWhatFits(t *testing.T) {
	instance := `const link = (name, ...imports) => fails(() => new WebAssembly.Instance(load(name), ...imports)).join(": ").replace("WebAssembly.Instance(): ", "");`
	runWasm(t, []jsCase{
		{"functions", instance + `return [link("callback"), link("callback", 1), link("callback", {}), link("callback", { env: {} }), link("callback", { env: { log: exports("add").f } })]`,
			`["TypeError: Imports argument must be present and must be an object", "TypeError: Argument 1 must be an object", "TypeError: Import #0 \"env\": module is not an object or function", "LinkError: Import #0 \"env\" \"log\": function import requires a callable", "LinkError: Import #0 \"env\" \"log\": imported function does not match the expected type"]`},
		{"memories", instance + `return [1, new WebAssembly.Memory({ initial: 0 }), new WebAssembly.Memory({ initial: 2 }), new WebAssembly.Memory({ initial: 2, maximum: 9 })].map((memory) => link("shares", { env: { memory } }))`,
			`["LinkError: Import #0 \"env\" \"memory\": memory import must be a WebAssembly.Memory object", "LinkError: Import #0 \"env\" \"memory\": memory import has 0 pages which is smaller than the declared initial of 1", "LinkError: Import #0 \"env\" \"memory\": memory import has no maximum limit, expected at most 4294967295", "LinkError: Import #0 \"env\" \"memory\": memory import has a larger maximum size 9 than the module's declared maximum 4"]`},
		{"tables", instance + `const T = (d) => new WebAssembly.Table({ element: "anyfunc", ...d }); return [1, T({ initial: 1 }), T({ initial: 2 }), T({ initial: 2, maximum: 9 }), T({ initial: 2, maximum: 5, element: "externref" })].map((table) => link("user", { env: { table } }))`,
			`["LinkError: Import #0 \"env\" \"table\": table import requires a WebAssembly.Table", "LinkError: table import 0 is smaller than initial 2, got 1", "LinkError: table import 0 has no maximum length; required: 5", "LinkError: table import 0 has a larger maximum size 9 than the module's declared maximum 5", "LinkError: Import #0 \"env\" \"table\": imported table does not match the expected type"]`},
		{"globals", instance + `return [undefined, 5n, new WebAssembly.Global({ value: "i64" }), new WebAssembly.Global({ value: "i32", mutable: true })].map((base) => link("globals", { env: { base } })).concat(link("cell", { env: { cell: 1 } }))`,
			`["LinkError: Import #0 \"env\" \"base\": global import must be a number, valid Wasm reference, or WebAssembly.Global object", "LinkError: Import #0 \"env\" \"base\": global import must be a number, valid Wasm reference, or WebAssembly.Global object", "LinkError: Import #0 \"env\" \"base\": imported global does not match the expected type", "LinkError: Import #0 \"env\" \"base\": imported global does not match the expected mutability", "LinkError: Import #0 \"env\" \"cell\": imported mutable global must be a WebAssembly.Global object"]`},
		{"for instantiate too", `const e = async (...a) => { try { return await WebAssembly.instantiate(...a) } catch (e) { return e.constructor.name + ": " + e.message } }; return [await e(load("callback")), await e(load("callback"), { env: {} }), await e(5), (await e(load("add"))).exports.f(1, 2)]`,
			`["TypeError: WebAssembly.instantiate(): Imports argument must be present and must be an object", "LinkError: WebAssembly.instantiate(): Import #0 \"env\" \"log\": function import requires a callable", "TypeError: WebAssembly.instantiate(): Argument 0 must be a buffer source or a WebAssembly.Module object", 3]`},
	})
}

func TestWebAssemblyModules(t *testing.T) {
	runWasm(t, []jsCase{
		{"tell their imports and exports", `return [WebAssembly.Module.imports(load("callback")), WebAssembly.Module.exports(load("memory"))]`,
			`[[{"module": "env", "name": "log", "kind": "function"}], [{"name": "memory", "kind": "memory"}, {"name": "load", "kind": "function"}, {"name": "store", "kind": "function"}, {"name": "grow", "kind": "function"}]]`},
		{"give their custom sections", `const text = (name) => WebAssembly.Module.customSections(load("custom"), name).map((b) => new TextDecoder().decode(b)); return [text("note"), text("none"), fails(() => WebAssembly.Module.customSections(load("custom")))]`,
			`[["one", "three"], [], ["TypeError", "WebAssembly.Module.customSections(): Argument 1 is required"]]`},
		{"cannot be made of bytes", `const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]); const e = async (p) => { try { return await p() } catch (e) { return e.constructor.name + ": " + e.message } }; return [await e(() => new WebAssembly.Module(bytes)), await e(() => WebAssembly.compile(bytes)), await e(() => WebAssembly.instantiate(bytes)), await e(() => WebAssembly.compile(5)), WebAssembly.validate(bytes), WebAssembly.validate(bytes.subarray(2)), await e(() => WebAssembly.validate())]`,
			`["CompileError: WebAssembly.Module(): Wasm code generation disallowed by embedder", "CompileError: WebAssembly.compile(): Wasm code generation disallowed by embedder", "CompileError: WebAssembly.instantiate(): Wasm code generation disallowed by embedder", "CompileError: WebAssembly.compile(): Wasm code generation disallowed by embedder", true, false, "TypeError: WebAssembly.validate(): Argument 0 must be a buffer source"]`},
		{"cannot be cloned", `return [load("add"), exports("add").f, new WebAssembly.Memory({ initial: 1 })].map((x) => { try { structuredClone(x); return "cloned" } catch (e) { return [e.name, e.message.replace(/\s+/g, " ")] } })`,
			`[["Error", "Unable to deserialize cloned data."], ["DataCloneError", "function 0() { [native code] } could not be cloned."], ["DataCloneError", "#<Memory> could not be cloned."]]`},
		{"have the classes of V8", `return [Object.getOwnPropertyNames(WebAssembly).sort(), Object.prototype.toString.call(WebAssembly), Object.prototype.toString.call(load("add")), Object.getOwnPropertyNames(WebAssembly.Memory.prototype), Object.isFrozen(exports("add")), Object.getPrototypeOf(exports("add"))]`,
			`[["CompileError", "Exception", "Global", "Instance", "JSTag", "LinkError", "Memory", "Module", "RuntimeError", "SuspendError", "Suspending", "Table", "Tag", "compile", "instantiate", "promising", "validate"], "[object WebAssembly]", "[object WebAssembly.Module]", ["constructor", "grow", "buffer"], true, null]`},
	})
}

func TestWebAssemblyNobodyCanReachIsFreed(t *testing.T) {
	is := newIsolate(t, wasmOptions())
	is.eval(t, wasmPrelude+`globalThis.env = { table: new WebAssembly.Table({ initial: 2, maximum: 5, element: "anyfunc" }), log: () => 1 };
		globalThis.modules = [load("memory"), load("user"), load("callback"), load("table")]`)
	var most int64
	for range 40 {
		is.eval(t, `for (let i = 0; i < 5; i++) {
			const env = { ...globalThis.env, table: new WebAssembly.Table({ initial: 2, maximum: 5, element: "anyfunc" }) };
			const made = globalThis.modules.map((m) => new WebAssembly.Instance(m, { env }).exports);
			env.table.set(0, made[2].f); made[3].table.get(0)(); new WebAssembly.Memory({ initial: 16 }).buffer;
		}`)
		used := make(chan int64, 1)
		is.loop.Post(func() { used <- is.loop.VM().Memory().Used })
		most = max(most, <-used)
	}
	if most > 128<<20 {
		t.Errorf("held %d MiB at most, of 200 instances", most>>20)
	}
}

func TestWebAssemblyLinkedWithSomethingReachableStays(t *testing.T) {
	is := newIsolate(t, wasmOptions())
	is.eval(t, wasmPrelude+`
		globalThis.table = new WebAssembly.Table({ initial: 2, maximum: 5, element: "anyfunc" });
		globalThis.call = exports("user", { env: { table } }).call;
		globalThis.table.set(1, exports("callback", { env: { log: (n) => n + 1 } }).f);
		globalThis.table.set(0, exports("add").f);
		globalThis.view = new Uint8Array(exports("memory").memory.buffer)`)
	for range 3 {
		is.eval(t, `1`)
		done := make(chan error, 1)
		is.loop.Post(func() {
			is.loop.VM().CollectGarbage()
			done <- is.loop.VM().Drain()
		})
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if got := is.eval(t, `return [call(0), table.get(1)(7), String.fromCharCode(...view.subarray(8, 11))]`); got != `[23,8,"hey"]` {
		t.Errorf("got %s", got)
	}
}

func TestWebAssemblyForgetsValuesItDoesNotHold(t *testing.T) {
	runWasm(t, []jsCase{{"but keeps those in tables and globals", `
		const table = new WebAssembly.Table({ initial: 2, element: "externref" }); const kept = {}; table.set(1, kept);
		const cell = new WebAssembly.Global({ value: "externref", mutable: true }, "kept too");
		const own = exports("keeper"); own.set("in a table of its own");
		const { f } = exports("any"); let alive = 0;
		const gone = new FinalizationRegistry(() => alive--);
		for (let i = 0; i < 10000; i++) { const o = { i }; alive++; gone.register(o); if (f(o) !== o) throw new Error("another value"); }
		await null;
		return [table.get(1) === kept, cell.value, own.get(), alive < 5000]`, `[true, "kept too", "in a table of its own", true]`}})
}

func TestWebAssemblyMemoryCountsAgainstTheLimit(t *testing.T) {
	is := newIsolateWith(t, engine.Options{MemoryLimit: 64 << 20}, wasmOptions())
	got := is.eval(t, wasmPrelude+`const m = new WebAssembly.Memory({ initial: 1 }); return [fails(() => m.grow(2000)), m.grow(100), fails(() => new WebAssembly.Memory({ initial: 2000 })), fails(() => exports("huge"))]`)
	want := `[["RangeError","WebAssembly.Memory.grow(): Unable to grow instance memory"],1,["RangeError","WebAssembly.Memory(): could not allocate memory"],["RangeError","WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance"]]`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestRunawayWebAssemblyIsInterrupted(t *testing.T) {
	for name, argument := range map[string]string{"forever": "", "explode": "60"} {
		t.Run(name, func(t *testing.T) {
			is := newIsolate(t, wasmOptions())
			is.eval(t, wasmPrelude+`globalThis.run = exports("`+name+`").f; globalThis.memory = exports("memory")`)
			uncaught := make(chan error, 1)
			is.loop.Post(func() {
				is.sources["runaway.js"] = `try { run(` + argument + `) } catch { globalThis.caught = true }`
				time.AfterFunc(50*time.Millisecond, func() { is.loop.VM().Interrupt("took too long") })
				_, err := is.loop.VM().Import("runaway.js", "run")
				uncaught <- err
			})
			var e *engine.Exception
			if err := <-uncaught; !errors.As(err, &e) || e.Message != "interrupted" {
				t.Errorf("ended with %v, want an interruption", err)
			}
			if got := is.eval(t, `return [globalThis.caught === undefined, memory.load(8)]`); got != "[true,104]" {
				t.Errorf("afterwards %s, want an isolate in order", got)
			}
		})
	}
}
