// Each limit on sizes and counts: what just fits, and what is one too many. The deployed service has more of them than the
// runtime that one can run.

import { stored } from "./lab.js";
import { outcome } from "./show.js";

const text = (bytes) => "x".repeat(bytes);
const names = (n) => Array.from({ length: n }, (_, i) => `k${String(i).padStart(4, "0")}`);
const pairs = (n) => Object.fromEntries(names(n).map((name) => [name, 1]));
const short = (result) => (typeof result === "string" ? result.length : result);

/** Tries what fits and what does not, and tells whether the second has changed anything. */
const limit = (attempt, most, over = most + 1) => async (given) => {
  const fits = await outcome(async () => short(await attempt(given, most)));
  const before = JSON.stringify(await stored(given));
  const exceeds = await outcome(async () => short(await attempt(given, over)));
  return { [most]: fits, [over]: exceeds, unchanged: JSON.stringify(await stored(given)) === before };
};
const query = (make, most, over) => limit(({ exec }, n) => exec(make(n)).length, most, over);
const socket = (ctx) => { const [, server] = Object.values(new WebSocketPair()); ctx.acceptWebSocket(server); return server; };
const list = (n, of) => Array.from({ length: n }, (_, i) => of(i)).join(", ");

/** Limits of both kinds of class. */
export const ofPairs = {
  keyBytes: limit(({ storage }, n) => storage.put(text(n), 1), 2048),
  keyBytesNotLetters: limit(({ storage }, n) => storage.put("é".repeat(n), 1), 1024),
  keyBytesToGet: limit(({ storage }, n) => storage.get(text(n)), 2048),
  keyBytesToDelete: limit(({ storage }, n) => storage.delete(text(n)), 2048),
  keyBytesAmongMany: limit(({ storage }, n) => storage.put({ a: 1, [text(n)]: 2, z: 3 }), 2048),
  keysToGet: limit(({ storage }, n) => storage.get(names(n)).then((map) => map.size), 128),
  keysToDelete: limit(({ storage }, n) => storage.delete(names(n)), 128),
  pairsToPut: limit(({ storage }, n) => storage.put(pairs(n)), 128),
  pairsToPutInTransaction: limit(({ storage }, n) => storage.transaction(async (txn) => { await txn.put(pairs(n)); }), 128),
  valueBytes: limit(({ storage }, n) => storage.put("k", new Uint8Array(n)), 131000, 131200),
  valueBytesLarge: limit(({ storage }, n) => storage.put("k", text(n)).then(() => storage.get("k")), 2000000, 2200000),
};

/** Limits that SQL and sockets have. */
export const ofRest = {
  syncKeyBytes: limit(({ kv }, n) => kv.put(text(n), 1), 2048),
  syncValueBytes: limit(({ kv }, n) => kv.put("k", text(n)), 2000000, 2200000),
  statementBytes: query((n) => `SELECT 1 AS a ${"/**/".padEnd(n - 14, " ")}`, 100000),
  tableColumns: query((n) => `CREATE TABLE t${n} (${list(n, (i) => `c${i}`)})`, 100),
  resultColumns: query((n) => `SELECT ${list(n, (i) => i)}`, 100),
  bindings: limit(({ exec }, n) => exec(`SELECT ${Array.from({ length: n }, () => "?").join(" + ")} AS s`, ...Array.from({ length: n }, () => 1)), 100),
  compoundTerms: query((n) => `SELECT 1${" UNION ALL SELECT 1".repeat(n - 1)}`, 5),
  expressionDepth: query((n) => `SELECT ${"1 + ".repeat(n - 1)}1`, 100),
  functionArguments: query((n) => `SELECT max(${list(n, (i) => i)})`, 127),
  likePattern: query((n) => `SELECT 'a' LIKE '${text(n)}'`, 50),
  globPattern: query((n) => `SELECT 'a' GLOB '${text(n)}'`, 50),
  textBytes: limit(({ exec }, n) => { exec("CREATE TABLE IF NOT EXISTS big (b)"); exec("DELETE FROM big"); return exec("INSERT INTO big VALUES (?) RETURNING length(b) AS n", text(n)); }, 2000000, 2200000),
  blobBytes: query((n) => `SELECT length(zeroblob(${n})) AS n`, 2000000, 2200000),
  triggerDepth: limit(({ exec }, n) => { exec("DROP TABLE IF EXISTS deep; CREATE TABLE deep (n); PRAGMA recursive_triggers = 1"); exec(`CREATE TRIGGER deeper AFTER INSERT ON deep WHEN new.n > 1 BEGIN INSERT INTO deep VALUES (new.n - 1); END`); exec("INSERT INTO deep VALUES (?)", n); return exec("SELECT count(*) AS n FROM deep"); }, 10, 20),
  attachmentBytes: limit(({ ctx }, n) => { const ws = socket(ctx); ws.serializeAttachment(text(n)); return ws.deserializeAttachment(); }, 16000, 17000),
  tags: limit(({ ctx }, n) => ctx.acceptWebSocket(Object.values(new WebSocketPair())[1], names(n)), 10),
  tagLength: limit(({ ctx }, n) => ctx.acceptWebSocket(Object.values(new WebSocketPair())[1], [text(n)]), 256),
  autoRequest: limit(({ ctx }, n) => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(text(n), "x")), 2048),
  autoResponse: limit(({ ctx }, n) => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("x", text(n))), 2048),
  eventTimeout: limit(({ ctx }, n) => ctx.setHibernatableWebSocketEventTimeout(n), 604800000),
  iterations: limit(async (_, n) => { const key = await crypto.subtle.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]); return (await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(8), iterations: n }, key, 128)).byteLength; }, 100000),
};
