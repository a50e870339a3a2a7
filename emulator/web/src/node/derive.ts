// Keys from passwords: pbkdf2, hkdf and scrypt of node:crypto.

import { Buffer } from "./buffer";
import { codedError, invalidArgType, invalidArgValue } from "./errors";
import { bytesOf, digestName } from "./hash";
import { nodeHost } from "./host";
import { checkFunction, checkInteger, checkString } from "./validate";

type Callback = (error: Error | null, key?: any) => void;

const maxInt32 = 2 ** 31 - 1;
const maxUint32 = 2 ** 32 - 1;

function material(value: any, name: string): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value === "string" || ArrayBuffer.isView(value)) return bytesOf(value, name);
  throw invalidArgType(name, ["string", "ArrayBuffer", "Buffer", "TypedArray", "DataView"], value);
}

function digestOf(digest: unknown): string {
  checkString(digest, "digest");
  const name = digestName(digest);
  if (nodeHost.nodeHashSize(name) === 0) {
    throw codedError(TypeError, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${digest}`);
  }
  return name;
}

// finish gives a callback what derive answers or throws, later.
function finish(callback: Callback, derive: () => unknown): void {
  checkFunction(callback, "callback");
  new Promise((resolve) => resolve(derive())).then((key) => callback(null, key), (error) => callback(error));
}

export function pbkdf2Sync(password: any, salt: any, iterations: number, keylen: number, digest: string): any {
  const name = digestOf(digest);
  const [secret, grain] = [material(password, "password"), material(salt, "salt")];
  checkInteger(iterations, "iterations", 1, maxInt32);
  checkInteger(keylen, "keylen", 0, maxInt32);
  if (keylen === 0) return Buffer.alloc(0);
  return Buffer.from(nodeHost.nodePbkdf2(name, secret, grain, iterations, keylen));
}

export function pbkdf2(
  password: any, salt: any, iterations: number, keylen: number, digest: any, callback: Callback,
): void {
  if (typeof digest === "function") throw invalidArgType("digest", "string", undefined);
  finish(callback, () => pbkdf2Sync(password, salt, iterations, keylen, digest));
}

export function hkdfSync(digest: string, key: any, salt: any, info: any, keylen: number): ArrayBuffer {
  const name = digestOf(digest);
  const [secret, grain, context] = [material(key, "ikm"), material(salt, "salt"), material(info, "info")];
  checkInteger(keylen, "length", 0, maxInt32);
  if (context.length > 1024) throw invalidArgValue("info", info, "must not contain more than 1024 bytes", RangeError);
  if (keylen > 255 * nodeHost.nodeHashSize(name)) {
    throw codedError(RangeError, "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length");
  }
  return keylen === 0 ? new ArrayBuffer(0) : nodeHost.nodeHkdf(name, secret, grain, context, keylen);
}

export function hkdf(
  digest: string, key: any, salt: any, info: any, keylen: number, callback: Callback,
): void {
  finish(callback, () => hkdfSync(digest, key, salt, info, keylen));
}

interface ScryptOptions {
  N?: number;
  cost?: number;
  r?: number;
  blockSize?: number;
  p?: number;
  parallelization?: number;
  maxmem?: number;
}

function scryptOption(options: any, short: string, long: string, missing: number): number {
  const [a, b] = [options[short], options[long]];
  if (a !== undefined) checkInteger(a, short, 0, maxUint32);
  if (b !== undefined) {
    if (a !== undefined) throw invalidArgValue(long, b);
    checkInteger(b, long, 0, maxUint32);
  }
  return a || b || missing;
}

export function scryptSync(password: any, salt: any, keylen: number, options: ScryptOptions = {}): any {
  const [secret, grain] = [material(password, "password"), material(salt, "salt")];
  checkInteger(keylen, "keylen", 0, maxInt32);
  const cost = scryptOption(options, "N", "cost", 16384);
  const blockSize = scryptOption(options, "r", "blockSize", 8);
  const parallelization = scryptOption(options, "p", "parallelization", 1);
  if (options.maxmem !== undefined) checkInteger(options.maxmem, "maxmem", 0);
  const maxmem = options.maxmem || 32 * 1024 * 1024;
  const powerOfTwo = cost > 1 && Number.isInteger(Math.log2(cost));
  if (!powerOfTwo || 128 * cost * blockSize > maxmem) {
    throw codedError(RangeError, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params: memory limit exceeded");
  }
  if (keylen === 0) return Buffer.alloc(0);
  return Buffer.from(nodeHost.nodeScrypt(secret, grain, cost, blockSize, parallelization, keylen));
}

export function scrypt(password: any, salt: any, keylen: number, options: any, callback?: any): void {
  if (typeof options === "function") [callback, options] = [options, {}];
  finish(callback, () => scryptSync(password, salt, keylen, options));
}
