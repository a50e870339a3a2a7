// What a body is made of. Most bodies are text or bytes from one end to the
// other and never become a stream; a stream is made when a script asks for it.

import type { AbortSignal } from "./abort";
import { blobBytes, isBlob, type Blob } from "./blob";
import { dataStream, type Data } from "./data-stream";
import { utf8Decode, utf8Encode } from "./utf8";
import { encodeForm, isFormData, type FormData } from "./formdata";
import { hostOf } from "./host";
import type { BodyHost } from "./host/body";
import { wait } from "./ops";
import { PipeEnd, readPipe, writePipe, type PipeRules } from "./pipes";
import { ByteSource } from "./streams/byte-source";
import { sourceOfIterable } from "./streams/iteration";
import { ReadableCore } from "./streams/readable-core";
import { coreOf, isReadableStream, readableOf, type ReadableStream } from "./streams/readable";
import { asBytes, concat, microtask } from "./streams/shared";
import { URLSearchParams } from "./urlsearchparams";

const host = hostOf<BodyHost>();

export type BodyInit =
  | ReadableStream
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | FormData
  | URLSearchParams
  | AsyncIterable<Uint8Array>
  | string;

const used = "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.";
const locked = "This ReadableStream is currently locked to a reader.";

/** What crosses to the host: data as it is, or the number of a pipe. */
export interface HostBody {
  data: string | ArrayBuffer | undefined;
  pipe: number;
}

type Origin = Data | PipeEnd | undefined;

export class Payload {
  declare private source: ReadableStream | undefined;
  declare private consumed: boolean;
  declare private live: boolean;

  /** Live means that it came from outside the isolate, so that reading it is an event. */
  private constructor(
    private origin: Origin,
    stream: ReadableStream | undefined,
    live: boolean,
  ) {
    if (stream !== undefined) this.source = stream;
    if (live) this.live = true;
  }

  static text(text: string, live = false, used = false): Payload {
    const payload = new Payload(text, undefined, live);
    if (used) payload.consumed = true;
    return payload;
  }

  static bytes(bytes: Uint8Array<ArrayBuffer>): Payload {
    return new Payload(bytes, undefined, false);
  }

  /** The body of a message that the host hands over; null when there is none. */
  static fromHost(data: string | ArrayBuffer | undefined, pipe: number): Payload | null {
    if (pipe > 0) return new Payload(new PipeEnd(pipe), undefined, true);
    if (data === undefined) return null;
    return new Payload(typeof data === "string" ? data : new Uint8Array(data), undefined, true);
  }

  static stream(stream: ReadableStream): Payload {
    const core = coreOf(stream);
    if (core.disturbed) {
      throw new TypeError("This ReadableStream is disturbed (has already been read from), and cannot be used as a body.");
    }
    if (core.locked) throw new TypeError(locked);
    return new Payload(undefined, stream, false);
  }

  get used(): boolean {
    return this.source === undefined ? this.consumed : coreOf(this.source).disturbed;
  }

  get unusable(): boolean {
    return this.used || (this.source !== undefined && coreOf(this.source).locked);
  }

  get stream(): ReadableStream {
    return (this.source ??= readableOf(this.streamOfOrigin()));
  }

  /** Whether it is data that can be sent more than once. */
  get rewindable(): boolean {
    return this.source === undefined && this.origin !== undefined && !(this.origin instanceof PipeEnd);
  }

  /** How many bytes there are, when that is known. */
  get length(): number | undefined {
    if (this.source !== undefined) return coreOf(this.source).length;
    const origin = this.origin!;
    if (typeof origin === "string") return this.textLength(origin);
    return origin instanceof PipeEnd ? undefined : origin.byteLength;
  }

  /** Turns long text to bytes on the way, which it will have to be anyway. */
  private textLength(text: string): number {
    if (text.length <= 512 && isAscii(text)) return text.length;
    const bytes = utf8Encode(text) as Uint8Array<ArrayBuffer>;
    this.origin = bytes;
    return bytes.byteLength;
  }

  async readBytes(): Promise<Uint8Array<ArrayBuffer>> {
    const origin = this.take();
    if (origin === undefined) return this.readStream();
    if (origin instanceof PipeEnd) return new Uint8Array(await wait<ArrayBuffer>(host.pipeReadAll(origin.take(), false)));
    if (this.live) await wait(host.bodyTurn());
    return typeof origin === "string" ? (utf8Encode(origin) as Uint8Array<ArrayBuffer>) : origin.slice();
  }

  async readText(): Promise<string> {
    const origin = this.take();
    if (origin === undefined) return utf8Decode(await this.readStream());
    if (origin instanceof PipeEnd) return wait<string>(host.pipeReadAll(origin.take(), true));
    if (this.live) await wait(host.bodyTurn());
    return typeof origin === "string" ? decodedText(origin) : utf8Decode(origin);
  }

  /** Reads a stream that nobody has read from: what it was made of, when that is known. */
  private readStream(): Promise<Uint8Array<ArrayBuffer>> {
    const core = coreOf(this.source!);
    const { origin } = core;
    if (!(origin instanceof Payload)) return readAll(core);
    core.acquire();
    core.disturbed = true;
    return origin.readBytes();
  }

  /** Takes the body out, for the host. What is data stays readable by rewind. */
  toHost(): HostBody {
    const origin = this.take();
    if (typeof origin === "string") return { data: origin.toWellFormed(), pipe: 0 };
    if (origin === undefined) return streamToHost(coreOf(this.source!));
    if (origin instanceof PipeEnd) return { data: undefined, pipe: origin.pass() };
    return { data: exactBuffer(origin), pipe: 0 };
  }

  /** Splits it in two: this one and the answer. */
  clone(): Payload {
    if (this.unusable) throw new TypeError("This ReadableStream is currently locked to a reader,");
    if (this.rewindable) return new Payload(this.origin, undefined, this.live);
    const [mine, other] = this.stream.tee();
    this.source = mine;
    return new Payload(undefined, other, false);
  }

  /** A payload with the same content; this one counts as used. */
  move(): Payload {
    if (this.source !== undefined) {
      return new Payload(undefined, readableOf(detach(coreOf(this.source))), false);
    }
    this.consumed = true;
    return new Payload(this.origin, undefined, this.live);
  }

  /** The same data again, for a request sent a second time. */
  rewound(): Payload {
    return new Payload(this.origin, undefined, this.live);
  }

  /** The same body, which fails with the reason of signal when that aborts. */
  abortable(signal: AbortSignal): Payload {
    const origin = this.origin;
    if (this.source !== undefined || origin === undefined) return this;
    const core = origin instanceof PipeEnd ? readPipe(origin, signal) : dataStream(origin, this.live, signal);
    return new Payload(undefined, readableOf(core), true);
  }

  /** Marks it as used. Undefined means: read the stream. */
  private take(): Origin {
    if (this.source !== undefined) {
      if (this.used) throw new TypeError(used);
      if (coreOf(this.source).locked) throw new TypeError(locked);
      return undefined;
    }
    if (this.consumed) throw new TypeError(used);
    this.consumed = true;
    return this.origin;
  }

  private streamOfOrigin(): ReadableCore {
    const origin = this.origin!;
    const core = origin instanceof PipeEnd ? readPipe(origin) : dataStream(origin, this.live);
    if (this.consumed) {
      core.acquire();
      core.disturbed = true;
    }
    core.origin = new Payload(origin, undefined, this.live);
    return core;
  }
}

Object.assign(Payload.prototype, { source: undefined, consumed: false, live: false });

/** The Content-Type of text. */
export const textType = "text/plain;charset=UTF-8";

export interface Extracted {
  payload: Payload;
  /** The Content-Type that goes with it. */
  type: string | undefined;
}

/** The body that a script gave. */
export function extractBody(init: unknown): Extracted {
  if (typeof init === "object" && init !== null) {
    const found = extractObject(init);
    if (found !== undefined) return found;
  }
  return { payload: Payload.text(String(init)), type: textType };
}

function extractObject(init: object): Extracted | undefined {
  if (isReadableStream(init)) return { payload: Payload.stream(init), type: undefined };
  const bytes = asBytes(init);
  if (bytes !== undefined) return { payload: Payload.bytes(bytes.slice()), type: undefined };
  if (isBlob(init)) return { payload: Payload.bytes(blobBytes(init)), type: init.type || undefined };
  if (isFormData(init)) {
    const { bytes, boundary } = encodeForm(init);
    return { payload: Payload.bytes(bytes), type: `multipart/form-data; boundary=${boundary}` };
  }
  if (init instanceof URLSearchParams) {
    return { payload: Payload.text(init.toString()), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  if (!(init instanceof String) && (Symbol.asyncIterator in init || Symbol.iterator in init)) {
    return { payload: Payload.stream(readableOf(sourceOfIterable(init as AsyncIterable<unknown>))), type: undefined };
  }
  return undefined;
}

async function readAll(core: ReadableCore): Promise<Uint8Array<ArrayBuffer>> {
  const reader = core.acquire();
  core.whole = true;
  const chunks: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    const next = () =>
      reader.read({
        chunk: (chunk) => {
          const bytes = asBytes(chunk);
          if (bytes === undefined) {
            const error = new TypeError("This ReadableStream did not return bytes.");
            reader.cancel(error).catch(() => {});
            return reject(error);
          }
          chunks.push(bytes);
          microtask(next);
        },
        close: resolve,
        error: reject,
      });
    next();
  });
  return concat(chunks);
}

/** Sends a stream: what it was made of when nobody has read from it, else its chunks. */
function streamToHost(core: ReadableCore): HostBody {
  const { origin } = core;
  if (!(origin instanceof Payload)) return { data: undefined, pipe: writePipe(core) };
  core.acquire();
  core.disturbed = true;
  return origin.toHost();
}

/** Sends a stream by rules of its own, unless it is still what it was made of. */
export function sendStream(core: ReadableCore, rules: PipeRules): HostBody {
  const { origin } = core;
  if (!(origin instanceof Payload) || core.disturbed) return { data: undefined, pipe: writePipe(core, rules) };
  return streamToHost(core);
}

/** A new inside with the content of core, which is locked and disturbed from now on. */
function detach(core: ReadableCore): ReadableCore {
  if (core.locked) throw new TypeError(locked);
  const inner = new ReadableCore();
  inner.origin = core.origin;
  inner.length = core.length;
  const reader = core.acquire();
  core.disturbed = true;
  const source = new ByteSource(inner);
  source.begin({
    pull: () =>
      new Promise<void>((resolve, reject) => {
        reader.read({
          chunk: (chunk) => {
            const bytes = asBytes(chunk);
            if (bytes === undefined) return reject(new TypeError("This ReadableStream did not return bytes."));
            if (bytes.byteLength > 0) source.enqueue(bytes);
            resolve();
          },
          close: () => {
            source.close();
            if (source.firstPending !== undefined) source.respond(0);
            resolve();
          },
          error: reject,
        });
      }),
    cancel: (reason) => reader.cancel(reason),
  });
  return inner;
}

function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** What encoding as UTF-8 and decoding again would make of a string. */
function decodedText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.startsWith("\ufeff") ? whole.slice(1) : whole;
}
