// Each entry is a claim and a function that throws if it is not true.
import { BaseDurableObject, SimpleState } from "@/core/services/durable-objects/base-durable-object";
import { equal, fails } from "./assert.mjs";

const get = (object, path) => object.fetch(new Request(`http://test${path}`));

class Visits extends BaseDurableObject {
  count = 10;
  initialized = 0;

  async onInitialize() {
    this.initialized++;
    this.count += (await this.get("count")) ?? 0;
  }

  async fetch(request) {
    await this.initialize();
    await this.put("count", ++this.count);
    return this.json({ path: new URL(request.url).pathname, count: this.count });
  }

  async alarm(info) {
    await this.put("alarm", info);
  }
}

class Silent extends BaseDurableObject {
  async fetch() {
    return this.json({ got: this.value });
  }

  async onInitialize() {
    await Promise.resolve();
    this.value = await this.get("value");
  }
}

class Bare extends BaseDurableObject {
  arm() {
    return this.state.storage.setAlarm(Date.now());
  }
}

class Broken extends BaseDurableObject {
  async onInitialize() {
    throw new RangeError("cannot start");
  }

  async fetch() {
    return this.json("never");
  }
}

export default {
  "onInitialize runs once, after the fields of the subclass": async () => {
    const state = new SimpleState();
    await state.storage.put("count", 5);
    const visits = new Visits(state, {});
    equal(await (await get(visits, "/a")).json(), { path: "/a", count: 16 });
    equal(await (await get(visits, "/b")).json(), { path: "/b", count: 17 });
    equal(visits.initialized, 1);
  },

  "requests that come together find the object initialized": async () => {
    const state = new SimpleState();
    await state.storage.put("value", "saved");
    const silent = new Silent(state, {});
    const answers = await Promise.all([get(silent, "/"), get(silent, "/")]);
    equal(await Promise.all(answers.map((each) => each.json())), [{ got: "saved" }, { got: "saved" }]);
  },

  "a second object on the same state finds what the first stored": async () => {
    const state = new SimpleState();
    await get(new Visits(state, {}), "/");
    equal((await (await get(new Visits(state, {}), "/")).json()).count, 22);
  },

  "every event fails as onInitialize did": async () => {
    const broken = new Broken(new SimpleState(), {});
    await fails(() => get(broken, "/"), "RangeError", "cannot start");
    await fails(() => get(broken, "/"), "RangeError", "cannot start");
  },

  "state and env are those given": async () => {
    const [state, env] = [new SimpleState(), { KEY: "value" }];
    const object = new Visits(state, env);
    equal([object.state === state, object.ctx === state, object.env === env], [true, true, true]);
    await state.settled();
  },

  "storage calls come in all forms": async () => {
    const object = new Silent(new SimpleState(), {});
    await object.put("a", 1);
    await object.put({ b: 2, c: 3 });
    equal(await object.get("a"), 1);
    equal(await object.get(["a", "c", "x"]), new Map([["a", 1], ["c", 3]]));
    equal(await object.list({ start: "b", limit: 1 }), new Map([["b", 2]]));
    equal(await object.delete("a"), true);
    equal(await object.delete(["a", "b", "c"]), 2);
    await fails(() => object.put("a", undefined), "TypeError", "put() called with undefined value.");
  },

  "blockConcurrencyWhile makes read and write one": async () => {
    const object = new Silent(new SimpleState(), {});
    const increment = () =>
      object.blockConcurrencyWhile(async () => {
        const current = (await object.get("counter")) || 0;
        await object.put("counter", current + 1);
        return current + 1;
      });
    equal(await Promise.all([increment(), increment(), increment()]), [1, 2, 3]);
  },

  "json, success and error answer with their status": async () => {
    const object = new Silent(new SimpleState(), {});
    const rows = [
      [object.json([1]), 200, [1]],
      [object.json({ a: 1 }, 201), 201, { a: 1 }],
      [object.success(), 200, { success: true }],
      [object.success({ joined: true }), 200, { success: true, joined: true }],
      [object.error("Game is full", 409), 409, { error: "Game is full" }],
      [object.error("Wrong"), 400, { error: "Wrong" }],
    ];
    for (const [response, status, body] of rows) {
      equal([response.status, await response.json()], [status, body]);
      equal(response.headers.get("Content-Type"), "application/json");
    }
  },

  "runAlarm delivers the pending alarm once": async () => {
    const state = new SimpleState();
    new Visits(state, {});
    equal(await state.runAlarm(), false);
    await state.storage.setAlarm(1234);
    equal(await state.runAlarm(), true);
    equal(await state.storage.get("alarm"), { scheduledTime: 1234, retryCount: 0, isRetry: false });
    equal(await state.runAlarm(), false);
  },

  "an object without alarm() cannot set an alarm": () =>
    fails(
      () => new Bare(new SimpleState(), {}).arm(),
      "TypeError",
      "Your Durable Object class must have an alarm() handler in order to call setAlarm()",
    ),
};
