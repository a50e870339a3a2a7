// Streams as async iterables, and async iterables as streams, Streams Standard
// §4.2.5 and ReadableStream.from.

import { wrongArgument } from "../brand";
import { DefaultSource } from "./default-source";
import { ReadPromise, ReadableCore, type ReaderCore } from "./readable-core";

/** Iterates over what reader gives, and lets go of it at the end. */
export function iterate<T>(reader: ReaderCore, preventCancel: boolean): AsyncIterableIterator<T> {
  let finished = false;
  let ongoing: Promise<unknown> | undefined;
  const finish = () => {
    finished = true;
    reader.release();
  };
  const next = async (): Promise<IteratorResult<T>> => {
    if (finished) return { value: undefined, done: true };
    const request = new ReadPromise<T>();
    reader.read(request);
    try {
      const result = await request.promise;
      if (result.done) finish();
      return result as IteratorResult<T>;
    } catch (error) {
      finish();
      throw error;
    }
  };
  const stop = async (value: unknown): Promise<IteratorResult<T>> => {
    if (!finished) {
      const cancelled = preventCancel ? undefined : reader.cancel(value);
      finish();
      await cancelled;
    }
    return { value: value as T, done: true };
  };
  // Steps are taken one after the other, the first at once: the engine does not
  // wait for what `return` answers when a loop is left.
  const after = <R>(step: () => Promise<R>): Promise<R> => {
    const result = ongoing === undefined ? step() : ongoing.then(step, step);
    ongoing = result;
    const settled = () => {
      if (ongoing === result) ongoing = undefined;
    };
    result.then(settled, settled);
    return result;
  };
  return Object.assign(Object.create(asyncIteratorPrototype), {
    next: () => after(next),
    return: (value: unknown) => after(() => stop(value)),
  });
}

const asyncIteratorPrototype: object = Object.getPrototypeOf(
  Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})())),
);

/** A stream of what an iterable gives. */
export function sourceOfIterable<T>(iterable: AsyncIterable<T> | Iterable<T>): ReadableCore {
  const iterator = iteratorOf(iterable);
  const core = new ReadableCore();
  const source = new DefaultSource(core, 0);
  source.begin({
    pull: async () => {
      const { done, value } = await iterator.next();
      if (done) source.close();
      else source.enqueue(await value);
    },
    cancel: async (reason) => {
      await iterator.return?.(reason as never);
    },
  });
  return core;
}

function iteratorOf<T>(iterable: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  const given = iterable as Partial<AsyncIterable<T> & Iterable<T>> | null | undefined;
  const make = given?.[Symbol.asyncIterator] ?? given?.[Symbol.iterator];
  if (typeof make !== "function") {
    throw wrongArgument("from", "ReadableStream", 1, "AsyncGenerator");
  }
  return (make as () => AsyncIterator<T> | Iterator<T>).call(iterable);
}
