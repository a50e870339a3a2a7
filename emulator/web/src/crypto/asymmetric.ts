// Keys in pairs: elliptic curves, Edwards curves and RSA. They differ in what
// they may be used for and in how they sign; the rest is here.

import { host } from "../host";
import {
  byteLength, copyOf, dataError, hashName, isBytes, notSupported, operationError, required,
  type Bytes, type Format, type JsonWebKey, type Params, type Scheme,
} from "./algorithm";
import { checkUsages, makeKey, materialOf, type CryptoKey, type KeyAlgorithm, type KeyType, type Usage } from "./key";

interface Family {
  name: string;
  // The usages of each half.
  usages: { public: Usage[]; private: Usage[] };
  // What to generate: a kind and, for RSA, its size.
  kind(params: Params): [kind: string, bits: number];
  // The algorithm of a key of that kind, or an error when it is of another.
  algorithm(kind: string[], params: Params): KeyAlgorithm;
}

function pair(family: Family): Pick<Scheme, "generate" | "import" | "export"> {
  const { name } = family;
  const make = (
    type: "private" | "public", material: ArrayBuffer, params: Params, extractable: boolean, usages: Usage[],
  ): CryptoKey => {
    const kind = host.keyKind(material, type === "private");
    if (kind === undefined) throw dataError(`Invalid ${type} key for "${name}".`);
    return makeKey({ type, material, algorithm: family.algorithm(kind, params), extractable, usages });
  };
  return {
    generate(params, extractable, usages) {
      const all = [...family.usages.public, ...family.usages.private];
      const wanted = checkUsages("generate", name, usages, all);
      const [kind, bits] = family.kind(params);
      const material = host.generateKey(kind, bits);
      const of = (type: "public" | "private") => wanted.filter((usage) => family.usages[type].includes(usage));
      return {
        publicKey: make("public", host.publicKey(material), params, true, of("public")),
        privateKey: make("private", material, params, extractable, of("private")),
      };
    },
    import(format, data, params, extractable, usages) {
      const [type, material] = readKey(name, format, data, params);
      return make(type, material, params, extractable, checkUsages("import", name, usages, family.usages[type]));
    },
    export(format, key) {
      return writeKey(format, key);
    },
  };
}

function readKey(name: string, format: Format, data: Bytes | JsonWebKey, params: Params): ["private" | "public", ArrayBuffer] {
  if (format === "jwk" && !isBytes(data)) {
    const material = host.keyFromJWK(JSON.stringify(data));
    if (material === undefined) throw dataError(`Invalid JSON Web Key for "${name}".`);
    return [data.d === undefined ? "public" : "private", material];
  }
  if (!isBytes(data)) throw notSupported(`Unrecognized key import format "${format}".`);
  if (format === "pkcs8") return ["private", copyOf(data)];
  if (format === "spki") return ["public", copyOf(data)];
  if (format !== "raw" || name.startsWith("RSA")) throw notSupported(`Unrecognized key import format "${format}".`);
  const material = host.keyFromRaw(params.namedCurve ?? name, data);
  if (material === undefined) throw dataError(`Invalid raw ${name} key of ${byteLength(data)} bytes.`);
  return ["public", material];
}

function writeKey(format: Format, key: CryptoKey): ArrayBuffer | JsonWebKey {
  const { type } = key;
  if (format === "jwk") {
    const jwk = JSON.parse(host.keyToJWK(materialOf(key), type === "private")) as JsonWebKey;
    const alg = jwkAlgorithm(key.algorithm);
    return { ...jwk, ...(alg && { alg }), key_ops: [...key.usages], ext: key.extractable };
  }
  if ((format === "pkcs8" && type === "private") || (format === "spki" && type === "public")) return materialOf(key).slice(0);
  if (format === "raw" && type === "public" && !key.algorithm.name.startsWith("RSA")) return host.keyToRaw(materialOf(key));
  throw wrongExport(format, type);
}

function wrongExport(format: Format, type: KeyType): Error {
  return notSupported(`Unrecognized or unsupported export of "${format}" requested for a ${type} key.`);
}

function jwkAlgorithm({ name, hash }: KeyAlgorithm): string | undefined {
  const size = hash?.name === "SHA-1" ? "1" : hash?.name.slice("SHA-".length);
  if (name === "RSASSA-PKCS1-v1_5") return `RS${size}`;
  if (name === "RSA-PSS") return `PS${size}`;
  if (name === "RSA-OAEP") return size === "1" ? "RSA-OAEP" : `RSA-OAEP-${size}`;
  return undefined;
}

// ---- elliptic curves ----

const curves = ["P-256", "P-384", "P-521"];

function curve(params: Params): string {
  const name = required(params, "namedCurve");
  if (!curves.includes(name)) throw notSupported(`Unrecognized or unimplemented EC curve "${name}" requested.`);
  return name;
}

function onCurve(name: string): Pick<Family, "kind" | "algorithm"> {
  return {
    kind: (params) => [curve(params), 0],
    algorithm: ([kind], params) => {
      const namedCurve = curve(params);
      if (kind !== namedCurve) throw dataError(`Key is not on curve "${namedCurve}".`);
      return { name, namedCurve };
    },
  };
}

const signUsages: Family["usages"] = { public: ["verify"], private: ["sign"] };
const deriveUsages: Family["usages"] = { public: [], private: ["deriveKey", "deriveBits"] };

function signed(signature: ArrayBuffer | undefined): ArrayBuffer {
  if (signature === undefined) throw operationError("Signing failed.");
  return signature;
}

function signing(scheme: string, hash: (params: Params, key: CryptoKey) => string): Pick<Scheme, "sign" | "verify"> {
  return {
    sign: (params, key, data) => signed(host.sign(scheme, hash(params, key), materialOf(key), data, params.saltLength ?? 0)),
    verify: (params, key, signature, data) =>
      host.verify(scheme, hash(params, key), materialOf(key), signature, data, params.saltLength ?? 0),
  };
}

export const ecdsa: Scheme = {
  ...pair({ name: "ECDSA", usages: signUsages, ...onCurve("ECDSA") }),
  ...signing("ECDSA", (params) => hashName(required(params, "hash"))),
};

function agreement(params: Params, key: CryptoKey, bits: number | null): ArrayBuffer {
  const other = required(params, "public");
  if (other.type !== "public") throw new TypeError("The provided key has type that is not public.");
  const secret = host.agree(materialOf(key), materialOf(other));
  if (secret === undefined) throw operationError("Failed to derive a shared secret from these keys.");
  if (bits === null) return secret;
  if (bits > secret.byteLength * 8) throw operationError(`Derived key length (${bits}) is too long (should be at most ${secret.byteLength * 8}).`);
  const cut = new Uint8Array(secret.slice(0, Math.ceil(bits / 8)));
  if (bits % 8 !== 0) cut[cut.length - 1]! &= 0xff << (8 - (bits % 8));
  return cut.buffer;
}

export const ecdh: Scheme = {
  ...pair({ name: "ECDH", usages: deriveUsages, ...onCurve("ECDH") }),
  derive: agreement,
};

function edwards(name: string): Pick<Family, "kind" | "algorithm"> {
  return {
    kind: () => [name, 0],
    algorithm: ([kind]) => {
      if (kind !== name) throw dataError(`Key is not an ${name} key.`);
      return { name };
    },
  };
}

export const ed25519: Scheme = {
  ...pair({ name: "Ed25519", usages: signUsages, ...edwards("Ed25519") }),
  ...signing("Ed25519", () => ""),
};

export const x25519: Scheme = {
  ...pair({ name: "X25519", usages: deriveUsages, ...edwards("X25519") }),
  derive: agreement,
};

// ---- RSA ----

function rsaFamily(name: string, usages: Family["usages"]): Family {
  return {
    name,
    usages,
    kind(params) {
      const bits = Number(required(params, "modulusLength"));
      if (bits < 256 || bits > 16384) {
        throw operationError(`The modulus length must be between 256 and 16384 bits (requested ${bits}).`);
      }
      const exponent = [...required(params, "publicExponent")].reduce((n, byte) => n * 256 + byte, 0);
      if (exponent !== 65537) throw operationError("The \"publicExponent\" must be 65537.");
      return ["RSA", bits];
    },
    algorithm([kind, bits, exponent], params) {
      if (kind !== "RSA") throw dataError("Key is not an RSA key.");
      return {
        name,
        modulusLength: Number(bits),
        publicExponent: Uint8Array.fromHex(exponent!),
        hash: { name: hashName(required(params, "hash")) },
      };
    },
  };
}

const ownHash = (_params: Params, key: CryptoKey) => key.algorithm.hash!.name;

export const rsaPKCS1: Scheme = {
  ...pair(rsaFamily("RSASSA-PKCS1-v1_5", signUsages)),
  ...signing("RSASSA-PKCS1-v1_5", ownHash),
};

export const rsaPSS: Scheme = {
  ...pair(rsaFamily("RSA-PSS", signUsages)),
  ...signing("RSA-PSS", ownHash),
};

function oaep(encrypt: boolean, params: Params, key: CryptoKey, data: Bytes): ArrayBuffer {
  const label = params.label ?? new Uint8Array(0);
  const result = host.rsaOAEP(encrypt, key.algorithm.hash!.name, materialOf(key), label, data);
  if (result === undefined) throw operationError(`RSA-OAEP failed to ${encrypt ? "encrypt" : "decrypt"}.`);
  return result;
}

export const rsaOAEP: Scheme = {
  ...pair(rsaFamily("RSA-OAEP", { public: ["encrypt", "wrapKey"], private: ["decrypt", "unwrapKey"] })),
  encrypt: (params, key, data) => oaep(true, params, key, data),
  decrypt: (params, key, data) => oaep(false, params, key, data),
};
