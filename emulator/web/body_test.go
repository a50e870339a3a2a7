package web

import (
	"fmt"
	"strings"
	"testing"
)

func TestHeaders(t *testing.T) {
	runCases(t, []jsCase{
		{"names are compared without case and values joined", `
			const x = new Headers(); x.append("A-b", "1"); x.append("a-B", "2"); return [[...x], x.get("A-B"), x.has("a-b")];`,
			`[[["a-b","1, 2"]],"1, 2",true]`},
		{"iteration is sorted", `return [[...new Headers({ z: "1", a: "2", M: "3" }).keys()]];`, `[["a","m","z"]]`},
		{"cookies stay apart", `
			const x = new Headers(); x.append("set-cookie", "a=1"); x.append("set-cookie", "b=2");
			return [x.get("set-cookie"), x.getSetCookie(), x.getAll("Set-Cookie"), [...x]];`,
			`["a=1, b=2",["a=1","b=2"],["a=1","b=2"],[["set-cookie","a=1"],["set-cookie","b=2"]]]`},
		{"values are trimmed and undefined is a word", `return [new Headers({ a: "  x\t" }).get("a"), new Headers({ a: undefined }).get("a")];`, `["x","undefined"]`},
		{"wrong names and values are refused", `
			const out = []; for (const f of [() => new Headers({ a: "x\ny" }), () => new Headers({ "a b": "x" }), () => new Headers([["a"]]), () => new Headers().getAll("x")])
				try { f(); } catch (e) { out.push(e.message); } return out;`,
			`["Invalid header value.","Invalid header name.","To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.","getAll() can only be used with the header name \"Set-Cookie\"."]`},
		{"headers of a request from outside cannot be changed", `
			const r = inside.requestFromHost("GET", "http://x/", "a\n1\nset-cookie\nb=2\nset-cookie\nc=3", undefined, 0, "");
			try { r.headers.set("a", "b"); } catch (e) { return [e.message, [...r.headers]]; }`,
			`["Can't modify immutable headers.",[["a","1"],["set-cookie","b=2"],["set-cookie","c=3"]]]`},
		{"a copy can be changed", `
			const r = inside.requestFromHost("GET", "http://x/", "a\n1", undefined, 0, ""); const c = new Request(r); c.headers.set("a", "2");
			return [r.headers.get("a"), c.headers.get("a"), r.clone().headers.get("a")];`, `["1","2","1"]`},
		{"delete and set replace all values", `
			const x = new Headers([["a", "1"], ["a", "2"], ["b", "3"]]); x.set("a", "4"); x.delete("B"); return [...x];`, `[["a","4"]]`},
		{"a method of another object is refused", `
			try { Headers.prototype.get.call({}, "x"); } catch (e) { return e.message.slice(0, 18); }`, `"Illegal invocation"`},
	})
}

func TestBodies(t *testing.T) {
	runCases(t, []jsCase{
		{"every way to read", `
			const r = () => new Response('{"a":1}', { headers: { "content-type": "application/json" } });
			const b = await r().blob();
			return [await r().text(), await r().json(), (await r().arrayBuffer()).byteLength, [...(await r().bytes())].length, b.size, b.type];`,
			`["{\"a\":1}",{"a":1},7,7,7,"application/json"]`},
		{"reading twice is refused", `
			const r = new Response("a"); await r.text(); return [r.bodyUsed, await r.text().catch(e => e.message)];`,
			`[true,"Body has already been used. It can only be used once. Use tee() first if you need to read it twice."]`},
		{"a body that a reader holds cannot be read", `
			const r = new Response("a"); r.body.getReader(); return [r.bodyUsed, await r.text().catch(e => e.message)];`,
			`[false,"This ReadableStream is currently locked to a reader."]`},
		{"clones are independent", `
			const out = []; for (const body of ["ab", new Uint8Array([97, 98]), new Blob(["ab"]).stream()]) {
				const r = new Response(body); const c = r.clone(); out.push(await c.text(), await r.text()); } return out;`, `["ab","ab","ab","ab","ab","ab"]`},
		{"the content type follows the body", `
			const ct = (b) => new Response(b).headers.get("content-type");
			return [ct("s"), ct(new URLSearchParams("a=1")), ct(new Blob(["x"], { type: "text/x" })), ct(new Blob(["x"])), ct(new Uint8Array(1)), ct(new FormData()).replace(/=.*/, "=*")];`,
			`["text/plain;charset=UTF-8","application/x-www-form-urlencoded;charset=UTF-8","text/x",null,null,"multipart/form-data; boundary=*"]`},
		{"a stream body keeps its identity", `const s = new ReadableStream(); return new Response(s).body === s;`, `true`},
		{"iterables are bodies", `
			async function* g() { yield new Uint8Array([104]); yield new TextEncoder().encode("i"); } return await new Response(g()).text();`, `"hi"`},
		{"a used stream is refused", `
			const r = new Response("a"); await r.text(); try { new Response(r.body); } catch (e) { return e.message; }`,
			`"This ReadableStream is disturbed (has already been read from), and cannot be used as a body."`},
		{"chunks that are no bytes are refused", `
			return await new Response(ReadableStream.from(["str"])).text().catch(e => e.message);`, `"This ReadableStream did not return bytes."`},
		{"a byte order mark is not part of the text", `return [await new Response("\ufeffa").text(), await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 97])).text()];`, `["a","a"]`},
		{"what is no character is replaced", `return [await new Response("a\ud800").text(), await new Response(new Uint8Array([97, 0xff])).text()];`, `["a\ufffd","a\ufffd"]`},
		{"bytes are copied when given and when read", `
			const b = new Uint8Array([1]); const r = new Response(b); b[0] = 2; const c = r.clone(); const x = await r.bytes(); x[0] = 3; return [...(await c.bytes())];`, `[1]`},
		{"a form goes there and back", `
			const f = new FormData(); f.append('a b', "1\r\n2"); f.append("a", "é"); f.append("f", new File(["x\r\n--y"], "n.txt", { type: "text/plain" }));
			const g = await new Response(f).formData(); const file = g.get("f");
			return [[...g.keys()], g.get('a b'), g.get("a"), file.name, file.type, await file.text()];`,
			`[["a b","a","f"],"1\r\n2","é","n.txt","text/plain","x\r\n--y"]`},
		{"a form of a query", `
			const g = await new Response(new URLSearchParams("a=1&b=%20&a=2")).formData(); return [g.getAll("a"), g.get("b"), g.get("c")];`, `[["1","2"]," ",null]`},
		{"a form needs a content type that has one", `
			const out = []; for (const h of [{}, { "content-type": "text/plain" }, { "content-type": "multipart/form-data" }])
				out.push((await new Response(new Uint8Array(1), { headers: h }).formData().catch(e => e.message)).slice(0, 40)); return out;`,
			`["Parsing a Body as FormData requires a Co","Unrecognized Content-Type header value. ","No boundary string in Content-Type heade"]`},
		{"FormData keeps order and replaces", `
			const f = new FormData(); f.append("a", 1); f.append("b", 2); f.append("a", 3); f.set("a", 4); f.set("c", new Blob(["x"]));
			const out = []; f.forEach((v, k) => out.push([k, typeof v === "string" ? v : v.name])); f.delete("a"); return [out, f.has("a")];`,
			`[[["a","4"],["b","2"],["c","c"]],false]`},
		{"blobs are cut and joined", `
			const b = new Blob(["ab", new Uint8Array([99]), new Blob(["d"])], { type: "Text/X" }); const s = b.slice(1, -1, "y");
			return [b.size, b.type, await s.text(), s.type, await new Response(b.stream()).text(), (await b.bytes()).length];`, `[4,"text/x","bc","y","abcd",4]`},
	})
}

func TestRequests(t *testing.T) {
	runCases(t, []jsCase{
		{"a URL is parsed and a method spelt in capitals", `const r = new Request("HTTP://X/a/../b#c", { method: "patch" }); return [r.url, r.method];`, `["http://x/b#c","PATCH"]`},
		{"wrong ones are refused", `
			const out = []; for (const [u, i] of [["/a"], ["http://x", { method: "FOO" }], ["http://x", { body: "a" }], ["http://x", { redirect: "error" }], ["http://x", { integrity: "x" }], ["http://x", { cache: "x" }], ["http://x", { signal: {} }]])
				try { new Request(u, i); } catch (e) { out.push(e.message.slice(0, 30)); } return out;`,
			`["Invalid URL: /a","Invalid HTTP method string: FO","Request with a GET or HEAD met","Invalid redirect value, must b","Subrequest integrity checking ","Unsupported cache mode: x","Incorrect type for the 'signal"]`},
		{"a request of a request takes its body", `
			const a = new Request("http://x", { method: "POST", body: "b", headers: { h: "1" }, cf: { c: 1 } }); const b = new Request(a, { headers: { i: "2" } });
			let again; try { new Request(a); } catch (e) { again = e.message; }
			return [b.method, b.cf, [...b.headers], await b.text(), a.bodyUsed, again];`,
			`["POST",{"c":1},[["i","2"]],"b",true,"Cannot reconstruct a Request with a used body."]`},
		{"a request of a request with another body leaves the first alone", `
			const a = new Request("http://x", { method: "POST", body: "b" }); const b = new Request(a, { body: "c" }); return [await a.text(), await b.text()];`, `["b","c"]`},
		{"the signal is the one given", `
			const c = new AbortController(); const r = new Request("http://x", { signal: c.signal }); c.abort("r"); return [r.signal.aborted, r.signal.reason, new Request("http://x").signal.aborted];`, `[true,"r",false]`},
		{"a caller that has gone aborts the signal", `
			const r = inside.requestFromHost("GET", "http://x/", "", undefined, 0, ""); const s = r.signal; inside.abortRequest(r); return [s.aborted, s.reason.name];`, `[true,"AbortError"]`},
		{"what the host said is there", `
			const r = inside.requestFromHost("POST", "http://x/", "content-type\napplication/json", '{"a":1}', 0, '{"colo":"X"}');
			return [r.method, r.url, r.cf, r.redirect, r.headers.get("Content-Type"), await r.json()];`, `["POST","http://x/",{"colo":"X"},"manual","application/json",{"a":1}]`},
		{"reading a body from outside lets other events in", `
			const r = inside.requestFromHost("POST", "http://x/", "", "b", 0, ""); let done = false; r.text().then(() => { done = true; });
			for (let i = 0; i < 50; i++) await null; const before = done; await new Promise(r => setTimeout(r, 5)); return [before, done];`, `[false,true]`},
		{"it leaves with its length and without its fragment", `
			const go = (u, i) => inside.requestToHost(new Request(u, i));
			return [go("http://x/#f"), go("http://x/", { method: "PUT", body: "é", cf: { a: 1 } }), go("http://x/", { method: "PUT", body: new Uint8Array(3), headers: { a: "1" } }).slice(0, 3)];`,
			`[["GET","http://x/","",null,0,""],["PUT","http://x/","content-length\n2\ncontent-type\ntext/plain;charset=UTF-8",{},0,"{\"a\":1}"],["PUT","http://x/","content-length\n3\na\n1"]]`},
	})
}

func TestResponses(t *testing.T) {
	runCases(t, []jsCase{
		{"wrong ones are refused", `
			const out = []; for (const f of [() => new Response("", { status: 199 }), () => new Response("x", { status: 204 }), () => new Response(null, { status: 101 }), () => new Response("", { statusText: "a\nb" }),
				() => new Response(null, { status: 200, webSocket: {} }), () => Response.redirect("/a"), () => Response.redirect("http://x", 200), () => new Response("", { encodeBody: "x" })])
				try { f(); out.push(0); } catch (e) { out.push(e.name + ": " + e.message.slice(0, 24)); } return out;`,
			`["RangeError: Responses may only be co","TypeError: Response with null body ","RangeError: Responses may only be co","TypeError: Invalid statusText","RangeError: Responses with a WebSock","TypeError: Unable to parse URL: /a","RangeError: 200 is not a redirect st","TypeError: encodeBody: unexpected v"]`},
		{"empty data counts as no body", `return [new Response("", { status: 204 }).body, new Response(new Uint8Array(0), { status: 304 }).body];`, `[null,null]`},
		{"json, redirect and error", `
			const j = Response.json({ a: 1 }, { status: 201 }); const r = Response.redirect("http://x/a?b"); const e = Response.error();
			return [j.status, j.headers.get("content-type"), await j.json(), r.status, r.headers.get("location"), e.status, e.type];`,
			`[201,"application/json",{"a":1},302,"http://x/a?b",0,"error"]`},
		{"json keeps a content type that was given", `return Response.json(1, { headers: { "content-type": "x/y" } }).headers.get("content-type");`, `"x/y"`},
		{"a response of a response", `
			const a = new Response("x", { status: 404, statusText: "T", headers: { h: "1" } }); const b = new Response(a.body, a); b.headers.set("i", "2");
			return [b.status, b.statusText, [...b.headers], await b.text()];`,
			`[404,"T",[["content-type","text/plain;charset=UTF-8"],["h","1"],["i","2"]],"x"]`},
		{"a WebSocket is passed on", `const ws = {}; const r = new Response(null, { status: 101, webSocket: ws }); return [r.webSocket === ws, r.status, inside.responseToHost(r)];`,
			`[true,101,[101,"Switching Protocols","",null,0,false,{}]]`},
		{"what the host said is there", `
			const r = inside.responseFromHost(404, "Not Found", "a\n1", "body", 0, "http://x/"); return [r.status, r.statusText, r.ok, r.url, r.headers.get("a"), await r.text()];`,
			`[404,"Not Found",false,"http://x/","1","body"]`},
		{"it leaves as it is", `
			return [inside.responseToHost(new Response("x")), inside.responseToHost(new Response(null, { status: 404 })), inside.responseToHost(new Response("", { headers: { "content-encoding": "gzip" }, encodeBody: "manual" }))[5]];`,
			`[[200,"OK","content-type\ntext/plain;charset=UTF-8","x",0,false,null],[404,"Not Found","",null,0,false,null],true]`},
	})
}

func TestStreamedBodiesGoThroughPipes(t *testing.T) {
	const there = `const there = (r) => { const [s, st, h, body, pipe] = inside.responseToHost(r); return inside.responseFromHost(s, st, h, body, pipe, ""); };`
	pipes := &Pipes{}
	is := newIsolate(t, Options{Pipes: pipes})
	for _, c := range []jsCase{
		{"as text", `return await there(new Response(ReadableStream.from([new TextEncoder().encode("a\ufeffé"), new Uint8Array([98])]))).text();`, `"a\ufefféb"`},
		{"as chunks", `
			const out = []; let next; const s = new ReadableStream({ start(c) { next = c; } });
			const r = there(new Response(s)).body.getReader();
			for (const x of ["a", "b"]) { next.enqueue(new TextEncoder().encode(x)); out.push(new TextDecoder().decode((await r.read()).value)); }
			next.close(); out.push((await r.read()).done); return out;`, `["a","b",true]`},
		{"large ones with credit", `
			let pulls = 0; const s = new ReadableStream({ pull(c) { if (pulls++ === 100) c.close(); else c.enqueue(new Uint8Array(16384)); } });
			const r = there(new Response(s)); await new Promise(r => setTimeout(r, 5)); const ahead = pulls;
			const n = (await r.arrayBuffer()).byteLength; return [ahead < 10, n];`, `[true,1638400]`},
		{"an error keeps its class", `
			let n = 0; const s = new ReadableStream({ pull(c) { if (n++ === 0) c.enqueue(new Uint8Array([97])); else c.error(Object.assign(new RangeError("mid"), { code: 4 })); } });
			return await there(new Response(s)).text().catch(e => [e.name, e.message, e.code, e.remote, e instanceof RangeError]);`, `["RangeError","mid",4,true,true]`},
		{"a reader that leaves cancels the source", `
			let why; const s = new ReadableStream({ cancel(e) { why = e; } }); const r = there(new Response(s));
			await r.body.cancel(new RangeError("enough")); while (!why) await new Promise(r => setTimeout(r, 1)); return [why.name, why.message];`, `["RangeError","enough"]`},
		{"a pipe is passed on without being read", `
			const s = ReadableStream.from([new Uint8Array([97])]); const a = there(new Response(s)); const [, , , , pipe] = inside.responseToHost(new Response(a.body, a));
			return [a.bodyUsed, await inside.responseFromHost(200, "", "", undefined, pipe, "").text()];`, `[true,"a"]`},
		{"byob readers work", `
			const r = there(new Response(ReadableStream.from([new Uint8Array([1, 2, 3])]))).body.getReader({ mode: "byob" }); const out = [];
			for (;;) { const { value, done } = await r.read(new Uint8Array(2)); if (done) break; out.push([...value]); } return out;`, `[[1,2],[3]]`},
		{"a body that is no bytes fails its reader", `return await there(new Response(ReadableStream.from(["s"]))).text().catch(e => e.message);`, `"This ReadableStream did not return bytes."`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := is.eval(t, there+c.body); !sameJSON(t, got, c.want) {
				t.Errorf("%s\n got %s\nwant %s", strings.TrimSpace(c.body), got, c.want)
			}
		})
	}
	if n := pipes.Len(); n != 0 {
		t.Errorf("%d pipes are left open, want 0", n)
	}
}

func TestAFixedLengthIsTold(t *testing.T) {
	runCases(t, []jsCase{
		{"by a response", `
			const t = new FixedLengthStream(2); const w = t.writable.getWriter(); w.write("ab"); w.close();
			const [s, st, h, , pipe] = inside.responseToHost(new Response(t.readable)); return [h, await inside.responseFromHost(s, st, h, undefined, pipe, "").text()];`,
			`["content-length\n2","ab"]`},
	})
}

func TestPipesJoinIsolates(t *testing.T) {
	pipes := &Pipes{}
	from, to := newIsolate(t, Options{Pipes: pipes}), newIsolate(t, Options{Pipes: pipes})
	for range 100 {
		pipe := from.eval(t, `
			let n = 0; const s = new ReadableStream({ async pull(c) { await null; if (n++ === 5) c.close(); else c.enqueue(new Uint8Array([48 + n])); } });
			return inside.responseToHost(new Response(s))[4];`)
		got := to.eval(t, fmt.Sprintf(`return await inside.responseFromHost(200, "", "", undefined, %s, "").text();`, pipe))
		if want := `"12345"`; got != want {
			t.Fatalf("other isolate read %s, want %s", got, want)
		}
	}
	if n := pipes.Len(); n != 0 {
		t.Errorf("%d pipes are left open, want 0", n)
	}
}

func TestAnUnreadBodyIsCancelledWhenCollected(t *testing.T) {
	pipes := &Pipes{}
	is := newIsolate(t, Options{Pipes: pipes})
	is.eval(t, `
		globalThis.why = "not yet";
		(() => {
			const [, , , , pipe] = inside.responseToHost(new Response(new ReadableStream({ cancel(e) { globalThis.why = e.message; } })));
			inside.responseFromHost(200, "", "", undefined, pipe, "");
		})();`)
	collected := make(chan struct{})
	is.loop.Post(func() {
		is.loop.VM().CollectGarbage()
		close(collected)
	})
	<-collected
	is.eval(t, `await new Promise(r => setTimeout(r, 1));`)
	if got, want := is.eval(t, `return why;`), `"The body was never read."`; got != want {
		t.Errorf("source was cancelled with %s, want %s", got, want)
	}
	if n := pipes.Len(); n != 0 {
		t.Errorf("%d pipes are left open, want 0", n)
	}
}
