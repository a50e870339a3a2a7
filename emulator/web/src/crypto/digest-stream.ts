// crypto.DigestStream: a sink that digests what is written to it.

import { hostOf } from "../host";
import type { NodeHost } from "../host/node";
import { WritableStream } from "../streams/writable";
import { webClass } from "../brand";
import { TextEncoder } from "../encoding";
import { hashName, isBytes } from "./algorithm";

// A digest's state lives here as bytes, so nothing is left behind when a
// stream is dropped.
const host = hostOf<NodeHost>();

export class DigestStream extends WritableStream {
  #digest: Promise<ArrayBuffer>;
  #written = 0n;

  constructor(algorithm: string | { name: string }) {
    if (arguments.length === 0) {
      throw new TypeError("Failed to construct 'DigestStream': constructor parameter 1 is not of type 'string or HashAlgorithm'.");
    }
    const hash = hashName(algorithm).toLowerCase().replace("-", "");
    let state: ArrayBuffer | undefined;
    const { promise, resolve, reject } = Promise.withResolvers<ArrayBuffer>();
    promise.catch(() => {});
    super({
      write: (chunk: unknown) => {
        const data = bytesOf(chunk);
        state = host.nodeHashUpdate(hash, state, data);
        this.#written += BigInt(data.byteLength);
      },
      close: () => resolve(host.nodeHashDigest(hash, state, new Uint8Array(0))),
      abort: reject,
    });
    this.#digest = promise;
  }

  get digest(): Promise<ArrayBuffer> { return this.#digest; }
  get bytesWritten(): bigint { return this.#written; }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (!isBytes(chunk)) throw new TypeError("DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.");
  return chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

webClass(DigestStream as never, "DigestStream");
