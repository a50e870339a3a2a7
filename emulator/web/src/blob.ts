// Blob and File, File API §3 and §4.

import { expose } from "./frame";
import { utf8Decode, utf8Encode } from "./utf8";
import { illegalInvocation } from "./brand";
import { dataStream } from "./data-stream";
import { readableOf, type ReadableStream } from "./streams/readable";
import { asBytes, concat } from "./streams/shared";

export type BlobPart = Blob | ArrayBuffer | ArrayBufferView | string;

export interface BlobOptions {
  type?: string;
  endings?: string;
}

/** The bytes of a blob, not a copy: nobody may change them. */
export let blobBytes: (blob: Blob) => Uint8Array<ArrayBuffer>;
/** Whether a value is a Blob of this isolate. */
export let isBlob: (value: unknown) => value is Blob;

export class Blob {
  #bytes: Uint8Array<ArrayBuffer>;
  #type: string;

  static {
    blobBytes = (blob) => blob.#bytes;
    isBlob = (value): value is Blob => typeof value === "object" && value !== null && #bytes in value;
  }

  constructor(parts?: Iterable<BlobPart>, options?: BlobOptions) {
    this.#bytes = bytesOf(parts);
    this.#type = normalizeType(options?.type);
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  get type(): string {
    return this.#type;
  }

  slice(start?: number, end?: number, type?: string): Blob {
    if (!(#bytes in Object(this))) throw illegalInvocation();
    const slice = new Blob();
    slice.#bytes = this.#bytes.subarray(start ?? 0, end ?? this.#bytes.byteLength);
    slice.#type = normalizeType(type);
    return slice;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#bytes.slice();
  }

  async text(): Promise<string> {
    return utf8Decode(this.#bytes);
  }

  stream(): ReadableStream<Uint8Array> {
    return readableOf(dataStream(this.#bytes, false));
  }
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(parts: Iterable<BlobPart> | undefined, name: string, options?: BlobOptions & { lastModified?: number }) {
    super(parts, options);
    if (name === undefined) {
      throw new TypeError("Failed to construct 'File': constructor parameter 2 is not of type 'string'.");
    }
    this.#name = String(name);
    this.#lastModified = options?.lastModified === undefined ? Date.now() : Math.trunc(Number(options.lastModified)) || 0;
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }
}

function bytesOf(parts: Iterable<BlobPart> | undefined): Uint8Array<ArrayBuffer> {
  if (parts === undefined) return new Uint8Array(0);
  if (typeof parts !== "object" || parts === null || !(Symbol.iterator in parts)) {
    throw new TypeError("Failed to construct 'Blob': constructor parameter 1 is not of type 'Array'.");
  }
  return concat([...parts].map(partBytes));
}

function partBytes(part: BlobPart): Uint8Array {
  if (isBlob(part)) return blobBytes(part);
  return asBytes(part) ?? utf8Encode(String(part));
}

/** A type outside of printable ASCII is no type. */
function normalizeType(type: string | undefined): string {
  if (type === undefined) return "";
  const given = String(type);
  return /^[\x20-\x7e]*$/.test(given) ? given.toLowerCase() : "";
}

expose("Blob", Blob);
expose("File", File);
