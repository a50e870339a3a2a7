// UTF-8 encode and decode, Encoding Standard §6, for the platform's own use.

import { hostOf } from "./host";
import type { EncodingHost } from "./host/encoding";

const host = hostOf<EncodingHost>();

/** The UTF-8 of a string; what is no character becomes U+FFFD. */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(host.utf8Encode(text));
}

/** The text of bytes, without a byte order mark; what is not UTF-8 becomes U+FFFD. */
export function utf8Decode(bytes: ArrayBuffer | ArrayBufferView): string {
  const text = host.utf8Decode(bytes, false)!;
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
