// What a byte stream accepts as a chunk.

import { utf8Encode } from "../utf8";
import { asBytes } from "./shared";

/** A copy of a chunk's bytes; strings, as on the platform, stand for their UTF-8. */
export function chunkBytes(chunk: unknown): Uint8Array<ArrayBuffer> {
  if (typeof chunk === "string") return utf8Encode(chunk) as Uint8Array<ArrayBuffer>;
  const bytes = asBytes(chunk);
  if (bytes !== undefined) return bytes.slice();
  throw new TypeError(
    "This TransformStream is being used as a byte stream, but received an object of " +
      "non-ArrayBuffer/ArrayBufferView type on its writable side.",
  );
}
