import { DurableObject } from "cloudflare:workers";

export class RateLimiter extends DurableObject {
  async check(): Promise<boolean> {
    const count = ((await this.ctx.storage.get<number>("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return count < 10_000;
  }
}
