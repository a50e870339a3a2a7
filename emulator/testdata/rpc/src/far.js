// The objects the cases talk to.

import { DurableObject, RpcStub, RpcTarget } from "cloudflare:workers";
import { outcome, show, sleep } from "./show.js";

const text = (stream) => new Response(stream).text();

export class Counter extends RpcTarget {
  own = "own";
  #n;
  constructor(n = 0, ended = () => {}) {
    super();
    this.#n = n;
    this.ended = ended;
  }
  add(by = 1) { return (this.#n += by); }
  get value() { return this.#n; }
  get nested() { return { deep: { value: this.#n, get: () => this.#n, list: [1, { two: 2 }] } }; }
  get failing() { throw new RangeError("no such thing"); }
  get soon() { return Promise.resolve("soon"); }
  get twin() { return new Counter(this.#n); }
  get method() { return (x) => x * 2; }
  get self() { return this; }
  fetch() { return "not fetched"; }
  alarm() { return "no alarm"; }
  async slow(ms, value) { await sleep(ms); return value; }
  [Symbol.dispose]() { this.ended(this.#n); }
}

export class Far extends DurableObject {
  log = [];

  // ---- answers ----
  echo(value) { return value; }
  show(...args) { return show(args); }
  tag(value) { return Object.prototype.toString.call(value); }
  counter(n) { return new Counter(n, (last) => this.log.push(`ended ${last}`)); }
  fn(n) { return (x) => x + n; }
  both() { return { counter: this.counter(1), fn: this.fn(1), n: 1 }; }
  list() { return [this.counter(1), this.counter(2)]; }
  map() { return new Map([["c", this.counter(1)]]); }
  withDisposer() { return { n: 1, fn: this.fn(1), [Symbol.dispose]: () => this.log.push("result ended") }; }
  mapWithDisposer() { return Object.assign(new Map([[1, 2]]), { [Symbol.dispose]: () => this.log.push("map ended") }); }
  fnWithProps() { return Object.assign((x) => x, { extra: { a: 1 }, twice: (x) => 2 * x }); }
  twoOfOne() { const c = this.counter(1); return [c, c]; }
  stub() { return new RpcStub(this.counter(5)); }
  stubOfPlain() { return new RpcStub({ a: 1, b: { c: () => 3 } }); }
  proxyOfTarget() { return new Proxy(this.counter(7), { get: (t, k) => (k === "extra" ? () => "from the proxy" : Reflect.get(t, k, t)) }); }
  proxyOfPlain() { return new Proxy({ a: 1 }, { get: (t, k) => (k === "b" ? 2 : Reflect.get(t, k)), has: (t, k) => k === "b" || k in t, getOwnPropertyDescriptor: (t, k) => Reflect.getOwnPropertyDescriptor(t, k) }); }
  getLog() { return this.log; }
  note(x) { this.log.push(x); return x; }
  async noteSlow(x, ms) { await sleep(ms); this.log.push(x); return x; }
  async noteAfterWork(x) { await this.ctx.storage.put("k", x); await scheduler.wait(1); this.log.push(x); return x; }
  get getter() { this.log.push("got"); return "got"; }
  get getCounter() { return this.counter(3); }
  get getSoon() { return Promise.resolve({ a: { b: 1 } }); }
  get throwing() { throw new TypeError("from a getter"); }
  plain() { return { a: { b: { c: 1, f: (x) => x + 1 } }, s: "text", z: null, u: undefined, arr: [10, [20]], date: new Date(0) }; }
  promiseInside() { return { p: Promise.resolve(1) }; }
  instance() { return new (class Thing { x = 1; })(); }
  static stat() {}
  *generator() { yield 1; }
  async *asyncGenerator() { yield 1; }

  // ---- parameters ----
  async call(fn, ...args) { return fn(...args); }
  async callTwice(fn) { return [await fn(1), await fn(2)]; }
  async callAdd(counter) { return [await counter.add(), await counter.add(), await counter.value]; }
  async disposeParam(fn) { fn[Symbol.dispose](); return outcome(() => fn(1)); }
  keep(x) { this.kept = x; }
  keepDup(x) { this.kept = x.dup(); }
  useKept(...args) { return outcome(() => this.kept(...args)); }
  addKept() { return outcome(() => this.kept.add()); }
  dropKept() { this.kept[Symbol.dispose](); this.kept = undefined; }
  giveKept() { return this.kept; }
  giveKeptDup() { return this.kept.dup(); }
  async kindOf(x) { return [typeof x, Object.prototype.toString.call(x), x.constructor?.name, x instanceof RpcStub, x instanceof RpcTarget, Reflect.ownKeys(x).map(String), "dup" in x, Symbol.dispose in x, typeof x.anything]; }
  async later(fn, ms) { const f = fn.dup(); (async () => { await sleep(ms); this.log.push(await outcome(() => f("later"))); f[Symbol.dispose](); })(); }
  pass(name, x) { return this.env.FAR.getByName(name).call(x, "passed"); }
  async passAndUse(name, x) { const a = await this.env.FAR.getByName(name).call(x, 1); return [a, await outcome(() => x(2))]; }
  passKeep(name, x) { return this.env.FAR.getByName(name).keepDup(x); }
  relay(name, method, ...args) { return this.env.FAR.getByName(name)[method](...args); }
  async cycle(name, n) { return n === 0 ? ["end"] : [n, ...(await this.env.FAR.getByName(name).callBackInto(this.ctx.id.toString(), name, n - 1))]; }
  callBackInto(id, name, n) { return this.env.FAR.get(this.env.FAR.idFromString(id)).cycle(name, n); }

  // ---- errors ----
  fail(make, ...args) { throw failures[make](...args); }
  async failAsync(make) { throw failures[make](); }
  giveError(make) { return failures[make](); }
  relayFail(name, make) { return this.env.FAR.getByName(name).fail(make); }
  /** Which object the errors of calls name, from an object of one name to one of another. */
  async namedBy(name) {
    const far = this.env.FAR.getByName(name);
    const counter = await far.counter(1);
    const calls = { thrown: () => far.fail("error"), missing: () => far.nothing(), getter: () => far.throwing, reserved: () => far.alarm(), unclonable: () => far.instance(), target: () => counter.failing, targetMissing: () => counter.nothing(), pipelined: () => far.counter(1).nothing(), behind: () => far.fail("error").x(), callback: () => far.call(() => { throw new Error("mine"); }), dom: () => far.fail("dom"), text: () => far.fail("string") };
    const out = {};
    for (const [how, call] of Object.entries(calls)) {
      const error = await call().then(() => ({}), (e) => e);
      out[how] = [Object.keys(error).filter((key) => ["remote", "durableObjectId"].includes(key)), { [this.ctx.id]: "caller", [far.id]: "callee" }[error.durableObjectId] ?? null];
    }
    return out;
  }
  async catchFrom(fn) { return outcome(() => fn()); }

  // ---- streams ----
  bytes(...chunks) { const { readable, writable } = new TransformStream(); const w = writable.getWriter(); (async () => { for (const c of chunks) await w.write(new TextEncoder().encode(c)); await w.close(); })().catch((e) => this.log.push(String(e))); return readable; }
  jsBytes(...chunks) { return new ReadableStream({ type: "bytes", start(c) { for (const x of chunks) c.enqueue(new TextEncoder().encode(x)); c.close(); } }); }
  jsChunks(...chunks) { return new ReadableStream({ start(c) { for (const x of chunks) c.enqueue(new TextEncoder().encode(x)); c.close(); } }); }
  jsStrings() { return new ReadableStream({ start(c) { c.enqueue("text"); c.close(); } }); }
  failing(after) { let n = 0; return new ReadableStream({ pull: (c) => (n++ < after ? c.enqueue(new Uint8Array([n])) : c.error(new RangeError("broke off"))) }); }
  endless() { return new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1024)), cancel: (r) => { this.log.push(`cancelled ${r}`); } }); }
  text(stream) { return text(stream); }
  async readSome(stream) { const r = stream.getReader(); const { value } = await r.read(); await r.cancel("enough"); return value.length; }
  locked() { const s = this.jsBytes("x"); s.getReader(); return s; }
  disturbed() { const s = this.jsBytes("x"); const r = s.getReader(); return r.read().then(() => { r.releaseLock(); return s; }); }
  transform() { return new TransformStream(); }
  async write(stream, ...chunks) { const w = stream.getWriter(); for (const c of chunks) await w.write(typeof c === "string" ? new TextEncoder().encode(c) : c); await w.close(); return "written"; }
  async writeRaw(stream, chunk) { const w = stream.getWriter(); return outcome(() => w.write(chunk)); }
  async writeAndAbort(stream, chunk, reason) { const w = stream.getWriter(); await w.write(new TextEncoder().encode(chunk)); await w.abort(reason); return "aborted"; }
  async writeAndLeave(stream, chunk) { const w = stream.getWriter(); await w.write(new TextEncoder().encode(chunk)); return "left"; }
  async writeUntilFull(stream, n, size) { const w = stream.getWriter(); const waits = []; for (let i = 0; i < n; i++) { const t = Date.now(); await w.write(new Uint8Array(size)); waits.push(Date.now() - t > 30); } w.close().catch(() => {}); return waits; }
  async writeOutcome(stream, ...chunks) { const w = stream.getWriter(); return outcome(async () => { for (const c of chunks) await w.write(new TextEncoder().encode(c)); await w.close(); return "closed"; }); }
  async writableShape(stream) { const w = stream.getWriter(); const out = [Object.prototype.toString.call(stream), stream.locked, w.desiredSize]; await w.close(); return out; }
  sink() { const chunks = []; this.sunk = { chunks, ended: "" }; return new WritableStream({ write: (c) => { chunks.push(show(c)); }, close: () => { this.sunk.ended = "closed"; }, abort: (r) => { this.sunk.ended = show(r); } }); }
  identitySink() { const { readable, writable } = new TransformStream(); this.sunk = { chunks: [], ended: "" }; text(readable).then((t) => { this.sunk.chunks.push(t); this.sunk.ended = "closed"; }, (e) => { this.sunk.ended = show(e); }); return writable; }
  failingSink() { return new WritableStream({ write() { throw new RangeError("sink is full"); } }); }
  getSunk() { return this.sunk; }
  async request(request) { return [Object.prototype.toString.call(request), request.url, request.method, [...request.headers], await request.text(), show(request.cf), request.redirect]; }
  async response(response) { return [Object.prototype.toString.call(response), response.status, response.statusText, [...response.headers], await response.text(), response.url]; }
  giveResponse(body, init) { return new Response(body, init); }
  giveStreamResponse() { return new Response(this.bytes("a", "b"), { headers: { x: "y" } }); }
  giveRequest() { return new Request("http://example.com/?q", { method: "PUT", body: "body", headers: { a: "b" } }); }
  async signal(signal, ms) { const out = [Object.prototype.toString.call(signal), signal.aborted]; await sleep(ms); return [...out, signal.aborted, show(signal.reason)]; }

  watch(signal) { signal.addEventListener?.("abort", () => this.log.push(show(signal.reason))); return signal.aborted; }
  giveSignal(ms) { const c = new AbortController(); setTimeout(() => c.abort("given up"), ms); return c.signal; }

  // ---- lives ----
  abort(reason) { this.ctx.abort(reason); }
  abortLater(ms, reason) { setTimeout(() => this.ctx.abort(reason), ms); }
  async block(ms) { this.ctx.blockConcurrencyWhile(() => sleep(ms).then(() => this.log.push("unblocked"))); return "blocking"; }
  async blockAndCall(fn) { return this.ctx.blockConcurrencyWhile(async () => fn("inside")); }
  async never() { await new Promise(() => {}); }
  async hang(ms) { await sleep(ms); return "done"; }
  async callKeptOf(name) { return this.env.FAR.getByName(name).useKept("x"); }

  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") {
      request.signal?.addEventListener("abort", () => this.log.push(show(request.signal.reason)));
      this.log.push("began");
      await sleep(400);
      this.log.push("ended");
    }
    if (pathname === "/signal") this.log.push(Object.prototype.toString.call(request.signal), request.signal?.aborted);
    if (pathname === "/endless") return new Response(this.endless());
    if (pathname === "/body") {
      this.log.push(show(await outcome(() => request.text())));
    }
    return new Response(pathname);
  }
}

export class Other extends DurableObject {
  n = 0;
  bump() { return ++this.n; }
  async fetch(request) { return new Response(`other ${new URL(request.url).pathname}`); }
}

export class Plain {
  constructor(ctx, env) { this.ctx = ctx; }
  hello() { return "hello"; }
  fetch() { return new Response("plain"); }
}

class Own extends Error { constructor(message) { super(message); this.name = "Own"; this.level = 3; } }
class Unnamed extends TypeError {}

const failures = {
  error: () => new Error("plain"),
  type: () => new TypeError("typed"),
  range: () => new RangeError("ranged"),
  syntax: () => new SyntaxError("parsed"),
  eval: () => new EvalError("evaluated"),
  uri: () => new URIError("uri"),
  reference: () => new ReferenceError("referred"),
  props: () => Object.assign(new Error("props"), { code: 7, info: { a: [1, 2] }, when: new Date(0), none: undefined }),
  propFn: () => Object.assign(new Error("prop fn"), { fn: () => 1 }),
  propInstance: () => Object.assign(new Error("prop instance"), { thing: new (class Thing { x = 1; })() }),
  propSymbol: () => Object.assign(new Error("prop symbol"), { sym: Symbol("s") }),
  cause: () => new Error("outer", { cause: new TypeError("inner") }),
  causeText: () => new Error("outer", { cause: "why" }),
  causeDeep: () => new Error("1", { cause: new Error("2", { cause: new Error("3") }) }),
  cyclic: () => { const e = new Error("cyclic"); e.self = e; return e; },
  aggregate: () => new AggregateError([new Error("a"), new TypeError("b"), 3], "many"),
  dom: () => new DOMException("dom", "NotFoundError"),
  own: () => new Own("custom"),
  unnamed: () => new Unnamed("subclass"),
  renamed: () => Object.assign(new Error("renamed"), { name: "MyName" }),
  renamedType: () => { const e = new TypeError("renamed type"); e.name = "Other"; return e; },
  noMessage: () => new Error(),
  messageNumber: () => { const e = new Error("x"); e.message = 42; return e; },
  stackGone: () => { const e = new Error("no stack"); delete e.stack; return e; },
  frozen: () => Object.freeze(new Error("frozen")),
  fakeRemote: () => Object.assign(new Error("fake"), { remote: false, retryable: true, overloaded: true, durableObjectReset: true, durableObjectId: "mine" }),
  string: () => "text",
  number: () => 5,
  null: () => null,
  undefined: () => undefined,
  object: () => ({ a: 1, message: "like an error" }),
  array: () => [1, 2],
  symbol: () => Symbol("thrown"),
  fn: () => () => 1,
  bigint: () => 10n,
  date: () => new Date(0),
  response: () => new Response("thrown"),
  promise: () => Promise.resolve(1),
  long: () => new Error("x".repeat(5000)),
  colon: () => new Error("TypeError: hidden"),
  colons: () => new Error("remote.jsg.Error: a: b"),
  newline: () => new Error("two\nlines"),
  empty: () => new Error(""),
  getter: () => Object.defineProperty(new Error("getter"), "lazy", { enumerable: true, get() { return 9; } }),
  hidden: () => Object.defineProperty(new Error("hidden"), "secret", { enumerable: false, value: 9 }),
};
export const failureNames = Object.keys(failures);
