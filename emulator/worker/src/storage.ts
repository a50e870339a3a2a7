// DurableObjectStorage and DurableObjectTransaction: the asynchronous
// key-value API, transactions and alarms. Storage answers within the turn; the
// promises are there because the API has them.

import { illegalConstructor, illegalInvocation, wrongArgument } from "web/brand";
import { shape } from "web/frame";
import { wait } from "web/ops";
import { textArgument } from "./errors";
import { host } from "./host";
import { makeSyncStorage, wrote, type SyncKvStorage } from "./kv";
import { runSection } from "./section";
import { makeSqlStorage, type SqlStorage } from "./sql";
import { nearLimit, watching, watchWrite } from "./traps";

export const making = Symbol();

/** What a storage object acts on: the life of an object. */
export interface Backing {
  life: number;
  sqlite: boolean; // the class may use SQL
  hasAlarm: boolean; // it has an alarm handler
  facet: boolean; // it is part of an object
}

const backings = new WeakMap<object, Backing>();

export function backingOf(self: object): Backing {
  const backing = backings.get(self);
  if (backing === undefined) throw illegalInvocation();
  return backing;
}

/** Runs what a method does now and gives its result as a promise. */
export function promised<T>(action: () => T | Promise<T>): Promise<T> {
  try {
    return Promise.resolve(action());
  } catch (error) {
    return Promise.reject(error);
  }
}

/** promised for what writes: a write that nobody awaits is a trap. */
function written<T>(self: object, method: string, action: () => T | Promise<T>): Promise<T> {
  let result: Promise<T>;
  try {
    result = Promise.resolve(action());
  } catch (error) {
    return unheard(self, method, Promise.reject(error), true);
  }
  return watching ? unheard(self, method, result, false) : result;
}

/** Has a write of storage, or of a transaction, reported if nobody awaits it. */
function unheard<T>(self: object, method: string, result: Promise<T>, failed: boolean): Promise<T> {
  const life = lifeBehind(self);
  return life === undefined ? result : watchWrite(life, method, result, failed);
}

// ---- the operations, shared by storage and transactions ----

/** Whether an argument is options, or none. */
function checkOptions(method: string, owner: string, position: number, options: unknown, type: string): void {
  if (options === undefined || options === null || typeof options === "object" || typeof options === "function") return;
  throw wrongArgument(method, owner, position, type);
}

function toMap(flat: unknown[]): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (let i = 0; i < flat.length; i += 2) map.set(flat[i] as string, flat[i + 1]);
  return map;
}

function keysOf(keys: Iterable<unknown>): string[] {
  return Array.from(keys, textArgument);
}

function get(life: number, owner: string, args: unknown[]): unknown {
  if (args.length === 0) throw wrongArgument("get", owner, 1, "string or Array");
  const key = args[0];
  checkOptions("get", owner, 2, args[1], "GetOptions");
  return Array.isArray(key) ? toMap(host.kvGetMany(life, keysOf(key))) : host.kvGet(life, textArgument(key));
}

/** Whether put() is given a key rather than pairs. */
const isKey = (key: unknown) => typeof key !== "object" || key === null || Array.isArray(key);

function put(life: number, owner: string, args: unknown[]): void {
  if (args.length === 0) throw wrongArgument("put", owner, 1, "string or object");
  const key = args[0];
  wrote();
  if (isKey(key)) {
    const value = args[1];
    if (value === undefined) throw new TypeError("put() called with undefined value.");
    nearLimit(life, host.kvPut(life, textArgument(key), value));
    return;
  }
  const pairs = Object.entries(key as object).filter(([, v]) => v !== undefined);
  nearLimit(life, host.kvLimits(life, pairs.length));
  const level = host.savepoint(life);
  try {
    for (const [k, v] of pairs) nearLimit(life, host.kvPut(life, k, v));
  } catch (error) {
    host.rollbackTo(life, level);
    throw error;
  }
  host.release(life, level);
}

function remove(life: number, owner: string, args: unknown[]): boolean | number {
  if (args.length === 0) throw wrongArgument("delete", owner, 1, "string or Array");
  const [key] = args;
  wrote();
  return Array.isArray(key) ? host.kvDeleteMany(life, keysOf(key)) : host.kvDelete(life, textArgument(key));
}

export interface ListOptions {
  start?: string;
  startAfter?: string;
  end?: string;
  prefix?: string;
  reverse?: boolean;
  limit?: number;
}

const optional = (v: unknown) => (v === undefined ? undefined : textArgument(v));

/** A limit as a number of 32 bits, in which what is no number is 0. */
function limitArgument(limit: unknown): number {
  const wanted = Math.trunc(Number(limit));
  const max = Number.isFinite(wanted) ? wanted : 0;
  if (max !== (max | 0)) throw new TypeError("Value out of range. Must be between -2147483648 and 2147483647 (inclusive).");
  if (max <= 0) throw new TypeError("List limit must be positive.");
  return max;
}

/** The options of list() as the host takes them. */
export function listArguments(owner: string, options: unknown): Parameters<typeof host.kvList> extends [unknown, ...infer R] ? R : never {
  if (options === undefined || options === null) return [undefined, undefined, undefined, undefined, false, 0];
  if (typeof options !== "object") throw wrongArgument("list", owner, 1, "ListOptions");
  const { start, startAfter, end, prefix, reverse, limit } = options as ListOptions;
  if (start !== undefined && startAfter !== undefined) {
    throw new TypeError("list() cannot be called with both start and startAfter values.");
  }
  const max = limit === undefined ? 0 : limitArgument(limit);
  return [optional(start), optional(startAfter), optional(end), optional(prefix), Boolean(reverse), max];
}

function list(life: number, owner: string, options: unknown): Map<string, unknown> {
  return toMap(host.kvList(life, ...listArguments(owner, options)));
}

function dateArgument(time: unknown, method: string, owner: string): number {
  if (time === null || (typeof time !== "object" && typeof time !== "number") || (typeof time === "object" && !(time instanceof Date))) {
    throw wrongArgument(method, owner, 1, "date");
  }
  const at = Number(time);
  if (!Number.isFinite(at)) throw new TypeError("The value cannot be converted because it is not a valid Date.");
  // The platform counts nanoseconds in 64 bits, whatever the years in its words.
  if (at * 1e6 >= 2 ** 63) throw new TypeError("This API doesn't support dates after 2189.");
  if (at * 1e6 <= -(2 ** 63)) throw new TypeError("This API doesn't support dates before 1687.");
  return at;
}

function alarmTime(time: unknown, owner: string): number {
  const at = dateArgument(time, "setAlarm", owner);
  if (at <= 0) throw new TypeError("setAlarm() cannot be called with an alarm time <= 0");
  return Math.trunc(at);
}

function setAlarm(backing: Backing, owner: string, time: unknown): void {
  const at = alarmTime(time, owner);
  if (!backing.hasAlarm) {
    throw new TypeError("Your Durable Object class must have an alarm() handler in order to call setAlarm()");
  }
  host.setAlarm(backing.life, at);
}

/** Runs a write. With allowUnconfirmed, what is sent after it does not wait for it. */
function writing<T>(life: number, options: unknown, write: () => T): T {
  if (!(options as { allowUnconfirmed?: unknown } | null | undefined)?.allowUnconfirmed) return write();
  host.unconfirmed(life, true);
  try {
    return write();
  } finally {
    host.unconfirmed(life, false);
  }
}

/** The options of a put, whose place depends on what is put. */
const putOptions = (args: unknown[]) => (isKey(args[0]) ? args[2] : args[1]);

// ---- DurableObjectStorage ----

/** Defines a property whose value is made when it is first read. */
function lazily(object: object, name: string, make: () => unknown): void {
  Object.defineProperty(object, name, {
    get() {
      const value = make();
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
      return value;
    },
    enumerable: true,
    configurable: true,
  });
}

const storageName = "DurableObjectStorage";

async function transact<T>(storage: object, closure: (txn: DurableObjectTransaction) => Promise<T>): Promise<T> {
  const backing = backingOf(storage);
  if (typeof closure !== "function") throw wrongArgument("transaction", storageName, 1, "function");
  return runTransaction(backing, closure);
}

export class DurableObjectStorage {
  declare readonly sql: SqlStorage;
  declare readonly kv: SyncKvStorage;

  constructor(key: symbol, backing: Backing) {
    if (key !== making) throw illegalConstructor();
    backings.set(this, backing);
    lazily(this, "kv", () => makeSyncStorage(backing.sqlite ? backing.life : undefined));
    lazily(this, "sql", () => makeSqlStorage(backing.sqlite ? backing.life : undefined));
  }

  // What is called most does without a closure.
  get(...args: unknown[]): Promise<unknown> {
    try {
      return Promise.resolve(get(backingOf(this).life, storageName, args));
    } catch (error) {
      return Promise.reject(error);
    }
  }
  list(options?: ListOptions): Promise<Map<string, unknown>> {
    return promised(() => list(backingOf(this).life, storageName, options));
  }
  put(...args: unknown[]): Promise<void> {
    let result: Promise<void>;
    try {
      const { life } = backingOf(this);
      const options = putOptions(args);
      result = Promise.resolve(options === undefined ? put(life, storageName, args) : writing(life, options, () => put(life, storageName, args)));
    } catch (error) {
      return unheard(this, "put", Promise.reject(error), true);
    }
    return watching ? unheard(this, "put", result, false) : result;
  }
  delete(...args: unknown[]): Promise<boolean | number> {
    return written(this, "delete", () => {
      const { life } = backingOf(this);
      return writing(life, args[1], () => remove(life, storageName, args));
    });
  }
  deleteAll(options?: object): Promise<void> {
    return written(this, "deleteAll", () => {
      const { life } = backingOf(this);
      wrote();
      writing(life, options, () => host.deleteAll(life));
    });
  }

  transaction<T>(closure: (txn: DurableObjectTransaction) => Promise<T>): Promise<T> {
    const result = transact(this, closure);
    return watching ? watchWrite(backingOf(this).life, "transaction", result, false) : result;
  }

  getAlarm(_options?: object): Promise<number | null> {
    return promised(() => host.getAlarm(backingOf(this).life));
  }
  setAlarm(time: unknown, options?: object): Promise<void> {
    return written(this, "setAlarm", () => {
      const backing = backingOf(this);
      writing(backing.life, options, () => setAlarm(backing, storageName, time));
    });
  }
  deleteAlarm(options?: object): Promise<void> {
    return written(this, "deleteAlarm", () => {
      const { life } = backingOf(this);
      writing(life, options, () => host.deleteAlarm(life));
    });
  }

  sync(): Promise<void> {
    return promised(() => wait<void>(host.sync(backingOf(this).life)));
  }

  transactionSync<T>(closure: () => T): T {
    const { life } = backingOf(this);
    if (typeof closure !== "function") throw wrongArgument("transactionSync", storageName, 1, "function");
    const level = host.savepoint(life);
    try {
      const result = closure();
      host.release(life, level);
      return result;
    } catch (error) {
      wrote();
      host.rollbackTo(life, level);
      throw error;
    }
  }

  getCurrentBookmark(): Promise<string> {
    return promised(() => host.bookmark(backingOf(this).life));
  }
  getBookmarkForTime(...args: unknown[]): Promise<string> {
    return promised(() => {
      const at = dateArgument(args[0], "getBookmarkForTime", storageName);
      return host.bookmarkForTime(backingOf(this).life, Math.trunc(at));
    });
  }
  onNextSessionRestoreBookmark(...args: unknown[]): Promise<string> {
    return promised(() => {
      if (args.length === 0) throw wrongArgument("onNextSessionRestoreBookmark", storageName, 1, "string");
      return host.restoreOnNextSession(backingOf(this).life, String(args[0]));
    });
  }
}

shape(storageName, DurableObjectStorage);

// ---- transactions ----

type Phase = "open" | "rolled back" | "committed";

interface Open {
  backing: Backing;
  phase: Phase;
  section: number;
}

const open = new WeakMap<DurableObjectTransaction, Open>();
const transactionName = "DurableObjectTransaction";

/** The life that storage, or a transaction, acts for; undefined for anything else. */
function lifeBehind(self: object): number | undefined {
  return (backings.get(self) ?? open.get(self as DurableObjectTransaction)?.backing)?.life;
}

/** The backing of a transaction that may still be used by method. */
function during(txn: DurableObjectTransaction, method: string): Backing {
  const state = open.get(txn);
  if (state === undefined) throw illegalInvocation();
  if (state.phase === "committed") {
    throw new Error(
      `Cannot call ${method}() on transaction that has already committed: did you move \`txn\` outside of the closure?`,
    );
  }
  if (state.phase === "rolled back") throw new Error(`Cannot ${method}() on rolled back transaction`);
  return state.backing;
}

export class DurableObjectTransaction {
  constructor(key: symbol, state: Open) {
    if (key !== making) throw illegalConstructor();
    open.set(this, state);
  }
  get(...args: unknown[]): Promise<unknown> {
    return promised(() => get(during(this, "get").life, transactionName, args));
  }
  put(...args: unknown[]): Promise<void> {
    return written(this, "put", () => put(during(this, "put").life, transactionName, args));
  }
  delete(...args: unknown[]): Promise<boolean | number> {
    return written(this, "delete", () => remove(during(this, "delete").life, transactionName, args));
  }
  list(options?: ListOptions): Promise<Map<string, unknown>> {
    return promised(() => list(during(this, "list").life, transactionName, options));
  }
  getAlarm(_options?: object): Promise<number | null> {
    return promised(() => host.getAlarm(during(this, "getAlarm").life));
  }
  setAlarm(time: unknown, _options?: object): Promise<void> {
    return written(this, "setAlarm", () => setAlarm(during(this, "setAlarm"), transactionName, time));
  }
  deleteAlarm(_options?: object): Promise<void> {
    return written(this, "deleteAlarm", () => host.deleteAlarm(during(this, "deleteAlarm").life));
  }
  deleteAll(): never {
    throw new Error("Cannot call deleteAll() within a transaction");
  }
  rollback(): void {
    const state = open.get(this);
    if (state === undefined) throw illegalInvocation();
    if (state.phase === "rolled back") return;
    during(this, "rollback");
    state.phase = "rolled back";
    wrote();
    host.sectionRollback(state.backing.life, state.section);
  }
}
shape(transactionName, DurableObjectTransaction);

function runTransaction<T>(backing: Backing, closure: (txn: DurableObjectTransaction) => Promise<T>): Promise<T> {
  const state: Open = { backing, phase: "open", section: 0 };
  const txn = new DurableObjectTransaction(making, state);
  return runSection(backing.life, {
    transaction: true,
    run: (section) => {
      state.section = section;
      return closure(txn);
    },
    succeeded: () => {
      if (state.phase === "open") state.phase = "committed";
    },
    aborted: () => {
      wrote();
      if (state.phase === "open") state.phase = "committed";
    },
    resets: false,
  });
}
