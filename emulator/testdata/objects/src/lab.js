// Objects that run the code of questions inside.

import { DurableObject } from "cloudflare:workers";

import { outcome } from "./show.js";

/** The questions that are asked inside of objects, by group. index.js fills it. */
export const inside = {};

/** What a question inside of an object is given. */
const given = (object, ctx, env) => ({
  object, ctx, env, sqlite: object.constructor.name !== "Old",
  storage: ctx.storage,
  get sql() { return ctx.storage.sql; },
  get kv() { return ctx.storage.kv; },
  exec: (query, ...bindings) => ctx.storage.sql.exec(query, ...bindings).toArray(),
});

export class Lab extends DurableObject {
  #given = given(this, this.ctx, this.env);

  ask(group, name) {
    return outcome(() => inside[group][name](this.#given));
  }
  alarm() {}
}

export class Twin extends Lab {}

export class Old extends Lab {}

/** Everything an object has stored, for comparing before and after. */
export async function stored({ storage, sqlite }) {
  const all = { pairs: [...await storage.list()], alarm: await storage.getAlarm() };
  if (sqlite) {
    const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name").toArray();
    all.tables = tables.map(({ name }) => [name, storage.sql.exec(`SELECT * FROM "${name}"`).raw().toArray()]);
  }
  return all;
}
