// WebSocket, WebSockets Standard section 3, as the platform changed it: a
// socket may come from a pair or a response, and then is accepted by hand, or
// be handed to its object, which keeps it while no instance runs.

import { Blob } from "./blob";
import { illegalInvocation } from "./brand";
import { DOMException } from "./domexception";
import { CloseEvent, ErrorEvent, Event, EventTarget, MessageEvent, trusted } from "./events";
import { refused } from "./flags";
import { expose, registerEntry } from "./frame";
import { hostOf } from "./host";
import type { WebSocketHost } from "./host/websocket";
import { report } from "./report";
import { requireHandler } from "./scope";
import { utf8Encode } from "./utf8";
import { checkedProtocols, checkedURL, openSocket, type Connection } from "./websocket-client";

export { WebSocketPair, WebSocketRequestResponsePair } from "./websocket-pair";
export { CloseEvent, ErrorEvent, MessageEvent };

const host = hostOf<WebSocketHost>();

/** What a socket may send. */
export type SocketData = string | ArrayBuffer | ArrayBufferView;

/** What a hibernatable socket is in its object's hands. */
export interface Ops {
  life: number;
  id: number;
  send(data: SocketData): void;
  close(code: number, reason: string): void;
  /** A value of readyState, 0 when the object has forgotten the socket. */
  state(): number;
  attach(value: unknown): void;
  attachment(): unknown;
}

const enum Phase {
  Connecting,
  Waiting, // to be accepted, or to leave with a response
  Accepted,
  Hibernating,
  Released,
}

const enum State {
  Connecting = 0,
  Open = 1,
  Closing = 2,
  Closed = 3,
}

const noStatus = 1005;
const notAccepted =
  "You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.";

const making = Symbol("making");

/** Ends that no script can reach any more. */
const unreachable = new FinalizationRegistry((end: number) => host.wsDrop(end));

/** The sockets that this isolate has accepted. */
const accepted = new Map<number, WebSocket>();

/** What one side of a pair knows of the other. */
interface Peer {
  waiting: boolean;
  accepted?: boolean; // by a script of this isolate
  crossed?: boolean; // it had closed by itself when it heard of the other's close
}

/** A socket of an end that is known only here. */
export let makeSocket: (end: number, mine?: Peer, other?: Peer) => WebSocket;
/** A WebSocket for an end whose peer is a connection to the outside. */
export let attachConnection: (end: number) => WebSocket;
/** A WebSocket of this isolate for an end that came with a response. */
export let attachSocket: (end: number) => WebSocket;
/** The number of a socket's end, which leaves with a response. */
export let detachSocket: (socket: WebSocket) => number;
/** Hands a socket to its object: ctx.acceptWebSocket. */
export let hibernate: (socket: WebSocket, accept: (end: number) => Ops) => void;
/** The operations of a hibernatable socket, undefined for any other. */
export let hibernating: (socket: WebSocket) => Ops | undefined;
/** A new WebSocket for a hibernatable socket. */
export let makeHibernated: (ops: Ops) => WebSocket;

let received: (socket: WebSocket, data: string | ArrayBuffer) => void;
let closed: (socket: WebSocket, code: number, reason: string, clean: boolean) => void;
let failed: (socket: WebSocket, message: string) => void;

export class WebSocket extends EventTarget {
  #phase: Phase = Phase.Waiting;
  #end = 0;
  #socket = 0;
  #ops: Ops | undefined;
  #mine: Peer | undefined;
  #other: Peer | undefined;
  #relayed = false; // the end came with a response
  #cancel: (() => void) | undefined; // gives up connecting
  #closedIn = false;
  #closedOut = false;
  #peerGone = false; // told of by the close event that runs
  #wrote = false; // into a connection whose peer is gone
  #error: { value: unknown } | undefined;
  #halfOpen = refused("web_socket_auto_reply_to_close");
  #blobs = !refused("websocket_standard_binary_type");
  #url: string | null = null;
  #protocol: string | null = "";
  #extensions: string | null = "";
  #attachment: ArrayBuffer | undefined; // serialized

  static {
    makeSocket = (end, mine, other) => {
      const socket = new WebSocket(making as never);
      socket.#end = end;
      socket.#mine = mine;
      socket.#other = other;
      unreachable.register(socket, end, socket);
      return socket;
    };
    attachSocket = (end) => {
      const socket = makeSocket(end);
      socket.#relayed = true;
      return socket;
    };
    attachConnection = makeSocket;
    detachSocket = (socket) => {
      if (!isSocket(socket)) throw illegalInvocation();
      const problem = socket.#whyNotReturned();
      if (problem === undefined) return socket.#take(Phase.Released);
      // The response has left by the time the platform notices.
      report(new TypeError(problem));
      return host.wsDead();
    };
    hibernate = (socket, accept) => {
      if (!isSocket(socket)) {
        throw new TypeError("Failed to execute 'acceptWebSocket' on 'DurableObjectState': parameter 1 is not of type 'WebSocket'.");
      }
      socket.#hibernate(accept);
    };
    hibernating = (socket) => (isSocket(socket) ? socket.#ops : undefined);
    makeHibernated = (ops) => {
      const socket = new WebSocket(making as never);
      socket.#phase = Phase.Hibernating;
      socket.#ops = ops;
      return socket;
    };
    received = (socket, data) => socket.#received(data);
    closed = (socket, code, reason, clean) => socket.#closed(code, reason, clean);
    failed = (socket, message) => {
      socket.#fail(new Error(message));
      socket.#done();
    };
    const isSocket = (value: unknown): value is WebSocket =>
      typeof value === "object" && value !== null && #phase in value;
  }

  constructor(url: string, protocols?: string | string[]) {
    super();
    if ((url as unknown) === making) return;
    if (arguments.length === 0) {
      throw new TypeError("Failed to construct 'WebSocket': constructor parameter 1 is not of type 'string'.");
    }
    requireHandler();
    this.#url = String(url);
    this.#phase = Phase.Connecting;
    const attempt = openSocket(checkedURL(this.#url), checkedProtocols(protocols));
    this.#cancel = attempt.cancel;
    attempt.connection
      .then(
        (connection) => this.#opened(connection),
        (error) => this.#refused(error),
      )
      .catch(report);
  }

  get readyState(): number {
    if (this.#ops !== undefined) return this.#ops.state() || (this.#closedOut ? State.Closed : State.Closing);
    if ((this.#closedIn && this.#closedOut) || this.#error !== undefined) return State.Closed;
    if (this.#closedIn || this.#closedOut) return State.Closing;
    return this.#phase === Phase.Connecting ? State.Connecting : State.Open;
  }
  get url(): string | null { return this.#url; }
  get protocol(): string | null { return this.#protocol; }
  get extensions(): string | null { return this.#extensions; }
  get bufferedAmount(): number {
    if (!(#phase in this)) throw illegalInvocation();
    return 0;
  }
  get binaryType(): string { return this.#blobs ? "blob" : "arraybuffer"; }
  set binaryType(type: string) {
    if (type === "blob" || type === "arraybuffer") this.#blobs = type === "blob";
  }

  accept(options?: { allowHalfOpen?: boolean }): void {
    switch (this.#phase) {
      case Phase.Connecting:
        throw new TypeError("Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
      case Phase.Released:
        throw new TypeError("Can't accept() WebSocket that was already used in a response.");
      case Phase.Hibernating:
        throw new TypeError("Can't accept() WebSocket after enabling hibernation.");
      case Phase.Accepted:
        return;
    }
    if (options !== undefined && options !== null && typeof options !== "object") {
      throw new TypeError("Failed to execute 'accept' on 'WebSocket': parameter 1 is not of type 'AcceptOptions'.");
    }
    if (options?.allowHalfOpen !== undefined) this.#halfOpen = !!options.allowHalfOpen;
    this.#accept();
  }

  send(...args: [] | [message: SocketData]): void {
    if (args.length === 0) {
      throw new TypeError("Failed to execute 'send' on 'WebSocket': parameter 1 is not of type 'ArrayBuffer or ArrayBufferView or string'.");
    }
    const [message] = args;
    const data = message instanceof ArrayBuffer || ArrayBuffer.isView(message) ? message : `${message}`;
    if (this.#closedOut) throw new TypeError("Can't call WebSocket send() after close().");
    if (!this.#canWrite()) return;
    if (this.#ops !== undefined) this.#ops.send(data);
    else if (this.#peerGone) this.#wrote = true;
    else host.wsSend(this.#socket, data);
  }

  close(code?: number, reason?: string): void {
    const [status, why] = checkedClose(code, reason);
    if (this.#phase === Phase.Connecting) {
      this.#phase = Phase.Released;
      this.#cancel?.();
      return;
    }
    if (this.#closedOut || !this.#canWrite()) return;
    this.#closedOut = true;
    if (this.#ops !== undefined) this.#ops.close(status, why);
    else if (this.#peerGone) this.#wrote = true;
    else this.#close(status, why);
  }

  serializeAttachment(attachment: unknown): void {
    if (arguments.length === 0) {
      throw new TypeError("Failed to execute 'serializeAttachment' on 'WebSocket': parameter 1 is not of type 'Value'.");
    }
    if (this.#ops !== undefined) this.#ops.attach(attachment);
    else this.#attachment = host.wsSerialize(attachment);
  }

  deserializeAttachment(): any {
    if (this.#ops !== undefined) return this.#ops.attachment() ?? null;
    return this.#attachment === undefined ? null : host.wsDeserialize(this.#attachment);
  }

  // ---- acceptance ----

  /** The end, which belongs to someone else from now on. */
  #take(phase: Phase): number {
    unreachable.unregister(this);
    this.#phase = phase;
    if (this.#mine !== undefined) this.#mine.waiting = false;
    return this.#end;
  }

  #accept(): void {
    this.#socket = host.wsAccept(this.#take(Phase.Accepted), this.#relayed);
    if (this.#mine !== undefined) this.#mine.accepted = true;
    accepted.set(this.#socket, this);
  }

  #hibernate(accept: (end: number) => Ops): void {
    if (this.#phase === Phase.Accepted || this.#phase === Phase.Hibernating) {
      throw new Error("Cannot call `acceptWebSocket()` if the WebSocket was already accepted via `accept()`");
    }
    if (!this.#other?.waiting) {
      throw new Error(
        "Cannot call `acceptWebSocket()` on this WebSocket because its pair has already been accepted or used in a Response.",
      );
    }
    if (this.#phase !== Phase.Waiting) {
      throw new TypeError("Tried to make an api::WebSocket hibernatable when it was in an incompatible state.");
    }
    const ops = accept(this.#end);
    this.#take(Phase.Hibernating);
    this.#ops = ops;
    if (this.#attachment !== undefined) ops.attach(host.wsDeserialize(this.#attachment));
    this.#attachment = undefined;
  }

  #whyNotReturned(): string | undefined {
    switch (this.#phase) {
      case Phase.Connecting:
        return "Can't return WebSocket in a Response if it was created with `new WebSocket()`";
      case Phase.Released:
        return "Can't return WebSocket that was already used in a response.";
      case Phase.Hibernating:
        return "Can't return WebSocket in a Response after calling acceptWebSocket().";
      case Phase.Accepted:
        return "Can't return WebSocket in a Response after calling accept().";
      case Phase.Waiting:
        return undefined;
    }
  }

  // ---- connecting ----

  #opened({ end, protocol, extensions }: Connection): void {
    if (this.#phase !== Phase.Connecting) return host.wsDrop(end);
    this.#end = end;
    this.#protocol = protocol || null;
    this.#extensions = extensions || null;
    this.#accept();
    this.#deliver(new Event("open"));
  }

  #refused(error: unknown): void {
    this.#closedIn = true;
    this.#phase = Phase.Released;
    this.#fail(error);
    this.#dispatch(new CloseEvent("close", { code: 1006, reason: "Failed to establish websocket connection", wasClean: false }));
  }

  // ---- sending ----

  /** Whether anything may be sent; what is sent into a dead connection is dropped. */
  #canWrite(): boolean {
    if (this.#error !== undefined || this.#phase === Phase.Released) return false;
    if (this.#phase === Phase.Waiting || this.#phase === Phase.Connecting) throw new TypeError(notAccepted);
    return this.#ops !== undefined || this.#socket !== 0;
  }

  #close(code: number, reason: string): void {
    const dropped = host.wsClose(this.#socket, code, reason);
    if (this.#closedIn) this.#finish(dropped);
  }

  /** Both sides have closed, or the peer is gone. */
  #finish(dropped: boolean): void {
    if (dropped) this.#lose();
    else this.#done();
  }

  /** Has an error event follow: the connection was lost while closing. */
  #lose(): void {
    if (this.#socket !== 0) host.wsLost(this.#socket);
  }

  #done(): void {
    if (this.#socket === 0) return;
    accepted.delete(this.#socket);
    host.wsDone(this.#socket);
    this.#socket = 0;
  }

  // ---- receiving ----

  #dispatch(event: Event): void {
    EventTarget.prototype.dispatchEvent.call(this, trusted(event));
  }

  /** Dispatches an event of the connection, which ends when a listener throws. */
  #deliver(event: Event): void {
    try {
      this.#dispatch(event);
    } catch (error) {
      this.#closedIn = true;
      if (this.#socket !== 0) host.wsAbort(this.#socket);
      accepted.delete(this.#socket);
      this.#socket = 0;
      this.#fail(error);
      throw error;
    }
  }

  #received(data: string | ArrayBuffer): void {
    const value = typeof data === "string" || !this.#blobs ? data : new Blob([data]);
    this.#deliver(new MessageEvent("message", { data: value }));
  }

  #closed(code: number, reason: string, clean: boolean): void {
    const event = new CloseEvent("close", { code, reason, wasClean: clean });
    if (!clean) return this.#disconnected(event);
    this.#closedIn = true;
    let dropped = false;
    if (this.#closedOut) dropped = this.#crossed();
    else if (!this.#halfOpen) {
      this.#closedOut = true;
      // With a script at both ends the connection is gone as soon as the reply has left.
      dropped = host.wsClose(this.#socket, code, reason) || this.#other?.accepted === true;
    }
    const done = this.#closedOut;
    this.#deliver(event);
    if (done) this.#finish(dropped);
  }

  /** Notes that both ends have closed by themselves. The one that hears of it last finds the connection gone. */
  #crossed(): boolean {
    if (this.#mine !== undefined) this.#mine.crossed = true;
    return this.#other?.accepted === true && this.#other.crossed === true;
  }

  #disconnected(event: CloseEvent): void {
    this.#peerGone = true;
    this.#deliver(event);
    this.#closedIn = true;
    this.#finish(this.#wrote);
  }

  #fail(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = { value: error };
    this.#closedIn = true;
    this.#dispatch(new ErrorEvent("error", { message: `Uncaught ${String(error)}`, error }));
  }
}

const states = { CONNECTING: State.Connecting, OPEN: State.Open, CLOSING: State.Closing, CLOSED: State.Closed };
for (const [name, value] of Object.entries(states)) {
  for (const key of [name, `READY_STATE_${name}`]) {
    Object.defineProperty(WebSocket, key, { value, enumerable: true });
    Object.defineProperty(WebSocket.prototype, key, { value, enumerable: true });
  }
}
expose("WebSocket", WebSocket);

/** The code and reason for a close frame. */
function checkedClose(code: number | undefined, reason: string | undefined): [number, string] {
  const status = code === undefined ? noStatus : Math.trunc(Number(code)) || 0;
  if (code !== undefined && (status < 1000 || status > 4999 || [1004, 1005, 1006, 1015].includes(status))) {
    throw new DOMException(`Invalid WebSocket close code: ${status}.`, "InvalidAccessError");
  }
  if (reason === undefined) return [status, ""];
  const text = `${reason}`.toWellFormed();
  if (!refused("websocket_close_reason_byte_limit") && utf8Encode(text).length > 123) {
    throw new DOMException("WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.", "SyntaxError");
  }
  if (code === undefined) {
    throw new DOMException("If you specify a WebSocket close reason, you must also specify a code.", "InvalidAccessError");
  }
  return [status, text];
}

function entry<A extends unknown[]>(deliver: (socket: WebSocket, ...args: A) => void): (id: number, ...args: A) => void {
  return (id, ...args) => {
    const socket = accepted.get(id);
    if (socket !== undefined) deliver(socket, ...args);
  };
}

registerEntry({
  wsMessage: entry((socket, data: string | ArrayBuffer) => received(socket, data)),
  wsClosed: entry((socket, code: number, reason: string, clean: boolean) => closed(socket, code, reason, clean)),
  wsFailed: entry((socket, message: string) => failed(socket, message)),
  wsHangUp: entry((socket, code: number, reason: string) => socket.close(code, reason)),
  wsGone: (id: number) => void accepted.delete(id),
});
