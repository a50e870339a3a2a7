import { ChatRoom } from "./chat-room";
import { RateLimiter } from "./limiter";

export { ChatRoom, RateLimiter };

export interface Env {
  ROOMS: DurableObjectNamespace<ChatRoom>;
  LIMITS: DurableObjectNamespace<RateLimiter>;
}

export default {
  async fetch(request, env) {
    const [, room, what] = new URL(request.url).pathname.match(/^\/rooms\/(\w+)(\/\w+)?$/) ?? [];
    if (room === undefined) return new Response("Not found\n", { status: 404 });
    const stub = env.ROOMS.getByName(room);
    if (request.headers.get("Upgrade") === "websocket") return stub.fetch(request);
    return Response.json(what === "/join" ? await stub.join() : await stub.history());
  },
} satisfies ExportedHandler<Env>;
