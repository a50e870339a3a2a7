// SyncKvStorage: ctx.storage.kv.

import { illegalConstructor, illegalInvocation } from "web/brand";
import { expose } from "web/frame";
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
  get(key: string): unknown {
    return host.kvGet(lifeOf(this), String(key));
  }
  list(options?: ListOptions): Iterable<[string, unknown]> {
    return new ListIterator(host.kvList(lifeOf(this), ...listArguments(name, options)));
  }
  put(key: string, value: unknown): void {
    if (value === undefined) host.kvDelete(lifeOf(this), String(key));
    else nearLimit(lifeOf(this), host.kvPut(lifeOf(this), String(key), value));
  }
  delete(key: string): boolean {
    return host.kvDelete(lifeOf(this), String(key));
  }
}
expose(name, SyncKvStorage);

/** The key-value storage of a life, or for undefined of a class that has none of the kind. */
export function makeSyncStorage(life: number | undefined): SyncKvStorage {
  return new SyncKvStorage(making, life);
}

class ListIterator {
  #flat: unknown[];
  #next = 0;

  constructor(flat: unknown[]) {
    this.#flat = flat;
  }
  next(): IteratorResult<[string, unknown]> {
    if (this.#next >= this.#flat.length) return { done: true, value: undefined };
    const pair: [string, unknown] = [this.#flat[this.#next] as string, this.#flat[this.#next + 1]];
    this.#next += 2;
    return { done: false, value: pair };
  }
  [Symbol.iterator](): this {
    return this;
  }
}
Object.defineProperty(ListIterator.prototype, Symbol.toStringTag, { value: "ListIterator", configurable: true });
