// DurableObjectState: an object's ctx.

import { illegalConstructor, illegalInvocation, wrongArgument } from "web/brand";
import { shape } from "web/frame";
import { utf8Encode } from "web/utf8";
import { hibernate, hibernating, makeHibernated, WebSocket, WebSocketRequestResponsePair } from "web/websocket";
import { contextExports, waitUntil } from "./context";
import { text } from "./errors";
import { makeFacets, type DurableObjectFacets } from "./facets";
import { host } from "./host";
import type { DurableObjectId } from "./id";
import { blockConcurrencyWhile } from "./section";
import { DurableObjectStorage, making, type Backing } from "./storage";
import { nearLimit } from "./traps";

const backings = new WeakMap<DurableObjectState, Backing>();

function lifeOf(self: DurableObjectState): number {
  const backing = backings.get(self);
  if (backing === undefined) throw illegalInvocation();
  return backing.life;
}

const name = "DurableObjectState";

export class DurableObjectState {
  declare readonly facets: DurableObjectFacets;
  declare readonly container: undefined;
  declare readonly storage: DurableObjectStorage;
  declare readonly id: DurableObjectId | string;
  declare readonly props: object;
  declare readonly exports: object | undefined;

  constructor(key: symbol, backing: Backing, id: DurableObjectId | string, props: object) {
    if (key !== making) throw illegalConstructor();
    backings.set(this, backing);
    this.facets = makeFacets(backing.life, id);
    this.container = undefined;
    this.storage = new DurableObjectStorage(making, backing);
    this.id = id;
    this.props = props;
    this.exports = contextExports();
  }

  waitUntil(...args: [] | [promise: Promise<unknown>]): void {
    lifeOf(this);
    if (args.length === 0) throw wrongArgument("waitUntil", name, 1, "Promise");
    waitUntil(args[0]);
  }

  blockConcurrencyWhile<T>(callback: () => T | Promise<T>): Promise<T> {
    const life = lifeOf(this);
    if (typeof callback !== "function") throw wrongArgument("blockConcurrencyWhile", name, 1, "function");
    return blockConcurrencyWhile(life, callback);
  }

  abort(reason?: unknown, options?: { retryAlarm?: boolean }): never {
    const message = reason === undefined ? "Application called abort() to reset Durable Object." : text(reason);
    return host.abort(lifeOf(this), message, options?.retryAlarm !== false);
  }

  acceptWebSocket(socket: WebSocket, tags?: string[]): void {
    const life = lifeOf(this);
    if (tags !== undefined && !Array.isArray(tags)) throw wrongArgument("acceptWebSocket", name, 2, "Array");
    const distinct = [...new Set((tags ?? []).map(String))];
    if (distinct.length > 10) throw new Error("a Hibernatable WebSocket cannot have more than 10 tags");
    const long = distinct.find((tag) => tag.length > 256);
    if (long !== undefined) throw new Error(`"${long}" is longer than the max tag length (256 characters).`);
    hibernate(socket, (end) => {
      const id = host.socketAccept(life, end, distinct);
      rememberSocket(life, id, socket);
      return { ...hibernated, life, id };
    });
  }

  /** All sockets, the latest first, or those with a tag in the order of their acceptance, as the platform lists them. */
  getWebSockets(tag?: string): WebSocket[] {
    const life = lifeOf(this);
    const numbers = host.socketList(life, tag === undefined ? undefined : text(tag));
    const sockets = numbers === "" ? [] : numbers.split(",").map((id) => socketOf(life, Number(id)));
    return tag === undefined ? sockets.reverse() : sockets;
  }

  getTags(socket: WebSocket): string[] {
    const life = lifeOf(this);
    const known = hibernating(socket);
    if (known === undefined) throw new Error("you must call 'acceptWebSocket()' before attempting to access the tags of a WebSocket.");
    return host.socketTags(life, known.id);
  }

  setWebSocketAutoResponse(pair?: WebSocketRequestResponsePair): void {
    const life = lifeOf(this);
    if (pair === undefined) return host.setAutoResponse(life, undefined, undefined);
    if (!(pair instanceof WebSocketRequestResponsePair)) {
      throw wrongArgument("setWebSocketAutoResponse", name, 1, "WebSocketRequestResponsePair");
    }
    const { request, response } = pair;
    const check = (what: string, value: string) => {
      const size = utf8Encode(value).length;
      if (size > 2048) throw new RangeError(`${what} cannot be larger than 2048 bytes. A ${what.toLowerCase()} of size ${size} was provided.`);
    };
    check("Request", request);
    check("Response", response);
    host.setAutoResponse(life, request, response);
  }

  getWebSocketAutoResponse(): WebSocketRequestResponsePair | null {
    const pair = host.getAutoResponse(lifeOf(this));
    return pair === undefined ? null : new WebSocketRequestResponsePair(pair[0]!, pair[1]!);
  }

  getWebSocketAutoResponseTimestamp(socket: WebSocket): Date | null {
    const life = lifeOf(this);
    if (!(socket instanceof WebSocket)) throw wrongArgument("getWebSocketAutoResponseTimestamp", name, 1, "WebSocket");
    const known = hibernating(socket);
    const time = known === undefined ? null : host.socketAutoTime(life, known.id);
    return time === null ? null : new Date(time);
  }

  setHibernatableWebSocketEventTimeout(ms?: number): void {
    const life = lifeOf(this);
    const timeout = ms === undefined ? 0 : Math.trunc(Number(ms)) || 0;
    if (timeout < 0) {
      throw new TypeError("The value cannot be converted because it is negative and this API expects a positive number.");
    }
    if (timeout > 604800000) throw new Error("Event timeout should not exceed 604800000 ms.");
    host.setEventTimeout(life, timeout);
  }

  getHibernatableWebSocketEventTimeout(): number | null {
    return host.getEventTimeout(lifeOf(this)) || null;
  }
}
shape(name, DurableObjectState);

// The operations of a hibernatable socket, whose state the object keeps.
const hibernated = {
  send(this: { life: number; id: number }, data: string | ArrayBuffer | ArrayBufferView) {
    host.socketSend(this.life, this.id, data);
  },
  close(this: { life: number; id: number }, code: number, reason: string) {
    host.socketClose(this.life, this.id, code, reason);
  },
  state(this: { life: number; id: number }) {
    return host.socketState(this.life, this.id);
  },
  attach(this: { life: number; id: number }, value: unknown) {
    nearLimit(this.life, host.socketAttach(this.life, this.id, value));
  },
  attachment(this: { life: number; id: number }) {
    return host.socketAttachment(this.life, this.id);
  },
};

const known = new Map<number, Map<number, WebSocket>>();

/** The WebSocket of a hibernatable socket: the same one for as long as the instance lives. */
export function socketOf(life: number, id: number): WebSocket {
  let sockets = known.get(life);
  if (sockets === undefined) known.set(life, (sockets = new Map()));
  let socket = sockets.get(id);
  if (socket === undefined) sockets.set(id, (socket = makeHibernated({ ...hibernated, life, id })));
  return socket;
}

export function rememberSocket(life: number, id: number, socket: WebSocket): void {
  let sockets = known.get(life);
  if (sockets === undefined) known.set(life, (sockets = new Map()));
  sockets.set(id, socket);
}

export function forgetSocket(life: number, id: number): void {
  known.get(life)?.delete(id);
}

export function forgetSockets(life: number): void {
  known.delete(life);
}

