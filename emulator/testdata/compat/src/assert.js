import assert from "node:assert";

export const { deepStrictEqual: same, ok, strictEqual: is } = assert;

/** Runs what must throw, or reject, with this class and message. */
export async function throws(action, name, message) {
  let thrown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  if (thrown === undefined) throw new Error(`nothing was thrown, want ${name}: ${message}`);
  if (name !== undefined) is(thrown.name, name);
  if (typeof message === "string") is(thrown.message, message);
  else if (message !== undefined) assert.match(thrown.message, message);
  return thrown;
}

/** Waits until something holds. */
export async function until(holds) {
  for (let i = 0; i < 2000; i++) {
    if (await holds()) return;
    await scheduler.wait(5);
  }
  throw new Error(`never: ${holds}`);
}
