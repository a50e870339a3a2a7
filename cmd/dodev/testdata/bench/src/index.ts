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

export default {
  async fetch(request: Request, env: { COUNTER: DurableObjectNamespace; PLAIN: DurableObjectNamespace }): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/") return new Response("hello");
    if (url.pathname === "/version") return new Response(VERSION);
    const namespace = url.searchParams.has("kv") ? env.PLAIN : env.COUNTER;
    return namespace.getByName(url.searchParams.get("name") ?? "one").fetch(request);
  },
};
