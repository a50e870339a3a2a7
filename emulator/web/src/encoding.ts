// TextEncoder and TextDecoder, Encoding Standard section 7.

import { illegalInvocation } from "./brand";
import { expose } from "./frame";
import { host } from "./host";

type Input = ArrayBuffer | ArrayBufferView;

export class TextEncoder {
  get encoding(): string { return "utf-8"; }

  encode(input: string = ""): Uint8Array {
    return new Uint8Array(host.utf8Encode(`${input}`));
  }

  encodeInto(source: string, destination: Uint8Array): { read: number; written: number } {
    const text = `${source}`;
    let read = 0;
    let written = 0;
    for (const character of text) {
      const bytes = utf8Length(character.codePointAt(0)!);
      if (written + bytes > destination.length) break;
      written += bytes;
      read += character.length;
    }
    destination.set(new Uint8Array(host.utf8Encode(text.slice(0, read))));
    return { read, written };
  }
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

interface DecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

const failure = () => new TypeError("Failed to decode input.");

export class TextDecoder {
  #encoding = "utf-8";
  #fatal = false;
  #ignoreBOM = false;
  #rest: Uint8Array | undefined; // bytes of an unfinished character
  #started = false; // the byte order mark has been dealt with

  constructor(label: string = "utf-8", options?: DecoderOptions) {
    if (label !== "utf-8") this.#encoding = encodingOf(label);
    this.#fatal = !!options?.fatal;
    this.#ignoreBOM = !!options?.ignoreBOM;
  }

  get encoding(): string { return this.#encoding; }
  get fatal(): boolean { return this.#fatal; }
  get ignoreBOM(): boolean { return this.#ignoreBOM; }

  decode(input?: Input, options?: { stream?: boolean }): string {
    if (!(#encoding in this)) throw illegalInvocation();
    if (input !== undefined && !(input instanceof ArrayBuffer) && !ArrayBuffer.isView(input)) throw notBytes(input);
    const stream = !!options?.stream;
    let bytes: Input = input ?? new Uint8Array(0);
    if (stream || this.#rest) bytes = this.#cut(bytes, stream);
    const text = this.#text(bytes);
    const marked = !this.#started && !this.#ignoreBOM && text.charCodeAt(0) === 0xfeff;
    this.#started = stream && (this.#started || text.length > 0);
    return marked ? text.slice(1) : text;
  }

  #text(bytes: Input): string {
    const text =
      this.#encoding === "utf-8" ? host.utf8Decode(bytes, this.#fatal) : host.decode(this.#encoding, bytes, this.#fatal);
    if (text === undefined) {
      this.#started = false;
      throw failure();
    }
    return text;
  }

  // cut joins what an earlier call left over to the bytes and, in a stream,
  // keeps the unfinished character at their end for the next call.
  #cut(input: Input, stream: boolean): Uint8Array {
    const bytes = joined(this.#rest, input);
    this.#rest = undefined;
    if (!stream) return bytes;
    const open = host.unfinished(this.#encoding, bytes);
    if (open > 0) this.#rest = bytes.slice(bytes.length - open);
    return bytes.subarray(0, bytes.length - open);
  }
}

function notBytes(input: unknown): TypeError {
  if (typeof SharedArrayBuffer === "function" && input instanceof SharedArrayBuffer) {
    return new TypeError("Failed to execute 'decode' on 'TextDecoder': the input must not be shared.");
  }
  return new TypeError(
    "Failed to execute 'decode' on 'TextDecoder': parameter 1 is not of type 'ArrayBuffer or ArrayBufferView'.",
  );
}

function encodingOf(label: unknown): string {
  const name = host.encodingName(`${label}`);
  if (name === undefined) throw new RangeError(`"${label}" is not a valid encoding.`);
  return name;
}

function joined(before: Uint8Array | undefined, input: Input): Uint8Array {
  const bytes =
    input instanceof ArrayBuffer ? new Uint8Array(input) : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (!before) return bytes;
  const all = new Uint8Array(before.length + bytes.length);
  all.set(before);
  all.set(bytes, before.length);
  return all;
}

expose("TextEncoder", TextEncoder);
expose("TextDecoder", TextDecoder);
