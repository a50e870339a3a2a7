// What the methods of SubtleCrypto take, and the words for anything else.

import { wrongArgument } from "../brand";
import { isBytes } from "./algorithm";
import { isKey } from "./key";

const isObject = (value: unknown) => typeof value === "object" && value !== null;

/** Types that not every value is of, or can be made one of. */
const types: Record<string, (value: unknown) => boolean> = {
  Array: Array.isArray,
  BufferSource: isBytes,
  "BufferSource or JsonWebKey": isObject,
  CryptoKey: isKey,
};

const parameters = {
  digest: ["string or HashAlgorithm", "BufferSource"],
  encrypt: ["string or EncryptAlgorithm", "CryptoKey", "BufferSource"],
  decrypt: ["string or EncryptAlgorithm", "CryptoKey", "BufferSource"],
  sign: ["string or SignAlgorithm", "CryptoKey", "BufferSource"],
  verify: ["string or SignAlgorithm", "CryptoKey", "BufferSource", "BufferSource"],
  generateKey: ["string or GenerateKeyAlgorithm", "boolean", "Array"],
  importKey: ["string", "BufferSource or JsonWebKey", "string or ImportKeyAlgorithm", "boolean", "Array"],
  exportKey: ["string", "CryptoKey"],
  deriveBits: ["string or DeriveKeyAlgorithm", "CryptoKey"],
  deriveKey: ["string or DeriveKeyAlgorithm", "CryptoKey", "string or ImportKeyAlgorithm", "boolean", "Array"],
  wrapKey: ["string", "CryptoKey", "CryptoKey", "string or EncryptAlgorithm"],
  unwrapKey: ["string", "BufferSource", "CryptoKey", "string or EncryptAlgorithm", "string or ImportKeyAlgorithm", "boolean", "Array"],
  timingSafeEqual: ["BufferSource", "BufferSource"],
};

/** Refuses what a method cannot take. */
export function checkArguments(method: keyof typeof parameters, given: ArrayLike<unknown>): void {
  parameters[method].forEach((type, i) => {
    if (i >= given.length || types[type]?.(given[i]) === false) throw wrongArgument(method, "SubtleCrypto", i + 1, type);
  });
}
