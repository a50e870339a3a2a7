// Body, what Request and Response have in common, Fetch Standard §5.3.

import { Blob } from "./blob";
import { illegalConstructor, illegalInvocation } from "./brand";
import { FormData, decodeForm } from "./formdata";
import { expose } from "./frame";
import { Headers, copyHeaders, headersFromHost, headersToHost } from "./headers";
import { Payload, extractBody, textType } from "./payload";
import type { ReadableStream } from "./streams/readable";

const textHeaders = "content-type\n" + textType;

export const enum Kind {
  Any,
  Request,
  Response,
}

/**
 * The inside of a Request or Response, which scripts cannot get hold of.
 * Headers are made when asked for.
 *
 * Most messages are of the common kind, so what makes that up is on the
 * prototypes and not repeated in each of them: a message begins as
 * Object.create of one.
 */
export class Message {
  declare readonly kind: Kind;
  declare private whole: Payload | null;
  // Text that is the body, until somebody asks for the payload.
  declare private text: string | undefined;
  declare private live: boolean; // it came from outside
  declare private sent: boolean; // it is used
  declare rawHeaders: string;
  declare immutable: boolean;
  declare private made: Headers | undefined;

  get payload(): Payload | null {
    const { text } = this;
    if (text !== undefined) {
      this.text = undefined;
      this.whole = Payload.text(text, this.live, this.sent);
    }
    return this.whole;
  }

  set payload(payload: Payload | null) {
    this.text = undefined;
    this.whole = payload;
  }

  /** Takes what the host hands over as the body. */
  setHostBody(data: string | ArrayBuffer | undefined, pipe: number): void {
    if (typeof data === "string" && pipe === 0) {
      this.text = data;
      this.live = true;
    } else {
      this.whole = Payload.fromHost(data, pipe);
    }
  }

  /** Takes out, for the host, a body that is text and that nobody has looked at; undefined for any other. */
  takeText(): string | undefined {
    if (this.text === undefined || this.sent) return undefined;
    this.sent = true;
    return this.text.toWellFormed();
  }

  get headers(): Headers {
    return (this.made ??= headersFromHost(this.rawHeaders, this.immutable));
  }

  set headers(headers: Headers) {
    this.made = headers;
  }

  /** Takes a copy of another's headers, unread where they are. */
  copyHeaders(from: Message): void {
    if (from.made === undefined) this.rawHeaders = from.rawHeaders;
    else this.made = copyHeaders(from.made);
  }

  /** The headers in the host's form, see headers.ts. */
  get hostHeaders(): string {
    return this.made === undefined ? this.rawHeaders : headersToHost(this.made);
  }

  /** Takes a body, and the Content-Type that goes with it unless there is one. */
  setBody(init: unknown): void {
    if (typeof init === "string") {
      this.text = init;
      return this.setType(textType);
    }
    const { payload, type } = extractBody(init);
    this.payload = payload;
    if (type !== undefined) this.setType(type);
  }

  private setType(type: string): void {
    if (this.made === undefined && this.rawHeaders === "") this.rawHeaders = type === textType ? textHeaders : "content-type\n" + type;
    else if (!this.headers.has("content-type")) this.headers.set("content-type", type);
  }
}

Object.assign(Message.prototype, { whole: null, text: undefined, live: false, sent: false, rawHeaders: "", immutable: false, made: undefined });

/** Makes what gives the inside of a body, which must be of a kind. */
export let insideOf: <M extends Message>(kind: Kind) => (body: Body) => M;
/** Makes what gives the inside of a value, undefined unless it is a body of a kind. */
export let insideIn: <M extends Message>(kind: Kind) => (value: unknown) => M | undefined;

/** In place of a constructor's first argument: the second is the inside. */
export const inside = Symbol();

export class Body {
  readonly #message: Message;

  static {
    insideIn = <M extends Message>(kind: Kind) => (value: unknown) => {
      let message: Message;
      try {
        message = (value as Body).#message;
      } catch {
        return undefined;
      }
      return message.kind === kind ? (message as M) : undefined;
    };
    insideOf = <M extends Message>(kind: Kind) => (body: Body) => {
      let message: Message;
      try {
        message = body.#message;
      } catch {
        throw illegalInvocation(); // it has none
      }
      if (kind !== Kind.Any && message.kind !== kind) throw illegalInvocation();
      return message as M;
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

const messageOf = insideOf<Message>(Kind.Any);

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
