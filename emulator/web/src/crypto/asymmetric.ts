// Keys in pairs: elliptic curves, Edwards curves and RSA. They differ in what
// they may be used for and in how they sign; the rest is here.

import { host } from "../host";
import {
  byteLength, copyOf, dataError, hashName, invalidAccess, isBytes, jwkOf, notSupported, operationError, required,
  type Bytes, type Format, type JsonWebKey, type Params, type Scheme,
} from "./algorithm";
import { checkUsages, makeKey, materialOf, type CryptoKey, type KeyAlgorithm, type KeyType, type Usage } from "./key";
import { decodeBase64url } from "./secret";

interface Family {
  name: string;
  // The type of its JSON Web Keys, and what is wrong with one that cannot be read.
  kty: string;
  problem(jwk: JsonWebKey): Error;
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
    if (kind === undefined) throw dataError(`Invalid ${type === "private" ? "PKCS8" : "SPKI"} input.`);
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
      const type = typeOf(format, data);
      const key = make(type, readKey(family, format, data, params), params, extractable, usages as Usage[]);
      checkUsages(`import ${type}`, name, usages, family.usages[type]);
      return key;
    },
    export(format, key) {
      return writeKey(format, key);
    },
  };
}

// typeOf tells which half of a pair comes in.
function typeOf(format: Format, data: Bytes | JsonWebKey): "private" | "public" {
  if (format === "jwk") return (data as JsonWebKey).d === undefined ? "public" : "private";
  return format === "pkcs8" ? "private" : "public";
}

function readKey({ name, kty, problem }: Family, format: Format, data: Bytes | JsonWebKey, params: Params): ArrayBuffer {
  if (format === "jwk" && !isBytes(data)) {
    if (data.kty !== kty) throw wrongType(name, data.kty);
    const material = host.keyFromJWK(JSON.stringify(data));
    if (material === undefined) throw problem(data);
    return material;
  }
  if (!isBytes(data)) throw notSupported(`Unrecognized key import format "${format}".`);
  if (format === "pkcs8" || format === "spki") return copyOf(data);
  if (format !== "raw" || name.startsWith("RSA")) throw notSupported(`Unrecognized key import format "${format}".`);
  const material = host.keyFromRaw(kty === "EC" ? curve(params) : name, data);
  if (material !== undefined) return material;
  if (kty === "EC") throw dataError("Failed to import raw EC key data: Invalid point encoding..");
  throw dataError(`${name} raw keys must be exactly 32-bytes (provided ${byteLength(data)}).`);
}

function wrongType(name: string, kty: string | undefined): Error {
  const expected = { E: "EC", R: "RSA" }[name[0]!] ?? "OKP";
  if (expected === "EC" && name !== "Ed25519") {
    return dataError(`Elliptic curve "jwk" key import requires a JSON Web Key with Key Type parameter "kty" ("${kty}") equal to "EC".`);
  }
  const type = expected === "RSA" ? "RSA" : "OKP";
  return dataError(`${type === "RSA" ? "RSA" : name} "jwk" key import${type === "RSA" ? "" : "s"} requires a JSON Web Key with Key Type parameter "kty" ("${kty}") equal to "${type}".`);
}

function writeKey(format: Format, key: CryptoKey): ArrayBuffer | JsonWebKey {
  const { type } = key;
  if (format === "jwk") {
    const jwk = JSON.parse(host.keyToJWK(materialOf(key), type === "private")) as JsonWebKey;
    const alg = jwkAlgorithm(key.algorithm);
    return jwkOf({ ...jwk, ...(alg && { alg }), key_ops: [...key.usages], ext: key.extractable });
  }
  if ((format === "pkcs8" && type === "private") || (format === "spki" && type === "public")) return materialOf(key).slice(0);
  if (format === "raw" && type === "public" && !key.algorithm.name.startsWith("RSA")) return host.keyToRaw(materialOf(key));
  throw wrongExport(format, key.algorithm.name, type);
}

function wrongExport(format: Format, name: string, type: KeyType): Error {
  if (format === "pkcs8" || format === "spki") {
    return invalidAccess(`Asymmetric ${format} export requires ${format === "spki" ? "public" : "private"} key (not "${type}").`);
  }
  if (format !== "raw" || name.startsWith("RSA")) return invalidAccess(`Cannot export "${name}" in "${format}" format.`);
  return invalidAccess(`Raw export of ${name.startsWith("EC") ? "elliptic curve" : name} keys is only allowed for public keys.`);
}

function jwkAlgorithm({ name, hash }: KeyAlgorithm): string | undefined {
  const size = hash?.name === "SHA-1" ? "1" : hash?.name.slice("SHA-".length);
  if (name === "RSASSA-PKCS1-v1_5") return `RS${size}`;
  if (name === "RSA-PSS") return `PS${size}`;
  if (name === "Ed25519") return "EdDSA";
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

function onCurve(name: string): Pick<Family, "kty" | "problem" | "kind" | "algorithm"> {
  return {
    kty: "EC",
    problem: () => operationError('Invalid EC key; public key coordinates "x" and "y" are invalid: Point is not on curve..'),
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

function callHash({ hash }: Params): NonNullable<Params["hash"]> {
  if (hash !== undefined) return hash;
  throw new TypeError(
    'Missing "hash" in AlgorithmIdentifier. (ECDSA requires that the hash algorithm be specified at call time rather than on the key. ' +
      "This differs from other WebCrypto algorithms for historical reasons.)",
  );
}

export const ecdsa: Scheme = {
  ...pair({ name: "ECDSA", usages: signUsages, ...onCurve("ECDSA") }),
  ...signing("ECDSA", (params) => hashName(callHash(params))),
};

function agreement(params: Params, key: CryptoKey, bits: number | null): ArrayBuffer {
  const other = required(params, "public", "derivedKeyParams");
  if (other.type !== "public") throw invalidAccess(`The provided key has type "${other.type}", not "public"`);
  const [mine, theirs] = [key.algorithm.name, other.algorithm.name];
  if (mine !== theirs) {
    throw invalidAccess(
      mine === "X25519"
        ? `Base X25519 private key cannot be used to derive a key from a peer ${theirs} public key`
        : `Private key for derivation is using "${mine}" while public key is using "${theirs}".`,
    );
  }
  const secret = host.agree(materialOf(key), materialOf(other));
  if (secret === undefined) throw operationError("Failed to derive a shared secret from these keys.");
  if (bits === null) return secret;
  if (bits > secret.byteLength * 8) throw operationError(`Derived key length (${bits} bits) is too long (should be at most ${secret.byteLength * 8} bits).`);
  const cut = new Uint8Array(secret.slice(0, Math.ceil(bits / 8)));
  if (bits % 8 !== 0) cut[cut.length - 1]! &= 0xff << (8 - (bits % 8));
  return cut.buffer;
}

export const ecdh: Scheme = {
  ...pair({ name: "ECDH", usages: deriveUsages, ...onCurve("ECDH") }),
  derive: agreement,
};

function edwards(name: string): Pick<Family, "kty" | "problem" | "kind" | "algorithm"> {
  return {
    kty: "OKP",
    problem: ({ crv, x }) => {
      if (crv !== name) return notSupported(`Only ${name} is supported but "${crv}" was requested.`);
      return dataError(`Invalid length ${decodeBase64url(x)?.byteLength ?? 0} for public key`);
    },
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
    kty: "RSA",
    problem: ({ n }) => dataError(
      typeof n === "string" && n !== "" ? `Invalid JSON Web Key for "${name}".` : 'Invalid RSA key in JSON Web Key; missing or invalid Modulus parameter ("n").',
    ),
    kind(params) {
      const exponent = [...required(params, "publicExponent")].reduce((n, byte) => n * 256 + byte, 0);
      const bits = Number(required(params, "modulusLength"));
      if (bits < 256 || bits > 16384 || bits % 8 !== 0) {
        throw operationError(`The modulus length must be a multiple of 8 and between 256 and 16k, but ${bits} was requested.`);
      }
      if (exponent !== 3 && exponent !== 65537) {
        throw operationError(`The "publicExponent" must be either 3 or 65537, but got ${exponent}.`);
      }
      if (exponent === 3) throw notSupported('Keys with a "publicExponent" of 3 are not made here.');
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
  if (result === undefined) throw operationError(`RSA-OAEP failed encrypt/decrypt${encrypt ? "" : ": Invalid RSA signature."}.`);
  return result;
}

export const rsaOAEP: Scheme = {
  ...pair(rsaFamily("RSA-OAEP", { public: ["encrypt", "wrapKey"], private: ["decrypt", "unwrapKey"] })),
  encrypt: (params, key, data) => oaep(true, params, key, data),
  decrypt: (params, key, data) => oaep(false, params, key, data),
};
