// How keys of node:crypto are read.

import { isKey, materialOf, type CryptoKey } from "../crypto/key";
import { nodeCrypto, type Bytes } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { invalidArgType } from "./errors";
import { handle, isBytes, isKeyObject, isWebKey, keyOf, KeyObject } from "./key";
import { checkOneOf } from "./validate";

const expected = ["ArrayBuffer", "Buffer", "TypedArray", "DataView", "string", "object"];

/** Bytes of bytes or text. */
export function bytesOrText(value: any, name: string, encoding?: string): Bytes {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value;
  if (typeof value === "string") return Buffer.from(value, encoding === undefined || encoding === "buffer" ? "utf8" : encoding);
  throw invalidArgType(name, ["string", "ArrayBuffer", "Buffer", "TypedArray", "DataView"], value);
}

interface Source {
  data?: Bytes;
  jwk?: Record<string, unknown>;
  format: string;
  type: string;
  passphrase: Bytes | undefined;
}

function prepare(key: any, types: string[]): Source {
  if (key == null) throw invalidArgType("key", expected, key);
  const options = typeof key === "string" || isBytes(key) ? { key } : key;
  const { key: data, encoding = "utf8", format = "pem", type, passphrase } = options;
  if (data == null || isKeyObject(data) || isKey(data)) throw invalidArgType("options.key", expected, data);
  if (typeof data === "string" || isBytes(data)) {
    checkOneOf(format, "format", ["pem", "der"]);
    if (type !== undefined) checkOneOf(type, "type", types);
    return {
      data: bytesOrText(data, "key", encoding), format, type: type ?? "",
      passphrase: passphrase != null ? bytesOrText(passphrase, "passphrase", encoding) : undefined,
    };
  }
  if (typeof data !== "object") throw invalidArgType("key", expected, key);
  return { jwk: data, format: "jwk", type: "", passphrase: undefined };
}

export function createPrivateKey(key: any): KeyObject {
  return KeyObject.from(readPrivate(key));
}

function readPrivate(key: any): CryptoKey {
  const { data, jwk, format, type, passphrase } = prepare(key, ["pkcs1", "pkcs8", "sec1"]);
  if (jwk !== undefined) return keyOf("private", readJwk(jwk, true));
  const material = nodeCrypto("readPrivate", data!, format, type || "pkcs8", passphrase);
  if (material === undefined) throw new Error("Failed to parse private key");
  return keyOf("private", material);
}

export function createPublicKey(key: any): KeyObject {
  return KeyObject.from(readPublic(key));
}

function readPublic(key: any): CryptoKey {
  if (isKeyObject(key) || isKey(key)) {
    const held: CryptoKey = isKeyObject(key) ? key[handle] : key;
    if (held.type !== "private") throw invalidArgType("key", "PrivateKeyObject", key);
    const material = isWebKey(held) ? undefined : nodeCrypto("publicOf", materialOf(held));
    if (material === undefined) throw new Error("Failed to derive public key from private key");
    return keyOf("public", material);
  }
  const { data, jwk, format, type, passphrase } = prepare(key, ["pkcs1", "spki"]);
  if (jwk !== undefined) return keyOf("public", readJwk(jwk, false));
  const material = nodeCrypto("readPublic", data!, format, type || "pkcs1", passphrase);
  if (material === undefined) throw new Error("Failed to parse public key");
  return keyOf("public", material);
}

// ---- JSON Web Keys ----

const base64url = /^[\w-]*={0,2}$/;

function need(jwk: Record<string, unknown>, family: string, names: string[]): void {
  for (const name of names) if (jwk[name] === undefined) throw new Error(`${family} JWK missing ${name} parameter`);
}

function checkEncoded(jwk: Record<string, unknown>, family: string, names: string[]): void {
  for (const name of names) {
    if (!base64url.test(`${jwk[name]}`)) throw new Error(`${family} JWK invalid ${name} parameter`);
  }
}

// The curves that OpenSSL has names for and the platform has not.
const namedCurves = ["P-192", "secp256k1", "prime192v1", "brainpoolP256r1"];
const curves: Record<string, string> = { "P-224": "P-224", "P-256": "P-256", "P-384": "P-384", "P-521": "P-521", secp224r1: "P-224", prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

function readJwk(jwk: Record<string, unknown>, isPrivate: boolean): ArrayBuffer {
  const half = isPrivate ? "private" : "public";
  const { kty } = jwk;
  let read: Record<string, unknown> = jwk;
  if (kty === "RSA") {
    need(jwk, "RSA", ["n", "e"]);
    checkEncoded(jwk, "RSA", ["n", "e"]);
    if (isPrivate) {
      need(jwk, "RSA", ["d", "p", "q", "dp", "dq", "qi"]);
      checkEncoded(jwk, "RSA", ["d", "p", "q", "dp", "dq", "qi"]);
    }
  } else if (kty === "EC") {
    need(jwk, "EC", ["crv"]);
    const crv = curves[`${jwk.crv}`];
    if (crv === undefined) throw new Error(`EC JWK unsupported ${namedCurves.includes(`${jwk.crv}`) ? "curve" : "crv parameter"}`);
    need(jwk, "EC", ["x", "y"]);
    checkEncoded(jwk, "EC", ["x", "y"]);
    read = { ...jwk, crv };
    if (nodeCrypto("readJwk", keyText({ ...read, d: undefined }), false) === undefined) throw new Error("EC JWK invalid public key");
    if (isPrivate) {
      need(jwk, "EC", ["d"]);
      checkEncoded(jwk, "EC", ["d"]);
    }
  } else if (kty === "OKP") {
    need(jwk, "OKP", ["crv"]);
    if (jwk.crv !== "Ed25519" && jwk.crv !== "X25519") throw new Error("OKP JWK unsupported crv parameter");
    const name = isPrivate ? "d" : "x";
    need(jwk, "OKP", [name]);
    checkEncoded(jwk, "OKP", [name]);
  }
  const material = nodeCrypto("readJwk", keyText(isPrivate ? read : { ...read, d: undefined }), isPrivate);
  if (material === undefined) throw new Error(`JWK ${half} key import is not implemented for this key type`);
  return material;
}

/** The key itself as JSON, without padding. */
function keyText(jwk: Record<string, unknown>): string {
  const names = ["kty", "crv", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi"];
  return JSON.stringify(Object.fromEntries(names.filter((name) => jwk[name] !== undefined).map((name) => [name, `${jwk[name]}`.replace(/=+$/, "")])));
}
