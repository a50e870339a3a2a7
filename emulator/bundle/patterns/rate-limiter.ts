import { BaseDurableObject } from "./base-durable-object";

/** What every check answers. */
export interface RateLimitResult {
  allowed: boolean;
  /** How much of the limit is used, this request included if it is allowed. */
  count: number;
  /** How many more requests would be allowed now. */
  remaining: number;
  /** When the whole limit is there again, in milliseconds since 1970. */
  resetAt: number;
  /** Milliseconds until this request would be allowed; 0 if it is. */
  retryAfter: number;
}

/** One step of an algorithm: the answer, and what to remember until when. */
interface Step<State> {
  result: RateLimitResult;
  state: State;
  expiresAt: number;
}

interface Stored<State> {
  state: State;
  expiresAt: number;
}

/** What all keys in storage begin with. */
const PREFIX = "limit:";

/** Least time between two sweeps over all keys. */
const SWEEP_PAUSE_MS = 10_000;

/** Most time until the next: the platform knows no alarm centuries away. */
const SWEEP_WITHIN_MS = 365 * 24 * 3_600_000;

/** How many keys a sweep reads, and at most deletes, at once. */
const SWEEP_BATCH = 128;

/** Most requests a sliding window remembers: their times must fit in one value. */
const MAX_SLIDING_LIMIT = 10_000;

/**
 * Limits how often something may happen, for any number of keys. POST a body of
 *
 *     /check                  {key, limit, window}: fixed window, in milliseconds
 *     /check/sliding-window   {key, limit, window}
 *     /check/token-bucket     {key, capacity, refillRate, tokens = 1}: rate per second
 *     /check/leaky-bucket     {key, capacity, leakRate}: rate per second
 *
 * Each answers a RateLimitResult, or 400 and the name of the field that is
 * wrong. The algorithms count apart from each other. Counts are in storage, so
 * they outlive the instance; an alarm deletes those that no longer matter.
 */
export class RateLimiter<Env = unknown> extends BaseDurableObject<Env> {
  #nextSweepAllowed = 0;

  override async fetch(request: Request): Promise<Response> {
    if (request.method !== "POST") return this.error("Expected a POST request", 405);
    try {
      const { pathname } = new URL(request.url);
      const result = await this.#check(pathname, new Fields(await request.text()));
      return result ? this.json(result) : this.error("Not found", 404);
    } catch (error) {
      if (error instanceof FieldError) return this.error(error.message, 400);
      throw error;
    }
  }

  /** Deletes what has expired, and comes back when there will be more. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    let earliest = Infinity;
    for (let startAfter = PREFIX; ; ) {
      const page = await this.list<Stored<unknown>>({ prefix: PREFIX, startAfter, limit: SWEEP_BATCH });
      const expired: string[] = [];
      for (const [key, { expiresAt }] of page) {
        if (expiresAt <= now) expired.push(key);
        else earliest = Math.min(earliest, expiresAt);
        startAfter = key;
      }
      if (expired.length > 0) await this.delete(expired);
      if (page.size < SWEEP_BATCH) break;
    }
    this.#nextSweepAllowed = now + SWEEP_PAUSE_MS;
    if (earliest < Infinity) await this.#sweepAt(earliest);
  }

  async #check(path: string, fields: Fields): Promise<RateLimitResult | undefined> {
    switch (path) {
      case "/check":
        return this.#take("fixed", fields, fixedWindow(fields));
      case "/check/sliding-window":
        return this.#take("sliding", fields, slidingWindow(fields));
      case "/check/token-bucket":
        return this.#take("token", fields, tokenBucket(fields));
      case "/check/leaky-bucket":
        return this.#take("leaky", fields, leakyBucket(fields));
      default:
        return undefined;
    }
  }

  // One transaction reads, decides and writes, so two requests never see the
  // same count.
  async #take<State>(
    algorithm: string,
    fields: Fields,
    step: (now: number, state: State | undefined) => Step<State>,
  ): Promise<RateLimitResult> {
    const key = `${PREFIX}${algorithm}:${fields.text("key")}`;
    return this.state.storage.transaction(async (txn) => {
      const now = Date.now();
      const stored = await txn.get<Stored<State>>(key);
      const current = stored && stored.expiresAt > now ? stored.state : undefined;
      const { result, state, expiresAt } = step(now, current);
      await txn.put<Stored<State>>(key, { state, expiresAt });
      await this.#sweepAt(expiresAt, txn);
      return result;
    });
  }

  /** Sees to a sweep at that time, or when the pause before it or the longest wait is over. */
  async #sweepAt(
    time: number,
    storage: Pick<DurableObjectTransaction, "getAlarm" | "setAlarm"> = this.state.storage,
  ): Promise<void> {
    const due = Math.ceil(Math.min(Math.max(time, this.#nextSweepAllowed), Date.now() + SWEEP_WITHIN_MS));
    const planned = await storage.getAlarm();
    if (planned === null || planned > due) await storage.setAlarm(due);
  }
}

/** Counts requests from the first one on; all are forgotten when the window ends. */
function fixedWindow(fields: Fields) {
  const limit = fields.whole("limit");
  const window = fields.positive("window");

  return (now: number, state = { count: 0, resetAt: now + window }): Step<typeof state> => {
    const { resetAt } = state;
    const allowed = state.count < limit;
    const count = state.count + (allowed ? 1 : 0);
    return {
      result: {
        allowed,
        count,
        remaining: Math.max(0, limit - count),
        resetAt,
        retryAfter: allowed ? 0 : resetAt - now,
      },
      state: { count, resetAt },
      expiresAt: resetAt,
    };
  };
}

/** Remembers when each request was: at no time does the window behind it hold more than the limit. */
function slidingWindow(fields: Fields) {
  const limit = fields.whole("limit", MAX_SLIDING_LIMIT);
  const window = fields.positive("window");

  return (now: number, times: number[] = []): Step<number[]> => {
    const recent = times.filter((time) => time > now - window);
    const allowed = recent.length < limit;
    if (allowed) recent.push(now);
    const resetAt = (recent.at(-1) ?? now) + window;
    return {
      result: {
        allowed,
        count: recent.length,
        remaining: Math.max(0, limit - recent.length),
        resetAt,
        // The limit may be lower than it was: room is when all above it have gone.
        retryAfter: allowed ? 0 : (recent.at(-limit) ?? now) + window - now,
      },
      state: recent,
      expiresAt: resetAt,
    };
  };
}

/** Tokens come at a steady rate up to the capacity, and a request takes some. */
function tokenBucket(fields: Fields) {
  const capacity = fields.positive("capacity");
  const perMs = fields.positive("refillRate") / 1000;
  const wanted = fields.positive("tokens", 1);
  if (wanted > capacity) throw new FieldError("tokens", "must not be more than capacity");

  return (now: number, state = { tokens: capacity, at: now }): Step<typeof state> => {
    const there = Math.min(capacity, state.tokens + (now - state.at) * perMs);
    const allowed = there >= wanted;
    const tokens = allowed ? there - wanted : there;
    const resetAt = Math.ceil(now + (capacity - tokens) / perMs);
    return {
      result: {
        allowed,
        count: Math.ceil(capacity - tokens),
        remaining: Math.floor(tokens),
        resetAt,
        retryAfter: allowed ? 0 : Math.ceil((wanted - there) / perMs),
      },
      state: { tokens, at: now },
      expiresAt: resetAt,
    };
  };
}

/** Every request pours one into a bucket that leaks at a steady rate and must not run over. */
function leakyBucket(fields: Fields) {
  const capacity = fields.positive("capacity");
  const perMs = fields.positive("leakRate") / 1000;
  if (capacity < 1) throw new FieldError("capacity", "must be at least 1");

  return (now: number, state = { level: 0, at: now }): Step<typeof state> => {
    const left = Math.max(0, state.level - (now - state.at) * perMs);
    const allowed = left + 1 <= capacity;
    const level = allowed ? left + 1 : left;
    const resetAt = Math.ceil(now + level / perMs);
    return {
      result: {
        allowed,
        count: Math.ceil(level),
        remaining: Math.floor(capacity - level),
        resetAt,
        retryAfter: allowed ? 0 : Math.ceil((left + 1 - capacity) / perMs),
      },
      state: { level, at: now },
      expiresAt: resetAt,
    };
  };
}

class FieldError extends Error {
  constructor(field: string, problem: string) {
    super(`${field} ${problem}`);
  }
}

/** A JSON body whose fields are checked as they are read. */
class Fields {
  readonly #values: Record<string, unknown>;

  constructor(body: string) {
    this.#values = parseObject(body);
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value === "string" && value !== "") return value;
    throw new FieldError(name, "must be a string that is not empty");
  }

  positive(name: string, otherwise?: number): number {
    const value = this.#values[name] ?? otherwise;
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw new FieldError(name, "must be a number greater than 0");
  }

  whole(name: string, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.positive(name);
    if (!Number.isInteger(value)) throw new FieldError(name, "must be a whole number");
    if (value > most) throw new FieldError(name, `must be at most ${most}`);
    return value;
  }
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // The answer is the same as for any other wrong body.
  }
  throw new FieldError("body", "must be a JSON object");
}
