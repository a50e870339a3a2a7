// Runs one case and answers its outcome: GET /run?name=GROUP.NAME; GET /list lists them.

import { DurableObject } from "cloudflare:workers";
import cases from "./cases.js";
import { outcome } from "./show.js";

export { Bare, NoAlarm, Part } from "./facet.js";

/** The object whose facets are asked. A case is run within it. */
export class Root extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.part = (name, options = {}) => ctx.facets.get(name, () => ({ class: ctx.exports.Part, ...options }));
  }
  async run(name) {
    return outcome(() => cases[name](this, this.ctx, this.env));
  }
  hello(who) { return `hello ${who}`; }
  abort(reason) { this.ctx.abort(reason); }
  async keep(name, method, ...args) { return this.part(name)[method](...args); }
  async counterOf(name) { return this.part(name).counter(1); }
  async deleteAll() { await this.ctx.storage.deleteAll(); }
  n = 0;
  async count(name) { const born = await this.ctx.facets.get(name, () => { this.n++; return { class: this.ctx.exports.Part }; }).born(); const again = this.last === born; this.last = born; return [this.n, again]; }
  fetch(request) { return this.ctx.facets.get("a", () => { this.n++; return { class: this.ctx.exports.Part }; }).fetch(request); }
  stub() { return this.part("a"); }
  async failing() { return this.part("a").fail("range"); }
  cls() { return this.ctx.exports.Part({ props: { a: 1 } }); }
}

export class Plain extends DurableObject {
  async run(name) { return outcome(() => cases[name](this, this.ctx, this.env)); }
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/list") return Response.json(Object.keys(cases));
    const name = url.searchParams.get("name");
    const object = name.startsWith("outside") ? undefined : (name.startsWith("plain") ? env.PLAIN : env.ROOT).getByName(crypto.randomUUID());
    return Response.json(await (object?.run(name) ?? outcome(() => cases[name](env.ROOT.getByName(crypto.randomUUID()), ctx, env))));
  },
};
