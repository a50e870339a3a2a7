import assert from "node:assert";
import console_ from "node:console";
import diagnostics from "node:diagnostics_channel";
import fs from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import net from "node:net";
import { performance as perf } from "node:perf_hooks";
import { once } from "node:events";
import process_ from "node:process";
import { text } from "node:stream/consumers";
import timers from "node:timers";
import { setImmediate as immediately, setInterval as every, setTimeout as after } from "node:timers/promises";
import { promisify } from "node:util";
import zlib from "node:zlib";

async function timing() {
  assert.strictEqual(await after(1, "value"), "value");
  assert.strictEqual(await immediately("now"), "now");
  let count = 0;
  for await (const value of every(1, "tick")) {
    assert.strictEqual(value, "tick");
    if (++count === 3) break;
  }
  const controller = new AbortController();
  const waiting = after(1000, null, { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, { name: "AbortError", code: "ABORT_ERR" });
  await assert.rejects(after(1, null, { signal: 5 }), { code: "ERR_INVALID_ARG_TYPE" });
  const timer = timers.setTimeout(() => assert.fail("a cleared timer ran"), 1);
  timers.clearTimeout(timer);
  assert.strictEqual(timer.hasRef(), true);
}

async function compression() {
  const data = Buffer.from("hello ".repeat(1000));
  for (const [pack, unpack] of [["deflate", "inflate"], ["gzip", "gunzip"], ["deflateRaw", "inflateRaw"], ["gzip", "unzip"], ["deflate", "unzip"]]) {
    const packed = zlib[`${pack}Sync`](data);
    assert.ok(packed.length < 200, `${pack} gives ${packed.length} bytes`);
    assert.strictEqual(zlib[`${unpack}Sync`](packed).toString(), data.toString());
    assert.strictEqual((await promisify(zlib[unpack])(await promisify(zlib[pack])(data))).toString(), data.toString());
  }
  assert.strictEqual(zlib.gunzipSync(Buffer.from("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==", "base64")).toString(), "hello");
  const stream = zlib.createGzip({ level: 9 });
  stream.write("streamed ");
  stream.end("text");
  assert.strictEqual(await text(stream.pipe(zlib.createGunzip())), "streamed text");
  const flushed = zlib.createDeflate();
  flushed.write("part");
  await new Promise((resolve) => flushed.flush(resolve));
  assert.ok(flushed.read().length > 4);
  assert.throws(() => zlib.gunzipSync(Buffer.from("not gzip at all")), { message: "incorrect header check" });
  assert.throws(() => zlib.inflateSync(zlib.deflateSync("cut short").subarray(0, 8)), { message: "unexpected end of file" });
  const broken = zlib.createGunzip();
  broken.end("nonsense nonsense");
  assert.strictEqual((await once(broken, "error"))[0].code, "Z_DATA_ERROR");
  assert.throws(() => zlib.gunzipSync(zlib.gzipSync(data), { maxOutputLength: 10 }), RangeError);
  assert.strictEqual(zlib.gzipSync("x")[9], 3);
  assert.throws(() => zlib.gzipSync(5), TypeError);
  assert.strictEqual(zlib.crc32("hello"), 0x3610a686);
  assert.strictEqual(zlib.crc32("lo", zlib.crc32("hel")), 0x3610a686);
  assert.deepStrictEqual([zlib.constants.Z_BEST_COMPRESSION, zlib.Z_SYNC_FLUSH, zlib.codes.Z_BUF_ERROR, zlib.codes["-5"]], [9, 2, -5, "Z_BUF_ERROR"]);
}

function channels() {
  const seen = [];
  const channel = diagnostics.channel("test");
  const listener = (message, name) => seen.push([message, name]);
  assert.strictEqual(channel.hasSubscribers, false);
  diagnostics.subscribe("test", listener);
  channel.publish("one");
  assert.strictEqual(channel.hasSubscribers, true);
  diagnostics.unsubscribe("test", listener);
  assert.strictEqual(diagnostics.hasSubscribers("test"), false);
  channel.publish("two");
  assert.deepStrictEqual(seen, [["one", "test"]]);
  const tracing = diagnostics.tracingChannel("work");
  const steps = [];
  tracing.subscribe(Object.fromEntries(["start", "end", "error"].map((name) => [name, (context) => steps.push([name, context.result])])));
  assert.strictEqual(tracing.traceSync((a) => a * 2, {}, null, 4), 8);
  assert.throws(() => tracing.traceSync(() => { throw new RangeError("x"); }), RangeError);
  assert.deepStrictEqual(steps.map(([name]) => name), ["start", "end", "start", "error", "end"]);
  assert.strictEqual(diagnostics.channel("test"), channel);
}

async function files() {
  const dir = fs.mkdtempSync("/tmp/test-");
  const file = `${dir}/a.txt`;
  fs.writeFileSync(file, "one");
  fs.appendFileSync(file, " two");
  assert.strictEqual(fs.readFileSync(file, "utf8"), "one two");
  assert.strictEqual(fs.statSync(file).size, 7);
  assert.deepStrictEqual([fs.statSync(file).isFile(), fs.statSync(dir).isDirectory(), fs.existsSync(`${dir}/b`)], [true, true, false]);
  fs.mkdirSync(`${dir}/x/y`, { recursive: true });
  fs.copyFileSync(file, `${dir}/x/y/c`);
  fs.renameSync(`${dir}/x/y/c`, `${dir}/x/d`);
  assert.deepStrictEqual(fs.readdirSync(`${dir}/x`).sort(), ["d", "y"]);
  assert.throws(() => fs.readFileSync(`${dir}/none`), { code: "ENOENT" });
  assert.throws(() => fs.mkdirSync(file), { code: "EEXIST" });
  assert.throws(() => fs.rmdirSync(dir), { code: "ENOTEMPTY" });
  assert.throws(() => fs.readFileSync(dir), { code: "EISDIR" });
  const fd = fs.openSync(file, "r+");
  fs.writeSync(fd, "ONE");
  const view = Buffer.alloc(3);
  assert.strictEqual(fs.readSync(fd, view, 0, 3, 4), 3);
  fs.closeSync(fd);
  assert.deepStrictEqual([view.toString(), fs.readFileSync(file, "utf8")], ["two", "ONE two"]);
  assert.strictEqual(await fs.promises.readFile(file, { encoding: "utf8" }), "ONE two");
  await fs.promises.writeFile(file, "promised");
  assert.strictEqual(await new Promise((resolve, reject) => fs.readFile(file, "utf8", (error, data) => (error ? reject(error) : resolve(data)))), "promised");
  const out = fs.createWriteStream(`${dir}/s`);
  out.write("a");
  out.end("b");
  await once(out, "close");
  assert.strictEqual(await text(fs.createReadStream(`${dir}/s`)), "ab");
  await assert.rejects(fs.promises.readFile(`${dir}/none`), { code: "ENOENT" });
  fs.symlinkSync(file, `${dir}/link`);
  assert.deepStrictEqual([fs.lstatSync(`${dir}/link`).isSymbolicLink(), fs.readFileSync(`${dir}/link`, "utf8")], [true, "promised"]);
  fs.rmSync(dir, { recursive: true });
  assert.strictEqual(fs.existsSync(dir), false);
}

function others() {
  assert.deepStrictEqual([net.isIP("127.0.0.1"), net.isIP("::1"), net.isIP("x"), net.isIPv4("256.0.0.1"), net.isIPv6("fe80::1%eth0")], [4, 6, 0, false, true]);
  const list = new net.BlockList();
  list.addSubnet("10.0.0.0", 8);
  list.addRange("1.1.1.1", "1.1.1.9");
  assert.deepStrictEqual([list.check("10.2.3.4"), list.check("1.1.1.5"), list.check("1.1.1.10")], [true, true, false]);
  assert.strictEqual(isBuiltin("node:stream"), true);
  const require = createRequire(import.meta.url ?? "file:///x");
  assert.strictEqual(require("node:zlib"), zlib);
  assert.strictEqual(perf, performance);
  assert.strictEqual(process_, process);
  assert.strictEqual(typeof process.stdout.write, "function");
  assert.strictEqual(typeof console_.log, "function");
}

export default async function () {
  await timing();
  await compression();
  channels();
  await files();
  others();
}
