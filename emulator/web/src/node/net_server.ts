// The parts of cloudflare:node for servers of node:net.

import { Socket } from "./net";

/** Has a server take a connection. */
export async function handleAsNodeConnection(server: any, socket: any, _env?: unknown): Promise<void> {
  await socket.opened;
  const node = new Socket({ allowHalfOpen: true });
  node.attach(socket);
  server.emit("connection", node);
  await new Promise<void>((resolve) => node.once("close", () => resolve()));
}

/** A connect() handler for a server. */
export function connectHandler(server?: any): object {
  return { connect: (socket: any, env: unknown) => handleAsNodeConnection(server, socket, env) };
}
