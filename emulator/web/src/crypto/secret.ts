// Secret keys: how those of HMAC and AES come in and go out.

import { copyOf, dataError, isBytes, jwkOf, notSupported, type Bytes, type Format, type JsonWebKey } from "./algorithm";
import { materialOf, type CryptoKey } from "./key";

interface Expected {
  alg: (bits: number) => string;
  use: string;
  usages: readonly string[];
}

// importSecret gives the bytes of a raw or JSON Web Key.
export function importSecret(format: Format, data: Bytes | JsonWebKey, expected: Expected): ArrayBuffer {
  if (format === "raw") {
    if (isBytes(data)) return copyOf(data);
  } else if (format === "jwk") {
    if (!isBytes(data)) return fromJWK(data, expected);
  }
  throw notSupported(`Unrecognized key import format "${format}".`);
}

function fromJWK(jwk: JsonWebKey, { alg, use, usages }: Expected): ArrayBuffer {
  if (jwk.kty !== "oct") {
    throw dataError(
      'Symmetric "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to "oct" ' +
        `(encountered "${jwk.kty}").`,
    );
  }
  const bytes = decodeBase64url(jwk.k);
  if (bytes === undefined) throw dataError('Symmetric "jwk" key import requires a base64Url encoding of the key.');
  const wanted = alg(bytes.byteLength * 8);
  if (jwk.alg !== undefined && jwk.alg !== wanted) {
    throw dataError(`Symmetric "jwk" key contains invalid "alg" value "${jwk.alg}", expected "${wanted}".`);
  }
  if (jwk.use !== undefined && jwk.use !== use) {
    throw dataError(`Symmetric "jwk" key must have a "use" of "${use}", not "${jwk.use}".`);
  }
  const missing = jwk.key_ops && usages.find((usage) => !jwk.key_ops!.includes(usage));
  if (missing !== undefined) throw dataError(`"jwk" key missing usage "${missing}", in "key_ops".`);
  return bytes;
}

// decodeBase64url gives the bytes of a member, undefined when it has none.
export function decodeBase64url(k: unknown): ArrayBuffer | undefined {
  try {
    return Uint8Array.fromBase64(k as string, { alphabet: "base64url" }).buffer as ArrayBuffer;
  } catch {
    return undefined;
  }
}

// exportSecret is the inverse of importSecret, for its formats.
export function exportSecret(format: Format, key: CryptoKey, alg: string): ArrayBuffer | JsonWebKey {
  if (format === "raw") return materialOf(key).slice(0);
  const k = new Uint8Array(materialOf(key)).toBase64({ alphabet: "base64url", omitPadding: true });
  return jwkOf({ kty: "oct", k, alg, key_ops: [...key.usages], ext: key.extractable });
}
