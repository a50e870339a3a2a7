// IdentityTransformStream and FixedLengthStream, the platform's own: bytes that
// go in come out, and a write waits until somebody reads.

import { wrongConstruction } from "../brand";
import { expose } from "../frame";
import { ByteSource } from "./byte-source";
import { chunkBytes } from "./bytes";
import { ReadableCore } from "./readable-core";
import { checkPositive, deferred, type Deferred } from "./shared";
import { Ends, TransformStream } from "./transform";
import { WritableCore } from "./writable-core";

class Identity {
  readonly readable = new ReadableCore();
  readonly writable: WritableCore;
  readonly #source = new ByteSource(this.readable);
  #demand: Deferred<void> = deferred();
  #written = 0;

  constructor(
    highWaterMark: number,
    readonly expected: number | undefined,
  ) {
    this.readable.length = expected;
    this.writable = new WritableCore(highWaterMark);
    this.#source.begin({
      pull: () => this.#demand.resolve(),
      cancel: (reason) => {
        this.#demand.reject(reason);
        this.writable.fail(reason);
      },
    });
    this.writable.begin({
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#source.error(reason),
    });
  }

  async #write(chunk: unknown): Promise<void> {
    const bytes = this.#checked(chunk);
    if (bytes.byteLength === 0) return;
    await this.#demand.promise;
    this.#demand = deferred();
    this.#source.enqueue(bytes);
  }

  #checked(chunk: unknown): Uint8Array<ArrayBuffer> {
    try {
      const bytes = chunkBytes(chunk);
      this.#written += bytes.byteLength;
      if (this.expected === undefined || this.#written <= this.expected) return bytes;
      throw new TypeError("Attempt to write too many bytes through a FixedLengthStream.");
    } catch (error) {
      this.#source.error(error);
      throw error;
    }
  }

  #close(): void {
    if (this.expected !== undefined && this.#written < this.expected) {
      this.#source.error(new TypeError("FixedLengthStream did not see all expected bytes before close()."));
      return; // it is the reader who is told
    }
    this.#source.close();
    if (this.#source.firstPending !== undefined) this.#source.respond(0);
  }
}

function ends(strategy: { highWaterMark?: number } | undefined, expected?: number): Ends {
  const { readable, writable } = new Identity(strategy?.highWaterMark ?? 1, expected);
  return new Ends(readable, writable);
}

export class IdentityTransformStream extends TransformStream {
  constructor(strategy?: { highWaterMark?: number }) {
    super((strategy instanceof Ends ? strategy : ends(strategy)) as never);
  }
}

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, strategy?: { highWaterMark?: number }) {
    if (arguments.length === 0) throw wrongConstruction("FixedLengthStream", 1, "bigint");
    const expected = Number(expectedLength);
    checkPositive(expected);
    if (expected > Number.MAX_SAFE_INTEGER) {
      throw new TypeError("FixedLengthStream requires an integer expected length less than 2^53.");
    }
    super(ends(strategy, Math.trunc(expected)) as never);
  }
}

expose("IdentityTransformStream", IdentityTransformStream);
expose("FixedLengthStream", FixedLengthStream);
