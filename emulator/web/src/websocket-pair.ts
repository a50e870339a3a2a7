// WebSocketPair and WebSocketRequestResponsePair, which only the platform has.

import { illegalInvocation } from "./brand";
import { expose } from "./frame";
import { hostOf } from "./host";
import type { WebSocketHost } from "./host/websocket";
import { requireHandler } from "./scope";
import { makeSocket, type WebSocket } from "./websocket";

const host = hostOf<WebSocketHost>();

export interface WebSocketPair extends Iterable<WebSocket> {
  readonly 0: WebSocket;
  readonly 1: WebSocket;
}

// A function, because a class has words of its own for a call without new.
export const WebSocketPair = function WebSocketPair(this: WebSocketPair) {
  if (new.target === undefined) {
    throw new TypeError(
      "Failed to construct 'WebSocketPair': Please use the 'new' operator, this object constructor cannot be called as a function.",
    );
  }
  requireHandler();
  const end = host.wsPair();
  const peers = [{ waiting: true }, { waiting: true }] as const;
  const sockets = [makeSocket(end, peers[0], peers[1]), makeSocket(end + 1, peers[1], peers[0])];
  sockets.forEach((value, i) => Object.defineProperty(this, i, { value, enumerable: true, configurable: true }));
} as unknown as { new (): WebSocketPair; prototype: WebSocketPair };

Object.defineProperty(WebSocketPair.prototype, Symbol.iterator, {
  *value(this: WebSocketPair) {
    yield this[0];
    yield this[1];
  },
  configurable: true,
  writable: true,
});
expose("WebSocketPair", WebSocketPair as unknown as typeof WebSocketPair & Function);

/** A message and what the runtime answers to it without waking the object. */
export class WebSocketRequestResponsePair {
  #request: string;
  #response: string;

  constructor(request: string, response: string) {
    if (arguments.length < 2) {
      throw new TypeError(
        `Failed to construct 'WebSocketRequestResponsePair': constructor parameter ${arguments.length + 1} is not of type 'string'.`,
      );
    }
    this.#request = `${request}`;
    this.#response = `${response}`;
  }

  get request(): string {
    if (!(#request in this)) throw illegalInvocation();
    return this.#request;
  }
  get response(): string {
    if (!(#response in this)) throw illegalInvocation();
    return this.#response;
  }
}
expose("WebSocketRequestResponsePair", WebSocketRequestResponsePair);
