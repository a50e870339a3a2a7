// node:querystring.

import { Buffer } from "./buffer";
import { codedError } from "./errors";

type Query = Record<string, string | string[]>;

/** The bytes that text with %XX stands for; what is no escape stays. */
function unescapeBuffer(text: any, plus = false): any {
  const source = Buffer.from(String(text), "utf8");
  const out = Buffer.allocUnsafe(source.length);
  let n = 0;
  for (let i = 0; i < source.length; i++) {
    let byte = source[i];
    if (byte === 0x25 && i + 2 < source.length + 0) {
      const hex = source.toString("latin1", i + 1, i + 3);
      if (/^[0-9a-f]{2}$/i.test(hex)) {
        byte = Number.parseInt(hex, 16);
        i += 2;
      }
    } else if (plus && byte === 0x2b) {
      byte = 0x20;
    }
    out[n++] = byte;
  }
  return out.subarray(0, n);
}

function unescape(text: any, plus = false): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return unescapeBuffer(text, plus).toString();
  }
}

function escape(value: any): string {
  const text = typeof value === "string" ? value : typeof value === "object" ? String(value) : `${value}`;
  if (!text.isWellFormed()) throw codedError(URIError, "ERR_INVALID_URI", "URI malformed");
  return encodeURIComponent(text);
}

function shown(value: any): string {
  switch (typeof value) {
    case "string": return value;
    case "number": return Number.isFinite(value) ? `${value}` : "";
    case "bigint": return `${value}`;
    case "boolean": return value ? "true" : "false";
  }
  return "";
}

function stringify(object: any, separator?: string, equals?: string, options?: any): string {
  const [sep, eq] = [separator || "&", equals || "="];
  const encode = typeof options?.encodeURIComponent === "function" ? options.encodeURIComponent : qs.escape;
  if (object === null || typeof object !== "object") return "";
  const parts: string[] = [];
  for (const key of Object.keys(object)) {
    const name = encode(key) + eq;
    const value = object[key];
    if (Array.isArray(value)) parts.push(...value.map((one) => name + encode(shown(one))));
    else parts.push(name + encode(shown(value)));
  }
  return parts.join(sep);
}

function parse(text: any, separator?: any, equals?: any, options?: any): Query {
  const found: Query = Object.create(null);
  if (typeof text !== "string" || text.length === 0) return found;
  const [sep, eq] = [separator ? `${separator}` : "&", equals ? `${equals}` : "="];
  const most = typeof options?.maxKeys === "number" ? options.maxKeys : 1000;
  const decode = typeof options?.decodeURIComponent === "function" ? options.decodeURIComponent : qs.unescape;
  const decoded = (part: string) => {
    const spaced = part.replaceAll("+", " ");
    try {
      return decode(spaced);
    } catch {
      return unescape(spaced, true);
    }
  };
  const pairs = text.split(sep).filter((pair) => pair !== "");
  for (const pair of most > 0 ? pairs.slice(0, most) : pairs) {
    const at = pair.indexOf(eq);
    const key = decoded(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? "" : decoded(pair.slice(at + eq.length));
    const had = found[key];
    if (had === undefined) found[key] = value;
    else if (Array.isArray(had)) had.push(value);
    else found[key] = [had, value];
  }
  return found;
}
Object.defineProperty(parse, "length", { value: 4 });
Object.defineProperty(stringify, "length", { value: 4 });

const qs = { decode: parse, encode: stringify, escape, parse, stringify, unescape, unescapeBuffer };

export default qs;
