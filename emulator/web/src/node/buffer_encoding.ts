// Names of encodings, and text to bytes and back.

import { nodeHost } from "./host";
import { unknownEncoding } from "./errors";

export type Encoding = "utf8" | "utf16le" | "latin1" | "ascii" | "base64" | "base64url" | "hex";

const names: Record<string, Encoding> = {
  "utf8": "utf8", "utf-8": "utf8",
  "ucs2": "utf16le", "ucs-2": "utf16le", "utf16le": "utf16le", "utf-16le": "utf16le",
  "latin1": "latin1", "binary": "latin1",
  "ascii": "ascii", "base64": "base64", "base64url": "base64url", "hex": "hex",
};

// findEncoding is the encoding a name means, or undefined.
export function findEncoding(name: unknown): Encoding | undefined {
  if (name === undefined || name === null || name === "") return "utf8";
  const text = String(name);
  return names[text] ?? names[text.toLowerCase()];
}

export function getEncoding(name: unknown): Encoding {
  const encoding = findEncoding(name);
  if (encoding === undefined) throw unknownEncoding(name);
  return encoding;
}

export function encode(text: string, encoding: Encoding): Uint8Array {
  return new Uint8Array(nodeHost.nodeEncode(encoding, text));
}

export function decode(bytes: Uint8Array, encoding: Encoding): string {
  return bytes.length === 0 ? "" : nodeHost.nodeDecode(encoding, bytes);
}

// wholeCharacters is how many of the first limit bytes of encoded text end on a
// whole character.
export function wholeCharacters(bytes: Uint8Array, limit: number, encoding: Encoding): number {
  if (limit >= bytes.length) return bytes.length;
  if (encoding === "utf16le") return limit & ~1;
  if (encoding !== "utf8") return limit;
  let end = limit;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) --end;
  return end;
}
