import EventEmitter, { EventEmitter as Named, on, once, errorMonitor, getEventListeners, listenerCount } from "node:events";
import * as events from "node:events";
import assert from "node:assert";

function basics() {
  assert.strictEqual(EventEmitter, Named);
  assert.strictEqual(EventEmitter.EventEmitter, EventEmitter);
  const e = new EventEmitter();
  const seen = [];
  const listener = function (...args) { seen.push(this === e, ...args); };
  assert.strictEqual(e.on("a", listener), e);
  assert.strictEqual(e.emit("a", 1, 2, 3), true);
  assert.strictEqual(e.emit("nobody"), false);
  assert.deepStrictEqual(seen, [true, 1, 2, 3]);
  e.once("a", () => seen.push("once"));
  e.prependListener("a", () => seen.push("first"));
  e.prependOnceListener("a", () => seen.push("first once"));
  seen.length = 0;
  e.emit("a");
  e.emit("a");
  assert.deepStrictEqual(seen, ["first once", "first", true, "once", "first", true]);
  assert.strictEqual(e.listenerCount("a"), 2);
  assert.strictEqual(e.listeners("a")[1], listener);
  e.off("a", listener);
  assert.strictEqual(e.listenerCount("a"), 1);
  e.removeAllListeners("a");
  assert.deepStrictEqual(e.eventNames(), []);
  const symbol = Symbol("s");
  e.on(symbol, () => {}).on("b", () => {});
  assert.deepStrictEqual(e.eventNames(), ["b", symbol]);
  assert.strictEqual(EventEmitter.prototype.on, EventEmitter.prototype.addListener);
  assert.strictEqual(EventEmitter.prototype.off, EventEmitter.prototype.removeListener);
  assert.throws(() => e.on("x", "no function"), {
    code: "ERR_INVALID_ARG_TYPE",
    message: `The "listener" argument must be of type function. Received type string ('no function')`,
  });
}

function inheritance() {
  function Old() { EventEmitter.call(this); }
  Object.setPrototypeOf(Old.prototype, EventEmitter.prototype);
  class New extends EventEmitter {}
  for (const Class of [Old, New]) {
    const [a, b] = [new Class(), new Class()];
    let calls = 0;
    a.on("x", () => ++calls);
    b.emit("x");
    a.emit("x");
    assert.strictEqual(calls, 1);
    assert.ok(a instanceof EventEmitter);
  }
  const mixed = Object.assign({}, EventEmitter.prototype);
  let got = 0;
  mixed.on("y", () => ++got);
  mixed.emit("y");
  assert.strictEqual(got, 1);
}

function metaEvents() {
  const e = new EventEmitter();
  const log = [];
  e.on("newListener", (name, fn) => log.push("+" + name, typeof fn));
  e.on("removeListener", (name) => log.push("-" + name));
  const f = () => {};
  e.once("a", f);
  assert.strictEqual(e.rawListeners("a")[0].listener, f);
  e.emit("a");
  e.on("b", f);
  e.removeAllListeners("b");
  assert.deepStrictEqual(log, ["+removeListener", "function", "+a", "function", "-a", "+b", "function", "-b"]);
  // removing while emitting does not disturb the round under way
  const seen = [];
  const second = () => seen.push(2);
  const r = new EventEmitter();
  r.on("z", () => { seen.push(1); r.off("z", second); });
  r.on("z", second);
  r.emit("z");
  r.emit("z");
  assert.deepStrictEqual(seen, [1, 2, 1]);
}

function errors() {
  const e = new EventEmitter();
  const boom = new Error("boom");
  assert.throws(() => e.emit("error", boom), boom);
  assert.throws(() => e.emit("error", { a: 1 }), { code: "ERR_UNHANDLED_ERROR", message: "Unhandled error. ({ a: 1 })" });
  const seen = [];
  e.on(errorMonitor, (error) => seen.push("monitor", error));
  assert.throws(() => e.emit("error", boom), boom);
  e.on("error", (error) => seen.push("handler", error));
  e.emit("error", boom);
  assert.deepStrictEqual(seen, ["monitor", boom, "monitor", boom, "handler", boom]);
}

async function captured() {
  const e = new EventEmitter({ captureRejections: true });
  e.on("go", async () => { throw new Error("rejected"); });
  const caught = new Promise((resolve) => e.on("error", resolve));
  e.emit("go");
  assert.strictEqual((await caught).message, "rejected");
  const own = new EventEmitter({ captureRejections: true });
  const args = new Promise((resolve) => { own[Symbol.for("nodejs.rejection")] = (...a) => resolve(a); });
  own.on("go", async () => { throw new Error("mine"); });
  own.emit("go", 42);
  const [error, name, value] = await args;
  assert.deepStrictEqual([error.message, name, value], ["mine", "go", 42]);
}

async function promises() {
  const e = new EventEmitter();
  setTimeout(() => e.emit("ready", 1, 2), 1);
  assert.deepStrictEqual(await once(e, "ready"), [1, 2]);
  setTimeout(() => e.emit("error", new Error("bad")), 1);
  await assert.rejects(once(e, "ready"), /bad/);
  assert.deepStrictEqual(e.eventNames(), []);
  const aborted = new AbortController();
  setTimeout(() => aborted.abort(), 1);
  await assert.rejects(once(e, "ready", { signal: aborted.signal }), { name: "AbortError", code: "ABORT_ERR" });
  const target = new EventTarget();
  setTimeout(() => target.dispatchEvent(new Event("ping")), 1);
  const [event] = await once(target, "ping");
  assert.strictEqual(event.type, "ping");
}

async function iterators() {
  const e = new EventEmitter();
  const iterator = on(e, "tick", { close: ["end"] });
  e.emit("tick", 1);
  e.emit("tick", 2, 3);
  const seen = [];
  setTimeout(() => { e.emit("tick", 4); e.emit("end"); }, 1);
  for await (const args of iterator) seen.push(args);
  assert.deepStrictEqual(seen, [[1], [2, 3], [4]]);
  assert.deepStrictEqual(e.eventNames(), []);
  const failing = on(e, "tick");
  e.emit("tick", "last");
  e.emit("error", new Error("stop"));
  assert.deepStrictEqual((await failing.next()).value, ["last"]);
  await assert.rejects(failing.next(), /stop/);
  assert.deepStrictEqual(await failing.next(), { value: undefined, done: true });
}

function limits() {
  assert.strictEqual(events.defaultMaxListeners, 10);
  const e = new EventEmitter();
  assert.strictEqual(e.getMaxListeners(), 10);
  assert.strictEqual(e.setMaxListeners(2).getMaxListeners(), 2);
  assert.throws(() => e.setMaxListeners(-1), { code: "ERR_OUT_OF_RANGE" });
  const f = () => {};
  e.on("a", f).on("a", f);
  assert.strictEqual(listenerCount(e, "a"), 2);
  assert.deepStrictEqual(getEventListeners(e, "a"), [f, f]);
  events.setMaxListeners(5, e);
  assert.strictEqual(events.getMaxListeners(e), 5);
}

export default async function () {
  basics();
  inheritance();
  metaEvents();
  errors();
  limits();
  await captured();
  await promises();
  await iterators();
}
