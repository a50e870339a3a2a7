// Keys from passwords: pbkdf2, hkdf and scrypt of node:crypto.

import { Buffer } from "./buffer";
import { invalidArgType, invalidArgValue, outOfRange } from "./errors";
import { bytesOf, digestName } from "./hash";
import { nodeHost } from "./host";
import { isKeyObject } from "./key_handle";
import { checkFunction, checkInteger, checkString, checkUint32 } from "./validate";

type Callback = (error: Error | null, key?: any) => void;

const maxInt32 = 2 ** 31 - 1;

function material(value: any, name: string, expected = ["string", "ArrayBuffer", "Buffer", "TypedArray", "DataView"]): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value === "string" || ArrayBuffer.isView(value)) return bytesOf(value, name);
  throw invalidArgType(name, expected, value);
}

function digestOf(digest: string, what: string, end = ""): string {
  const name = digestName(digest);
  if (name === undefined) throw new TypeError(`Invalid ${what} digest: ${digest}${end}`);
  return name;
}

// finish gives a callback what derive answers or throws, later.
function finish(callback: Callback, derive: () => unknown): void {
  new Promise((resolve) => resolve(derive())).then((key) => callback(null, key), (error) => callback(error));
}

function preparePbkdf2(password: any, salt: any, iterations: any, keylen: any, digest: any): () => any {
  checkString(digest, "digest");
  const [secret, grain] = [material(password, "password"), material(salt, "salt")];
  checkInteger(iterations, "iterations", 1, maxInt32);
  checkInteger(keylen, "keylen", 0, maxInt32);
  return () => {
    const name = digestOf(digest, "Pbkdf2", ".");
    if (keylen > 255 * nodeHost.nodeHashSize(name)) throw new RangeError("Pbkdf2 failed: derived key length exceeds maximum for this hash");
    return keylen === 0 ? Buffer.alloc(0) : Buffer.from(nodeHost.nodePbkdf2(name, secret, grain, iterations, keylen));
  };
}

export function pbkdf2Sync(password: any, salt: any, iterations: number, keylen: number, digest: string): any {
  return preparePbkdf2(password, salt, iterations, keylen, digest)();
}

export function pbkdf2(
  password: any, salt: any, iterations: number, keylen: number, digest: any, callback: Callback,
): void {
  if (typeof digest === "function") throw invalidArgType("digest", "string", undefined);
  checkFunction(callback, "callback");
  finish(callback, preparePbkdf2(password, salt, iterations, keylen, digest));
}

const bytes = ["string", "ArrayBuffer", "TypedArray", "DataView", "Buffer"];
const mostInfo = 1024;

function prepareHkdf(digest: any, key: any, salt: any, info: any, keylen: any): () => ArrayBuffer {
  checkString(digest, "digest");
  const secret = material(isKeyObject(key) ? key.export() : key, "ikm", ["string", "SecretKeyObject", ...bytes.slice(1)]);
  const [grain, context] = [material(salt, "salt", bytes), material(info, "info", bytes)];
  checkInteger(keylen, "length", 0, maxInt32);
  if (context.length > mostInfo) throw outOfRange("info", "must not contain more than 1024 bytes", context.length);
  return () => {
    const name = digestOf(digest, "Hkdf");
    if (keylen > 255 * nodeHost.nodeHashSize(name)) throw new RangeError("Invalid Hkdf key length");
    return keylen === 0 ? new ArrayBuffer(0) : nodeHost.nodeHkdf(name, secret, grain, context, keylen);
  };
}

export function hkdfSync(digest: string, key: any, salt: any, info: any, keylen: number): ArrayBuffer {
  return prepareHkdf(digest, key, salt, info, keylen)();
}

export function hkdf(
  digest: string, key: any, salt: any, info: any, keylen: number, callback: Callback,
): void {
  const derive = prepareHkdf(digest, key, salt, info, keylen);
  checkFunction(callback, "callback");
  finish(callback, derive);
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
  if (a !== undefined) checkUint32(a, short);
  if (b !== undefined) {
    if (a !== undefined) throw invalidArgValue(long, b);
    checkUint32(b, long);
  }
  return a || b || missing;
}

const mostCost = 2 ** 20;
const usualMemory = 32 * 1024 * 1024;

function prepareScrypt(password: any, salt: any, keylen: any, options: any): () => any {
  const [secret, grain] = [material(password, "password"), material(salt, "salt")];
  checkInteger(keylen, "keylen", 0, maxInt32);
  const cost = scryptOption(options, "N", "cost", 16384);
  const blockSize = scryptOption(options, "r", "blockSize", 8);
  const parallelization = scryptOption(options, "p", "parallelization", 1);
  if (options.maxmem !== undefined) checkInteger(options.maxmem, "maxmem", 0);
  const maxmem = options.maxmem || usualMemory;
  return () => {
    if (cost * blockSize * parallelization > mostCost) throw new RangeError(`Scrypt failed: cost exceeds maximum (${mostCost}).`);
    const powerOfTwo = cost > 1 && Number.isInteger(Math.log2(cost));
    if (!powerOfTwo || 128 * blockSize * (cost + parallelization) > maxmem) throw new Error("Scrypt failed");
    return keylen === 0 ? Buffer.alloc(0) : Buffer.from(nodeHost.nodeScrypt(secret, grain, cost, blockSize, parallelization, keylen));
  };
}

export function scryptSync(password: any, salt: any, keylen: number, options: ScryptOptions): any {
  return prepareScrypt(password, salt, keylen, options === undefined ? {} : options)();
}

export function scrypt(password: any, salt: any, keylen: number, options: any, ...rest: any[]): void {
  const callback = rest[0] === undefined ? options : rest[0];
  const derive = prepareScrypt(password, salt, keylen, rest[0] === undefined || options === undefined ? {} : options);
  checkFunction(callback, "callback");
  finish(callback, derive);
}
