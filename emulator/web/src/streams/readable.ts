// ReadableStream, Streams Standard §4.2.

import { expose } from "../frame";
import { illegalInvocation, requireDictionary, wrongArgument, wrongMember } from "../brand";
import { ByteSource } from "./byte-source";
import { DefaultSource, type SourceSteps } from "./default-source";
import { iterate, sourceOfIterable } from "./iteration";
import { pipeTo, type PipeOptions } from "./pipe-to";
import { ReadableCore, locked } from "./readable-core";
import { byteController, defaultController } from "./readable-controllers";
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from "./readers";
import { handled, highWaterMarkOf, method, sizeOf, type Strategy } from "./shared";
import { tee } from "./tee";
import { isWritableStream, writableCoreOf, type WritableStream } from "./writable";

export interface UnderlyingSource<T = unknown> {
  type?: "bytes" | undefined;
  autoAllocateChunkSize?: number;
  start?(controller: any): unknown;
  pull?(controller: any): unknown;
  cancel?(reason: unknown): unknown;
  readonly chunk?: T;
}

const name = "ReadableStream";

/** The inside of a stream. Throws for anything else. */
export let coreOf: (stream: ReadableStream<any>) => ReadableCore;
/** Whether a value is a ReadableStream of this isolate. */
export let isReadableStream: (value: unknown) => value is ReadableStream;
/** The stream that stands for an inside. */
export let readableOf: <T = unknown>(core: ReadableCore) => ReadableStream<T>;

export class ReadableStream<T = unknown> {
  readonly #core: ReadableCore;

  static {
    coreOf = (stream) => {
      if (typeof stream !== "object" || stream === null || !(#core in stream)) throw illegalInvocation();
      return stream.#core;
    };
    isReadableStream = (value): value is ReadableStream =>
      typeof value === "object" && value !== null && #core in value;
    readableOf = (core) => new ReadableStream(core as never);
  }

  static from<T>(iterable: AsyncIterable<T> | Iterable<T>): ReadableStream<T> {
    return readableOf(sourceOfIterable(iterable));
  }

  constructor(source?: UnderlyingSource<T> | null, strategy?: Strategy) {
    // Scripts cannot get hold of an inside, so this is the platform's own call.
    if (source instanceof ReadableCore) {
      this.#core = source;
      return;
    }
    requireDictionary(source, "ReadableStream", 1, "UnderlyingSource");
    requireDictionary(strategy, "ReadableStream", 2, "StreamQueuingStrategy");
    this.#core = new ReadableCore();
    if (source?.type === "bytes") beginBytes(this.#core, source, strategy);
    else beginDefault(this.#core, source ?? {}, strategy);
  }

  get locked(): boolean {
    return coreOf(this).locked;
  }

  async cancel(reason?: unknown): Promise<void> {
    const core = coreOf(this);
    if (core.locked) throw new TypeError(locked);
    await core.cancel(reason);
  }

  getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
  getReader(options?: { mode?: undefined }): ReadableStreamDefaultReader<T>;
  getReader(options?: { mode?: string }): unknown {
    coreOf(this);
    if (options !== undefined && options !== null && typeof options !== "object") throw wrongArgument("getReader", name, 1, "GetReaderOptions");
    const mode = options?.mode;
    if (mode === undefined) return new ReadableStreamDefaultReader<T>(this);
    if (`${mode}` === "byob") return new ReadableStreamBYOBReader(this);
    throw new TypeError("mode must be undefined or 'byob' in call to getReader().");
  }

  pipeThrough<R>(
    transform: { writable: WritableStream; readable: ReadableStream<R> },
    options?: PipeOptions,
  ): ReadableStream<R> {
    const core = coreOf(this);
    if (core.locked) throw new TypeError(locked);
    if (typeof transform !== "object" || transform === null) throw wrongArgument("pipeThrough", name, 1, "Transform");
    const { readable, writable } = transform;
    if (!isReadableStream(readable)) throw wrongMember("readable", "Transform", "ReadableStream");
    if (!isWritableStream(writable)) throw wrongMember("writable", "Transform", "WritableStream");
    const sink = writableCoreOf(writable);
    if (sink.locked) throw new TypeError("This WritableStream is currently locked to a writer.");
    handled(pipeTo(core, sink, options));
    return readable;
  }

  async pipeTo(destination: WritableStream, options?: PipeOptions): Promise<void> {
    const core = coreOf(this);
    if (!isWritableStream(destination)) throw wrongArgument("pipeTo", name, 1, "WritableStream");
    const sink = writableCoreOf(destination);
    if (core.locked) throw new TypeError(locked);
    if (sink.locked) throw new TypeError("This WritableStream is currently locked to a writer");
    return pipeTo(core, sink, options);
  }

  tee(): [ReadableStream<T>, ReadableStream<T>] {
    const core = coreOf(this);
    if (core.locked) throw new TypeError("This ReadableStream is currently locked to a reader,");
    const [first, second] = tee(core);
    return [readableOf(first), readableOf(second)];
  }

  values(options?: { preventCancel?: boolean }): AsyncIterableIterator<T> {
    if (options !== undefined && options !== null && typeof options !== "object") throw wrongArgument("values", name, 1, "ValuesOptions");
    return iterate<T>(coreOf(this).acquire(), Boolean(options?.preventCancel));
  }

  declare [Symbol.asyncIterator]: (options?: { preventCancel?: boolean }) => AsyncIterableIterator<T>;
}

Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  value: ReadableStream.prototype.values,
  configurable: true,
  writable: true,
});

function beginDefault(core: ReadableCore, source: UnderlyingSource, strategy: Strategy | undefined): void {
  if (source.type !== undefined) {
    throw new TypeError(`"${source.type}" is not a valid type of ReadableStream.`);
  }
  const inner = new DefaultSource(core, highWaterMarkOf(strategy, 1), sizeOf(strategy));
  inner.begin(stepsOf(source, defaultController(inner)));
}

function beginBytes(core: ReadableCore, source: UnderlyingSource, strategy: Strategy | undefined): void {
  if (strategy?.size !== undefined) throw new RangeError("A byte stream cannot have a size function in its strategy.");
  const size = source.autoAllocateChunkSize;
  if (size !== undefined && !(Number(size) > 0)) {
    throw new TypeError("The autoAllocateChunkSize option cannot be zero.");
  }
  const inner = new ByteSource(core, highWaterMarkOf(strategy, 0), size === undefined ? undefined : Number(size));
  inner.begin(stepsOf(source, byteController(inner)));
}

function stepsOf(source: UnderlyingSource, controller: unknown): SourceSteps {
  type Step = (argument: unknown) => unknown;
  const start = method<Step>(source, "start", "UnderlyingSource");
  const pull = method<Step>(source, "pull", "UnderlyingSource");
  const cancel = method<Step>(source, "cancel", "UnderlyingSource");
  return {
    ...(start && { start: () => start(controller) }),
    ...(pull && { pull: () => pull(controller) }),
    ...(cancel && { cancel }),
  };
}

expose("ReadableStream", ReadableStream);
