package web

import "testing"

func TestURLPattern(t *testing.T) {
	runCases(t, []jsCase{
		{"names a segment", `return new URLPattern({ pathname: "/a/:id" }).exec("http://x/a/5").pathname`, `{"input": "/a/5", "groups": {"id": "5"}}`},
		{"modifiers", `const p = new URLPattern({ pathname: "/f/:x?" }), q = new URLPattern({ pathname: "/f/:x+" }), r = new URLPattern({ pathname: "/f/:x*" }); const on = p => ["/f", "/f/", "/f/a", "/f/a/b"].map(s => p.test({ pathname: s })); return [on(p), on(q), on(r)]`,
			`[[true, false, true, false], [false, false, true, true], [true, false, true, true]]`},
		{"wildcards and groups", `const p = new URLPattern({ pathname: "/*.{png,}?/(\\d+)" }); return [new URLPattern({ pathname: "/img/*" }).exec("http://x/img/a/b").pathname.groups[0], new URLPattern({ pathname: "/n/(\\d+)" }).test("http://x/n/12"), new URLPattern({ pathname: "/n/(\\d+)" }).test("http://x/n/a"), new URLPattern({ pathname: "/b{ook}?s" }).test("http://x/bs")]`,
			`["a/b", true, false, true]`},
		{"a whole URL", `const p = new URLPattern("https://*.example.com/:path*\\?q=:q#:h"); const m = p.exec("https://api.example.com/a/b?q=1#top"); return [p.protocol, p.hostname, p.pathname, p.search, m.hostname.groups[0], m.pathname.groups.path, m.search.groups.q, m.hash.groups.h, p.test("http://api.example.com/")]`,
			`["https", "*.example.com", "/:path*", "q=:q", "api", "a/b", "1", "top", false]`},
		{"a base URL", `const p = new URLPattern("/books/:id", "https://example.com"); return [p.test("https://example.com/books/1"), p.test("https://other.com/books/1"), p.port, p.search]`, `[true, false, "", "*"]`},
		{"case", `return [new URLPattern({ pathname: "/A" }, { ignoreCase: true }).test("http://x/a"), new URLPattern({ pathname: "/A" }).test("http://x/a")]`, `[true, false]`},
		{"canonical forms", `const p = new URLPattern({ protocol: "https", port: "443", pathname: "/caf\u00e9" }); return [p.port, p.pathname, p.test("https://h/caf%C3%A9"), p.hasRegExpGroups]`, `["", "/caf%C3%A9", true, false]`},
		{"a missing group is undefined", `return "x" in new URLPattern({ pathname: "/f/:x?" }).exec("http://h/f").pathname.groups && new URLPattern({ pathname: "/f/:x?" }).exec("http://h/f").pathname.groups.x === undefined`, `true`},
		{"malformed patterns throw", `return ["/(", "/:a/:a", "/{a"].map(pathname => { try { new URLPattern({ pathname }); return "made" } catch (e) { return e.name } })`, `["TypeError", "TypeError", "TypeError"]`},
		{"no match is null", `return [new URLPattern({ pathname: "/a" }).exec("http://x/b"), new URLPattern({ pathname: "/a" }).test("not a URL")]`, `[null, false]`},
	})
}

func TestJSONErrorsAreWordedAsV8s(t *testing.T) {
	runCases(t, []jsCase{
		{"by what was expected", `return ['', '{bad', '{"a":1,}', '[1 2]', '{"a" 1}', '{"a":1 "b"}', '"abc', '1 2'].map(s => { try { JSON.parse(s) } catch (e) { return e.message } })`,
			`["Unexpected end of JSON input", "Expected property name or '}' in JSON at position 1 (line 1 column 2)", "Expected double-quoted property name in JSON at position 7 (line 1 column 8)", "Expected ',' or ']' after array element in JSON at position 3 (line 1 column 4)", "Expected ':' after property name in JSON at position 5 (line 1 column 6)", "Expected ',' or '}' after property value in JSON at position 7 (line 1 column 8)", "Unterminated string in JSON at position 4 (line 1 column 5)", "Unexpected non-whitespace character after JSON at position 2 (line 1 column 3)"]`},
		{"or by what stands there", `return ['<html>', 'undefined', '[1,]'].map(s => { try { JSON.parse(s) } catch (e) { return [e.message, e instanceof SyntaxError, Object.keys(e).length] } })`,
			`[["Unexpected token '<', \"<html>\" is not valid JSON", true, 0], ["\"undefined\" is not valid JSON", true, 0], ["Unexpected token ']', \"[1,]\" is not valid JSON", true, 0]]`},
		{"revivers still work", `return JSON.parse('{"a":[1,2]}', (k, v) => typeof v === "number" ? v * 2 : v)`, `{"a": [2, 4]}`},
	})
}

func TestCodeFromStringsIsRefused(t *testing.T) {
	runCases(t, []jsCase{
		{"in a handler", `return [() => eval("1"), () => new Function("return 1"), () => (async () => {}).constructor("return 1")].map(f => { try { return f() } catch (e) { return e.name + ": " + e.message } })`,
			`["EvalError: Code generation from strings disallowed for this context", "EvalError: Code generation from strings disallowed for this context", "EvalError: Code generation from strings disallowed for this context"]`},
		{"functions are still functions", `return [(() => {}) instanceof Function, Function.prototype === Object.getPrototypeOf(() => {})]`, `[true, true]`},
	})
}
