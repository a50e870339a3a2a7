// The random functions of node:crypto.

import { Buffer } from "./buffer";
import { invalidArgType, outOfRange } from "./errors";
import { host } from "../host";
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

export function randomBytes(size: number, callback: Callback<any> | undefined): any {
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

/** The part of a buffer that is to be filled, as the platform gives it back. */
function partOf(buffer: any, offset: any, size: any): any {
  const bytes = viewOf(buffer);
  if (offset !== undefined) checkInteger(offset, "offset", 0);
  const from = offset ?? 0;
  if (size !== undefined) checkInteger(size, "size", 0, bytes.length - from);
  const to = from + (size ?? bytes.length - from);
  if (buffer instanceof ArrayBuffer) return Buffer.from(buffer).subarray(from, to);
  return (buffer instanceof DataView ? bytes : buffer).subarray(from, to);
}

export function randomFillSync(buffer: any, offset: any, size: any): any {
  const part = partOf(buffer, offset, size);
  fill(viewOf(part));
  return part;
}

export function randomFill(buffer: any, offset: any, size: any, callback: any): void {
  if (typeof offset === "function") [callback, offset] = [offset, undefined];
  else if (typeof size === "function") [callback, size] = [size, undefined];
  viewOf(buffer);
  checkFunction(callback, "callback");
  randomFillSync(buffer, offset, size);
  later(callback, buffer);
}

const randMax = 2 ** 48 - 1;

export function randomInt(min: any, max: any, callback: any): any {
  if (max === undefined || typeof max === "function") {
    checkInteger(min, "max");
    [min, max, callback] = [0, min, max];
  } else {
    checkInteger(min, "min");
    checkInteger(max, "max");
  }
  if (callback !== undefined) checkFunction(callback, "callback");
  if (max <= min) throw outOfRange("min", "min < max", min);
  const range = max - min;
  if (range > randMax) throw outOfRange(max ? "max" : "max - min", `<= ${randMax}`, range);
  const value = min + below(range);
  if (callback === undefined) return value;
  later(callback, value);
  return undefined;
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
  for (const [i, value] of [a, b].entries()) {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) continue;
    throw new TypeError(`Failed to execute 'timingSafeEqual' on 'SubtleCrypto': parameter ${i + 1} is not of type 'BufferSource'.`);
  }
  if (a.byteLength !== b.byteLength) throw new TypeError("Input buffers must have the same byte length.");
  return host.timingSafeEqual(a, b);
}
