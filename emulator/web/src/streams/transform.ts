// TransformStream, Streams Standard §6.

import { expose } from "../frame";
import { illegalConstructor, illegalInvocation, requireDictionary } from "../brand";
import { DefaultSource } from "./default-source";
import { ReadableCore } from "./readable-core";
import { readableOf, type ReadableStream } from "./readable";
import { deferred, highWaterMarkOf, method, promiseCall, sizeOf, type Deferred, type Strategy } from "./shared";
import { WritableCore } from "./writable-core";
import { writableOf, type WritableStream } from "./writable";

export interface Transformer {
  readableType?: undefined;
  writableType?: undefined;
  start?(controller: TransformStreamDefaultController): unknown;
  transform?(chunk: any, controller: TransformStreamDefaultController): unknown;
  flush?(controller: TransformStreamDefaultController): unknown;
  cancel?(reason: unknown): unknown;
}

export interface TransformSteps {
  start?: () => unknown;
  transform: (chunk: unknown) => unknown;
  flush?: () => unknown;
  cancel?: (reason: unknown) => unknown;
}

/** What is inside a TransformStream: its two ends and the algorithms between. */
export class TransformCore {
  readonly readable = new ReadableCore();
  readonly source: DefaultSource;
  readonly writable: WritableCore;
  #steps: TransformSteps = { transform: () => undefined };
  #backpressure = true;
  #backpressureChange: Deferred<void> = deferred();
  #finish: Promise<unknown> | undefined = undefined;

  constructor(writableStrategy?: Strategy, readableStrategy?: Strategy) {
    const readableMark = highWaterMarkOf(readableStrategy, 0);
    this.source = new DefaultSource(this.readable, readableMark, sizeOf(readableStrategy));
    this.writable = new WritableCore(highWaterMarkOf(writableStrategy, 1), sizeOf(writableStrategy));
  }

  /** Begins to transform. A throw of start fails the streams, as on the platform. */
  begin(steps: TransformSteps): void {
    this.#steps = steps;
    const started = deferred<unknown>();
    this.writable.begin({
      start: () => started.promise,
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#abort(reason),
    });
    this.source.begin({
      start: () => started.promise,
      pull: () => {
        this.#setBackpressure(false);
        return this.#backpressureChange.promise;
      },
      cancel: (reason) => this.#cancel(reason),
    });
    started.resolve(promiseCall(() => steps.start?.()));
  }

  enqueue(chunk: unknown): void {
    if (!this.source.canCloseOrEnqueue) {
      throw new TypeError("The readable side of this TransformStream is no longer readable.");
    }
    try {
      this.source.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw this.readable.error;
    }
    if (this.source.hasBackpressure && !this.#backpressure) this.#setBackpressure(true);
  }

  error(reason: unknown): void {
    this.source.error(reason);
    this.#errorWritable(reason);
  }

  terminate(): void {
    this.source.close();
    this.#errorWritable(new TypeError("The transform stream has been terminated"));
  }

  async #write(chunk: unknown): Promise<void> {
    if (this.#backpressure) {
      await this.#backpressureChange.promise;
      if (this.writable.state === "erroring") throw this.writable.error;
    }
    try {
      await this.#steps.transform(chunk);
    } catch (error) {
      this.error(error);
      throw error;
    }
  }

  #close(): Promise<unknown> {
    if (this.#finish !== undefined) return this.#finish;
    const { flush } = this.#steps;
    this.#steps = { transform: () => undefined };
    this.#finish = promiseCall(() => flush?.()).then(
      () => {
        if (this.readable.state === "errored") throw this.readable.error;
        this.source.close();
      },
      (reason) => {
        this.source.error(reason);
        throw reason;
      },
    );
    return this.#finish;
  }

  #abort(reason: unknown): Promise<unknown> {
    return this.#cancelSteps(reason, () => {
      if (this.readable.state === "errored") throw this.readable.error;
      this.source.error(reason);
    }, (error) => this.source.error(error));
  }

  #cancel(reason: unknown): Promise<unknown> {
    return this.#cancelSteps(reason, () => {
      if (this.writable.state === "errored") throw this.writable.error;
      this.#errorWritable(reason);
    }, (error) => this.#errorWritable(error));
  }

  #cancelSteps(reason: unknown, done: () => void, failed: (error: unknown) => void): Promise<unknown> {
    if (this.#finish !== undefined) return this.#finish;
    const { cancel } = this.#steps;
    this.#steps = { transform: () => undefined };
    this.#finish = promiseCall(() => cancel?.(reason)).then(done, (error) => {
      failed(error);
      throw error;
    });
    return this.#finish;
  }

  #errorWritable(reason: unknown): void {
    this.#steps = { transform: () => undefined };
    this.writable.fail(reason);
    if (this.#backpressure) this.#setBackpressure(false);
  }

  #setBackpressure(backpressure: boolean): void {
    this.#backpressureChange.resolve();
    this.#backpressureChange = deferred();
    this.#backpressure = backpressure;
  }
}

/** The two ends of a transform stream that the platform makes. */
export class Ends {
  constructor(
    readonly readable: ReadableCore,
    readonly writable: WritableCore,
  ) {}
}

export class TransformStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  constructor(transformer?: Transformer | null, writableStrategy?: Strategy, readableStrategy?: Strategy) {
    // Scripts cannot get hold of ends, so this is a class of the platform calling.
    if (transformer instanceof Ends) {
      this.#readable = readableOf(transformer.readable);
      this.#writable = writableOf(transformer.writable);
      return;
    }
    requireDictionary(transformer, "TransformStream", 1, "Transformer");
    if (transformer?.readableType !== undefined) throw new TypeError("transformer.readableType must be undefined.");
    if (transformer?.writableType !== undefined) throw new TypeError("transformer.writableType must be undefined.");
    const core = new TransformCore(writableStrategy, readableStrategy);
    core.begin(stepsOf(transformer ?? {}, core));
    this.#readable = readableOf(core.readable);
    this.#writable = writableOf(core.writable);
  }

  get readable(): ReadableStream {
    return this.#readable;
  }

  get writable(): WritableStream {
    return this.#writable;
  }
}

function stepsOf(transformer: Transformer, core: TransformCore): TransformSteps {
  type Step = (...args: unknown[]) => unknown;
  const controller = controllerOf(core);
  const start = method<Step>(transformer, "start", "Transformer");
  const transform = method<Step>(transformer, "transform", "Transformer");
  const flush = method<Step>(transformer, "flush", "Transformer");
  const cancel = method<Step>(transformer, "cancel", "Transformer");
  return {
    ...(start && { start: () => start(controller) }),
    transform: transform ? (chunk) => transform(chunk, controller) : (chunk) => core.enqueue(chunk),
    ...(flush && { flush: () => flush(controller) }),
    ...(cancel && { cancel }),
  };
}

let controllerOf: (core: TransformCore) => TransformStreamDefaultController;

/** What a script passes to a constructor can never be this. */
const made = Symbol("made by the platform");

export class TransformStreamDefaultController {
  readonly #core: TransformCore;

  static {
    controllerOf = (core) => new TransformStreamDefaultController(made, core);
  }

  constructor(key?: symbol, core?: TransformCore) {
    if (key !== made) throw illegalConstructor();
    this.#core = core!;
  }

  get desiredSize(): number | null {
    return this.#core.source.desiredSize;
  }

  enqueue(chunk?: unknown): void {
    if (!(#core in Object(this))) throw illegalInvocation();
    this.#core.enqueue(chunk);
  }

  error(reason?: unknown): void {
    if (!(#core in Object(this))) throw illegalInvocation();
    this.#core.error(reason);
  }

  terminate(): void {
    if (!(#core in Object(this))) throw illegalInvocation();
    this.#core.terminate();
  }
}

expose("TransformStream", TransformStream);
expose("TransformStreamDefaultController", TransformStreamDefaultController);
