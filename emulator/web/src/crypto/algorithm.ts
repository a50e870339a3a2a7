// What algorithms have in common: how they are named and asked for, and what
// an implementation of one can do.

import { DOMException } from "../domexception";
import type { Bytes } from "../host/crypto";
import type { CryptoKey, Usage } from "./key";

export interface Params {
  name: string;
  hash?: string | { name: string };
  length?: number;
  iv?: Bytes;
  additionalData?: Bytes;
  tagLength?: number;
  counter?: Bytes;
  salt?: Bytes;
  info?: Bytes;
  iterations?: number;
  namedCurve?: string;
  modulusLength?: number;
  publicExponent?: Uint8Array;
  public?: CryptoKey;
  label?: Bytes;
  saltLength?: number;
  compressed?: boolean;
}

export interface JsonWebKey {
  kty?: string;
  use?: string;
  key_ops?: string[];
  alg?: string;
  ext?: boolean;
  crv?: string;
  k?: string;
  d?: string;
  [member: string]: unknown;
}

export type Format = "raw" | "raw-secret" | "pkcs8" | "spki" | "jwk";

export interface KeyPair {
  publicKey: CryptoKey;
  privateKey: CryptoKey;
}

// A Scheme implements one algorithm; what it lacks, the algorithm cannot do.
export interface Scheme {
  generate?(params: Params, extractable: boolean, usages: string[]): CryptoKey | KeyPair;
  import?(format: Format, data: Bytes | JsonWebKey, params: Params, extractable: boolean, usages: string[]): CryptoKey;
  export?(format: Format, key: CryptoKey): ArrayBuffer | JsonWebKey;
  encrypt?(params: Params, key: CryptoKey, data: Bytes): ArrayBuffer;
  decrypt?(params: Params, key: CryptoKey, data: Bytes): ArrayBuffer;
  wrap?(key: CryptoKey, data: Bytes): ArrayBuffer;
  unwrap?(key: CryptoKey, data: Bytes): ArrayBuffer;
  sign?(params: Params, key: CryptoKey, data: Bytes): ArrayBuffer;
  verify?(params: Params, key: CryptoKey, signature: Bytes, data: Bytes): boolean;
  // A length of null asks for as many bits as there are.
  derive?(params: Params, key: CryptoKey, bits: number | null): ArrayBuffer;
}

const hashes = ["SHA-1", "SHA-256", "SHA-384", "SHA-512", "MD5"];

// The size of a hash's block in bits, which is the size of an HMAC key.
export const blockBits = (hash: string): number => (hash === "SHA-384" || hash === "SHA-512" ? 1024 : 512);

// hashName gives the canonical name of a digest.
export function hashName(algorithm: string | { name: string } | undefined): string {
  const name = `${typeof algorithm === "object" ? algorithm.name : algorithm}`.toUpperCase();
  if (hashes.includes(name)) return name;
  throw new DOMException("Unrecognized or unimplemented digest algorithm requested.", "NotSupportedError");
}

export function paramsOf(algorithm: string | Params): Params {
  if (typeof algorithm !== "object" || algorithm === null) return { name: `${algorithm}` };
  return { ...algorithm, name: `${algorithm.name}` };
}

// required gives a member of an algorithm, or the error for its absence.
export function required<K extends keyof Params>(params: Params, member: K, where = "algorithm"): NonNullable<Params[K]> {
  const value = params[member];
  if (value === undefined || value === null) throw new TypeError(`Missing field "${member}" in "${where}".`);
  return value as NonNullable<Params[K]>;
}

// bytesMember is required for a member that is bytes.
export function bytesMember(params: Params, member: "iv", dictionary: string): Bytes {
  const value = required(params, member);
  if (isBytes(value)) return value;
  throw new TypeError(`Incorrect type for the '${member}' field on '${dictionary}': the provided value is not of type 'BufferSource'.`);
}

export function isBytes(value: unknown): value is Bytes {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

export function byteLength(bytes: Bytes): number {
  return bytes.byteLength;
}

// copyOf gives bytes as a buffer of their own.
export function copyOf(bytes: Bytes): ArrayBuffer {
  if (bytes instanceof ArrayBuffer) return bytes.slice(0);
  return (bytes.buffer as ArrayBuffer).slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

const members = [
  "kty", "use", "key_ops", "alg", "ext", "crv", "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi", "oth", "k", "pub", "priv",
];

// jwkOf gives a JSON Web Key all its members, in the platform's order; those it
// has not are undefined.
export function jwkOf(key: JsonWebKey): JsonWebKey {
  return Object.fromEntries(members.map((member) => [member, key[member]]));
}

export function invalidAccess(message: string): DOMException {
  return new DOMException(message, "InvalidAccessError");
}

export function operationError(message: string): DOMException {
  return new DOMException(message, "OperationError");
}

export function dataError(message: string): DOMException {
  return new DOMException(message, "DataError");
}

export function notSupported(message: string): DOMException {
  return new DOMException(message, "NotSupportedError");
}

export type { Bytes, CryptoKey, Usage };
