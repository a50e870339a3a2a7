// Calls of all kinds; see bed.js.

import data from "./data.js";
import errors from "./errors.js";
import lives from "./lives.js";
import order from "./order.js";
import streams from "./streams.js";
import stubs from "./stubs.js";
import { answer } from "./bed.js";
import { Counter } from "./far.js";

export { Far, Other, Plain } from "./far.js";

const groups = { stubs, order, data, errors, streams, lives };

/** Has references made of all kinds, and disposes of none itself but those the rules leave to it. */
async function passMany(env, calls) {
  const far = env.FAR.getByName("leaks");
  for (let i = 0; i < calls / 10; i++) {
    await far.call((x) => x + 1, i);
    await far.callAdd(new Counter(i));
    await far.counter(i).add();
    await far.both();
    const fn = await far.fn(i);
    await far.echo(fn);
    await far.echo(() => i);
    await far.text(new Response("body").body);
    await far.fail("type", () => i).catch(() => {});
    await far.echo({ fn: () => i, bad: Symbol("refused") }).catch(() => {});
  }
  return new Response("passed");
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/pass") return passMany(env, Number(url.searchParams.get("calls")));
    const far = () => env.FAR.getByName(crypto.randomUUID());
    return answer(request, groups, [far, env, ctx]);
  },
};
