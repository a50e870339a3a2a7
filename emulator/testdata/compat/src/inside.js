// The parts of probes that run in an object, by the row they belong to.

import { is, ok, same, throws } from "./assert";

export const inside = {
  A1: ({ built }) => same(built, [true, true, "string"]),

  B1: ({ ctx }, name) => {
    is(ctx.id.name, name);
    is(ctx.id.toString().length, 64);
  },
  B2: ({ ctx }) => is(ctx.storage.constructor.name, "DurableObjectStorage"),
  B3: async ({ ctx }) => is(await ctx.exports.Probe.getByName("other").add(1, 2), 3),
  B4: ({ ctx }) => same(ctx.props, {}),
  B5: async ({ ctx }) => {
    ctx.waitUntil(scheduler.wait(20).then(() => ctx.storage.put("waited", true)));
  },
  "B5 after": ({ ctx }) => ctx.storage.get("waited"),
  B10: ({ ctx }, tag) => ctx.getWebSockets(tag).map((ws) => ctx.getTags(ws).join()),

  G12: ({ ctx }) => ctx.id.jurisdiction,
  C12: async ({ ctx }) => {
    await ctx.storage.put("key", 1, { allowUnconfirmed: true, noCache: true });
    is(await ctx.storage.get("key", { allowConcurrency: true, noCache: true }), 1);
  },
  C13: async ({ ctx }, fail) => {
    ctx.storage.put("first", fail);
    ctx.storage.put("second", fail);
    if (fail) ctx.abort("between the writes and their commit");
    await ctx.storage.sync();
    return [...(await ctx.storage.list())];
  },
  "C13 after": async ({ ctx }) => [...(await ctx.storage.list())],
  C16: async ({ ctx }) => {
    const first = await ctx.storage.getCurrentBookmark();
    ok(/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$/.test(first), first);
    await ctx.storage.put("key", 1);
    await ctx.storage.sync();
    ok((await ctx.storage.getCurrentBookmark()) > first);
  },

  D3: ({ ctx }) => {
    ctx.storage.kv.put("key", 1);
    same([ctx.storage.kv.delete("key"), ctx.storage.kv.delete("key")], [true, false]);
  },

  E1: ({ ctx }) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE t (a, b); INSERT INTO t VALUES (?, ?)", 1, "two");
    same(sql.exec("SELECT * FROM t").toArray(), [{ a: 1, b: "two" }]);
  },
  E2: ({ ctx }) => {
    const cursor = ctx.storage.sql.exec("SELECT 1 AS n UNION SELECT 2");
    same(cursor.next(), { done: false, value: { n: 1 } });
    same([...cursor], [{ n: 2 }]);
    same(cursor.next().done, true);
  },
  E9: ({ ctx }) => {
    const before = ctx.storage.sql.databaseSize;
    ctx.storage.sql.exec("CREATE TABLE big AS SELECT zeroblob(100000)");
    ok(ctx.storage.sql.databaseSize >= before + 100000);
  },
  E11: ({ ctx }) => {
    const query = "SELECT typeof(?1) AS i, typeof(?2) AS r, typeof(?3) AS t, typeof(?4) AS b, typeof(?5) AS n";
    const types = ctx.storage.sql.exec(query, 1, 1.5, "x", new Uint8Array(2), null).one();
    same(types, { i: "real", r: "real", t: "text", b: "blob", n: "null" });
    const row = ctx.storage.sql.exec("SELECT 1 AS i, 'x' AS t, x'0102' AS b, NULL AS n").one();
    same([row.i, row.t, [...new Uint8Array(row.b)], row.n], [1, "x", [1, 2], null]);
  },

  F10: async ({ ctx }) => {
    const at = Date.now() + 3_600_000;
    await ctx.storage.setAlarm(at);
    await throws(() => ctx.storage.transaction(async (txn) => {
      await txn.deleteAlarm();
      throw new Error("undo");
    }), "Error", "undo");
    is(await ctx.storage.getAlarm(), at);
  },
  F7: async ({ ctx }) => throws(() => ctx.storage.setAlarm(Date.now() + 1000), "TypeError",
    "Your Durable Object class must have an alarm() handler in order to call setAlarm()"),

  H13: () => new WebSocketPair()[0],

  N1: async ({ ctx }) => {
    await ctx.storage.put("k", new Uint8Array(2_000_000));
    await throws(() => ctx.storage.put("k", new Uint8Array(2_097_152)), "Error", /too big: SQLITE_TOOBIG/);
    const long = "x".repeat(3000); // a key has no limit of its own
    await ctx.storage.put(long, 1);
    is(await ctx.storage.get(long), 1);
    await throws(() => ctx.storage.put("x".repeat(2_097_152), 1), "Error", /too big: SQLITE_TOOBIG/);
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE big (value)");
    sql.exec("INSERT INTO big VALUES (?)", new Uint8Array(2_097_152));
    await throws(() => sql.exec("INSERT INTO big VALUES (?)", new Uint8Array(2_097_300)), "Error", /too big: SQLITE_TOOBIG/);
    await throws(() => sql.exec("SELECT zeroblob(2200000)"), "Error", /too big: SQLITE_TOOBIG/);
  },
  N20: async ({ ctx }) => {
    for (let i = 0; i < 32_768; i++) {
      const { 0: client, 1: server } = new WebSocketPair();
      ctx.acceptWebSocket(server);
      client.accept();
    }
    await throws(() => ctx.acceptWebSocket(new WebSocketPair()[1]), "Error", "only 32768 websockets can be accepted on a single Durable Object instance");
    is(ctx.getWebSockets().length, 32_768);
  },
  N2: async ({ ctx }) => {
    await throws(() => ctx.storage.put("x".repeat(2049), 1), "RangeError", "Keys cannot be larger than 2048 bytes. A key of size 2049 was provided.");
    await throws(() => ctx.storage.put("k", new Uint8Array(131_200)), "RangeError", /^Values cannot be larger than \d+ bytes\./);
    const many = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`k${i}`, i]));
    await throws(() => ctx.storage.put(many), "RangeError", /^Maximum number of key value pairs is 128\./);
    await throws(() => ctx.storage.get(Object.keys(many)), "RangeError", /^Maximum number of keys is 128\./);
  },
  N3: ({ ctx }) => throws(() => ctx.storage.sql.exec(`SELECT '${"x".repeat(100_000)}'`), "Error", /SQLITE_TOOBIG|too big|too large/),
  N4: ({ ctx }) => throws(() => ctx.storage.sql.exec(`CREATE TABLE t (${Array.from({ length: 101 }, (_, i) => `c${i}`)})`), "Error", /too many columns/),
  N5: ({ ctx }) => throws(() => ctx.storage.sql.exec(`SELECT ${"?,".repeat(100)}?`, ...Array(101).fill(1)), "Error", /too many SQL variables|variable number/),
  N6: ({ ctx }) => throws(() => ctx.storage.sql.exec(`SELECT ${Array(102).fill(1).join("+")}`), "Error", /^Expression tree is too large \(maximum depth 100\)/),
  N7: ({ ctx }) => throws(() => ctx.storage.sql.exec(Array(6).fill("SELECT 1").join(" UNION ")), "Error", /too many terms in compound SELECT/),
  N8: ({ ctx }) => throws(() => ctx.storage.sql.exec(`SELECT 1 IN (${Array.from({ length: 20_000 }, (_, i) => i % 9)})`).toArray(), "Error"),
  N9: ({ ctx }) => throws(() => ctx.storage.sql.exec(`SELECT max(${Array(128).fill(1)})`), "Error", /too many arguments on function/),
  N10: ({ ctx }) => throws(() => ctx.storage.sql.exec("SELECT 'x' LIKE ?", "x".repeat(51)).toArray(), "Error", /LIKE or GLOB pattern too complex/),
  N11: ({ ctx }) => {
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE t (n); CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO t VALUES (new.n + 1); END; PRAGMA recursive_triggers = 1");
    return throws(() => sql.exec("INSERT INTO t VALUES (1)"), "Error", /^triggers nested too deep/);
  },
  N12: ({ ctx }) => throws(() => ctx.storage.sql.exec("ATTACH 'x' AS y"), "Error", /not authorized|too many attached databases/),

  O7: async ({ ctx }) => {
    await ctx.storage.put("k", 1);
    await ctx.storage.setAlarm(Date.now() + 3_600_000);
    await ctx.storage.deleteAll();
    return ctx.storage.getAlarm();
  },

  Q11: ({ ctx }) => throws(() => ctx.storage.sql.exec("SELECT sqlite_version()"), "Error", /^not authorized to use function: sqlite_version/),
  Q14: ({ ctx }) => {
    ctx.storage.sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    return throws(() => ctx.storage.sql.exec("INSERT INTO t VALUES ('x')"), "Error", "datatype mismatch: SQLITE_MISMATCH");
  },
};
