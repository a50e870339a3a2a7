// Hash and Hmac of node:crypto.

import { Buffer } from "./buffer";
import { getEncoding } from "./buffer_encoding";
import { codedError, invalidArgType } from "./errors";
import { nodeHost } from "./host";
import { checkInteger, checkString } from "./validate";

// Data is gathered up to this size before the host digests it: most digests
// are then a single call.
const gatherLimit = 64 * 1024;

export function getHashes(): string[] {
  return [
    "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-256",
    "RSA-MD5", "RSA-SHA1", "RSA-SHA224", "RSA-SHA256", "RSA-SHA384", "RSA-SHA512",
  ];
}

// digestName is the host's name of an algorithm; of one that it lacks, the name
// itself.
export function digestName(algorithm: string): string {
  const name = algorithm.toLowerCase().replace(/^rsa-/, "").replace(/^sha-(?=\d)/, "sha");
  return name === "sha512/256" ? "sha512-256" : name;
}

// bytesOf gives what a caller may pass as data, as bytes.
export function bytesOf(data: any, name: string, encoding?: string): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, encoding === "buffer" ? "utf8" : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw invalidArgType(name, ["string", "Buffer", "TypedArray", "DataView"], data);
}

function output(bytes: ArrayBuffer, encoding: string | undefined): any {
  const buffer = Buffer.from(bytes);
  return encoding !== undefined && encoding !== "buffer" ? buffer.toString(getEncoding(encoding)) : buffer;
}

// A Gathered digest is what Hash and Hmac share: a state, and data it has not
// seen yet.
abstract class Gathered {
  protected state: ArrayBuffer | undefined;
  protected finalized = false;
  private parts: Uint8Array[] = [];
  private size = 0;

  protected abstract step(data: Uint8Array): ArrayBuffer;

  update(data: any, encoding?: string): this {
    if (this.finalized) throw finalizedError();
    const bytes = bytesOf(data, "data", encoding);
    // The caller may change its own buffer before the digest is taken.
    this.parts.push(typeof data === "string" ? bytes : bytes.slice());
    this.size += bytes.length;
    if (this.size > gatherLimit) this.state = this.step(this.take());
    return this;
  }

  protected take(): Uint8Array {
    const data = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
    this.parts = [];
    this.size = 0;
    return data;
  }

  protected copyTo(other: Gathered): void {
    other.state = this.state;
    other.parts = this.parts.slice();
    other.size = this.size;
  }
}

function finalizedError(): Error {
  return codedError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
}

interface HashOptions {
  outputLength?: number;
}

class HashImpl extends Gathered {
  #algorithm: string;

  constructor(algorithm: string, options?: HashOptions) {
    super();
    checkString(algorithm, "algorithm");
    this.#algorithm = digestName(algorithm);
    const size = nodeHost.nodeHashSize(this.#algorithm);
    if (size === 0) throw new Error("Digest method not supported");
    const wanted = options?.outputLength;
    if (wanted === undefined) return;
    checkInteger(wanted, "options.outputLength", 0, 2 ** 32 - 1);
    if (wanted !== size) throw new Error("Unsupported state or unable to change the length of this digest");
  }

  protected step(data: Uint8Array): ArrayBuffer {
    return nodeHost.nodeHashUpdate(this.#algorithm, this.state, data);
  }

  copy(options?: HashOptions): HashImpl {
    if (this.finalized) throw finalizedError();
    const copy = new HashImpl(this.#algorithm, options);
    this.copyTo(copy);
    return copy;
  }

  digest(encoding?: string): any {
    if (this.finalized) throw finalizedError();
    this.finalized = true;
    return output(nodeHost.nodeHashDigest(this.#algorithm, this.state, this.take()), encoding);
  }
}

class HmacImpl extends Gathered {
  #algorithm: string;
  #key: Uint8Array;

  constructor(algorithm: string, key: any, options?: { encoding?: string }) {
    super();
    checkString(algorithm, "hmac");
    this.#key = keyBytes(key, options?.encoding);
    this.#algorithm = digestName(algorithm);
    if (nodeHost.nodeHashSize(this.#algorithm) === 0) throw new Error("Digest method not supported");
  }

  protected step(data: Uint8Array): ArrayBuffer {
    return nodeHost.nodeHmacUpdate(this.#algorithm, this.state, data, this.#key);
  }

  digest(encoding?: string): any {
    if (this.finalized) return encoding && encoding !== "buffer" ? "" : Buffer.alloc(0);
    this.finalized = true;
    return output(nodeHost.nodeHmacDigest(this.#algorithm, this.state, this.take(), this.#key), encoding);
  }
}

function keyBytes(key: any, encoding?: string): Uint8Array {
  if (typeof key === "string" || ArrayBuffer.isView(key)) return bytesOf(key, "key", encoding).slice();
  if (key instanceof ArrayBuffer) return new Uint8Array(key.slice(0));
  throw invalidArgType("key", ["ArrayBuffer", "Buffer", "ArrayBufferView", "string", "KeyObject", "CryptoKey"], key);
}

// Old code calls the classes without new.
function callable<C extends new (...args: any[]) => object>(name: string, Class: C): C {
  const fn = function (...args: any[]) {
    return new Class(...args);
  };
  fn.prototype = Class.prototype;
  Object.defineProperty(fn, "name", { value: name, configurable: true });
  Object.defineProperty(Class.prototype, "constructor", { value: fn, writable: true, configurable: true });
  return fn as unknown as C;
}

export const Hash = callable("Hash", HashImpl);
export const Hmac = callable("Hmac", HmacImpl);

export function createHash(algorithm: string, options?: HashOptions): HashImpl {
  return new HashImpl(algorithm, options);
}

export function createHmac(algorithm: string, key: any, options?: { encoding?: string }): HmacImpl {
  return new HmacImpl(algorithm, key, options);
}

// hash digests at once.
export function hash(algorithm: string, data: any, encoding = "hex"): any {
  checkString(algorithm, "algorithm");
  checkString(encoding, "outputEncoding");
  return createHash(algorithm).update(data).digest(encoding);
}
