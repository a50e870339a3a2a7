// IncomingMessage and OutgoingMessage of node:http.

import { Buffer } from "./buffer";
import { codedError } from "./errors";
import { validateHeaderName, validateHeaderValue } from "./http_common";
import { Readable } from "./stream/readable";
import { nextTick } from "./stream/state";
import { Writable } from "./stream/writable";

const once = new Set([
  "age", "authorization", "content-length", "content-type", "etag", "expires", "from", "host", "if-modified-since", "if-unmodified-since",
  "last-modified", "location", "max-forwards", "proxy-authorization", "referer", "retry-after", "server", "user-agent",
]);

/** A request to a server, or a response to a client, whose body is a web stream. */
export class IncomingMessage extends (Readable as any) {
  httpVersion = "1.1";
  httpVersionMajor = 1;
  httpVersionMinor = 1;
  complete = false;
  aborted = false;
  headers: Record<string, any> = {};
  headersDistinct: Record<string, string[]> = {};
  rawHeaders: string[] = [];
  trailers: Record<string, string> = {};
  trailersDistinct: Record<string, string[]> = {};
  rawTrailers: string[] = [];
  url = "";
  method: string | undefined = undefined;
  statusCode: number | undefined = undefined;
  statusMessage: string | undefined = undefined;
  #reader: any;
  #reading = false;

  constructor(message: any) {
    super();
    if (message === undefined || message === null) return;
    for (const [name, value] of message.headers) this.#add(name, value);
    this.#reader = message.body?.getReader();
  }

  #add(name: string, value: string): void {
    this.rawHeaders.push(name, value);
    (this.headersDistinct[name] ??= []).push(value);
    if (name === "set-cookie") (this.headers[name] ??= []).push(value);
    else if (this.headers[name] === undefined) this.headers[name] = value;
    else if (!once.has(name)) this.headers[name] += `${name === "cookie" ? "; " : ", "}${value}`;
  }

  get connection(): any {
    return this.socket;
  }
  get socket(): any {
    return { readable: true, writable: true, destroyed: false, encrypted: false, remoteFamily: "IPv4", remoteAddress: "127.0.0.1", remotePort: 0, on() {}, once() {}, setTimeout() {}, setKeepAlive() {}, destroy: (error?: unknown) => (this as any).destroy(error) };
  }
  setTimeout(ms: number, callback?: () => void): this {
    if (callback) (globalThis as any).setTimeout(callback, ms);
    return this;
  }

  _read(): void {
    if (this.#reading) return;
    this.#reading = true;
    void this.#pull();
  }

  async #pull(): Promise<void> {
    const self = this as any;
    try {
      const { value, done } = this.#reader ? await this.#reader.read() : { value: undefined, done: true };
      this.#reading = false;
      if (!done) return void self.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      this.complete = true;
      self.push(null);
    } catch (error) {
      self.destroy(error);
    }
  }

  _destroy(error: any, callback: (error?: any) => void): void {
    if (!(this as any).readableEnded && !this.complete) this.aborted = true;
    this.#reader?.cancel(error).catch(() => {});
    nextTick(callback, error);
  }
}

const headersSent = (what: string) => codedError(Error, "ERR_HTTP_HEADERS_SENT", `Cannot ${what} headers after they are sent to the client`);

/** What is sent: headers, and a body that is written. */
export class OutgoingMessage extends (Writable as new (options?: any) => any) {
  headersSent = false;
  sendDate = true;
  finished = false;
  chunks: any[] = [];
  #headers = new Map<string, [name: string, value: any]>();

  setHeader(name: string, value: any): this {
    if (this.headersSent) throw headersSent("set");
    validateHeaderName(name);
    validateHeaderValue(name, value);
    this.#headers.set(name.toLowerCase(), [name, value]);
    return this;
  }
  setHeaders(headers: any): this {
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  }
  appendHeader(name: string, value: any): this {
    const had = this.getHeader(name);
    return this.setHeader(name, had === undefined ? value : [had, value].flat());
  }
  getHeader(name: string): any {
    return this.#headers.get(name.toLowerCase())?.[1];
  }
  getHeaderNames(): string[] {
    return [...this.#headers.keys()];
  }
  getRawHeaderNames(): string[] {
    return [...this.#headers.values()].map(([name]) => name);
  }
  getHeaders(): Record<string, any> {
    return Object.assign(Object.create(null), Object.fromEntries([...this.#headers].map(([key, [, value]]) => [key, value])));
  }
  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }
  removeHeader(name: string): void {
    if (this.headersSent) throw headersSent("remove");
    this.#headers.delete(name.toLowerCase());
  }
  flushHeaders(): void {}
  addTrailers(): void {}
  setTimeout(ms: number, callback?: () => void): this {
    if (callback) (globalThis as any).setTimeout(callback, ms);
    return this;
  }
  get socket(): any {
    return null;
  }
  get connection(): any {
    return null;
  }

  /** The headers in pairs, for the web. */
  pairs(): [string, string][] {
    return [...this.#headers.values()].flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
  }
}
