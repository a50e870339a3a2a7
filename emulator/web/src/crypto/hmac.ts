// HMAC, Web Cryptography API section 29.

import { host } from "../host";
import { blockBits, dataError, hashName, required, type Scheme } from "./algorithm";
import { checkUsages, makeKey, materialOf, type CryptoKey } from "./key";
import { exportSecret, importSecret } from "./secret";

const usagesOf = (operation: string, usages: string[]) => checkUsages(operation, "HMAC", usages, ["sign", "verify"]);

function make(material: ArrayBuffer, hash: string, length: number, extractable: boolean, usages: string[], operation: string): CryptoKey {
  const algorithm = { name: "HMAC", hash: { name: hash }, length };
  return makeKey({ type: "secret", material, algorithm, extractable, usages: usagesOf(operation, usages) });
}

const jwkName = (hash: string) => `HS${hash.slice("SHA-".length)}`;

export const hmac: Scheme = {
  generate(params, extractable, usages) {
    const hash = hashName(required(params, "hash"));
    const length = params.length ?? blockBits(hash);
    if (length === 0) throw new TypeError("HMAC key length must be a non-zero unsigned long integer.");
    const material = new Uint8Array(Math.ceil(length / 8));
    host.randomFill(material);
    return make(material.buffer, hash, length, extractable, usages, "generate");
  },
  import(format, data, params, extractable, usages) {
    const hash = hashName(required(params, "hash"));
    const material = importSecret(format, data, { alg: () => jwkName(hash), use: "sig" });
    const length = params.length ?? material.byteLength * 8;
    if (length === 0 || length > material.byteLength * 8 || length <= material.byteLength * 8 - 8) {
      throw dataError(`Imported HMAC key length (${length}) must be a non-zero value up to 7 bits less than, and no greater than, the bit length of the raw key data (${material.byteLength * 8}).`);
    }
    return make(material, hash, length, extractable, usages, "import");
  },
  export(format, key) {
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
