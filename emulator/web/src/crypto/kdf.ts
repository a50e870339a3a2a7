// PBKDF2 and HKDF, Web Cryptography API sections 31 and 32.

import { host } from "../host";
import {
  copyOf, hashName, isBytes, notSupported, operationError, required, type Scheme,
} from "./algorithm";
import { checkUsages, makeKey, materialOf } from "./key";

function source(name: string): Pick<Scheme, "import"> {
  return {
    import(format, data, _params, extractable, usages) {
      if (extractable) throw new TypeError(`${name} key cannot be extractable.`);
      if (format !== "raw" || !isBytes(data)) {
        throw notSupported(`${name} only supports "raw" key import format, but requested "${format}".`);
      }
      return makeKey({
        type: "secret", material: copyOf(data), algorithm: { name }, extractable,
        usages: checkUsages("import", name, usages, ["deriveKey", "deriveBits"]),
      });
    },
  };
}

function wholeBytes(name: string, bits: number | null): number {
  if (bits === null) throw operationError(`${name} cannot derive a key with null length.`);
  if (bits === 0 || bits % 8 !== 0) {
    throw operationError(`${name} requires a derived key length that is a non-zero multiple of eight (requested ${bits}).`);
  }
  return bits / 8;
}

// More iterations would hold up the isolate for too long.
const mostIterations = 100_000;

export const pbkdf2: Scheme = {
  ...source("PBKDF2"),
  derive(params, key, bits) {
    const hash = hashName(required(params, "hash"));
    const salt = required(params, "salt");
    const iterations = Number(required(params, "iterations"));
    if (iterations === 0) throw operationError("PBKDF2 requires a positive iteration count (requested 0).");
    if (iterations > mostIterations) {
      throw notSupported(
        `Pbkdf2 failed: iteration counts above ${mostIterations} are not supported (requested ${iterations}).`,
      );
    }
    return host.pbkdf2(hash, materialOf(key), salt, iterations, wholeBytes("PBKDF2", bits));
  },
};

export const hkdf: Scheme = {
  ...source("HKDF"),
  derive(params, key, bits) {
    const hash = hashName(required(params, "hash"));
    const [salt, info] = [required(params, "salt"), required(params, "info")];
    const derived = host.hkdf(hash, materialOf(key), salt, info, wholeBytes("HKDF", bits));
    if (derived === undefined) throw operationError("HKDF deriveBits failed.");
    return derived;
  },
};
