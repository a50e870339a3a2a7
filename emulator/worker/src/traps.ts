// Traps: what works here and may fail deployed. Nothing here costs anything
// until watchTraps is called, but for a write that has failed already.

import { stackOf } from "web/errors";
import { host } from "./host";
import { leavesOf, type Leaf } from "./leaves";

/** Whether traps are looked for that need not be mistakes. */
export let watching = false;

export function watchTraps(): void {
  watching = true;
}

/** Where the code is that is running, as lines of a stack. */
function place(): string {
  return stackOf(new Error());
}

// ---- writes that nobody awaits ----

/** A write whose promise nobody has used yet. */
interface Write {
  life: number;
  method: string;
  failed: boolean;
  place: string;
  promise: WeakRef<Promise<unknown>>;
}

const unused = new Set<Write>();

/** How many writes are remembered whose promises somebody keeps without using them. */
const maxUnused = 1000;

/**
 * Has a write reported if its promise is never used. Whatever uses a promise
 * asks for its constructor: await, then and what is built on it, and
 * Promise.resolve, all and their like. So it tells who does, changing nothing.
 */
export function watchWrite<T>(life: number, method: string, promise: Promise<T>, failed: boolean): Promise<T> {
  const write = { life, method, failed, place: place(), promise: new WeakRef<Promise<unknown>>(promise) };
  unused.add(write);
  Object.defineProperty(promise, "constructor", {
    // It must not hold the promise, which would never be gone then.
    get(this: { constructor?: unknown }) {
      unused.delete(write);
      delete this.constructor;
      return Promise;
    },
    configurable: true,
  });
  if (unused.size > maxUnused) unused.delete(unused.values().next().value!);
  void Promise.resolve().then(reportUnused);
  return promise;
}

/** Reports the writes whose promises are gone: nobody can use those any more. */
export function reportUnused(): void {
  for (const write of unused) {
    if (write.promise.deref() !== undefined) continue;
    unused.delete(write);
    host.trap(write.life, write.failed ? "write-failed" : "write-not-awaited", write.method, write.place);
  }
}

// ---- values near the limits ----

/** Reports what the host says of a value that it has stored, undefined for nothing. */
export function nearLimit(life: number, said: string | undefined): void {
  if (said !== undefined) host.trap(life, "near-limit", said, place());
}

// ---- state that only memory has ----

type Fields = Map<string, Leaf[] | undefined>;

interface Gained {
  name: string;
  leaves: Leaf[];
}

const before = new Map<number, Fields>();

/** Notes what an instance holds when its first event begins: it can be made anew. */
export function noteFields(life: number, instance: object): void {
  if (!before.has(life)) before.set(life, fieldsOf(instance));
}

export function forgetFields(life: number): void {
  before.delete(life);
}

/** What the fields of an instance hold by now that they did not at first. */
export function gainedFields(life: number, instance: object): Gained[] {
  const first = before.get(life);
  if (first === undefined) return [];
  const gained: Gained[] = [];
  for (const [name, leaves] of fieldsOf(instance)) {
    const known = new Set(first.get(name) ?? []);
    const fresh = leaves?.filter((leaf) => !known.has(leaf)) ?? [];
    if (fresh.length > 0) gained.push({ name, leaves: fresh });
  }
  return gained;
}

function fieldsOf(instance: object): Fields {
  const fields: Fields = new Map();
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(instance))) {
    if (name !== "ctx" && name !== "env" && "value" in property) fields.set(name, leavesOf(property.value));
  }
  return fields;
}

/** Where a class and those it extends are defined, as lines of a stack. */
export function classPlaces(constructor: Function): string {
  const places = [];
  for (let c: unknown = constructor; typeof c === "function" && c !== Function.prototype; c = Object.getPrototypeOf(c)) {
    const { fileName, lineNumber, columnNumber, name } = c as unknown as Record<string, string>;
    places.push(`    at ${name} (${fileName}:${lineNumber}:${columnNumber})\n`);
  }
  return places.join("");
}
