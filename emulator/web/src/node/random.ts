// The random functions of node:crypto.

import { Buffer } from "./buffer";
import { codedError, invalidArgType, outOfRange } from "./errors";
import { nodeHost } from "./host";
import { checkBoolean, checkFunction, checkInteger, checkObject } from "./validate";

type Callback<T> = (error: Error | null, value?: T) => void;

const maxSize = 2 ** 31 - 1;
const piece = 64 * 1024;

function fill(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece);
    nodeHost.nodeRandomFill(part, part.length);
  }
}

export function randomBytes(size: number, callback?: Callback<any>): any {
  checkInteger(size, "size", 0, maxSize);
  if (callback !== undefined) checkFunction(callback, "callback");
  const bytes = Buffer.alloc(size);
  fill(bytes);
  if (callback === undefined) return bytes;
  later(callback, bytes);
  return undefined;
}

export const pseudoRandomBytes = randomBytes;

// later calls back in a turn of the job queue, as the platform does.
function later<T>(callback: Callback<T>, value: T): void {
  Promise.resolve().then(() => callback(null, value));
}

function viewOf(buffer: any): Uint8Array {
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw invalidArgType("buffer", ["TypedArray", "DataView", "ArrayBuffer", "SharedArrayBuffer"], buffer);
}

export function randomFillSync(buffer: any, offset = 0, size?: number): any {
  const bytes = viewOf(buffer);
  checkInteger(offset, "offset", 0, bytes.length);
  const count = size ?? bytes.length - offset;
  checkInteger(count, "size", 0, bytes.length - offset);
  fill(bytes.subarray(offset, offset + count));
  return buffer;
}

export function randomFill(buffer: any, offset: any, size?: any, callback?: any): void {
  if (typeof offset === "function") [callback, offset] = [offset, undefined];
  else if (typeof size === "function") [callback, size] = [size, undefined];
  viewOf(buffer);
  checkFunction(callback, "callback");
  randomFillSync(buffer, offset, size);
  later(callback, buffer);
}

const randMax = 2 ** 48 - 1;

export function randomInt(min: any, max?: any, callback?: any): any {
  if (max === undefined || typeof max === "function") [min, max, callback] = [0, min, max];
  if (callback !== undefined) checkFunction(callback, "callback");
  checkSafe(min, "min");
  checkSafe(max, "max");
  if (max <= min) throw outOfRange("max", `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (range > randMax) throw outOfRange(min === 0 ? "max" : "max - min", `<= ${randMax}`, range);
  const value = min + below(range);
  if (callback === undefined) return value;
  later(callback, value);
  return undefined;
}

function checkSafe(value: unknown, name: string): void {
  if (!Number.isSafeInteger(value)) throw invalidArgType(name, "a safe integer", value);
}

// below draws evenly from [0, range): a draw past the last whole multiple of
// range is thrown away.
function below(range: number): number {
  const limit = randMax + 1 - ((randMax + 1) % range);
  const bytes = Buffer.alloc(6);
  for (;;) {
    fill(bytes);
    const drawn = bytes.readUIntBE(0, 6);
    if (drawn < limit) return drawn % range;
  }
}

export function randomUUID(options?: { disableEntropyCache?: boolean }): string {
  if (options !== undefined) checkObject(options, "options");
  if (options?.disableEntropyCache !== undefined) {
    checkBoolean(options.disableEntropyCache, "options.disableEntropyCache");
  }
  return nodeHost.nodeRandomUUID();
}

export function timingSafeEqual(a: any, b: any): boolean {
  const [left, right] = [secret(a, "buf1"), secret(b, "buf2")];
  if (left.length !== right.length) {
    const message = "Input buffers must have the same byte length";
    throw codedError(RangeError, "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", message);
  }
  let difference = 0;
  for (let i = 0; i < left.length; ++i) difference |= left[i]! ^ right[i]!;
  return difference === 0;
}

function secret(value: any, name: string): Uint8Array {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return viewOf(value);
  throw invalidArgType(name, ["ArrayBuffer", "Buffer", "TypedArray", "DataView"], value);
}
