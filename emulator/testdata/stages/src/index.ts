import { DurableObject } from "cloudflare:workers";

// Each path does what the one before it does, and one thing more.
export class Stage extends DurableObject {
  async fetch(request: Request): Promise<Response> {
    if (request.url.endsWith("forward")) return new Response("hello");
    const value = (await this.ctx.storage.get<number>("value")) ?? 0;
    if (request.url.endsWith("read")) return new Response(String(value));
    await this.ctx.storage.put("value", value + 1);
    return new Response(String(value + 1));
  }

  call(): string {
    return "hello";
  }
}

// Echoes what its sockets say.
export class Talk extends DurableObject {
  fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    if (request.url.endsWith("hibernate")) {
      this.ctx.acceptWebSocket(server);
    } else {
      server.accept();
      server.binaryType = "arraybuffer";
      server.addEventListener("message", (event) => server.send(event.data));
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    socket.send(message);
  }
}

type Env = { STAGE: DurableObjectNamespace<Stage>; TALK: DurableObjectNamespace<Talk> };

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.url.endsWith("hello")) return new Response("hello");
    const url = new URL(request.url);
    if (url.pathname === "/url") return new Response("hello");
    const name = url.searchParams.get("name") ?? "one";
    if (url.pathname === "/query") return new Response("hello");
    const stub = env.STAGE.getByName(name);
    if (url.pathname === "/stub") return new Response("hello");
    if (url.pathname === "/call") return new Response(await stub.call());
    if (url.pathname === "/accept" || url.pathname === "/hibernate") return env.TALK.getByName("one").fetch(request);
    return stub.fetch(request);
  },
};
