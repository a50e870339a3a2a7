// Each entry is a claim and a function that throws if it is not true. Time is
// a clock that the tests turn.
import { SimpleState } from "@/core/services/durable-objects/base-durable-object";
import { RateLimiter } from "@/core/services/durable-objects/rate-limiter";
import { equal } from "./assert.mjs";

const START = 1_000_000;

/** Runs a test at a time that only moves when it says so. */
function timed(test) {
  return async () => {
    const realNow = Date.now;
    let now = START;
    Date.now = () => now;
    try {
      const state = new SimpleState();
      await test({ state, limiter: new RateLimiter(state, {}), at: (offset) => (now = START + offset) });
    } finally {
      Date.now = realNow;
    }
  };
}

async function ask(limiter, path, body, method = "POST") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await limiter.fetch(new Request(`https://internal${path}`, { method, body: text }));
  return [response.status, await response.json()];
}

async function check(limiter, path, body) {
  const [status, { allowed, count, remaining, resetAt, retryAfter }] = await ask(limiter, path, body);
  equal(status, 200);
  return [allowed, count, remaining, resetAt - START, retryAfter];
}

export default {
  "a fixed window allows its limit, then refuses until it ends": timed(async ({ limiter, at }) => {
    const body = { key: "user:1", limit: 2, window: 1000 };
    const next = () => check(limiter, "/check", body);
    equal(await next(), [true, 1, 1, 1000, 0]);
    at(400);
    equal(await next(), [true, 2, 0, 1000, 0]);
    equal(await next(), [false, 2, 0, 1000, 600]);
    equal(await check(limiter, "/check", { ...body, key: "user:2" }), [true, 1, 1, 1400, 0]);
    at(1000);
    equal(await next(), [true, 1, 1, 2000, 0]);
  }),

  "a sliding window never holds more than its limit": timed(async ({ limiter, at }) => {
    const next = (limit = 2) => check(limiter, "/check/sliding-window", { key: "u", limit, window: 1000 });
    equal(await next(), [true, 1, 1, 1000, 0]);
    at(600);
    equal(await next(), [true, 2, 0, 1600, 0]);
    at(900);
    equal(await next(), [false, 2, 0, 1600, 100]);
    at(1000);
    equal(await next(), [true, 2, 0, 2000, 0]);
    equal(await next(1), [false, 2, 0, 2000, 1000]);
  }),

  "a token bucket allows a burst, then its rate": timed(async ({ limiter, at }) => {
    const next = (tokens) =>
      check(limiter, "/check/token-bucket", { key: "u", capacity: 3, refillRate: 2, tokens });
    equal(await next(2), [true, 2, 1, 1000, 0]);
    equal(await next(2), [false, 2, 1, 1000, 500]);
    equal(await next(), [true, 3, 0, 1500, 0]);
    at(500);
    equal(await next(), [true, 3, 0, 2000, 0]);
    at(60_000);
    equal(await next(3), [true, 3, 0, 61_500, 0]);
  }),

  "a leaky bucket fills with requests and leaks at its rate": timed(async ({ limiter, at }) => {
    const next = () => check(limiter, "/check/leaky-bucket", { key: "u", capacity: 2, leakRate: 2 });
    equal(await next(), [true, 1, 1, 500, 0]);
    equal(await next(), [true, 2, 0, 1000, 0]);
    equal(await next(), [false, 2, 0, 1000, 500]);
    at(500);
    equal(await next(), [true, 2, 0, 1500, 0]);
  }),

  "algorithms count apart under one key": timed(async ({ limiter }) => {
    const body = { key: "u", limit: 1, window: 1000 };
    equal((await check(limiter, "/check", body))[0], true);
    equal((await check(limiter, "/check/sliding-window", body))[0], true);
    equal((await check(limiter, "/check", body))[0], false);
  }),

  "requests that come together are all counted": timed(async ({ limiter }) => {
    const body = { key: "u", limit: 5, window: 1000 };
    const answers = await Promise.all(Array.from({ length: 9 }, () => check(limiter, "/check", body)));
    equal(answers.filter(([allowed]) => allowed).length, 5);
  }),

  "counts outlive the instance": timed(async ({ state, limiter }) => {
    const body = { key: "u", limit: 1, window: 1000 };
    await check(limiter, "/check", body);
    equal((await check(new RateLimiter(state, {}), "/check", body))[0], false);
  }),

  "an alarm deletes what has expired, and comes again for the rest": timed(async ({ state, limiter, at }) => {
    for (let i = 0; i < 300; i++) await check(limiter, "/check", { key: `short ${i}`, limit: 1, window: 1000 });
    await check(limiter, "/check", { key: "long", limit: 1, window: 60_000 });
    equal(await state.storage.getAlarm(), START + 1000);
    at(1000);
    await state.runAlarm();
    equal([...(await state.storage.list()).keys()], ["limit:fixed:long"]);
    equal(await state.storage.getAlarm(), START + 60_000);

    // The next sweep is some time off, however soon the next key expires.
    await check(limiter, "/check", { key: "short", limit: 1, window: 1 });
    equal(await state.storage.getAlarm(), START + 11_000);
    at(60_000);
    await state.runAlarm();
    equal(await state.storage.list(), new Map());
    equal(await state.storage.getAlarm(), null);
  }),

  "a window without an end is counted all the same": timed(async ({ state, limiter }) => {
    const body = { key: "u", limit: 1, window: 1e300 };
    equal((await check(limiter, "/check", body))[0], true);
    equal((await check(limiter, "/check", body))[0], false);
    await check(limiter, "/check/token-bucket", { key: "u", capacity: 1, refillRate: 1e-300 });
    equal(await state.storage.getAlarm(), START + 365 * 24 * 3_600_000);
  }),

  "a wrong body answers 400 and names the field": timed(async ({ limiter }) => {
    const window = { key: "u", limit: 1, window: 1000 };
    const tokens = { key: "u", capacity: 5, refillRate: 1 };
    const leaky = { key: "u", capacity: 5, leakRate: 1 };
    const rows = [
      ["/check", "not json", "body must be a JSON object"],
      ["/check", "", "body must be a JSON object"],
      ["/check", { ...window, key: undefined }, "key must be a string that is not empty"],
      ["/check", { ...window, key: 7 }, "key must be a string that is not empty"],
      ["/check", { ...window, limit: "1" }, "limit must be a number greater than 0"],
      ["/check", { ...window, limit: 1.5 }, "limit must be a whole number"],
      ["/check", { ...window, window: 0 }, "window must be a number greater than 0"],
      ["/check/sliding-window", { ...window, window: undefined }, "window must be a number greater than 0"],
      ["/check/sliding-window", { ...window, limit: 10_001 }, "limit must be at most 10000"],
      ["/check/token-bucket", { ...tokens, capacity: -1 }, "capacity must be a number greater than 0"],
      ["/check/token-bucket", { ...tokens, refillRate: null }, "refillRate must be a number greater than 0"],
      ["/check/token-bucket", { ...tokens, tokens: 6 }, "tokens must not be more than capacity"],
      ["/check/leaky-bucket", { ...leaky, leakRate: [] }, "leakRate must be a number greater than 0"],
      ["/check/leaky-bucket", { ...leaky, capacity: 0.5 }, "capacity must be at least 1"],
    ];
    for (const [path, body, error] of rows) equal(await ask(limiter, path, body), [400, { error }], error);
  }),

  "another path answers 404, another method 405": timed(async ({ limiter }) => {
    equal((await ask(limiter, "/reset", {}))[0], 404);
    const response = await limiter.fetch(new Request("https://internal/check"));
    equal(response.status, 405);
  }),
};
