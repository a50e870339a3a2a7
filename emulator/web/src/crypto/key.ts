// CryptoKey, Web Cryptography API section 13.

import { illegalConstructor } from "../brand";
import { DOMException } from "../domexception";

export type KeyType = "secret" | "private" | "public";

export interface KeyAlgorithm {
  name: string;
  hash?: { name: string };
  length?: number;
  namedCurve?: string;
  modulusLength?: number;
  publicExponent?: Uint8Array;
}

export const allUsages = [
  "encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey",
] as const;
export type Usage = (typeof allUsages)[number];

interface Init {
  type: KeyType;
  material: ArrayBuffer;
  algorithm: KeyAlgorithm;
  extractable: boolean;
  usages: readonly Usage[];
}

const making = Symbol("making");

export let makeKey: (init: Init) => CryptoKey;
// materialOf is the key itself: a secret, PKCS #8 or SubjectPublicKeyInfo.
export let materialOf: (key: CryptoKey) => ArrayBuffer;
export let isKey: (value: unknown) => value is CryptoKey;

export class CryptoKey {
  #material: ArrayBuffer;
  declare readonly type: KeyType;
  declare readonly extractable: boolean;
  declare readonly algorithm: KeyAlgorithm;
  declare readonly usages: Usage[];

  static {
    makeKey = (init) => new CryptoKey(making, init);
    materialOf = (key) => key.#material;
    isKey = (value): value is CryptoKey => typeof value === "object" && value !== null && #material in value;
  }

  // The members are own properties, as on the platform.
  constructor(key?: unknown, init?: Init) {
    if (key !== making || !init) throw illegalConstructor();
    const { type, material, algorithm, extractable } = init;
    this.#material = material;
    const usages = allUsages.filter((usage) => init.usages.includes(usage));
    for (const [name, value] of Object.entries({ usages, algorithm, extractable, type })) {
      Object.defineProperty(this, name, { value, enumerable: true, configurable: true });
    }
  }
}

// checkUsages refuses what a kind of key is not for.
export function checkUsages(operation: string, name: string, usages: readonly string[], allowed: readonly Usage[]): Usage[] {
  for (const usage of usages) {
    if (!(allowed as readonly string[]).includes(usage)) {
      throw new DOMException(`Attempt to ${operation} ${name} key with invalid usage "${usage}".`, "SyntaxError");
    }
  }
  return [...usages] as Usage[];
}
