// node:net over cloudflare:sockets.

import { Buffer } from "./buffer";
import { codedError, missingArgs, notEmulated } from "./errors";
import { EventEmitter } from "./events";
import { Duplex } from "./stream/duplex";
import { nextTick } from "./stream/state";
import { checkFunction, checkNumber } from "./validate";

declare const require: (path: string) => any; // sockets are few
const web: any = globalThis;

const four = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

export function isIPv4(text: unknown): boolean {
  return four.test(`${text}`);
}

export function isIPv6(text: unknown): boolean {
  const address = `${text}`.replace(/%[0-9a-zA-Z-.:]+$/, "");
  if (!/^[0-9a-fA-F:.]+$/.test(address) || !address.includes(":")) return false;
  return web.URL.canParse(`http://[${address}]/`);
}

export const isIP = (text: unknown): number => (isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0);

/** A connection, made when it connects. */
export const Socket: any = function (this: any, options: any = {}) {
  if (!(this instanceof Socket)) return new Socket(options);
  if (typeof options === "number") options = { fd: options };
  Duplex.call(this, { ...options, autoDestroy: true, emitClose: true, decodeStrings: true, allowHalfOpen: Boolean(options?.allowHalfOpen) });
  Object.assign(this, { connecting: false, bytesRead: 0, bytesWritten: 0, timeout: 0, remoteAddress: undefined, remotePort: undefined, remoteFamily: undefined, encrypted: undefined });
  for (const [key, value] of Object.entries({ _socket: undefined, _reader: undefined, _writer: undefined, _timer: undefined, _opening: undefined })) {
    Object.defineProperty(this, key, { value, writable: true, enumerable: false });
  }
};
Object.setPrototypeOf(Socket.prototype, Duplex.prototype);
Object.setPrototypeOf(Socket, Duplex);

/** The options and callback that arguments of connect stand for. */
export function normalize(args: any[]): [any, any] {
  const callback = typeof args.at(-1) === "function" ? args.at(-1) : null;
  const [first, second] = args;
  let options: any = {};
  if (typeof first === "object" && first !== null) options = first;
  else if (typeof first === "string" && !/^\d+$/.test(first)) options = { path: first };
  else {
    options = { port: first };
    if (typeof second === "string") options.host = second;
  }
  return [options, callback];
}

const proto = Socket.prototype;

proto.connect = function connect(this: any, ...args: any[]) {
  const [options, callback] = Array.isArray(args[0]) ? args[0] : normalize(args);
  if (options.path) throw notEmulated("node:net with a path");
  if (options.port === undefined) throw missingArgs("options", "port", "path");
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw codedError(RangeError, "ERR_SOCKET_BAD_PORT", `Port should be >= 0 and < 65536. Received type ${typeof options.port} (${typeof options.port === "string" ? `'${options.port}'` : options.port}).`);
  }
  const host = options.host ?? "localhost";
  if (callback) this.once("connect", callback);
  this.connecting = true;
  try {
    const six = isIPv6(host);
    this.attach(require("../sockets").connect({ hostname: six ? `[${host}]` : host, port }, { allowHalfOpen: true, secureTransport: this._secure ?? "starttls" }));
  } catch (error) {
    nextTick(() => this.destroy(error));
    return this;
  }
  Object.assign(this, { remotePort: port, remoteAddress: isIP(host) ? host : undefined, remoteFamily: familyOf(host) });
  return this;
};

const familyOf = (host: string) => (isIPv6(host) ? "IPv6" : "IPv4");

/** Stands on a socket of the platform. */
proto.attach = function attach(this: any, socket: any) {
  this._socket = socket;
  this._reader = socket.readable.getReader();
  this._writer = socket.writable.getWriter();
  this._writer.closed.catch(() => {});
  this._opening = socket.opened.then(
    () => {
      if (this.destroyed) return;
      this.connecting = false;
      this.emit("connect");
      this.emit("ready");
      if (this.isPaused?.() !== true) this.read(0);
    },
    (error: any) => {
      this.connecting = false;
      this.destroy(error);
    },
  );
};

proto._read = function (this: any) {
  if (this._socket === undefined) {
    this.once("connect", () => this._read());
    return;
  }
  this._reader.read().then(
    ({ value, done }: any) => {
      this._touch();
      if (done) return void this.push(null);
      this.bytesRead += value.byteLength;
      this.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    },
    // One that never opened says so itself, and better.
    (error: any) => this.destroyed || this._opening.then(() => this.destroyed || this.destroy(error)),
  );
};

proto._write = function (this: any, chunk: any, encoding: string, callback: (error?: any) => void) {
  if (this._socket === undefined) {
    if (!this.connecting) return callback(codedError(Error, "ERR_SOCKET_CLOSED", "Socket is closed"));
    this.once("connect", () => this._write(chunk, encoding, callback));
    return;
  }
  const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
  this._writer.write(bytes).then(() => {
    this.bytesWritten += bytes.length;
    this._touch();
    callback();
  }, callback);
};

proto._final = function (this: any, callback: (error?: any) => void) {
  if (this._socket === undefined) return this.connecting ? void this.once("connect", () => this._final(callback)) : callback();
  this._writer.close().then(() => callback(), () => callback());
};

proto._destroy = function (this: any, error: any, callback: (error?: any) => void) {
  web.clearTimeout(this._timer);
  this.connecting = false;
  this._reader?.cancel().catch(() => {});
  this._socket?.close().catch(() => {});
  const hadError = Boolean(error);
  callback(error);
  // Node.js tells with close whether there was an error.
  const { emit } = this;
  this.emit = function (this: any, name: string, ...args: any[]) {
    return name === "close" && args.length === 0 ? emit.call(this, "close", hadError) : emit.call(this, name, ...args);
  };
};

proto._touch = function (this: any) {
  if (this.timeout > 0) this.setTimeout(this.timeout);
};

proto.setTimeout = function setTimeout(this: any, ms: number, callback?: () => void) {
  checkNumber(ms, "msecs");
  web.clearTimeout(this._timer);
  this.timeout = ms;
  if (callback !== undefined) {
    checkFunction(callback, "callback");
    if (ms === 0) this.removeListener("timeout", callback);
    else this.once("timeout", callback);
  }
  if (ms > 0) this._timer = web.setTimeout(() => this.emit("timeout"), ms);
  return this;
};
proto.destroySoon = function destroySoon(this: any) {
  if (this.writable) this.end();
  if (this.writableFinished) this.destroy();
  else this.once("finish", this.destroy);
};
proto.resetAndDestroy = function resetAndDestroy(this: any) {
  this.destroy();
  return this;
};
proto.address = function address(this: any) {
  return this._socket === undefined ? {} : { address: "127.0.0.1", family: "IPv4", port: 0 };
};
for (const name of ["setNoDelay", "setKeepAlive", "ref", "unref"]) {
  proto[name] = function (this: any) {
    return this;
  };
}
Object.defineProperties(proto, {
  pending: { get(this: any) { return this._socket === undefined || this.connecting; }, configurable: true },
  readyState: {
    get(this: any) {
      if (this.connecting) return "opening";
      if (this.readable && this.writable) return "open";
      if (this.readable) return "readOnly";
      return this.writable ? "writeOnly" : "closed";
    },
    configurable: true,
  },
  bufferSize: { get(this: any) { return this.writableLength; }, configurable: true },
});

function connect(...args: any[]): any {
  const normalized = normalize(args);
  const socket = new Socket(normalized[0]);
  if (normalized[0].timeout) socket.setTimeout(normalized[0].timeout);
  return socket.connect(normalized);
}
Object.defineProperty(connect, "length", { value: 0 });

class Server extends (EventEmitter as any) {
  listening = false;
  allowHalfOpen = false;
  pauseOnConnect = false;
  noDelay = false;
  keepAlive = false;
  keepAliveInitialDelay = 0;
  #port: number | undefined;

  constructor(options?: any, listener?: any) {
    super();
    const found = typeof options === "function" ? options : listener;
    if (found) this.on("connection", found);
  }
  listen(...args: any[]): this {
    const [options, callback] = normalize(args);
    this.#port = Number(options.port) || 0xc000;
    this.listening = true;
    if (callback) this.once("listening", callback);
    nextTick(() => this.emit("listening"));
    return this;
  }
  address(): object | null {
    return this.#port === undefined ? null : { port: this.#port, family: "IPv4", address: "127.0.0.1" };
  }
  close(callback?: () => void): this {
    this.#port = undefined;
    this.listening = false;
    nextTick(() => {
      callback?.();
      this.emit("close");
    });
    return this;
  }
  getConnections(callback: (error: null, count: number) => void): this {
    nextTick(callback, null, 0);
    return this;
  }
  ref(): this { return this; }
  unref(): this { return this; }
}

class SocketAddress {
  readonly address: string;
  readonly port: number;
  readonly family: string;
  readonly flowlabel: number;
  constructor(options: any = {}) {
    this.family = options.family ?? "ipv4";
    this.address = options.address ?? (this.family === "ipv6" ? "::" : "127.0.0.1");
    this.port = options.port ?? 0;
    this.flowlabel = options.flowlabel ?? 0;
  }
}

const numeric = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

class BlockList {
  #rules: { text: string; blocks(address: string): boolean }[] = [];

  addAddress(address: any, family = "ipv4"): void {
    const text = typeof address === "string" ? address : address.address;
    this.#rules.push({ text: `Address: ${family === "ipv6" ? "IPv6" : "IPv4"} ${text}`, blocks: (other) => other === text });
  }
  addRange(start: any, end: any, family = "ipv4"): void {
    const [from, to] = [start.address ?? start, end.address ?? end];
    this.#rules.push({ text: `Range: ${family === "ipv6" ? "IPv6" : "IPv4"} ${from}-${to}`, blocks: (other) => isIPv4(other) && numeric(from) <= numeric(other) && numeric(other) <= numeric(to) });
  }
  addSubnet(net: any, prefix: number, family = "ipv4"): void {
    const base = net.address ?? net;
    const size = 2 ** (32 - prefix);
    this.#rules.push({ text: `Subnet: ${family === "ipv6" ? "IPv6" : "IPv4"} ${base}/${prefix}`, blocks: (other) => isIPv4(other) && Math.floor(numeric(other) / size) === Math.floor(numeric(base) / size) });
  }
  check(address: any): boolean {
    return this.#rules.some((rule) => rule.blocks(address.address ?? address));
  }
  get rules(): string[] {
    return this.#rules.map(({ text }) => text);
  }
}

let [select, selectTimeout] = [false, 250];

class BoundSocket {
  constructor() {
    throw notEmulated("node:net BoundSocket");
  }
}

export default {
  BlockList, BoundSocket, SocketAddress, Stream: Socket, Server, Socket, connect, createConnection: connect,
  createServer: (options?: any, listener?: any) => new Server(options, listener),
  getDefaultAutoSelectFamily: () => select,
  setDefaultAutoSelectFamily: (value: boolean) => void (select = value),
  getDefaultAutoSelectFamilyAttemptTimeout: () => selectTimeout,
  setDefaultAutoSelectFamilyAttemptTimeout: (value: number) => void (selectTimeout = Math.max(10, value)),
  isIP, isIPv4, isIPv6,
  _normalizeArgs: (args: any[]) => normalize(args),
};
