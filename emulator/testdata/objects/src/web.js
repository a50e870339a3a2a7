// The web platform that applications of objects use, in the Worker.

import { outcome, show } from "./show.js";

const headersOf = (init) => [...new Headers(init)];
const urlParts = (u) => [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash];
const propertiesOf = (value) => Object.getOwnPropertyNames(value).map((key) => [key, Object.getOwnPropertyDescriptor(value, key).enumerable]);
const chunksOf = async (stream) => { const out = []; for await (const { length, byteOffset, buffer } of stream) out.push([length, byteOffset, buffer.byteLength]); return out; };
const url = (...args) => outcome(() => urlParts(new URL(...args)));

export default {
  // URL
  urlParts: () => url("https://us%65r:p@EXAMPLE.com:8080/a/./b/../c%20d?x=1&y=é#frag"),
  urlDefaults: () => Promise.all(["http://h", "http://h:80/", "https://h:443", "http://h:0443", "ws://h/x", "file:///c:/x/../y", "mailto:a@b", "data:text/plain,hi"].map((u) => url(u))),
  urlRelative: () => Promise.all([["../x", "http://h/a/b/c"], ["//o/x", "https://h/"], ["?q", "http://h/a?b#c"], ["#f", "http://h/a?b"], ["", "http://h/a"], ["x:y", "http://h/"]].map(([u, b]) => url(u, b))),
  urlBad: () => Promise.all(["", "x", "http://", "http://h:99999", "http://[::1", "http://a b/", "http://%zz/", "//h"].map((u) => url(u))),
  urlHosts: () => Promise.all(["http://0x7f.1/", "http://[::0:1]/", "http://MÜNCHEN.de/", "http://1.2.3/", "http://256.1/", "http://xn--n3h/", "http://a..b/"].map((u) => url(u))),
  urlSetters: () => { const u = new URL("http://h/"); u.pathname = "a b?c"; u.search = "q=#"; u.hash = "é"; u.port = "8080"; u.hostname = "x.y"; u.protocol = "https"; u.username = "me@"; u.port = "abc"; u.protocol = "nonsense"; return urlParts(u); },
  urlSearchParamsLive: () => { const u = new URL("http://h/?a=1"); u.searchParams.append("b", "2 3"); u.searchParams.delete("a"); return [u.href, u.search]; },
  urlStatics: () => [URL.canParse("http://h"), URL.canParse("x"), URL.canParse("x", "http://h"), URL.parse("nonsense"), URL.parse("/y", "http://h/x")?.href, JSON.stringify(new URL("http://h"))],
  params: () => { const p = new URLSearchParams("?a=1&a=2&b=+%20%zz&&c&=d&é=ü"); return [[...p], p.get("a"), p.getAll("a"), p.has("c"), p.get("none"), p.toString(), p.size]; },
  paramsFrom: async () => [String(new URLSearchParams({ a: 1, b: null })), String(new URLSearchParams([["a", "1"], ["a", "2"]])), String(new URLSearchParams(new Map([["x", "y"]]))), await outcome(() => new URLSearchParams([["a"]])), String(new URLSearchParams("??a=b"))],
  paramsChanged: () => { const p = new URLSearchParams("b=1&a=2&b=3"); p.set("b", "x"); const set = String(p); p.sort(); p.delete("a", "9"); return [set, String(p), p.has("a", "2")]; },
  paramsWhileIterating: () => { const p = new URLSearchParams("a=1&b=2&c=3"); const seen = []; for (const [k] of p) { seen.push(k); if (k === "a") p.delete("b"); } return seen; },
  pattern: () => { const p = new URLPattern({ pathname: "/rooms/:id/*" }); const m = p.exec("http://h/rooms/7/x/y"); return [p.test("http://h/rooms/7/"), m?.pathname.groups, p.exec("http://h/other"), p.pathname]; },
  patternOfText: async () => [new URLPattern("https://*.example.com/:a?").test("https://x.example.com/b"), await outcome(() => new URLPattern("/only"))],

  // Headers
  headersJoin: () => headersOf([["B", "1"], ["a", " 2 "], ["b", "3"], ["Set-Cookie", "x"], ["set-cookie", "y"]]),
  headersFrom: () => [headersOf({ a: 1, b: null, c: undefined }), headersOf(new Headers({ x: "y" })), headersOf(new Map([["m", "n"]])), headersOf()],
  headersBad: () => Promise.all([{ "a b": "x" }, { "": "x" }, { é: "x" }, { a: "x\ny" }, { a: "\0" }, [["a"]], [["a", "b", "c"]], 5, "x", null].map((init) => outcome(() => headersOf(init)))),
  headersMethods: async () => { const h = new Headers({ a: "1" }); h.append("A", "2"); const joined = h.get("a"); h.set("a", "3"); h.delete("none"); return [joined, h.get("a"), h.get("none"), h.has("A"), h.getSetCookie(), [...h.keys()], [...h.values()], await outcome(() => h.get("a b")), await outcome(() => h.append("a"))]; },
  headersOfOthers: () => Promise.all([undefined, () => 1, [5], [null], ["ab"], [[]], [new Set(["a", "b"])], { a: {} }, { a: undefined }, { "a ": 1 }, { a: "é\u{1f600}" }].map((init) => outcome(() => headersOf(init)))),
  headersOfSymbols: () => Promise.all([() => new Headers({ a: Symbol("x") }), () => new Headers().get(Symbol("x")), () => new Headers().append("a", Symbol("x"))].map(outcome)),
  headersBeyondAscii: () => ["é", "ÀÉ", "aé", "\u{1f600}"].map((name) => { const h = new Headers([[name, "x"]]); return [[...h], h.get(name), h.has(name)]; }),
  headersMember: () => Promise.all([() => new Response("x", { headers: null }), () => new Response("x", { headers: 5 }), () => new Request("http://h/", { headers: "x" })].map(outcome)),
  headersForEach: () => { const seen = []; new Headers({ b: "1", a: "2" }).forEach((value, key, all) => seen.push([value, key, all instanceof Headers])); return seen; },
  argumentsMissing: () => {
    const calls = { Headers: ["append", "delete", "get", "getAll", "has", "set", "forEach"], FormData: ["append", "delete", "get", "getAll", "has", "set", "forEach"], URLSearchParams: ["append", "delete", "get", "getAll", "has", "set", "forEach"] };
    return Promise.all(Object.entries(calls).flatMap(([name, methods]) => methods.flatMap((method) => [[], ["a"]].filter((args) => args.length === 0 || ["append", "set", "forEach"].includes(method)).map((args) => outcome(() => new globalThis[name]()[method](...args))))));
  },
  headersShape: () => [Object.prototype.toString.call(new Headers()), Object.keys(new Headers({ a: "1" })), JSON.stringify(new Headers({ a: "1" }))],

  // Request and Response
  requestDefaults: () => { const r = new Request("http://h/"); return [r.method, r.url, r.redirect, r.body, r.bodyUsed, r.signal instanceof AbortSignal, r.signal.aborted, [...r.headers], r.fetcher, r.cf, r.integrity, r.keepalive, r.cache]; },
  requestMethods: () => Promise.all(["get", "Post", "patch", "x-own", "", "a b", "TRACE", "CONNECT"].map((method) => outcome(() => new Request("http://h/", { method }).method))),
  requestUrls: () => Promise.all(["http://h", "/x", "", "http://u:p@h/", "ftp://h/", "http://h/#f"].map((u) => outcome(() => new Request(u).url))),
  requestBodies: async () => { const out = []; for (const body of ["text", new Uint8Array([65]), new URLSearchParams("a=b"), new Blob(["b"], { type: "x/y" }), null, undefined, 5, {}]) { const r = new Request("http://h/", { method: "POST", body }); out.push([r.headers.get("content-type"), await r.text()]); } return out; },
  requestBodyOfGet: () => Promise.all([outcome(() => new Request("http://h/", { body: "x" })), outcome(() => new Request("http://h/", { method: "HEAD", body: "" }))]),
  requestFromRequest: async () => { const a = new Request("http://h/a", { method: "POST", body: "x", headers: { a: "1" } }); const b = new Request(a, { headers: { b: "2" } }); return [b.method, b.url, [...b.headers], await b.text(), a.bodyUsed]; },
  requestMoved: () => { const a = new Request("http://h/", { method: "POST", body: "x" }); const b = new Request(a); return [a.bodyUsed, a.body.locked, b.bodyUsed, b.body.locked]; },
  requestOptions: () => Promise.all([{ redirect: "follow" }, { redirect: "manual" }, { redirect: "error" }, { redirect: "x" }, { cache: "no-store" }, { cache: "x" }, { mode: "cors" }, { credentials: "omit" }, { signal: null }, { signal: 5 }].map((init) => outcome(() => new Request("http://h/", init).redirect))),
  requestClone: async () => { const r = new Request("http://h/", { method: "POST", body: "twice" }); const c = r.clone(); return [await r.text(), await c.text(), await outcome(() => r.clone())]; },
  responseDefaults: () => { const r = new Response(); return [r.status, r.statusText, r.ok, r.body, r.url, r.redirected, r.type, [...r.headers], r.webSocket, r.cf, r.encodeBody]; },
  responseStatuses: () => Promise.all([199, 200, 204, 304, 400, 599, 600, "201", NaN, 200.7].map((status) => outcome(() => { const r = new Response(null, { status }); return [r.status, r.ok]; }))),
  responseOfNullStatus: () => Promise.all([101, 204, 205, 304].map((status) => outcome(() => new Response("body", { status })))),
  responseStatusTexts: () => Promise.all(["Fine", "", "é", "a\nb", "\u{1f600}"].map((statusText) => outcome(() => new Response(null, { statusText }).statusText))),
  responseJson: async () => { const r = Response.json({ a: [1] }, { status: 201, headers: { "content-type": "x/y" } }); return [r.status, [...r.headers], await r.json(), await outcome(() => Response.json(undefined)), await outcome(() => Response.json(1n)), await Response.json(null).text()]; },
  responseRedirect: async () => [await outcome(() => { const r = Response.redirect("http://h/x y"); return [r.status, [...r.headers]]; }), await outcome(() => Response.redirect("http://h/", 200)), await outcome(() => Response.redirect("nonsense")), await outcome(() => Response.redirect("http://h/", 308).status)],
  responseError: () => outcome(() => { const r = Response.error(); return [r.status, r.type, r.ok]; }),
  responseBodies: async () => { const out = []; for (const make of [(r) => r.text(), (r) => r.arrayBuffer(), (r) => r.bytes(), (r) => r.json(), (r) => r.blob()]) out.push(show(await outcome(() => make(new Response("[1]"))))); return out.map((o) => JSON.stringify(o)); },
  responseUsed: async () => { const r = new Response("x"); await r.text(); return [r.bodyUsed, await outcome(() => r.text()), await outcome(() => r.clone()), r.body?.locked]; },
  responseEmptyUsed: async () => { const r = new Response(""); await r.text(); return [r.bodyUsed, r.body?.locked]; },
  responseBodyKept: async () => { const r = new Response("x"); const { body } = r; const reading = r.text(); return [r.bodyUsed, body.locked, r.body === body, await reading, body.locked]; },
  responseChunks: async () => [await chunksOf(new Response("x".repeat(4097)).body), await chunksOf(new Blob([new Uint8Array(9000)]).stream()), (await new Response(new Response("x".repeat(9000)).body).text()).length],
  responseByob: async () => { const r = new Response("x".repeat(9000)).body.getReader({ mode: "byob" }); const { value } = await r.read(new Uint8Array(6000)); const rest = await r.read(new Uint8Array(6000)); return [value.length, rest.value.length]; },
  responseLocked: async () => { const r = new Response("x"); r.body.getReader(); return [await outcome(() => r.text()), await outcome(() => r.clone()), r.bodyUsed]; },
  responseBadJson: () => Promise.all(["", "{", "undefined", "[1,]"].map(async (text) => (await outcome(() => new Response(text).json())).thrown?.error)),
  responseByteOrderMark: async () => [await new Response("\ufeffx").text(), (await new Response("\ufeff[1]").json())],
  responseForm: async () => { const r = new Response("a=1&b=%C3%A9+x", { headers: { "content-type": "application/x-www-form-urlencoded" } }); return [...await r.formData()]; },
  responseFormBad: async () => [await outcome(() => new Response("x").formData()), await outcome(() => new Response("x", { headers: { "content-type": "multipart/form-data" } }).formData())],
  responseMultipart: async () => { const form = new FormData(); form.set("a", "é\r\n"); form.append("f", new Blob(["data"], { type: "x/y" }), "n\"ame.txt"); const r = new Response(form); const type = r.headers.get("content-type").replace(/boundary=.*/, "boundary="); const back = await r.formData(); const file = back.get("f"); return [type, back.get("a"), file.name, file.type, await file.text(), file.constructor.name]; },
  responseMultipartEscapes: async () => { const form = new FormData(); form.append("a\n%22", "x"); form.append("b\\c", "y"); const back = await new Response(form).formData(); const broken = new FormData(); broken.append("a\r", "x"); return [[...back.keys()], await outcome(() => new Response(broken).formData())]; },
  dataUrls: () => Promise.all(["data:,a%20b", "data:text/html;charset=UTF-8,<b>", "data:;base64,aG k=", "data:nonsense", "data:a/b;base64,*", "DATA:text/plain,y#f", "data:;charset=x,q", "data:text,q", 'data:a/b;c="d;e";f=g,q', "data:,%zz%41%e9é", "data:a/b;  BASE64,aGk=%20"].map((url) => outcome(async () => { const r = await fetch(url); return [r.status, r.statusText, r.url, r.redirected, [...r.headers], new Uint8Array(await r.arrayBuffer())]; }))),
  dataUrlsOfOthers: () => Promise.all([{ method: "POST", body: "q" }, { method: "HEAD" }, { redirect: "manual" }, { signal: AbortSignal.abort() }].map((init) => outcome(async () => (await fetch("data:,x", init)).text()))),
  responseHeadersOf: async () => { const r = new Response("x"); r.headers.set("a", "b"); return [[...r.headers], await outcome(() => { r.headers = 5; return [...r.headers]; })]; },

  // forms and blobs
  form: () => { const f = new FormData(); f.append("a", "1"); f.append("a", "2"); f.set("b", 5); f.append("c", new Blob(["x"])); f.delete("none"); return [[...f.keys()], f.getAll("a"), f.get("b"), f.has("c"), f.get("c").name, f.get("none")]; },
  formOfOthers: async () => [await outcome(() => new FormData({})), await outcome(() => new FormData().append("a")), await outcome(() => new FormData().append("a", "b", "name"))],
  blob: async () => { const b = new Blob(["é", new Uint8Array([65]), new Blob(["z"])], { type: "Text/Plain" }); return [b.size, b.type, await b.text(), await b.slice(0, 2).text(), await b.slice(-1).text(), b.slice(0, 1, "x/y").type, Object.prototype.toString.call(b)]; },
  blobOfOthers: async () => [await outcome(() => new Blob("text")), await outcome(() => new Blob([5, null, {}]).text()), new Blob(["x"], { type: "é" }).type, await outcome(() => new Blob(["x"]).stream().getReader().read())],
  file: async () => { const f = new File(["x"], "a/b.txt", { type: "t/x", lastModified: 5 }); return [f.name, f.size, f.type, f.lastModified, f instanceof Blob, await outcome(() => new File(["x"])), typeof new File([], "n").lastModified]; },

  // encoding
  encode: () => [new TextEncoder().encode("é\ud800\u{1f600}"), new TextEncoder().encoding, new TextEncoder().encodeInto("héé", new Uint8Array(4)), new TextEncoder().encode()],
  decode: () => [new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 65, 0xff])), new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 65])).length, new TextDecoder("latin1").encoding, new TextDecoder("utf-16").decode(new Uint8Array([65, 0])), new TextDecoder().decode()],
  decodeFatal: async () => [await outcome(() => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff]))), await outcome(() => new TextDecoder("nonsense")), new TextDecoder("utf-8", { fatal: true }).fatal],
  decodeStream: () => { const d = new TextDecoder(); return [d.decode(new Uint8Array([0xc3]), { stream: true }), d.decode(new Uint8Array([0xa9, 65]), { stream: true }), d.decode(new Uint8Array([0xe2]), { stream: true }), d.decode()]; },
  base64: async () => [btoa("a\xff"), atob(" YQ == "), await outcome(() => btoa("é\u{1f600}")), await outcome(() => atob("a")), await outcome(() => atob("*"))],

  // events and signals
  event: () => { const e = new Event("x", { bubbles: true, cancelable: true }); e.preventDefault(); return [e.type, e.bubbles, e.defaultPrevented, e.target, e.eventPhase, e.composed, typeof e.timeStamp, e.isTrusted, e.cancelBubble]; },
  eventCustom: () => { const e = new CustomEvent("x", { detail: { a: 1 } }); return [e.detail, new CustomEvent("y").detail, e instanceof Event]; },
  eventDispatch: async () => { const t = new EventTarget(); const log = []; const listener = { handleEvent(e) { log.push([e.type, this === listener, e.currentTarget === t]); } }; t.addEventListener("a", listener); t.addEventListener("a", () => log.push("once"), { once: true }); t.dispatchEvent(new Event("a")); t.dispatchEvent(new Event("a")); t.removeEventListener("a", listener); return [log, t.dispatchEvent(new Event("a")), await outcome(() => t.dispatchEvent({})), await outcome(() => t.addEventListener("a", 5))]; },
  eventStop: () => { const t = new EventTarget(); const log = []; t.addEventListener("a", (e) => { log.push(1); e.stopImmediatePropagation(); }); t.addEventListener("a", () => log.push(2)); return [t.dispatchEvent(new Event("a", { cancelable: true })), log]; },
  eventSignal: () => { const t = new EventTarget(); const log = []; const c = new AbortController(); t.addEventListener("a", () => log.push(1), { signal: c.signal }); t.dispatchEvent(new Event("a")); c.abort(); t.dispatchEvent(new Event("a")); return log; },
  abort: async () => { const c = new AbortController(); const log = []; c.signal.addEventListener("abort", (e) => log.push(e.type)); c.signal.onabort = () => log.push("on"); c.abort(); c.abort("again"); return [log, c.signal.aborted, show(c.signal.reason), await outcome(() => c.signal.throwIfAborted())]; },
  abortHandlers: () => {
    const order = (...steps) => { const { signal, abort } = ((c) => ({ signal: c.signal, abort: () => c.abort() }))(new AbortController()); const log = []; for (const step of steps) { if (step === null) signal.onabort = null; else if (step.startsWith("on")) signal.onabort = () => log.push(step); else signal.addEventListener("abort", () => log.push(step)); } abort(); return log; };
    return [order("on", "a"), order("a", "on", "b"), order("on 1", "a", "on 2"), order("on 1", "a", null, "on 2"), order("a", "on", null)];
  },
  eventHandlerFirst: () => { const t = new EventTarget(); const log = []; t.addEventListener("x", () => log.push("listener")); t.onx = () => log.push("on"); t.dispatchEvent(new Event("x")); return log; },
  abortReason: () => { const c = new AbortController(); c.abort({ a: 1 }); return [c.signal.reason, AbortSignal.abort("x").reason, show(AbortSignal.abort().reason), AbortSignal.abort(undefined).reason?.name]; },
  abortAny: () => { const [a, b] = [new AbortController(), new AbortController()]; const any = AbortSignal.any([a.signal, b.signal]); b.abort("b"); a.abort("a"); return [any.aborted, any.reason, AbortSignal.any([]).aborted]; },
  abortTimeout: async () => { const s = AbortSignal.timeout(5); await scheduler.wait(30); return [s.aborted, show(s.reason)]; },
  abortConstructed: () => outcome(() => new AbortSignal()),
  domException: () => { const e = new DOMException("m", "DataCloneError"); return [e.name, e.message, e.code, e instanceof Error, Object.prototype.toString.call(e), new DOMException().name, new DOMException("x", "Own").code, DOMException.ABORT_ERR]; },

  // clones and jobs
  cloned: () => [structuredClone(new Map([[1, new Set([new Date(0)])]])), structuredClone([1, , 3]), structuredClone({ e: new RangeError("x") })],
  clonedRefused: async () => [await outcome(() => structuredClone(() => 1)), await outcome(() => structuredClone(Symbol("x"))), await outcome(() => structuredClone()), await outcome(() => structuredClone(new (class Own { #x; })()))],
  clonedTransfer: async () => { const b = new Uint8Array([1, 2]).buffer; const c = structuredClone({ b }, { transfer: [b] }); return [c.b, b.byteLength, await outcome(() => structuredClone(b, { transfer: [b] }))]; },
  clonedBuffersGone: async () => { const b = new ArrayBuffer(2); b.transfer(); const c = new ArrayBuffer(2); return [await outcome(() => structuredClone({ b })), await outcome(() => structuredClone({ b }, { transfer: [b] })), await outcome(() => structuredClone(1, { transfer: [c, c] })), c.byteLength]; },
  clonedWithOthers: () => Promise.all([{ transfer: [{}] }, { transfer: [5] }, { transfer: 5 }, 5, null].map((options) => outcome(() => structuredClone(1, options)))),
  clonedErrors: () => [new TypeError("x", { cause: 1 }), new AggregateError([1], "m"), Object.assign(new Error("m"), { name: "Own", extra: 2 }), new Error()].map((error) => propertiesOf(structuredClone(error))),
  errorProperties: () => [new TypeError("x", { cause: 1 }), new AggregateError([1], "m", { cause: 2 }), new Error(), new Error("m", 5), new (class Own extends Error { level = 3; })("o"), new DOMException("d", "AbortError")].map(propertiesOf),
  jobOrder: async () => { const log = []; setTimeout(() => log.push("timeout"), 0); queueMicrotask(() => log.push("microtask")); Promise.resolve().then(() => log.push("promise")); setTimeout((a, b) => log.push(a + b), 0, "arg", "s"); log.push("now"); await scheduler.wait(10); return log; },
  timers: async () => { const log = []; const id = setInterval(() => { log.push(log.length); if (log.length === 3) clearInterval(id); }, 1); const never = setTimeout(() => log.push("never"), 5); clearTimeout(never); clearTimeout(undefined); clearTimeout(12345); await scheduler.wait(40); return [log, typeof id]; },
  timersOfOthers: async () => [await outcome(() => setTimeout("code", 1)), await outcome(() => setTimeout()), await outcome(() => queueMicrotask()), await outcome(() => clearTimeout({}))],
  schedulerWait: async () => { const c = new AbortController(); const p = outcome(() => scheduler.wait(1000, { signal: c.signal })); c.abort(); return [await p, await scheduler.wait(0), await outcome(() => scheduler.wait(-1))]; },
  dates: () => { const d = new Date(0); return [String(d), d.toTimeString(), `${new Date(NaN)}`, d + 1, JSON.stringify(d), d.toUTCString()]; },
  timeStands: async () => { return [performance.now() === performance.now(), typeof performance.timeOrigin, new Date().getTimezoneOffset()]; },
  unhandled: async () => { Promise.reject(new Error("quiet")); await scheduler.wait(1); return "goes on"; },
  navigatorAndOthers: () => [navigator.userAgent, typeof navigator.sendBeacon, typeof self, self === globalThis, typeof window, typeof document, typeof process, typeof Buffer, typeof global, typeof caches.default, typeof WebAssembly.instantiate, Cloudflare.compatibilityFlags.nodejs_compat ?? null],
  evalRefused: async () => [(await outcome(() => eval("1"))).thrown?.error, (await outcome(() => new Function("return 1")())).thrown?.error],
  caches: async () => { const cache = await caches.open(crypto.randomUUID()); const key = "http://h/x"; await cache.put(key, new Response("v", { headers: { "cache-control": "max-age=60", a: "b" } })); const hit = await cache.match(key); return [await hit.text(), hit.headers.get("a"), await cache.delete(key), await cache.delete(key), await outcome(() => cache.put(new Request(key, { method: "POST" }), new Response("x"))), await outcome(() => cache.put(key, new Response("x", { status: 206 }))), await cache.match("http://h/none")]; },
  cachesRefuse: async () => { const cache = caches.default; return [await outcome(() => cache.put("relative", new Response("x"))), await outcome(() => cache.match()), await outcome(() => cache.put("http://h/y", new Response("x", { headers: { vary: "*" } })))]; },
  consoleGives: () => [console.log("from the bed"), typeof console.table, console.assert(true), Object.prototype.toString.call(console)],
  messageChannel: async () => { const { port1, port2 } = new MessageChannel(); const got = new Promise((resolve) => { port2.onmessage = ({ data }) => resolve(data); }); port1.postMessage({ a: [1] }); return got; },
  cryptoRandom: async () => [crypto.randomUUID().length, crypto.getRandomValues(new Uint8Array(3)).length, await outcome(() => crypto.getRandomValues(new Float32Array(1))), await outcome(() => crypto.getRandomValues(new Uint8Array(65537))), await outcome(() => crypto.getRandomValues([1]))],
};
