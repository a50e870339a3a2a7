import { DurableObject } from "cloudflare:workers";

interface Env {
  COUNTERS: DurableObjectNamespace<Counter>;
}

/** A number with a name, kept on disk. */
export class Counter extends DurableObject {
  async increment(by = 1): Promise<number> {
    const value = ((await this.ctx.storage.get<number>("value")) ?? 0) + by;
    await this.ctx.storage.put("value", value);
    return value;
  }
}

/** GET /NAME counts up the counter of that name. */
export default {
  async fetch(request, env) {
    const name = new URL(request.url).pathname.slice(1) || "lobby";
    const value = await env.COUNTERS.getByName(name).increment();
    return Response.json({ name, value });
  },
} satisfies ExportedHandler<Env>;
