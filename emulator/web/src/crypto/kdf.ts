// PBKDF2 and HKDF, Web Cryptography API sections 31 and 32.

import { DOMException } from "../domexception";
import { host } from "../host";
import {
  copyOf, hashName, isBytes, notSupported, operationError, required, type Scheme,
} from "./algorithm";
import { checkUsages, makeKey, materialOf } from "./key";

function source(name: string): Pick<Scheme, "import"> {
  return {
    import(format, data, _params, extractable, usages) {
      const checked = checkUsages("import secret", name, usages, ["deriveKey", "deriveBits"]);
      if (extractable) throw new DOMException(`${name} key cannot be extractable.`, "SyntaxError");
      if (format !== "raw" || !isBytes(data)) {
        throw notSupported(`${name} key must be imported in "raw" format (requested "${format}").`);
      }
      return makeKey({ type: "secret", material: copyOf(data), algorithm: { name }, extractable, usages: checked });
    },
  };
}

function wholeBytes(name: string, bits: number | null): number {
  if (bits === null) throw operationError(`${name} cannot derive a key with null length.`);
  if (bits % 8 !== 0) {
    throw operationError(`${name} requires a derived key length that is a multiple of eight (requested ${bits}).`);
  }
  return bits / 8;
}

export const pbkdf2: Scheme = {
  ...source("PBKDF2"),
  derive(params, key, bits) {
    const hash = hashName(required(params, "hash"));
    const salt = required(params, "salt");
    const iterations = Number(required(params, "iterations"));
    if (iterations <= 0) throw operationError(`PBKDF2 requires a positive iteration count (requested ${iterations}).`);
    const length = wholeBytes("PBKDF2", bits);
    return length === 0 ? new ArrayBuffer(0) : host.pbkdf2(hash, materialOf(key), salt, iterations, length);
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
