package web

import "testing"

func TestStructuredClone(t *testing.T) {
	runCases(t, []jsCase{
		{"plain data", `const v = { a: [1, , "x"], m: new Map([[1, new Set([2])]]), d: new Date(5), u: new Uint8Array([1, 2]), n: -0, b: 1n << 70n }; v.self = v; const c = structuredClone(v); return [c.self === c, c !== v, c.m.get(1).has(2), c.d.getTime(), [...c.u], Object.is(c.n, -0), c.b === 1n << 70n, 1 in c.a]`,
			`[true, true, true, 5, [1, 2], true, true, false]`},
		{"errors", `const c = structuredClone(Object.assign(new RangeError("m", { cause: "c" }), { code: 1 })); return [c instanceof RangeError, c.message, c.cause]`, `[true, "m", "c"]`},
		{"DOMExceptions", `const c = structuredClone(new DOMException("m", "AbortError")); return [c instanceof DOMException, c.name, c.message, c.code]`, `[true, "AbortError", "m", 20]`},
		{"transfer", `const b = new ArrayBuffer(2); const c = structuredClone(b, { transfer: [b] }); return [b.byteLength, c.byteLength]`, `[0, 2]`},
		{"what has no clone", `class Foo {} return [() => 1, Symbol("s"), Promise.resolve(), new WeakMap(), (function* () {})(), new URL("http://x"), (function () { return arguments })(1), { f() { return 1; } }].map(v => { try { structuredClone(v); return "cloned" } catch (e) { return e.name + ": " + e.message } })`,
			`["DataCloneError: () => 1 could not be cloned.", "DataCloneError: Symbol(s) could not be cloned.", "DataCloneError: #<Promise> could not be cloned.", "DataCloneError: #<WeakMap> could not be cloned.", "DataCloneError: [object Generator] could not be cloned.", "DataCloneError: Could not serialize object of type \"URL\". This type does not support serialization.", "DataCloneError: #<Object> could not be cloned.", "DataCloneError: f() { return 1; } could not be cloned."]`},
		{"instances of classes become plain", `class Foo { x = 1 } const c = structuredClone(new Foo()); return [c, Object.getPrototypeOf(c) === Object.prototype]`, `[{"x": 1}, true]`},
		{"message channels clone and keep order", `const { port1, port2 } = new MessageChannel(); const o = []; port2.postMessage({ a: 1 }); port2.postMessage([2]); return new Promise(r => { port1.onmessage = e => { o.push(e.data); if (o.length === 2) r(o) } })`, `[{"a": 1}, [2]]`},
	})
}
