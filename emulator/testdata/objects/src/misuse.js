// Rude input. Each question is asked of an object that has something stored, and tells what came of it and what is stored then.

import { stored } from "./lab.js";
import { outcome } from "./show.js";

const alarm = 4102444800000;

async function fill({ storage, sqlite, exec }) {
  await storage.put({ a: 1, b: { two: 2 }, c: "three" });
  await storage.setAlarm(alarm);
  if (sqlite) exec("CREATE TABLE t (n); INSERT INTO t VALUES (1), (2)");
}

/** Tells whether the object's data is what it was, and shows it when not. */
const refused = (run) => async (given) => {
  await fill(given);
  const before = JSON.stringify(await stored(given));
  const result = await outcome(() => run(given));
  const after = await stored(given);
  return [result, JSON.stringify(after) === before ? "unchanged" : after];
};
const large = (bytes) => "x".repeat(bytes);
const many = (n) => Array.from({ length: n }, (_, i) => `k${i}`);
const socket = (ctx) => { const [client, server] = Object.values(new WebSocketPair()); ctx.acceptWebSocket(server); return { client, server }; };
const cyclic = () => { const value = {}; value.self = value; value.fn = () => 1; return value; };
class Instance { #private = 1; method() {} }

export default {
  keyTooLong: refused(({ storage }) => storage.put(large(2049), 1)),
  keyTooLongInBytes: refused(({ storage }) => storage.put("é".repeat(1025), 1)),
  keyTooLongAmongMany: refused(({ storage }) => storage.put({ fine: 1, [large(2049)]: 2 })),
  keyTooLongGet: refused(({ storage }) => storage.get(large(2049))),
  keyTooLongGetMany: refused(({ storage }) => storage.get(["a", large(2049)])),
  keyTooLongDelete: refused(({ storage }) => storage.delete(large(2049))),
  keyTooLongDeleteMany: refused(({ storage }) => storage.delete(["a", large(2049)])),
  keyTooLongList: refused(({ storage }) => storage.list({ start: large(2049) })),
  keysTooMany: refused(({ storage }) => storage.get(many(129)).then((map) => map.size)),
  keysTooManyToDelete: refused(({ storage }) => storage.delete([...many(128), "nothing"])),
  pairsTooMany: refused(async ({ storage }) => { await storage.put(Object.fromEntries(many(129).map((k) => [k, 1]))); return storage.delete(many(129)); }),
  valueOfFunction: refused(({ storage }) => storage.put("a", () => 1)),
  valueOfFunctionInside: refused(({ storage }) => storage.put({ a: 5, z: { fn() {} } })),
  valueOfSymbol: refused(({ storage }) => storage.put("a", Symbol("x"))),
  valueOfUndefined: refused(({ storage }) => storage.put("a", undefined)),
  valueMissing: refused(({ storage }) => storage.put("a")),
  valueOfPromise: refused(({ storage }) => storage.put("a", Promise.resolve(1))),
  valueOfCycleWithFunction: refused(({ storage }) => storage.put("a", cyclic())),
  valueOfStub: refused(({ storage, env }) => storage.put("a", env.LAB.getByName("x"))),
  valueOfStorage: refused(({ storage }) => storage.put("a", storage)),
  valueOfCtx: refused(({ storage, ctx }) => storage.put("a", ctx)),
  valueOfResponse: refused(({ storage }) => storage.put("a", new Response("x"))),
  valueOfStream: refused(({ storage }) => storage.put("a", new ReadableStream())),
  valueOfSocket: refused(({ storage }) => storage.put("a", new WebSocketPair()[0])),
  valueOfGetterThatThrows: refused(({ storage }) => storage.put("a", { get x() { throw new TypeError("getter"); } })),
  valueOfProxy: refused(({ storage }) => storage.put("proxied", new Proxy({}, { ownKeys() { throw new RangeError("trap"); } }))),
  alarmOfZero: refused(({ storage }) => storage.setAlarm(0)),
  alarmOfNaN: refused(({ storage }) => storage.setAlarm(NaN)),
  alarmNegative: refused(({ storage }) => storage.setAlarm(-5)),
  alarmOfBadDate: refused(({ storage }) => storage.setAlarm(new Date("nonsense"))),
  alarmOfNothing: refused(({ storage }) => storage.setAlarm()),
  alarmOfText: refused(({ storage }) => storage.setAlarm("tomorrow")),
  listLimitZero: refused(({ storage }) => storage.list({ limit: 0 })),
  listLimitNegative: refused(({ storage }) => storage.list({ limit: -1 })),
  listBothStarts: refused(({ storage }) => storage.list({ start: "a", startAfter: "b" })),
  transactionThrows: refused(({ storage }) => storage.transaction(async (txn) => { await txn.put("a", 9); await txn.delete("b"); await txn.deleteAlarm(); throw new Error("undo"); })),
  transactionRolledBack: refused(({ storage }) => storage.transaction(async (txn) => { await txn.put({ a: 9, z: 1 }); txn.rollback(); return "rolled back"; })),
  transactionOfFunction: refused(({ storage }) => storage.transaction(async (txn) => { await txn.put("z", 1); await txn.put("a", () => 1); })),
  transactionSyncThrows: refused(({ storage, sqlite }) => sqlite ? storage.transactionSync(() => { storage.put("a", 9); storage.sql.exec("DELETE FROM t"); throw new Error("undo"); }) : storage.transactionSync(() => {})),
  sqlForbidden: refused(({ sql }) => sql.exec("DELETE FROM _cf_KV")),
  sqlForbiddenAfterAllowed: refused(({ sql }) => sql.exec("SELECT 1; DROP TABLE _cf_METADATA")),
  sqlBegin: refused(({ sql }) => sql.exec("BEGIN TRANSACTION")),
  sqlRollback: refused(({ sql }) => sql.exec("ROLLBACK")),
  sqlAttach: refused(({ sql }) => sql.exec("ATTACH 'x' AS y")),
  sqlInjected: refused(({ exec }) => exec(`SELECT n FROM t WHERE n = ${"1; DROP TABLE _cf_KV; --"}`)),
  sqlBoundIsData: refused(({ exec }) => exec("SELECT n FROM t WHERE n = ?", "1; DROP TABLE t; --")),
  sqlSyntax: refused(({ exec }) => exec("INSERT INTO t VALUES (3), (4")),
  sqlBindingOfObject: refused(({ exec }) => exec("SELECT ?", { a: 1 })),
  syncKeyTooLong: refused(({ kv }) => kv.put(large(2049), 1)),
  syncValueOfFunction: refused(({ kv }) => kv.put("a", () => 1)),
  tagsTooMany: refused(({ ctx }) => ctx.acceptWebSocket(new WebSocketPair()[1], many(11))),
  tagTooLong: refused(({ ctx }) => ctx.acceptWebSocket(new WebSocketPair()[1], [large(257)])),
  attachmentTooLong: refused(({ ctx }) => { const { server } = socket(ctx); server.serializeAttachment("kept"); try { server.serializeAttachment(large(16385)); } catch (error) { return [error, server.deserializeAttachment()]; } }),
  attachmentOfFunction: refused(({ ctx }) => socket(ctx).server.serializeAttachment(() => 1)),
  attachmentOfInstance: refused(({ ctx }) => { const { server } = socket(ctx); server.serializeAttachment(new Instance()); return server.deserializeAttachment(); }),
  autoRequestTooLong: refused(({ ctx }) => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(large(2049), "x"))),
  autoResponseTooLong: refused(({ ctx }) => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("x", large(2049)))),
  eventTimeoutTooLong: refused(({ ctx }) => ctx.setHibernatableWebSocketEventTimeout(604800001)),
  eventTimeoutNegative: refused(({ ctx }) => ctx.setHibernatableWebSocketEventTimeout(-1)),
  socketAcceptedTwice: refused(({ ctx }) => { const { server } = socket(ctx); ctx.acceptWebSocket(server); }),
  socketAcceptedItself: refused(({ ctx }) => { const [, server] = Object.values(new WebSocketPair()); server.accept(); ctx.acceptWebSocket(server); }),
  socketAcceptedAfter: refused(({ ctx }) => socket(ctx).server.accept()),
  socketUsedAfterClose: refused(async ({ ctx }) => { const { server } = socket(ctx); server.close(1000, "x"); return [await outcome(() => server.send("x")), await outcome(() => server.close(1000)), await outcome(() => server.serializeAttachment(1))]; }),
  tagsOfStranger: refused(({ ctx }) => ctx.getTags(new WebSocketPair()[0])),
  idOfOtherNamespace: refused(({ env }) => env.LAB.get(env.TWIN.idFromName("x"))),
  idOfOtherNamespaceAsText: refused(({ env }) => env.LAB.idFromString(env.TWIN.idFromName("x").toString())),
  idOfNonsense: refused(({ env }) => env.LAB.idFromString("nonsense")),
  callMissing: refused(({ env }) => env.PLAIN.getByName("misused").nothingHere()),
  callPrivate: refused(({ env }) => env.PLAIN.getByName("misused")["#hidden"]()),
  callInherited: refused(({ env }) => env.PLAIN.getByName("misused").hasOwnProperty("x")),
  callConstructor: refused(({ env }) => env.PLAIN.getByName("misused").constructor()),
  callWithSymbol: refused(({ env }) => env.PLAIN.getByName("misused").args(Symbol("x"))),
  bookmarkOfNonsense: refused(({ storage }) => storage.onNextSessionRestoreBookmark("nonsense")),
  blockWithoutCallback: refused(({ ctx }) => ctx.blockConcurrencyWhile()),
};
