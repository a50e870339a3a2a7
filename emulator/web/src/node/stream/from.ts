// Readable.from: streams of what can be iterated.

import { Buffer } from "../buffer";
import { codedError, invalidArgType } from "../errors";
import { nextTick } from "./state";

export function from(Readable: any, iterable: any, options?: any): any {
  if (typeof iterable === "string" || iterable instanceof Buffer) {
    return new Readable({
      objectMode: true,
      ...options,
      read(this: any) {
        this.push(iterable);
        this.push(null);
      },
    });
  }
  const async = Boolean(iterable?.[Symbol.asyncIterator]);
  const method = iterable?.[Symbol.asyncIterator] ?? iterable?.[Symbol.iterator];
  if (typeof method !== "function") throw invalidArgType("iterable", ["Iterable"], iterable);
  const iterator = method.call(iterable);
  const readable = new Readable({ objectMode: true, highWaterMark: 1, ...options });
  let reading = false;
  readable._read = () => {
    if (reading) return;
    reading = true;
    void next();
  };
  readable._destroy = function (error: any, callback: (error?: any) => void) {
    close(error).then(() => nextTick(callback, error), (failure) => nextTick(callback, failure || error));
  };
  async function close(error: any): Promise<void> {
    if (error !== undefined && error !== null && typeof iterator.throw === "function") {
      const { value, done } = await iterator.throw(error);
      await value;
      if (done) return;
    }
    if (typeof iterator.return === "function") await (await iterator.return()).value;
  }
  async function next(): Promise<void> {
    for (;;) {
      try {
        const { value, done } = async ? await iterator.next() : iterator.next();
        if (done) {
          readable.push(null);
          return;
        }
        const chunk = typeof value?.then === "function" ? await value : value;
        if (chunk === null) {
          reading = false;
          throw codedError(TypeError, "ERR_STREAM_NULL_VALUES", "May not write null values to stream");
        }
        if (readable.push(chunk)) continue;
        reading = false;
      } catch (error) {
        readable.destroy(error);
      }
      return;
    }
  }
  return readable;
}
