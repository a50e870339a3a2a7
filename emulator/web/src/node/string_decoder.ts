// node:string_decoder.

import { Buffer } from "./buffer";
import { codedError, invalidArgType } from "./errors";

const names: Record<string, string> = {
  "utf8": "utf8", "utf-8": "utf8", "ucs2": "utf16le", "ucs-2": "utf16le", "utf16le": "utf16le", "utf-16le": "utf16le",
  "latin1": "latin1", "binary": "latin1", "base64": "base64", "base64url": "base64url", "ascii": "ascii", "hex": "hex",
};

/** How many bytes at the end of bytes begin something that goes on. */
function unfinished(encoding: string, bytes: any): number {
  const { length } = bytes;
  switch (encoding) {
    case "utf8":
      for (let n = 1; n <= Math.min(3, length); n++) {
        const byte = bytes[length - n];
        if ((byte & 0xc0) === 0x80) continue;
        const need = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc2 && byte < 0xe0 ? 2 : 1;
        return need > n && mayGoOn(byte, bytes[length - n + 1]) ? n : 0;
      }
      return 0;
    case "utf16le": {
      const odd = length % 2;
      const high = length - odd >= 2 ? bytes[length - odd - 1] : 0;
      return odd + (high >= 0xd8 && high <= 0xdb ? 2 : 0);
    }
    case "base64":
    case "base64url": return length % 3;
  }
  return 0;
}

function mayGoOn(first: number, second: number | undefined): boolean {
  if (second === undefined) return true;
  switch (first) {
    case 0xe0: return second >= 0xa0;
    case 0xed: return second <= 0x9f;
    case 0xf0: return second >= 0x90;
    case 0xf4: return second <= 0x8f;
  }
  return true;
}

/** How many bytes there will be of what has begun. */
function total(encoding: string, rest: any): number {
  if (rest.length === 0) return 0;
  switch (encoding) {
    case "utf8": return rest[0] >= 0xf0 ? 4 : rest[0] >= 0xe0 ? 3 : 2;
    case "utf16le": return rest.length > 1 ? 4 : 2;
  }
  return 3;
}

export const StringDecoder: any = function StringDecoder(this: any, encoding?: any) {
  const name = names[String(encoding ?? "utf8").toLowerCase()];
  if (name === undefined) throw codedError(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${encoding}`);
  Object.defineProperty(this, "rest", { value: Buffer.alloc(0), writable: true });
  this.encoding = name;
};

StringDecoder.prototype.write = function write(this: any, chunk: any): string {
  if (typeof chunk === "string") return chunk;
  if (!ArrayBuffer.isView(chunk)) throw invalidArgType("buf", ["Buffer", "TypedArray", "DataView"], chunk);
  const given = Buffer.from(chunk.buffer as any, chunk.byteOffset, chunk.byteLength);
  const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, given]) : given;
  const n = unfinished(this.encoding, bytes);
  this.rest = n > 0 ? Buffer.from(bytes.subarray(bytes.length - n)) : Buffer.alloc(0);
  return bytes.toString(this.encoding, 0, bytes.length - n);
};

StringDecoder.prototype.end = function end(this: any, chunk?: any): string {
  let text = chunk === undefined ? "" : this.write(chunk);
  if (this.rest.length > 0) {
    text += this.encoding === "utf8" ? "\ufffd" : this.rest.toString(this.encoding);
    this.rest = Buffer.alloc(0);
  }
  return text;
};

StringDecoder.prototype.text = function text(this: any, chunk: any, offset: number): string {
  this.rest = Buffer.alloc(0);
  return this.write(chunk.slice(offset));
};

Object.defineProperties(StringDecoder.prototype, {
  lastChar: { get(this: any) { return this.rest; }, enumerable: true, configurable: true },
  lastNeed: { get(this: any) { return total(this.encoding, this.rest) - this.rest.length; }, enumerable: true, configurable: true },
  lastTotal: { get(this: any) { return total(this.encoding, this.rest); }, enumerable: true, configurable: true },
});

export default { StringDecoder };
