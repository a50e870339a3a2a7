// Sockets to the outside: what is checked before one is opened, WebSockets
// Standard section 3.1, and requests that ask for one.

import { DOMException } from "./domexception";
import { hostOf } from "./host";
import type { WebSocketHost } from "./host/websocket";
import { wait } from "./ops";
import { URL } from "./url";

const host = hostOf<WebSocketHost>();

/** An open socket to the outside. */
export interface Connection {
  end: number;
  protocol: string; // "" for none
  extensions: string;
}

const syntaxError = (message: string) => new DOMException(`WebSocket Constructor: ${message}`, "SyntaxError");

/** The URL to connect to. */
export function checkedURL(text: string): string {
  const url = URL.parse(text);
  if (url === null) throw syntaxError("The url is invalid.");
  if (url.protocol !== "ws:" && url.protocol !== "wss:") throw syntaxError("The url scheme must be ws or wss.");
  if (url.href.includes("#")) throw syntaxError("The url fragment must be empty.");
  url.username = "";
  url.password = "";
  return url.href;
}

const token = /^[!#$%&'*+\-.^_`|~"0-9A-Za-z]+$/;

/** The subprotocols to offer. */
export function checkedProtocols(protocols: string | string[] | undefined): string[] {
  if (protocols === undefined) return [];
  if (!Array.isArray(protocols)) {
    if (!token.test(`${protocols}`)) throw syntaxError("The protocol header token is invalid.");
    return [`${protocols}`];
  }
  const list = protocols.map(String);
  list.forEach((protocol, i) => {
    if (!token.test(protocol)) throw syntaxError("One of the protocol header tokens is invalid.");
    if (list.indexOf(protocol) < i) throw syntaxError("The protocols header cannot have repeating values.");
  });
  return list;
}

/** Opens a socket. Cancelled, it fails. */
export function openSocket(url: string, protocols: string[]): { connection: Promise<Connection>; cancel(): void } {
  const op = host.wsOpen(url, protocols);
  const connection = wait<[number, string, string]>(op);
  return {
    connection: connection.then(([end, protocol, extensions]) => ({ end, protocol, extensions })),
    cancel: () => host.wsOpenCancel(op),
  };
}
