// Streams whose other end is in another isolate.

import { outcome, show, sleep } from "./show.js";

const text = (stream) => new Response(stream).text();
const encode = (s) => new TextEncoder().encode(s);
const source = (...chunks) => new ReadableStream({ start(c) { for (const x of chunks) c.enqueue(x); c.close(); } });

export default {
  // ---- readable ----
  bytes: async (far) => outcome(async () => { const s = await far().bytes("ab", "cd"); return [Object.prototype.toString.call(s), await text(s)]; }),
  jsBytes: async (far) => outcome(async () => text(await far().jsBytes("ab", "cd"))),
  jsChunks: async (far) => outcome(async () => text(await far().jsChunks("ab", "cd"))),
  jsStrings: async (far) => outcome(async () => text(await far().jsStrings())),
  failingAtOnce: async (far) => outcome(async () => text(await far().failing(0))),
  failingLater: async (far) => outcome(async () => text(await far().failing(2))),
  failingRead: async (far) => outcome(async () => { const r = (await far().failing(1)).getReader(); const out = []; try { for (;;) { const { done, value } = await r.read(); if (done) return [...out, "done"]; out.push(value.length); } } catch (e) { return [...out, show(e)]; } }),
  cancelled: async (far) => { const f = far(); const s = await f.endless(); const r = s.getReader(); await r.read(); await r.cancel("enough"); await sleep(50); return f.getLog(); },
  dropped: async (far) => { const f = far(); const { body } = { body: await f.endless() }; return [body.locked, Object.prototype.toString.call(body)]; },
  argument: (far) => far().text(source(encode("up"), encode("stream"))),
  argumentResponseBody: (far) => far().text(new Response("body").body),
  argumentStrings: (far) => outcome(() => far().text(source("text"))),
  argumentFails: (far) => outcome(() => far().text(new ReadableStream({ start(c) { c.enqueue(encode("x")); c.error(new RangeError("mine")); } }))),
  argumentLocked: async (far) => { const s = source(encode("up")); await far().text(s); return [s.locked, await outcome(() => s.cancel())]; },
  argumentAlreadyLocked: async (far) => { const s = source(encode("up")); s.getReader(); return outcome(() => far().text(s)); },
  argumentCancelled: async (far) => { const log = []; const s = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1024)); }, cancel(r) { log.push(show(r)); } }); const n = await far().readSome(s); await sleep(50); return [n > 0, log.length]; },
  locked: (far) => outcome(() => far().locked()),
  disturbed: async (far) => outcome(async () => text(await far().disturbed())),
  echoed: async (far) => outcome(async () => text(await far().echo(source(encode("there and back"))))),
  large: async (far) => outcome(async () => { const s = await far().echo(source(...Array.from({ length: 40 }, () => new Uint8Array(65536)))); return (await new Response(s).arrayBuffer()).byteLength; }),
  inObject: async (far) => outcome(async () => { const { a, b } = await far().echo({ a: source(encode("1")), b: source(encode("2")) }); return [await text(a), await text(b)]; }),
  byob: async (far) => outcome(async () => { const r = (await far().bytes("abcdef")).getReader({ mode: "byob" }); const { value } = await r.read(new Uint8Array(3)); return new TextDecoder().decode(value); }),
  pipedThrough: async (far) => outcome(async () => { const s = await far().bytes("ab", "cd"); return text(s.pipeThrough(new TransformStream())); }),
  teed: async (far) => outcome(async () => { const [a, b] = (await far().bytes("ab")).tee(); return [await text(a), await text(b)]; }),
  emptyStream: async (far) => outcome(async () => text(await far().bytes())),
  sentTwice: async (far) => { const s = source(encode("x")); return outcome(() => far().echo([s, s])); },
  transform: (far) => outcome(() => far().transform()),

  // ---- writable ----
  writeIdentity: async (far) => outcome(async () => { const { readable, writable } = new TransformStream(); const [t, w] = await Promise.all([text(readable), far().write(writable, "ab", "cd")]); return [t, w]; }),
  writeJs: async (far) => outcome(async () => { const got = []; const s = new WritableStream({ write(c) { got.push(show(c)); }, close() { got.push("closed"); } }); const w = await far().write(s, "ab", "cd"); return [w, got]; }),
  writeFixedLength: async (far) => outcome(async () => { const { readable, writable } = new FixedLengthStream(4); const [t, w] = await Promise.all([text(readable), far().write(writable, "ab", "cd")]); return [t, w]; }),
  writeText: async (far) => outcome(async () => { const got = []; const s = new WritableStream({ write(c) { got.push(show(c)); } }); return [await far().writeRaw(s, "text"), got]; }),
  writeNumber: async (far) => outcome(async () => { const got = []; const s = new WritableStream({ write(c) { got.push(show(c)); } }); return [await far().writeRaw(s, 5), got]; }),
  writeEmpty: async (far) => outcome(async () => { const got = []; const s = new WritableStream({ write(c) { got.push(show(c)); }, close() { got.push("closed"); } }); await far().write(s, new Uint8Array(0)); return got; }),
  writeAborted: async (far) => outcome(async () => { const got = []; const s = new WritableStream({ write(c) { got.push(show(c)); }, abort(r) { got.push(["abort", show(r)]); } }); const a = await far().writeAndAbort(s, "x", "why"); await sleep(30); return [a, got]; }),
  writeLeft: async (far) => outcome(async () => { const got = []; const s = new WritableStream({ write(c) { got.push(show(c)); }, close() { got.push("closed"); }, abort(r) { got.push(["abort", show(r)]); } }); const a = await far().writeAndLeave(s, "x"); await sleep(80); return [a, got]; }),
  writeSinkFails: async (far) => outcome(() => far().writeOutcome(new WritableStream({ write() { throw new RangeError("full"); } }), "a", "b", "c")),
  writeSinkCloses: async (far) => outcome(() => far().writeOutcome(new WritableStream({ close() { throw new RangeError("cannot close"); } }), "a")),
  writeShape: (far) => outcome(() => far().writableShape(new WritableStream())),
  writeShapeIdentity: (far) => outcome(async () => { const { readable, writable } = new TransformStream(); text(readable); return far().writableShape(writable); }),
  writeLocked: async (far) => { const s = new WritableStream(); s.getWriter(); return outcome(() => far().write(s, "x")); },
  writeMine: async (far) => { const s = new WritableStream(); await far().write(s, "x"); return [s.locked, await outcome(() => { s.getWriter(); return "again"; })]; },
  writeBackpressure: async (far) => outcome(async () => { const { readable, writable } = new TransformStream(); const p = far().writeUntilFull(writable, 3, 65536); await sleep(120); const n = (await new Response(readable).arrayBuffer()).byteLength; return [n, (await p).includes(true)]; }),
  sink: async (far) => outcome(async () => { const f = far(); const s = await f.sink(); const w = s.getWriter(); await w.write(encode("ab")); await w.write(encode("cd")); await w.close(); await sleep(20); return [Object.prototype.toString.call(s), await f.getSunk()]; }),
  identitySink: async (far) => outcome(async () => { const f = far(); const s = await f.identitySink(); const w = s.getWriter(); await w.write(encode("ab")); await w.close(); await sleep(20); return f.getSunk(); }),
  sinkAborted: async (far) => outcome(async () => { const f = far(); const s = await f.sink(); const w = s.getWriter(); await w.write(encode("ab")); await w.abort(new RangeError("stop")); await sleep(20); return f.getSunk(); }),
  sinkFails: async (far) => outcome(async () => { const s = await far().failingSink(); const w = s.getWriter(); const out = []; for (let i = 0; i < 3; i++) out.push(await outcome(() => w.write(encode("x")))); return out; }),
  sinkPiped: async (far) => outcome(async () => { const f = far(); const s = await f.sink(); await source(encode("a"), encode("b")).pipeTo(s); await sleep(20); return f.getSunk(); }),
  sinkText: async (far) => outcome(async () => { const f = far(); const s = await f.sink(); return outcome(() => s.getWriter().write("text")); }),
  sinkReleased: async (far) => outcome(async () => { const f = far(); const s = await f.sink(); const w = s.getWriter(); w.write(encode("1")); w.releaseLock(); const v = s.getWriter(); v.write(encode("2")); await v.close(); await sleep(20); return f.getSunk(); }),
};
