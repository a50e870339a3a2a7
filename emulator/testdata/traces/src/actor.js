// The object that schedules are made of. What it does is noted in the module, which outlives it.

import { DurableObject } from "cloudflare:workers";

const notes = new Map();
const meetings = new Map();

export const begin = (name) => { notes.set(name, []); };
export const observed = (name) => notes.get(name);

/** A promise that one object waits for and another resolves, whoever comes first. */
function meeting(key) {
  if (!meetings.has(key)) {
    const made = {};
    made.met = new Promise((resolve) => { made.resolve = resolve; });
    meetings.set(key, made);
  }
  return meetings.get(key);
}

export class Actor extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS parents (id PRIMARY KEY); CREATE TABLE IF NOT EXISTS children (id REFERENCES parents DEFERRABLE INITIALLY DEFERRED)");
  }
  #note(what) { notes.get(this.ctx.id.name)?.push(what); }
  #put(value) {
    this.#note(value);
    this.ctx.storage.put(value, 1);
  }

  async act(what, ...args) {
    return this[`_${what}`](...args);
  }
  _write(n) { this.#put(`${n}`); }
  async _timer(n, ms) {
    this.#put(`${n} first`);
    await scheduler.wait(ms);
    this.#put(`${n} second`);
  }
  async _section(n, ms) {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.#put(`${n} inside`);
      await scheduler.wait(ms);
      this.#put(`${n} at the end`);
    });
  }
  async _transaction(n, ms, commits) {
    this.#put(`${n} before`);
    await this.ctx.storage.transaction(async (txn) => {
      this.#put(`${n} inside`);
      await scheduler.wait(ms);
      if (!commits) txn.rollback();
    });
  }
  async _await(n, key) {
    await Promise.race([meeting(key).met, scheduler.wait(500)]); // whoever resolves it may be aborted before
    this.#put(`${n} other`);
  }
  _resolve(n, key) {
    this.#put(`${n} own`);
    meeting(key).resolve();
  }
  _abort(n) {
    this.#put(`${n}`);
    this.ctx.abort("boom");
  }
  _violate(n) {
    this.#put(`${n}`);
    this.ctx.storage.sql.exec("INSERT INTO children VALUES (?)", n);
  }
  async _alarm(n, ms) {
    if (ms % 120 === 0) this.ctx.storage.deleteAlarm();
    else this.ctx.storage.setAlarm(Date.now() + ms - 15);
    this.#put(`${n}`);
  }
  alarm() { this.#note("alarm"); }

  /** What is stored when no alarm is due any more. */
  async rest() {
    while (await this.ctx.storage.getAlarm() !== null) await scheduler.wait(5);
    return [...(await this.ctx.storage.list()).keys()];
  }
}
