// finished(): learns when a stream is over, in whatever way.

import { abortError, invalidArgType } from "../errors";
import { addAbortListener } from "../events_abort";
import { checkAbortSignal, checkFunction, checkObject } from "../validate";
import { errors, isNodeStream, isReadableNode, isWebReadable, isWebWritable, isWritableNode, nextTick, readableEnded, writableFinished } from "./state";

type Callback = (this: any, error?: any) => void;

const isRequest = (stream: any) => Boolean(stream.setHeader && typeof stream.abort === "function");

export function eos(stream: any, options: any, callback?: Callback): () => void {
  if (arguments.length === 2 && typeof options === "function") [callback, options] = [options, {}];
  else if (options == null) options = {};
  else checkObject(options, "options");
  checkFunction(callback, "callback");
  checkAbortSignal(options.signal, "options.signal");
  let called = false;
  const done: Callback = (error) => {
    if (called) return;
    called = true;
    callback!.call(stream, error);
  };
  if (isWebReadable(stream) || isWebWritable(stream)) return eosWeb(stream, options, done);
  if (!isNodeStream(stream)) throw invalidArgType("stream", ["ReadableStream", "WritableStream", "Stream"], stream);
  return eosNode(stream, options, done);
}

function eosNode(stream: any, options: any, done: Callback): () => void {
  const readable = options.readable ?? isReadableNode(stream);
  const writable = options.writable ?? isWritableNode(stream);
  const [w, r] = [stream._writableState, stream._readableState];
  const legacyFinish = () => {
    if (!stream.writable) finish();
  };
  // A stream that will emit close is over only then.
  const state = w ?? r;
  let willEmitClose = Boolean(state && state.autoDestroy && state.emitClose && state.closed === false) &&
    isReadableNode(stream) === readable && isWritableNode(stream) === writable;
  let writeDone = writableFinished(stream, false);
  let readDone = readableEnded(stream, false);
  const finish = () => {
    writeDone = true;
    if (stream.destroyed) willEmitClose = false;
    if (willEmitClose && (!stream.writable || readable)) return;
    if (!readable || readDone) done();
  };
  const end = () => {
    readDone = true;
    if (stream.destroyed) willEmitClose = false;
    if (willEmitClose && (!stream.readable || writable)) return;
    if (!writable || writeDone) done();
  };
  const error = (failure: any) => done(failure);
  let closed = Boolean(stream.closed ?? (state?.closed || (typeof w?.closed === "boolean" && w.closed)));
  const close = () => {
    closed = true;
    const failure = w?.errored ?? r?.errored;
    if (failure && typeof failure !== "boolean") return done(failure);
    if (readable && !readDone && isReadableNode(stream) && !readableEnded(stream, false)) return done(errors.prematureClose());
    if (writable && !writeDone && !writableFinished(stream, false)) return done(errors.prematureClose());
    done();
  };
  const wired: [string, Callback][] = [["end", end], ["finish", finish], ["close", close]];
  if (options.error !== false) wired.push(["error", error]);
  if (isRequest(stream)) wired.push(["complete", finish], ["abort", close]);
  else if (writable && !w) wired.push(["end", legacyFinish], ["close", legacyFinish]);
  for (const [event, listener] of wired) stream.on(event, listener);
  if (closed) nextTick(close);
  else if (w?.errorEmitted || r?.errorEmitted) {
    if (!willEmitClose) nextTick(close);
  } else if (!readable && (!willEmitClose || stream.readable) && (writeDone || stream.writable === false)) nextTick(close);
  else if (!writable && (!willEmitClose || stream.writable) && (readDone || stream.readable === false)) nextTick(close);
  const cleanup = () => {
    for (const [event, listener] of wired) stream.removeListener(event, listener);
  };
  if (options.signal && !closed) onAbort(options.signal, () => {
    cleanup();
    done(abortError(options.signal.reason));
  });
  return cleanup;
}

function onAbort(signal: any, abort: () => void): void {
  if (signal.aborted) nextTick(abort);
  else addAbortListener(signal, abort);
}

function eosWeb(stream: any, options: any, done: Callback): () => void {
  let stopped = false;
  if (options.signal) onAbort(options.signal, () => done(abortError(options.signal.reason)));
  const closed = stream.closed ?? watch(stream);
  Promise.resolve(closed).then(
    () => stopped || nextTick(done),
    (error) => stopped || nextTick(done, error),
  );
  return () => {
    stopped = true;
  };
}

/** Learns of the end of a stream that somebody else reads, by asking now and then. */
function watch(stream: any): Promise<void> {
  const handle = stream.locked ? undefined : (stream.getWriter ?? stream.getReader).call(stream);
  if (handle === undefined) return new Promise(() => {});
  const { closed } = handle;
  handle.releaseLock();
  return closed.catch(() => {});
}

export function finished(stream: any, options?: any): Promise<void> {
  let cleanup = options?.cleanup;
  if (cleanup !== undefined && typeof cleanup !== "boolean") throw invalidArgType("cleanup", "boolean", cleanup);
  cleanup ??= false;
  return new Promise((resolve, reject) => {
    const stop = eos(stream, options, (error) => {
      if (cleanup) stop();
      if (error) reject(error);
      else resolve();
    });
  });
}
