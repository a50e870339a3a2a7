// node:buffer.

import { byteMethods, fillBytes, inspectMaxBytes, searchMethods, textMethods } from "./buffer_methods";
import { decode, encode, findEncoding, getEncoding, type Encoding } from "./buffer_encoding";
import { invalidArgType, notEmulated } from "./errors";
import { nodeHost } from "./host";
import { numberMethods } from "./buffer_numbers";
import { checkInteger, checkNumber } from "./validate";

export const kMaxLength = 2 ** 53 - 1;
export const kStringMaxLength = 2 ** 29 - 24;
export const constants = Object.defineProperties({}, {
  MAX_LENGTH: { value: kMaxLength, enumerable: true },
  MAX_STRING_LENGTH: { value: kStringMaxLength, enumerable: true },
}) as { MAX_LENGTH: number; MAX_STRING_LENGTH: number };

// Buffer can be called without new, so it is a function around this class,
// whose prototype it shares.
class FastBuffer extends Uint8Array {
  constructor(source?: any, byteOffset?: any, length?: any) {
    super(source, byteOffset, length);
  }
}

export const Buffer: any = function Buffer(source: any, encodingOrOffset?: any, length?: any) {
  if (typeof source !== "number") return statics.from(source, encodingOrOffset, length);
  if (typeof encodingOrOffset === "string") throw invalidArgType("string", "string", source);
  return statics.alloc(source);
};

const statics = {
  from(value: any, encodingOrOffset?: any, length?: any): any {
    if (typeof value === "string") return fromString(value, encodingOrOffset);
    if (value !== null && typeof value === "object") {
      if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
      const primitive = typeof value.valueOf === "function" ? value.valueOf() : value;
      if (primitive != null && primitive !== value && ["string", "object"].includes(typeof primitive)) {
        return statics.from(primitive, encodingOrOffset, length);
      }
      const bytes = fromObject(value);
      if (bytes) return bytes;
      if (typeof value[Symbol.toPrimitive] === "function") {
        const text = value[Symbol.toPrimitive]("string");
        if (typeof text === "string") return fromString(text, encodingOrOffset);
      }
    }
    const expected = ["string", "Buffer", "ArrayBuffer", "Array", "Array-like Object"];
    throw invalidArgType("first argument", expected, value);
  },

  alloc(size: number, fill?: any, encoding?: string) {
    checkSize(size);
    const buffer = new FastBuffer(size);
    if (fill !== undefined && fill !== 0 && size > 0) {
      if (encoding !== undefined && typeof encoding !== "string") throw invalidArgType("encoding", "string", encoding);
      fillBytes(buffer, fill, 0, size, encoding);
    }
    return buffer;
  },

  allocUnsafe(size: number) {
    checkSize(size);
    return new FastBuffer(size);
  },

  allocUnsafeSlow(size: number) {
    checkSize(size);
    return new FastBuffer(size);
  },

  copyBytesFrom(view: any, offset?: number, length?: number) {
    if (!ArrayBuffer.isView(view) || view instanceof DataView) throw invalidArgType("view", "TypedArray", view);
    const elements: any = view;
    if (offset !== undefined) checkInteger(offset, "offset", 0);
    if (length !== undefined) checkInteger(length, "length", 0);
    const start = offset ?? 0;
    const part = elements.slice(start, length === undefined ? undefined : start + length);
    return new FastBuffer(part.buffer, part.byteOffset, part.byteLength);
  },

  isBuffer(value: unknown): boolean {
    return value instanceof Buffer;
  },

  isEncoding(encoding: unknown): boolean {
    return typeof encoding === "string" && encoding.length !== 0 && findEncoding(encoding) !== undefined;
  },

  byteLength(value: any, encoding?: string): number {
    if (typeof value === "string") return nodeHost.nodeByteLength(findEncoding(encoding) ?? "utf8", value);
    if (ArrayBuffer.isView(value) || isAnyArrayBuffer(value)) return value.byteLength;
    throw invalidArgType("string", ["string", "Buffer", "ArrayBuffer"], value);
  },

  compare(a: any, b: any): number {
    if (!(a instanceof Uint8Array)) throw invalidArgType("buf1", ["Buffer", "Uint8Array"], a);
    if (!(b instanceof Uint8Array)) throw invalidArgType("buf2", ["Buffer", "Uint8Array"], b);
    return a === b ? 0 : nodeHost.nodeCompare(a, b);
  },

  concat(list: any, totalLength?: number) {
    if (!Array.isArray(list)) throw invalidArgType("list", "Array", list);
    list.forEach((part, i) => {
      if (!(part instanceof Uint8Array)) throw invalidArgType(`list[${i}]`, ["Buffer", "Uint8Array"], part);
    });
    if (totalLength !== undefined) checkInteger(totalLength, "length", 0);
    const joined = new FastBuffer(totalLength ?? list.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of list as Uint8Array[]) {
      if (at >= joined.length) break;
      const room = joined.length - at;
      Uint8Array.prototype.set.call(joined, part.length <= room ? part : part.subarray(0, room), at);
      at += part.length;
    }
    return joined;
  },

  of(...items: number[]) {
    return new FastBuffer(items);
  },
};

function checkSize(size: unknown): void {
  checkNumber(size, "size", 0, kMaxLength);
}

function isAnyArrayBuffer(value: any): boolean {
  if (value instanceof ArrayBuffer) return true;
  return typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer;
}

function fromString(text: string, encoding: any) {
  const known = typeof encoding === "string" ? getEncoding(encoding) : "utf8";
  return new FastBuffer(nodeHost.nodeEncode(known, text));
}

function fromArrayBuffer(buffer: ArrayBuffer, byteOffset: any, length: any) {
  const offset = byteOffset === undefined ? 0 : +byteOffset || 0;
  const room = buffer.byteLength - offset;
  if (room < 0) throw outOfBounds("offset");
  if (length === undefined) return new FastBuffer(buffer, offset);
  const wanted = Math.max(0, +length || 0);
  if (wanted > room) throw outOfBounds("length");
  return new FastBuffer(buffer, offset, wanted);
}

function outOfBounds(name: string): any {
  const error: any = new RangeError(`"${name}" is outside of buffer bounds`);
  error.code = "ERR_BUFFER_OUT_OF_BOUNDS";
  return error;
}

function fromObject(value: any) {
  if (value.length !== undefined || isAnyArrayBuffer(value.buffer)) {
    if (typeof value.length !== "number") return new FastBuffer();
    return fromArrayLike(value);
  }
  if (value.type === "Buffer" && Array.isArray(value.data)) return fromArrayLike(value.data);
  return undefined;
}

function fromArrayLike(value: ArrayLike<number>) {
  if (value instanceof Uint8Array) return new FastBuffer(Uint8Array.prototype.slice.call(value));
  const buffer = new FastBuffer(value.length > 0 ? Math.trunc(value.length) : 0);
  for (let i = 0; i < buffer.length; ++i) buffer[i] = value[i]!;
  return buffer;
}

Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = FastBuffer.prototype;
Object.assign(Buffer, statics);
Buffer.poolSize = 8192;
Object.defineProperty(Buffer, Symbol.species, { get: () => FastBuffer, configurable: true });
Object.defineProperty(Buffer.prototype, "constructor", { value: Buffer, writable: true, configurable: true });
Object.assign(Buffer.prototype, textMethods, searchMethods, byteMethods, numberMethods());
Buffer.prototype.inspect = (textMethods as any)[Symbol.for("nodejs.util.inspect.custom")];
Object.defineProperties(Buffer.prototype, {
  parent: { get(this: any) { return this instanceof Buffer ? this.buffer : undefined; }, enumerable: true },
  offset: { get(this: any) { return this instanceof Buffer ? this.byteOffset : undefined; }, enumerable: true },
});

export const SlowBuffer: any = function SlowBuffer(size: number) {
  return Buffer.allocUnsafeSlow(size);
};
Object.setPrototypeOf(SlowBuffer.prototype, Uint8Array.prototype);
Object.setPrototypeOf(SlowBuffer, Uint8Array);

export function isUtf8(input: any): boolean {
  return nodeHost.nodeIsUtf8(bytesOf(input));
}

export function isAscii(input: any): boolean {
  return nodeHost.nodeIsAscii(bytesOf(input));
}

function bytesOf(input: any): Uint8Array {
  if (isAnyArrayBuffer(input)) return new Uint8Array(input);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  throw invalidArgType("input", ["ArrayBuffer", "Buffer", "TypedArray"], input);
}

const transcodable: ReadonlySet<Encoding | undefined> = new Set<Encoding>(["utf8", "utf16le", "latin1", "ascii"]);

// transcode gives the same text in another encoding; what that lacks becomes "?".
export function transcode(source: any, from: string, to: string): any {
  if (!(source instanceof Uint8Array)) throw invalidArgType("source", ["Buffer", "Uint8Array"], source);
  const [origin, target] = [findEncoding(from), findEncoding(to)];
  if (!transcodable.has(origin) || !transcodable.has(target)) {
    const error: any = new Error(`Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]`);
    error.code = "U_ILLEGAL_ARGUMENT_ERROR";
    throw error;
  }
  let text = decode(source, origin!);
  if (target === "ascii") text = text.replace(/[^\x00-\x7f]/gu, "?");
  if (target === "latin1") text = text.replace(/[^\x00-\xff]/gu, "?");
  return new FastBuffer(encode(text, target!));
}

export function resolveObjectURL(_id: string): never {
  throw notEmulated("node:buffer resolveObjectURL");
}

const web: any = globalThis;
export const Blob = web.Blob;
export const File = web.File;
export const atob = (text: string): string => web.atob(text);
export const btoa = (text: string): string => web.btoa(text);
export const INSPECT_MAX_BYTES = 50;

const exports: any = {
  Blob, Buffer, File, SlowBuffer, atob, btoa, constants, isAscii, isUtf8, kMaxLength, kStringMaxLength,
  resolveObjectURL, transcode,
};
Object.defineProperty(exports, "INSPECT_MAX_BYTES", {
  get: () => inspectMaxBytes.value,
  set: (value: number) => {
    checkNumber(value, "INSPECT_MAX_BYTES", 0);
    inspectMaxBytes.value = value;
  },
  enumerable: true,
});
export default exports;
