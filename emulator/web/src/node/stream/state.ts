// What all streams of node:stream share: how they end, and the errors for
// using them wrongly.

import { codedError, invalidArgType } from "../errors";

/** Runs after the code that runs now, with the wording of Node.js. */
export const nextTick = (callback: (...args: any[]) => void, ...args: any[]): void => queueMicrotask(() => callback(...args));

let bytesMark = 64 * 1024;
let objectsMark = 16;

export const getDefaultHighWaterMark = (objectMode: boolean): number => (objectMode ? objectsMark : bytesMark);

export function setDefaultHighWaterMark(objectMode: boolean, value: number): void {
  if (!Number.isInteger(value) || value < 0) throw invalidArgType("value", "number", value);
  if (objectMode) objectsMark = value;
  else bytesMark = value;
}

/** The mark that options ask for; key is the one of a side of a duplex. */
export function highWaterMark(options: any, key: string, duplex: boolean, objectMode: boolean): number {
  const asked = options?.highWaterMark ?? (duplex ? options?.[key] : null);
  if (asked == null) return getDefaultHighWaterMark(objectMode);
  if (!Number.isInteger(asked) || asked < 0) {
    const name = duplex && options.highWaterMark == null ? `options.${key}` : "options.highWaterMark";
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE", `The property '${name}' is invalid. Received ${asked}`);
  }
  return Math.floor(asked);
}

export const errors = {
  multipleCallback: () => codedError(Error, "ERR_MULTIPLE_CALLBACK", "Callback called multiple times"),
  methodNotImplemented: (name: string) => codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED", `The ${name} method is not implemented`),
  streamDestroyed: (name: string) => codedError(Error, "ERR_STREAM_DESTROYED", `Cannot call ${name} after a stream was destroyed`),
  writeAfterEnd: () => codedError(Error, "ERR_STREAM_WRITE_AFTER_END", "write after end"),
  alreadyFinished: (name: string) => codedError(Error, "ERR_STREAM_ALREADY_FINISHED", `Cannot call ${name} after a stream was finished`),
  nullValues: () => codedError(TypeError, "ERR_STREAM_NULL_VALUES", "May not write null values to stream"),
  pushAfterEnd: () => codedError(Error, "ERR_STREAM_PUSH_AFTER_EOF", "stream.push() after EOF"),
  unshiftAfterEnd: () => codedError(Error, "ERR_STREAM_UNSHIFT_AFTER_END_EVENT", "stream.unshift() after end event"),
  prematureClose: () => codedError(Error, "ERR_STREAM_PREMATURE_CLOSE", "Premature close"),
  cannotPipe: () => codedError(Error, "ERR_STREAM_CANNOT_PIPE", "Cannot pipe, not readable"),
};

const destroying = Symbol("kDestroy");
const constructing = Symbol("kConstruct");

/** destroy() of every stream: ends it at once, with an error or without. */
export function destroy(this: any, error?: any, callback?: (error?: any) => void): any {
  const [r, w] = [this._readableState, this._writableState];
  const s = w ?? r;
  if (w?.destroyed || r?.destroyed) {
    callback?.();
    return this;
  }
  noteError(error, w, r);
  if (w) w.destroyed = true;
  if (r) r.destroyed = true;
  if (s.constructed) destroyNow(this, error, callback);
  else this.once(destroying, (thrown: any) => destroyNow(this, thrown ?? error, callback));
  return this;
}

function noteError(error: any, w: any, r: any): void {
  if (!error) return;
  void error.stack;
  if (w && !w.errored) w.errored = error;
  if (r && !r.errored) r.errored = error;
}

function destroyNow(stream: any, error: any, callback?: (error?: any) => void): void {
  let called = false;
  const done = (failure?: any) => {
    if (called) return;
    called = true;
    const [r, w] = [stream._readableState, stream._writableState];
    noteError(failure, w, r);
    if (w) w.closed = true;
    if (r) r.closed = true;
    callback?.(failure);
    nextTick(() => {
      if (failure) emitError(stream, failure);
      emitClose(stream);
    });
  };
  try {
    stream._destroy(error || null, done);
  } catch (thrown) {
    done(thrown);
  }
}

function emitClose(stream: any): void {
  const [r, w] = [stream._readableState, stream._writableState];
  if (w) w.closeEmitted = true;
  if (r) r.closeEmitted = true;
  if (w?.emitClose || r?.emitClose) stream.emit("close");
}

function emitError(stream: any, error: any): void {
  const [r, w] = [stream._readableState, stream._writableState];
  if (w?.errorEmitted || r?.errorEmitted) return;
  if (w) w.errorEmitted = true;
  if (r) r.errorEmitted = true;
  stream.emit("error", error);
}

/** What is done with an error: the stream is destroyed, or the error emitted alone. */
export function errorOrDestroy(stream: any, error: any, sync = false): void {
  const [r, w] = [stream._readableState, stream._writableState];
  if (w?.destroyed || r?.destroyed) return;
  if (r?.autoDestroy || w?.autoDestroy) {
    stream.destroy(error);
    return;
  }
  if (!error) return;
  noteError(error, w, r);
  if (sync) nextTick(emitError, stream, error);
  else emitError(stream, error);
}

/** Runs _construct, before anything else happens to a stream. */
export function construct(stream: any, then: () => void): void {
  if (typeof stream._construct !== "function") return;
  const [r, w] = [stream._readableState, stream._writableState];
  if (r) r.constructed = false;
  if (w) w.constructed = false;
  stream.once(constructing, then);
  if (stream.listenerCount(constructing) > 1) return;
  nextTick(() => {
    let called = false;
    const done = (error?: any) => {
      if (called) return errorOrDestroy(stream, error ?? errors.multipleCallback());
      called = true;
      const { _readableState: r, _writableState: w } = stream;
      const s = w ?? r;
      if (r) r.constructed = true;
      if (w) w.constructed = true;
      if (s.destroyed) stream.emit(destroying, error);
      else if (error) errorOrDestroy(stream, error, true);
      else stream.emit(constructing);
    };
    try {
      stream._construct((error: any) => nextTick(done, error));
    } catch (thrown) {
      nextTick(done, thrown);
    }
  });
}

/** Makes a stream as new, which only old code does. */
export function undestroy(this: any): void {
  const [r, w] = [this._readableState, this._writableState];
  for (const s of [r, w]) {
    if (s) Object.assign(s, { constructed: true, closed: false, closeEmitted: false, destroyed: false, errored: null, errorEmitted: false });
  }
  if (r) Object.assign(r, { reading: false, ended: r.readable === false, endEmitted: r.readable === false });
  if (w) {
    const none = w.writable === false;
    Object.assign(w, { ended: none, ending: none, finished: none, finalCalled: false, prefinished: false });
  }
}

/** destroy of the module: for any stream-like thing. */
export function destroyer(stream: any, error?: any): void {
  if (!stream || stream.destroyed || stream._readableState?.destroyed || stream._writableState?.destroyed) return;
  const reason = error || (isFinished(stream) ? undefined : abortError());
  if (typeof stream.destroy === "function") stream.destroy(reason);
  else if (typeof stream.close === "function") stream.close();
}

function abortError(): Error {
  const error: any = new Error("The operation was aborted");
  error.name = "AbortError";
  error.code = "ABORT_ERR";
  return error;
}

// ---- what a stream is ----

export const isNodeStream = (value: any): boolean =>
  Boolean(value && (value._readableState || value._writableState || (typeof value.write === "function" && typeof value.on === "function") || (typeof value.pipe === "function" && typeof value.on === "function")));

export const isReadableNode = (value: any): boolean =>
  Boolean(value && typeof value.pipe === "function" && typeof value.on === "function" && (!value._writableState || value._readableState?.readable !== false) && (!value._writableState || value._readableState));

export const isWritableNode = (value: any): boolean =>
  Boolean(value && typeof value.write === "function" && typeof value.on === "function" && (!value._readableState || value._writableState?.writable !== false));

export const isWebReadable = (value: any): boolean =>
  Boolean(value && !isNodeStream(value) && typeof value.pipeThrough === "function" && typeof value.getReader === "function" && typeof value.cancel === "function");

export const isWebWritable = (value: any): boolean =>
  Boolean(value && !isNodeStream(value) && typeof value.getWriter === "function" && typeof value.abort === "function");

export function isDestroyed(stream: any): boolean | null {
  if (!isNodeStream(stream)) return null;
  const state = stream._writableState ?? stream._readableState;
  return Boolean(stream.destroyed || state?.destroyed);
}

export function isErrored(stream: any): boolean {
  return Boolean(stream && (stream.writableErrored ?? stream.readableErrored ?? stream._writableState?.errorEmitted ?? stream._readableState?.errorEmitted));
}

export function isDisturbed(stream: any): boolean {
  return Boolean(stream && (stream.readableDidRead || stream.readableAborted));
}

export function isReadable(stream: any): boolean | null {
  if (typeof stream?.readable !== "boolean") return null;
  return isDestroyed(stream) ? false : isReadableNode(stream) && stream.readable && !readableEnded(stream);
}

export function isWritable(stream: any): boolean | null {
  if (typeof stream?.writable !== "boolean") return null;
  return isDestroyed(stream) ? false : isWritableNode(stream) && stream.writable && !stream._writableState?.ended;
}

export function readableEnded(stream: any, strict = true): boolean {
  const r = stream._readableState;
  if (!r || r.errored) return stream.readableEnded === true;
  return Boolean(r.endEmitted || (!strict && r.ended && r.length === 0));
}

export function writableFinished(stream: any, strict = true): boolean {
  const w = stream._writableState;
  if (!w || w.errored) return stream.writableFinished === true;
  return Boolean(w.finished || (!strict && w.ended && w.length === 0));
}

function isFinished(stream: any): boolean {
  if (!isNodeStream(stream)) return false;
  if (isDestroyed(stream)) return true;
  const readable = stream.readable && isReadableNode(stream);
  const writable = stream.writable && isWritableNode(stream);
  return !(readable && !readableEnded(stream)) && !(writable && !writableFinished(stream));
}
