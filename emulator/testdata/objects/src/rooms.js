// An object with sockets that notes what happens, and answers clients outside.

import { DurableObject } from "cloudflare:workers";

import { outcome } from "./show.js";

export class Room extends DurableObject {
  log = [];

  async fetch(request) {
    const url = new URL(request.url);
    if (request.headers.has("x-echo")) return new Response(`${request.method} ${request.url}`);
    const path = url.pathname;
    if (path === "/answer") return new Response("body", { status: 299, statusText: "Fine", headers: [["x-a", "1"], ["x-A", "2"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
    if (path === "/redirect") return Response.redirect("http://elsewhere/", 302);
    if (path === "/body") return new Response(request.body);
    if (path === "/settled") return new Response(await scheduler.wait(60));
    if (path === "/log") return Response.json(this.log);
    return this.#open(request, url.searchParams);
  }
  #open(request, params) {
    if (request.headers.get("upgrade") !== "websocket") return new Response("no upgrade", { status: 426 });
    const [client, server] = Object.values(new WebSocketPair());
    const tags = params.getAll("tag");
    if (params.has("pong")) this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    if (params.has("plain")) this.#plain(server, params);
    else this.ctx.acceptWebSocket(server, tags);
    if (params.has("attach")) server.serializeAttachment({ kept: params.get("attach") });
    if (params.has("hello")) server.send("hello");
    if (params.has("bye")) server.close(4000, "bye at once");
    const headers = params.has("protocol") ? { "Sec-WebSocket-Protocol": params.get("protocol") } : {};
    return new Response(null, { status: 101, webSocket: client, headers: { ...headers, "x-room": "yes" } });
  }
  #plain(server, params) {
    server.accept(params.has("half") ? { allowHalfOpen: true } : undefined);
    server.addEventListener("message", ({ data }) => this.webSocketMessage(server, data));
    server.addEventListener("close", (e) => { this.log.push(["close", e.code, e.reason, e.wasClean, server.readyState]); });
    server.addEventListener("error", (e) => { this.log.push(["error", e.message]); });
  }
  async webSocketMessage(ws, message) {
    this.log.push(["message", typeof message === "string" ? message.slice(0, 50) : [...new Uint8Array(message).slice(0, 10)]]);
    if (typeof message !== "string") return ws.send(message);
    const [verb, ...rest] = message.split(" ");
    if (verb === "close") return ws.close(...(rest.length ? [Number(rest[0]), rest.slice(1).join(" ")] : []));
    if (verb === "closeAll") { for (const each of this.ctx.getWebSockets()) each.close(1001, "all"); return undefined; }
    if (verb === "many") { for (let i = 0; i < 5; i++) ws.send(`many ${i}`); return undefined; }
    if (verb === "tell") { for (const each of this.ctx.getWebSockets(rest[0])) each.send(`told ${rest[0]}`); return undefined; }
    if (verb === "tags") return ws.send(JSON.stringify(this.ctx.getTags(ws)));
    if (verb === "attachment") return ws.send(JSON.stringify(ws.deserializeAttachment()));
    if (verb === "state") return ws.send(JSON.stringify([ws.readyState, ws.url, ws.protocol, ws.extensions, ws.binaryType]));
    if (verb === "count") return ws.send(String(this.ctx.getWebSockets().length));
    if (verb === "stored") { const n = ((await this.ctx.storage.get("n")) ?? 0) + 1; await this.ctx.storage.put("n", n); return ws.send(`stored ${n}`); }
    if (verb === "slow") { await scheduler.wait(20); return ws.send("slow done"); }
    if (verb === "bytes") return ws.send(new Uint8Array([1, 2, 255]));
    if (verb === "empty") return ws.send("");
    if (verb === "throw") throw new RangeError("thrown by the handler");
    if (verb === "abort") return this.ctx.abort(new Error("aborted"));
    if (verb === "big") return ws.send("x".repeat(70000));
    if (verb === "after") { ws.close(4004, "after"); try { ws.send("too late"); } catch (e) { this.log.push(["send", e.name, e.message]); } return undefined; }
    return ws.send(`echo ${message}`);
  }
  webSocketClose(ws, code, reason, wasClean) {
    this.log.push(["close", code, reason, wasClean, ws.readyState, this.ctx.getWebSockets().length]);
  }
  webSocketError(ws, error) {
    this.log.push(["error", error?.constructor?.name, error?.message]);
  }

  nameLength() { return this.ctx.id.name?.length ?? null; }
  idText() { return this.ctx.id.toString(); }
  tryAlarm() { return outcome(() => this.ctx.storage.setAlarm(5e12)); }
}

const responses = {
  "/plain": () => new Response("text"),
  "/json": () => Response.json({ a: 1 }),
  "/html": () => new Response("<p>", { headers: { "content-type": "text/html;charset=utf-8" } }),
  "/bytes": () => new Response(new Uint8Array([65, 66])),
  "/empty": () => new Response(null),
  "/204": () => new Response(null, { status: 204 }),
  "/304": () => new Response(null, { status: 304, headers: { etag: '"x"' } }),
  "/404": () => new Response("missing", { status: 404 }),
  "/599": () => new Response("odd", { status: 599, statusText: "Odd One" }),
  "/cookies": () => new Response("c", { headers: [["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2"], ["x-many", "1"], ["x-many", "2"]] }),
  "/form": () => new Response(new URLSearchParams({ a: "1 2", b: "é" })),
  "/blob": () => new Response(new Blob(["blob"], { type: "text/x-own" })),
  "/stream": () => { const { readable, writable } = new TransformStream(); const w = writable.getWriter(); (async () => { await w.write(new TextEncoder().encode("one ")); await w.write(new TextEncoder().encode("two")); await w.close(); })(); return new Response(readable); },
  "/fixed": () => { const { readable, writable } = new FixedLengthStream(4); const w = writable.getWriter(); w.write(new TextEncoder().encode("four")); w.close(); return new Response(readable); },
  "/redirect": () => Response.redirect("https://elsewhere.example/x?y", 307),
  "/length": () => new Response("lengthy", { headers: { "content-length": "7" } }),
  "/latin": () => new Response("x", { headers: { "x-latin": "caf\u00e9" } }),
  "/head": () => new Response("body of head", { headers: { "x-head": "1" } }),
};

/** Answers what is no question. */
export async function route(request, env) {
  const url = new URL(request.url);
  const [, place, name, ...rest] = url.pathname.split("/");
  if (place === "room") {
    const inner = new URL(`/${rest.join("/")}${url.search}`, url);
    return env.ROOM.getByName(name).fetch(new Request(inner, request));
  }
  if (place === "response") return responses[`/${name}`]();
  if (place === "echo") {
    const told = ["x-own", "content-type", "user-agent", "accept-encoding", "content-length", "cookie"].map((name) => [name, request.headers.get(name)]);
    return Response.json([request.method, url.pathname + url.search, told, await request.text(), request.redirect, request.cf === undefined]);
  }
  return new Response("no such place", { status: 404 });
}
