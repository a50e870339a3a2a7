// The module "cloudflare:sockets": connections over TCP.

import { webClass } from "./brand";
import { hostOf } from "./host";
import type { BodyHost } from "./host/body";
import type { TcpHost } from "./host/tcp";
import { wait } from "./ops";
import { PipeEnd } from "./pipes";
import { requireHandler } from "./scope";
import { checkAddress, checkOptions, type SecureTransport, type SocketAddress, type SocketOptions } from "./socket-address";
import { ByteSource } from "./streams/byte-source";
import { chunkBytes } from "./streams/bytes";
import { ReadableCore } from "./streams/readable-core";
import { coreOf, readableOf, type ReadableStream } from "./streams/readable";
import { handled } from "./streams/shared";
import { WritableCore } from "./streams/writable-core";
import { writableCoreOf, writableOf, type WritableStream } from "./streams/writable";

const host = hostOf<TcpHost & BodyHost>();

export interface SocketInfo {
  remoteAddress?: string;
  localAddress?: string;
}

/** What a socket stands on. */
export interface Connection {
  readable: ReadableStream;
  writable: WritableStream;
  opened: Promise<SocketInfo>;
  /** Settles when the connection has ended by itself. */
  ended: Promise<void>;
  close(): void;
  startTls?(serverName: string | undefined): Socket;
}

const closing = (kind: string) => new TypeError(`This ${kind} belongs to an object that is closing.`);
const socketClosed = () => new TypeError("This socket has been closed.");

/** Makes a socket. */
export let makeSocket: (connection: Connection, secureTransport: SecureTransport) => Socket;

export class Socket {
  readonly #connection: Connection;
  readonly #secureTransport: SecureTransport;
  readonly #closed = Promise.withResolvers<void>();
  #upgraded = false;
  #closing = false;

  static {
    makeSocket = (connection, secureTransport) => new Socket(connection, secureTransport);
  }

  private constructor(connection: Connection, secureTransport: SecureTransport) {
    this.#connection = connection;
    this.#secureTransport = secureTransport;
    handled(connection.opened);
    handled(this.#closed.promise);
    connection.ended.then(this.#closed.resolve, this.#closed.reject);
  }

  get readable(): ReadableStream {
    return this.#connection.readable;
  }
  get writable(): WritableStream {
    return this.#connection.writable;
  }
  get closed(): Promise<void> {
    return this.#closed.promise;
  }
  get opened(): Promise<SocketInfo> {
    return this.#connection.opened;
  }
  get upgraded(): boolean {
    return this.#upgraded;
  }
  get secureTransport(): SecureTransport {
    return this.#secureTransport;
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const { readable, writable, close } = this.#connection;
    endReadable(coreOf(readable));
    await endWritable(writableCoreOf(writable));
    close();
    this.#closed.resolve();
  }

  startTls(options?: { expectedServerHostname?: string }): Socket {
    if (this.#secureTransport !== "starttls") {
      throw new TypeError("The `secureTransport` socket option must be set to 'starttls' for startTls to be used.");
    }
    if (this.#closing) throw socketClosed();
    const { startTls } = this.#connection;
    if (startTls === undefined) throw new TypeError("This socket cannot go on over TLS.");
    this.#closing = true;
    this.#upgraded = true;
    const upgraded = startTls(options?.expectedServerHostname);
    endReadable(coreOf(this.readable));
    this.#closed.resolve();
    return upgraded;
  }
}
webClass(Socket as never, "Socket");

function endReadable(core: ReadableCore): void {
  core.fail(core.locked ? socketClosed() : closing("ReadableStream"));
}

/** Ends a stream after what was written to it. */
async function endWritable(core: WritableCore): Promise<void> {
  if (core.state !== "writable" || core.closeQueuedOrInFlight) return;
  await core.flushed();
  core.fail(core.locked ? socketClosed() : closing("WritableStream"));
}

// ---- over TCP ----

const refused = "proxy request failed, cannot connect to the specified address";

/** The two directions of a connection, each a pipe. */
class Streams {
  readonly readable = new ReadableCore();
  readonly writable = new WritableCore();
  readonly reads = host.pipeOpen(undefined);
  readonly writes = host.pipeOpen(undefined);
  readonly #source = new ByteSource(this.readable);
  #waiting = false;
  #isOpen = false;
  #opened = Promise.withResolvers<unknown>();

  constructor(readonly allowHalfOpen: boolean) {
    const end = new PipeEnd(this.reads);
    handled(this.#opened.promise);
    this.#source.begin({
      pull: () => this.#pull(end),
      cancel: () => host.pipeCancel(end.pipe, "Error", "Network connection lost.", ""),
    });
    this.writable.begin({
      write: async (chunk) => {
        await this.#opened.promise;
        if (!host.pipeWrite(this.writes, chunkBytes(chunk))) await wait(host.pipeDrained(this.writes));
      },
      close: () => host.pipeClose(this.writes),
    });
  }

  async #pull(end: PipeEnd): Promise<void> {
    this.#waiting = true;
    let chunk: ArrayBuffer | undefined;
    try {
      chunk = await wait<ArrayBuffer | undefined>(host.pipeRead(end.pipe));
    } catch (error) {
      if (this.#isOpen) this.writable.fail(error);
      throw error;
    } finally {
      this.#waiting = false;
    }
    if (this.readable.state !== "readable") return;
    if (chunk !== undefined) return this.#source.enqueue(new Uint8Array(chunk));
    this.#finish();
  }

  #finish(): void {
    this.#source.close();
    if (this.#source.firstPending !== undefined) this.#source.respond(0);
    if (!this.allowHalfOpen && this.writable.state === "writable" && !this.writable.closeQueuedOrInFlight) handled(this.writable.close());
  }

  /** Lets writes begin. */
  open(): void {
    this.#isOpen = true;
    this.#opened.resolve(undefined);
  }

  /** Ends both directions of a connection that never came to be. */
  refuse(): void {
    const error = new Error(`jsg.Error: ${refused}`);
    this.#opened.reject(error);
    this.writable.fail(error);
    if (!this.#waiting) this.#finish();
  }
}

interface Dialed {
  op: number;
  streams: Streams;
  /** The connection that startTls goes on with. */
  connection: number;
  serverName: string;
}

function socketOver({ op, streams, connection, serverName }: Dialed, secureTransport: SecureTransport): Socket {
  const failure = () => new Error(refused);
  const opened = wait<string>(op).then(
    (remoteAddress): SocketInfo => {
      streams.open();
      return { remoteAddress };
    },
    () => {
      streams.refuse();
      throw failure();
    },
  );
  const ended = opened.then(() => wait<void>(host.tcpClosed(connection)));
  handled(ended);
  return makeSocket(
    {
      readable: readableOf(streams.readable),
      writable: writableOf(streams.writable),
      opened,
      ended,
      close() {
        host.pipeClose(streams.writes);
        host.tcpClose(connection);
      },
      startTls: secureTransport === "starttls" ? (name) => upgrade(connection, name ?? serverName, streams) : undefined,
    },
    secureTransport,
  );
}

/** Goes on over TLS once what was written is on its way. */
function upgrade(connection: number, serverName: string, old: Streams): Socket {
  const streams = new Streams(old.allowHalfOpen);
  void endWritable(old.writable).then(() => host.pipeClose(old.writes));
  const op = host.tcpStartTls(connection, serverName, streams.reads, streams.writes);
  return socketOver({ op, streams, connection, serverName }, "on");
}

export function connect(address: string | SocketAddress, options?: SocketOptions): Socket {
  const { hostname, text } = checkAddress(address);
  const { secureTransport, allowHalfOpen } = checkOptions(options, "SocketsModule");
  requireHandler();
  const streams = new Streams(allowHalfOpen);
  const op = host.tcpOpen(text, secureTransport === "on", streams.reads, streams.writes);
  return socketOver({ op, streams, connection: op, serverName: hostname }, secureTransport);
}

/** Exported by the platform for its own node modules; it takes no socket of ours. */
export async function internalNewHttpClient(socket: unknown): Promise<never> {
  if (!(socket instanceof Socket)) {
    throw new TypeError("Failed to execute 'internalNewHttpClient' on 'SocketsModule': parameter 1 is not of type 'Socket'.");
  }
  throw new Error("HTTP over a socket of one's own is not emulated by dodev yet");
}
