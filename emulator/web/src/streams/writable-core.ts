// What is inside a WritableStream, its writer and its controller, Streams
// Standard §5.5. The classes scripts see are thin: they check, and call these.

import { AbortController, type AbortSignal } from "../abort";
import { SizedQueue, countSize, deferred, nothing, promiseCall, type Deferred, type SizeAlgorithm } from "./shared";

const streamClosed = "This WritableStream has been closed.";
const released = "This WritableStream writer has been released.";

export interface SinkSteps {
  start?: () => unknown;
  write?: (chunk: unknown) => unknown;
  close?: () => unknown;
  abort?: (reason: unknown) => unknown;
}

const closeMark = Symbol("close");

interface PendingAbort {
  done: Deferred<void>;
  reason: unknown;
  wasErroring: boolean;
}

export class WritableCore {
  state: "writable" | "erroring" | "errored" | "closed" = "writable";
  error: unknown = undefined;
  writer: WriterCore | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  readonly #queue = new SizedQueue<unknown>();
  readonly #writes: Deferred<void>[] = [];
  #steps: SinkSteps = {};
  #started = false;
  #backpressure = false;
  #inFlightWrite: Deferred<void> | undefined = undefined;
  #closing: Deferred<void> | undefined = undefined;
  #inFlightClose: Deferred<void> | undefined = undefined;
  #abort: PendingAbort | undefined = undefined;

  constructor(
    readonly highWaterMark = 1,
    readonly size: SizeAlgorithm = countSize,
  ) {}

  /** Begins to hand chunks to steps. A throw of start fails the stream, as on the platform. */
  begin(steps: SinkSteps): void {
    this.#steps = steps;
    this.#setBackpressure(this.#controllerDesiredSize <= 0);
    promiseCall(() => steps.start?.()).then(
      () => {
        this.#started = true;
        this.#advance();
      },
      (reason) => {
        this.#started = true;
        this.#dealWithRejection(reason);
      },
    );
  }

  get locked(): boolean {
    return this.writer !== undefined;
  }

  get backpressure(): boolean {
    return this.#backpressure;
  }

  get desiredSize(): number | null {
    if (this.state === "errored" || this.state === "erroring") return null;
    return this.state === "closed" ? 0 : this.#controllerDesiredSize;
  }

  get closeQueuedOrInFlight(): boolean {
    return this.#closing !== undefined || this.#inFlightClose !== undefined;
  }

  acquire(): WriterCore {
    if (this.locked) throw new TypeError("This WritableStream is currently locked to a writer.");
    return new WriterCore(this);
  }

  write(chunk: unknown): Promise<void> {
    let size: number;
    try {
      size = this.size(chunk);
    } catch (error) {
      this.fail(error);
      size = 1;
    }
    if (this.state === "errored" || this.state === "erroring") return Promise.reject(this.error);
    if (this.closeQueuedOrInFlight || this.state === "closed") return Promise.reject(new TypeError(streamClosed));
    const written = deferred();
    this.#writes.push(written);
    try {
      this.#queue.push(chunk, size);
    } catch (error) {
      this.fail(error);
      return written.promise;
    }
    if (this.state === "writable") this.#setBackpressure(this.#controllerDesiredSize <= 0);
    this.#advance();
    return written.promise;
  }

  close(): Promise<void> {
    if (this.state === "closed" || this.state === "errored") return Promise.reject(new TypeError(streamClosed));
    if (this.closeQueuedOrInFlight) {
      return Promise.reject(new TypeError("This WritableStream has been closed."));
    }
    this.#closing = deferred();
    const { promise } = this.#closing;
    if (this.state === "writable" && this.#backpressure) this.writer?.ready.resolve();
    this.#queue.push(closeMark, 0);
    this.#advance();
    return promise;
  }

  abort(reason: unknown): Promise<void> {
    if (this.state === "closed" || this.state === "errored") return Promise.resolve();
    this.#controllerOfSignal.abort(reason);
    // The signal's listeners may have changed the state.
    if ((this.state as string) === "closed" || (this.state as string) === "errored") return Promise.resolve();
    if (this.#abort !== undefined) return this.#abort.done.promise;
    const wasErroring = this.state === "erroring";
    this.#abort = { done: deferred(), reason: wasErroring ? undefined : reason, wasErroring };
    const { promise } = this.#abort.done;
    if (!wasErroring) this.#startErroring(reason);
    return promise;
  }

  /** Settles when what was written so far is with the sink, or the stream has failed. */
  async flushed(): Promise<void> {
    await (this.#writes.at(-1) ?? this.#inFlightWrite)?.promise.catch(nothing);
  }

  /** Errors the stream from the sink's side. */
  fail(reason: unknown): void {
    if (this.state === "writable") this.#startErroring(reason);
  }

  /** Aborted when the stream is. */
  get signal(): AbortSignal {
    return this.#controllerOfSignal.signal;
  }

  get #controllerOfSignal(): AbortController {
    return (this.#controller ??= new AbortController());
  }

  get #controllerDesiredSize(): number {
    return this.highWaterMark - this.#queue.total;
  }

  #advance(): void {
    if (!this.#started || this.#inFlightWrite !== undefined) return;
    if (this.state === "erroring") return this.#finishErroring();
    if (this.state !== "writable" || this.#queue.length === 0) return;
    if (this.#queue.peek() === closeMark) this.#processClose();
    else this.#processWrite();
  }

  #processWrite(): void {
    const chunk = this.#queue.peek();
    this.#inFlightWrite = this.#writes.shift()!;
    const { write } = this.#steps;
    promiseCall(() => write?.(chunk)).then(
      () => {
        this.#inFlightWrite!.resolve();
        this.#inFlightWrite = undefined;
        this.#queue.shift();
        if (!this.closeQueuedOrInFlight && this.state === "writable") {
          this.#setBackpressure(this.#controllerDesiredSize <= 0);
        }
        this.#advance();
      },
      (reason) => {
        if (this.state === "writable") this.#steps = {};
        this.#inFlightWrite!.reject(reason);
        this.#inFlightWrite = undefined;
        this.#dealWithRejection(reason);
      },
    );
  }

  #processClose(): void {
    this.#inFlightClose = this.#closing;
    this.#closing = undefined;
    this.#queue.shift();
    const { close } = this.#steps;
    this.#steps = {};
    promiseCall(() => close?.()).then(
      () => this.#closed(),
      (reason) => {
        this.#inFlightClose!.reject(reason);
        this.#inFlightClose = undefined;
        this.#abort?.done.reject(reason);
        this.#abort = undefined;
        this.#dealWithRejection(reason);
      },
    );
  }

  #closed(): void {
    this.#inFlightClose!.resolve();
    this.#inFlightClose = undefined;
    if (this.state === "erroring") {
      this.error = undefined;
      this.#abort?.done.resolve();
      this.#abort = undefined;
    }
    this.state = "closed";
    this.writer?.closed.resolve();
  }

  #dealWithRejection(reason: unknown): void {
    if (this.state === "writable") this.#startErroring(reason);
    else if (this.state === "erroring") this.#finishErroring();
  }

  #startErroring(reason: unknown): void {
    this.state = "erroring";
    this.error = reason;
    this.writer?.rejectReady(reason);
    if (this.#inFlightWrite === undefined && this.#inFlightClose === undefined && this.#started) this.#finishErroring();
  }

  #finishErroring(): void {
    if (this.#inFlightWrite !== undefined || this.#inFlightClose !== undefined) return;
    this.state = "errored";
    this.#queue.clear();
    for (const write of this.#writes.splice(0)) write.reject(this.error);
    const abort = this.#abort;
    this.#abort = undefined;
    const { abort: abortSteps } = this.#steps;
    this.#steps = {};
    if (abort === undefined) return this.#rejectClosed();
    if (abort.wasErroring) {
      abort.done.reject(this.error);
      return this.#rejectClosed();
    }
    promiseCall(() => abortSteps?.(abort.reason)).then(
      () => {
        abort.done.resolve();
        this.#rejectClosed();
      },
      (reason) => {
        abort.done.reject(reason);
        this.#rejectClosed();
      },
    );
  }

  #rejectClosed(): void {
    this.#closing?.reject(this.error);
    this.#closing = undefined;
    this.writer?.closed.reject(this.error);
  }

  #setBackpressure(backpressure: boolean): void {
    if (backpressure === this.#backpressure) return;
    this.#backpressure = backpressure;
    if (this.closeQueuedOrInFlight || this.state !== "writable") return;
    if (backpressure) this.writer?.renewReady();
    else this.writer?.ready.resolve();
  }
}

/** A writer. */
export class WriterCore {
  stream: WritableCore | undefined;
  closed: Deferred<void> = deferred();
  ready: Deferred<void> = deferred();

  constructor(stream: WritableCore) {
    this.stream = stream;
    stream.writer = this;
    const { state, error } = stream;
    if (state === "erroring" || state === "errored") this.ready.reject(error);
    else if (state === "closed" || stream.closeQueuedOrInFlight || !stream.backpressure) this.ready.resolve();
    if (state === "closed") this.closed.resolve();
    else if (state === "errored") this.closed.reject(error);
  }

  write(chunk: unknown): Promise<void> {
    return this.stream === undefined ? Promise.reject(new TypeError(released)) : this.stream.write(chunk);
  }

  close(): Promise<void> {
    return this.stream === undefined ? Promise.reject(new TypeError(released)) : this.stream.close();
  }

  abort(reason: unknown): Promise<void> {
    return this.stream === undefined ? Promise.reject(new TypeError(released)) : this.stream.abort(reason);
  }

  get desiredSize(): number | null {
    if (this.stream === undefined) throw new TypeError(released);
    return this.stream.desiredSize;
  }

  renewReady(): void {
    this.ready = deferred();
  }

  /** Rejects ready, whether or not it was fulfilled before. */
  rejectReady(reason: unknown): void {
    this.ready.reject(reason);
    this.ready = deferred();
    this.ready.reject(reason);
  }

  release(): void {
    const { stream } = this;
    if (stream === undefined) return;
    const reason = new TypeError(released);
    this.rejectReady(reason);
    this.closed.reject(reason);
    this.closed = deferred();
    this.closed.reject(reason);
    stream.writer = undefined;
    this.stream = undefined;
  }
}
