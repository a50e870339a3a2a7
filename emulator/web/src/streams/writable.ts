// WritableStream, its writer and its controller, Streams Standard §5.2 to §5.4.

import { expose } from "../frame";
import type { AbortSignal } from "../abort";
import { illegalConstructor, illegalInvocation, requireDictionary, wrongConstruction } from "../brand";
import { highWaterMarkOf, method, sizeOf, type Strategy } from "./shared";
import { WritableCore, type SinkSteps, type WriterCore } from "./writable-core";

const locked = "This WritableStream is currently locked to a writer.";

export interface UnderlyingSink {
  type?: undefined;
  start?(controller: WritableStreamDefaultController): unknown;
  write?(chunk: any, controller: WritableStreamDefaultController): unknown;
  close?(): unknown;
  abort?(reason: unknown): unknown;
}

/** The inside of a stream. Throws for anything else. */
export let writableCoreOf: (stream: WritableStream) => WritableCore;
/** Whether a value is a WritableStream of this isolate. */
export let isWritableStream: (value: unknown) => value is WritableStream;
/** The stream that stands for an inside. */
export let writableOf: (core: WritableCore) => WritableStream;

export class WritableStream {
  readonly #core: WritableCore;

  static {
    writableCoreOf = (stream) => {
      if (typeof stream !== "object" || stream === null || !(#core in stream)) throw illegalInvocation();
      return stream.#core;
    };
    isWritableStream = (value): value is WritableStream =>
      typeof value === "object" && value !== null && #core in value;
    writableOf = (core) => new WritableStream(core as never);
  }

  constructor(sink?: UnderlyingSink | null, strategy?: Strategy) {
    // Scripts cannot get hold of an inside, so this is the platform's own call.
    if (sink instanceof WritableCore) {
      this.#core = sink;
      return;
    }
    requireDictionary(sink, "WritableStream", 1, "UnderlyingSink");
    requireDictionary(strategy, "WritableStream", 2, "StreamQueuingStrategy");
    this.#core = new WritableCore(highWaterMarkOf(strategy, 1), sizeOf(strategy));
    this.#core.begin(stepsOf(sink ?? {}, controllerOf(this.#core)));
  }

  get locked(): boolean {
    return writableCoreOf(this).locked;
  }

  async abort(reason?: unknown): Promise<void> {
    const core = writableCoreOf(this);
    if (core.locked) throw new TypeError(locked);
    await core.abort(reason);
  }

  async close(): Promise<void> {
    const core = writableCoreOf(this);
    if (core.locked) throw new TypeError(locked);
    await core.close();
  }

  getWriter(): WritableStreamDefaultWriter {
    return new WritableStreamDefaultWriter(this);
  }
}

function stepsOf(sink: UnderlyingSink, controller: WritableStreamDefaultController): SinkSteps {
  type Step = (...args: unknown[]) => unknown;
  const start = method<Step>(sink, "start", "UnderlyingSink");
  const write = method<Step>(sink, "write", "UnderlyingSink");
  const close = method<Step>(sink, "close", "UnderlyingSink");
  const abort = method<Step>(sink, "abort", "UnderlyingSink");
  return {
    ...(start && { start: () => start(controller) }),
    ...(write && { write: (chunk) => write(chunk, controller) }),
    ...(close && { close }),
    ...(abort && { abort }),
  };
}

export class WritableStreamDefaultWriter {
  readonly #core: WriterCore;

  constructor(stream: WritableStream) {
    if (!isWritableStream(stream)) throw wrongConstruction("WritableStreamDefaultWriter", 1, "WritableStream");
    this.#core = writableCoreOf(stream).acquire();
  }

  get closed(): Promise<void> {
    return this.#core.closed.promise;
  }

  get desiredSize(): number | null {
    return this.#core.desiredSize;
  }

  get ready(): Promise<void> {
    return this.#core.ready.promise;
  }

  abort(reason?: unknown): Promise<void> {
    if (!(#core in Object(this))) return Promise.reject(illegalInvocation());
    return this.#core.abort(reason);
  }

  close(): Promise<void> {
    if (!(#core in Object(this))) return Promise.reject(illegalInvocation());
    return this.#core.close();
  }

  releaseLock(): void {
    if (!(#core in Object(this))) throw illegalInvocation();
    this.#core.release();
  }

  write(chunk?: unknown): Promise<void> {
    if (!(#core in Object(this))) return Promise.reject(illegalInvocation());
    return this.#core.write(chunk);
  }
}

let controllerOf: (core: WritableCore) => WritableStreamDefaultController;

/** What a script passes to a constructor can never be this. */
const made = Symbol("made by the platform");

export class WritableStreamDefaultController {
  readonly #core: WritableCore;

  static {
    controllerOf = (core) => new WritableStreamDefaultController(made, core);
  }

  constructor(key?: symbol, core?: WritableCore) {
    if (key !== made) throw illegalConstructor();
    this.#core = core!;
  }

  get signal(): AbortSignal {
    return this.#core.signal;
  }

  error(reason?: unknown): void {
    if (!(#core in Object(this))) throw illegalInvocation();
    this.#core.fail(reason);
  }
}

expose("WritableStream", WritableStream);
expose("WritableStreamDefaultWriter", WritableStreamDefaultWriter);
expose("WritableStreamDefaultController", WritableStreamDefaultController);
