import { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } from "node:async_hooks";
import assert from "node:assert";

const store = new AsyncLocalStorage();
const get = () => store.getStore();

async function inAsyncFunctions() {
  const seen = [];
  const work = async (name) => {
    seen.push(get());
    await null;
    seen.push(get());
    await Promise.all([1, 2].map(async () => { await 0; assert.strictEqual(get(), name); }));
    for await (const x of (async function* () { yield get(); await 0; yield get(); })()) seen.push(x);
    try {
      await Promise.reject(new Error("x"));
    } catch {
      seen.push(get());
    } finally {
      await null;
      seen.push(get());
    }
    return get();
  };
  const [a, b] = await Promise.all([store.run("a", work, "a"), store.run("b", work, "b")]);
  assert.deepStrictEqual([a, b], ["a", "b"]);
  assert.strictEqual(seen.filter((x) => x === "a").length, 6);
  assert.strictEqual(seen.filter((x) => x === "b").length, 6);
  assert.strictEqual(get(), undefined);
}

async function inCallbacks() {
  const seen = [];
  const note = (resolve) => () => { seen.push(get()); resolve(); };
  await store.run("kept", () => Promise.all([
    new Promise((r) => queueMicrotask(note(r))),
    new Promise((r) => setTimeout(note(r), 1)),
    new Promise((r) => setImmediate(note(r))),
    new Promise((r) => { const t = setInterval(() => { clearInterval(t); note(r)(); }, 1); }),
    Promise.resolve().then(() => seen.push(get())),
    Promise.reject(1).catch(() => seen.push(get())),
    Promise.resolve().finally(() => seen.push(get())),
  ]));
  assert.deepStrictEqual(seen, Array(7).fill("kept"));
  assert.strictEqual(get(), undefined);
  const passed = await new Promise((resolve) => setTimeout((...args) => resolve(args), 1, "x", "y"));
  assert.deepStrictEqual(passed, ["x", "y"]);
}

function nesting() {
  const other = new AsyncLocalStorage();
  store.run(1, () => {
    other.run("o", () => {
      store.run(2, () => assert.deepStrictEqual([get(), other.getStore()], [2, "o"]));
      assert.deepStrictEqual([get(), other.getStore()], [1, "o"]);
      store.exit(() => assert.deepStrictEqual([get(), other.getStore()], [undefined, "o"]));
    });
    assert.strictEqual(other.getStore(), undefined);
    assert.throws(() => store.run(3, () => { throw new Error("out"); }), /out/);
    assert.strictEqual(get(), 1);
  });
  assert.strictEqual(store.run("x", (a, b) => a + b, 1, 2), 3);
}

function bindAndResource() {
  const bound = store.run("bound", () => AsyncLocalStorage.bind((x) => [get(), x]));
  assert.deepStrictEqual(bound(1), ["bound", 1]);
  const snapshot = store.run("snap", () => AsyncLocalStorage.snapshot());
  assert.strictEqual(store.run("other", () => snapshot(get)), "snap");
  const resource = store.run("res", () => new AsyncResource("R"));
  assert.strictEqual(resource.runInAsyncScope(get), "res");
  assert.deepStrictEqual(resource.runInAsyncScope(function (a) { return [this.me, a]; }, { me: 1 }, 2), [1, 2]);
  const method = store.run("other", () => resource.bind(function (a, b) { return [get(), this, a]; }, "self"));
  assert.strictEqual(method.length, 2);
  assert.deepStrictEqual(method(5).map(String), ["res", "self", "5"]);
  assert.strictEqual(store.run("st", () => AsyncResource.bind(get))(), "st");
  assert.strictEqual(typeof executionAsyncId(), "number");
  createHook({}).enable().disable();
}

export default async function () {
  nesting();
  bindAndResource();
  await inCallbacks();
  await inAsyncFunctions();
}
