// SubtleCrypto, Web Cryptography API section 14. Work is done at once, so its
// promises settle within the turn.

import { illegalConstructor } from "../brand";
import { DOMException } from "../domexception";
import { expose } from "../frame";
import { host } from "../host";
import { requireHandler } from "../scope";
import { aesCBC, aesCTR, aesGCM, aesKW } from "./aes";
import {
  blockBits, hashName, isBytes, notSupported, operationError, paramsOf, required,
  type Bytes, type Format, type JsonWebKey, type KeyPair, type Params, type Scheme,
} from "./algorithm";
import { checkArguments } from "./arguments";
import { ecdh, ecdsa, ed25519, rsaOAEP, rsaPKCS1, rsaPSS, x25519 } from "./asymmetric";
import { hmac } from "./hmac";
import { hkdf, pbkdf2 } from "./kdf";
import { CryptoKey, isKey, type Usage } from "./key";

const schemes: Record<string, Scheme> = {
  "AES-GCM": aesGCM, "AES-CBC": aesCBC, "AES-CTR": aesCTR, "AES-KW": aesKW, HMAC: hmac, PBKDF2: pbkdf2, HKDF: hkdf,
  ECDSA: ecdsa, ECDH: ecdh, Ed25519: ed25519, X25519: x25519,
  "RSASSA-PKCS1-v1_5": rsaPKCS1, "RSA-PSS": rsaPSS, "RSA-OAEP": rsaOAEP,
};

const canonical = new Map(Object.keys(schemes).map((name) => [name.toUpperCase(), name]));

function schemeOf(name: string): Scheme | undefined {
  return schemes[canonical.get(name.toUpperCase()) ?? ""];
}

type Algorithm = string | Params;

// allowed checks that a key is of an algorithm and for a usage, and gives what
// implements it.
function allowed(params: Params, key: CryptoKey, usage: Usage): Scheme {
  const { name } = key.algorithm;
  if (params.name.toUpperCase() !== name.toUpperCase()) {
    throw new DOMException(
      `Requested algorithm "${params.name}" does not match this CryptoKey's algorithm "${name}".`, "InvalidAccessError",
    );
  }
  if (!key.usages.includes(usage)) {
    throw new DOMException(
      `Requested key usage "${usage}" does not match any usage listed in this CryptoKey.`, "InvalidAccessError",
    );
  }
  return schemes[name]!;
}

function lacks(operation: string, key: CryptoKey): DOMException {
  return notSupported(`The ${operation} operation is not implemented for "${key.algorithm.name}".`);
}

function extract(format: Format, key: CryptoKey): ArrayBuffer | JsonWebKey {
  if (!key.extractable) {
    throw new DOMException(`Attempt to export non-extractable ${key.algorithm.name} key.`, "InvalidAccessError");
  }
  const scheme = schemes[key.algorithm.name];
  if (!scheme?.export) throw notSupported(`Unrecognized or unsupported export of "${key.algorithm.name}" requested.`);
  return scheme.export(format, key);
}

function importAny(
  format: Format, data: Bytes | JsonWebKey, algorithm: Algorithm, extractable: boolean, usages: string[],
): CryptoKey {
  const params = paramsOf(algorithm);
  if (format === "jwk") {
    if (isBytes(data)) throw new TypeError('Import data provided for "jwk" import format must be a JsonWebKey.');
    if (data.ext === false && extractable) {
      throw new DOMException(
        `JWK ext field for "${params.name}" is set to false but extractable is true`, "DataError",
      );
    }
  } else if (["raw", "pkcs8", "spki"].includes(format)) {
    if (!isBytes(data)) {
      throw new TypeError('Import data provided for "raw", "pkcs8", or "spki" import formats must be a buffer source.');
    }
  } else {
    throw notSupported(`Unrecognized key import format "${format}".`);
  }
  const scheme = schemeOf(params.name);
  if (!scheme?.import) throw notSupported(`Unrecognized key import algorithm "${params.name}" requested.`);
  const key = scheme.import(format, data, params, !!extractable, usages);
  if (key.usages.length === 0 && key.type !== "public") throw noUsage();
  return key;
}

/** What importKey and exportKey do, at once. */
export { importAny as importNow, extract as exportNow };

function noUsage(): DOMException {
  return new DOMException("Secret/private CryptoKeys must have at least one usage.", "SyntaxError");
}

// The number of bits a derived key needs, or null where any number will do.
function derivedBits(params: Params): number | null {
  const name = canonical.get(params.name.toUpperCase());
  if (name === "HKDF" || name === "PBKDF2") return null;
  if (name === "HMAC") {
    if (params.length === 0) throw new TypeError("HMAC key length must be a non-zero unsigned long integer.");
    return params.length ?? blockBits(hashName(required(params, "hash", "derivedKeyParams")));
  }
  if (!name?.startsWith("AES-")) throw notSupported(`Unrecognized derived key type "${params.name}" requested.`);
  const length = required(params, "length", "derivedKeyParams");
  if ([128, 192, 256].includes(length)) return length;
  throw operationError(`Derived AES key must be 128, 192, or 256 bits in length but provided ${length}.`);
}

function derive(algorithm: Algorithm, key: CryptoKey, usage: Usage, bits: number | null): ArrayBuffer {
  const params = paramsOf(algorithm);
  const scheme = allowed(params, key, usage);
  if (scheme.derive) return scheme.derive(params, key, bits);
  throw notSupported(`The deriveKey and deriveBits operations are not implemented for "${key.algorithm.name}".`);
}

const making = Symbol("making");

export class SubtleCrypto {
  constructor(key?: unknown) {
    if (key !== making) throw illegalConstructor();
  }

  async digest(algorithm: Algorithm, data: Bytes): Promise<ArrayBuffer> {
    checkArguments("digest", arguments);
    return host.digest(hashName(algorithm), data);
  }

  async encrypt(algorithm: Algorithm, key: CryptoKey, data: Bytes): Promise<ArrayBuffer> {
    checkArguments("encrypt", arguments);
    const params = paramsOf(algorithm);
    const scheme = allowed(params, key, "encrypt");
    if (!scheme.encrypt) throw lacks("encrypt", key);
    return scheme.encrypt(params, key, data);
  }

  async decrypt(algorithm: Algorithm, key: CryptoKey, data: Bytes): Promise<ArrayBuffer> {
    checkArguments("decrypt", arguments);
    const params = paramsOf(algorithm);
    const scheme = allowed(params, key, "decrypt");
    if (!scheme.decrypt) throw lacks("decrypt", key);
    return scheme.decrypt(params, key, data);
  }

  async sign(algorithm: Algorithm, key: CryptoKey, data: Bytes): Promise<ArrayBuffer> {
    checkArguments("sign", arguments);
    const params = paramsOf(algorithm);
    const scheme = allowed(params, key, "sign");
    if (!scheme.sign) throw lacks("sign", key);
    return scheme.sign(params, key, data);
  }

  async verify(algorithm: Algorithm, key: CryptoKey, signature: Bytes, data: Bytes): Promise<boolean> {
    checkArguments("verify", arguments);
    const params = paramsOf(algorithm);
    const scheme = allowed(params, key, "verify");
    if (!scheme.verify) throw lacks("verify", key);
    return scheme.verify(params, key, signature, data);
  }

  async generateKey(algorithm: Algorithm, extractable: boolean, usages: string[]): Promise<CryptoKey | KeyPair> {
    checkArguments("generateKey", arguments);
    requireHandler();
    const params = paramsOf(algorithm);
    const scheme = schemeOf(params.name);
    if (!scheme?.generate) throw notSupported(`Unrecognized key generation algorithm "${params.name}" requested.`);
    const made = scheme.generate(params, !!extractable, [...usages]);
    if (isKey(made)) {
      if (made.usages.length === 0) throw noUsage();
    } else if (made.privateKey.usages.length === 0) {
      throw new DOMException("Attempt to generate asymmetric keys with no valid private key usages.", "SyntaxError");
    }
    return made;
  }

  async importKey(
    format: Format, data: Bytes | JsonWebKey, algorithm: Algorithm, extractable: boolean, usages: string[],
  ): Promise<CryptoKey> {
    checkArguments("importKey", arguments);
    return importAny(format, data, algorithm, extractable, [...usages]);
  }

  async exportKey(format: Format, key: CryptoKey): Promise<ArrayBuffer | JsonWebKey> {
    checkArguments("exportKey", arguments);
    return extract(format, key);
  }

  async deriveBits(algorithm: Algorithm, key: CryptoKey, length?: number | null): Promise<ArrayBuffer> {
    checkArguments("deriveBits", arguments);
    return derive(algorithm, key, "deriveBits", length ?? null);
  }

  async deriveKey(
    algorithm: Algorithm, key: CryptoKey, derived: Algorithm, extractable: boolean, usages: string[],
  ): Promise<CryptoKey> {
    checkArguments("deriveKey", arguments);
    const params = paramsOf(derived);
    const secret = derive(algorithm, key, "deriveKey", derivedBits(params));
    return importAny("raw", secret, params, extractable, [...usages]);
  }

  async wrapKey(format: Format, key: CryptoKey, wrapping: CryptoKey, algorithm: Algorithm): Promise<ArrayBuffer> {
    checkArguments("wrapKey", arguments);
    const params = paramsOf(algorithm);
    const scheme = allowed(params, wrapping, "wrapKey");
    const exported = extract(format, key);
    const bytes = isBytes(exported) ? exported : host.utf8Encode(JSON.stringify(exported));
    if (scheme.wrap) return scheme.wrap(wrapping, bytes);
    if (scheme.encrypt) return scheme.encrypt(params, wrapping, bytes);
    throw lacks("wrapKey", wrapping);
  }

  async unwrapKey(
    format: Format, wrapped: Bytes, unwrapping: CryptoKey, algorithm: Algorithm, keyAlgorithm: Algorithm,
    extractable: boolean, usages: string[],
  ): Promise<CryptoKey> {
    checkArguments("unwrapKey", arguments);
    const params = paramsOf(algorithm);
    const scheme = allowed(params, unwrapping, "unwrapKey");
    const unwrap = scheme.unwrap
      ? scheme.unwrap(unwrapping, wrapped)
      : scheme.decrypt?.(params, unwrapping, wrapped);
    if (unwrap === undefined) throw lacks("unwrapKey", unwrapping);
    return importAny(format, format === "jwk" ? jwkOf(unwrap) : unwrap, keyAlgorithm, extractable, [...usages]);
  }

  timingSafeEqual(a: Bytes, b: Bytes): boolean {
    checkArguments("timingSafeEqual", arguments);
    if (a.byteLength !== b.byteLength) {
      throw new TypeError("Input buffers must have the same byte length.");
    }
    return host.timingSafeEqual(a, b);
  }
}

function jwkOf(bytes: ArrayBuffer): JsonWebKey {
  try {
    const jwk = JSON.parse(host.utf8Decode(bytes, true) ?? "");
    if (typeof jwk?.kty === "string") return jwk;
  } catch {
    // Told below.
  }
  throw new DOMException('Missing "kty" field or corrupt JSON unwrapping key?', "DataError");
}

expose("CryptoKey", CryptoKey);
expose("SubtleCrypto", SubtleCrypto);

export const subtle = new SubtleCrypto(making);
