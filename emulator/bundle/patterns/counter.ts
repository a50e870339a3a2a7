import { BaseDurableObject } from "./base-durable-object";

/**
 * A number that many can count up and down. By RPC:
 *
 *     await env.COUNTERS.getByName("page-views").increment(5);
 *
 * and by HTTP, where each path answers `{"value": …}`:
 *
 *     /increment, /decrement   by 1, by ?amount=5, or by a body of {"amount": 5}
 *     /reset                   to 0, or to an amount given the same ways
 *     /value
 */
export class Counter<Env = unknown> extends BaseDurableObject<Env> {
  #current = 0;

  protected override async onInitialize(): Promise<void> {
    this.#current = (await this.get<number>("value")) ?? 0;
  }

  override async fetch(request: Request): Promise<Response> {
    try {
      return await this.#route(request);
    } catch (error) {
      if (error instanceof AmountError) return this.error(error.message, 400);
      throw error;
    }
  }

  async increment(amount = 1): Promise<number> {
    return this.#set(this.#current + checkAmount(amount));
  }

  async decrement(amount = 1): Promise<number> {
    return this.#set(this.#current - checkAmount(amount));
  }

  async value(): Promise<number> {
    return this.#current;
  }

  async reset(to = 0): Promise<number> {
    return this.#set(checkAmount(to));
  }

  async #route(request: Request): Promise<Response> {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/increment":
        return this.json({ value: await this.increment(await readAmount(url, request)) });
      case "/decrement":
        return this.json({ value: await this.decrement(await readAmount(url, request)) });
      case "/value":
        return this.json({ value: this.#current });
      case "/reset":
        return this.json({ value: await this.reset(await readAmount(url, request)) });
      default:
        return this.error("Not found", 404);
    }
  }

  // The number changes before anything is awaited, so no other call can come
  // between reading and writing it. If the write fails, the object is reset.
  async #set(value: number): Promise<number> {
    this.#current = value;
    await this.put("value", value);
    return value;
  }
}

class AmountError extends TypeError {}

function checkAmount(amount: unknown): number {
  if (typeof amount === "number" && Number.isFinite(amount)) return amount;
  throw new AmountError("amount must be a number");
}

/** The amount a request names, or undefined. */
async function readAmount(url: URL, request: Request): Promise<number | undefined> {
  const parameter = url.searchParams.get("amount");
  if (parameter !== null) return checkAmount(parameter.trim() === "" ? NaN : Number(parameter));

  const body = await request.text();
  if (body === "") return undefined;
  const { amount } = parseBody(body);
  return amount === undefined ? undefined : checkAmount(amount);
}

function parseBody(body: string): { amount?: unknown } {
  try {
    const value = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // The answer is the same as for any other wrong body.
  }
  throw new AmountError('the body must be JSON such as {"amount": 5}');
}
