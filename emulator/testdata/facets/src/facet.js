import { DurableObject, RpcTarget } from "cloudflare:workers";

class Counter extends RpcTarget {
  constructor(n) { super(); this.n = n; }
  add(x = 1) { return (this.n += x); }
}

/** What runs as a facet. */
export class Part extends DurableObject {
  #born = crypto.randomUUID();
  constructor(ctx, env) {
    super(ctx, env);
    if (ctx.props?.failing) throw new RangeError("no part today");
  }
  born() { return this.#born; }
  props() { return this.ctx.props; }
  id() { const { id } = this.ctx; return typeof id === "object" ? [id.constructor.name, id.toString(), id.name] : id; }
  keys() { return [Object.keys(this.ctx), Object.keys(this.env)]; }
  increment() { const n = (this.ctx.storage.kv.get("n") ?? 0) + 1; this.ctx.storage.kv.put("n", n); return n; }
  value() { return this.ctx.storage.kv.get("n"); }
  async putLater(n, ms) { await new Promise((r) => setTimeout(r, ms)); this.ctx.storage.kv.put("n", n); return n; }
  async putAndHang(n) { this.ctx.storage.put("n", n); await new Promise(() => {}); }
  async hang(ms) { await new Promise((r) => setTimeout(r, ms)); return "hung"; }
  counter(n) { return new Counter(n); }
  echo(x) { return x; }
  fail(what) {
    switch (what) {
      case "range": throw Object.assign(new RangeError("out"), { extra: 1 });
      case "string": throw "text";
    }
    throw new Error("failed");
  }
  resetSelf(reason) { this.ctx.abort(reason); }
  async setAlarm(at) { await this.ctx.storage.setAlarm(at); return "set"; }
  async incrementAndAlarm() { this.increment(); await this.ctx.storage.setAlarm(Date.now() + 60000); return "set"; }
  async getAlarm() { return this.ctx.storage.getAlarm(); }
  async deleteAlarm() { return this.ctx.storage.deleteAlarm(); }
  async alarm() {}
  async sql() { this.ctx.storage.sql.exec("CREATE TABLE t (x)"); this.ctx.storage.sql.exec("INSERT INTO t VALUES (1), (2)"); return this.ctx.storage.sql.exec("SELECT sum(x) AS s FROM t").toArray(); }
  async deleteAll() { await this.ctx.storage.deleteAll(); }
  callBack(f, ...args) { return f(...args); }
  async callBackTwice(f) { const a = await f(1); return [a, await f(2)]; }
  stream(n) { let i = 0; return new ReadableStream({ type: "bytes", pull(c) { if (i++ === n) return c.close(); c.enqueue(new TextEncoder().encode(`${i};`)); } }); }
  endless() { return new ReadableStream({ type: "bytes", async pull(c) { await new Promise((r) => setTimeout(r, 2)); c.enqueue(new Uint8Array(8)); } }); }
  async read(stream) { return new Response(stream).text(); }
  response(text) { return new Response(text, { status: 201, headers: { a: "b" } }); }
  get size() { return this.ctx.storage.kv.get("n") ?? "none"; }
  cursor() { this.cursorLeft = this.ctx.storage.sql.exec("WITH RECURSIVE c(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM c LIMIT 1000) SELECT x FROM c"); return this.cursorLeft.next().value; }
  cursorNext() { return this.cursorLeft.next().value; }
  async sync() { this.ctx.storage.put("n", 9); await this.ctx.storage.sync(); return 9; }
  async longTransaction(ms) { return this.ctx.storage.transaction(async (t) => { await t.put("n", 50); await new Promise((r) => setTimeout(r, ms)); return "ended"; }); }
  blockFails() { return this.ctx.blockConcurrencyWhile(async () => { throw new RangeError("blocked"); }); }
  uncaught() { setTimeout(() => { throw new Error("nobody"); }, 1); return new Promise((r) => setTimeout(() => r("alive"), 10)); }
  big(n) { return "x".repeat(n); }
  async reachRoot() { return this.env.ROOT.getByName("from a facet").hello("facet"); }
  exports() { return Object.keys(this.ctx.exports); }
  waits(ms) { this.ctx.waitUntil(new Promise((r) => setTimeout(() => { this.ctx.storage.kv.put("n", "waited"); r(); }, ms))); }
  async call(method, ...args) { return this[method](...args); }
  sub(name, method, ...args) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Part }))[method](...args); }
  async deep(n) { return n === 0 ? "bottom" : this.ctx.facets.get("sub", () => ({ class: this.ctx.exports.Part })).deep(n - 1); }
  subDelete(name) { this.ctx.facets.delete(name); }
  async bookmark(which, ...args) { return typeof (await this.ctx.storage[which](...args)); }
  async block(ms) { return this.ctx.blockConcurrencyWhile(async () => { await new Promise((r) => setTimeout(r, ms)); return this.increment(); }); }
  async transaction(fail) {
    return this.ctx.storage.transaction(async () => { this.ctx.storage.kv.put("n", 100); await new Promise((r) => setTimeout(r, 5)); if (fail) throw new Error("rolled back"); return 100; });
  }
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/ws") {
      const [client, server] = Object.values(new WebSocketPair());
      this.ctx.acceptWebSocket(server, ["tag"]);
      return new Response(null, { status: 101, webSocket: client });
    }
    return new Response(`${request.method} ${url.pathname} ${await request.text()}`, { headers: { "x-part": "yes" } });
  }
  webSocketMessage(ws, message) { ws.send(`${message}/${this.ctx.getWebSockets().length}`); }
  webSocketClose(ws, code) { ws.close(code); }
}

/** A class that is no entrypoint of the platform's. */
export class Bare {
  constructor(ctx, env) { this.ctx = ctx; this.env = env; }
  fetch() { return new Response(`bare ${JSON.stringify(this.ctx.props)}`); }
  method() { return 1; }
}

export class NoAlarm extends DurableObject {
  async setAlarm(at) { await this.ctx.storage.setAlarm(at); return "set"; }
}
