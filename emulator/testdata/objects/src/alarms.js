// Alarms, of a class that notes when they ring.

import { DurableObject } from "cloudflare:workers";

import { outcome } from "./show.js";

export class Ringing extends DurableObject {
  log = [];

  async alarm(info) {
    this.log.push([info === undefined ? "no info" : [Object.keys(info), info.isRetry, info.retryCount, info.constructor.name], await this.ctx.storage.getAlarm(), this.ctx.id.name?.length]);
    const how = await this.ctx.storage.get("how");
    if (how === "throws" && !info.isRetry) { await this.ctx.storage.put("undone", 1); throw new Error("not yet"); }
    if (how === "again" && this.log.length < 3) await this.ctx.storage.setAlarm(Date.now() + 1);
    if (how === "deletes") await this.ctx.storage.deleteAlarm();
    if (how === "deletesAll") await this.ctx.storage.deleteAll();
    if (how === "slow") await scheduler.wait(30);
    this.log.push("done");
  }
  async ring(how, at = 1) {
    await this.ctx.storage.put("how", how);
    await this.ctx.storage.setAlarm(Date.now() + at);
    return this.ctx.storage.getAlarm().then((time) => typeof time);
  }
  async set(...args) {
    const result = await outcome(() => this.ctx.storage.setAlarm(...args));
    return [result, await this.ctx.storage.getAlarm()];
  }
  async setAll(times) {
    const out = [];
    for (const time of times) {
      await this.ctx.storage.setAlarm(8e12);
      out.push(await this.set(time));
    }
    return out;
  }
  async get() { return this.ctx.storage.getAlarm(); }
  async clear() { return [await this.ctx.storage.deleteAlarm(), await this.ctx.storage.deleteAlarm(), await this.ctx.storage.getAlarm()]; }
  getLog() { return this.log; }
  names() { return ["getAlarm", "setAlarm", "deleteAlarm"].map((name) => this.ctx.storage[name].length); }
  setTwice() { this.ctx.storage.setAlarm(5e12); this.ctx.storage.setAlarm(6e12); return this.ctx.storage.getAlarm(); }
  async setAndUndo() {
    await this.ctx.storage.setAlarm(5e12);
    await outcome(() => this.ctx.storage.transaction(async (txn) => { await txn.setAlarm(6e12); this.inside = await txn.getAlarm(); throw new Error("undo"); }));
    return [this.inside, await this.ctx.storage.getAlarm()];
  }
  async setInSync() {
    await outcome(() => this.ctx.storage.transactionSync(() => { this.ctx.storage.setAlarm(6e12); throw new Error("undo"); }));
    return this.ctx.storage.getAlarm();
  }
  async past(time) {
    await this.ctx.storage.setAlarm(time);
    return this.ctx.storage.getAlarm().then((at) => Math.abs(at - Date.now()) < 5000 ? "about now" : at);
  }
}

const fresh = (env) => env.RINGING.getByName(crypto.randomUUID());
const rung = async (stub, entries) => {
  for (let i = 0; i < 300; i++) {
    const log = await stub.getLog();
    if (log.length >= entries) return log;
    await scheduler.wait(10);
  }
  return stub.getLog();
};
const ring = (how, entries) => async (env) => {
  const stub = fresh(env);
  return [await stub.ring(how), await rung(stub, entries), await stub.get()];
};
const set = (...times) => async (env) => fresh(env).setAll(times);

export default {
  names: (env) => fresh(env).names(),
  rings: ring("", 2),
  ringsAgain: ring("again", 4),
  ringsAndDeletes: ring("deletes", 2),
  ringsAndDeletesAll: ring("deletesAll", 2),
  ringsSlowly: async (env) => { const stub = fresh(env); await stub.ring("slow"); await rung(stub, 1); const during = await stub.get(); await stub.set(7e12); return [during, await rung(stub, 2), await stub.get()]; },
  ringsOfUnnamed: async (env) => { const stub = env.RINGING.get(env.RINGING.newUniqueId()); await stub.ring(""); return rung(stub, 2); },
  ringsLaterThanSet: async (env) => { const stub = fresh(env); const start = Date.now(); await stub.ring("", 50); await rung(stub, 1); return Date.now() - start >= 45; },
  replacedByLater: async (env) => { const stub = fresh(env); await stub.ring("", 20); await stub.set(7e12); await scheduler.wait(60); return [await stub.getLog(), await stub.get()]; },
  replacedByEarlier: async (env) => { const stub = fresh(env); await stub.set(7e12); await stub.ring("", 1); return rung(stub, 2); },
  deletedInTime: async (env) => { const stub = fresh(env); await stub.ring("", 20); const cleared = await stub.clear(); await scheduler.wait(60); return [cleared, await stub.getLog()]; },
  setOfDates: set(new Date(5e12), new Date(5e12 + 1)),
  setOfNumbers: set(5e12, 5e12 + 0.7, 8.64e15),
  setOfText: set("5000000000000", "soon"),
  setOfNothing: set(undefined, null),
  setOfBadDates: set(new Date(NaN), new Date(-1), new Date(0)),
  setOfBadNumbers: set(0, -0, -1, NaN, -Infinity),
  setOfInfinity: set(Infinity),
  setOfTooLarge: set(1e16, 1e19),
  setOfOthers: set(true, [5e12]),
  setOfBigint: (env) => fresh(env).set(5000000000000n),
  setWithOptions: (env) => fresh(env).set(5e12, { allowUnconfirmed: true, allowConcurrency: false }),
  setTwice: (env) => fresh(env).setTwice(),
  setAndUndo: (env) => fresh(env).setAndUndo(),
  setInSync: (env) => fresh(env).setInSync(),
  setInThePast: (env) => fresh(env).past(1),
  setWithoutHandler: (env) => env.ROOM.getByName(crypto.randomUUID()).tryAlarm(),
};
