// The methods of Readable that take functions of chunks.

import { abortError, invalidArgType, outOfRange } from "../errors";
import { checkFunction } from "../validate";
import { compose } from "./pipeline";
import { Readable } from "./readable";

type Fn = (chunk: any, options: { signal: any }) => any;

declare const AbortController: { new (): { signal: any; abort(reason?: unknown): void } };
declare const AbortSignal: { any(signals: any[]): any };

function checked(fn: unknown, options: any): any {
  checkFunction(fn, "fn");
  if (options != null && typeof options !== "object") throw invalidArgType("options", "Object", options);
  return options?.signal;
}

/** Calls fn for each chunk, up to some at a time, and gives the results in order. */
async function* mapped(source: any, fn: Fn, options: any): AsyncGenerator<any> {
  const controller = new AbortController();
  const signal = options?.signal ? AbortSignal.any([options.signal, controller.signal]) : controller.signal;
  const concurrency = Math.floor(options?.concurrency ?? 1);
  const running: Promise<any>[] = [];
  try {
    for await (const chunk of source) {
      if (signal.aborted) throw abortError(signal.reason);
      const result = (async () => fn(chunk, { signal }))();
      result.catch(() => {});
      running.push(result);
      if (running.length >= concurrency) yield await running.shift();
    }
    while (running.length > 0) yield await running.shift();
  } finally {
    controller.abort();
  }
}

const streamed = (iterable: AsyncIterable<any>) => Readable.from(iterable);

const streams: Record<string, (this: any, ...args: any[]) => any> = {
  map(fn: Fn, options?: any) {
    checked(fn, options);
    return streamed(mapped(this, fn, options));
  },
  filter(fn: Fn, options?: any) {
    checked(fn, options);
    const source = this;
    return streamed((async function* () {
      for await (const [chunk, keep] of mapped(source, async (chunk, o) => [chunk, await fn(chunk, o)], options)) if (keep) yield chunk;
    })());
  },
  flatMap(fn: Fn, options?: any) {
    checked(fn, options);
    const source = this;
    return streamed((async function* () {
      for await (const many of mapped(source, fn, options)) yield* many;
    })());
  },
  take(limit: number, options?: any) {
    const count = whole(limit);
    const source = this;
    return streamed((async function* () {
      let left = count;
      if (left <= 0) return;
      for await (const chunk of source) {
        if (options?.signal?.aborted) throw abortError(options.signal.reason);
        yield chunk;
        if (--left <= 0) return;
      }
    })());
  },
  drop(limit: number, options?: any) {
    const count = whole(limit);
    const source = this;
    return streamed((async function* () {
      let left = count;
      for await (const chunk of source) {
        if (options?.signal?.aborted) throw abortError(options.signal.reason);
        if (left-- <= 0) yield chunk;
      }
    })());
  },
  asIndexedPairs() {
    const source = this;
    return streamed((async function* () {
      let i = 0;
      for await (const chunk of source) yield [i++, chunk];
    })());
  },
  compose(stream: any) {
    return compose(this, stream);
  },
};

function whole(value: any): number {
  const n = Number(value);
  if (Number.isNaN(n)) return 0;
  if (n < 0) throw outOfRange("number", ">= 0", n);
  return n;
}

const promises: Record<string, (this: any, ...args: any[]) => any> = {
  async forEach(fn: Fn, options?: any) {
    checked(fn, options);
    for await (const _ of mapped(this, async (chunk, o) => void (await fn(chunk, o)), options));
  },
  async toArray(options?: any) {
    const all: any[] = [];
    for await (const chunk of this) {
      if (options?.signal?.aborted) throw abortError(options.signal.reason);
      all.push(chunk);
    }
    return all;
  },
  async some(fn: Fn, options?: any) {
    checked(fn, options);
    for await (const found of mapped(this, fn, options)) if (found) return true;
    return false;
  },
  async every(fn: Fn, options?: any) {
    checked(fn, options);
    for await (const holds of mapped(this, fn, options)) if (!holds) return false;
    return true;
  },
  async find(fn: Fn, options?: any) {
    checked(fn, options);
    for await (const [chunk, found] of mapped(this, async (chunk, o) => [chunk, await fn(chunk, o)], options)) if (found) return chunk;
    return undefined;
  },
  async reduce(reducer: (previous: any, chunk: any, options: any) => any, ...rest: any[]) {
    checkFunction(reducer, "reducer");
    let [has, value] = [rest.length > 0, rest[0]];
    for await (const chunk of this) {
      value = has ? await reducer(value, chunk, { signal: rest[1]?.signal }) : chunk;
      has = true;
    }
    if (!has) {
      const error: any = new TypeError("Reduce of an empty stream requires an initial value");
      error.code = "ERR_INVALID_ARG_VALUE";
      throw error;
    }
    return value;
  },
};

for (const [name, value] of Object.entries({ ...streams, ...promises })) {
  Object.defineProperty(Readable.prototype, name, { value, writable: true, configurable: true, enumerable: false });
}
