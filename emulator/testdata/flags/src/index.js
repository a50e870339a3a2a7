// Asks what a compatibility flag changes: GET /run?name=NAME; GET /list lists the questions.

import { questions } from "./questions.js";
import { outcome } from "./show.js";

export { Failing, Greeter, Old, Room } from "./objects.js";

function plain() {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  return new Response(null, { status: 101, webSocket: client });
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/list") return Response.json(Object.keys(questions));
    const object = (namespace = env.ROOM) => namespace.get(namespace.idFromName(crypto.randomUUID()));
    if (url.pathname === "/hibernating") return object().fetch(`https://host/hibernate${url.search}`, request);
    if (url.pathname === "/plain") return plain();
    if (url.pathname === "/keep") return Response.json(await env.ROOM.getByName("keeper").store(ctx.exports.Room.getByName("kept")));
    if (url.pathname === "/kept") return Response.json(await env.ROOM.getByName("keeper").stored());
    if (url.pathname === "/linger") return Response.json(await env.ROOM.getByName("lingering").linger());
    return Response.json(await outcome(() => questions[url.searchParams.get("name")]({ object, env, ctx })));
  },
};
