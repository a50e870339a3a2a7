// Duplex, Transform and PassThrough.

import { invalidArgType } from "../errors";
import { from } from "./from";
import { initReadable, Readable } from "./readable";
import { errors, isNodeStream, isReadableNode, isWebReadable, isWebWritable, isWritableNode, nextTick } from "./state";
import { initWritable, Writable } from "./writable";

export const Duplex: any = function (this: any, options?: any) {
  if (!(this instanceof Duplex)) return new Duplex(options);
  this.allowHalfOpen = options?.allowHalfOpen !== false;
  initReadable(this, options && { ...options, construct: undefined }, true);
  initWritable(this, options, true);
  if (options?.readable === false) Object.assign(this._readableState, { readable: false, ended: true, endEmitted: true });
  if (options?.writable === false) Object.assign(this._writableState, { writable: false, ending: true, ended: true, finished: true });
};
Object.setPrototypeOf(Duplex.prototype, Readable.prototype);
Object.setPrototypeOf(Duplex, Readable);

// What Readable has not comes from Writable.
for (const key of Reflect.ownKeys(Writable.prototype)) {
  if (key === "constructor" || key in Duplex.prototype) continue;
  Object.defineProperty(Duplex.prototype, key, Object.getOwnPropertyDescriptor(Writable.prototype, key)!);
}
for (const key of ["write", "end", "cork", "uncork", "setDefaultEncoding", "_write", "_writev", "destroy"]) {
  Object.defineProperty(Duplex.prototype, key, Object.getOwnPropertyDescriptor(Writable.prototype, key)!);
}
Object.defineProperties(Duplex.prototype, {
  closed: { get(this: any) { return Boolean(this._readableState?.closed && this._writableState?.closed); }, configurable: true },
  destroyed: {
    get(this: any) { return Boolean(this._readableState?.destroyed && this._writableState?.destroyed); },
    set(this: any, value) {
      if (this._readableState && this._writableState) this._readableState.destroyed = this._writableState.destroyed = value;
    },
    configurable: true,
  },
});

/** A duplex of whatever can be read, written or iterated. */
Duplex.from = function (body: any): any {
  if (isNodeStream(body) && isReadableNode(body) && isWritableNode(body)) return body;
  if (isNodeStream(body) && isReadableNode(body)) return pairOf({ readable: body });
  if (isNodeStream(body) && isWritableNode(body)) return pairOf({ writable: body });
  if (isWebReadable(body)) return pairOf({ readable: Readable.fromWeb(body) });
  if (isWebWritable(body)) return pairOf({ writable: Writable.fromWeb(body) });
  if (typeof body === "function") return ofFunction(body);
  if (body instanceof Blob) return Duplex.from(body.arrayBuffer());
  if (typeof body === "string" || body?.[Symbol.asyncIterator] || body?.[Symbol.iterator]) return from(Duplex, body, { writable: false });
  if (typeof body?.readable === "object" || typeof body?.writable === "object") {
    const readable = body.readable && (isWebReadable(body.readable) ? Readable.fromWeb(body.readable) : isReadableNode(body.readable) ? body.readable : Duplex.from(body.readable));
    const writable = body.writable && (isWebWritable(body.writable) ? Writable.fromWeb(body.writable) : isWritableNode(body.writable) ? body.writable : Duplex.from(body.writable));
    return pairOf({ readable, writable });
  }
  if (typeof body?.then === "function") {
    return from(Duplex, (async function* () {
      const value = await body;
      if (value != null) yield value;
    })(), { writable: false });
  }
  throw invalidArgType("body", ["Blob", "ReadableStream", "WritableStream", "Stream", "Iterable", "AsyncIterable", "Function", "{ readable, writable } pair", "Promise"], body);
};

declare const Blob: { new (): { arrayBuffer(): Promise<ArrayBuffer> }; prototype: { arrayBuffer(): Promise<ArrayBuffer> } };

/** A duplex whose sides are other streams. */
function pairOf({ readable, writable }: { readable?: any; writable?: any }): any {
  const duplex: any = new Duplex({
    readableObjectMode: Boolean(readable?.readableObjectMode), writableObjectMode: Boolean(writable?.writableObjectMode),
    readable: Boolean(readable), writable: Boolean(writable),
  });
  if (writable) {
    duplex._write = (chunk: any, encoding: string, callback: (error?: any) => void) => {
      if (writable.write(chunk, encoding)) callback();
      else writable.once("drain", () => callback());
    };
    duplex._final = (callback: (error?: any) => void) => {
      writable.end();
      writable.once("finish", () => callback());
    };
    writable.on("error", (error: any) => duplex.destroy(error));
  }
  if (readable) {
    duplex._read = () => {
      for (let chunk; (chunk = readable.read()) !== null; ) if (!duplex.push(chunk)) return;
    };
    readable.on("readable", () => duplex._read());
    readable.on("end", () => duplex.push(null));
    readable.on("error", (error: any) => duplex.destroy(error));
  }
  duplex._destroy = (error: any, callback: (error?: any) => void) => {
    readable?.destroy(error);
    if (writable !== readable) writable?.destroy(error);
    callback(error);
  };
  return duplex;
}

/** A duplex of a function from what is written to what is read. */
function ofFunction(body: (source: any, options: any) => any): any {
  let give: (value: any) => void = () => {};
  let wanted = new Promise<any>((resolve) => (give = resolve));
  const controller = new AbortController();
  const source = (async function* () {
    for (;;) {
      const { chunk, done, callback } = await wanted;
      wanted = new Promise((resolve) => (give = resolve));
      nextTick(callback);
      if (done) return;
      if (controller.signal.aborted) throw controller.signal.reason;
      yield chunk;
    }
  })();
  const made = body(source, { signal: controller.signal });
  const writing = {
    write: (chunk: any, _encoding: string, callback: any) => give({ chunk, done: false, callback }),
    final: (callback: any) => give({ done: true, callback }),
    destroy: (error: any, callback: any) => {
      controller.abort();
      callback(error);
    },
  };
  if (made?.[Symbol.asyncIterator] || made?.[Symbol.iterator]) return from(Duplex, made, { ...writing, destroy: undefined, objectMode: true });
  if (typeof made?.then === "function") {
    const duplex: any = new Duplex({ objectMode: true, readable: false, ...writing });
    made.then((value: any) => { if (value != null) duplex.destroy(invalidArgType("return value", "undefined", value)); }, (error: any) => duplex.destroy(error));
    return duplex;
  }
  throw invalidArgType("body", ["Iterable", "AsyncIterable", "AsyncFunction"], made);
}

declare const AbortController: { new (): { signal: any; abort(reason?: unknown): void } };

// ---- Transform ----

const pending = Symbol("kCallback");

export const Transform: any = function (this: any, options?: any) {
  if (!(this instanceof Transform)) return new Transform(options);
  // Without room on the side that is read nothing is taken in ahead.
  const noRoom = options && (options.readableHighWaterMark === 0 || options.highWaterMark === 0);
  const sides = noRoom ? { ...options, highWaterMark: undefined, readableHighWaterMark: 0, writableHighWaterMark: options.writableHighWaterMark || 0 } : options;
  Duplex.call(this, sides);
  this._readableState.sync = false;
  this[pending] = null;
  if (typeof options?.transform === "function") this._transform = options.transform;
  if (typeof options?.flush === "function") this._flush = options.flush;
  this.on("prefinish", prefinish);
};
Object.setPrototypeOf(Transform.prototype, Duplex.prototype);
Object.setPrototypeOf(Transform, Duplex);

function final(this: any, callback?: (error?: any) => void): void {
  if (typeof this._flush !== "function" || this.destroyed) {
    this.push(null);
    callback?.();
    return;
  }
  this._flush((error: any, data: any) => {
    if (error) {
      if (callback) callback(error);
      else this.destroy(error);
      return;
    }
    if (data != null) this.push(data);
    this.push(null);
    callback?.();
  });
}

function prefinish(this: any): void {
  if (this._final !== final) final.call(this);
}

Transform.prototype._final = final;
Transform.prototype._transform = function () {
  throw errors.methodNotImplemented("_transform()");
};
Transform.prototype._write = function (this: any, chunk: any, encoding: string, callback: (error?: any) => void) {
  const { _readableState: r, _writableState: w } = this;
  const before = r.length;
  this._transform(chunk, encoding, (error: any, value: any) => {
    if (error) return callback(error);
    if (value != null) this.push(value);
    if (r.ended) nextTick(callback);
    else if (w.ended || before === r.length || r.length < r.highWaterMark) callback();
    else this[pending] = callback;
  });
};
Transform.prototype._read = function (this: any) {
  const callback = this[pending];
  this[pending] = null;
  callback?.();
};

export const PassThrough: any = function (this: any, options?: any) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  Transform.call(this, options);
};
Object.setPrototypeOf(PassThrough.prototype, Transform.prototype);
Object.setPrototypeOf(PassThrough, Transform);
PassThrough.prototype._transform = (chunk: any, _encoding: string, callback: (error: any, value: any) => void) => callback(null, chunk);

/** Two duplexes, each of which gives what is written to the other. */
export function duplexPair(options?: any): [any, any] {
  class Side extends (Duplex as new (options: any) => any) {
    other: any = null;
    waiting: (() => void) | null = null;
    _read(): void {
      const { waiting } = this;
      this.waiting = null;
      waiting?.();
    }
    _write(chunk: any, _encoding: string, callback: () => void): void {
      if (chunk.length === 0) return nextTick(callback);
      this.other.push(chunk);
      this.other.waiting = callback;
    }
    _final(callback: () => void): void {
      this.other.on("end", callback);
      this.other.push(null);
    }
  }
  const [one, other] = [new Side(options) as any, new Side(options) as any];
  one.other = other;
  other.other = one;
  return [one, other];
}
