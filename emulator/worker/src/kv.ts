// SyncKvStorage: ctx.storage.kv.

import { illegalConstructor, illegalInvocation, wrongArgument } from "web/brand";
import { shape } from "web/frame";
import { textArgument } from "./errors";
import { host } from "./host";
import { nearLimit } from "./traps";
import { listArguments, making, type ListOptions } from "./storage";

const lives = new WeakMap<SyncKvStorage, number | undefined>();

function lifeOf(self: SyncKvStorage): number {
  const life = lives.get(self);
  if (life !== undefined) return life;
  throw lives.has(self) ? new Error(noKv) : illegalInvocation();
}

const noKv =
  "The storage.kv (synchronous KV) API is only available for SQLite-backed Durable Objects, but this object's namespace is not declared to use SQLite. You can use the older, asyncronous interface via methods of `storage` itself (e.g. `storage.get()`). Alternatively, to enable SQLite, change `new_classes` to `new_sqlite_classes` within the 'migrations' field in your wrangler.jsonc or wrangler.toml file. If using workerd directly, set `enableSql = true` in your workerd config for the class. Note that this change cannot be made after the class is already deployed to production.";

const name = "SyncKvStorage";

export class SyncKvStorage {
  constructor(key: symbol, life: number | undefined) {
    if (key !== making) throw illegalConstructor();
    lives.set(this, life);
  }
  get(...args: [] | [key: string]): unknown {
    const life = lifeOf(this);
    if (args.length === 0) throw wrongArgument("get", name, 1, "string");
    return host.kvGet(life, textArgument(args[0]));
  }
  list(options?: ListOptions): Iterable<[string, unknown]> {
    const life = lifeOf(this);
    const iterator = new ListIterator(life, listArguments(name, options));
    latest.set(life, iterator);
    return iterator;
  }
  put(...args: [] | [key: string] | [key: string, value: unknown]): void {
    const life = lifeOf(this);
    if (args.length === 0) throw wrongArgument("put", name, 1, "string");
    if (args.length === 1) throw wrongArgument("put", name, 2, "Value");
    const [key, value] = args;
    wrote();
    if (value === undefined) host.kvDelete(life, textArgument(key));
    else nearLimit(life, host.kvPut(life, textArgument(key), value));
  }
  delete(...args: [] | [key: string]): boolean {
    const life = lifeOf(this);
    if (args.length === 0) throw wrongArgument("delete", name, 1, "string");
    wrote();
    return host.kvDelete(life, textArgument(args[0]));
  }
}
shape(name, SyncKvStorage);

/** The key-value storage of a life, or for undefined of a class that has none of the kind. */
export function makeSyncStorage(life: number | undefined): SyncKvStorage {
  return new SyncKvStorage(making, life);
}

/** Counts what may change pairs, of whichever object: pairs that were read ahead are then read again. */
let writes = 0;

export function wrote(): void {
  writes++;
}

/** The one iterator of each life that may still be used. */
const latest = new Map<number, ListIterator>();

export function forgetLists(life: number): void {
  latest.delete(life);
}

/** How many pairs are read at a time. */
const ahead = 100;

type Range = ReturnType<typeof listArguments>;

/** Pairs in the order of their keys, as they are when they are asked for. */
class ListIterator {
  #life: number;
  #range: Range | undefined; // that is left, undefined when there is nothing
  #pairs: unknown[] = []; // keys and values in turn, read ahead
  #seen = 0; // of them
  #writes = 0; // when they were read

  constructor(life: number, range: Range) {
    this.#life = life;
    this.#range = range;
  }
  next(): IteratorResult<[string, unknown]> {
    if (this.#range === undefined) return { done: true, value: undefined };
    if (latest.get(this.#life) !== this) {
      throw new Error("kv.list() iterator was invalidated because a new call to kv.list() was started. Only one kv.list() iterator can exist at a time.");
    }
    if (this.#seen >= this.#pairs.length || this.#writes !== writes) this.#read(this.#range);
    const [key, value] = this.#pairs.slice(this.#seen, this.#seen + 2) as [string, unknown];
    if (this.#seen >= this.#pairs.length) {
      this.#range = undefined;
      return { done: true, value: undefined };
    }
    this.#seen += 2;
    this.#range = after(key, this.#range);
    return { done: false, value: [key, value] };
  }
  #read(range: Range): void {
    const [start, startAfter, end, prefix, reverse, limit] = range;
    const count = limit === 0 ? ahead : Math.min(ahead, limit);
    this.#pairs = host.kvList(this.#life, start, startAfter, end, prefix, reverse, count);
    this.#seen = 0;
    this.#writes = writes;
  }
  [Symbol.iterator](): this {
    return this;
  }
}
Object.defineProperty(ListIterator.prototype, Symbol.toStringTag, { value: "ListIterator", configurable: true });

/** What is left of a range behind a key, undefined when its limit is reached. */
function after(key: string, [start, startAfter, end, prefix, reverse, limit]: Range): Range | undefined {
  if (limit === 1) return undefined;
  const left = limit === 0 ? 0 : limit - 1;
  return reverse ? [start, startAfter, key, prefix, reverse, left] : [undefined, key, end, prefix, reverse, left];
}
