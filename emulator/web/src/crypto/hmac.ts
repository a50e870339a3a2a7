// HMAC, Web Cryptography API section 29.

import { host } from "../host";
import {
  blockBits, copyOf, dataError, hashName, isBytes, notSupported, operationError, required,
  type Bytes, type Format, type JsonWebKey, type Scheme,
} from "./algorithm";
import { checkUsages, makeKey, materialOf, type CryptoKey } from "./key";
import { decodeBase64url, exportSecret } from "./secret";

const usagesOf = (operation: string, usages: string[]) => checkUsages(operation, "HMAC", usages, ["sign", "verify"]);

function make(material: ArrayBuffer, hash: string, length: number, extractable: boolean, usages: string[], operation: string): CryptoKey {
  const algorithm = { name: "HMAC", hash: { name: hash }, length };
  return makeKey({ type: "secret", material, algorithm, extractable, usages: usagesOf(operation, usages) });
}

const jwkName = (hash: string) => `HS${hash.slice("SHA-".length)}`;

function copyRaw(format: Format, data: Bytes | JsonWebKey): ArrayBuffer {
  if (format === "raw" && isBytes(data)) return copyOf(data);
  throw notSupported(`Unrecognized key import format "${format}".`);
}

function fromJWK(jwk: JsonWebKey, alg: string): ArrayBuffer {
  if (jwk.kty !== "oct") {
    throw dataError(
      `HMAC "jwk" key import requires a JSON Web Key with Key Type parameter ("kty") equal to "oct" (encountered "${jwk.kty}").`,
    );
  }
  const bytes = decodeBase64url(jwk.k);
  if (bytes === undefined) throw dataError('HMAC "jwk" key import requires a base64Url encoding of the key');
  if (jwk.alg !== undefined && jwk.alg !== alg) {
    throw dataError(
      `HMAC "jwk" key import specifies "alg" that is incompatible with the hash name (encountered "${jwk.alg}", expected "${alg}").`,
    );
  }
  return bytes;
}

export const hmac: Scheme = {
  generate(params, extractable, usages) {
    const hash = hashName(required(params, "hash"));
    const length = params.length ?? blockBits(hash);
    if (length === 0) throw operationError("HMAC key length must be a non-zero unsigned long integer (requested 0).");
    const material = new Uint8Array(Math.ceil(length / 8));
    host.randomFill(material);
    return make(material.buffer, hash, length, extractable, usages, "generate");
  },
  import(format, data, params, extractable, usages) {
    usagesOf("import secret", usages);
    const hash = hashName(required(params, "hash"));
    const material = format === "jwk" && !isBytes(data) ? fromJWK(data, jwkName(hash)) : copyRaw(format, data);
    const length = params.length ?? material.byteLength * 8;
    if (length === 0 || length > material.byteLength * 8 || length <= material.byteLength * 8 - 8) {
      throw dataError(`Imported HMAC key length (${length}) must be a non-zero value up to 7 bits less than, and no greater than, the bit length of the raw key data (${material.byteLength * 8}).`);
    }
    return make(material, hash, length, extractable, usages, "import secret");
  },
  export(format, key) {
    if (format !== "raw" && format !== "jwk") throw notSupported(`Unimplemented key export format "${format}".`);
    return exportSecret(format, key, jwkName(key.algorithm.hash!.name));
  },
  sign(_params, key, data) {
    return host.hmac(key.algorithm.hash!.name, materialOf(key), data);
  },
  verify(_params, key, signature, data) {
    const wanted = host.hmac(key.algorithm.hash!.name, materialOf(key), data);
    return wanted.byteLength === signature.byteLength && host.timingSafeEqual(wanted, signature);
  },
};
