// connect() of stubs, and handlers of that name: a connection to an object or
// entrypoint. It crosses as a call with the two directions as streams.

import { coreOf, type ReadableStream } from "web/streams/readable";
import { handled } from "web/streams/shared";
import { writableCoreOf, type WritableStream } from "web/streams/writable";
import { checkAddress, checkOptions, type SocketAddress, type SocketOptions } from "web/socket-address";
import { later } from "web/later";
import type { Socket, SocketInfo } from "web/sockets";
import { bareError } from "./errors";

export type { SocketAddress, SocketOptions };

// require is the bundler's: what few Workers use is evaluated when it is used.
declare const require: (path: string) => any;
const sockets = () => later("sockets") as typeof import("web/sockets");
const identity = () => require("web/streams/identity") as typeof import("web/streams/identity");

/** The name that a connection is called by, which no method is likely to have. */
export const connecting = "connect()";

type Handler = (socket: Socket, env: unknown, ctx: unknown) => unknown;

/** Calls connecting, with a list of arguments. */
export type Dial = (args: unknown[]) => Promise<unknown>;

const refused = "proxy request failed, cannot connect to the specified address";

/** What connect() of a stub gives. */
export function dial(call: Dial, address: string | SocketAddress, options?: SocketOptions): Socket {
  if (address === undefined) throw new TypeError("Failed to execute 'connect' on 'Fetcher': parameter 1 is not of type 'SocketAddress or string'.");
  const { text } = checkAddress(address);
  const { secureTransport } = checkOptions(options, "Fetcher");
  if (secureTransport === "on") throw new Error("Incoming CONNECT with TLS not supported");
  const { IdentityTransformStream } = identity();
  const [up, down] = [new IdentityTransformStream(), new IdentityTransformStream()];
  const called = call([text, up.readable, down.writable]);
  const opened = called.then(
    (): SocketInfo => ({ remoteAddress: text }),
    () => {
      writableCoreOf(up.writable).fail(new Error(`jsg.Error: ${refused}`));
      throw new Error(refused);
    },
  );
  const read = new Promise<void>((resolve) => (coreOf(down.readable).onClose = resolve));
  const ended = opened.then(() => read);
  handled(ended);
  return sockets().makeSocket({ ...ends(down.readable, up.writable), opened, ended }, secureTransport);
}

/** Both ends of a socket, and how they are closed. */
function ends(readable: ReadableStream, writable: WritableStream) {
  return { readable, writable, close: () => finish(readable, writable) };
}

function finish(readable: ReadableStream, writable: WritableStream): void {
  const [input, output] = [coreOf(readable), writableCoreOf(writable)];
  if (input.state === "readable") handled(input.cancel(new Error("Network connection lost.")));
  if (output.state === "writable" && !output.closeQueuedOrInFlight) handled(output.close());
}

/**
 * Answers a connection: the handler gets a socket, and keeps it until it returns.
 * What it then is to wait for is answered.
 */
export function accept(handler: unknown, self: unknown, [address, readable, writable]: unknown[], env: unknown, ctx: unknown): Promise<void> {
  if (typeof handler !== "function") throw bareError(new Error("Handler does not export a connect() function."));
  const streams = ends(readable as ReadableStream, writable as WritableStream);
  const opened = Promise.resolve({ localAddress: address as string });
  const socket = sockets().makeSocket({ ...streams, opened, ended: new Promise(() => {}) }, "off");
  const result = new Promise((resolve) => resolve((handler as Handler).call(self, socket, env, ctx)));
  return result.then(() => {}).finally(streams.close);
}
