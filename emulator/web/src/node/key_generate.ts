// Keys of node:crypto that are new.

import type { CryptoKey } from "../crypto/key";
import { nodeCrypto, type Bytes } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { curveOf } from "./ecdh";
import { codedError, invalidArgType } from "./errors";
import { createSecretKey, isBytes, keyOf, KeyObject } from "./key";
import { checkExport } from "./key_export";
import { randomBytes } from "./random";
import { checkFunction, checkInteger, checkObject, checkOneOf, checkString, checkUint32 } from "./validate";

const maxInt32 = 2 ** 31 - 1;

export function generateKeySync(type: string, options: any): KeyObject {
  checkOneOf(type, "type", ["hmac", "aes"]);
  checkObject(options, "options");
  const { length } = options as any;
  if (type === "hmac") checkInteger(length, "options.length", 8, 65536);
  else checkOneOf(length, "options.length", [128, 192, 256]);
  return createSecretKey(randomBytes(Math.floor(length / 8), undefined));
}

/** Calls back, later, with what run gives or throws. */
function later(callback: (...args: any[]) => void, run: () => unknown[]): void {
  let args: unknown[];
  try {
    args = [null, ...run()];
  } catch (error) {
    args = [error];
  }
  queueMicrotask(() => callback(...args));
}

export function generateKey(type: string, options: any, callback: (error: unknown, key?: KeyObject) => void): void {
  later(callback, () => [generateKeySync(type, options)]);
}

type Pair = [publicKey: CryptoKey, privateKey: CryptoKey];

function pairOf(material: ArrayBuffer | undefined): Pair {
  if (material === undefined) throw new Error("Failed to generate key");
  const key = keyOf("private", material);
  return [keyOf("public", nodeCrypto("publicOf", material)!, key.algorithm.name), key];
}

const mostBits = 16384;
const leastBits = 256;
const leastMade = 512;

function generateRSA({ modulusLength, publicExponent = 0x10001 }: any): Pair {
  checkUint32(modulusLength, "options.modulusLength");
  checkUint32(publicExponent, "options.publicExponent");
  if (modulusLength > mostBits) throw new RangeError(`RSA modulusLength exceeds maximum (${mostBits})`);
  if (modulusLength < leastBits) throw new Error("Failed to set modulus length");
  return pairOf(modulusLength < leastMade ? undefined : nodeCrypto("generate", "rsa", modulusLength, publicExponent));
}

function generateEC({ namedCurve, paramEncoding = "named" }: any): Pair {
  checkString(namedCurve, "options.namedCurve");
  checkOneOf(paramEncoding, "options.paramEncoding", ["named", "explicit"]);
  return pairOf(nodeCrypto("generate", curveOf(namedCurve, "Invalid or unsupported curve", "Failed to initialize key", true), 0, 0));
}

const clash = (a: string, b: string) =>
  codedError(Error, "ERR_INCOMPATIBLE_OPTION_PAIR", `The options "${a}" and "${b}" are mutually exclusive.`);

function generateDH({ generator, group, groupName, prime, primeLength }: any): Pair {
  if (generator != null) checkInteger(generator, "options.generator", 0, maxInt32);
  let p: Bytes | undefined;
  if (group != null || groupName != null) {
    if (prime != null) throw clash("group", "prime");
    if (primeLength != null) throw clash("group", "primeLength");
    if (generator != null) throw clash("group", "generator");
    const name = group || groupName;
    checkString(name, "options.group");
    p = nodeCrypto("dhGroup", name);
    if (p === undefined) throw new Error("Invalid or unsupported group");
  } else if (prime != null) {
    if (primeLength != null) throw clash("prime", "primeLength");
    if (!isBytes(prime)) throw invalidArgType("options.prime", ["Buffer", "TypedArray", "ArrayBuffer"], prime);
    p = prime;
  } else if (primeLength != null) {
    checkInteger(primeLength, "options.primeLength", 0, maxInt32);
    throw new Error("Generating DH keys from a prime length is not yet implemented");
  } else {
    throw codedError(Error, "ERR_MISSING_OPTION", "At least one of the group, prime, or primeLength options");
  }
  return pairOf(nodeCrypto("generateDh", p, Buffer.from([generator ?? 2])));
}

export function generateKeyPairSync(type: string, ...rest: any[]): { publicKey: any; privateKey: any } {
  const options = rest[0] === undefined ? {} : rest[0];
  checkOneOf(type, "type", ["rsa", "ec", "ed25519", "x25519", "dh"]);
  checkObject(options, "options");
  const { publicKeyEncoding, privateKeyEncoding } = options as any;
  if (publicKeyEncoding !== undefined) checkExport(publicKeyEncoding, "public", "options.publicKeyEncoding");
  if (privateKeyEncoding !== undefined) checkExport(privateKeyEncoding, "private", "options.privateKeyEncoding");
  const make = { rsa: generateRSA, ec: generateEC, dh: generateDH }[type] ?? (() => pairOf(nodeCrypto("generate", type, 0, 0)));
  const [publicKey, privateKey] = make(options).map((key) => KeyObject.from(key)) as [KeyObject, KeyObject];
  return {
    publicKey: publicKeyEncoding === undefined ? publicKey : publicKey.export(publicKeyEncoding),
    privateKey: privateKeyEncoding === undefined ? privateKey : privateKey.export(privateKeyEncoding),
  };
}

export function generateKeyPair(type: string, options: any, callback: (error: unknown, publicKey?: any, privateKey?: any) => void): void {
  checkFunction(callback, "callback");
  later(callback, () => {
    const { publicKey, privateKey } = generateKeyPairSync(type, options);
    return [publicKey, privateKey];
  });
}

Object.defineProperty(generateKeyPair, Symbol.for("nodejs.util.promisify.custom.args"), { value: ["publicKey", "privateKey"] });
