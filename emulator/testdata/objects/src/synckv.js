// ctx.storage.kv, synchronous pairs.

import { outcome } from "./show.js";

const fill = (kv, ...names) => { for (const name of names) kv.put(name, name.length); };
const keys = (kv, options) => [...kv.list(options)].map(([key]) => key);

export default {
  gives: ({ kv }) => [kv.put("k", 1), kv.get("k"), kv.delete("k"), kv.delete("k"), kv.get("k")],
  names: ({ kv }) => ["get", "put", "delete", "list"].map((name) => [typeof kv[name], kv[name].length]),
  identity: ({ kv, storage }) => [storage.kv === kv, kv.constructor.name, Object.prototype.toString.call(kv)],
  keyOfNumber: ({ kv }) => { kv.put(5, "five"); return [kv.get(5), kv.get("5"), keys(kv)]; },
  keyOfNull: ({ kv }) => { kv.put(null, 1); return keys(kv); },
  keyMissing: ({ kv }) => [outcomeSync(() => kv.get()), outcomeSync(() => kv.put()), outcomeSync(() => kv.put("k")), outcomeSync(() => kv.delete())],
  keyOfSymbol: ({ kv }) => outcome(() => kv.put(Symbol("x"), 1)),
  keyOfArray: ({ kv }) => { fill(kv, "a", "b", "a,b"); return [kv.get(["a", "b"]), kv.delete(["a"])]; },
  keyEmpty: ({ kv }) => { kv.put("", "empty"); return [kv.get(""), keys(kv)]; },
  valueOfUndefined: ({ kv }) => outcome(() => kv.put("k", undefined)),
  valueOfNull: ({ kv }) => { kv.put("k", null); return kv.get("k"); },
  valueIsCopied: ({ kv }) => { const value = { n: 1 }; kv.put("k", value); value.n = 2; const got = kv.get("k"); got.n = 3; return kv.get("k"); },
  valueRefused: ({ kv }) => [outcomeSync(() => kv.put("k", () => 1)), outcomeSync(() => kv.put("k", { s: Symbol("x") })), keys(kv)],
  valueOfAll: ({ kv }) => { kv.put("k", [new Date(0), /x/g, new Map([[1, 2]]), new Uint8Array([1]), 1n, NaN, undefined]); return kv.get("k"); },
  listIsIterable: ({ kv }) => { fill(kv, "b", "a"); const list = kv.list(); return [typeof list.next, typeof list[Symbol.iterator], list[Symbol.iterator]() === list, Object.prototype.toString.call(list), list.next(), list.next(), list.next(), list.next()]; },
  listTwice: ({ kv }) => { fill(kv, "a"); const list = kv.list(); return [[...list], [...list]]; },
  listOptions: ({ kv }) => { fill(kv, "a", "b", "c", "d"); return [keys(kv, { start: "b", end: "d" }), keys(kv, { startAfter: "b" }), keys(kv, { prefix: "c" }), keys(kv, { reverse: true, limit: 2 })]; },
  listRefuses: ({ kv }) => [outcomeSync(() => kv.list({ limit: 0 })), outcomeSync(() => kv.list({ limit: -1 })), outcomeSync(() => kv.list({ start: "a", startAfter: "b" }))],
  listEnded: ({ kv }) => { fill(kv, "a", "b", "c"); const seen = []; const list = kv.list(); for (const [key] of list) { seen.push(key); break; } return [seen, list.next()]; },
  listSeesDelete: ({ kv }) => { fill(kv, "a", "b", "c"); const seen = []; for (const [key] of kv.list()) { seen.push(key); kv.delete("b"); } return seen; },
  listSeesPut: ({ kv }) => { fill(kv, "a", "c"); const seen = []; for (const [key] of kv.list()) { seen.push(key); kv.put("b", 1); } return seen; },
  twoLists: ({ kv }) => { fill(kv, "a", "b"); const [one, two] = [kv.list(), kv.list({ reverse: true })]; return [one.next(), two.next(), one.next(), two.next()]; },
  listAcrossAwait: async ({ kv }) => { fill(kv, "a", "b", "c"); const list = kv.list(); const first = list.next(); await scheduler.wait(1); return [first, await outcome(() => list.next())]; },
  sameAsAsync: async ({ kv, storage }) => { kv.put("k", 1); const one = await storage.get("k"); await storage.put("k", 2); return [one, kv.get("k"), await storage.delete("k"), kv.get("k")]; },
  seesUnawaited: ({ kv, storage }) => { storage.put("k", 1); return kv.get("k"); },
  afterDeleteAll: async ({ kv, storage }) => { kv.put("k", 1); storage.deleteAll(); const gone = kv.get("k"); kv.put("j", 2); return [gone, keys(kv)]; },
  inTransactionSync: ({ kv, storage }) => { kv.put("k", 1); const error = outcomeSync(() => storage.transactionSync(() => { kv.put("k", 2); kv.put("j", 3); throw new Error("undo"); })); return [error, kv.get("k"), kv.get("j")]; },
  inTransaction: async ({ kv, storage }) => { kv.put("k", 1); await storage.transaction(async (txn) => { kv.put("k", 2); txn.rollback(); }); return kv.get("k"); },
  detached: ({ kv }) => outcome(() => (0, kv.get)("k")),
};

function outcomeSync(run) {
  try {
    return { ok: run() };
  } catch (error) {
    return { thrown: error };
  }
}
