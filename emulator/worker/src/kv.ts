// SyncKvStorage: ctx.storage.kv.

import { illegalConstructor, illegalInvocation } from "web/brand";
import { expose } from "web/frame";
import { host } from "./host";
import { listArguments, making, type ListOptions } from "./storage";

const lives = new WeakMap<SyncKvStorage, number>();

function lifeOf(self: SyncKvStorage): number {
  const life = lives.get(self);
  if (life === undefined) throw illegalInvocation();
  return life;
}

const name = "SyncKvStorage";

export class SyncKvStorage {
  constructor(key: symbol, life: number) {
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
    else host.kvPut(lifeOf(this), String(key), value);
  }
  delete(key: string): boolean {
    return host.kvDelete(lifeOf(this), String(key));
  }
}
expose(name, SyncKvStorage);

export function makeSyncStorage(life: number): SyncKvStorage {
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
