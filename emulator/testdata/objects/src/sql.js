// ctx.storage.sql: cursors, types, statements.

import { outcome } from "./show.js";

const people = (exec) => {
  exec("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age REAL, photo BLOB)");
  exec("INSERT INTO people (name, age, photo) VALUES ('ann', 31.5, x'0102'), ('bob', NULL, NULL), ('cyd', 40, x'')");
};
const one = (sql, query, ...bindings) => Object.values(sql.exec(query, ...bindings).one())[0];

export default {
  // cursors
  cursorShape: ({ sql }) => { const c = sql.exec("SELECT 1 AS a"); return [Object.prototype.toString.call(c), c.constructor.name, Object.keys(c), ["next", "toArray", "one", "raw"].map((name) => [typeof c[name], c[name].length]), c[Symbol.iterator]() === c]; },
  cursorCounters: ({ sql, exec }) => { people(exec); const c = sql.exec("SELECT name FROM people"); const before = c.rowsRead; const all = c.toArray().length; return [before <= c.rowsRead, all, c.rowsRead, c.rowsWritten]; },
  cursorCountersOfWrites: ({ sql, exec }) => { people(exec); return ["INSERT INTO people (name) VALUES ('dan'), ('eve')", "UPDATE people SET age = 1 WHERE name = 'ann'", "DELETE FROM people WHERE age IS NULL", "CREATE TABLE other (a)"].map((q) => sql.exec(q).rowsWritten); },
  cursorCountersOfIndexes: ({ sql, exec }) => { exec("CREATE TABLE i (a, b)"); exec("CREATE INDEX i1 ON i (a)"); exec("CREATE INDEX i2 ON i (b)"); return [sql.exec("INSERT INTO i VALUES (1, 2)").rowsWritten, sql.exec("UPDATE i SET a = 3").rowsWritten, sql.exec("DELETE FROM i").rowsWritten]; },
  cursorOfNoRows: ({ sql, exec }) => { people(exec); const c = sql.exec("SELECT * FROM people WHERE id > 100"); return [c.columnNames, c.next(), c.toArray()]; },
  cursorOfWrite: ({ sql, exec }) => { people(exec); const c = sql.exec("INSERT INTO people (name) VALUES ('x')"); return [c.columnNames, c.toArray(), c.next()]; },
  cursorNext: ({ sql }) => { const c = sql.exec("SELECT 1 AS a UNION SELECT 2"); return [c.next(), c.next(), c.next(), c.next()]; },
  cursorHalfThenArray: ({ sql }) => { const c = sql.exec("SELECT 1 AS a UNION SELECT 2 UNION SELECT 3"); c.next(); return [c.toArray(), c.toArray()]; },
  cursorHalfThenRaw: ({ sql }) => { const c = sql.exec("SELECT 1 AS a UNION SELECT 2 UNION SELECT 3"); c.next(); const raw = c.raw(); const first = raw.next(); return [first, c.next(), [...raw], [...c]]; },
  cursorBreak: ({ sql }) => { const c = sql.exec("SELECT 1 AS a UNION SELECT 2 UNION SELECT 3"); for (const row of c) if (row.a === 1) break; return c.toArray(); },
  cursorSpread: ({ sql }) => [...sql.exec("SELECT value FROM json_each('[1,2,3]')")].map((row) => row.value),
  cursorHelpers: ({ sql }) => outcome(() => sql.exec("SELECT value FROM json_each('[1,2,3]')").map((row) => row.value * 2).toArray()),
  cursorRawColumns: ({ sql }) => { const c = sql.exec("SELECT 1 AS a, 2 AS b, 3 AS a"); return [c.columnNames, [...c.raw()]]; },
  cursorRawShape: ({ sql }) => { const raw = sql.exec("SELECT 1").raw(); return [Object.prototype.toString.call(raw), typeof raw.next, typeof raw.toArray, typeof raw[Symbol.iterator]]; },
  cursorSameNames: ({ sql }) => sql.exec("SELECT 1 AS a, 2 AS a, 3 AS b").one(),
  cursorUnnamed: ({ sql }) => sql.exec("SELECT 1+1, 'x', count(*), NULL AS \"\"").one(),
  cursorOneAfterNext: ({ sql }) => { const c = sql.exec("SELECT 1 AS a UNION SELECT 2"); c.next(); return outcome(() => c.one()); },
  cursorOneTwice: ({ sql }) => { const c = sql.exec("SELECT 1 AS a"); return [c.one(), outcomeSync(() => c.one())]; },
  cursorOneOfMany: ({ sql }) => { const c = sql.exec("SELECT 1 AS a UNION SELECT 2 UNION SELECT 3"); return [outcomeSync(() => c.one()), c.toArray()]; },
  cursorAfterSameStatement: ({ sql }) => { const q = "SELECT value FROM json_each('[1,2,3]')"; const a = sql.exec(q); a.next(); const b = sql.exec(q); b.next(); return [outcomeSync(() => a.next()), b.next()]; },
  cursorAfterSameStatementDone: ({ sql }) => { const q = "SELECT value FROM json_each('[1]')"; const a = sql.exec(q); a.toArray(); sql.exec(q).toArray(); return outcomeSync(() => a.next()); },
  cursorAfterOtherBindings: ({ sql }) => { const q = "SELECT value + ? AS v FROM json_each('[1,2]')"; const a = sql.exec(q, 10); const first = a.next(); const b = sql.exec(q, 20).toArray(); return [first, b, outcomeSync(() => a.next())]; },
  cursorAcrossTurn: async ({ sql }) => { const c = sql.exec("SELECT value FROM json_each('[1,2,3]')"); c.next(); await scheduler.wait(1); return outcome(() => c.toArray()); },
  cursorAcrossTurnOfTable: async ({ sql, exec }) => { people(exec); const c = sql.exec("SELECT name FROM people"); c.next(); await scheduler.wait(1); exec("INSERT INTO people (name) VALUES ('new')"); return outcome(() => c.toArray()); },
  cursorWhileDropping: ({ sql, exec }) => { people(exec); const c = sql.exec("SELECT name FROM people"); c.next(); return [outcomeSync(() => exec("DROP TABLE people")), outcomeSync(() => c.toArray())]; },
  cursorWhileInserting: ({ sql, exec }) => { people(exec); const seen = []; for (const { id } of sql.exec("SELECT id FROM people ORDER BY id")) { seen.push(id); if (id < 6) exec("INSERT INTO people (name) VALUES ('more')"); } return seen; },
  cursorWhileDeletingAll: async ({ sql, exec, storage }) => { people(exec); const c = sql.exec("SELECT name FROM people"); c.next(); const all = await outcome(() => storage.deleteAll()); return [all, outcomeSync(() => c.toArray())]; },
  cursorInResult: ({ sql }) => outcome(() => structuredClone(sql.exec("SELECT 1"))),
  manyCursors: ({ sql }) => { const all = Array.from({ length: 30 }, (_, i) => sql.exec(`SELECT value + ${i} AS v FROM json_each('[1,2]')`)); all.forEach((c) => c.next()); return all.map((c) => c.next().value.v); },

  // values in and out
  typesOut: ({ exec }) => exec("SELECT 1 AS i, 1.0 AS r, 1.5 AS f, 'é\u{1f600}' AS t, x'00ff' AS b, NULL AS n, 1 = 1 AS yes"),
  typesBig: ({ exec }) => exec("SELECT 9007199254740991 AS a, 9007199254740993 AS b, 9223372036854775807 AS c, -9223372036854775808 AS d, 1e308 AS e, 9e999 AS f, -9e999 AS g"),
  typesOfNumbersIn: ({ sql }) => [1, -1, 0, -0, 1.5, 2 ** 31, 2 ** 53, 1e20, 1e-7, NaN, Infinity, -Infinity].map((n) => [one(sql, "SELECT typeof(?)", n), one(sql, "SELECT ?", n), one(sql, "SELECT CAST(? AS TEXT)", n)]),
  typesOfOthersIn: ({ sql }) => [["text", "x"], ["empty", ""], ["null", null], ["undefined", undefined], ["buffer", new Uint8Array([1, 2]).buffer], ["view", new Uint8Array([1, 2, 3]).subarray(1)], ["wide", new Uint16Array([258])], ["no bytes", new Uint8Array()]].map(([name, v]) => [name, one(sql, "SELECT typeof(?)", v), one(sql, "SELECT ?", v)]),
  typesRefused: async ({ sql }) => { const out = {}; for (const [name, v] of Object.entries({ bigint: 5n, yes: true, no: false, object: { a: 1 }, array: [1, 2], fn: () => 1, map: new Map() })) out[name] = await outcome(() => sql.exec("SELECT ? AS v, typeof(?) AS t", v, v).one()); delete out.fn; return out; },
  typesOfTextWithNul: ({ sql }) => [one(sql, "SELECT ?", "a\0b"), one(sql, "SELECT length(?)", "a\0b"), one(sql, "SELECT hex(?)", "a\0b")],
  typesOfLoneSurrogate: ({ sql }) => one(sql, "SELECT hex(?)", "a\ud800b"),
  typesAffinity: ({ exec }) => { exec("CREATE TABLE a (i INTEGER, t TEXT, r REAL, n NUMERIC, b BLOB, d DATE, x)"); exec("INSERT INTO a VALUES ('12', 12, '12', '1.50', 12, '2020', '12')"); return exec("SELECT *, typeof(i) ti, typeof(t) tt, typeof(r) tr, typeof(n) tn, typeof(b) tb, typeof(d) td, typeof(x) tx FROM a"); },
  typesStrict: ({ exec }) => { exec("CREATE TABLE s (i INTEGER, t TEXT, a ANY) STRICT"); exec("INSERT INTO s VALUES ('7', 'x', '7')"); return [exec("SELECT *, typeof(a) AS ta FROM s"), outcomeSync(() => exec("INSERT INTO s (i) VALUES ('x')")), outcomeSync(() => exec("INSERT INTO s (i) VALUES (1.5)"))]; },
  blobIsOwn: ({ sql }) => { const row = sql.exec("SELECT x'010203' AS b").one(); new Uint8Array(row.b)[0] = 9; return [row.b instanceof ArrayBuffer, row.b.byteLength, sql.exec("SELECT x'010203' AS b").one().b]; },
  rowShape: ({ sql }) => { const row = sql.exec("SELECT 1 AS a, 2 AS b").one(); return [Object.getPrototypeOf(row) === Object.prototype, Object.keys(row), Object.isFrozen(row), JSON.stringify(row)]; },
  rowOfOddNames: ({ sql }) => Object.keys(sql.exec("SELECT 1 AS toString, 2 AS \"a b\", 3 AS \"7\", 4 AS constructor, 5 AS \"3\"").one()),

  // bindings
  bindingsByPosition: ({ exec }) => exec("SELECT ?2 AS b, ?1 AS a, ? AS c", 1, 2, 3),
  bindingsRepeated: ({ exec }) => exec("SELECT ?1 AS a, ?1 AS b", "x"),
  bindingsTooMany: ({ exec }) => [outcomeSync(() => exec("SELECT 1", 1)), outcomeSync(() => exec("SELECT ? AS a", 1, 2))],
  bindingsTooFew: ({ exec }) => [outcomeSync(() => exec("SELECT ? AS a, ? AS b", 1)), outcomeSync(() => exec("SELECT ?3 AS c", 1, 2))],
  bindingsNamed: ({ exec }) => [outcomeSync(() => exec("SELECT :a AS a", 1)), outcomeSync(() => exec("SELECT $a AS a", 1)), outcomeSync(() => exec("SELECT @a AS a", { a: 1 }))],
  bindingsOfSeveral: ({ exec }) => { exec("CREATE TABLE m (a)"); exec("INSERT INTO m VALUES (1); INSERT INTO m VALUES (?)", 2); return exec("SELECT a FROM m"); },
  bindingsOfFirst: ({ exec }) => { exec("CREATE TABLE m (a)"); const result = outcomeSync(() => exec("INSERT INTO m VALUES (?); SELECT 1", 2)); return [result, exec("SELECT a FROM m")]; },

  // statements
  severalGiveTheLast: ({ sql }) => { const c = sql.exec("SELECT 1 AS a; SELECT 2 AS b; SELECT 3 AS c"); return [c.columnNames, c.toArray()]; },
  severalWithComments: ({ exec }) => exec("-- first\nSELECT 1 AS a; /* second; */ SELECT 2 AS b; -- end"),
  severalStopAtError: ({ exec }) => { const result = outcomeSync(() => exec("CREATE TABLE x (a UNIQUE); INSERT INTO x VALUES (1); INSERT INTO x VALUES (1); INSERT INTO x VALUES (2)")); return [result, exec("SELECT a FROM x")]; },
  severalStopAtSyntax: ({ exec }) => { const result = outcomeSync(() => exec("CREATE TABLE x (a); INSERT INTO x VALUES (1); INSERTT INTO x VALUES (2)")); return [result, outcomeSync(() => exec("SELECT a FROM x"))]; },
  semicolonInText: ({ exec }) => exec("SELECT 'a;b' AS a; SELECT 'c--d' AS b"),
  withTrigger: ({ exec }) => { exec("CREATE TABLE t (a); CREATE TABLE log (a); CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); INSERT INTO log VALUES (new.a * 2); END; INSERT INTO t VALUES (5)"); return exec("SELECT a FROM log"); },
  withRecursion: ({ exec }) => exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) AS s, group_concat(i) AS g FROM n"),
  withWindow: ({ exec }) => exec("SELECT value, row_number() OVER (ORDER BY value DESC) AS r, sum(value) OVER (ORDER BY value) AS s, lag(value) OVER (ORDER BY value) AS l FROM json_each('[3,1,2]')"),
  withUpsert: ({ exec }) => { exec("CREATE TABLE u (k PRIMARY KEY, n)"); for (let i = 0; i < 3; i++) exec("INSERT INTO u VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET n = n + excluded.n"); return exec("SELECT * FROM u"); },
  withReturning: ({ exec }) => { exec("CREATE TABLE r (id INTEGER PRIMARY KEY AUTOINCREMENT, n)"); return [exec("INSERT INTO r (n) VALUES (1), (2) RETURNING id, n * 10 AS m"), exec("UPDATE r SET n = 5 RETURNING *"), exec("DELETE FROM r WHERE id = 1 RETURNING id")]; },
  returningUnread: ({ sql, exec }) => { exec("CREATE TABLE r (n)"); sql.exec("INSERT INTO r VALUES (1), (2), (3) RETURNING n"); return exec("SELECT count(*) AS c FROM r"); },
  withGenerated: ({ exec }) => { exec("CREATE TABLE g (a, b AS (a * 2) STORED, c AS (a || 'x'))"); exec("INSERT INTO g (a) VALUES (4)"); return exec("SELECT * FROM g"); },
  withoutRowid: ({ exec }) => { exec("CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID"); exec("INSERT INTO w VALUES ('b', 1), ('a', 2)"); return exec("SELECT * FROM w"); },
  foreignKeysAreOn: ({ exec }) => { exec("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p ON DELETE CASCADE); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)"); const bad = outcomeSync(() => exec("INSERT INTO c VALUES (2)")); exec("DELETE FROM p"); return [bad, exec("SELECT count(*) AS n FROM c")]; },
  alterTable: ({ exec }) => { exec("CREATE TABLE a (x, y)"); exec("INSERT INTO a VALUES (1, 2)"); exec("ALTER TABLE a RENAME COLUMN x TO z; ALTER TABLE a ADD COLUMN w DEFAULT 5; ALTER TABLE a DROP COLUMN y; ALTER TABLE a RENAME TO b"); return exec("SELECT * FROM b"); },
  lastInsert: ({ exec }) => { people(exec); return exec("SELECT last_insert_rowid() AS id, changes() AS changes, total_changes() > 0 AS total"); },
  views: ({ exec }) => { people(exec); exec("CREATE VIEW old AS SELECT name FROM people WHERE age > 35"); return [exec("SELECT * FROM old"), outcomeSync(() => exec("INSERT INTO old VALUES ('x')"))]; },
  collations: ({ exec }) => exec("SELECT 'a' = 'A' COLLATE NOCASE AS nocase, 'a ' = 'a' COLLATE RTRIM AS rtrim, 'é' = 'É' COLLATE NOCASE AS accents"),
  likeAndGlob: ({ exec }) => exec("SELECT 'Abc' LIKE 'a%' AS l, 'Abc' GLOB 'a*' AS g, 'a_c' LIKE 'a!_c' ESCAPE '!' AS e, 'É' LIKE 'é' AS u"),
  datesAndTimes: ({ exec }) => exec("SELECT date(0, 'unixepoch') AS d, datetime(1e9, 'unixepoch', '+1 day') AS dt, strftime('%Y-%j %H:%M', '2024-02-29 12:34') AS s, julianday('2000-01-01') AS j, unixepoch('1970-01-02') AS u, timediff('2024-03-01', '2024-02-28') AS t"),
  textFunctions: ({ exec }) => exec("SELECT upper('é a') AS u, substr('héllo', 2, 3) AS s, instr('abcabc', 'c') AS i, replace('aaa', 'a', 'b') AS r, trim('xxaxx', 'x') AS t, hex('é') AS h, unhex('e9') AS uh, quote('it''s') AS q, char(233, 128512) AS c, unicode('é') AS un, printf('%05.1f|%-5s|%x', 3.14159, 'a', 255) AS p, concat_ws('-', 1, NULL, 2) AS cw, octet_length('é') AS o"),
  numberFunctions: ({ exec }) => exec("SELECT abs(-5) AS a, round(2.5) AS r, round(-1.25, 1) AS r1, max(1, 2, 3) AS m, min('a', 1) AS n, 7 / 2 AS d, 7 % -3 AS mod, 7.0 / 2 AS f, 1 / 0 AS z, pow(2, 10) AS p, sqrt(2) AS s, pi() AS pi, floor(-1.5) AS fl, ceil(1.2) AS ce, trunc(-1.7) AS t, log(100) AS l, ln(1) AS ln, sign(-3) AS si"),
  aggregates: ({ exec }) => exec("SELECT sum(value) AS s, total(value) AS t, avg(value) AS a, count(*) AS c, count(DISTINCT value) AS d, group_concat(value, '+') AS g, string_agg(value, '/') AS sa, max(value) AS m, json_group_array(value) AS j, json_group_object(key, value) AS o FROM json_each('[1, 2, 2, null]')"),
  jsonFunctions: ({ exec }) => exec("SELECT json('{\"a\" : [1, 2]}') AS j, json_extract('{\"a\":[1,{\"b\":2}]}', '$.a[1].b') AS e, '{\"a\":{\"b\":null}}' -> '$.a' AS arrow, '{\"a\":\"x\"}' ->> 'a' AS arrows, json_type('{\"a\":1.5}', '$.a') AS t, json_valid('{a:1}') AS v, json_set('{}', '$.x', json('[1]')) AS s, json_array_length('[1,2,3]') AS l, json_patch('{\"a\":1,\"b\":2}', '{\"a\":null}') AS p, json(jsonb('{\"z\":1}')) AS b"),
  fullText: ({ exec }) => { exec("CREATE VIRTUAL TABLE f USING fts5(title, body, tokenize = 'porter')"); exec("INSERT INTO f VALUES ('One', 'running dogs'), ('Two', 'a dog runs'), ('Three', 'cats')"); return [exec("SELECT title FROM f WHERE f MATCH 'run dog' ORDER BY rank"), exec("SELECT highlight(f, 1, '<', '>') AS h, snippet(f, 1, '[', ']', '…', 2) AS s FROM f WHERE f MATCH 'cats'"), outcomeSync(() => exec("SELECT * FROM f WHERE f MATCH '\"'"))]; },
  fullTextTables: ({ exec }) => { exec("CREATE VIRTUAL TABLE f USING fts5(x)"); return exec("SELECT name FROM sqlite_master WHERE name LIKE 'f%' ORDER BY name").map((row) => row.name); },
  rTree: ({ exec }) => outcome(() => { exec("CREATE VIRTUAL TABLE box USING rtree(id, x0, x1, y0, y1)"); exec("INSERT INTO box VALUES (1, 0, 10, 0, 10), (2, 20, 30, 20, 30)"); return exec("SELECT id FROM box WHERE x0 >= 15"); }),
  attachedNames: ({ exec }) => [outcomeSync(() => exec("SELECT 1 FROM main.sqlite_master")), outcomeSync(() => exec("SELECT count(*) AS n FROM temp.sqlite_master")), outcomeSync(() => exec("CREATE TEMP VIEW v AS SELECT 1"))],
  explainPlan: ({ exec }) => { people(exec); exec("CREATE INDEX by_name ON people (name)"); return exec("EXPLAIN QUERY PLAN SELECT * FROM people WHERE name = 'ann'").map((row) => row.detail); },
  sizeOfDatabase: ({ sql, exec }) => { const before = sql.databaseSize; exec("CREATE TABLE big (b)"); exec("INSERT INTO big VALUES (zeroblob(100000))"); const after = sql.databaseSize; return [typeof before, before % 4096, after - before > 90000, after % 4096]; },
  execOfTemplate: ({ sql }) => sql.exec(["SELECT 5 AS a"]).one(),
  execOfObject: ({ sql }) => sql.exec({ toString: () => "SELECT 6 AS a" }).one(),
  identity: ({ sql, storage }) => [storage.sql === sql, sql.constructor.name, Object.prototype.toString.call(sql), Object.keys(sql), typeof sql.exec, sql.exec.length],

  // pragmas
  pragmasAllowed: ({ exec }) => { people(exec); exec("CREATE INDEX by_name ON people (name)"); const out = {}; for (const p of ["table_info(people)", "table_xinfo(people)", "index_list(people)", "index_info(by_name)", "index_xinfo(by_name)", "foreign_key_list(people)", "foreign_key_check", "quick_check", "page_size", "foreign_keys", "defer_foreign_keys", "case_sensitive_like", "recursive_triggers", "legacy_alter_table", "ignore_check_constraints", "reverse_unordered_selects"]) out[p] = outcomeSync(() => exec(`PRAGMA ${p}`)); return out; },
  pragmasRefused: ({ exec }) => Object.fromEntries(["user_version", "user_version = 5", "journal_mode = DELETE", "synchronous", "cache_size = 1", "page_size = 1024", "encoding", "database_list", "compile_options", "integrity_check", "wal_checkpoint", "auto_vacuum", "temp_store", "max_page_count", "secure_delete", "writable_schema = 1", "locking_mode", "mmap_size", "busy_timeout", "application_id", "freelist_count", "page_count", "schema_version", "trusted_schema", "threads", "nonsense"].map((p) => [p, outcomeSync(() => exec(`PRAGMA ${p}`))])),
  pragmaSets: ({ exec }) => [exec("PRAGMA case_sensitive_like = 1"), exec("SELECT 'A' LIKE 'a' AS l"), exec("PRAGMA case_sensitive_like = off"), exec("SELECT 'A' LIKE 'a' AS l")],
  pragmaDefer: ({ exec, storage }) => { exec("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p)"); return storage.transactionSync(() => { exec("PRAGMA defer_foreign_keys = on"); exec("INSERT INTO c VALUES (1)"); exec("INSERT INTO p VALUES (1)"); return exec("SELECT * FROM c"); }); },
  pragmaAsTable: ({ exec }) => { people(exec); return [outcomeSync(() => exec("SELECT name FROM pragma_table_info('people')")), outcomeSync(() => exec("SELECT * FROM pragma_user_version"))]; },
};

function outcomeSync(run) {
  try {
    return { ok: run() };
  } catch (error) {
    return { thrown: error };
  }
}
