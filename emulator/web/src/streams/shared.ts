// Small pieces that all streams use, Streams Standard §8.

export type Deferred<T> = ReturnType<typeof Promise.withResolvers<T>>;

/** A promise and the means to settle it. Its rejection never counts as unhandled. */
export function deferred<T = void>(): Deferred<T> {
  const made = Promise.withResolvers<T>();
  handled(made.promise);
  return made;
}

export function nothing(): void {}

const now = Promise.resolve();

/** Runs fn after the code that runs now. */
export function microtask(fn: () => void): void {
  void now.then(fn);
}

/** Marks a promise as handled. */
export function handled(promise: Promise<unknown>): void {
  promise.then(undefined, nothing);
}

/** Calls what a user gave: a throw becomes a rejection, no function becomes undefined. */
export function promiseCall(call: () => unknown): Promise<unknown> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A method of a user's object, bound to it, or undefined when it has none. */
export function method<T extends Function>(object: object, name: string, owner: string): T | undefined {
  const found = (object as Record<string, unknown>)[name];
  if (found === undefined) return undefined;
  if (typeof found !== "function") {
    throw new TypeError(`Incorrect type for the '${name}' field on '${owner}': the provided value is not of type 'function'.`);
  }
  return found.bind(object) as T;
}

export type SizeAlgorithm = (chunk: unknown) => number;

export interface Strategy {
  highWaterMark?: number;
  size?: SizeAlgorithm;
}

export const countSize: SizeAlgorithm = () => 1;

/** Refuses what the platform does not take for a number of bytes or chunks. */
export function checkPositive(n: number): void {
  if (Number.isNaN(n)) throw new TypeError("The value cannot be converted because it is not an integer.");
  if (n < 0) throw new TypeError("The value cannot be converted because it is negative and this API expects a positive bigint.");
}

export function highWaterMarkOf(strategy: Strategy | undefined | null, fallback: number): number {
  const value = strategy?.highWaterMark;
  if (value === undefined) return fallback;
  const mark = Number(value);
  checkPositive(mark);
  return mark;
}

export function sizeOf(strategy: Strategy | undefined | null): SizeAlgorithm {
  const size = strategy?.size;
  if (size === undefined) return countSize;
  if (typeof size !== "function") {
    throw new TypeError("Incorrect type for the 'size' field on 'StreamQueuingStrategy': the provided value is not of type 'function'.");
  }
  return (chunk) => size.call(undefined, chunk);
}

/** A queue of values with sizes, §8.1. */
export class SizedQueue<T> {
  #entries: { value: T; size: number }[] = [];
  #head = 0;
  total = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  push(value: T, size: number): void {
    size = Number(size);
    checkPositive(size);
    this.#entries.push({ value, size });
    this.total += size;
  }

  peek(): T {
    return this.#entries[this.#head]!.value;
  }

  shift(): T {
    const entry = this.#entries[this.#head]!;
    this.#entries[this.#head++] = undefined!;
    if (this.#head * 2 > this.#entries.length + 16) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    this.total = this.#entries.length === this.#head ? 0 : Math.max(0, this.total - entry.size);
    return entry.value;
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.total = 0;
  }
}

/** The bytes of an ArrayBuffer or view, without a copy; undefined for anything else. */
export function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Uint8Array(value);
  return undefined;
}

/** Joins chunks into one array of its own. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const chunk of chunks) length += chunk.byteLength;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
