// KeyObject of node:crypto: a CryptoKey and what Node.js adds to it. A key that
// was made here is for no algorithm in particular.

import { isKey, makeKey, materialOf, type CryptoKey } from "../crypto/key";
import { importNow } from "../crypto/subtle";
import { nodeCrypto, type Bytes } from "../host/node_crypto";
import { custom, inspect } from "../inspect";
import { Buffer } from "./buffer";
import { invalidArgType } from "./errors";
import { exportKey } from "./key_export";
import { handle, isKeyObject as hasHandle } from "./key_handle";
import { checkObject } from "./validate";

export { handle };

/** The kinds of keys that are made here, as they name themselves. */
export type Kind = "rsa" | "ec" | "ed25519" | "x25519" | "dsa" | "dh" | "secret";

// What Node.js calls the keys of Web Cryptography.
const webKinds: Record<string, string> = {
  "RSASSA-PKCS1-v1_5": "rsa", "RSA-PSS": "rsa", "RSA-OAEP": "rsa", ECDSA: "ec", Ed25519: "ed25519", ECDH: "ecdh", X25519: "x25519",
};

/** Whether a key is one of Web Cryptography. */
export const isWebKey = (key: CryptoKey): boolean => /^[A-Z]/.test(key.algorithm.name);

export const kindOf = (key: CryptoKey): string => webKinds[key.algorithm.name] ?? key.algorithm.name;

export const isBytes = (value: unknown): value is Bytes => value instanceof ArrayBuffer || ArrayBuffer.isView(value);

export abstract class KeyObject {
  declare [handle]: CryptoKey;

  constructor() {
    throw new Error("Illegal constructor");
  }

  static from(key: CryptoKey): KeyObject {
    if (!isKey(key)) throw invalidArgType("key", "CryptoKey", key);
    const made = Object.create(classes()[key.type].prototype);
    made[handle] = key;
    return made;
  }

  abstract get type(): string;

  export(options: any = {}): any {
    checkObject(options, "options");
    return exportKey(this[handle], this.type, options);
  }

  equals(other: any): boolean {
    if (other == null) throw new TypeError(`Cannot read properties of ${other} (reading 'Symbol(kHandle)')`);
    const [a, b] = [this[handle], other[handle]];
    if (this === other || a === b) return true;
    if (this.type !== other.type) return false;
    if (!isKey(b)) throw invalidArgType("otherKeyObject", "KeyObject", other);
    if (a.type === "secret") return Buffer.compare(new Uint8Array(materialOf(a)), new Uint8Array(materialOf(b))) === 0;
    if (isWebKey(a) !== isWebKey(b)) return false;
    return nodeCrypto("sameKey", materialOf(a), a.type === "private", materialOf(b), b.type === "private") === true;
  }

  toCryptoKey(algorithm: any, extractable: boolean, usages: string[]): CryptoKey {
    if (usages == null || typeof usages[Symbol.iterator] !== "function") throw invalidArgType("keyUsages", "Iterable", usages);
    const key = this[handle];
    const format = { secret: "raw", private: "pkcs8", public: "spki" }[key.type] as "raw";
    return importNow(format, materialOf(key), algorithm, extractable, [...usages]);
  }

  get [Symbol.toStringTag](): string {
    return "KeyObject";
  }
}

function shown(key: any, depth: number, options: any, tell: () => object): any {
  if (depth < 0) return key;
  const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
  return `${key.constructor.name} ${inspect(tell(), inner)}`;
}

abstract class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyDetails(): object {
    const key = this[handle];
    const [kind, a, b] = nodeCrypto("tellKey", materialOf(key), key.type === "private") ?? [];
    const details: Record<string, unknown> = { modulusLength: undefined, publicExponent: undefined, divisorLength: undefined, namedCurve: undefined };
    if (kind === "rsa") {
      details.modulusLength = Number(a);
      details.publicExponent = BigInt(`0x${b}`);
    } else if (kind === "dsa") {
      details.modulusLength = Number(a);
      details.divisorLength = Number(b);
    } else if (kind === "ec") {
      details.namedCurve = a;
    }
    return details;
  }

  get asymmetricKeyType(): string {
    return kindOf(this[handle]);
  }

  [custom](depth: number, options: any): any {
    return shown(this, depth, options, () => ({ type: this.asymmetricKeyType, details: this.asymmetricKeyDetails }));
  }
}

export class PublicKeyObject extends AsymmetricKeyObject {
  override export(options?: any): any {
    return super.export(options);
  }

  get type(): string {
    return "public";
  }
}

export class PrivateKeyObject extends AsymmetricKeyObject {
  override export(options?: any): any {
    return super.export(options);
  }

  get type(): string {
    return "private";
  }
}

export class SecretKeyObject extends KeyObject {
  get symmetricKeySize(): number {
    return materialOf(this[handle]).byteLength;
  }

  override export(options?: any): any {
    return super.export(options);
  }

  get type(): string {
    return "secret";
  }

  [custom](depth: number, options: any): any {
    return shown(this, depth, options, () => ({ size: this.symmetricKeySize }));
  }
}

const classes = () => ({ secret: SecretKeyObject, private: PrivateKeyObject, public: PublicKeyObject });

export const isKeyObject = (value: any): value is KeyObject => hasHandle(value);

// ---- reading ----

/** A key of bytes: a secret, PKCS #8 or SubjectPublicKeyInfo. */
export function keyOf(type: "secret" | "private" | "public", material: ArrayBuffer, kind?: string): CryptoKey {
  const name = kind ?? (type === "secret" ? "secret" : nodeCrypto("tellKey", material, type === "private")?.[0] ?? "");
  const algorithm = type === "secret" ? { name, length: material.byteLength } : { name };
  return makeKey({ type, material, algorithm, extractable: true, usages: [] });
}

export function createSecretKey(key: any, encoding?: string): KeyObject {
  if (key == null) throw invalidArgType("key", ["string", "ArrayBuffer", "TypedArray", "DataView"], key);
  if (typeof key !== "string" && !isBytes(key)) {
    throw new TypeError("Failed to execute 'createSecretKey' on 'CryptoImpl': parameter 1 is not of type 'BufferSource'.");
  }
  return KeyObject.from(keyOf("secret", copied(typeof key === "string" ? Buffer.from(key, encoding) : key)));
}

/** Bytes as a buffer of their own. */
export function copied(bytes: Bytes): ArrayBuffer {
  if (bytes instanceof ArrayBuffer) return bytes.slice(0);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
