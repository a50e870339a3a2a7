// The controller of streams of any values, Streams Standard §4.6.

import type { ReadRequest, ReadableCore, Source } from "./readable-core";
import { SizedQueue, countSize, promiseCall, type SizeAlgorithm } from "./shared";

export interface SourceSteps {
  start?: () => unknown;
  pull?: () => unknown;
  cancel?: (reason: unknown) => unknown;
}

export class DefaultSource implements Source {
  readonly #queue = new SizedQueue<unknown>();
  #steps: SourceSteps = {};
  #started = false;
  #closeRequested = false;
  #pulling = false;
  #pullAgain = false;

  constructor(
    readonly stream: ReadableCore,
    readonly highWaterMark = 1,
    readonly size: SizeAlgorithm = countSize,
  ) {
    stream.source = this;
  }

  /** Begins to ask steps for chunks. A throw of start fails the stream, as on the platform. */
  begin(steps: SourceSteps): void {
    this.#steps = steps;
    const started = promiseCall(() => steps.start?.());
    started.then(
      () => {
        this.#started = true;
        this.#callPull();
      },
      (reason) => this.error(reason),
    );
  }

  get desiredSize(): number | null {
    if (this.stream.state === "errored") return null;
    if (this.stream.state === "closed") return 0;
    return this.highWaterMark - this.#queue.total;
  }

  get canCloseOrEnqueue(): boolean {
    return !this.#closeRequested && this.stream.state === "readable";
  }

  get hasBackpressure(): boolean {
    return !this.#shouldPull();
  }

  close(): void {
    if (!this.canCloseOrEnqueue) return;
    this.#closeRequested = true;
    if (this.#queue.length === 0) this.#finish();
  }

  enqueue(chunk: unknown): void {
    if (!this.canCloseOrEnqueue) return;
    const waiting = this.stream.reader?.reads;
    if (waiting !== undefined && waiting.length > 0) {
      waiting.shift()!.chunk(chunk);
    } else {
      try {
        this.#queue.push(chunk, this.size(chunk));
      } catch (error) {
        this.error(error);
        throw error;
      }
    }
    this.#callPull();
  }

  error(reason: unknown): void {
    if (this.stream.state !== "readable") return;
    this.#queue.clear();
    this.#steps = {};
    this.stream.fail(reason);
  }

  pullSteps(request: ReadRequest): void {
    if (this.#queue.length === 0) {
      this.stream.reader!.reads.push(request);
      this.#callPull();
      return;
    }
    const chunk = this.#queue.shift();
    if (this.#closeRequested && this.#queue.length === 0) this.#finish();
    else this.#callPull();
    request.chunk(chunk);
  }

  cancelSteps(reason: unknown): Promise<unknown> {
    this.#queue.clear();
    const cancel = this.#steps.cancel;
    this.#steps = {};
    return cancel === undefined ? Promise.resolve() : promiseCall(() => cancel(reason));
  }

  releaseSteps(): void {}

  #finish(): void {
    this.#steps = {};
    this.stream.close();
  }

  #shouldPull(): boolean {
    if (!this.canCloseOrEnqueue || !this.#started) return false;
    const reader = this.stream.reader;
    if (reader !== undefined && reader.reads.length > 0) return true;
    return this.desiredSize! > 0;
  }

  #callPull(): void {
    const pull = this.#steps.pull;
    if (pull === undefined || !this.#shouldPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    promiseCall(pull).then(
      () => {
        this.#pulling = false;
        if (!this.#pullAgain) return;
        this.#pullAgain = false;
        this.#callPull();
      },
      (reason) => this.error(reason),
    );
  }
}
