// Streams.

import { outcome, show } from "./show.js";

const bytes = (text) => new TextEncoder().encode(text);
const text = (stream) => new Response(stream).text();
const of = (...chunks) => new ReadableStream({ start(c) { for (const chunk of chunks) c.enqueue(chunk); c.close(); } });
const collect = async (stream) => { const out = []; for await (const chunk of stream) out.push(chunk); return out; };

export default {
  readAll: async () => { const r = of("a", { b: 1 }, null).getReader(); return [await r.read(), await r.read(), await r.read(), await r.read(), await r.closed]; },
  iterated: () => collect(of(1, 2, 3)),
  iteratedValues: async () => { const s = of(1, 2, 3); for await (const n of s.values({ preventCancel: true })) if (n === 1) break; return [s.locked, await collect(s)]; },
  iteratedBroken: async () => { const log = []; const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(reason) { log.push(["cancel", reason]); } }); for await (const n of s) { log.push(n); break; } return [log, s.locked]; },
  pulled: async () => { let n = 0; const s = new ReadableStream({ pull(c) { n++; c.enqueue(n); if (n === 3) c.close(); } }, { highWaterMark: 0 }); return collect(s); },
  cancelled: async () => { const log = []; const s = new ReadableStream({ start(c) { c.enqueue(1); }, cancel(reason) { log.push(reason); } }); const given = await s.cancel("why"); return [given, log, await s.getReader().read()]; },
  errored: async () => { const s = new ReadableStream({ start(c) { c.enqueue(1); c.error(new RangeError("broken")); } }); const r = s.getReader(); return [await outcome(() => r.read()), await outcome(() => r.closed)]; },
  locked: async () => { const s = of(1); const r = s.getReader(); return [s.locked, await outcome(() => s.getReader()), await outcome(() => s.cancel()), await outcome(() => s.tee()), r.releaseLock(), s.locked, await outcome(() => r.read())]; },
  teed: async () => { const [a, b] = of(1, 2).tee(); return [await collect(a), await collect(b)]; },
  teedBytes: async () => { const [a, b] = new Response("body").body.tee(); return [await text(a), await text(b)]; },
  fromIterable: async () => [await collect(ReadableStream.from([1, Promise.resolve(2)])), await collect(ReadableStream.from((async function* () { yield "x"; yield "y"; })())), await outcome(() => ReadableStream.from(5))],
  controllerShape: async () => { let c; new ReadableStream({ start(controller) { c = controller; } }); c.enqueue(1); return [c.desiredSize, c.constructor.name, c.close(), await outcome(() => c.enqueue(2)), await outcome(() => c.close())]; },
  strategies: async () => { const s = new ReadableStream({}, new CountQueuingStrategy({ highWaterMark: 5 })); return [s.locked, new ByteLengthQueuingStrategy({ highWaterMark: 9 }).highWaterMark, new CountQueuingStrategy({ highWaterMark: 1 }).size("x"), await outcome(() => new CountQueuingStrategy())]; },
  transformed: async () => collect(of(1, 2).pipeThrough(new TransformStream({ transform(n, c) { c.enqueue(n * 2); c.enqueue("x"); }, flush(c) { c.enqueue("end"); } }))),
  transformFails: async () => outcome(() => collect(of(1).pipeThrough(new TransformStream({ transform() { throw new RangeError("in transform"); } })))),
  transformTerminates: async () => collect(of(1, 2, 3).pipeThrough(new TransformStream({ transform(n, c) { c.enqueue(n); if (n === 2) c.terminate(); } }))),
  piped: async () => { const log = []; await of("a", "b").pipeTo(new WritableStream({ write(chunk) { log.push(chunk); }, close() { log.push("closed"); } })); return log; },
  pipedFails: async () => { const s = of(1, 2); const result = await outcome(() => s.pipeTo(new WritableStream({ write() { throw new TypeError("no room"); } }))); return [result, s.locked]; },
  pipedKept: async () => { const w = new WritableStream(); await of(1).pipeTo(w, { preventClose: true }); return [w.locked, await outcome(() => w.getWriter().write("more"))]; },
  written: async () => { const log = []; const s = new WritableStream({ write(c) { log.push(c); }, close() { log.push("close"); }, abort(r) { log.push(r); } }); const w = s.getWriter(); await w.ready; const size = w.desiredSize; await w.write(1); await w.close(); return [size, log, await outcome(() => w.write(2)), await w.closed]; },
  writtenAborted: async () => { const log = []; const s = new WritableStream({ abort(r) { log.push(r); } }); const w = s.getWriter(); await w.abort("why"); return [log, await outcome(() => w.write(1)), await outcome(() => w.closed)]; },
  identity: async () => { const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); const sent = w.write(bytes("hello")).then(() => w.close()); const got = await text(readable); await sent; return [got, await Promise.race([outcome(() => new IdentityTransformStream().writable.getWriter().write("text")), scheduler.wait(20)])]; },
  fixedLength: async () => { const { readable, writable } = new FixedLengthStream(5); const w = writable.getWriter(); const sent = w.write(bytes("hello")).then(() => w.close()); const got = await text(readable); await sent; return got; },
  fixedLengthTooMuch: async () => { const { readable, writable } = new FixedLengthStream(2); const w = writable.getWriter(); const got = outcome(() => text(readable)); const sent = await outcome(() => w.write(bytes("hello"))); return [sent, await Promise.race([got, scheduler.wait(20)])]; },
  fixedLengthTooLittle: async () => { const { readable, writable } = new FixedLengthStream(9); const w = writable.getWriter(); const got = outcome(() => text(readable)); const sent = await outcome(async () => { await w.write(bytes("hello")); await w.close(); }); return [sent, await Promise.race([got, scheduler.wait(20)])]; },
  byob: async () => { const r = new Response("hello world").body.getReader({ mode: "byob" }); const first = await r.read(new Uint8Array(5)); const rest = await r.read(new Uint8Array(20)); const end = await r.read(new Uint8Array(3)); return [new TextDecoder().decode(first.value), new TextDecoder().decode(rest.value), end.done, end.value]; },
  byobAtLeast: async () => { const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); (async () => { await w.write(bytes("ab")); await w.write(bytes("cd")); await w.write(bytes("ef")); await w.close(); })(); const r = readable.getReader({ mode: "byob" }); const { value } = await r.readAtLeast(3, new Uint8Array(10)); return value.byteLength >= 3; },
  byobOfOther: async () => [await outcome(() => of(1).getReader({ mode: "byob" })), await outcome(() => of(1).getReader({ mode: "x" })), await outcome(() => new Response("x").body.getReader({ mode: "byob" }).read(new Uint8Array(0)))],
  byteSource: async () => { const s = new ReadableStream({ type: "bytes", pull(c) { c.enqueue(bytes("abc")); c.close(); } }); return text(s); },
  textDecoder: async () => collect(of(new Uint8Array([0xc3]), new Uint8Array([0xa9, 65])).pipeThrough(new TextDecoderStream())),
  textEncoder: async () => collect(of("é", "\ud83d", "\ude00").pipeThrough(new TextEncoderStream())),
  compressed: async () => { const out = []; for (const format of ["gzip", "deflate", "deflate-raw"]) { const packed = await new Response(new Response("x".repeat(1000)).body.pipeThrough(new CompressionStream(format))).arrayBuffer(); out.push([packed.byteLength < 100, (await text(new Response(packed).body.pipeThrough(new DecompressionStream(format)))).length]); } return out; },
  compressedBadly: async () => [await outcome(() => new CompressionStream("zip")), await outcome(() => text(new Response("nonsense").body.pipeThrough(new DecompressionStream("gzip"))))],
  responseOfStream: async () => { const r = new Response(of(bytes("a"), bytes("b"))); return [r.body instanceof ReadableStream, await r.text(), r.bodyUsed]; },
  responseOfBadStream: async () => [await outcome(() => text(of("text"))), await outcome(() => text(of(5)))],
  responseOfErrored: () => outcome(() => text(new ReadableStream({ start(c) { c.error(new RangeError("gone")); } }))),
  shapes: () => [Object.prototype.toString.call(of()), Object.prototype.toString.call(new WritableStream()), Object.prototype.toString.call(of().getReader()), Object.prototype.toString.call(new TransformStream())],
  constructedBadly: async () => [await outcome(() => new ReadableStream({ start: 5 })), await outcome(() => new ReadableStream({ type: "x" })), await outcome(() => new WritableStream({ type: "x" })), await outcome(() => new ReadableStreamDefaultReader({}))],

  constructedOfOthers: () => Promise.all([
    () => new ReadableStream(5), () => new ReadableStream({}, 5), () => new ReadableStream({}, { highWaterMark: -1 }), () => new ReadableStream({}, { highWaterMark: "x" }), () => new ReadableStream({}, { size: 5 }), () => new WritableStream("x"), () => new WritableStream({}, 5), () => new TransformStream(5), () => new TransformStream({ readableType: "x" }),
    () => new ReadableStreamDefaultReader(), () => new ReadableStreamBYOBReader(5), () => new WritableStreamDefaultWriter(of()), () => new CountQueuingStrategy(5), () => new ByteLengthQueuingStrategy("x"), () => new CompressionStream(), () => new DecompressionStream("zip"), () => new FixedLengthStream(), () => new FixedLengthStream(-1), () => new FixedLengthStream("x"), () => new TextDecoderStream("utf-8", 5), () => ReadableStream.from(null),
  ].map((make) => outcome(make))),
  calledWithOthers: () => Promise.all([
    () => of().getReader("byob"), () => of().pipeTo(), () => of().pipeTo({}), () => of().pipeThrough(), () => of().pipeThrough({}), () => of().pipeThrough({ readable: of(), writable: {} }), () => of().values(5), () => of().pipeTo(new WritableStream(), { signal: 5 }), () => new Response("x").body.getReader({ mode: "byob" }).read(), () => new Response("x").body.getReader({ mode: "byob" }).readAtLeast(), () => { const w = new WritableStream().getWriter(); w.close(); return w.close(); },
  ].map((call) => outcome(call))),
  startThrows: async () => { const boom = { start() { throw new RangeError("start"); } }; return [await outcome(() => new ReadableStream(boom).getReader().read()), await outcome(() => new WritableStream(boom).getWriter().write(1)), await outcome(() => new TransformStream(boom).readable.getReader().read()), await outcome(() => new ReadableStream({ type: "bytes", ...boom }).getReader().closed)]; },
  sizeOfOthers: async () => [await outcome(() => new ReadableStream({ start(c) { c.enqueue(1); } }, { size: () => -1 }).getReader().read()), await outcome(() => new ReadableStream({ start(c) { c.enqueue(1); } }, { size: () => NaN }).getReader().read())],
  compressedUnread: async () => { const w = new CompressionStream("gzip").writable.getWriter(); return [await outcome(() => w.write(new Uint8Array(100000))), await outcome(() => w.close())]; },
  decompressedBadly: async () => { const w = new DecompressionStream("gzip").writable.getWriter(); return [await outcome(() => w.write(bytes("no"))), await outcome(() => w.closed), await outcome(() => text(new Response("n").body.pipeThrough(new DecompressionStream("gzip"))))]; },
  fixedLengthPiped: async () => { const f = new FixedLengthStream(9); const sent = outcome(() => new Response("hello").body.pipeTo(f.writable)); return [await outcome(() => text(f.readable)), await sent]; },
};
