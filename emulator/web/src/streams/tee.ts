// One stream read by two, Streams Standard §4.9.1.

import { ByteSource } from "./byte-source";
import { DefaultSource } from "./default-source";
import { ReadableCore, type ReaderCore } from "./readable-core";
import { deferred, microtask, type Deferred } from "./shared";

/** Two streams that each see every chunk of core, which is locked from now on. */
export function tee(core: ReadableCore): [ReadableCore, ReadableCore] {
  const split = new Tee(core.acquire(), core.bytes !== undefined);
  return [split.branches[0].stream, split.branches[1].stream];
}

type BranchSource = DefaultSource | ByteSource;

class Tee {
  readonly branches: [BranchSource, BranchSource];
  readonly #cancelled: [boolean, boolean] = [false, false];
  readonly #reasons: [unknown, unknown] = [undefined, undefined];
  readonly #cancelResult: Deferred<unknown> = deferred<unknown>();
  #reading = false;
  #readAgain = false;

  constructor(
    readonly reader: ReaderCore,
    readonly bytes: boolean,
  ) {
    this.branches = [this.#branch(0), this.#branch(1)];
    reader.closed.promise.then(undefined, (reason) => {
      for (const branch of this.branches) branch.error(reason);
      this.#cancelResult.resolve(undefined);
    });
  }

  #branch(index: 0 | 1): BranchSource {
    const stream = new ReadableCore();
    const source = this.bytes ? new ByteSource(stream) : new DefaultSource(stream);
    source.begin({ pull: () => this.#pull(), cancel: (reason) => this.#cancel(index, reason) });
    return source;
  }

  #pull(): void {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    this.#reading = true;
    this.reader.read({
      chunk: (chunk) => microtask(() => this.#deliver(chunk)),
      close: () => this.#close(),
      error: () => {
        this.#reading = false;
      },
    });
  }

  #deliver(chunk: unknown): void {
    this.#readAgain = false;
    const copy = this.bytes && !this.#cancelled[0] && !this.#cancelled[1] ? (chunk as Uint8Array).slice() : chunk;
    if (!this.#cancelled[0]) this.branches[0].enqueue(chunk as ArrayBufferView);
    if (!this.#cancelled[1]) this.branches[1].enqueue(copy as ArrayBufferView);
    this.#reading = false;
    if (this.#readAgain) this.#pull();
  }

  #close(): void {
    this.#reading = false;
    this.branches.forEach((branch, index) => {
      if (this.#cancelled[index]) return;
      branch.close();
      if (branch instanceof ByteSource && branch.firstPending !== undefined) branch.respond(0);
    });
    if (!this.#cancelled[0] || !this.#cancelled[1]) this.#cancelResult.resolve(undefined);
  }

  #cancel(index: 0 | 1, reason: unknown): Promise<unknown> {
    this.#cancelled[index] = true;
    this.#reasons[index] = reason;
    if (this.#cancelled[0] && this.#cancelled[1]) {
      this.#cancelResult.resolve(this.reader.cancel([...this.#reasons]));
    }
    return this.#cancelResult.promise;
  }
}
