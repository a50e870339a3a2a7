// What is inside a ReadableStream and its readers, Streams Standard §4.9. The
// classes scripts see are thin: they check, and call these.

import { deferred, handled, type Deferred } from "./shared";

export const locked = "This ReadableStream is currently locked to a reader.";
const released = "This ReadableStream reader has been released.";

export interface ReadRequest {
  chunk(value: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

export interface ReadIntoRequest {
  chunk(view: ArrayBufferView): void;
  close(view: ArrayBufferView | undefined): void;
  error(reason: unknown): void;
}

/** The controller behind a stream. */
export interface Source {
  pullSteps(request: ReadRequest): void;
  cancelSteps(reason: unknown): Promise<unknown>;
  releaseSteps(): void;
}

/** A source that can read into buffers the reader brings. */
export interface BytesSource extends Source {
  pullInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void;
}

export class ReadableCore {
  state: "readable" | "closed" | "errored" = "readable";
  error: unknown = undefined;
  disturbed = false;
  reader: ReaderCore | undefined = undefined;
  source!: Source;
  /** How many bytes there will be in all, when that is known. */
  length: number | undefined = undefined;
  /** What a body stream is made of, for whoever would rather have that than its chunks. */
  origin: unknown = undefined;
  /** Whether data at hand comes in one chunk: it is the platform that reads. */
  whole = false;
  /** Called when it closes. */
  declare onClose?: () => void;

  get locked(): boolean {
    return this.reader !== undefined;
  }

  get bytes(): BytesSource | undefined {
    return "pullInto" in this.source ? (this.source as BytesSource) : undefined;
  }

  acquire(byob = false): ReaderCore {
    if (this.reader !== undefined) throw new TypeError(locked);
    if (byob && this.bytes === undefined) throw new TypeError("This ReadableStream does not support BYOB reads.");
    return new ReaderCore(this, byob);
  }

  /** Closes the stream for its reader; queued chunks must be gone. */
  close(): void {
    this.state = "closed";
    this.onClose?.();
    const reader = this.reader;
    if (reader === undefined) return;
    reader.closed.resolve();
    if (!reader.byob) for (const request of reader.takeReads()) request.close();
  }

  fail(reason: unknown): void {
    this.state = "errored";
    this.error = reason;
    const reader = this.reader;
    if (reader === undefined) return;
    reader.closed.reject(reason);
    reader.failRequests(reason);
  }

  async cancel(reason: unknown): Promise<void> {
    this.disturbed = true;
    if (this.state === "closed") return;
    if (this.state === "errored") throw this.error;
    this.close();
    const reader = this.reader;
    if (reader?.byob) for (const request of reader.takeReadIntos()) request.close(undefined);
    await this.source.cancelSteps(reason);
  }
}

/** A reader of either kind. */
export class ReaderCore {
  stream: ReadableCore | undefined;
  closed: Deferred<void> = deferred();
  reads: ReadRequest[] = [];
  readIntos: ReadIntoRequest[] = [];

  constructor(stream: ReadableCore, readonly byob: boolean) {
    this.stream = stream;
    stream.reader = this;
    if (stream.state === "closed") this.closed.resolve();
    if (stream.state === "errored") this.closed.reject(stream.error);
  }

  read(request: ReadRequest): void {
    const stream = this.stream;
    if (stream === undefined) return request.error(new TypeError(released));
    stream.disturbed = true;
    if (stream.state === "closed") request.close();
    else if (stream.state === "errored") request.error(stream.error);
    else stream.source.pullSteps(request);
  }

  readInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void {
    const stream = this.stream;
    if (stream === undefined) return request.error(new TypeError(released));
    stream.disturbed = true;
    if (stream.state === "errored") request.error(stream.error);
    else stream.bytes!.pullInto(view, min, request);
  }

  cancel(reason: unknown): Promise<void> {
    if (this.stream === undefined) return Promise.reject(new TypeError(released));
    return this.stream.cancel(reason);
  }

  release(): void {
    const stream = this.stream;
    if (stream === undefined) return;
    const reason = new TypeError(released);
    if (stream.state !== "readable") this.closed = deferred();
    this.closed.reject(reason);
    handled(this.closed.promise);
    stream.source.releaseSteps();
    stream.reader = undefined;
    this.stream = undefined;
    this.failRequests(reason);
  }

  takeReads(): ReadRequest[] {
    const requests = this.reads;
    this.reads = [];
    return requests;
  }

  takeReadIntos(): ReadIntoRequest[] {
    const requests = this.readIntos;
    this.readIntos = [];
    return requests;
  }

  failRequests(reason: unknown): void {
    for (const request of this.takeReads()) request.error(reason);
    for (const request of this.takeReadIntos()) request.error(reason);
  }
}

/** A request as a promise of an iterator result. */
export class ReadPromise<T = unknown> implements ReadRequest, ReadIntoRequest {
  readonly #settle = Promise.withResolvers<ReadableStreamReadResult<T>>();

  get promise(): Promise<ReadableStreamReadResult<T>> {
    return this.#settle.promise;
  }

  chunk(value: unknown): void {
    this.#settle.resolve({ value: value as T, done: false });
  }

  close(view?: ArrayBufferView): void {
    this.#settle.resolve({ value: view as T, done: true });
  }

  error(reason: unknown): void {
    this.#settle.reject(reason);
  }
}

export type ReadableStreamReadResult<T> = { value: T; done: boolean };
