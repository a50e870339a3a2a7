// From a readable into a writable stream, Streams Standard §4.9.1,
// ReadableStreamPipeTo.

import { AbortSignal } from "../abort";
import { wrongMember } from "../brand";
import type { ReadableCore, ReaderCore } from "./readable-core";
import { deferred, handled, nothing } from "./shared";
import type { WritableCore, WriterCore } from "./writable-core";

export interface PipeOptions {
  preventClose?: boolean;
  preventAbort?: boolean;
  preventCancel?: boolean;
  signal?: AbortSignal;
}

/** Moves every chunk of source to sink. Neither may be locked. */
export function pipeTo(source: ReadableCore, sink: WritableCore, options?: PipeOptions): Promise<void> {
  const signal = options?.signal;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongMember("signal", "PipeToOptions", "AbortSignal");
  return new Pipe(source, sink, options ?? {}).run();
}

class Pipe {
  readonly #reader: ReaderCore;
  readonly #writer: WriterCore;
  readonly #result = deferred<void>();
  #stopping = false;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #onAbort: (() => void) | undefined = undefined;

  constructor(
    readonly source: ReadableCore,
    readonly sink: WritableCore,
    readonly options: PipeOptions,
  ) {
    this.#reader = source.acquire();
    this.#writer = sink.acquire();
    source.disturbed = true;
  }

  run(): Promise<void> {
    if (this.#abortable()) {
      this.#watch();
      void this.#move();
    }
    return this.#result.promise;
  }

  /** Listens to the signal; false when it was aborted before. */
  #abortable(): boolean {
    const { signal } = this.options;
    if (signal === undefined || signal === null) return true;
    this.#onAbort = () => this.#aborted(signal.reason);
    if (signal.aborted) {
      this.#onAbort();
      return false;
    }
    signal.addEventListener("abort", this.#onAbort);
    return true;
  }

  #aborted(reason: unknown): void {
    const { preventAbort, preventCancel } = this.options;
    const actions: (() => Promise<void>)[] = [];
    if (!preventAbort && this.sink.state === "writable") actions.push(() => this.sink.abort(reason));
    if (!preventCancel && this.source.state === "readable") actions.push(() => this.source.cancel(reason));
    this.#stop(() => Promise.all(actions.map((action) => action())), { reason });
  }

  /** Errors and closing of either end, in the order the standard gives them. */
  #watch(): void {
    const { source, sink, options } = this;
    onError(source.state === "errored", source.error, this.#reader.closed.promise, (reason) =>
      this.#stop(options.preventAbort ? undefined : () => sink.abort(reason), { reason }),
    );
    const sinkFailed = sink.state === "errored" || sink.state === "erroring";
    onError(sinkFailed, sink.error, this.#writer.closed.promise, (reason) =>
      this.#stop(options.preventCancel ? undefined : () => source.cancel(reason), { reason }),
    );
    const closed = () => this.#stop(options.preventClose ? undefined : () => this.#closeSink());
    if (source.state === "closed") closed();
    else this.#reader.closed.promise.then(closed, nothing);
    if (sink.closeQueuedOrInFlight || sink.state === "closed") {
      const reason = new TypeError("This destination writable stream is closed.");
      this.#stop(options.preventCancel ? undefined : () => source.cancel(reason), { reason });
    }
  }

  async #closeSink(): Promise<void> {
    const { sink } = this;
    if (sink.closeQueuedOrInFlight || sink.state === "closed") return;
    if (sink.state === "errored") throw sink.error;
    await sink.close();
  }

  async #move(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#writer.ready.promise;
      } catch {
        return; // #watch sees the error
      }
      if (this.#stopping || !(await this.#moveOne())) return;
    }
  }

  /** Moves one chunk; false at the end. */
  #moveOne(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#reader.read({
        chunk: (chunk) => {
          this.#lastWrite = this.#writer.write(chunk);
          handled(this.#lastWrite);
          resolve(true);
        },
        close: () => resolve(false),
        error: () => resolve(false),
      });
    });
  }

  /** Ends the pipe once, after the writes on their way and then action. */
  #stop(action: (() => Promise<unknown>) | undefined, error?: { reason: unknown }): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const { sink } = this;
    const pending = sink.state === "writable" && !sink.closeQueuedOrInFlight ? this.#lastWrites() : Promise.resolve();
    pending
      .then(() => action?.())
      .then(
        () => this.#finish(error),
        (reason) => this.#finish({ reason }),
      );
  }

  /** Settles when no write is pending, also none that began meanwhile. */
  async #lastWrites(): Promise<void> {
    let last: Promise<unknown> | undefined;
    while (last !== this.#lastWrite) {
      last = this.#lastWrite;
      await last.then(nothing, nothing);
    }
  }

  #finish(error: { reason: unknown } | undefined): void {
    this.#writer.release();
    this.#reader.release();
    if (this.#onAbort !== undefined) this.options.signal?.removeEventListener("abort", this.#onAbort);
    if (error === undefined) this.#result.resolve();
    else this.#result.reject(error.reason);
  }
}

function onError(already: boolean, error: unknown, closed: Promise<void>, then: (reason: unknown) => void): void {
  if (already) then(error);
  else closed.then(undefined, then);
}
