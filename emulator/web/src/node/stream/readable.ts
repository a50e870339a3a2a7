// Readable.

import { Buffer } from "../buffer";
import { invalidArgType, unknownEncoding } from "../errors";
import { EventEmitter } from "../events";
import { StringDecoder } from "../string_decoder";
import { addAbortSignal } from "./abort";
import { from } from "./from";
import { iterate, learnEnd } from "./iterate";
import { Stream } from "./legacy";
import { pipe, unpipe } from "./pipe";
import { construct, destroy, errorOrDestroy, errors, highWaterMark, nextTick, undestroy } from "./state";

/** What a Readable knows of itself. */
export class ReadableState {
  objectMode: boolean;
  highWaterMark: number;
  buffer: any[] = [];
  length = 0;
  pipes: any[] = [];
  flowing: boolean | null = null;
  ended = false;
  endEmitted = false;
  reading = false;
  constructed = true;
  sync = true;
  needReadable = false;
  emittedReadable = false;
  readableListening = false;
  resumeScheduled = false;
  errorEmitted = false;
  emitClose: boolean;
  autoDestroy: boolean;
  destroyed = false;
  errored: any = null;
  closed = false;
  closeEmitted = false;
  defaultEncoding: string;
  awaitDrainWriters: Set<any> = new Set();
  readingMore = false;
  dataEmitted = false;
  decoder: any = null;
  encoding: string | null = null;
  paused: boolean | null = null;
  readable: boolean | undefined;

  constructor(options: any, _stream: any, duplex: boolean) {
    this.objectMode = Boolean(options?.objectMode || (duplex && options?.readableObjectMode));
    this.highWaterMark = highWaterMark(options, "readableHighWaterMark", duplex, this.objectMode);
    this.emitClose = options?.emitClose !== false;
    this.autoDestroy = options?.autoDestroy !== false;
    this.defaultEncoding = options?.defaultEncoding ?? "utf8";
    if (options?.encoding) {
      this.decoder = new StringDecoder(options.encoding);
      this.encoding = options.encoding;
    }
  }
}

export const Readable: any = function (this: any, options?: any) {
  if (!(this instanceof Readable)) return new Readable(options);
  initReadable(this, options, false);
};
Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);
Readable.ReadableState = ReadableState;

/** Makes a stream one that is read. */
export function initReadable(stream: any, options: any, duplex: boolean): void {
  stream._readableState = new ReadableState(options, stream, duplex);
  if (options) {
    if (typeof options.read === "function") stream._read = options.read;
    if (typeof options.destroy === "function") stream._destroy = options.destroy;
    if (typeof options.construct === "function") stream._construct = options.construct;
    if (options.signal && !duplex) addAbortSignal(options.signal, stream);
  }
  Stream.call(stream, options);
  construct(stream, () => {
    const state = stream._readableState;
    if (state.needReadable) maybeReadMore(stream, state);
  });
}

const proto = Readable.prototype;
proto.pipe = pipe;
proto.unpipe = unpipe;
proto.destroy = destroy;
proto._undestroy = undestroy;
proto._destroy = function (error: any, callback: (error?: any) => void) {
  callback(error);
};
proto[EventEmitter.captureRejectionSymbol] = function (this: any, error: any) {
  this.destroy(error);
};
proto._read = function () {
  throw errors.methodNotImplemented("_read()");
};

// ---- in ----

proto.push = function push(this: any, chunk: any, encoding?: string) {
  return add(this, chunk, encoding, false);
};
proto.unshift = function unshift(this: any, chunk: any, encoding?: string) {
  return add(this, chunk, encoding, true);
};

function add(stream: any, chunk: any, encoding: string | undefined, toFront: boolean): boolean {
  const state = stream._readableState;
  if (chunk === null) {
    state.reading = false;
    onEnd(stream, state);
    return false;
  }
  const checked = state.objectMode ? chunk : bytesOrText(state, chunk, encoding, toFront);
  if (checked instanceof Error) {
    errorOrDestroy(stream, checked);
    return false;
  }
  if (!state.objectMode && (checked === undefined || checked.length === 0)) {
    if (!toFront) {
      state.reading = false;
      maybeReadMore(stream, state);
    }
    return canAddMore(state);
  }
  if (toFront) {
    if (state.endEmitted) errorOrDestroy(stream, errors.unshiftAfterEnd());
    else if (state.destroyed || state.errored) return false;
    else addChunk(stream, state, checked, true);
  } else if (state.ended) {
    errorOrDestroy(stream, errors.pushAfterEnd());
  } else if (state.destroyed || state.errored) {
    return false;
  } else {
    state.reading = false;
    const text = state.decoder && !encoding ? state.decoder.write(checked) : checked;
    if (state.decoder && !encoding && !state.objectMode && text.length === 0) maybeReadMore(stream, state);
    else addChunk(stream, state, text, false);
  }
  return canAddMore(state);
}

const canAddMore = (state: ReadableState) => !state.ended && (state.length < state.highWaterMark || state.length === 0);

/** A chunk in the form in which it is kept. */
function bytesOrText(state: ReadableState, chunk: any, encoding: string | undefined, toFront: boolean): any {
  if (typeof chunk === "string") {
    const from = encoding || state.defaultEncoding;
    if (state.encoding === from) return chunk;
    if (toFront && state.encoding) return Buffer.from(chunk, from).toString(state.encoding);
    return Buffer.from(chunk, from);
  }
  if (chunk instanceof Buffer) return chunk;
  if (ArrayBuffer.isView(chunk)) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk === undefined) return undefined;
  return invalidArgType("chunk", ["string", "Buffer", "TypedArray", "DataView"], chunk);
}

function addChunk(stream: any, state: ReadableState, chunk: any, toFront: boolean): void {
  if (state.flowing && state.length === 0 && !state.sync && stream.listenerCount("data") > 0) {
    state.awaitDrainWriters.clear();
    state.dataEmitted = true;
    stream.emit("data", chunk);
  } else {
    state.length += state.objectMode ? 1 : chunk.length;
    if (toFront) state.buffer.unshift(chunk);
    else state.buffer.push(chunk);
    if (state.needReadable) emitReadable(stream);
  }
  maybeReadMore(stream, state);
}

function onEnd(stream: any, state: ReadableState): void {
  if (state.ended) return;
  const last = state.decoder?.end();
  if (last?.length) {
    state.buffer.push(last);
    state.length += state.objectMode ? 1 : last.length;
  }
  state.ended = true;
  if (state.sync) {
    emitReadable(stream);
    return;
  }
  state.needReadable = false;
  state.emittedReadable = true;
  emitReadableNow(stream);
}

// ---- out ----

proto.isPaused = function isPaused(this: any) {
  return this._readableState.paused === true || this._readableState.flowing === false;
};

proto.setEncoding = function setEncoding(this: any, encoding: string) {
  const state = this._readableState;
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) throw unknownEncoding(encoding);
  state.decoder = new StringDecoder(encoding);
  state.encoding = state.decoder.encoding;
  const text = state.buffer.map((chunk: any) => state.decoder.write(chunk)).join("");
  state.buffer = text === "" ? [] : [text];
  state.length = text.length;
  return this;
};

/** How much a read of n gives. */
function howMuch(n: number, state: ReadableState): number {
  if (n <= 0 || (state.length === 0 && state.ended)) return 0;
  if (state.objectMode) return 1;
  if (Number.isNaN(n)) return state.flowing && state.length > 0 ? state.buffer[0].length : state.length;
  if (n <= state.length) return n;
  return state.ended ? state.length : 0;
}

proto.read = function read(this: any, size?: number) {
  const state = this._readableState;
  let n = size === undefined ? NaN : Number.isInteger(size) ? size : Number.parseInt(size as never, 10);
  const asked = n;
  if (n > state.highWaterMark && !state.objectMode) state.highWaterMark = powerOfTwo(n);
  if (n !== 0) state.emittedReadable = false;
  const enough = state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0;
  if (n === 0 && state.needReadable && (enough || state.ended)) {
    if (state.length === 0 && state.ended) endReadable(this);
    else emitReadable(this);
    return null;
  }
  n = howMuch(n, state);
  if (n === 0 && state.ended) {
    if (state.length === 0) endReadable(this);
    return null;
  }
  let want = state.needReadable || state.length === 0 || state.length - n < state.highWaterMark;
  if (state.ended || state.reading || state.destroyed || state.errored || !state.constructed) want = false;
  if (want) {
    state.reading = true;
    state.sync = true;
    if (state.length === 0) state.needReadable = true;
    try {
      this._read(state.highWaterMark);
    } catch (error) {
      errorOrDestroy(this, error);
    }
    state.sync = false;
    if (!state.reading) n = howMuch(asked, state);
  }
  const result = n > 0 ? takeOut(n, state) : null;
  if (result === null) {
    state.needReadable = state.length <= state.highWaterMark;
    n = 0;
  } else {
    state.length -= n;
    state.awaitDrainWriters.clear();
  }
  if (state.length === 0) {
    if (!state.ended) state.needReadable = true;
    if (asked !== n && state.ended) endReadable(this);
  }
  if (result !== null && !state.errorEmitted && !state.closeEmitted) {
    state.dataEmitted = true;
    this.emit("data", result);
  }
  return result;
};

function powerOfTwo(n: number): number {
  return n >= 2 ** 30 ? 2 ** 30 : 2 ** Math.ceil(Math.log2(n));
}

/** Takes n bytes, characters or one object out of the buffer. */
function takeOut(n: number, state: ReadableState): any {
  if (state.length === 0) return null;
  const { buffer } = state;
  if (state.objectMode) return buffer.shift();
  if (n >= state.length) {
    const all = state.decoder ? buffer.join("") : buffer.length === 1 ? buffer[0] : Buffer.concat(buffer, state.length);
    state.buffer = [];
    return all;
  }
  const parts: any[] = [];
  while (n > 0) {
    const first = buffer[0];
    if (first.length <= n) {
      parts.push(buffer.shift());
      n -= first.length;
      continue;
    }
    parts.push(first.slice(0, n));
    buffer[0] = first.slice(n);
    n = 0;
  }
  if (parts.length === 1) return parts[0];
  return state.decoder ? parts.join("") : Buffer.concat(parts);
}

function emitReadable(stream: any): void {
  const state = stream._readableState;
  state.needReadable = false;
  if (state.emittedReadable) return;
  state.emittedReadable = true;
  nextTick(emitReadableNow, stream);
}

function emitReadableNow(stream: any): void {
  const state = stream._readableState;
  if (!state.destroyed && !state.errored && (state.length > 0 || state.ended)) {
    stream.emit("readable");
    state.emittedReadable = false;
  }
  state.needReadable = !state.flowing && !state.ended && state.length <= state.highWaterMark;
  flow(stream);
}

function maybeReadMore(stream: any, state: ReadableState): void {
  if (state.readingMore || !state.constructed) return;
  state.readingMore = true;
  nextTick(() => {
    while (!state.reading && !state.ended && (state.length < state.highWaterMark || (state.flowing && state.length === 0))) {
      const before = state.length;
      stream.read(0);
      if (before === state.length) break;
    }
    state.readingMore = false;
  });
}

function endReadable(stream: any): void {
  const state = stream._readableState;
  if (state.endEmitted) return;
  state.ended = true;
  nextTick(() => {
    if (state.errored || state.closeEmitted || state.endEmitted || state.length > 0) return;
    state.endEmitted = true;
    stream.emit("end");
    if (stream.writable && stream.allowHalfOpen === false) {
      nextTick(() => {
        if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end();
      });
    } else if (state.autoDestroy) {
      const w = stream._writableState;
      if (!w || (w.autoDestroy && (w.finished || w.writable === false))) stream.destroy();
    }
  });
}

// ---- flowing ----

proto.on = function on(this: any, event: string | symbol, listener: any) {
  const result = Stream.prototype.on.call(this, event, listener);
  const state = this._readableState;
  if (event === "data") {
    state.readableListening = this.listenerCount("readable") > 0;
    if (state.flowing !== false) this.resume();
  } else if (event === "readable" && !state.endEmitted && !state.readableListening) {
    state.readableListening = state.needReadable = true;
    state.flowing = false;
    state.emittedReadable = false;
    if (state.length > 0) emitReadable(this);
    else if (!state.reading) nextTick(() => this.read(0));
  }
  return result;
};
proto.addListener = proto.on;

function removeListener(this: any, event: string | symbol, listener: any): any {
  const result = Stream.prototype.removeListener.call(this, event, listener);
  if (event === "readable") nextTick(updateReadableListening, this);
  else if (event === "data" && this.listenerCount("data") === 0) this._readableState.dataListening = false;
  return result;
}
proto.removeListener = removeListener;
proto.off = removeListener;
proto.removeAllListeners = function removeAllListeners(this: any, ...args: any[]) {
  const result = Stream.prototype.removeAllListeners.apply(this, args);
  if (args.length === 0 || args[0] === undefined || args[0] === "readable") nextTick(updateReadableListening, this);
  return result;
};

function updateReadableListening(stream: any): void {
  const state = stream._readableState;
  state.readableListening = stream.listenerCount("readable") > 0;
  if (state.resumeScheduled && state.paused === false) state.flowing = true;
  else if (stream.listenerCount("data") > 0) stream.resume();
  else if (!state.readableListening) state.flowing = null;
}

proto.resume = function resume(this: any) {
  const state = this._readableState;
  if (!state.flowing) {
    state.flowing = !state.readableListening;
    if (!state.resumeScheduled) {
      state.resumeScheduled = true;
      nextTick(() => {
        if (!state.reading) this.read(0);
        state.resumeScheduled = false;
        this.emit("resume");
        flow(this);
        if (state.flowing && !state.reading) this.read(0);
      });
    }
  }
  state.paused = false;
  return this;
};

proto.pause = function pause(this: any) {
  if (this._readableState.flowing !== false) {
    this._readableState.flowing = false;
    this.emit("pause");
  }
  this._readableState.paused = true;
  return this;
};

function flow(stream: any): void {
  const state = stream._readableState;
  while (state.flowing && stream.read() !== null);
}

// ---- iteration ----

proto[Symbol.asyncIterator] = function (this: any) {
  return iterate(this, true);
};
proto.iterator = function iterator(this: any, options?: { destroyOnReturn?: boolean }) {
  return iterate(this, options?.destroyOnReturn !== false);
};

proto[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")] = function (this: any) {
  const error = this.readableEnded ? null : undefined;
  if (!this.destroyed) this.destroy(error ?? undefined);
  return new Promise<void>((resolve, reject) => {
    learnEnd()(this, (failure: any) => (failure && failure.code !== "ERR_STREAM_PREMATURE_CLOSE" ? reject(failure) : resolve()));
  });
};

Readable.from = (iterable: any, options?: any) => from(Readable, iterable, options);

// ---- what can be asked ----

const getters: Record<string, (this: any) => unknown> = {
  readableDidRead() { return this._readableState.dataEmitted; },
  readableHighWaterMark() { return this._readableState.highWaterMark; },
  readableBuffer() { return this._readableState?.buffer; },
  readableLength() { return this._readableState.length; },
  readableObjectMode() { return Boolean(this._readableState?.objectMode); },
  readableEncoding() { return this._readableState?.encoding ?? null; },
  errored() { return this._readableState?.errored ?? null; },
  readableErrored() { return this._readableState?.errored ?? null; },
  closed() { return Boolean(this._readableState?.closed); },
  readableEnded() { return Boolean(this._readableState?.endEmitted); },
  readableAborted() {
    const r = this._readableState;
    return r.readable !== false && (r.destroyed || r.errored) && !r.endEmitted;
  },
};
for (const [name, get] of Object.entries(getters)) Object.defineProperty(proto, name, { get, enumerable: false, configurable: true });
Object.defineProperties(proto, {
  readable: {
    get(this: any) {
      const r = this._readableState;
      return Boolean(r) && r.readable !== false && !r.destroyed && !r.errorEmitted && !r.endEmitted;
    },
    set(this: any, value) {
      if (this._readableState) this._readableState.readable = Boolean(value);
    },
    configurable: true,
  },
  readableFlowing: {
    get(this: any) { return this._readableState.flowing; },
    set(this: any, value) { if (this._readableState) this._readableState.flowing = value; },
    configurable: true,
  },
  destroyed: {
    get(this: any) { return Boolean(this._readableState?.destroyed); },
    set(this: any, value) { if (this._readableState) this._readableState.destroyed = value; },
    configurable: true,
  },
});

/** A Readable around a stream of the older kind. */
proto.wrap = function wrap(this: any, old: any) {
  let paused = false;
  old.on("data", (chunk: any) => {
    if (!this.push(chunk) && old.pause) {
      paused = true;
      old.pause();
    }
  });
  old.on("end", () => this.push(null));
  old.on("error", (error: any) => errorOrDestroy(this, error));
  old.on("close", () => this.destroy());
  old.on("destroy", () => this.destroy());
  this._read = () => {
    if (paused && old.resume) {
      paused = false;
      old.resume();
    }
  };
  return this;
};
Readable.wrap = (source: any, options?: any) => new Readable({ objectMode: source.readableObjectMode ?? source.objectMode ?? true, ...options }).wrap(source);
