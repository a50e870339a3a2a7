// The controllers that an underlying source is handed, Streams Standard §4.6,
// §4.7 and §4.8.

import { expose } from "../frame";
import { illegalConstructor, illegalInvocation } from "../brand";
import type { ByteSource, PullInto } from "./byte-source";
import type { DefaultSource } from "./default-source";

export let defaultController: (source: DefaultSource) => ReadableStreamDefaultController;
export let byteController: (source: ByteSource) => ReadableByteStreamController;
let byobRequest: (source: ByteSource, into: PullInto) => ReadableStreamBYOBRequest;

/** What a script passes to a constructor can never be this. */
const made = Symbol("made by the platform");

const closed = "This ReadableStream is closed.";

export class ReadableStreamDefaultController {
  readonly #source: DefaultSource;

  static {
    defaultController = (source) => new ReadableStreamDefaultController(made, source);
  }

  constructor(key?: symbol, source?: DefaultSource) {
    if (key !== made) throw illegalConstructor();
    this.#source = source!;
  }

  get desiredSize(): number | null {
    return this.#source.desiredSize;
  }

  close(): void {
    if (!(#source in Object(this))) throw illegalInvocation();
    if (!this.#source.canCloseOrEnqueue) throw new TypeError(closed);
    this.#source.close();
  }

  enqueue(chunk?: unknown): void {
    if (!(#source in Object(this))) throw illegalInvocation();
    if (!this.#source.canCloseOrEnqueue) throw new TypeError("Unable to enqueue");
    this.#source.enqueue(chunk);
  }

  error(reason?: unknown): void {
    if (!(#source in Object(this))) throw illegalInvocation();
    this.#source.error(reason);
  }
}

export class ReadableByteStreamController {
  readonly #source: ByteSource;
  #request: ReadableStreamBYOBRequest | undefined = undefined;

  static {
    byteController = (source) => new ReadableByteStreamController(made, source);
  }

  constructor(key?: symbol, source?: ByteSource) {
    if (key !== made) throw illegalConstructor();
    this.#source = source!;
  }

  get byobRequest(): ReadableStreamBYOBRequest | null {
    const first = this.#source.firstPending;
    if (first === undefined) return null;
    if (this.#request === undefined) {
      this.#request = byobRequest(this.#source, first);
      this.#source.onInvalidate = () => {
        invalidate(this.#request!);
        this.#request = undefined;
      };
    }
    return this.#request;
  }

  get desiredSize(): number | null {
    return this.#source.desiredSize;
  }

  close(): void {
    if (!(#source in Object(this))) throw illegalInvocation();
    if (!this.#source.canCloseOrEnqueue) throw new TypeError("This ReadableByteStreamController is closed.");
    this.#source.close();
  }

  enqueue(chunk: ArrayBufferView | ArrayBuffer): void {
    if (!(#source in Object(this))) throw illegalInvocation();
    const view = chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk;
    if (!ArrayBuffer.isView(view)) {
      throw new TypeError(
        "Failed to execute 'enqueue' on 'ReadableByteStreamController': parameter 1 is not of type 'ArrayBuffer or ArrayBufferView'.",
      );
    }
    if (view.byteLength === 0) throw new TypeError("Cannot enqueue a zero-length ArrayBuffer.");
    if (!this.#source.canCloseOrEnqueue) throw new TypeError("This ReadableByteStreamController is closed.");
    this.#source.enqueue(view);
  }

  error(reason?: unknown): void {
    if (!(#source in Object(this))) throw illegalInvocation();
    this.#source.error(reason);
  }
}

let invalidate: (request: ReadableStreamBYOBRequest) => void;

export class ReadableStreamBYOBRequest {
  #source: ByteSource | undefined;
  #view: Uint8Array | null;
  readonly #atLeast: number;

  static {
    byobRequest = (source, into) => new ReadableStreamBYOBRequest(made, source, into);
    invalidate = (request) => {
      request.#source = undefined;
      request.#view = null;
    };
  }

  constructor(key?: symbol, source?: ByteSource, into?: PullInto) {
    if (key !== made) throw illegalConstructor();
    this.#source = source!;
    this.#view = new Uint8Array(into!.buffer, into!.offset + into!.filled, into!.length - into!.filled);
    this.#atLeast = Math.max(into!.minimum - into!.filled, 1);
  }

  get view(): Uint8Array | null {
    return this.#view;
  }

  /** The platform's own: how many bytes would complete the read. */
  get atLeast(): number | null {
    return this.#source === undefined ? null : this.#atLeast;
  }

  respond(bytesWritten: number): void {
    this.#valid().respond(Number(bytesWritten));
  }

  respondWithNewView(view: ArrayBufferView): void {
    this.#valid().respondWithNewView(view);
  }

  #valid(): ByteSource {
    if (!(#source in Object(this))) throw illegalInvocation();
    if (this.#source === undefined) throw new TypeError("This ReadableStreamBYOBRequest has been invalidated.");
    return this.#source;
  }
}

expose("ReadableStreamDefaultController", ReadableStreamDefaultController);
expose("ReadableByteStreamController", ReadableByteStreamController);
expose("ReadableStreamBYOBRequest", ReadableStreamBYOBRequest);
