// ReadableStreamDefaultReader and ReadableStreamBYOBReader, Streams Standard
// §4.4 and §4.5.

import { expose } from "../frame";
import { illegalInvocation, wrongArgument, wrongConstruction } from "../brand";
import { ReadPromise, ReaderCore, type ReadableStreamReadResult } from "./readable-core";
import { coreOf, isReadableStream, type ReadableStream } from "./readable";

export class ReadableStreamDefaultReader<T = unknown> {
  readonly #core: ReaderCore;

  constructor(stream: ReadableStream<T>) {
    if (!isReadableStream(stream)) throw wrongConstruction("ReadableStreamDefaultReader", 1, "ReadableStream");
    this.#core = coreOf(stream).acquire();
  }

  get closed(): Promise<void> {
    return this.#core.closed.promise;
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#core.cancel(reason);
  }

  read(): Promise<ReadableStreamReadResult<T>> {
    if (!(#core in Object(this))) return Promise.reject(illegalInvocation());
    const request = new ReadPromise<T>();
    this.#core.read(request);
    return request.promise;
  }

  releaseLock(): void {
    if (!(#core in Object(this))) throw illegalInvocation();
    this.#core.release();
  }
}

export class ReadableStreamBYOBReader {
  readonly #core: ReaderCore;

  constructor(stream: ReadableStream) {
    if (!isReadableStream(stream)) throw wrongConstruction("ReadableStreamBYOBReader", 1, "ReadableStream");
    this.#core = coreOf(stream).acquire(true);
  }

  get closed(): Promise<void> {
    return this.#core.closed.promise;
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#core.cancel(reason);
  }

  async read<V extends ArrayBufferView>(view: V, options?: { min?: number }): Promise<ReadableStreamReadResult<V>> {
    if (!ArrayBuffer.isView(view)) throw wrongArgument("read", "ReadableStreamBYOBReader", 1, "ArrayBufferView");
    return this.#read(view, options?.min ?? 1);
  }

  /** The platform's own, older form of read with `min`. */
  async readAtLeast<V extends ArrayBufferView>(minimum: number, view: V): Promise<ReadableStreamReadResult<V>> {
    if (arguments.length === 0) throw wrongArgument("readAtLeast", "ReadableStreamBYOBReader", 1, "integer");
    if (!ArrayBuffer.isView(view)) throw wrongArgument("readAtLeast", "ReadableStreamBYOBReader", 2, "ArrayBufferView");
    return this.#read(view, minimum);
  }

  releaseLock(): void {
    if (!(#core in Object(this))) throw illegalInvocation();
    this.#core.release();
  }

  #read<V extends ArrayBufferView>(view: V, minimum: number): Promise<ReadableStreamReadResult<V>> {
    checkView(view, minimum);
    const request = new ReadPromise<V>();
    this.#core.readInto(view, minimum, request);
    return request.promise;
  }
}

function checkView(view: ArrayBufferView, minimum: number): void {
  if (view.byteLength === 0) {
    throw new TypeError('You must call read() on a "byob" reader with a positive-sized TypedArray object.');
  }
  if (!(minimum >= 1)) throw new TypeError(`Requested invalid minimum number of bytes to read (${minimum}).`);
  const length = view instanceof DataView ? view.byteLength : (view as Uint8Array).length;
  if (minimum > length) {
    throw new TypeError(`Minimum bytes to read (${minimum}) exceeds size of buffer (${length}).`);
  }
}

expose("ReadableStreamDefaultReader", ReadableStreamDefaultReader);
expose("ReadableStreamBYOBReader", ReadableStreamBYOBReader);
