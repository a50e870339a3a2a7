// Cipheriv and Decipheriv of node:crypto.

import { materialOf } from "../crypto/key";
import { DOMException } from "../domexception";
import { nodeCrypto } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { findCipher, type CipherInfo } from "./cipher_list";
import { invalidArgType, invalidArgValue, notEmulated } from "./errors";
import { createSecretKey, handle, isBytes, isWebKey } from "./key";
import { secretKeyOf } from "./key_handle";
import { Transform } from "./stream/duplex";
import { checkObject, checkString, checkUint32 } from "./validate";

const view = (bytes: any): Uint8Array =>
  bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const empty = new Uint8Array(0);
const usualTag = 16;

/** What a Cipheriv and a Decipheriv have in hand. */
abstract class Work {
  protected done = false;
  protected tag: Uint8Array | undefined;

  constructor(
    protected readonly name: string, protected readonly info: CipherInfo, protected readonly encrypt: boolean,
    protected readonly key: ArrayBuffer, protected readonly iv: Uint8Array, protected tagLength: number | undefined,
  ) {}

  protected checkOpen(): void {
    if (this.done) throw new Error("Cipher/decipher context has already been finalized");
  }

  abstract update(data: Uint8Array): ArrayBuffer;
  abstract final(): ArrayBuffer;
  abstract setAAD(data: Uint8Array): void;
  abstract setAutoPadding(pads: boolean): void;
  abstract readonly authenticates: boolean;

  setAuthTag(tag: Uint8Array): void {
    this.checkOpen();
    if (!this.authenticates) throw new Error("Cipher does not support authenticated mode");
    if (this.encrypt) throw new Error("Setting auth tag only support in decipher mode");
    if (this.tag !== undefined) throw new Error("Auth tag is already set");
    const fits = this.tagLength === undefined || this.tagLength === tag.length;
    if (!fits || this.info.mode === "gcm" && !isTagLength(tag.length)) throw new Error("Invalid authentication tag length");
    this.tag = tag.slice();
  }

  getAuthTag(): Uint8Array {
    if (!this.done) throw new Error("Auth tag is only available once cipher context has been finalized");
    if (!this.encrypt) throw new Error("Getting the auth tag is only support for cipher");
    const { tag = empty } = this;
    this.tag = undefined;
    return tag;
  }
}

// NIST SP 800-38D, section 5.2.1.2.
const isTagLength = (n: number): boolean => n === 4 || n === 8 || n >= 12 && n <= 16;

const stateSize = 42;
const pads = 1, isFinal = 2;

/** A cipher that works on what comes as it comes, and vouches for nothing. */
class Plain extends Work {
  readonly authenticates = false;
  #state = new Uint8Array(stateSize);
  #pads = pads;

  constructor(...args: ConstructorParameters<typeof Work>) {
    super(...args);
    this.#state.set(this.iv);
  }

  #step(data: Uint8Array, flags: number): ArrayBuffer {
    this.checkOpen();
    const blocks = this.info.blockSize > 1 ? this.#pads : 0;
    const out = nodeCrypto("cipher", this.name, this.encrypt, this.key, this.#state, data, blocks | flags);
    if (out === undefined) throw new Error("Authentication failed");
    return out;
  }

  update(data: Uint8Array): ArrayBuffer {
    return this.#step(data, 0);
  }

  final(): ArrayBuffer {
    const out = this.#step(empty, isFinal);
    this.done = true;
    return out;
  }

  setAAD(): void {
    this.checkOpen();
    throw new Error("Cipher does not support authenticated mode");
  }

  setAutoPadding(on: boolean): void {
    this.checkOpen();
    this.#pads = on ? pads : 0;
  }
}

/** GCM: text goes through as it comes, and is kept to make the tag of. */
class Galois extends Work {
  readonly authenticates = true;
  #aad: Uint8Array[] = [];
  #plain: Uint8Array[] = [];
  #passed = 0;

  update(data: Uint8Array): ArrayBuffer {
    this.checkOpen();
    const out = nodeCrypto("gcmStream", this.key, this.iv, this.#passed, data)!;
    this.#passed += data.length;
    this.#plain.push(this.encrypt ? data.slice() : new Uint8Array(out.slice(0)));
    return out;
  }

  final(): ArrayBuffer {
    this.checkOpen();
    if (!this.encrypt && this.tag === undefined) throw new Error("No auth tag provided");
    const tag = new Uint8Array(nodeCrypto("gcmTag", this.key, this.iv, Buffer.concat(this.#aad), Buffer.concat(this.#plain))!);
    if (this.encrypt) this.tag = tag.slice(0, this.tagLength ?? usualTag);
    else if (Buffer.compare(tag.slice(0, this.tag!.length), this.tag!) !== 0) throw new Error("Authentication failed");
    this.done = true;
    return new ArrayBuffer(0);
  }

  setAAD(data: Uint8Array): void {
    this.checkOpen();
    if (this.#passed > 0) throw new Error("Failed to set AAD");
    this.#aad.push(data.slice());
  }

  setAutoPadding(): void {
    this.checkOpen();
  }
}

/** ChaCha20-Poly1305, which takes all data at once. */
class ChaCha extends Work {
  readonly authenticates = true;
  #aad = empty;
  #updated = false;

  update(data: Uint8Array): ArrayBuffer {
    if (this.#updated) throw new Error("update() can only be invoked once on an AEAD");
    this.checkOpen();
    if (this.encrypt) {
      const sealed = new Uint8Array(nodeCrypto("chachaSeal", this.key, this.iv, this.#aad, data)!);
      this.tag = sealed.slice(data.length, data.length + this.tagLength!);
      this.#updated = true;
      return sealed.slice(0, data.length).buffer;
    }
    if (this.tag === undefined) throw new Error("No auth tag provided");
    const plain = nodeCrypto("chachaOpen", this.key, this.iv, this.#aad, data, this.tag);
    if (plain === undefined) {
      throw new DOMException(
        "Decryption failed: Incorrect key/IV or corrupted ciphertext/authentication tag provided.", "OperationError",
      );
    }
    this.#updated = true;
    return plain;
  }

  final(): ArrayBuffer {
    this.checkOpen();
    this.done = true;
    return new ArrayBuffer(0);
  }

  setAAD(data: Uint8Array): void {
    this.checkOpen();
    this.#aad = data.slice();
  }

  setAutoPadding(): void {
    this.checkOpen();
    throw new Error("Setting autopadding is not supported on AEADs");
  }
}

function workOf(algorithm: string, encrypt: boolean, key: any, iv: Uint8Array, tagLength: number | undefined): Work {
  const found = findCipher(algorithm);
  if (found === undefined) throw new Error(`Unknown or unsupported cipher: ${algorithm}`);
  if (isWebKey(key)) throw new Error("Failed to get raw secret key data");
  const { name, info, once } = found;
  const material = materialOf(key);
  if (once) {
    if (iv.length !== info.ivLength) throw new Error("Invalid initialization vector");
    if (material.byteLength !== info.keyLength || (tagLength ?? 0) > usualTag) throw new Error("Failed to initialize AEAD cipher/decipher context");
    if (tagLength === undefined && name !== "chacha20-poly1305") throw new Error(`The auth tag length is required for cipher ${algorithm}`);
    if (!name.endsWith("chacha20-poly1305")) throw notEmulated(`the cipher ${name} of node:crypto`);
    return new ChaCha(name, info, encrypt, material, iv, tagLength ?? usualTag);
  }
  if (name === "rc2-cbc") throw notEmulated("the cipher rc2-cbc of node:crypto");
  const galois = info.mode === "gcm";
  if (galois ? iv.length === 0 : iv.length !== info.ivLength) throw new Error("Invalid initialization vector");
  if (galois && tagLength !== undefined && !isTagLength(tagLength)) throw new Error("Invalid authentication tag length");
  const fits = name === "rc4" ? material.byteLength > 0 : material.byteLength === info.keyLength;
  if (!fits) throw new Error("Invalid key length");
  return new (galois ? Galois : Plain)(name, info, encrypt, material, iv, tagLength);
}

// ---- the classes ----

const work = Symbol("kHandle");

function begin(cipher: any, encrypt: boolean, algorithm: any, key: any, iv: any, options: any): void {
  checkString(algorithm, "algorithm");
  const secret = secretKeyOf(key) ?? heldKey(key);
  const vector = heldIv(iv);
  if (options.authLengthTag !== undefined) checkUint32(options.authLengthTag, "options.authLengthTag");
  cipher[work] = workOf(algorithm, encrypt, secret, vector, options.authLengthTag);
  Transform.call(cipher, options);
}

function heldKey(key: any): any {
  if (typeof key === "string" || isBytes(key)) return createSecretKey(key, "utf8")[handle];
  throw invalidArgType("key", ["string", "Buffer", "TypedArray", "DataView", "KeyObject", "CryptoKey"], key);
}

function heldIv(iv: any): Uint8Array {
  if (iv === null) return empty;
  if (typeof iv === "string") return Buffer.from(iv, "utf8");
  if (isBytes(iv)) return view(iv).slice();
  throw invalidArgType("iv", ["string", "Buffer", "TypedArray", "DataView", "null"], iv);
}

const asText = (bytes: ArrayBuffer, encoding: string | undefined): any =>
  encoding === undefined ? Buffer.from(bytes) : Buffer.from(bytes).toString(encoding);

const shared = {
  update(this: any, data: any, inputEncoding?: string, outputEncoding?: string) {
    let bytes: Uint8Array;
    if (typeof data === "string") {
      if (inputEncoding === undefined) {
        throw invalidArgValue("inputEncoding", inputEncoding, "If inputEncoding is not provided then the data must be a Buffer");
      }
      bytes = Buffer.from(data, inputEncoding);
    } else if (isBytes(data)) {
      bytes = view(data);
    } else {
      throw invalidArgType("data", ["string", "Buffer", "TypedArray", "DataView"], data);
    }
    return asText(this[work].update(bytes), outputEncoding);
  },
  final(this: any, outputEncoding?: string) {
    return asText(this[work].final(), outputEncoding);
  },
  setAAD(this: any, buffer: any, ...rest: any[]) {
    const options = rest[0] === undefined ? {} : rest[0];
    checkObject(options, "options");
    const { plaintextLength, encoding } = options as any;
    if (plaintextLength !== undefined) checkUint32(plaintextLength, "options.plaintextLength");
    if (encoding !== undefined) checkString(encoding, "options.encoding");
    if (typeof buffer === "string") this[work].setAAD(Buffer.from(buffer, encoding));
    else if (isBytes(buffer)) this[work].setAAD(view(buffer));
    return this;
  },
  setAutoPadding(this: any, autoPadding?: boolean) {
    this[work].setAutoPadding(Boolean(autoPadding));
    return this;
  },
};

const streaming = {
  _transform(this: any, chunk: any, encoding: string, callback: (error?: any) => void) {
    this.push(Buffer.from(this[work].update(typeof chunk === "string" ? Buffer.from(chunk, encoding) : view(chunk))));
    callback();
  },
  _flush(this: any, callback: (error?: any) => void) {
    let rest: ArrayBuffer;
    try {
      rest = this[work].final();
    } catch (error) {
      callback(error);
      return;
    }
    this.push(Buffer.from(rest));
    callback();
  },
};

function checkMade(made: any, Class: any, name: string): void {
  if (!(made instanceof Class)) throw new TypeError(`Class constructor ${name} cannot be invoked without 'new'`);
}

export const Cipheriv: any = function (this: any, algorithm: any, key: any, iv: any, ...rest: any[]) {
  checkMade(this, Cipheriv, "Cipheriv");
  begin(this, true, algorithm, key, iv, rest[0] ?? {});
};
Object.setPrototypeOf(Cipheriv.prototype, Transform.prototype);
Object.setPrototypeOf(Cipheriv, Transform);
Object.assign(Cipheriv.prototype, shared, {
  getAuthTag(this: any) {
    return Buffer.from(this[work].getAuthTag());
  },
}, streaming);

export const Decipheriv: any = function (this: any, algorithm: any, key: any, iv: any, ...rest: any[]) {
  checkMade(this, Decipheriv, "Decipheriv");
  begin(this, false, algorithm, key, iv, rest[0] ?? {});
};
Object.setPrototypeOf(Decipheriv.prototype, Transform.prototype);
Object.setPrototypeOf(Decipheriv, Transform);
Object.assign(Decipheriv.prototype, shared, {
  setAuthTag(this: any, tag: any) {
    if (!isBytes(tag)) throw new TypeError("Failed to execute 'setAuthTag' on 'CipherHandle': parameter 1 is not of type 'BufferSource'.");
    this[work].setAuthTag(view(tag));
    return this;
  },
}, streaming);

export function createCipheriv(algorithm: any, key: any, iv: any, ...rest: any[]): any {
  return new Cipheriv(algorithm, key, iv, ...rest);
}

export function createDecipheriv(algorithm: any, key: any, iv: any, ...rest: any[]): any {
  return new Decipheriv(algorithm, key, iv, ...rest);
}
