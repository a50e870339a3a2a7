// How an object's life goes on and ends, seen by its callers and in its data.

import { inside } from "./lab.js";
import { outcome } from "./show.js";

/** Asks objects of one name to run code inside: each entry is a life's or a call's. */
inside.lives = {
  abort: ({ ctx, storage }) => { storage.put("dropped", 1); ctx.abort(); },
  abortWithText: ({ ctx }) => ctx.abort("text"),
  abortWithError: ({ ctx }) => ctx.abort(Object.assign(new RangeError("own"), { code: 5 })),
  abortWithNull: ({ ctx }) => ctx.abort(null),
  abortWithObject: ({ ctx }) => ctx.abort({ a: 1 }),
  abortWithOptions: ({ ctx }) => ctx.abort("options", { retryAlarm: false }),
  abortAfterAwait: async ({ ctx, storage }) => { await storage.put("awaited", 1); ctx.abort("after await"); },
  abortAfterSync: async ({ ctx, storage }) => { storage.put("synced", 1); await storage.sync(); ctx.abort("after sync"); },
  abortAfterTimer: async ({ ctx, storage }) => { storage.put("timed", 1); await scheduler.wait(1); storage.put("not timed", 1); ctx.abort("after timer"); },
  abortCaught: ({ ctx, storage }) => { try { ctx.abort("not caught"); } catch { storage.put("caught", 1); } finally { storage.put("finally", 1); } },
  abortInTransaction: async ({ ctx, storage }) => { await storage.put("before", 1); await storage.transaction(async (txn) => { await txn.put("inside", 1); await scheduler.wait(1); ctx.abort("in transaction"); }); },
  abortInTransactionSync: ({ ctx, storage, exec }) => { exec("CREATE TABLE kept (a)"); storage.transactionSync(() => { exec("INSERT INTO kept VALUES (1)"); ctx.abort("in sync"); }); },
  abortInSection: ({ ctx }) => ctx.blockConcurrencyWhile(async () => { await scheduler.wait(1); ctx.abort("in section"); }),
  abortInWaitUntil: ({ ctx }) => { ctx.waitUntil(scheduler.wait(1).then(() => ctx.abort("in waitUntil"))); return "answered"; },
  abortInTimer: async ({ ctx }) => { setTimeout(() => ctx.abort("in timer"), 1); await scheduler.wait(100); return "never"; },
  sectionThrows: async ({ ctx, storage }) => { await storage.put("before section", 1); await ctx.blockConcurrencyWhile(async () => { storage.put("in section", 1); throw new TypeError("section failed"); }); },
  sectionThrowsCaught: async ({ ctx, storage }) => { try { await ctx.blockConcurrencyWhile(async () => { throw new TypeError("section failed"); }); } catch (e) { storage.put("caught", e.message); return "caught"; } },
  sectionThrowsText: ({ ctx }) => ctx.blockConcurrencyWhile(async () => { throw "text"; }),
  fieldSet: ({ object }) => { object.kept = (object.kept ?? 0) + 1; return object.kept; },
  rejectsLater: async ({ storage }) => { scheduler.wait(1).then(() => { throw new Error("nobody listens"); }); await scheduler.wait(5); await storage.put("went on", 1); return "went on"; },
  keys: async ({ storage }) => [...(await storage.list()).keys()],
  rows: ({ exec }) => exec("SELECT name FROM sqlite_master WHERE name = 'kept'"),
  slowRead: async ({ storage }) => { await scheduler.wait(20); return storage.get("none") ?? "read"; },
  deferredViolation: ({ exec }) => { exec("CREATE TABLE p (id PRIMARY KEY); CREATE TABLE c (p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)"); exec("INSERT INTO c VALUES (1)"); return "written"; },
  deferredViolationThenRead: async ({ exec, storage }) => { exec("CREATE TABLE p (id PRIMARY KEY); CREATE TABLE c (p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)"); exec("INSERT INTO c VALUES (1)"); await storage.sync(); return "synced"; },
};

/** One object, its code run step by step through stubs of their own, and what it has stored in the end. */
const life = (...steps) => async ({ LAB }) => {
  const name = crypto.randomUUID();
  const out = [];
  for (const step of [...steps, "keys"]) out.push(await outcome(() => LAB.getByName(name).ask("lives", step)));
  return out;
};
/** The same through one stub. */
const oneStub = (...steps) => async ({ LAB }) => {
  const stub = LAB.getByName(crypto.randomUUID());
  const out = [];
  for (const step of steps) out.push(await outcome(() => stub.ask("lives", step)));
  return out;
};
const together = (...steps) => ({ LAB }) => {
  const stub = LAB.getByName(crypto.randomUUID());
  return Promise.all(steps.map((step) => outcome(() => stub.ask("lives", step))));
};

export default {
  memoryIsKept: life("fieldSet", "fieldSet"),
  abort: life("fieldSet", "abort", "fieldSet"),
  abortWithText: life("abortWithText"),
  abortWithError: life("abortWithError"),
  abortWithNull: life("abortWithNull"),
  abortWithObject: life("abortWithObject"),
  abortWithOptions: life("abortWithOptions"),
  abortAfterAwait: life("abortAfterAwait"),
  abortAfterSync: life("abortAfterSync"),
  abortAfterTimer: life("abortAfterTimer"),
  abortCaught: life("abortCaught"),
  abortInTransaction: life("abortInTransaction"),
  abortInTransactionSync: life("abortInTransactionSync", "rows"),
  abortInSection: life("abortInSection"),
  abortInWaitUntil: async (env) => { const first = await life("abortInWaitUntil")(env); await scheduler.wait(20); return first[0]; },
  abortInTimer: life("abortInTimer"),
  abortOneStub: oneStub("abort", "fieldSet", "fieldSet"),
  abortWhileOthersRun: together("slowRead", "abortWithText", "fieldSet"),
  sectionThrows: life("fieldSet", "sectionThrows", "fieldSet"),
  sectionThrowsCaught: life("fieldSet", "sectionThrowsCaught", "fieldSet"),
  sectionThrowsText: life("sectionThrowsText"),
  sectionThrowsOneStub: oneStub("sectionThrows", "fieldSet"),
  sectionThrowsWhileOthersRun: together("slowRead", "sectionThrows"),
  rejectsLater: life("rejectsLater"),
  commitFails: life("fieldSet", "deferredViolation", "fieldSet"),
  commitFailsBeforeSync: life("fieldSet", "deferredViolationThenRead", "fieldSet"),
};
