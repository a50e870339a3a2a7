// Between the streams of Node.js and those of the web.

import { Buffer } from "../buffer";
import { abortError, invalidArgType } from "../errors";
import { Duplex } from "./duplex";
import { eos } from "./finished";
import { Readable } from "./readable";
import { destroyer, isDestroyed, isReadableNode, isWebReadable, isWebWritable, isWritableNode, nextTick } from "./state";
import { Writable } from "./writable";

declare const ReadableStream: any;
declare const WritableStream: any;
declare const CountQueuingStrategy: any;

export function readableFromWeb(stream: any, options: any = {}): any {
  if (!isWebReadable(stream)) throw invalidArgType("readableStream", "ReadableStream", stream);
  const reader = stream.getReader();
  let closed = false;
  const { highWaterMark, encoding, objectMode = false, signal } = options;
  const readable: any = new Readable({
    objectMode, highWaterMark, encoding, signal,
    read() {
      reader.read().then(
        ({ done, value }: any) => {
          if (done) closed = true;
          readable.push(done ? null : value);
        },
        (error: any) => readable.destroy(error),
      );
    },
    destroy(error: any, callback: (error?: any) => void) {
      const done = () => nextTick(callback, error);
      if (closed) return done();
      reader.cancel(error).then(done, done);
    },
  });
  reader.closed.then(() => (closed = true), (error: any) => {
    closed = true;
    readable.destroy(error);
  });
  return readable;
}

export function readableToWeb(readable: any, options: any = {}): any {
  if (!isReadableNode(readable)) throw invalidArgType("streamReadable", "stream.Readable", readable);
  if (isDestroyed(readable) || !readable.readable) {
    const empty = new ReadableStream();
    void empty.cancel();
    return empty;
  }
  const { readableObjectMode: objectMode, readableHighWaterMark: highWaterMark } = readable;
  const strategy = options.strategy ?? (objectMode ? new CountQueuingStrategy({ highWaterMark }) : { highWaterMark, size: (chunk: any) => chunk.byteLength ?? chunk.length ?? 1 });
  let controller: any;
  let over = false;
  readable.pause();
  const stop = eos(readable, (error: any) => {
    if (error?.code === "ERR_STREAM_PREMATURE_CLOSE") error = abortError(error);
    stop();
    readable.on("error", () => {});
    if (over) return;
    over = true;
    if (error) controller.error(error);
    else controller.close();
  });
  readable.on("data", (chunk: any) => {
    // A copy: what pools gave may be used again.
    if (chunk instanceof Buffer && !objectMode) chunk = new Uint8Array(chunk as any);
    controller.enqueue(chunk);
    if (controller.desiredSize <= 0) readable.pause();
  });
  return new ReadableStream({
    start(given: any) {
      controller = given;
    },
    pull() {
      readable.resume();
    },
    cancel(reason: any) {
      over = true;
      destroyer(readable, reason);
    },
  }, strategy);
}

export function writableFromWeb(stream: any, options: any = {}): any {
  if (!isWebWritable(stream)) throw invalidArgType("writableStream", "WritableStream", stream);
  const writer = stream.getWriter();
  let closed = false;
  const { highWaterMark, decodeStrings = true, objectMode = false, signal } = options;
  const settle = (promise: Promise<unknown>, callback: (error?: any) => void) =>
    promise.then(() => nextTick(callback), (error) => nextTick(callback, error));
  const writable: any = new Writable({
    highWaterMark, objectMode, decodeStrings, signal,
    writev(chunks: any[], callback: any) {
      void settle(writer.ready.then(() => Promise.all(chunks.map(({ chunk }) => writer.write(chunk)))), callback);
    },
    write(chunk: any, encoding: string, callback: any) {
      if (typeof chunk === "string" && decodeStrings && !objectMode) chunk = Buffer.from(chunk, encoding);
      void settle(writer.ready.then(() => writer.write(chunk)), callback);
    },
    destroy(error: any, callback: any) {
      const done = () => nextTick(callback, error);
      if (closed) return done();
      (error != null ? writer.abort(error) : writer.close()).then(done, done);
    },
    final(callback: any) {
      if (closed) return callback();
      void settle(writer.close(), callback);
    },
  });
  writer.closed.then(() => (closed = true), (error: any) => {
    closed = true;
    writable.destroy(error);
  });
  return writable;
}

export function writableToWeb(writable: any): any {
  if (!isWritableNode(writable)) throw invalidArgType("streamWritable", "stream.Writable", writable);
  let controller: any;
  let closing: { resolve(): void; reject(error: unknown): void } | undefined;
  let drained: { promise: Promise<void>; resolve(): void; reject(error: unknown): void } | undefined;
  if (!isDestroyed(writable) && writable.writable) {
    writable.on("drain", () => drained?.resolve());
    const stop = eos(writable, (error: any) => {
      stop();
      writable.on("error", () => {});
      if (error?.code === "ERR_STREAM_PREMATURE_CLOSE") error = abortError(error);
      if (error) {
        drained?.reject(error);
        if (closing) closing.reject(error);
        else controller?.error(error);
      } else if (closing) closing.resolve();
      else controller?.error(abortError());
      controller = undefined;
    });
  }
  return new WritableStream({
    start(given: any) {
      controller = given;
    },
    async write(chunk: any) {
      if (writable.writableNeedDrain || !writable.write(chunk)) {
        drained = (Promise as any).withResolvers();
        await drained!.promise;
        drained = undefined;
      }
    },
    abort(reason: any) {
      destroyer(writable, reason);
    },
    close() {
      if (writable.writableEnded) return undefined;
      return new Promise<void>((resolve, reject) => {
        closing = { resolve, reject };
        writable.end();
      });
    },
  }, { highWaterMark: writable.writableHighWaterMark, size: (chunk: any) => (writable.writableObjectMode ? 1 : chunk?.byteLength ?? chunk?.length ?? 1) });
}

Readable.fromWeb = readableFromWeb;
Readable.toWeb = readableToWeb;
Writable.fromWeb = writableFromWeb;
Writable.toWeb = writableToWeb;
Duplex.fromWeb = (pair: any, options?: any) => Duplex.from({ readable: readableFromWeb(pair.readable, options), writable: writableFromWeb(pair.writable, options) });
Duplex.toWeb = (duplex: any) => ({ readable: readableToWeb(duplex), writable: writableToWeb(duplex) });
