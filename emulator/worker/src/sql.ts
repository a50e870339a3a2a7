// SqlStorage and its cursors: ctx.storage.sql.

import { illegalConstructor, illegalInvocation, wrongArgument } from "web/brand";
import { shape } from "web/frame";
import { utf8Encode } from "web/utf8";
import { textArgument } from "./errors";
import { host } from "./host";
import { nearLimit, watching } from "./traps";

const making = Symbol();
const lives = new WeakMap<SqlStorage, number | undefined>();

function lifeOf(self: SqlStorage): number {
  const life = lives.get(self);
  if (life !== undefined) return life;
  throw lives.has(self) ? notEnabled() : illegalInvocation();
}

const notEnabled = () =>
  new Error(
    "SQL is not enabled for this Durable Object class. To enable it, change `new_classes` to `new_sqlite_classes` within " +
      "the 'migrations' field in your wrangler.jsonc or wrangler.toml file. If using workerd directly,set `enableSql = true` " +
      "in your workerd config for the class. Note that this change cannot be made after the class is already deployed to production.",
  );

export class SqlStorage {
  declare readonly databaseSize: number;

  constructor(key: symbol, life: number | undefined) {
    if (key !== making) throw illegalConstructor();
    lives.set(this, life);
  }
  exec(...args: [query: string, ...bindings: unknown[]]): Cursor {
    const life = lifeOf(this);
    if (args.length === 0) throw wrongArgument("exec", "SqlStorage", 1, "String");
    const [query, ...bindings] = args;
    if (watching) for (const value of bindings) nearLimit(life, host.sqlNearLimit(sizeOf(value)));
    return new Cursor(making, host.sqlExec(life, textArgument(query), bindings.map(binding)));
  }
}
Object.defineProperty(SqlStorage.prototype, "databaseSize", {
  get(this: SqlStorage) {
    return host.sqlSize(lifeOf(this));
  },
  configurable: true,
});
shape("SqlStorage", SqlStorage);

/** The SQL of a life, or for undefined of a class that has none. */
export function makeSqlStorage(life: number | undefined): SqlStorage {
  return new SqlStorage(making, life);
}

// What may be bound: null, numbers, bytes, and anything else as a string.
function binding(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value;
  if (typeof value === "bigint") throw new TypeError("Cannot convert a BigInt value to a number");
  return `${value as string}`;
}

/** How many bytes a bound value takes, where that may matter. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return utf8Encode(value).length;
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? value.byteLength : 0;
}

interface State {
  id: number;
  columns: string[];
}

const cursors = new WeakMap<object, State>();
const finalizer = new FinalizationRegistry((id: number) => host.sqlClose(id));

function cursorOf(self: object): State {
  const cursor = cursors.get(self);
  if (cursor === undefined) throw illegalInvocation();
  return cursor;
}

export class Cursor {
  declare readonly columnNames: string[];
  declare readonly rowsRead: number;
  declare readonly rowsWritten: number;

  constructor(key: symbol, id: number) {
    if (key !== making) throw illegalConstructor();
    cursors.set(this, { id, columns: host.sqlColumns(id) });
    finalizer.register(this, id);
  }
  next(): IteratorResult<Record<string, unknown>> {
    const { id, columns } = cursorOf(this);
    const row = host.sqlNext(id);
    return row === undefined ? { done: true, value: undefined } : { done: false, value: record(columns, row) };
  }
  toArray(): Record<string, unknown>[] {
    const { id, columns } = cursorOf(this);
    const out = [];
    for (let row = host.sqlNext(id); row !== undefined; row = host.sqlNext(id)) out.push(record(columns, row));
    return out;
  }
  one(): Record<string, unknown> {
    const { id, columns } = cursorOf(this);
    const row = host.sqlNext(id);
    if (row === undefined) throw new Error("Expected exactly one result from SQL query, but got no results.");
    if (host.sqlNext(id) !== undefined) {
      while (host.sqlNext(id) !== undefined); // the rows that are left are gone
      throw new Error("Expected exactly one result from SQL query, but got multiple results.");
    }
    return record(columns, row);
  }
  raw(): RawIterator {
    return new RawIterator(making, cursorOf(this));
  }
  [Symbol.iterator](): RowIterator {
    return new RowIterator(this);
  }
}

/** The rows that a cursor has left. */
class RowIterator {
  #cursor: Cursor;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }
  next(): IteratorResult<Record<string, unknown>> {
    return this.#cursor.next();
  }
  [Symbol.iterator](): this {
    return this;
  }
}
Object.defineProperty(RowIterator.prototype, Symbol.toStringTag, { value: "RowIterator", configurable: true });

function record(columns: string[], row: unknown[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) out[columns[i]!] = row[i];
  return out;
}

class RawIterator {
  constructor(key: symbol, cursor: State) {
    if (key !== making) throw illegalConstructor();
    cursors.set(this, cursor);
  }
  next(): IteratorResult<unknown[]> {
    const row = host.sqlNext(cursorOf(this).id);
    return row === undefined ? { done: true, value: undefined } : { done: false, value: row };
  }
  toArray(): unknown[][] {
    const { id } = cursorOf(this);
    const out = [];
    for (let row = host.sqlNext(id); row !== undefined; row = host.sqlNext(id)) out.push(row);
    return out;
  }
  [Symbol.iterator](): this {
    return this;
  }
}
Object.defineProperty(RawIterator.prototype, Symbol.toStringTag, { value: "RawIterator", configurable: true });

Object.defineProperties(Cursor.prototype, {
  columnNames: {
    get(this: object) {
      return [...cursorOf(this).columns];
    },
    configurable: true,
  },
  rowsRead: {
    get(this: object) {
      return host.sqlRowsRead(cursorOf(this).id);
    },
    configurable: true,
  },
  rowsWritten: {
    get(this: object) {
      return host.sqlRowsWritten(cursorOf(this).id);
    },
    configurable: true,
  },
});
shape("Cursor", Cursor);
