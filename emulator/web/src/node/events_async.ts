// events.once and events.on: an emitter seen as a promise and as an async
// iterator.

import { abortError, invalidArgType } from "./errors";
import { checkAbortSignal, checkInteger, checkObject } from "./validate";

type Name = string | symbol;
type Handler = (...args: any[]) => void;

// once answers the arguments of the next event, or rejects when "error" comes
// first.
export async function once(emitter: any, name: Name, options: { signal?: any } = {}): Promise<unknown[]> {
  checkObject(options, "options");
  const { signal } = options;
  checkAbortSignal(signal, "options.signal");
  if (signal?.aborted) throw abortError(signal.reason);
  const listening = new Listening();
  try {
    return await new Promise<unknown[]>((resolve, reject) => {
      listening.add(emitter, name, (...args: unknown[]) => resolve(args), { once: true });
      if (name !== "error" && typeof emitter.once === "function") {
        listening.add(emitter, "error", reject, { once: true });
      }
      if (signal) listening.add(signal, "abort", () => reject(abortError(signal.reason)), { once: true });
    });
  } finally {
    listening.stop();
  }
}

interface OnOptions {
  signal?: any;
  close?: Name[];
  highWaterMark?: number;
  lowWaterMark?: number;
  highWatermark?: number;
  lowWatermark?: number;
}

// on gives every event from now on, in order; it ends with an error when
// "error" comes.
export function on(emitter: any, name: Name, options: OnOptions = {}): AsyncIterableIterator<unknown[]> {
  checkObject(options, "options");
  const { signal } = options;
  checkAbortSignal(signal, "options.signal");
  if (signal?.aborted) throw abortError(signal.reason);
  const high = options.highWaterMark ?? options.highWatermark ?? Number.MAX_SAFE_INTEGER;
  const low = options.lowWaterMark ?? options.lowWatermark ?? 1;
  checkInteger(high, "options.highWaterMark", 1);
  checkInteger(low, "options.lowWaterMark", 1);
  const queue = new EventQueue(emitter, high, low);
  queue.listening.add(emitter, name, (...args: unknown[]) => queue.push(args));
  if (name !== "error" && typeof emitter.on === "function") {
    queue.listening.add(emitter, "error", (error: unknown) => queue.fail(error));
  }
  for (const closing of options.close ?? []) queue.listening.add(emitter, closing, () => queue.close());
  if (signal) queue.listening.add(signal, "abort", () => queue.fail(abortError(signal.reason)), { once: true });
  return queue.iterator();
}

// The listeners of one wait, taken away together.
class Listening {
  #undo: (() => void)[] = [];

  add(target: any, name: Name, handler: Handler, options?: { once?: boolean }): void {
    if (typeof target?.on === "function") {
      options?.once ? target.once(name, handler) : target.on(name, handler);
      this.#undo.push(() => target.removeListener(name, handler));
    } else if (typeof target?.addEventListener === "function") {
      target.addEventListener(name, handler, options);
      this.#undo.push(() => target.removeEventListener(name, handler, options));
    } else {
      throw invalidArgType("emitter", "EventEmitter", target);
    }
  }

  stop(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }
}

interface Waiter {
  resolve(result: IteratorResult<unknown[]>): void;
  reject(error: unknown): void;
}

class EventQueue {
  readonly listening = new Listening();
  #emitter: any;
  #high: number;
  #low: number;
  #paused = false;
  #events: unknown[][] = [];
  #waiters: Waiter[] = [];
  #failure: { error: unknown } | undefined;
  #closed = false;

  constructor(emitter: any, high: number, low: number) {
    this.#emitter = emitter;
    this.#high = high;
    this.#low = low;
  }

  push(event: unknown[]): void {
    const waiter = this.#waiters.shift();
    if (waiter) {
      waiter.resolve({ value: event, done: false });
      return;
    }
    this.#events.push(event);
    if (this.#events.length > this.#high && !this.#paused) {
      this.#paused = true;
      this.#emitter.pause?.();
    }
  }

  fail(error: unknown): void {
    const waiter = this.#waiters.shift();
    if (waiter) waiter.reject(error);
    else this.#failure = { error };
    this.close();
  }

  close(): void {
    this.#closed = true;
    this.listening.stop();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ value: undefined, done: true });
  }

  #next(): Promise<IteratorResult<unknown[]>> {
    if (this.#events.length > 0) {
      const value = this.#events.shift()!;
      if (this.#paused && this.#events.length < this.#low) {
        this.#paused = false;
        this.#emitter.resume?.();
      }
      return Promise.resolve({ value, done: false });
    }
    if (this.#failure) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#closed) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  iterator(): AsyncIterableIterator<unknown[]> {
    const queue = this;
    const prototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);
    return Object.setPrototypeOf({
      next: () => queue.#next(),
      return() {
        queue.close();
        return Promise.resolve({ value: undefined, done: true });
      },
      throw(error: unknown) {
        if (!(error instanceof Error)) throw invalidArgType("EventEmitter.AsyncIterator", "Error", error);
        queue.fail(error);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    }, prototype);
  }
}
