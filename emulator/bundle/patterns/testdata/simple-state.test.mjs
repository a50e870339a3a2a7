// Each entry is a claim and a function that throws if it is not true.
import { SimpleState } from "@/core/services/durable-objects/base-durable-object";
import { equal, fails } from "./assert.mjs";

const storage = () => new SimpleState().storage;
const keys = async (store, options) => [...(await store.list(options)).keys()].join();

async function filled(...names) {
  const store = storage();
  await store.put(Object.fromEntries(names.map((name) => [name, name])));
  return store;
}

export default {
  "a missing key is undefined": async () => equal(await storage().get("nope"), undefined),

  "several keys come as a Map in key order, without those that are missing": async () => {
    const store = await filled("b", "a", "c");
    equal(await store.get(["c", "zz", "a", "b", "a"]), new Map([["a", "a"], ["b", "b"], ["c", "c"]]));
  },

  "a key that is no string is taken as one": async () => {
    const store = storage();
    await store.put("5", "five");
    equal(await store.get(5), "five");
  },

  "undefined cannot be put, and is left out of several": async () => {
    const store = storage();
    await fails(() => store.put("a", undefined), "TypeError", "put() called with undefined value.");
    await store.put({ a: undefined, b: 1 });
    equal(await store.list(), new Map([["b", 1]]));
  },

  "a key named like a prototype is a key": async () => {
    const store = storage();
    await store.put("__proto__", 1);
    equal(await store.list(), new Map([["__proto__", 1]]));
  },

  "values are cloned on their way in and out": async () => {
    const store = storage();
    const value = { list: [1], at: new Date(5), bytes: new Uint8Array([1, 2]), map: new Map([[1, { a: 1 }]]) };
    const put = store.put("v", value);
    value.list.push(2);
    await put;
    const first = await store.get("v");
    first.list.push(3);
    equal((await store.get("v")).list, [1]);
    equal(first.map, new Map([[1, { a: 1 }]]));
    equal(first.at, new Date(5));
    equal(first.bytes, new Uint8Array([1, 2]));
    (await store.list()).get("v").list.push(4);
    equal((await store.get("v")).list, [1]);
  },

  "a value that cannot be cloned stores nothing of its batch": async () => {
    const store = storage();
    await fails(() => store.put({ a: 1, b: () => 1 }), "DataCloneError", "() => 1 could not be cloned.");
    equal(await store.list(), new Map());
  },

  "delete says whether there was a key, or how many": async () => {
    const store = await filled("a", "b");
    equal(await store.delete("x"), false);
    equal(await store.delete(["a", "a", "b", "c"]), 2);
  },

  "more than 128 keys in one call are refused": async () => {
    const names = Array.from({ length: 129 }, (_, i) => `k${i}`);
    const entries = Object.fromEntries(names.map((name) => [name, 1]));
    const message = "Maximum number of key value pairs is 128. 129 pairs were provided.";
    const store = storage();
    await fails(() => store.get(names), "RangeError", message);
    await fails(() => store.put(entries), "RangeError", message);
    await fails(() => store.delete(names), "RangeError", message);
    delete entries.k0;
    await store.put(entries);
    equal((await store.list()).size, 128);
  },

  "keys are in the order of their UTF-8 bytes": async () => {
    const store = await filled("\uffee", "\u{1f600}", "z", "é", "\ue000", "za", "\u{1f600}a");
    equal(await keys(store), ["z", "za", "é", "\ue000", "\uffee", "\u{1f600}", "\u{1f600}a"].join());
  },

  "a lone surrogate is replaced byte by byte": async () => {
    const store = storage();
    await store.put("\ud800x", 1);
    equal(await keys(store), "\ufffd\ufffd\ufffdx");
    equal(await store.get("\ud800x"), 1);
  },

  "list takes start, startAfter, end, prefix, reverse and limit": async () => {
    const store = await filled("a", "a:1", "a:2", "a:3", "a;", "b");
    const rows = [
      [{}, "a,a:1,a:2,a:3,a;,b"],
      [null, "a,a:1,a:2,a:3,a;,b"],
      [{ start: "a:2" }, "a:2,a:3,a;,b"],
      [{ startAfter: "a:2" }, "a:3,a;,b"],
      [{ end: "a:2" }, "a,a:1"],
      [{ start: "b", end: "a" }, ""],
      [{ prefix: "a:" }, "a:1,a:2,a:3"],
      [{ prefix: "" }, "a,a:1,a:2,a:3,a;,b"],
      [{ prefix: "a:", start: "a:2", end: "b" }, "a:2,a:3"],
      [{ prefix: "a:", startAfter: "a:1" }, "a:2,a:3"],
      [{ prefix: "a", start: "b" }, ""],
      [{ reverse: true }, "b,a;,a:3,a:2,a:1,a"],
      [{ reverse: true, limit: 2 }, "b,a;"],
      [{ reverse: true, startAfter: "a:3" }, "b,a;"],
      [{ limit: 1.9 }, "a"],
      [{ limit: undefined, start: undefined }, "a,a:1,a:2,a:3,a;,b"],
    ];
    for (const [options, want] of rows) equal(await keys(store, options), want, JSON.stringify(options));
  },

  "wrong list options fail in the platform's words": async () => {
    const store = storage();
    for (const limit of [0, -1, 0.5, NaN, null]) {
      await fails(() => store.list({ limit }), "TypeError", "List limit must be positive.");
    }
    await fails(
      () => store.list({ start: "a", startAfter: "b" }),
      "TypeError",
      "list() cannot be called with both start and startAfter values.",
    );
    await fails(
      () => store.list("a"),
      "TypeError",
      "Failed to execute 'list' on 'DurableObjectStorage': parameter 1 is not of type 'ListOptions'.",
    );
  },

  "what was not awaited is seen all the same": async () => {
    const store = storage();
    store.put("a", 1);
    store.put("b", 2);
    store.delete("a");
    equal(await store.list(), new Map([["b", 2]]));
  },

  "a result is a copy that later writes do not change": async () => {
    const store = await filled("a");
    const before = await store.list();
    await store.put("b", 1);
    equal(before.size, 1);
  },

  "deleteAll deletes values and the alarm": async () => {
    const store = await filled("a");
    await store.setAlarm(Date.now() + 1000);
    equal(await store.deleteAll(), undefined);
    equal(await store.list(), new Map());
    equal(await store.getAlarm(), null);
  },

  "a transaction commits and gives its closure's result": async () => {
    const store = storage();
    equal(await store.transaction(async (txn) => (await txn.put("a", 1), "done")), "done");
    equal(await store.get("a"), 1);
  },

  "a transaction reads what it wrote, and so does the storage inside it": async () => {
    const store = storage();
    await store.transaction(async (txn) => {
      txn.put("a", 1);
      equal(await txn.get("a"), 1);
      equal(await store.get("a"), 1);
    });
  },

  "a throw rolls back everything, the alarm too, and is passed on": async () => {
    const store = await filled("a");
    const time = Date.now() + 1000;
    await store.setAlarm(time);
    const failing = store.transaction(async (txn) => {
      await txn.put({ a: 1, b: 2 });
      await txn.deleteAlarm();
      throw new RangeError("inside");
    });
    await fails(() => failing, "RangeError", "inside");
    equal(await store.list(), new Map([["a", "a"]]));
    equal(await store.getAlarm(), time);
  },

  "rollback puts all back, may be called twice, and ends the transaction": async () => {
    const store = await filled("a");
    const result = await store.transaction(async (txn) => {
      await txn.delete("a");
      txn.rollback();
      txn.rollback();
      await fails(() => txn.put("a", 1), "Error", "Cannot put() on rolled back transaction");
      await fails(() => txn.get("a"), "Error", "Cannot get() on rolled back transaction");
      return "done";
    });
    equal(result, "done");
    equal(await store.list(), new Map([["a", "a"]]));
  },

  "a transaction that is over refuses to work": async () => {
    const store = storage();
    let kept;
    await store.transaction(async (txn) => void (kept = txn));
    const message = (call) =>
      `Cannot call ${call} on transaction that has already committed: did you move \`txn\` outside of the closure?`;
    await fails(() => kept.get("a"), "Error", message("get()"));
    await fails(() => kept.rollback(), "Error", message("rollback()"));
  },

  "a transaction has no deleteAll": () =>
    fails(
      () => storage().transaction((txn) => txn.deleteAll()),
      "Error",
      "Cannot call deleteAll() within a transaction",
    ),

  "an inner transaction rolls back alone": async () => {
    const store = storage();
    await store.transaction(async (outer) => {
      await outer.put("a", 1);
      await store.transaction(async (inner) => {
        await inner.put("b", 2);
        inner.rollback();
      });
    });
    equal(await store.list(), new Map([["a", 1]]));
  },

  "transactions started together run one after the other": async () => {
    const store = storage();
    const increment = () =>
      store.transaction(async (txn) => {
        const n = (await txn.get("n")) ?? 0;
        await Promise.resolve();
        await txn.put("n", n + 1);
      });
    await Promise.all([increment(), increment(), increment()]);
    equal(await store.get("n"), 3);
  },

  "transactionSync rolls back on a throw, inner ones alone": async () => {
    const store = storage();
    const result = store.transactionSync(() => {
      store.kv.put("a", 1);
      try {
        store.transactionSync(() => {
          store.kv.put("b", 2);
          throw new Error("inner");
        });
      } catch {}
      return "done";
    });
    equal(result, "done");
    equal(await store.list(), new Map([["a", 1]]));
  },

  "kv and the asynchronous storage are one": async () => {
    const store = await filled("b", "a");
    store.kv.put("c", { n: 1 });
    equal(await store.get("c"), { n: 1 });
    equal(store.kv.get("a"), "a");
    equal(store.kv.delete("a"), true);
    equal([...store.kv.list({ reverse: true, limit: 1 })], [["c", { n: 1 }]]);
    const listed = [];
    for (const [key] of store.kv.list()) {
      store.kv.delete(key);
      listed.push(key);
    }
    equal(listed, ["b", "c"]);
  },

  "alarms are set in whole milliseconds, replaced and deleted": async () => {
    const store = storage();
    equal(await store.getAlarm(), null);
    await store.setAlarm(1000.7);
    equal(await store.getAlarm(), 1000);
    await store.setAlarm(new Date(2000));
    equal(await store.getAlarm(), 2000);
    await store.deleteAlarm();
    equal(await store.getAlarm(), null);
  },

  "a wrong alarm time fails in the platform's words": async () => {
    const store = storage();
    for (const time of [0, -1]) {
      await fails(() => store.setAlarm(time), "TypeError", "setAlarm() cannot be called with an alarm time <= 0");
    }
    for (const time of [NaN, Infinity, new Date(NaN)]) {
      const message = "The value cannot be converted because it is not a valid Date.";
      await fails(() => store.setAlarm(time), "TypeError", message);
    }
  },

  "what needs a database or a recovery log says so": async () => {
    const store = storage();
    await fails(
      () => store.sql,
      "Error",
      "SimpleState has no SQL database. Test code that uses storage.sql in a Workers runtime.",
    );
    await fails(
      () => store.getBookmarkForTime(1),
      "Error",
      "This Durable Object's storage back-end does not implement point-in-time recovery.",
    );
  },

  "an id has 64 hex digits, the given name, and equals itself": () => {
    const [a, b] = [new SimpleState({ name: "lobby" }).id, new SimpleState().id];
    equal(/^[0-9a-f]{64}$/.test(a.toString()), true);
    equal(a.name, "lobby");
    equal([a.equals(a), a.equals(b)], [true, false]);
  },

  "sockets are found by tag, and tags are checked": async () => {
    const state = new SimpleState();
    const [a, b] = [{}, {}];
    state.acceptWebSocket(a, ["x", "x", "y"]);
    state.acceptWebSocket(b);
    equal(state.getWebSockets().length, 2);
    equal(state.getWebSockets("y")[0] === a, true);
    equal(state.getTags(a), ["x", "y"]);
    equal(state.getTags(b), []);
    await fails(() => state.getTags({}), "Error", "only hibernatable websockets can have tags.");
    await fails(
      () => state.acceptWebSocket({}, Array.from({ length: 11 }, (_, i) => `t${i}`)),
      "Error",
      "a Hibernatable WebSocket cannot have more than 10 tags",
    );
  },

  "critical sections run one after the other and give their results": async () => {
    const state = new SimpleState();
    const seen = [];
    const section = (name) =>
      state.blockConcurrencyWhile(async () => {
        seen.push(`${name} begins`);
        await Promise.resolve();
        seen.push(`${name} ends`);
        return name;
      });
    equal(await Promise.all([section("a"), section("b")]), ["a", "b"]);
    equal(seen, ["a begins", "a ends", "b begins", "b ends"]);
  },

  "a critical section may open another": async () => {
    const state = new SimpleState();
    const nested = state.blockConcurrencyWhile(async () => {
      await Promise.resolve();
      return state.blockConcurrencyWhile(async () => state.storage.transaction(async () => "inner"));
    });
    equal(await nested, "inner");
  },

  "settled waits for what was given to waitUntil": async () => {
    const state = new SimpleState();
    let done = false;
    state.waitUntil(Promise.resolve().then(() => state.waitUntil(Promise.resolve().then(() => (done = true)))));
    await state.settled();
    equal(done, true);
  },
};
