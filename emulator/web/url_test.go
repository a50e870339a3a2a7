package web

import (
	"testing"

	"github.com/nlnwa/whatwg-url/url"
)

func TestURLs(t *testing.T) {
	runCases(t, []jsCase{
		{"parts", `const u = new URL("http://user:p@EXAMPLE.com:8080/a/../b?x=1#y"); return [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash]`,
			`["http://user:p@example.com:8080/b?x=1#y", "http://example.com:8080", "http:", "user", "p", "example.com:8080", "example.com", "8080", "/b", "?x=1", "#y"]`},
		{"a relative URL", `return new URL("../c?d", "https://a/x/y/z").href`, `"https://a/x/c?d"`},
		{"an invalid one", `try { new URL("http://ex ample/") } catch (e) { return [e.constructor.name, e.message] }`, `["TypeError", "Invalid URL string."]`},
		{"canParse and parse", `return [URL.canParse("nope"), URL.parse("nope"), URL.canParse("/x", "http://h"), URL.parse("http://h").href]`, `[false, null, true, "http://h/"]`},
		{"setters change the other parts", `const u = new URL("http://h/"); u.pathname = "/p q"; u.search = "a=1"; u.hash = "z"; u.port = "81"; u.protocol = "https"; u.hostname = "x.y"; return u.href`, `"https://x.y:81/p%20q?a=1#z"`},
		{"parameters write through", `const u = new URL("http://h/?a=1"); u.searchParams.append("b", "2 3"); u.searchParams.delete("a"); return [u.href, u.search]`, `["http://h/?b=2+3", "?b=2+3"]`},
		{"parameters follow the query", `const u = new URL("http://h/?a=1"); const p = u.searchParams; u.search = "?c=4"; return [p.get("a"), p.get("c"), p === u.searchParams]`, `[null, "4", true]`},
		{"an emptied query loses its mark", `const u = new URL("http://h/?a=1"); u.searchParams.delete("a"); return u.href`, `"http://h/"`},
		{"international names", `return new URL("http://日本.jp/").href`, `"http://xn--wgv71a.jp/"`},
		{"opaque origins", `return [new URL("data:text/plain,hi").origin, new URL("file:///a").origin]`, `["null", "null"]`},
		{"JSON", `return JSON.stringify({ u: new URL("http://h/p") })`, `"{\"u\":\"http://h/p\"}"`},
	})
}

func TestURLSearchParams(t *testing.T) {
	runCases(t, []jsCase{
		{"as the platform answers", `const u = new URLSearchParams("a=1&b=2&a=3&c=%20+"); return [u.getAll("a"), u.toString(), u.size, [...u], u.has("a", "3")]`,
			`[["1", "3"], "a=1&b=2&a=3&c=++", 4, [["a", "1"], ["b", "2"], ["a", "3"], ["c", "  "]], true]`},
		{"from a record and from pairs", `return [String(new URLSearchParams({ a: 1, b: "é" })), String(new URLSearchParams([["x", "y"], ["x", "z"]]))]`, `["a=1&b=%C3%A9", "x=y&x=z"]`},
		{"a leading mark is dropped", `return new URLSearchParams("?a=b").get("a")`, `"b"`},
		{"set replaces all, delete can be choosy", `const u = new URLSearchParams("a=1&a=2&b=3&a=4"); u.set("a", "9"); const s = String(u); u.append("a", "8"); u.delete("a", "9"); return [s, String(u)]`, `["a=9&b=3", "b=3&a=8"]`},
		{"sort is stable", `const u = new URLSearchParams("b=1&a=2&b=0"); u.sort(); return String(u)`, `"a=2&b=1&b=0"`},
		{"what is no escape stays", `return [...new URLSearchParams("a=%zz&b=%&c=%ff&d=%E2%82%AC")]`, `[["a", "%zz"], ["b", "%"], ["c", "\ufffd"], ["d", "€"]]`},
		{"characters outside the safe set are escaped", `return String(new URLSearchParams({ a: "!'()~*-._ &=\ud800" }))`, `"a=%21%27%28%29%7E*-._+%26%3D%EF%BF%BD"`},
		{"forEach gives value, name, params", `const o = []; const u = new URLSearchParams("a=1"); u.forEach((v, n, p) => o.push(v, n, p === u)); return o`, `["1", "a", true]`},
		{"entries is the iterator", `return URLSearchParams.prototype.entries === URLSearchParams.prototype[Symbol.iterator]`, `true`},
	})
}

// The short way through common URLs must never answer differently.
func FuzzSimpleURLsParseLikeAll(f *testing.F) {
	for _, seed := range []string{
		"http://a/", "https://example.com/a/b?c=d", "http://127.0.0.1:8787/x", "http://h:80/", "http://1.2.3/", "http://a/./b",
		"http://a/b?", "http://a/b?c?d", "http://a..b/", "http://h:0/", "http://xn--a/", "http://a.1/", "http://a/?.", "http://0x7f.1/", "http://a/.b/..", "http://a.b./",
	} {
		f.Add(seed)
	}
	parser := url.NewParser()
	f.Fuzz(func(t *testing.T, text string) {
		short := parseSimpleURL(text)
		if short == nil {
			return
		}
		u, err := parser.Parse(text)
		if err != nil {
			t.Fatalf("%q is taken for a URL: %v", text, err)
		}
		for i, want := range urlParts(parser, u) {
			if short[i] != want {
				t.Errorf("%q: part %d is %q, want %q", text, i, short[i], want)
			}
		}
	})
}
