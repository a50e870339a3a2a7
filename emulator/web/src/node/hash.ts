// Hash and Hmac of node:crypto. They are streams, too, which few use them as:
// what makes a stream of one is made when it is first touched.

import { materialOf, type CryptoKey } from "../crypto/key";
import { later } from "../later";
import { Buffer } from "./buffer";
import { getEncoding } from "./buffer_encoding";
import { codedError, invalidArgType } from "./errors";
import { nodeHost } from "./host";
import { secretKeyOf } from "./key_handle";
import { checkString, checkUint32 } from "./validate";

// Data is gathered up to this size before the host digests it: most digests
// are then a single call.
const gatherLimit = 64 * 1024;

const listed =
  "md4 md5 sha1 sha224 sha256 sha384 sha512 md5-sha1 RSA-MD5 RSA-SHA1 RSA-SHA224 RSA-SHA256 RSA-SHA384 RSA-SHA512 DSA-SHA DSA-SHA1 " +
  "ecdsa-with-SHA1";

export const getHashes = (): string[] => listed.split(" ");

// The names that digests have beside their own, in small letters and in capital
// ones.
const others: Record<string, string> = {
  "DSA-SHA": "sha1", "DSA-SHA1": "sha1", dsaWithSHA: "sha1", dsaWithSHA1: "sha1", "ecdsa-with-SHA1": "sha1",
};
for (const name of ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]) {
  others[`RSA-${name.toUpperCase()}`] = others[`${name}WithRSAEncryption`] = name;
}
const own = ["md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256", "md5-sha1"];
const names = new Map([...Object.entries(others), ...own.flatMap((name) => [[name, name], [name.toUpperCase(), name]] as [string, string][])]);

/** The host's name of a digest, undefined for one that there is not. */
export const digestName = (algorithm: string): string | undefined => names.get(algorithm);

// bytesOf gives what a caller may pass as data, as bytes.
export function bytesOf(data: any, name: string, encoding?: string): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, encoding === "buffer" ? "utf8" : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw invalidArgType(name, ["string", "Buffer", "TypedArray", "DataView"], data);
}

/** Bytes as a Buffer, or as text. */
export function output(bytes: ArrayBuffer, encoding: string | undefined): any {
  const buffer = Buffer.from(bytes);
  return encoding !== undefined && encoding !== "buffer" ? buffer.toString(getEncoding(encoding)) : buffer;
}

/** A digest that is being taken: a state, and data it has not seen yet. */
export class Gathering {
  #state: ArrayBuffer | undefined;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(readonly algorithm: string, private readonly key?: Uint8Array) {}

  update(data: any, bytes: Uint8Array): void {
    // The caller may change its own buffer before the digest is taken.
    this.#parts.push(typeof data === "string" ? bytes : bytes.slice());
    this.#size += bytes.length;
    if (this.#size <= gatherLimit) return;
    const { algorithm, key } = this;
    this.#state = key === undefined
      ? nodeHost.nodeHashUpdate(algorithm, this.#state, this.#take())
      : nodeHost.nodeHmacUpdate(algorithm, this.#state, this.#take(), key);
  }

  #take(): Uint8Array {
    const data = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return data;
  }

  finish(): ArrayBuffer {
    const { algorithm, key } = this;
    return key === undefined
      ? nodeHost.nodeHashDigest(algorithm, this.#state, this.#take())
      : nodeHost.nodeHmacDigest(algorithm, this.#state, this.#take(), key);
  }

  copy(): Gathering {
    const other = new Gathering(this.algorithm, this.key);
    other.#state = this.#state;
    other.#parts = this.#parts.slice();
    other.#size = this.#size;
    return other;
  }
}

const gathering = Symbol("kHandle");
const finalized = Symbol("kFinalized");
const streamOptions = Symbol("options");

function finalizedError(): Error {
  return codedError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
}

interface HashOptions {
  outputLength?: number;
}

export const Hash: any = function (this: any, algorithm: any, options?: HashOptions) {
  if (!(this instanceof Hash)) return new Hash(algorithm, options);
  const copied = algorithm instanceof Gathering ? algorithm : undefined;
  if (copied === undefined) checkString(algorithm, "algorithm");
  const wanted = options?.outputLength;
  if (wanted !== undefined) checkUint32(wanted, "options.outputLength");
  const name = copied?.algorithm ?? digestName(algorithm);
  if (name === undefined) throw new Error("Digest method not supported");
  if (wanted !== undefined && wanted !== nodeHost.nodeHashSize(name)) throw new Error("invalid digest size");
  this[gathering] = copied ?? new Gathering(name);
  this[finalized] = false;
  this[streamOptions] = options;
};

function update(this: any, data: any, encoding?: string): any {
  if (this[finalized]) throw finalizedError();
  this[gathering].update(data, bytesOf(data, "data", encoding));
  return this;
}

const transform = (): any => later("node/stream").default.Transform;

/** Has a class be one of streams from now on. */
function becomeStreams(Class: any): any {
  const Transform = transform();
  Object.setPrototypeOf(Class.prototype, Transform.prototype);
  Object.setPrototypeOf(Class, Transform);
  return Transform.prototype;
}

// lazyStream has a class be one of streams when something is asked of it that
// only those have, and an instance when it is first used as one.
function lazyStream(Class: any): void {
  Object.setPrototypeOf(Class.prototype, new Proxy({}, {
    get: (_, key, receiver) => Reflect.get(becomeStreams(Class), key, receiver),
    has: (_, key) => Reflect.has(becomeStreams(Class), key),
    getPrototypeOf: () => becomeStreams(Class),
  }));
  for (const key of ["_readableState", "_writableState"]) {
    Object.defineProperty(Class.prototype, key, {
      get(this: any) {
        if (!Object.hasOwn(this, gathering)) return undefined;
        // The states are in the way of these from now on.
        for (const state of ["_readableState", "_writableState"]) {
          Object.defineProperty(this, state, { value: undefined, writable: true, configurable: true, enumerable: true });
        }
        transform().call(this, this[streamOptions]);
        return this[key];
      },
      set(this: any, value) {
        Object.defineProperty(this, key, { value, writable: true, configurable: true, enumerable: true });
      },
      configurable: true,
    });
  }
}

lazyStream(Hash);
Object.assign(Hash.prototype, {
  copy(this: any, options?: HashOptions) {
    if (this[finalized]) throw finalizedError();
    return new Hash(this[gathering].copy(), options);
  },
  _transform(this: any, chunk: any, encoding: string, callback: (error?: any) => void) {
    this[gathering].update(chunk, bytesOf(chunk, "data", encoding));
    callback();
  },
  _flush(this: any, callback: (error?: any) => void) {
    this.push(Buffer.from(this[gathering].finish()));
    callback();
  },
  update,
  digest(this: any, encoding?: string) {
    if (this[finalized]) throw finalizedError();
    const bytes = this[gathering].finish();
    this[finalized] = true;
    return output(bytes, encoding);
  },
});

export const Hmac: any = function (this: any, algorithm: any, key: any, options?: { encoding?: string }) {
  if (!(this instanceof Hmac)) return new Hmac(algorithm, key, options);
  checkString(algorithm, "hmac");
  const bytes = hmacKey(key, options?.encoding);
  const name = digestName(algorithm);
  if (name === undefined) throw new Error("Digest method not supported");
  this[gathering] = new Gathering(name, bytes);
  this[finalized] = false;
  this[streamOptions] = options;
};

lazyStream(Hmac);
Object.assign(Hmac.prototype, {
  update,
  digest(this: any, encoding?: string) {
    if (this[finalized]) return encoding && encoding !== "buffer" ? "" : Buffer.alloc(0);
    this[finalized] = true;
    return output(this[gathering].finish(), encoding);
  },
  _flush: Hash.prototype._flush,
  _transform: Hash.prototype._transform,
});

function hmacKey(key: any, encoding?: string): Uint8Array {
  const held: CryptoKey | undefined = secretKeyOf(key);
  if (held !== undefined) return new Uint8Array(materialOf(held));
  if (typeof key === "string" || ArrayBuffer.isView(key)) return bytesOf(key, "key", encoding).slice();
  if (key instanceof ArrayBuffer) return new Uint8Array(key.slice(0));
  throw invalidArgType("key", ["ArrayBuffer", "Buffer", "ArrayBufferView", "string", "KeyObject", "CryptoKey"], key);
}

export function createHash(algorithm: string, options?: HashOptions): any {
  return new Hash(algorithm, options);
}

export function createHmac(algorithm: string, key: any, options?: { encoding?: string }): any {
  return new Hmac(algorithm, key, options);
}

// hash digests at once.
export function hash(algorithm: string, data: any, ...encodings: any[]): any {
  checkString(algorithm, "algorithm");
  const encoding = encodings[0] ?? "hex";
  checkString(encoding, "outputEncoding");
  return createHash(algorithm).update(data).digest(encoding);
}
