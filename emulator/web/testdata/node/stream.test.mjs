import assert from "node:assert";
import { EventEmitter, once } from "node:events";
import stream, { Duplex, PassThrough, Readable, Stream, Transform, Writable, addAbortSignal, compose, duplexPair, finished, pipeline } from "node:stream";
import * as consumers from "node:stream/consumers";
import * as promises from "node:stream/promises";
import util, { promisify } from "node:util";

const tick = () => new Promise((resolve) => setTimeout(resolve, 1));
const upper = () => new Transform({ transform: (chunk, _encoding, callback) => callback(null, chunk.toString().toUpperCase()) });
const sink = (into) => new Writable({ write(chunk, _encoding, callback) { into.push(chunk.toString()); callback(); } });

async function readables() {
  const seen = [];
  const r = new Readable({ read() {} });
  r.on("data", (chunk) => seen.push(chunk.toString())).on("end", () => seen.push("end")).on("close", () => seen.push("close"));
  r.push("a");
  r.push(Buffer.from("b"));
  r.push(null);
  await tick();
  assert.deepStrictEqual(seen, ["a", "b", "end", "close"]);
  assert.deepStrictEqual([r.readableEnded, r.destroyed, r.readable, r.readableDidRead], [true, true, false, true]);

  const paused = Readable.from(["x", "y", "z"]);
  const chunks = [];
  for await (const chunk of paused) chunks.push(chunk);
  assert.deepStrictEqual(chunks, ["x", "y", "z"]);
  assert.strictEqual(paused.destroyed, true);

  const sized = new Readable({ read() {} });
  sized.push("hello");
  sized.push(" world");
  assert.strictEqual(sized.readableLength, 11);
  assert.strictEqual(sized.read(3).toString(), "hel");
  assert.strictEqual(sized.read().toString(), "lo world");
  assert.strictEqual(sized.read(), null);
  sized.unshift("back");
  assert.strictEqual(sized.read().toString(), "back");

  const text = new Readable({ read() {}, encoding: "utf8" });
  text.push(Buffer.from([0xc3]));
  text.push(Buffer.from([0xa9]));
  text.push(null);
  assert.strictEqual((await text.toArray()).join(""), "é");
  assert.strictEqual(Readable.from("whole").readableObjectMode, true);
  assert.deepStrictEqual(await Readable.from("whole").toArray(), ["whole"]);

  const early = Readable.from([1, 2, 3]);
  for await (const value of early) {
    assert.strictEqual(value, 1);
    break;
  }
  assert.strictEqual(early.destroyed, true);

  const failing = new Readable({ read() { this.destroy(new Error("no")); } });
  await assert.rejects(async () => { for await (const _ of failing); }, /^Error: no$/);
  await assert.rejects(promises.finished(new Readable({ read() { throw new TypeError("in read"); } }).resume()), /in read/);
  assert.throws(() => new Readable({ read() {} }).setEncoding("nope"), { code: "ERR_UNKNOWN_ENCODING" });
  const after = new Readable({ read() {} });
  after.push(null);
  const [error] = await Promise.all([once(after, "error"), after.push("late")]);
  assert.strictEqual(error[0].code, "ERR_STREAM_PUSH_AFTER_EOF");
}

async function readableEvents() {
  const r = new Readable({ read() {} });
  const got = [];
  r.on("readable", () => { for (let chunk; (chunk = r.read()) !== null; ) got.push(chunk.toString()); });
  r.push("one");
  await tick();
  r.push("two");
  r.push(null);
  await once(r, "end");
  assert.deepStrictEqual(got, ["one", "two"]);
  const p = new Readable({ read() {} });
  const heard = [];
  p.on("data", (chunk) => heard.push(chunk.toString()));
  p.pause();
  p.push("kept");
  await tick();
  assert.deepStrictEqual([heard, p.isPaused(), p.readableFlowing], [[], true, false]);
  p.resume();
  await tick();
  assert.deepStrictEqual(heard, ["kept"]);
  let reads = 0;
  const pulled = new Readable({ highWaterMark: 2, objectMode: true, read() { this.push(reads++ < 5 ? reads : null); } });
  assert.deepStrictEqual(await pulled.toArray(), [1, 2, 3, 4, 5]);
}

async function writables() {
  const seen = [];
  const w = new Writable({ highWaterMark: 3, write(chunk, encoding, callback) { seen.push([chunk.toString(), encoding]); setTimeout(callback, 1); }, final(callback) { seen.push("final"); callback(); } });
  assert.strictEqual(w.write("ab"), true);
  assert.strictEqual(w.write("cd"), false);
  assert.strictEqual(w.writableNeedDrain, true);
  await once(w, "drain");
  w.end("ef");
  await once(w, "close");
  assert.deepStrictEqual(seen, [["ab", "buffer"], ["cd", "buffer"], ["ef", "buffer"], "final"]);
  assert.deepStrictEqual([w.writableEnded, w.writableFinished, w.destroyed], [true, true, true]);

  const many = [];
  const v = new Writable({ writev(chunks, callback) { many.push(chunks.map(({ chunk }) => chunk.toString())); callback(); } });
  v.cork();
  v.write("1");
  v.write("2");
  v.uncork();
  v.end("3");
  await once(v, "finish");
  assert.deepStrictEqual(many, [["1", "2"], ["3"]]);

  const late = sink([]);
  late.end();
  const failed = once(late, "error");
  late.write("x", (error) => assert.strictEqual(error.code, "ERR_STREAM_WRITE_AFTER_END"));
  assert.strictEqual((await failed)[0].code, "ERR_STREAM_WRITE_AFTER_END");
  assert.throws(() => sink([]).write(null), { code: "ERR_STREAM_NULL_VALUES" });
  assert.throws(() => sink([]).write(5), { code: "ERR_INVALID_ARG_TYPE" });
  const broken = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error("disk")) });
  broken.write("x");
  assert.strictEqual((await once(broken, "error"))[0].message, "disk");
  assert.strictEqual(broken.destroyed, true);
  const dead = sink([]);
  dead.destroy();
  await new Promise((resolve) => dead.write("x", (error) => { assert.strictEqual(error.code, "ERR_STREAM_DESTROYED"); resolve(); }));
  await new Promise((resolve) => new Writable({}).on("error", (error) => { assert.strictEqual(error.code, "ERR_METHOD_NOT_IMPLEMENTED"); resolve(); }).write("x") || resolve()).catch((error) => assert.strictEqual(error.code, "ERR_METHOD_NOT_IMPLEMENTED"));
}

async function constructed() {
  const order = [];
  const w = new Writable({ construct(callback) { order.push("construct"); setTimeout(callback, 1); }, write(chunk, _encoding, callback) { order.push(chunk.toString()); callback(); } });
  w.write("a");
  w.end("b");
  await once(w, "close");
  assert.deepStrictEqual(order, ["construct", "a", "b"]);
}

async function transforms() {
  const out = [];
  await promises.pipeline(Readable.from(["a", "b"]), upper(), sink(out));
  assert.deepStrictEqual(out, ["A", "B"]);
  const flushed = new Transform({ transform(chunk, _encoding, callback) { this.push(chunk); callback(); }, flush(callback) { callback(null, "!"); } });
  flushed.end("x");
  assert.strictEqual(Buffer.concat(await flushed.toArray()).toString(), "x!");
  const through = new PassThrough();
  through.end("same");
  assert.strictEqual(await consumers.text(through), "same");
  const objects = new Transform({ objectMode: true, transform: (value, _encoding, callback) => callback(null, { value }) });
  objects.write(1);
  objects.end(2);
  assert.deepStrictEqual(await objects.toArray(), [{ value: 1 }, { value: 2 }]);
  const failing = new Transform({ transform: (_chunk, _encoding, callback) => callback(new Error("bad")) });
  await assert.rejects(promises.pipeline(Readable.from(["a"]), failing, sink([])), /bad/);
}

async function pipes() {
  const out = [];
  const source = Readable.from(["1", "2", "3"]);
  const target = sink(out);
  const piped = [];
  target.on("pipe", (from) => piped.push(from === source)).on("unpipe", () => piped.push("unpipe"));
  assert.strictEqual(source.pipe(target), target);
  await once(target, "finish");
  assert.deepStrictEqual([out, piped], [["1", "2", "3"], [true, "unpipe"]]);
  const slow = new Writable({ highWaterMark: 1, objectMode: true, write(value, _encoding, callback) { out.push(value); setTimeout(callback, 1); } });
  out.length = 0;
  Readable.from([1, 2, 3, 4, 5]).pipe(slow);
  await once(slow, "finish");
  assert.deepStrictEqual(out, [1, 2, 3, 4, 5]);
}

async function pipelines() {
  const out = [];
  await new Promise((resolve, reject) => pipeline(Readable.from(["a", "b"]), upper(), sink(out), (error) => (error ? reject(error) : resolve())));
  assert.deepStrictEqual(out, ["A", "B"]);
  out.length = 0;
  await promises.pipeline(async function* () { yield "x"; yield "y"; }, async function* (source) { for await (const chunk of source) yield `${chunk}${chunk}`; }, sink(out));
  assert.deepStrictEqual(out, ["xx", "yy"]);
  assert.strictEqual(await promises.pipeline(Readable.from([1, 2, 3]), async (source) => { let sum = 0; for await (const n of source) sum += n; return sum; }), 6);
  await assert.rejects(promises.pipeline(Readable.from(["a"]), async function* () { throw new RangeError("mid"); }, sink([])), RangeError);
  const controller = new AbortController();
  const waiting = promises.pipeline(new Readable({ read() {} }), sink([]), { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, { name: "AbortError", code: "ABORT_ERR" });
  const cut = new PassThrough();
  const ending = promises.pipeline(cut, sink([]));
  cut.destroy();
  await assert.rejects(ending, { code: "ERR_STREAM_PREMATURE_CLOSE" });
  assert.throws(() => pipeline(Readable.from([])), { code: "ERR_INVALID_ARG_TYPE" });
  assert.strictEqual(typeof promisify(pipeline), "function");
}

async function ends() {
  const r = Readable.from(["a"]);
  r.resume();
  await promisify(finished)(r);
  const w = sink([]);
  w.destroy(new Error("gone"));
  w.on("error", () => {});
  await assert.rejects(promises.finished(w), /gone/);
  const open = new PassThrough();
  const over = promises.finished(open);
  open.destroy();
  await assert.rejects(over, { code: "ERR_STREAM_PREMATURE_CLOSE" });
  const signalled = addAbortSignal(AbortSignal.abort(), new Readable({ read() {} }));
  await assert.rejects(promises.finished(signalled), { name: "AbortError" });
}

async function duplexes() {
  const d = new Duplex({ read() { this.push("out"); this.push(null); }, write(chunk, _encoding, callback) { this.got = chunk.toString(); callback(); } });
  d.end("in");
  assert.strictEqual(await consumers.text(d), "out");
  assert.strictEqual(d.got, "in");
  const [a, b] = duplexPair();
  a.end("across");
  assert.strictEqual(await consumers.text(b), "across");
  assert.ok(d instanceof Readable && d instanceof Writable && d instanceof Stream && !(Readable.from([]) instanceof Writable));
  const joined = Duplex.from({ readable: Readable.from(["r"]), writable: sink([]) });
  assert.strictEqual((await joined.toArray()).join(""), "r");
  const mapped = compose(new PassThrough(), upper());
  mapped.end("abc");
  assert.strictEqual((await mapped.toArray()).join(""), "ABC");
}

async function operators() {
  const numbers = () => Readable.from([1, 2, 3, 4]);
  assert.deepStrictEqual(await numbers().map((n) => n * 2).toArray(), [2, 4, 6, 8]);
  assert.deepStrictEqual(await numbers().filter(async (n) => n % 2).toArray(), [1, 3]);
  assert.deepStrictEqual(await numbers().flatMap((n) => [n, n]).take(3).toArray(), [1, 1, 2]);
  assert.deepStrictEqual(await numbers().drop(2).toArray(), [3, 4]);
  assert.strictEqual(await numbers().reduce((a, b) => a + b), 10);
  assert.deepStrictEqual([await numbers().some((n) => n > 3), await numbers().every((n) => n > 3), await numbers().find((n) => n > 2)], [true, false, 3]);
  const each = [];
  await numbers().forEach((n) => void each.push(n));
  assert.deepStrictEqual(each, [1, 2, 3, 4]);
}

async function webStreams() {
  const bytes = new Response("from the web").body;
  assert.strictEqual(await consumers.text(Readable.fromWeb(bytes)), "from the web");
  assert.strictEqual(await new Response(Readable.toWeb(Readable.from([Buffer.from("to the web")]))).text(), "to the web");
  const got = [];
  const w = Writable.fromWeb(new WritableStream({ write(chunk) { got.push(chunk.toString()); } }));
  w.end("chunk");
  await promises.finished(w);
  assert.deepStrictEqual(got, ["chunk"]);
  const out = [];
  const writer = Writable.toWeb(sink(out)).getWriter();
  await writer.write("node");
  await writer.close();
  assert.deepStrictEqual(out, ["node"]);
}

async function oldWays() {
  function Old() { Readable.call(this, { objectMode: true }); this.left = 2; }
  util.inherits(Old, Readable);
  Old.prototype._read = function () { this.push(this.left > 0 ? this.left-- : null); };
  assert.deepStrictEqual(await new Old().toArray(), [2, 1]);
  class Sub extends Transform { _transform(chunk, _encoding, callback) { callback(null, `<${chunk}>`); } }
  const sub = new Sub();
  sub.end("t");
  assert.strictEqual(await consumers.text(sub), "<t>");
  const legacy = new Stream();
  const out = [];
  legacy.pipe(sink(out));
  legacy.emit("data", "old");
  legacy.emit("end");
  assert.deepStrictEqual(out, ["old"]);
  const wrapped = new Readable().wrap(Object.assign(new EventEmitter(), { pause() {}, resume() {} }));
  assert.ok(wrapped instanceof Readable);
  assert.strictEqual(Readable() instanceof Readable, true);
  assert.strictEqual(stream.Readable, Readable);
  assert.deepStrictEqual(await consumers.json(Readable.from(['{"a":', "1}"])), { a: 1 });
  assert.strictEqual((await consumers.buffer(Readable.from([Buffer.from("x")]))).toString(), "x");
}

export default async function () {
  for (const test of [readables, readableEvents, writables, constructed, transforms, pipes, pipelines, ends, duplexes, operators, webStreams, oldWays]) {
    try {
      await test();
    } catch (error) {
      error.message = `${test.name}: ${error.message}`;
      throw error;
    }
  }
}
