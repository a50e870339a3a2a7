// node:http and node:https: clients send by fetch, servers get what
// cloudflare:node hands them.

import { EventEmitter } from "./events";
import { codedError, invalidArgType } from "./errors";
import { METHODS, STATUS_CODES, validateHeaderName, validateHeaderValue } from "./http_common";
import { IncomingMessage, OutgoingMessage } from "./http_message";
import { Server, ServerResponse } from "./http_server";
import { nextTick } from "./stream/state";
import { checkFunction, checkNumber } from "./validate";
import url from "./url";

const web: any = globalThis;

/** Connections are the platform's: an agent is what its options say. */
export class Agent extends (EventEmitter as any) {
  defaultPort = 80;
  protocol = "http:";
  options: any;
  keepAlive: boolean;
  keepAliveMsecs: number;
  maxSockets: number;
  maxFreeSockets: number;
  maxTotalSockets: number;
  scheduling: string;
  totalSocketCount = 0;
  freeSockets = {};
  sockets = {};
  requests = {};

  constructor(options: any = {}) {
    super();
    this.options = { noDelay: true, path: null, ...options };
    this.keepAlive = options.keepAlive ?? false;
    this.keepAliveMsecs = options.keepAliveMsecs ?? 1000;
    this.maxSockets = options.maxSockets ?? Infinity;
    this.maxFreeSockets = options.maxFreeSockets ?? 256;
    this.maxTotalSockets = options.maxTotalSockets ?? Infinity;
    this.scheduling = options.scheduling ?? "lifo";
  }
  getName(options: any = {}): string {
    return `${options.host ?? "localhost"}:${options.port ?? ""}:${options.localAddress ?? ""}`;
  }
  destroy(): void {}
}

class SecureAgent extends Agent {
  override defaultPort = 443;
  override protocol = "https:";
  maxCachedSessions = 100;
}

/** A request to a server, sent when it ends. */
export class ClientRequest extends OutgoingMessage {
  method: string;
  path: string;
  host: string;
  protocol: string;
  aborted = false;
  reusedSocket = false;
  res: any;
  #port: string | number | undefined;
  #controller = new web.AbortController();

  constructor(input: any, options: any, callback: any, protocol: string) {
    super({ autoDestroy: false }); // it lasts until its response is over
    const o = optionsOf(input, options);
    this.protocol = o.protocol ?? o.agent?.protocol ?? protocol;
    if (this.protocol !== "http:" && this.protocol !== "https:") {
      throw codedError(TypeError, "ERR_INVALID_PROTOCOL", `Protocol "${this.protocol}" not supported. Expected "${protocol}"`);
    }
    this.method = String(o.method ?? "GET").toUpperCase();
    validateHeaderName(this.method, "Method");
    this.path = o.path ?? "/";
    if (/[^\u0021-\u00ff]/.test(this.path)) throw codedError(TypeError, "ERR_UNESCAPED_CHARACTERS", "Request path contains unescaped characters");
    this.host = o.hostname ?? o.host ?? "localhost";
    this.#port = o.port ?? o.defaultPort;
    for (const [name, value] of headerPairs(o.headers)) this.setHeader(name, value);
    if (o.auth && !this.hasHeader("authorization")) this.setHeader("Authorization", `Basic ${web.btoa(o.auth)}`);
    if (o.signal) o.signal.addEventListener("abort", () => (this as any).destroy(o.signal.reason));
    if (o.timeout !== undefined) this.setTimeout(o.timeout);
    if (callback) (this as any).once("response", callback);
  }

  _write(chunk: any, _encoding: string, callback: () => void): void {
    this.chunks.push(chunk);
    callback();
  }

  _final(callback: () => void): void {
    this.finished = true;
    this.headersSent = true;
    callback();
    void this.#send();
  }

  async #send(): Promise<void> {
    const self = this as any;
    const port = this.#port === undefined || this.#port === "" ? "" : `:${this.#port}`;
    const host = this.host.includes(":") && !this.host.startsWith("[") ? `[${this.host}]` : this.host;
    const bodiless = this.method === "GET" || this.method === "HEAD";
    try {
      const body = !bodiless && this.chunks.length > 0 ? web.Buffer.concat(this.chunks) : undefined;
      const response = await web.fetch(new URL(this.path, `${this.protocol}//${host}${port}`), {
        method: this.method, headers: this.pairs(), body, redirect: "manual", signal: this.#controller.signal,
      });
      const message: any = new IncomingMessage(response);
      Object.assign(message, { statusCode: response.status, statusMessage: response.statusText, url: response.url, req: this });
      this.res = message;
      message.on("close", () => {
        if (!self.destroyed) self.destroy();
      });
      if (!self.emit("response", message)) message.resume();
    } catch (error) {
      if (!self.destroyed) self.destroy(error);
    }
  }

  _destroy(error: any, callback: (error?: any) => void): void {
    if (!this.res) this.#controller.abort();
    if (!this.res && !error && this.aborted) error = codedError(Error, "ECONNRESET", "socket hang up");
    nextTick(callback, error);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    nextTick(() => (this as any).emit("abort"));
    (this as any).destroy();
  }
  onSocket(): void {}
  setNoDelay(): void {}
  setSocketKeepAlive(): void {}
  override setTimeout(ms: number, callback?: () => void): this {
    checkNumber(ms, "msecs");
    if (callback) (this as any).once("timeout", callback);
    if (ms > 0) {
      const timer = web.setTimeout(() => (this as any).emit("timeout"), ms);
      (this as any).once("close", () => web.clearTimeout(timer));
      (this as any).once("response", () => web.clearTimeout(timer));
    }
    return this;
  }
}

declare const URL: any;

function headerPairs(headers: any): [string, any][] {
  if (headers === undefined || headers === null) return [];
  if (Array.isArray(headers)) return Array.isArray(headers[0]) ? headers as [string, any][] : headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]] as [string, any]] : []));
  if (typeof headers.entries === "function" && typeof headers.get === "function") return [...headers.entries()];
  return Object.entries(headers).filter(([, value]) => value !== undefined);
}

/** The options that a URL and options, or either, stand for. */
function optionsOf(input: any, options: any): any {
  if (typeof input === "string") return { ...url.urlToHttpOptions(new URL(input)), ...options };
  if (input instanceof URL) return { ...url.urlToHttpOptions(input), ...options };
  if (input !== undefined && input !== null && typeof input !== "object") throw invalidArgType("options", ["string", "URL", "object"], input);
  return { ...input, ...options };
}

function requester(protocol: string) {
  return function request(input: any, options?: any, callback?: any): any {
    if (typeof options === "function") [options, callback] = [undefined, options];
    if (callback !== undefined) checkFunction(callback, "callback");
    return new ClientRequest(input, options, callback, protocol);
  };
}

function getter(request: (...args: any[]) => any) {
  return function get(input: any, options?: any, callback?: any): any {
    const made = request(input, options, callback);
    made.end();
    return made;
  };
}

class HttpClientRequest extends ClientRequest {
  constructor(input: any, options?: any, callback?: any) {
    super(input, typeof options === "function" ? undefined : options, typeof options === "function" ? options : callback, "http:");
  }
}
Object.defineProperty(HttpClientRequest, "name", { value: "ClientRequest" });

const request = requester("http:");
const createServer = (options?: any, listener?: any) => new Server(options, listener);

export const http = {
  validateHeaderName, validateHeaderValue, METHODS, STATUS_CODES, ClientRequest: HttpClientRequest, request, get: getter(request), OutgoingMessage, Agent,
  globalAgent: new Agent({ keepAlive: true, scheduling: "lifo", timeout: 5000 }), IncomingMessage, Server, ServerResponse, createServer,
  maxHeaderSize: 16384, setMaxIdleHTTPParsers: (max: unknown) => checkNumber(max, "max", 1), _connectionListener: () => {},
  WebSocket: web.WebSocket, CloseEvent: web.CloseEvent, MessageEvent: web.MessageEvent,
};

const secureRequest = requester("https:");
const SecureServer = class Server extends http.Server {};

export const https = {
  get: getter(secureRequest), request: secureRequest, Agent: SecureAgent, globalAgent: new SecureAgent({ keepAlive: true, scheduling: "lifo", timeout: 5000 }),
  createServer: (options?: any, listener?: any) => new SecureServer(options, listener), Server: SecureServer,
};
Object.defineProperty(SecureAgent, "name", { value: "Agent" });
