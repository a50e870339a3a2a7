import { DurableObject } from "cloudflare:workers";

const VERSION = "v0";

class Counting extends DurableObject {
  async fetch(request: Request): Promise<Response> {
    const value = (await this.ctx.storage.get<number>("value")) ?? 0;
    if (new URL(request.url).pathname !== "/increment") return new Response(String(value));
    await this.ctx.storage.put("value", value + 1);
    return new Response(String(value + 1));
  }
}

export class Counter extends Counting {}
export class PlainCounter extends Counting {}

// Echoes what its sockets send, "all" to each of them.
export class Room extends DurableObject {
  async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, message: string): void {
    if (message !== "all") return socket.send(message);
    for (const each of this.ctx.getWebSockets()) each.send(message);
  }
}

interface Env {
  COUNTER: DurableObjectNamespace;
  PLAIN: DurableObjectNamespace;
  ROOM: DurableObjectNamespace;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/") return new Response("hello");
    if (url.pathname === "/version") return new Response(VERSION);
    if (url.pathname === "/socket") return env.ROOM.getByName(url.searchParams.get("name")!).fetch(request);
    const namespace = url.searchParams.has("kv") ? env.PLAIN : env.COUNTER;
    return namespace.getByName(url.searchParams.get("name") ?? "one").fetch(request);
  },
};
