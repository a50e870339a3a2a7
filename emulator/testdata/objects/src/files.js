// What objects leave on disk: the files of this class are compared when all has been asked.

import { DurableObject } from "cloudflare:workers";

const inTheFuture = 4102444800000;

export class Kept extends DurableObject {
  async keep(how) {
    const { storage } = this.ctx;
    await storage.deleteAll();
    await ways[how](storage);
    return [...(await storage.list()).keys()];
  }
  alarm() {}
}

const ways = {
  pairs: async (storage) => {
    await storage.put({ number: 1, text: "é\u{1f600}", none: null, list: [1, , "x"], date: new Date(1e12), bytes: new Uint8Array([1, 2]), "key é": 1n });
    await storage.put("map", new Map([["a", new Set([1])]]));
  },
  replaced: async (storage) => { await storage.put({ a: 1, b: 2, c: 3 }); await storage.put("a", "again"); await storage.delete("b"); },
  synchronous: async (storage) => { storage.kv.put("sync", { a: [1] }); storage.kv.put("gone", 1); storage.kv.delete("gone"); },
  tables: async (storage) => {
    storage.sql.exec("CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, data BLOB, n REAL); CREATE INDEX by_name ON items (name)");
    storage.sql.exec("INSERT INTO items (name, data, n) VALUES ('é', x'00ff', 1.5), (NULL, NULL, 3)");
    storage.sql.exec("CREATE VIEW names AS SELECT name FROM items; CREATE TRIGGER t AFTER DELETE ON items BEGIN SELECT 1; END");
    storage.sql.exec("INSERT INTO items (n) VALUES (?)", 5);
  },
  both: async (storage) => { storage.sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES ('row')"); await storage.put("pair", 1); await storage.setAlarm(inTheFuture); },
  search: async (storage) => { storage.sql.exec("CREATE VIRTUAL TABLE docs USING fts5(body)"); storage.sql.exec("INSERT INTO docs VALUES ('some words'), ('more words')"); },
  alarm: async (storage) => { await storage.setAlarm(inTheFuture); },
  alarmNever: async (storage) => { await storage.put("k", 1); await storage.deleteAlarm(); },
  alarmGone: async (storage) => { await storage.setAlarm(inTheFuture); await storage.deleteAlarm(); await storage.put("k", 1); },
  undone: async (storage) => { await storage.put("kept", 1); await storage.transaction(async (txn) => { await txn.put("undone", 1); storage.sql.exec("CREATE TABLE undone (a)"); txn.rollback(); }); },
  emptied: async (storage) => { storage.sql.exec("CREATE TABLE t (a)"); await storage.put("k", 1); await storage.deleteAll(); },
};

export default Object.fromEntries(Object.keys(ways).map((how) => [how, ({ KEPT }) => KEPT.getByName(how).keep(how)]));
