// Primes of node:crypto.

import { nodeCrypto, type Bytes } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { invalidArgType, outOfRange } from "./errors";
import { copied, isBytes } from "./key";
import { checkBoolean, checkFunction, checkInteger, checkObject } from "./validate";

const maxInt32 = 2 ** 31 - 1;
const mostBits = 8192;
const mostChecks = 64;

function bytesOfNumber(value: any, name: string): Bytes {
  if (typeof value === "bigint") {
    if (value < 0) throw outOfRange(name, ">= 0", value);
    const hex = value.toString(16);
    return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  }
  if (isBytes(value)) return value;
  throw invalidArgType(name, ["ArrayBuffer", "TypedArray", "Buffer", "DataView", "bigint"], value);
}

const big = (bytes: ArrayBuffer): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

const asNumber = (bytes: Bytes | undefined): bigint =>
  bytes === undefined ? 0n : BigInt(`0x0${Buffer.from(copied(bytes)).toString("hex")}`);

interface Wanted {
  safe: boolean;
  bigint: boolean;
  add: Bytes | undefined;
  rem: Bytes | undefined;
}

function wantedOf(options: any): Wanted {
  checkObject(options, "options");
  const { safe = false, bigint = false, add, rem } = options as any;
  checkBoolean(safe, "options.safe");
  checkBoolean(bigint, "options.bigint");
  return {
    safe, bigint, add: add === undefined ? undefined : bytesOfNumber(add, "options.add"),
    rem: rem === undefined ? undefined : bytesOfNumber(rem, "options.rem"),
  };
}

// What may be left of a prime, and by which divisor: other pairs could have none.
const pairs: [bigint, bigint][] = [[12n, 11n], [24n, 23n], [60n, 59n]];

function generate(size: number, { safe, bigint, add, rem }: Wanted): bigint | ArrayBuffer {
  if (size > mostBits) throw new RangeError(`generatePrime size exceeds maximum (${mostBits} bits)`);
  if (add !== undefined) {
    const [a, r] = [asNumber(add), asNumber(rem)];
    if (rem === undefined || !pairs.some(([x, y]) => x === a && y === r)) throw new RangeError("Invalid values for add and rem");
    if (a.toString(2).length > size) throw new RangeError("options.add must not be bigger than size of the requested prime");
  }
  const found = nodeCrypto("prime", size, safe, add, add && rem);
  if (found === undefined) throw new Error("Error while generating prime");
  return bigint ? big(found) : found;
}

export function generatePrimeSync(size: any, ...rest: any[]): bigint | ArrayBuffer {
  checkInteger(size, "size", 1, maxInt32);
  return generate(size, wantedOf(rest[0] === undefined ? {} : rest[0]));
}

/** Calls back in a turn of the job queue with what run gives or throws. */
function later(callback: (error: unknown, value?: any) => void, run: () => unknown): void {
  new Promise((resolve) => resolve(run())).then((value) => callback(null, value), (error) => callback(error));
}

export function generatePrime(size: any, options: any, callback: any): void {
  checkInteger(size, "size", 1, maxInt32);
  if (typeof options === "function") [callback, options] = [options, {}];
  checkFunction(callback, "callback");
  const wanted = wantedOf(options);
  later(callback, () => generate(size, wanted));
}

function check(candidate: Bytes, checks: number): boolean {
  if (checks > mostChecks) throw new RangeError("Invalid number of checks");
  if (candidate.byteLength > mostBits / 8) throw new RangeError("checkPrime candidate exceeds maximum size");
  return nodeCrypto("checkPrime", candidate, checks);
}

function checksOf(options: any): number {
  const { checks = 0 } = options;
  checkInteger(checks, "options.checks", 0, maxInt32);
  return checks;
}

export function checkPrimeSync(candidate: any, ...rest: any[]): boolean {
  const bytes = bytesOfNumber(candidate, "candidate");
  const options = rest[0] === undefined ? {} : rest[0];
  checkObject(options, "options");
  return check(bytes, checksOf(options));
}

export function checkPrime(candidate: any, options: any, callback: any): void {
  const bytes = bytesOfNumber(candidate, "candidate");
  if (typeof options === "function") [callback, options] = [options, {}];
  checkObject(options, "options");
  checkFunction(callback, "callback");
  const checks = checksOf(options);
  later(callback, () => check(bytes, checks));
}
