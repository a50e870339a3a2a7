// data: URLs, Fetch Standard §6.

import { host } from "./host";
import { parseMimeType } from "./mime";
import { Response } from "./response";
import { utf8Encode } from "./utf8";

/** The response to a request for a data: URL, undefined when that is none. */
export function responseOfData(href: string, method: string): Response | undefined {
  const [url] = href.slice("data:".length).split("#", 1) as [string];
  const comma = url.indexOf(",");
  if (comma < 0) return undefined;
  let type = url.slice(0, comma).trim();
  let data = unescaped(url.slice(comma + 1));
  const base64 = /;\s*base64\s*$/i;
  if (base64.test(type)) {
    type = type.replace(base64, "");
    data = decoded(data);
  }
  const headers = { "content-type": typeOf(type.trim()) };
  return new Response(method === "GET" ? data : null, { statusText: "OK", headers });
}

/** The bytes behind percent signs. */
function unescaped(text: string): Uint8Array<ArrayBuffer> {
  const bytes = utf8Encode(text);
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes[i] === 0x25 ? String.fromCharCode(...bytes.subarray(i + 1, i + 3)) : "";
    if (!/^[0-9a-f]{2}$/i.test(hex)) out.push(bytes[i]!);
    else {
      out.push(parseInt(hex, 16));
      i += 2;
    }
  }
  return new Uint8Array(out);
}

/** The bytes that base64 stands for: none when it is malformed. */
function decoded(base64: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = host.atob(Array.from(base64, (byte) => String.fromCharCode(byte)).join("")) ?? "";
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i;

function typeOf(given: string): string {
  const { essence, parameters } = parseMimeType(given.startsWith(";") ? `text/plain${given}` : given);
  const [type = "", subtype = "", ...more] = essence.split("/");
  if (!token.test(type) || !token.test(subtype) || more.length > 0) return "text/plain;charset=US-ASCII";
  let text = essence;
  for (const [name, value] of parameters) text += `;${name}=${token.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
  return text;
}
