// What questions have in common.

import { outcome } from "./show.js";

/** The outcomes of several attempts, side by side. */
export async function outcomes(...attempts) {
  const all = [];
  for (const attempt of attempts) all.push(await outcome(attempt));
  return all;
}

/** The outcomes of one attempt with each of some values. */
export const each = (values, attempt) => outcomes(...values.map((value) => () => attempt(value)));

/** What a function gives a callback. */
export const called = (run) => new Promise((resolve) => run((...values) => resolve(values)));

export const hex = (text) => Buffer.from(text, "hex");
export const text = "the quick brown fox jumps over the lazy dog";
