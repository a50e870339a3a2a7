// Each entry is a claim and a function that throws if it is not true.
import { SimpleState } from "@/core/services/durable-objects/base-durable-object";
import { Counter } from "@/core/services/durable-objects/counter";
import { equal, fails } from "./assert.mjs";

async function ask(counter, path, body) {
  const response = await counter.fetch(
    new Request(`https://internal${path}`, { method: "POST", body: body && JSON.stringify(body) }),
  );
  return [response.status, await response.json()];
}

export default {
  "paths count by one, by a parameter and by a body": async () => {
    const counter = new Counter(new SimpleState(), {});
    const rows = [
      ["/value", undefined, 0],
      ["/increment", undefined, 1],
      ["/increment?amount=5", undefined, 6],
      ["/increment", { amount: 4 }, 10],
      ["/decrement", undefined, 9],
      ["/decrement", { amount: 0.5 }, 8.5],
      ["/increment", {}, 9.5],
      ["/value", undefined, 9.5],
      ["/reset", { amount: 100 }, 100],
      ["/reset", undefined, 0],
    ];
    for (const [path, body, value] of rows) equal(await ask(counter, path, body), [200, { value }], path);
  },

  "a wrong amount answers 400 and changes nothing": async () => {
    const counter = new Counter(new SimpleState(), {});
    const wrong = [400, { error: "amount must be a number" }];
    equal(await ask(counter, "/increment?amount=five"), wrong);
    equal(await ask(counter, "/increment?amount="), wrong);
    equal(await ask(counter, "/increment", { amount: "5" }), wrong);
    equal(await ask(counter, "/increment", 7), [400, { error: 'the body must be JSON such as {"amount": 5}' }]);
    equal(await ask(counter, "/value"), [200, { value: 0 }]);
  },

  "an unknown path answers 404": async () => {
    equal(await ask(new Counter(new SimpleState(), {}), "/double"), [404, { error: "Not found" }]);
  },

  "methods count too, and the next instance goes on": async () => {
    const state = new SimpleState();
    const first = new Counter(state, {});
    await state.settled();
    equal([await first.increment(), await first.increment(5), await first.decrement(2)], [1, 6, 4]);
    const second = new Counter(state, {});
    await state.settled();
    equal([await second.value(), await second.reset()], [4, 0]);
    await fails(() => second.increment("1"), "TypeError", "amount must be a number");
  },

  "requests that come together all count": async () => {
    const counter = new Counter(new SimpleState(), {});
    await Promise.all(Array.from({ length: 20 }, () => ask(counter, "/increment")));
    equal(await ask(counter, "/value"), [200, { value: 20 }]);
  },
};
