// Diffie-Hellman in groups, and between keys, in node:crypto.

import { materialOf } from "../crypto/key";
import { nodeCrypto, type Bytes } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { invalidArgType, invalidArgValue } from "./errors";
import { output } from "./hash";
import { copied, handle, isBytes, isKeyObject, type KeyObject } from "./key";
import { bytesOrText } from "./key_import";
import { checkInteger, checkObject } from "./validate";

const group = Symbol("kHandle");

interface Group {
  prime: ArrayBuffer;
  generator: ArrayBuffer;
  secret?: ArrayBuffer;
  key?: ArrayBuffer;
  wrong?: number;
}

const minInt32 = -(2 ** 31), maxInt32 = 2 ** 31 - 1;
const mostBits = 10000;
const usualGenerator = 2;

const failed = (what: string) => `DiffieHellman init failed: ${what}`;

/** A number without zeros before it; that of zero is empty. */
function trimmed(bytes: Bytes): ArrayBuffer {
  const all = new Uint8Array(copied(bytes));
  const start = all.findIndex((byte) => byte !== 0);
  return start < 0 ? new ArrayBuffer(0) : all.slice(start).buffer;
}

const big = (bytes: ArrayBuffer): bigint => BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);

function numberBytes(n: number): ArrayBuffer {
  const hex = n.toString(16);
  return copied(Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex"));
}

function newGroup(size: number, generator: number | Bytes): Group {
  if (typeof generator !== "number") throw new Error(failed("invalid parameters"));
  if (size > mostBits) throw new RangeError(failed("requested prime size too large"));
  const prime = size > 0 && generator >= 2 ? nodeCrypto("dhPrime", size, generator) : undefined;
  if (prime === undefined) throw new Error(failed("could not generate parameters"));
  return { prime, generator: numberBytes(generator) };
}

function groupOf(key: Bytes, generator: number | Bytes): Group {
  if (key.byteLength > mostBits / 8) throw new RangeError(failed("key is too large"));
  if (key.byteLength === 0) throw new Error(failed("invalid key"));
  let g: ArrayBuffer;
  if (typeof generator === "number") {
    if (generator < 2) throw new RangeError(failed("generator too small"));
    g = numberBytes(generator);
  } else {
    if (generator.byteLength > mostBits / 8) throw new RangeError(failed("generator is too large"));
    g = trimmed(generator);
    if (big(g) <= 1n) throw new Error(failed("invalid generator"));
  }
  const prime = trimmed(key);
  if (big(prime) % 2n === 0n || big(g) >= big(prime)) throw new Error(failed("Invalid DH prime generated"));
  return { prime, generator: g };
}

const expected = ["number", "string", "ArrayBuffer", "Buffer", "TypedArray", "DataView"];

export const DiffieHellman: any = function (this: any, sizeOrKey: any, keyEncoding?: any, generator?: any, genEncoding?: any) {
  if (!(this instanceof DiffieHellman)) return new DiffieHellman(sizeOrKey, keyEncoding, generator, genEncoding);
  if (typeof sizeOrKey !== "number" && typeof sizeOrKey !== "string" && !isBytes(sizeOrKey)) {
    throw invalidArgType("sizeOrKey", expected, sizeOrKey);
  }
  if (typeof sizeOrKey === "number") checkInteger(sizeOrKey, "sizeOrKey", minInt32, maxInt32);
  if (keyEncoding && keyEncoding !== "buffer" && !Buffer.isEncoding(keyEncoding)) {
    genEncoding = generator;
    generator = keyEncoding;
    keyEncoding = "utf-8";
  }
  const text = (value: string, encoding: string | undefined) => Buffer.from(value, encoding === undefined || encoding === "buffer" ? "utf8" : encoding);
  if (!generator) generator = usualGenerator;
  else if (typeof generator === "number") checkInteger(generator, "generator", minInt32, maxInt32);
  else if (typeof generator === "string") generator = text(generator, genEncoding);
  else if (!isBytes(generator)) throw invalidArgType("generator", expected, generator);
  const made = typeof sizeOrKey === "number"
    ? newGroup(sizeOrKey, generator)
    : groupOf(typeof sizeOrKey === "string" ? text(sizeOrKey, keyEncoding) : sizeOrKey, generator);
  begin(this, DiffieHellman, made);
};

export const DiffieHellmanGroup: any = function (this: any, name: any) {
  if (!(this instanceof DiffieHellmanGroup)) return new DiffieHellmanGroup(name);
  const prime = nodeCrypto("dhGroup", `${name}`.slice(0, "modp14".length));
  if (prime === undefined) {
    throw new Error(
      "Failed to init DiffieHellmanGroup: invalid group. Only groups {modp14, modp15, modp16, modp17, modp18} are supported.",
    );
  }
  begin(this, DiffieHellmanGroup, { prime, generator: numberBytes(usualGenerator) });
};

function begin(made: any, Class: any, held: Group): void {
  Object.defineProperty(made, group, { value: held });
  // The platform adds this with the first instance.
  Object.defineProperty(Class.prototype, "verifyError", {
    get(this: any) {
      const { prime, generator } = this[group];
      return (this[group].wrong ??= nodeCrypto("dhCheck", prime, generator));
    },
    configurable: true,
    enumerable: true,
  });
}

/** Refuses a public key that is no element of the group. */
function checkPublic(held: Group, key: ArrayBuffer, where: string, what: string): void {
  const fits = nodeCrypto("dhPublicFits", held.prime, key);
  if (fits !== 0) throw new RangeError(`DiffieHellman ${where}() failed: ${what} is too ${fits < 0 ? "small" : "large"}`);
}

const shared = {
  generateKeys(this: any, encoding?: string) {
    const held: Group = this[group];
    const both = nodeCrypto("dhGenerate", held.prime, held.generator, held.secret)!;
    held.secret ??= trimmed(both.slice(0, both.byteLength / 2));
    held.key = trimmed(both.slice(both.byteLength / 2));
    return output(held.key.slice(0), encoding);
  },
  computeSecret(this: any, key: any, inEnc?: string, outEnc?: string) {
    const held: Group = this[group];
    const other = copied(bytesOrText(key, "key", inEnc));
    if (other.byteLength === 0) throw new Error("DiffieHellman computeSecret() failed: invalid key");
    checkPublic(held, other, "computeSecret", "Supplied key");
    if (held.secret === undefined) throw new Error("DiffieHellman computeSecret() failed: error computing shared secret");
    return output(nodeCrypto("dhSecret", held.prime, held.secret, other), outEnc);
  },
  getPrime(this: any, encoding?: string) {
    return output(this[group].prime.slice(0), encoding);
  },
  getGenerator(this: any, encoding?: string) {
    return output(this[group].generator.slice(0), encoding);
  },
  getPublicKey(this: any, encoding?: string) {
    const { key } = this[group];
    if (key === undefined) throw new Error("No public key");
    return output(key.slice(0), encoding);
  },
  getPrivateKey(this: any, encoding?: string) {
    const { secret } = this[group];
    if (secret === undefined) throw new Error("No private key");
    return output(secret.slice(0), encoding);
  },
};

Object.assign(DiffieHellmanGroup.prototype, shared);
Object.assign(DiffieHellman.prototype, shared, {
  setPublicKey(this: any, key: any, encoding?: string) {
    const bytes = trimmed(bytesOrText(key, "key", encoding));
    checkPublic(this[group], bytes, "setPublicKey", "key");
    this[group].key = bytes;
    return this;
  },
  setPrivateKey(this: any, key: any, encoding?: string) {
    this[group].secret = trimmed(bytesOrText(key, "key", encoding));
    return this;
  },
});

export function createDiffieHellman(sizeOrKey: any, keyEncoding: any, generator: any, genEncoding: any): any {
  return new DiffieHellman(sizeOrKey, keyEncoding, generator, genEncoding);
}

export const createDiffieHellmanGroup = (name: any): any => new DiffieHellmanGroup(name);
export function getDiffieHellman(name: any): any {
  return createDiffieHellmanGroup(name);
}

/** The secret that two keys have in common. */
export function diffieHellman(options: any): any {
  checkObject(options, "options");
  const { publicKey, privateKey } = options as any;
  if (!isKeyObject(publicKey)) throw invalidArgType("options.publicKey", "KeyObject", publicKey);
  if (!isKeyObject(privateKey)) throw invalidArgType("options.privateKey", "KeyObject", privateKey);
  if (publicKey.type !== "public") throw invalidArgType("options.publicKey", "public key", publicKey);
  if (privateKey.type !== "private") throw invalidArgType("options.privateKey", "private key", privateKey);
  const [ours, theirs] = [privateKey, publicKey].map((key: KeyObject) => (key as any).asymmetricKeyType);
  if (ours !== theirs) {
    throw invalidArgValue("options.publicKey.asymmetricKeyType", theirs, "must equal privateKey.asymmetricKeyType");
  }
  const secret = nodeCrypto("agree", materialOf(privateKey[handle]), materialOf(publicKey[handle]));
  if (secret === undefined) throw new Error("Failed to derive shared diffie-hellman secret");
  return Buffer.from(secret);
}
