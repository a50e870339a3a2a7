// Writable.

import { Buffer } from "../buffer";
import { invalidArgType, unknownEncoding } from "../errors";
import { EventEmitter } from "../events";
import { addAbortSignal } from "./abort";
import { Stream } from "./legacy";
import { construct, destroy, errorOrDestroy, errors, highWaterMark, nextTick, undestroy } from "./state";

const nothing = () => {};

interface Entry {
  chunk: any;
  encoding: string;
  callback: (error?: any) => void;
}

/** What a Writable knows of itself. */
export class WritableState {
  objectMode: boolean;
  highWaterMark: number;
  finalCalled = false;
  needDrain = false;
  ending = false;
  ended = false;
  finished = false;
  destroyed = false;
  decodeStrings: boolean;
  defaultEncoding: string;
  length = 0;
  writing = false;
  corked = 0;
  sync = true;
  constructed = true;
  prefinished = false;
  errorEmitted = false;
  emitClose: boolean;
  autoDestroy: boolean;
  errored: any = null;
  closed = false;
  closeEmitted = false;
  pendingcb = 0;
  buffered: Entry[] = [];
  bufferProcessing = false;
  writelen = 0;
  writecb: ((error?: any) => void) | null = null;
  finishers: ((error?: any) => void)[] = [];
  afterWriteCallbacks: ((error?: any) => void)[] | null = null;
  writable: boolean | undefined;
  onwrite: (error?: any) => void;

  constructor(options: any, stream: any, duplex: boolean) {
    this.objectMode = Boolean(options?.objectMode || (duplex && options?.writableObjectMode));
    this.highWaterMark = highWaterMark(options, "writableHighWaterMark", duplex, this.objectMode);
    this.decodeStrings = options?.decodeStrings !== false;
    this.defaultEncoding = options?.defaultEncoding ?? "utf8";
    this.emitClose = options?.emitClose !== false;
    this.autoDestroy = options?.autoDestroy !== false;
    this.onwrite = (error) => onWrite(stream, error);
  }

  getBuffer(): Entry[] {
    return this.buffered.slice();
  }

  get bufferedRequestCount(): number {
    return this.buffered.length;
  }
}

export const Writable: any = function (this: any, options?: any) {
  if (!(this instanceof Writable)) return new Writable(options);
  initWritable(this, options, false);
  Stream.call(this, options);
};
Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);
Writable.WritableState = WritableState;

// A duplex is a Writable, too, though its prototype is that of Readable.
Object.defineProperty(Writable, Symbol.hasInstance, {
  value(this: any, object: any) {
    if (Function.prototype[Symbol.hasInstance].call(this, object)) return true;
    return this === Writable && Boolean(object?._writableState instanceof WritableState);
  },
});

/** Makes a stream one that is written to. */
export function initWritable(stream: any, options: any, duplex: boolean): void {
  stream._writableState = new WritableState(options, stream, duplex);
  if (options) {
    if (typeof options.write === "function") stream._write = options.write;
    if (typeof options.writev === "function") stream._writev = options.writev;
    if (typeof options.destroy === "function") stream._destroy = options.destroy;
    if (typeof options.final === "function") stream._final = options.final;
    if (typeof options.construct === "function") stream._construct = options.construct;
    if (options.signal) addAbortSignal(options.signal, stream);
  }
  construct(stream, () => {
    const state = stream._writableState;
    if (!state.writing) clearBuffer(stream, state);
    finishMaybe(stream, state);
  });
}

const proto = Writable.prototype;
proto._destroy = function (error: any, callback: (error?: any) => void) {
  callback(error);
};
proto._undestroy = undestroy;
proto[EventEmitter.captureRejectionSymbol] = function (this: any, error: any) {
  this.destroy(error);
};

proto.destroy = function (this: any, error?: any, callback?: any) {
  const state = this._writableState;
  if (!state.destroyed && (state.buffered.length > 0 || state.finishers.length > 0)) nextTick(errorBuffer, state);
  destroy.call(this, error, callback);
  return this;
};

proto.pipe = function pipe(this: any) {
  errorOrDestroy(this, errors.cannotPipe());
};

proto._write = function (this: any, chunk: any, encoding: string, callback: (error?: any) => void) {
  if (!this._writev) throw errors.methodNotImplemented("_write()");
  this._writev([{ chunk, encoding }], callback);
};
proto._writev = null;

proto.write = function write(this: any, chunk: any, encoding?: any, callback?: any) {
  if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
  return writeChunk(this, chunk, encoding, callback) === true;
};

function writeChunk(stream: any, chunk: any, encoding: string | undefined, callback: any): boolean | Error {
  const state = stream._writableState;
  if (encoding === undefined || encoding === null) encoding = state.defaultEncoding;
  else if (encoding !== "buffer" && !Buffer.isEncoding(encoding)) throw unknownEncoding(encoding);
  if (typeof callback !== "function") callback = nothing;
  if (chunk === null) throw errors.nullValues();
  if (!state.objectMode) {
    if (typeof chunk === "string") {
      if (state.decodeStrings) [chunk, encoding] = [Buffer.from(chunk, encoding), "buffer"];
    } else if (chunk instanceof Buffer) {
      encoding = "buffer";
    } else if (ArrayBuffer.isView(chunk)) {
      [chunk, encoding] = [Buffer.from(chunk.buffer as any, chunk.byteOffset, chunk.byteLength), "buffer"];
    } else {
      throw invalidArgType("chunk", ["string", "Buffer", "TypedArray", "DataView"], chunk);
    }
  }
  const error = state.ending ? errors.writeAfterEnd() : state.destroyed ? errors.streamDestroyed("write") : undefined;
  if (error) {
    nextTick(callback, error);
    errorOrDestroy(stream, error, true);
    return error;
  }
  state.pendingcb++;
  const length = state.objectMode ? 1 : chunk.length;
  state.length += length;
  const room = state.length < state.highWaterMark;
  if (!room) state.needDrain = true;
  if (state.writing || state.corked || state.errored || !state.constructed) {
    state.buffered.push({ chunk, encoding: encoding!, callback });
  } else {
    begin(state, length, callback);
    state.sync = true;
    stream._write(chunk, encoding, state.onwrite);
    state.sync = false;
  }
  return room && !state.errored && !state.destroyed;
}

function begin(state: WritableState, length: number, callback: (error?: any) => void): void {
  state.writelen = length;
  state.writecb = callback;
  state.writing = true;
}

function onWrite(stream: any, error: any): void {
  const state: WritableState = stream._writableState;
  const { sync, writecb: callback } = state;
  if (typeof callback !== "function") return errorOrDestroy(stream, errors.multipleCallback());
  state.writing = false;
  state.writecb = null;
  state.length -= state.writelen;
  state.writelen = 0;
  if (error) {
    if (!state.errored) state.errored = error;
    if (stream._readableState && !stream._readableState.errored) stream._readableState.errored = error;
    const fail = () => {
      state.pendingcb--;
      callback(error);
      errorBuffer(state);
      errorOrDestroy(stream, error);
    };
    if (sync) nextTick(fail);
    else fail();
    return;
  }
  if (state.buffered.length > 0) clearBuffer(stream, state);
  if (!sync) return afterWrite(stream, state, [callback]);
  if (state.afterWriteCallbacks !== null) {
    state.afterWriteCallbacks.push(callback);
    return;
  }
  state.afterWriteCallbacks = [callback];
  nextTick(() => {
    const callbacks = state.afterWriteCallbacks ?? [];
    state.afterWriteCallbacks = null;
    afterWrite(stream, state, callbacks);
  });
}

function afterWrite(stream: any, state: WritableState, callbacks: ((error?: any) => void)[]): void {
  if (!state.ending && !stream.destroyed && state.length === 0 && state.needDrain) {
    state.needDrain = false;
    stream.emit("drain");
  }
  for (const callback of callbacks) {
    state.pendingcb--;
    callback(null);
  }
  if (state.destroyed) errorBuffer(state);
  finishMaybe(stream, state);
}

/** Fails what was not written. */
function errorBuffer(state: WritableState): void {
  if (state.writing) return;
  for (const { chunk, callback } of state.buffered.splice(0)) {
    state.length -= state.objectMode ? 1 : chunk.length;
    callback(state.errored ?? errors.streamDestroyed("write"));
  }
  for (const finisher of state.finishers.splice(0)) finisher(state.errored ?? errors.streamDestroyed("end"));
}

function clearBuffer(stream: any, state: WritableState): void {
  if (state.corked || state.bufferProcessing || state.destroyed || !state.constructed || state.buffered.length === 0) return;
  state.bufferProcessing = true;
  if (state.buffered.length > 1 && stream._writev) {
    const entries = state.buffered.splice(0);
    state.pendingcb -= entries.length - 1;
    begin(state, state.length, (error) => {
      for (const { callback } of entries) callback(error);
    });
    state.sync = true;
    stream._writev(Object.assign(entries.slice(), { allBuffers: entries.every(({ encoding }) => encoding === "buffer") }), state.onwrite);
    state.sync = false;
  } else {
    while (state.buffered.length > 0 && !state.writing) {
      const { chunk, encoding, callback } = state.buffered.shift()!;
      begin(state, state.objectMode ? 1 : chunk.length, callback);
      state.sync = true;
      stream._write(chunk, encoding, state.onwrite);
      state.sync = false;
    }
  }
  state.bufferProcessing = false;
}

proto.cork = function cork(this: any) {
  this._writableState.corked++;
};
proto.uncork = function uncork(this: any) {
  const state = this._writableState;
  if (state.corked === 0) return;
  state.corked--;
  if (!state.writing) clearBuffer(this, state);
};
proto.setDefaultEncoding = function setDefaultEncoding(this: any, encoding: any) {
  const wanted = typeof encoding === "string" ? encoding.toLowerCase() : encoding;
  if (!Buffer.isEncoding(wanted)) throw unknownEncoding(encoding);
  this._writableState.defaultEncoding = wanted;
  return this;
};

proto.end = function end(this: any, chunk?: any, encoding?: any, callback?: any) {
  const state = this._writableState;
  if (typeof chunk === "function") [chunk, encoding, callback] = [null, null, chunk];
  else if (typeof encoding === "function") [encoding, callback] = [null, encoding];
  let error: any;
  if (chunk !== null && chunk !== undefined) {
    const result = writeChunk(this, chunk, encoding ?? undefined, undefined);
    if (result instanceof Error) error = result;
  }
  if (state.corked) {
    state.corked = 1;
    this.uncork();
  }
  if (!error && !state.errored && !state.ending) {
    state.ending = true;
    finishMaybe(this, state, true);
    state.ended = true;
  } else if (state.finished) {
    error ??= errors.alreadyFinished("end");
  } else if (state.destroyed) {
    error ??= errors.streamDestroyed("end");
  }
  if (typeof callback !== "function") return this;
  if (error) nextTick(callback, error);
  else if (state.finished) nextTick(callback, null);
  else state.finishers.push(callback);
  return this;
};

function needFinish(state: WritableState): boolean {
  return (
    state.ending && !state.destroyed && state.constructed && state.length === 0 && !state.errored && state.buffered.length === 0 &&
    !state.finished && !state.writing && !state.errorEmitted && !state.closeEmitted
  );
}

function callFinal(stream: any, state: WritableState): void {
  let called = false;
  const done = (error?: any) => {
    if (called) return errorOrDestroy(stream, error ?? errors.multipleCallback());
    called = true;
    state.pendingcb--;
    if (error) {
      for (const finisher of state.finishers.splice(0)) finisher(error);
      errorOrDestroy(stream, error, state.sync);
    } else if (needFinish(state)) {
      state.prefinished = true;
      stream.emit("prefinish");
      state.pendingcb++;
      nextTick(finish, stream, state);
    }
  };
  state.sync = true;
  state.pendingcb++;
  try {
    stream._final(done);
  } catch (error) {
    done(error);
  }
  state.sync = false;
}

function finishMaybe(stream: any, state: WritableState, sync = false): void {
  if (!needFinish(state)) return;
  if (!state.prefinished && !state.finalCalled) {
    if (typeof stream._final === "function" && !state.destroyed) {
      state.finalCalled = true;
      callFinal(stream, state);
    } else {
      state.prefinished = true;
      stream.emit("prefinish");
    }
  }
  if (state.pendingcb > 0 || !needFinish(state) || !state.prefinished) return;
  state.pendingcb++;
  if (!sync) return finish(stream, state);
  nextTick(() => {
    if (needFinish(state)) finish(stream, state);
    else state.pendingcb--;
  });
}

function finish(stream: any, state: WritableState): void {
  state.pendingcb--;
  state.finished = true;
  for (const finisher of state.finishers.splice(0)) finisher(null);
  stream.emit("finish");
  if (!state.autoDestroy) return;
  const r = stream._readableState;
  if (!r || (r.autoDestroy && (r.endEmitted || r.readable === false))) stream.destroy();
}

const getters: Record<string, (this: any) => unknown> = {
  closed() { return Boolean(this._writableState?.closed); },
  writableFinished() { return Boolean(this._writableState?.finished); },
  writableObjectMode() { return Boolean(this._writableState?.objectMode); },
  writableBuffer() { return this._writableState?.getBuffer(); },
  writableEnded() { return Boolean(this._writableState?.ending); },
  writableNeedDrain() {
    const w = this._writableState;
    return Boolean(w) && !w.destroyed && !w.ending && w.needDrain;
  },
  writableHighWaterMark() { return this._writableState?.highWaterMark; },
  writableCorked() { return this._writableState?.corked ?? 0; },
  writableLength() { return this._writableState?.length; },
  errored() { return this._writableState?.errored ?? null; },
  writableErrored() { return this._writableState?.errored ?? null; },
  writableAborted() {
    const w = this._writableState;
    return w.writable !== false && (w.destroyed || w.errored) && !w.finished;
  },
};
for (const [name, get] of Object.entries(getters)) Object.defineProperty(proto, name, { get, enumerable: false, configurable: true });
Object.defineProperties(proto, {
  writable: {
    get(this: any) {
      const w = this._writableState;
      return Boolean(w) && w.writable !== false && !w.destroyed && !w.errored && !w.ending && !w.ended;
    },
    set(this: any, value) { if (this._writableState) this._writableState.writable = Boolean(value); },
    configurable: true,
  },
  destroyed: {
    get(this: any) { return Boolean(this._writableState?.destroyed); },
    set(this: any, value) { if (this._writableState) this._writableState.destroyed = value; },
    configurable: true,
  },
});
