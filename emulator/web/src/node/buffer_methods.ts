// The other methods of Buffer's prototype: text, search, copy, order.

import { decode, encode, findEncoding, getEncoding, wholeCharacters, type Encoding } from "./buffer_encoding";
import { codedError, invalidArgType, invalidArgValue, outOfRange, unknownEncoding } from "./errors";
import { nodeHost } from "./host";
import { checkInteger, checkNumber, checkString } from "./validate";

type Bytes = Uint8Array & Record<string, any>;

// inspectMaxBytes is how many bytes inspect shows of a long buffer.
export const inspectMaxBytes = { value: 50 };

export const textMethods = {
  toString(this: Bytes, encoding?: string, start?: number, end?: number): string {
    if (arguments.length === 0) return decode(this, "utf8");
    const from = clampIndex(start, 0, this.length);
    const to = clampIndex(end, this.length, this.length);
    if (to <= from) return "";
    const known = getEncoding(encoding === null ? "null" : encoding);
    return decode(from === 0 && to === this.length ? this : Uint8Array.prototype.subarray.call(this, from, to), known);
  },

  toLocaleString(this: Bytes, encoding?: string, start?: number, end?: number): string {
    return textMethods.toString.call(this, encoding, start, end);
  },

  write(this: Bytes, text: string, offset?: any, length?: any, encoding?: string): number {
    checkString(text, "argument");
    let at = 0;
    let room = this.length;
    if (typeof offset === "string") {
      encoding = offset;
    } else if (offset !== undefined) {
      checkInteger(offset, "offset", 0, this.length);
      at = offset;
      room = this.length - at;
      if (typeof length === "string") {
        encoding = length;
      } else if (length !== undefined) {
        checkInteger(length, "length", 0, this.length);
        room = Math.min(room, length);
      }
    }
    return writeText(this, text, at, room, getEncoding(encoding));
  },

  toJSON(this: Bytes): { type: "Buffer"; data: number[] } {
    return { type: "Buffer", data: Array.from(this) };
  },

  [Symbol.for("nodejs.util.inspect.custom")](this: Bytes, _depth: number, context: any, inspect?: any): string {
    const max = inspectMaxBytes.value;
    const shown = Uint8Array.prototype.subarray.call(this, 0, Math.min(max, this.length));
    let text = decode(shown, "hex").replace(/(.{2})/g, "$1 ").trim();
    const left = this.length - max;
    if (left > 0) text += ` ... ${left} more byte${left > 1 ? "s" : ""}`;
    const extras = Object.keys(this).slice(this.length);
    if (inspect && extras.length > 0) {
      const own = Object.fromEntries(extras.map((key) => [key, this[key]]));
      text += `${text ? ", " : ""}${inspect(own, { ...context, breakLength: Infinity }).slice(2, -2)}`;
    }
    return `<${this.constructor.name} ${text}>`;
  },
};

for (const encoding of ["utf8", "utf16le", "latin1", "ascii", "base64", "base64url", "hex"] as Encoding[]) {
  const stem = encoding === "utf16le" ? "ucs2" : encoding;
  Object.assign(textMethods, {
    [`${stem}Slice`](this: Bytes, start?: number, end?: number): string {
      return textMethods.toString.call(this, encoding, start, end);
    },
    [`${stem}Write`](this: Bytes, text: string, offset = 0, length = this.length - offset): number {
      return writeText(this, text, offset, length, encoding);
    },
  });
}

function writeText(buffer: Uint8Array, text: string, at: number, room: number, encoding: Encoding): number {
  const bytes = encode(text, encoding);
  const count = wholeCharacters(bytes, room, encoding);
  buffer.set(count === bytes.length ? bytes : bytes.subarray(0, count), at);
  return count;
}

function clampIndex(value: unknown, missing: number, length: number): number {
  if (value === undefined) return missing;
  const index = Math.trunc(Number(value)) || 0;
  return Math.min(Math.max(index, 0), length);
}

export const searchMethods = {
  indexOf(this: Bytes, value: any, byteOffset?: any, encoding?: string): number {
    return search(this, value, byteOffset, encoding, false);
  },

  lastIndexOf(this: Bytes, value: any, byteOffset?: any, encoding?: string): number {
    return search(this, value, byteOffset, encoding, true);
  },

  includes(this: Bytes, value: any, byteOffset?: any, encoding?: string): boolean {
    return search(this, value, byteOffset, encoding, false) !== -1;
  },
};

function search(buffer: Bytes, value: any, byteOffset: any, encoding: any, last: boolean): number {
  if (typeof byteOffset === "string") {
    encoding = byteOffset;
    byteOffset = undefined;
  }
  const start = searchStart(buffer.length, byteOffset, last);
  if (typeof value === "number") {
    const byte = value & 0xff;
    return last
      ? start < 0 ? -1 : Uint8Array.prototype.lastIndexOf.call(buffer, byte, start)
      : Uint8Array.prototype.indexOf.call(buffer, byte, start);
  }
  const known = findEncoding(encoding);
  let needle: Uint8Array;
  if (typeof value === "string") {
    if (known === undefined) throw unknownEncoding(encoding);
    needle = encode(value, known);
  } else if (value instanceof Uint8Array) {
    needle = value;
  } else {
    throw invalidArgType("value", ["number", "string", "Buffer", "Uint8Array"], value);
  }
  if (needle.length === 0) return Math.max(0, Math.min(start, buffer.length));
  const step = known === "utf16le" ? 2 : 1;
  if (!last) {
    const found = nodeHost.nodeIndexOf(Uint8Array.prototype.subarray.call(buffer, start), needle, false, step);
    return found < 0 ? -1 : found + start;
  }
  if (start < 0) return -1;
  return nodeHost.nodeIndexOf(Uint8Array.prototype.subarray.call(buffer, 0, start + needle.length), needle, true, step);
}

function searchStart(length: number, byteOffset: unknown, last: boolean): number {
  const offset = +(byteOffset as number);
  if (Number.isNaN(offset)) return last ? length : 0;
  const whole = Math.trunc(offset);
  if (whole >= 0) return Math.min(whole, length);
  return last ? length + whole : Math.max(0, length + whole);
}

export const byteMethods = {
  equals(this: Bytes, other: any): boolean {
    if (!(other instanceof Uint8Array)) throw invalidArgType("otherBuffer", ["Buffer", "Uint8Array"], other);
    return this === other || (this.length === other.length && nodeHost.nodeCompare(this, other) === 0);
  },

  compare(this: Bytes, target: any, tStart = 0, tEnd?: number, sStart = 0, sEnd?: number): number {
    if (!(target instanceof Uint8Array)) throw invalidArgType("target", ["Buffer", "Uint8Array"], target);
    if (arguments.length === 1) return nodeHost.nodeCompare(this, target);
    const tLast = tEnd ?? target.length;
    const sLast = sEnd ?? this.length;
    checkInteger(tStart, "targetStart", 0);
    checkInteger(tLast, "targetEnd", 0, target.length);
    checkInteger(sStart, "sourceStart", 0);
    checkInteger(sLast, "sourceEnd", 0, this.length);
    if (sStart >= sLast) return tStart >= tLast ? 0 : -1;
    if (tStart >= tLast) return 1;
    const cut = Uint8Array.prototype.subarray;
    return nodeHost.nodeCompare(cut.call(this, sStart, sLast), cut.call(target, tStart, tLast));
  },

  copy(this: Bytes, target: any, targetStart: any = 0, sourceStart: any = 0, sourceEnd: any = this.length): number {
    if (!(target instanceof Uint8Array)) throw invalidArgType("target", ["Buffer", "Uint8Array"], target);
    const to = toInteger(targetStart);
    if (to < 0) throw outOfRange("targetStart", ">= 0", to);
    const from = toInteger(sourceStart);
    if (from < 0 || from > this.length) throw outOfRange("sourceStart", `>= 0 && <= ${this.length}`, from);
    const end = toInteger(sourceEnd);
    if (end < 0) throw outOfRange("sourceEnd", ">= 0", end);
    const count = Math.min(end, this.length) - from;
    const fitting = Math.min(count, target.length - to);
    if (fitting <= 0) return 0;
    target.set(Uint8Array.prototype.subarray.call(this, from, from + fitting), to);
    return fitting;
  },

  fill(this: Bytes, value: any, offset?: any, end?: any, encoding?: string): Bytes {
    if (typeof offset === "string") [encoding, offset, end] = [offset, undefined, undefined];
    else if (typeof end === "string") [encoding, end] = [end, undefined];
    const from = offset ?? 0;
    const to = end ?? this.length;
    if (offset !== undefined) checkNumber(from, "offset", 0, this.length);
    if (end !== undefined) checkNumber(to, "end", 0, this.length);
    fillBytes(this, value, from, to, encoding);
    return this;
  },

  subarray(this: Bytes, start?: number, end?: number): Bytes {
    return Uint8Array.prototype.subarray.call(this, start, end) as Bytes;
  },

  slice(this: Bytes, start?: number, end?: number): Bytes {
    return Uint8Array.prototype.subarray.call(this, start, end) as Bytes;
  },

  swap16(this: Bytes): Bytes {
    return swap(this, 2);
  },

  swap32(this: Bytes): Bytes {
    return swap(this, 4);
  },

  swap64(this: Bytes): Bytes {
    return swap(this, 8);
  },
};

function toInteger(value: unknown): number {
  return Math.trunc(+(value as number)) || 0;
}

// fillBytes fills a range with a number, or with text or bytes repeated.
export function fillBytes(buffer: Uint8Array, value: any, from: number, to: number, encoding?: string): void {
  if (typeof value !== "string" && !ArrayBuffer.isView(value)) {
    Uint8Array.prototype.fill.call(buffer, value & 255, from, to);
    return;
  }
  let pattern: Uint8Array;
  if (typeof value === "string") {
    if (encoding !== undefined && typeof encoding !== "string") throw invalidArgType("encoding", "string", encoding);
    pattern = encode(value, getEncoding(encoding));
    if (value === "") pattern = new Uint8Array(1);
  } else {
    pattern = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  if (to <= from) return;
  if (pattern.length === 0) throw invalidArgValue("value", value);
  for (let at = from; at < to; at += pattern.length) {
    buffer.set(at + pattern.length <= to ? pattern : pattern.subarray(0, to - at), at);
  }
}

function swap(buffer: Bytes, size: number): Bytes {
  if (buffer.length % size !== 0) {
    const message = `Buffer size must be a multiple of ${size * 8}-bits`;
    throw codedError(RangeError, "ERR_INVALID_BUFFER_SIZE", message);
  }
  for (let at = 0; at < buffer.length; at += size) {
    Uint8Array.prototype.reverse.call(Uint8Array.prototype.subarray.call(buffer, at, at + size));
  }
  return buffer;
}
