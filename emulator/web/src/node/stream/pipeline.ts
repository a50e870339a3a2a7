// pipeline() and compose(): streams one after the other.

import { abortError, codedError, invalidArgType, missingArgs } from "../errors";
import { addAbortListener } from "../events_abort";
import { checkFunction } from "../validate";
import { Duplex, PassThrough } from "./duplex";
import { eos } from "./finished";
import { errors, isNodeStream, isReadableNode, isWebReadable, isWebWritable, isWritableNode, nextTick } from "./state";

type Callback = (error?: any, value?: any) => void;

const isIterable = (value: any) => Boolean(value && (typeof value[Symbol.asyncIterator] === "function" || typeof value[Symbol.iterator] === "function"));

function invalidReturn(expected: string, name: string, value: any): Error {
  const type = value?.constructor?.name ? `an instance of ${value.constructor.name}` : `type ${typeof value}`;
  return codedError(TypeError, "ERR_INVALID_RETURN_VALUE", `Expected ${expected} to be returned from the "${name}" function but got ${type}.`);
}

export function pipeline(...args: any[]): any {
  const callback = args.pop();
  checkFunction(callback, "streams[stream.length - 1]");
  return run(args.length === 1 && Array.isArray(args[0]) ? args[0] : args, callback as Callback);
}

/** One pipeline on its way. */
class Pipeline {
  #destroys: ((error: any) => void)[] = [];
  #error: any;
  #value: any;
  #pending = 0;
  #called = false;

  constructor(readonly callback: Callback) {}

  /** Counts something that must end; it ends by the function given back. */
  expect(): (error?: any) => void {
    this.#pending++;
    let over = false;
    return (error) => {
      if (over) return;
      over = true;
      this.#end(error, --this.#pending === 0);
    };
  }

  set value(value: any) {
    this.#value = value;
  }

  destroysOn(stream: any, reading: boolean, writing: boolean): void {
    let finished = false;
    stream.on("close", () => (finished = true));
    eos(stream, { readable: reading, writable: writing }, (error: any) => (finished = !error));
    this.#destroys.push((error) => {
      if (finished) return;
      finished = true;
      if (!stream.destroyed) stream.destroy(error || errors.prematureClose());
    });
  }

  abort(error: any): void {
    this.#end(error, true);
  }

  #end(error: any, final: boolean): void {
    if (error && (!this.#error || this.#error.code === "ERR_STREAM_PREMATURE_CLOSE")) this.#error = error;
    if (!this.#error && !final) return;
    for (const destroy of this.#destroys.splice(0)) destroy(this.#error);
    if (final && !this.#called) {
      this.#called = true;
      nextTick(this.callback, this.#error, this.#value);
    }
  }
}

export function run(streams: any[], callback: Callback, options: { signal?: any; end?: boolean } = {}): any {
  if (streams.length < 2) throw missingArgs("streams");
  const { signal } = options;
  if (signal !== undefined && (typeof signal !== "object" || !("aborted" in signal))) throw invalidArgType("options.signal", "AbortSignal", signal);
  let stopListening: any;
  const line = new Pipeline((error, value) => {
    stopListening?.[Symbol.dispose]();
    callback(error, value);
  });
  if (signal) {
    const abort = () => line.abort(abortError(signal.reason));
    if (signal.aborted) nextTick(abort);
    else stopListening = addAbortListener(signal, abort);
  }
  let flow: any;
  streams.forEach((stream, i) => {
    flow = step(line, flow, stream, i, streams.length, options.end !== false, signal);
  });
  return flow;
}

/** Puts one stream behind the flow so far, and gives what flows on. */
function step(line: Pipeline, flow: any, stream: any, i: number, count: number, ends: boolean, signal: any): any {
  const last = i === count - 1;
  if (isNodeStream(stream)) {
    if (ends || !last) line.destroysOn(stream, i < count - 1, i > 0);
    stream.on("error", noticed);
    if (last) stream.on("close", () => stream.removeListener("error", noticed));
  }
  if (i === 0) return source(stream, signal);
  if (typeof stream === "function") return through(line, flow, stream, i, last, signal);
  if (isNodeStream(stream)) {
    into(line, flow, stream, ends || !last);
    return stream;
  }
  if (isWebWritable(stream) || (stream?.readable && stream?.writable)) return web(line, flow, stream);
  throw invalidArgType("stream", ["Function", "Stream", "WritableStream", "TransformStream"], stream);
}

function noticed(): void {}

function source(stream: any, signal: any): any {
  if (typeof stream === "function") {
    const made = stream({ signal });
    if (!isIterable(made)) throw invalidReturn("Iterable, AsyncIterable or Stream", "source", made);
    return made;
  }
  if (isIterable(stream) || isReadableNode(stream) || isWebReadable(stream)) return stream;
  if (stream?.readable && stream?.writable) return stream.readable;
  return Duplex.from(stream);
}

function through(line: Pipeline, flow: any, stream: (...args: any[]) => any, i: number, last: boolean, signal: any): any {
  const input = isWebReadable(flow) || isIterable(flow) ? flow : flow?.readable ?? flow;
  const made = stream(input, { signal });
  if (!last) {
    if (!isIterable(made)) throw invalidReturn("AsyncIterable", `transform[${i - 1}]`, made);
    return made;
  }
  const passed = new PassThrough({ objectMode: true });
  const done = line.expect();
  if (typeof made?.then === "function") {
    made.then(
      (value: any) => {
        line.value = value;
        if (value != null) passed.write(value);
        passed.end();
        nextTick(done);
      },
      (error: any) => {
        passed.destroy(error);
        nextTick(done, error);
      },
    );
  } else if (isIterable(made)) {
    void pump(made, passed, true).then(() => done(), done);
  } else {
    throw invalidReturn("AsyncIterable or Promise", "destination", made);
  }
  line.destroysOn(passed, false, true);
  return passed;
}

function into(line: Pipeline, flow: any, stream: any, ends: boolean): void {
  if (isNodeStream(flow) && isReadableNode(flow)) {
    const [read, written] = [line.expect(), line.expect()];
    flow.pipe(stream, { end: false });
    if (ends) {
      const end = () => stream.end();
      if (flow.readableEnded) nextTick(end);
      else flow.once("end", end);
    } else {
      nextTick(written);
    }
    eos(flow, { readable: true, writable: false }, (error: any) => {
      const r = flow._readableState;
      if (error?.code === "ERR_STREAM_PREMATURE_CLOSE" && r?.ended && !r.errored && !r.errorEmitted) {
        flow.once("end", () => read()).once("error", read);
      } else read(error);
    });
    if (ends) eos(stream, { readable: false, writable: true }, (error: any) => written(error));
    return;
  }
  const done = line.expect();
  const input = isWebReadable(flow) ? readAll(flow) : flow;
  void pump(input, stream, ends).then(() => done(), done);
}

async function* readAll(stream: any): AsyncGenerator<any> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Writes what is iterated into a stream, and waits until that is done. */
async function pump(iterable: any, stream: any, ends: boolean): Promise<void> {
  let failure: any;
  let resume: (() => void) | undefined;
  const wake = (error?: any) => {
    if (error) failure = error;
    resume?.();
    resume = undefined;
  };
  const drained = () => new Promise<void>((resolve, reject) => {
    if (failure) reject(failure);
    else resume = () => (failure ? reject(failure) : resolve());
  });
  const drain = () => wake();
  stream.on("drain", drain);
  let over = false;
  const stop = eos(stream, { readable: false }, (error: any) => {
    over = true;
    wake(error);
  });
  try {
    if (stream.writableNeedDrain) await drained();
    for await (const chunk of iterable) if (!stream.write(chunk)) await drained();
    if (ends) {
      stream.end();
      while (!over) await drained();
    }
  } catch (error) {
    throw failure !== error && failure ? failure : error;
  } finally {
    stop();
    stream.off("drain", drain);
  }
}

/** Goes on into a stream of the web. */
function web(line: Pipeline, flow: any, stream: any): any {
  const writable = stream.writable ?? stream;
  const done = line.expect();
  const writing = (async () => {
    const writer = writable.getWriter();
    try {
      for await (const chunk of isWebReadable(flow) ? readAll(flow) : flow) {
        await writer.ready;
        await writer.write(chunk);
      }
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    }
  })();
  writing.then(() => done(), done);
  return stream.readable ?? stream;
}

export function promised(...args: any[]): Promise<any> {
  return new Promise((resolve, reject) => {
    let options: any;
    const last = args.at(-1);
    if (last && typeof last === "object" && !isNodeStream(last) && !isIterable(last) && !isWebReadable(last) && !isWebWritable(last) && !(last.readable && last.writable)) {
      options = args.pop();
    }
    run(args.length === 1 && Array.isArray(args[0]) ? args[0] : args, (error, value) => (error ? reject(error) : resolve(value)), options);
  });
}

/** One duplex made of several streams. */
export function compose(...streams: any[]): any {
  if (streams.length === 0) throw missingArgs("streams");
  if (streams.length === 1) return Duplex.from(streams[0]);
  const parts = streams.map((stream, i) => (typeof stream === "function" && i > 0 ? stream : typeof stream === "function" ? Duplex.from(stream) : stream));
  const [head, tail] = [parts[0], run(parts, (error) => finishComposed(error))];
  const writable = isWritableNode(head);
  const readable = isReadableNode(tail);
  let finishWrite: Callback | undefined;
  const composed: any = new Duplex({
    writableObjectMode: Boolean(head?.writableObjectMode), readableObjectMode: Boolean(tail?.readableObjectMode), writable, readable,
  });
  function finishComposed(error: any): void {
    const callback = finishWrite;
    finishWrite = undefined;
    if (callback) callback(error);
    else if (error) composed.destroy(error);
    else if (!readable && !writable) composed.destroy();
  }
  if (writable) {
    composed._write = (chunk: any, encoding: string, callback: Callback) => {
      if (head.write(chunk, encoding)) callback();
      else head.once("drain", () => callback());
    };
    composed._final = (callback: Callback) => {
      head.end();
      tail.once(readable ? "end" : "finish", () => callback());
    };
  }
  if (readable) {
    tail.on("readable", () => composed._read());
    tail.on("end", () => composed.push(null));
    composed._read = () => {
      for (let chunk; (chunk = tail.read()) !== null; ) if (!composed.push(chunk)) return;
    };
  }
  composed._destroy = (error: any, callback: Callback) => {
    if (!error && finishWrite) error = abortError();
    if (isNodeStream(tail)) tail.destroy(error);
    if (isNodeStream(head) && head !== tail) head.destroy(error);
    callback(error);
  };
  return composed;
}
