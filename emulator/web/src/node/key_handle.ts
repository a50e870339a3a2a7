// What the light part of node:crypto knows of keys: see key.ts.

import { isKey, type CryptoKey } from "../crypto/key";
import { codedError } from "./errors";

export const handle = Symbol("kHandle");

/** Whether a value is a KeyObject. */
export const isKeyObject = (value: any): boolean => value != null && typeof value === "object" && handle in value;

/** The secret key that a caller passed as a KeyObject or a CryptoKey, undefined for anything else. */
export function secretKeyOf(value: any): CryptoKey | undefined {
  const key: CryptoKey | undefined = isKeyObject(value) ? value[handle] : isKey(value) ? value : undefined;
  if (key !== undefined && key.type !== "secret") throw wrongType(key.type, "secret");
  return key;
}

export function wrongType(actual: string, expected: string): Error {
  return codedError(Error, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", `Invalid key object type ${actual}, expected ${expected}.`);
}
