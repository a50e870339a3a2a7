// Body, what Request and Response have in common, Fetch Standard §5.3.

import { Blob } from "./blob";
import { illegalConstructor, illegalInvocation } from "./brand";
import { FormData, decodeForm } from "./formdata";
import { expose } from "./frame";
import { Headers, copyHeaders, headersFromHost, headersToHost } from "./headers";
import { Payload, extractBody, textType } from "./payload";
import type { ReadableStream } from "./streams/readable";

/** The inside of a Request or Response. Headers are made when asked for. */
export class Message {
  declare payload: Payload | null;
  declare rawHeaders: string;
  declare immutable: boolean;
  #headers: Headers | undefined = undefined;

  /** Whether a value is the inside of a message: scripts cannot get hold of one. */
  static is(value: unknown): value is Message {
    return typeof value === "object" && value !== null && #headers in value;
  }

  get headers(): Headers {
    return (this.#headers ??= headersFromHost(this.rawHeaders, this.immutable));
  }

  set headers(headers: Headers) {
    this.#headers = headers;
  }

  /** Takes a copy of another's headers, unread where they are. */
  copyHeaders(from: Message): void {
    if (from.#headers === undefined) this.rawHeaders = from.rawHeaders;
    else this.#headers = copyHeaders(from.#headers);
  }

  /** The headers in the host's form, see headers.ts. */
  get hostHeaders(): string {
    return this.#headers === undefined ? this.rawHeaders : headersToHost(this.#headers);
  }

  /** Takes a body, and the Content-Type that goes with it unless there is one. */
  setBody(init: unknown): void {
    if (typeof init === "string") {
      this.payload = Payload.text(init);
      return this.#setType(textType);
    }
    const { payload, type } = extractBody(init);
    this.payload = payload;
    if (type !== undefined) this.#setType(type);
  }

  #setType(type: string): void {
    if (this.#headers === undefined && this.rawHeaders === "") this.rawHeaders = `content-type\n${type}`;
    else if (!this.headers.has("content-type")) this.headers.set("content-type", type);
  }
}

// Most messages are of the common kind, so what makes it up is not repeated in
// each of them.
Object.assign(Message.prototype, { payload: null, rawHeaders: "", immutable: false });

/** The inside of a body. Throws for anything else. */
export let messageOf: (body: Body) => Message;

export class Body {
  readonly #message: Message;

  static {
    messageOf = (body) => {
      if (typeof body !== "object" || body === null || !(#message in body)) throw illegalInvocation();
      return body.#message;
    };
  }

  constructor(message?: Message) {
    if (new.target === Body) throw illegalConstructor();
    this.#message = message!;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return (messageOf(this).payload?.stream as ReadableStream<Uint8Array> | undefined) ?? null;
  }

  get bodyUsed(): boolean {
    return messageOf(this).payload?.used ?? false;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await bytesOf(this)).buffer;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return bytesOf(this);
  }

  async text(): Promise<string> {
    return textOf(this);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await textOf(this));
  }

  async blob(): Promise<Blob> {
    const type = messageOf(this).headers.get("content-type");
    return new Blob([await bytesOf(this)], { type: type ?? "" });
  }

  async formData(): Promise<FormData> {
    const type = messageOf(this).headers.get("content-type");
    if (this.bodyUsed) await bytesOf(this); // throws
    if (type === null) throw new TypeError("Parsing a Body as FormData requires a Content-Type header.");
    return decodeForm(await bytesOf(this), type);
  }
}

function bytesOf(body: Body): Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> {
  return messageOf(body).payload?.readBytes() ?? new Uint8Array(0);
}

function textOf(body: Body): Promise<string> | string {
  return messageOf(body).payload?.readText() ?? "";
}

/** A `cf` property as a script gave it: plain data, copied. */
export function copyCf(cf: unknown): unknown {
  return cf === undefined || cf === null ? undefined : JSON.parse(JSON.stringify(cf));
}

expose("Body", Body);
