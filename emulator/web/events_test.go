package web

import "testing"

func TestEventsReachTheirListeners(t *testing.T) {
	runCases(t, []jsCase{
		{"once and detail", `const t = new EventTarget(), o = []; t.addEventListener("x", e => o.push([e.type, e.target === t, e.detail]), { once: true }); t.dispatchEvent(new CustomEvent("x", { detail: 5 })); t.dispatchEvent(new Event("x")); return o`,
			`[["x", true, 5]]`},
		{"a listener is added once", `const t = new EventTarget(); let n = 0; const f = () => { n++ }; t.addEventListener("x", f); t.addEventListener("x", f); t.dispatchEvent(new Event("x")); return n`, `1`},
		{"an object's handleEvent is called on it", `const t = new EventTarget(); const o = { n: 0, handleEvent() { this.n++ } }; t.addEventListener("x", o); t.dispatchEvent(new Event("x")); return o.n`, `1`},
		{"handlers of the on- kind come first", `const t = new EventTarget(), o = []; t.addEventListener("x", () => { o.push(2) }); t.onx = () => { o.push(1) }; t.dispatchEvent(new Event("x")); return o`, `[1, 2]`},
		{"removed while dispatching is not called", `const t = new EventTarget(), o = []; const b = () => { o.push("b") }; t.addEventListener("x", () => { o.push("a"); t.removeEventListener("x", b) }); t.addEventListener("x", b); t.dispatchEvent(new Event("x")); return o`, `["a"]`},
		{"a signal removes a listener", `const t = new EventTarget(), c = new AbortController(); let n = 0; t.addEventListener("x", () => { n++ }, { signal: c.signal }); t.dispatchEvent(new Event("x")); c.abort(); t.dispatchEvent(new Event("x")); return n`, `1`},
		{"preventDefault needs a cancelable event", `const t = new EventTarget(); t.addEventListener("x", e => { e.preventDefault() }); return [t.dispatchEvent(new Event("x")), t.dispatchEvent(new Event("x", { cancelable: true }))]`, `[true, false]`},
		{"an error leaves dispatchEvent", `const t = new EventTarget(); t.addEventListener("x", () => { throw new Error("l") }); try { t.dispatchEvent(new Event("x")) } catch (e) { return e.message }`, `"l"`},
		{"the global object is a target", `let got; addEventListener("x", e => { got = e.target === globalThis }); dispatchEvent(new Event("x")); return got`, `true`},
		{"capture is refused", `try { new EventTarget().addEventListener("x", () => {}, true) } catch (e) { return e.message }`, `"addEventListener(): useCapture must be false."`},
		{"an event is not dispatched twice at once", `const t = new EventTarget(); let m; t.addEventListener("x", e => { try { t.dispatchEvent(e) } catch (x) { m = [x.name, x.message] } }); t.dispatchEvent(new Event("x")); return m`, `["InvalidStateError", "The event is already being dispatched."]`},
		{"message events hold their data as own properties", `const e = new MessageEvent("message", { data: 1 }); return [e.data, Object.keys(e).includes("data"), e instanceof Event]`, `[1, true, true]`},
		{"a subclass can be a target", `class T extends EventTarget { #x = 1; get x() { return this.#x } } const t = new T(); let n; t.addEventListener("x", function (e) { n = this.x }); t.dispatchEvent(new Event("x")); return n`, `1`},
	})
}

func TestAbortSignals(t *testing.T) {
	runCases(t, []jsCase{
		{"any follows its sources", `const a = new AbortController(); const s = AbortSignal.any([a.signal]); a.abort("r"); return [s.aborted, s.reason]`, `[true, "r"]`},
		{"the default reason", `const r = AbortSignal.abort().reason; return [r.name, r.message, r.code, r.retryable]`, `["AbortError", "The operation was aborted", 20, true]`},
		{"a timeout aborts", `const s = AbortSignal.timeout(1); await new Promise(r => s.addEventListener("abort", () => r())); return [s.reason.name, s.reason.message]`, `["TimeoutError", "The operation was aborted due to timeout"]`},
		{"throwIfAborted throws the reason", `const c = new AbortController(); c.signal.throwIfAborted(); c.abort(7); try { c.signal.throwIfAborted() } catch (e) { return e }`, `7`},
		{"onabort is called", `const c = new AbortController(); let n = 0; c.signal.onabort = () => { n++ }; c.abort(); c.abort(); return n`, `1`},
		{"signals are not made by hand", `try { new AbortSignal() } catch (e) { return e.message }`, `"Illegal constructor"`},
	})
}
