// application/x-www-form-urlencoded, URL Standard section 5.1.

import { host } from "./host";

export type Pair = [name: string, value: string];

// parseQuery reads a query string without its question mark.
export function parseQuery(query: string): Pair[] {
  const pairs: Pair[] = [];
  if (query === "") return pairs;
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    if (equals < 0) pairs.push([decode(part), ""]);
    else pairs.push([decode(part.slice(0, equals)), decode(part.slice(equals + 1))]);
  }
  return pairs;
}

// formatQuery is the inverse of parseQuery.
export function formatQuery(pairs: readonly Pair[]): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

const spaces = /\+/g;

function decode(text: string): string {
  const spaced = text.includes("+") ? text.replace(spaces, " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return decodeLossy(spaced);
  }
}

const hexPair = /^[0-9a-fA-F]{2}$/;

// decodeLossy keeps what is no escape and replaces what is no UTF-8.
function decodeLossy(text: string): string {
  const bytes = new Uint8Array(host.utf8Encode(text));
  let end = 0;
  for (let i = 0; i < bytes.length; i++, end++) {
    const digits = bytes[i] === 0x25 ? String.fromCharCode(bytes[i + 1] ?? 0, bytes[i + 2] ?? 0) : "";
    if (hexPair.test(digits)) {
      bytes[end] = parseInt(digits, 16);
      i += 2;
    } else {
      bytes[end] = bytes[i]!;
    }
  }
  return host.utf8Decode(bytes.subarray(0, end), false)!;
}

const plain = /^[A-Za-z0-9*\-._]*$/;
const special = /%20|[!'()~]/g;

function encode(text: string): string {
  if (plain.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(special, (c) =>
    c === "%20" ? "+" : `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
