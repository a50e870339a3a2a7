// ECDH of node:crypto, and its curves.

import { nodeCrypto, type Bytes } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { invalidArgType } from "./errors";
import { checkOneOf, checkString } from "./validate";

export const getCurves = (): string[] => ["secp224r1", "prime256v1", "secp384r1", "secp521r1"];

const nist: Record<string, string> = { "P-224": "secp224r1", "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };

// A curve that is known by name only.
const lacking = /^(secp256k1|prime192v1|P-192|brainpoolP\w+)$/;

/** The host's name of a curve, or an error: there is no such name, or no such curve. */
export function curveOf(name: string, unknown: string, unsupported: string, byNist = false): string {
  const curve = byNist ? nist[name] ?? name : name;
  if (getCurves().includes(curve)) return curve;
  throw new Error(lacking.test(name) ? unsupported : unknown);
}

const curve = Symbol("curve");
const secret = Symbol("kHandle");

const formats = ["compressed", "uncompressed", "hybrid"];

function bytesOf(value: any, name: string, encoding?: string): Bytes {
  const bytes = typeof value === "string" ? Buffer.from(value, encoding) : value;
  if (!ArrayBuffer.isView(bytes)) throw invalidArgType(name, ["string", "Buffer", "TypedArray", "DataView"], bytes);
  return bytes;
}

const output = (bytes: ArrayBuffer, encoding?: string | null): any =>
  typeof encoding === "string" ? Buffer.from(bytes).toString(encoding) : Buffer.from(bytes);

function checkEncodings(encodings: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(encodings)) if (value != null) checkString(value, name);
}

function checkForm(format: string): void {
  if (format === "hybrid") throw new Error("Failed to get public key length");
}

export const ECDH: any = function (this: any, curveName: any) {
  if (!(this instanceof ECDH)) return new ECDH(curveName);
  checkString(curveName, "curveName");
  Object.defineProperty(this, curve, { value: curveOf(curveName, "Invalid curve", "Failed to create key using named curve") });
  Object.defineProperty(this, secret, { value: undefined, writable: true });
};

Object.assign(ECDH.prototype, {
  computeSecret(this: any, other: any, inputEncoding?: any, outputEncoding?: any) {
    const point = bytesOf(other, "otherPublicKey", inputEncoding);
    checkEncodings({ inputEncoding, outputEncoding });
    if (this[secret] === undefined) throw new Error("Invalid keypair");
    const shared = nodeCrypto("ecdhSecret", this[curve], this[secret], point);
    if (shared === undefined) throw new Error("Failed to set point");
    return output(shared, outputEncoding);
  },
  generateKeys(this: any, encoding?: any, format?: any) {
    checkEncodings({ encoding });
    if (format != null) checkOneOf(format, "format", formats);
    this[secret] = nodeCrypto("ecdhGenerate", this[curve]);
    return this.getPublicKey(encoding, format);
  },
  getPrivateKey(this: any, encoding?: any) {
    checkEncodings({ encoding });
    if (this[secret] === undefined) throw new Error("Failed to get ECDH private key");
    return output(this[secret].slice(0), encoding);
  },
  getPublicKey(this: any, encoding?: any, format = "uncompressed") {
    checkEncodings({ encoding });
    checkOneOf(format, "format", formats);
    if (this[secret] === undefined) throw new Error("Failed to get ECDH public key");
    checkForm(format);
    return output(nodeCrypto("ecdhPublic", this[curve], this[secret], format === "compressed")!, encoding);
  },
  setPrivateKey(this: any, key: any, encoding?: any) {
    checkEncodings({ encoding });
    const bytes: any = bytesOf(key, "key", encoding);
    if (nodeCrypto("ecdhPublic", this[curve], bytes, false) === undefined) throw new Error("Private key is not valid for specified curve.");
    const all = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this[secret] = all.slice(all.findIndex((byte) => byte !== 0)).buffer;
  },
});

ECDH.convertKey = function convertKey(key: any, curveName: any, inputEncoding?: any, outputEncoding?: any, ...rest: any[]) {
  const format = rest[0] === undefined ? "uncompressed" : rest[0];
  const point = bytesOf(key, "key", inputEncoding);
  checkString(curveName, "curve");
  checkEncodings({ inputEncoding, outputEncoding });
  checkOneOf(format, "format", formats);
  if (point.byteLength === 0) return output(new ArrayBuffer(0), outputEncoding);
  const name = curveOf(curveName, "Invalid curve", "Failed to set point");
  const converted = nodeCrypto("ecdhConvert", name, point, format === "compressed");
  if (converted === undefined) throw new Error("Failed to set point");
  checkForm(format);
  return output(converted, outputEncoding);
};

export const createECDH = (curveName: any): any => new ECDH(curveName);
