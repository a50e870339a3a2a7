// node:tls over cloudflare:sockets, whose certificates the platform checks.

import { codedError, missingArgs } from "./errors";
import { normalize, Socket } from "./net";
import { notImplemented } from "./unimplemented";

export const TLSSocket: any = function (this: any, socket: any, options: any = {}) {
  if (!(this instanceof TLSSocket)) return new TLSSocket(socket, options);
  Socket.call(this, options);
  Object.assign(this, { encrypted: true, authorized: false, authorizationError: null, alpnProtocol: false, servername: options.servername });
  Object.defineProperty(this, "_secure", { value: "on" });
  if (socket) upgrade(this, socket, options);
};
Object.setPrototypeOf(TLSSocket.prototype, Socket.prototype);
Object.setPrototypeOf(TLSSocket, Socket);

/** Goes on over TLS on a connection that is there or comes. */
function upgrade(secure: any, plain: any, options: any): void {
  const begin = () => {
    const { _socket: socket, _reader: reader, _writer: writer } = plain;
    for (const handle of [reader, writer]) {
      handle.closed.catch(() => {});
      handle.releaseLock();
    }
    secure.attach(socket.startTls(options.servername ? { expectedServerHostname: options.servername } : undefined));
  };
  secure.connecting = true;
  if (plain.connecting) plain.once("connect", begin);
  else begin();
  plain.on("error", (error: any) => secure.destroy(error));
}

Object.assign(TLSSocket.prototype, {
  getCipher: () => ({ name: "TLS_AES_128_GCM_SHA256", standardName: "TLS_AES_128_GCM_SHA256", version: "TLSv1.3" }),
  getPeerCertificate: () => ({}),
  getCertificate: () => ({}),
  getProtocol: () => "TLSv1.3",
  getSession: () => undefined,
  isSessionReused: () => false,
  setServername(this: any, name: string) {
    this.servername = name;
  },
  setMaxSendFragment: () => true,
  disableRenegotiation: () => {},
  enableTrace: () => {},
  exportKeyingMaterial: () => {
    throw notImplemented("exportKeyingMaterial");
  },
  renegotiate: () => false,
});

function connect(...args: any[]): any {
  const [given, callback] = normalize(args);
  const options = { ...given, ...(args.find((arg) => typeof arg === "object" && arg !== null && arg !== given) ?? {}) };
  if (options.port === undefined && !options.path && !options.socket) throw missingArgs("options", "port", "path");
  const secure = new TLSSocket(options.socket, { ...options, servername: options.servername ?? (options.socket ? options.host : undefined) });
  secure.once("connect", () => {
    secure.authorized = true;
    secure.emit("secureConnect");
  });
  if (callback) secure.once("secureConnect", callback);
  if (!options.socket) secure.connect(options);
  if (options.timeout) secure.setTimeout(options.timeout);
  return secure;
}
Object.defineProperty(connect, "length", { value: 0 });

function SecureContext(this: any, _protocol: any, _flags: any, _min: any, _max: any): any {
  return new.target === undefined ? new (SecureContext as any)() : this;
}

const missing = () => {
  throw new Error("Not implemented");
};

function Server(): never {
  throw new Error("Not implemented");
}

function checkServerIdentity(hostname: string, cert: any): Error | undefined {
  const names = String(cert.subjectaltname ?? "").split(", ").map((name) => name.replace(/^DNS:/, ""));
  if (cert.subject?.CN) names.push(cert.subject.CN);
  const wild = hostname.replace(/^[^.]+/, "*");
  if (names.includes(hostname) || names.includes(wild)) return undefined;
  return Object.assign(codedError(Error, "ERR_TLS_CERT_ALTNAME_INVALID", `Hostname/IP does not match certificate's altnames: Host: ${hostname}. is not in the cert's altnames`), { host: hostname, cert });
}

export default {
  SecureContext, Server, TLSSocket, connect, createSecureContext: () => new (SecureContext as any)(), createServer: missing, checkServerIdentity,
  convertALPNProtocols(protocols: any, out: any): void {
    if (Array.isArray(protocols)) out.ALPNProtocols = (globalThis as any).Buffer.concat(protocols.map((name) => (globalThis as any).Buffer.from([name.length, ...(globalThis as any).Buffer.from(name)])));
    else if (protocols !== undefined && out !== undefined) out.ALPNProtocols = protocols;
  },
  getCiphers: missing,
  createSecurePair: () => {
    throw notImplemented("createSecurePair");
  },
  CLIENT_RENEG_LIMIT: 3, CLIENT_RENEG_WINDOW: 600, DEFAULT_CIPHERS: "", DEFAULT_ECDH_CURVE: "auto", DEFAULT_MAX_VERSION: "TLSv1.3", DEFAULT_MIN_VERSION: "TLSv1.2",
  rootCertificates: [],
};
