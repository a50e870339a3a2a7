// The server side of node:http. Nothing listens: a server is known by its port,
// and gets the requests that cloudflare:node is given for that.

import { EventEmitter } from "./events";
import { codedError, invalidArgType } from "./errors";
import { STATUS_CODES } from "./http_common";
import { IncomingMessage, OutgoingMessage } from "./http_message";
import { nextTick } from "./stream/state";
import { checkInteger } from "./validate";

const web: any = globalThis;
const servers = new Map<number, any>();
let lastPort = 0xc000;

/** The response to a request, which begins with its first bytes. */
export class ServerResponse extends OutgoingMessage {
  statusCode = 200;
  statusMessage: string | undefined;
  strictContentLength = false;
  req: any;
  readonly response: Promise<any>;
  #begun: (response: any) => void = () => {};
  #writer: any;

  constructor(req: any) {
    super();
    this.req = req;
    this.response = new Promise((resolve) => (this.#begun = resolve));
  }

  writeHead(status: number, reason?: any, headers?: any): this {
    if (this.headersSent) throw codedError(Error, "ERR_HTTP_HEADERS_SENT", "Cannot write headers after they are sent to the client");
    if (typeof reason !== "string") [reason, headers] = [undefined, reason ?? headers];
    checkInteger(status, "statusCode", 100, 999);
    this.statusCode = status;
    if (reason !== undefined) this.statusMessage = reason;
    const pairs = Array.isArray(headers) ? (Array.isArray(headers[0]) ? headers : headers.flatMap((name, i) => (i % 2 ? [] : [[name, headers[i + 1]]]))) : Object.entries(headers ?? {});
    for (const [name, value] of pairs as [string, any][]) if (value !== undefined) this.setHeader(name, value);
    return this;
  }
  writeContinue(): void {}
  writeProcessing(): void {}
  writeEarlyHints(_hints: unknown, callback?: () => void): void {
    callback?.();
  }
  assignSocket(): void {}
  detachSocket(): void {}
  override flushHeaders(): void {
    this.#begin(false);
  }

  #begin(ends: boolean): void {
    if (this.headersSent) return;
    this.headersSent = true;
    const empty = [101, 204, 205, 304].includes(this.statusCode) || this.req?.method === "HEAD" || ends;
    const { readable, writable } = empty ? { readable: null, writable: null } : new web.IdentityTransformStream();
    this.#writer = writable?.getWriter();
    this.#begun(new web.Response(readable, { status: this.statusCode, statusText: this.statusMessage ?? STATUS_CODES[this.statusCode] ?? "", headers: this.pairs() }));
  }

  _write(chunk: any, encoding: string, callback: (error?: any) => void): void {
    this.#begin(false);
    if (!this.#writer) return callback();
    const bytes = typeof chunk === "string" ? web.Buffer.from(chunk, encoding) : chunk;
    this.#writer.write(bytes).then(() => callback(), callback);
  }
  _final(callback: (error?: any) => void): void {
    this.finished = true;
    this.#begin(true);
    if (!this.#writer) return callback();
    this.#writer.close().then(() => callback(), callback);
  }
  _destroy(error: any, callback: (error?: any) => void): void {
    if (error) this.#writer?.abort(error).catch(() => {});
    nextTick(callback, error);
  }
}

export class Server extends (EventEmitter as any) {
  listening = false;
  timeout = 0;
  keepAliveTimeout = 5000;
  headersTimeout = 60000;
  requestTimeout = 300000;
  maxHeadersCount = null;
  #port: number | undefined;

  constructor(options?: any, listener?: any) {
    super();
    if (typeof options === "function") listener = options;
    else if (options !== undefined && options !== null && typeof options !== "object") throw invalidArgType("options", "object", options);
    if (listener) this.on("request", listener);
  }
  listen(...args: any[]): this {
    const callback = args.find((arg) => typeof arg === "function");
    const first = args[0];
    const asked = typeof first === "object" && first !== null ? Number(first.port ?? 0) : typeof first === "function" ? 0 : Number(first ?? 0);
    if (this.listening) throw codedError(Error, "ERR_SERVER_ALREADY_LISTEN", "Listen method has been called more than once without closing.");
    this.#port = asked || ++lastPort;
    if (servers.has(this.#port)) throw codedError(Error, "EADDRINUSE", `listen EADDRINUSE: address already in use :::${this.#port}`);
    servers.set(this.#port, this);
    this.listening = true;
    if (callback) this.once("listening", callback);
    nextTick(() => this.emit("listening"));
    return this;
  }
  address(): object | null {
    return this.#port === undefined ? null : { port: this.#port, family: "IPv4", address: "127.0.0.1" };
  }
  close(callback?: (error?: any) => void): this {
    const was = this.listening;
    if (this.#port !== undefined) servers.delete(this.#port);
    this.#port = undefined;
    this.listening = false;
    nextTick(() => {
      callback?.(was ? undefined : codedError(Error, "ERR_SERVER_NOT_RUNNING", "Server is not running."));
      if (was) this.emit("close");
    });
    return this;
  }
  closeAllConnections(): void {}
  closeIdleConnections(): void {}
  setTimeout(): this {
    return this;
  }
  ref(): this { return this; }
  unref(): this { return this; }
  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.close(() => resolve()));
  }
}

// ---- cloudflare:node ----

const portOf = (described: any): number | undefined => {
  if (typeof described === "number") return described;
  if (described instanceof Server) return (described.address() as { port: number } | null)?.port;
  return typeof described?.port === "number" ? described.port : undefined;
};

/** Has the server of a port answer a request. */
export async function handleAsNodeRequest(described: any, request: any, env?: unknown, ctx?: unknown): Promise<any> {
  const port = portOf(described);
  if (port === undefined) throw new Error("Failed to determine port for server");
  const server = servers.get(port);
  if (server === undefined) throw new Error(`Http server with port ${port} not found. This is likely a bug with your code. You should check if server.listen() was called with the same port (${port})`);
  const { pathname, search } = new web.URL(request.url);
  const incoming: any = new IncomingMessage(request);
  Object.assign(incoming, { method: request.method, url: pathname + search, cloudflare: { env, ctx, cf: request.cf } });
  const outgoing = new ServerResponse(incoming);
  server.emit("request", incoming, outgoing);
  return outgoing.response;
}

export function httpServerHandler(described: any, handlers: object = {}): object {
  if (described === undefined || described === null) throw new Error("Server descriptor cannot be null or undefined");
  const port = portOf(described);
  if (port === undefined) {
    if (!(described instanceof Server)) throw new Error("Failed to determine port for server");
    described.listen();
  }
  return Object.assign({}, handlers, { fetch: (request: any, env: unknown, ctx: unknown) => handleAsNodeRequest(described, request, env, ctx) });
}
