// Transactions of both kinds, and what they hold together.

import { outcome } from "./show.js";

const keys = async (storage) => [...await storage.list()].map(([key, value]) => `${key}=${value}`);
const table = (exec) => exec("CREATE TABLE t (n INTEGER)");
const rows = (exec) => exec("SELECT n FROM t ORDER BY n").map(({ n }) => n);
const add = (exec, n) => exec("INSERT INTO t VALUES (?)", n);
const fail = (text = "undo") => { throw new RangeError(text); };

export default {
  givesItsValue: async ({ storage }) => [await storage.transaction(async () => ({ a: 1 })), await storage.transaction(() => 2), await storage.transaction(async () => {})],
  givesItsError: async ({ storage }) => outcome(() => storage.transaction(async () => fail())),
  givesThrownText: async ({ storage }) => outcome(() => storage.transaction(async () => { throw "text"; })),
  synchronousThrow: async ({ storage }) => { const result = await outcome(() => storage.transaction(() => { storage.put("a", 1); fail(); })); return [result, await keys(storage)]; },
  withoutCallback: async ({ storage }) => outcome(() => storage.transaction()),
  withoutFunction: async ({ storage }) => outcome(() => storage.transaction({})),
  keepsPairsAndRows: async ({ storage, exec }) => { table(exec); await storage.transaction(async (txn) => { await txn.put("a", 1); add(exec, 1); storage.kv.put("b", 2); }); return [await keys(storage), rows(exec)]; },
  undoesPairsAndRows: async ({ storage, exec }) => { table(exec); await outcome(() => storage.transaction(async (txn) => { await txn.put("a", 1); add(exec, 1); storage.kv.put("b", 2); fail(); })); return [await keys(storage), rows(exec)]; },
  undoesTables: async ({ storage, exec }) => { await outcome(() => storage.transaction(async () => { table(exec); fail(); })); return outcome(() => rows(exec)); },
  undoesDeletes: async ({ storage }) => { await storage.put({ a: 1, b: 2 }); await storage.transaction(async (txn) => { await txn.delete("a"); await txn.delete(["b"]); txn.rollback(); }); return keys(storage); },
  undoesAlarm: async ({ storage }) => { await storage.setAlarm(4e12); await storage.transaction(async (txn) => { await txn.setAlarm(5e12); txn.rollback(); }); const kept = await storage.getAlarm(); await storage.transaction(async (txn) => { await txn.deleteAlarm(); txn.rollback(); }); return [kept, await storage.getAlarm()]; },
  undoesAcrossTimers: async ({ storage }) => { await storage.put("a", 0); await outcome(() => storage.transaction(async (txn) => { await txn.put("a", 1); await scheduler.wait(5); await txn.put("b", 2); await scheduler.wait(1); fail(); })); return keys(storage); },
  keepsAcrossTimers: async ({ storage }) => { await storage.transaction(async (txn) => { await txn.put("a", 1); await scheduler.wait(5); await storage.put("b", 2); }); return keys(storage); },
  unawaitedInside: async ({ storage }) => { await storage.transaction(async (txn) => { txn.put("a", 1); storage.put("b", 2); }); return keys(storage); },
  unawaitedWhole: async ({ storage }) => { const done = storage.transaction(async (txn) => { await txn.put("a", 1); }); storage.put("b", 2); await done; return keys(storage); },
  rollbackEnds: async ({ storage }) => storage.transaction(async (txn) => { await txn.put("a", 1); txn.rollback(); return [await outcome(() => txn.get("a")), await outcome(() => txn.list()), await outcome(() => txn.delete("a")), await outcome(() => txn.rollback())]; }),
  storageAfterRollback: async ({ storage }) => { const seen = await storage.transaction(async (txn) => { await txn.put("a", 1); txn.rollback(); await storage.put("b", 2); return storage.get("a"); }); return [seen, await keys(storage)]; },
  usedAfterwards: async ({ storage }) => { let kept; await storage.transaction(async (txn) => { kept = txn; }); return [await outcome(() => kept.get("a")), await outcome(() => kept.put("a", 1)), await outcome(() => kept.rollback())]; },
  nestedKept: async ({ storage }) => { await storage.transaction(async () => { await storage.put("a", 1); await storage.transaction(async () => { await storage.put("b", 2); }); }); return keys(storage); },
  nestedInnerUndone: async ({ storage }) => { await storage.transaction(async () => { await storage.put("a", 1); await outcome(() => storage.transaction(async () => { await storage.put("b", 2); fail(); })); await storage.put("c", 3); }); return keys(storage); },
  nestedOuterUndone: async ({ storage }) => { await outcome(() => storage.transaction(async () => { await storage.transaction(async () => { await storage.put("b", 2); }); fail(); })); return keys(storage); },
  twoAtOnce: async ({ storage }) => { const log = []; await Promise.all(["a", "b"].map((name) => storage.transaction(async (txn) => { log.push(`${name} in`); await txn.put(name, 1); await scheduler.wait(5); log.push(`${name} out`); }))); return [log, await keys(storage)]; },
  threeWithOneUndone: async ({ storage }) => { await Promise.all(["a", "b", "c"].map((name) => outcome(() => storage.transaction(async (txn) => { await txn.put(name, 1); await scheduler.wait(1); if (name === "b") fail(); })))); return keys(storage); },
  namesOfTxn: ({ storage }) => storage.transaction(async (txn) => [Object.prototype.toString.call(txn), txn.constructor.name, ["get", "put", "delete", "list", "rollback", "getAlarm", "setAlarm", "deleteAlarm", "deleteAll", "transaction", "sync", "sql", "kv"].map((name) => typeof txn[name])]),
  constraintThenCaught: async ({ storage, exec }) => { exec("CREATE TABLE u (n UNIQUE)"); await storage.transaction(async () => { exec("INSERT INTO u VALUES (1)"); await outcome(() => exec("INSERT INTO u VALUES (1)")); exec("INSERT INTO u VALUES (2)"); }); return exec("SELECT n FROM u"); },
  deferredKeyViolated: async ({ storage, exec }) => { exec("CREATE TABLE p (id PRIMARY KEY)"); exec("CREATE TABLE c (p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)"); const result = await outcome(() => storage.transactionSync(() => { exec("INSERT INTO c VALUES (1)"); exec("INSERT INTO p VALUES (1)"); })); return [result, exec("SELECT * FROM c")]; },

  syncGivesItsValue: ({ storage }) => [storage.transactionSync(() => 5), storage.transactionSync(() => undefined)],
  syncGivesItsError: ({ storage }) => outcome(() => storage.transactionSync(() => fail())),
  syncWithoutCallback: ({ storage }) => outcome(() => storage.transactionSync()),
  syncArguments: ({ storage }) => storage.transactionSync((...args) => args.length),
  syncUndoes: async ({ storage, exec }) => { table(exec); add(exec, 1); await outcome(() => storage.transactionSync(() => { add(exec, 2); storage.put("a", 1); fail(); })); return [rows(exec), await keys(storage)]; },
  syncNested: ({ storage, exec }) => { table(exec); storage.transactionSync(() => { add(exec, 1); try { storage.transactionSync(() => { add(exec, 2); fail(); }); } catch {} storage.transactionSync(() => add(exec, 3)); }); return rows(exec); },
  syncNestedDeep: ({ storage, exec }) => { table(exec); const go = (n) => storage.transactionSync(() => { add(exec, n); if (n < 20) go(n + 1); }); go(0); return rows(exec).length; },
  syncNestedOuterUndone: async ({ storage, exec }) => { table(exec); await outcome(() => storage.transactionSync(() => { storage.transactionSync(() => add(exec, 1)); fail(); })); return rows(exec); },
  syncOfPromise: async ({ storage, exec }) => { table(exec); const result = await outcome(() => storage.transactionSync(async () => { add(exec, 1); await null; add(exec, 2); return "done"; })); return [result, rows(exec)]; },
  syncWithOpenCursor: async ({ storage, sql, exec }) => { table(exec); add(exec, 1); add(exec, 2); const cursor = sql.exec("SELECT n FROM t ORDER BY n"); cursor.next(); await outcome(() => storage.transactionSync(() => { add(exec, 3); fail(); })); return [await outcome(() => cursor.toArray()), rows(exec)]; },
  syncCursorMadeInside: async ({ storage, sql, exec }) => { table(exec); add(exec, 1); add(exec, 2); let cursor; storage.transactionSync(() => { cursor = sql.exec("SELECT n FROM t ORDER BY n"); cursor.next(); }); return outcome(() => cursor.toArray()); },
  syncCursorMadeInsideUndone: async ({ storage, sql, exec }) => { table(exec); add(exec, 1); add(exec, 2); let cursor; await outcome(() => storage.transactionSync(() => { cursor = sql.exec("SELECT n FROM t ORDER BY n"); cursor.next(); fail(); })); return outcome(() => cursor.toArray()); },
  syncInsideAsync: async ({ storage, exec }) => { table(exec); await storage.transaction(async () => { add(exec, 1); try { storage.transactionSync(() => { add(exec, 2); fail(); }); } catch {} }); return rows(exec); },
  asyncInsideSync: async ({ storage, exec }) => { table(exec); const result = await outcome(() => storage.transactionSync(() => storage.transaction(async () => add(exec, 1)))); return [result, rows(exec)]; },
  deleteAllInside: async ({ storage }) => { await storage.put("a", 1); const result = await outcome(() => storage.transaction(async () => { await storage.deleteAll(); await storage.put("b", 2); fail(); })); return [result, await outcome(() => keys(storage))]; },
  coalesced: async ({ storage, exec }) => { table(exec); for (let i = 0; i < 50; i++) storage.put(`k${i % 10}`, i); return keys(storage); },
};
