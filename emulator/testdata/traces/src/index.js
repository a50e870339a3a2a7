// Schedules of events for two objects, as the model test of emulator/durable has them: a byte says what is done to whom,
// bit 1 that all is awaited before, and the next how long it takes. schedules.txt has those that the real runtime can be
// told to follow: nothing is evicted or reloaded. What shares a commit there is a matter of chance, so that before and after
// an object is reset there is a pause.

import { answer } from "./bed.js";
import { outcome, show } from "./show.js";
import schedules from "./schedules.txt";
import { Actor, begin, observed } from "./actor.js";

export { Actor };

/** How long a step of delay takes, and the sleep between: steps are told apart on a machine that is busy. */
const [unit, pause] = [60, 25];
const wait = (ms) => scheduler.wait(ms);

/** What an event does and which values it must leave, by the number of the step. */
const steps = {
  0: (n) => ({ does: ["write", n], leaves: [`${n}`] }),
  1: (n) => ({ does: ["write", n], leaves: [`${n}`] }),
  2: (n, ms) => ({ does: ["timer", n, ms], leaves: [`${n} first`, `${n} second`] }),
  3: (n, ms) => ({ does: ["section", n, ms], leaves: [`${n} inside`, `${n} at the end`] }),
  4: (n, ms) => ({ does: ["transaction", n, ms, true], leaves: [`${n} before`, `${n} inside`] }),
  5: (n, ms) => ({ does: ["transaction", n, ms, false], leaves: [`${n} before`], undoes: [`${n} inside`] }),
  7: (n) => ({ does: ["abort", n], undoes: [`${n}`] }),
  8: (n) => ({ does: ["violate", n], undoes: [`${n}`] }),
  12: (n, ms) => ({ does: ["alarm", n, ms], leaves: [`${n}`] }),
};
const delayed = new Set([2, 3, 4, 5, 12, 15]);

async function follow(schedule, env) {
  const run = crypto.randomUUID();
  const names = ["a", "b"].map((name) => `${run} ${name}`);
  names.forEach(begin);
  const events = [];
  const send = (name, { does, ...rest }) => {
    events.push({ does, ...rest, answer: outcome(() => env.ACTOR.getByName(name).act(...does)) });
  };
  const bytes = schedule.match(/../g).map((byte) => parseInt(byte, 16));
  for (let at = 0, n = 1; at < bytes.length; n++) {
    const byte = bytes[at++];
    const [name, other] = byte & 1 ? [names[1], names[0]] : names;
    if (byte & 2) await Promise.all(events.map((event) => event.answer));
    const step = (byte >> 2) % 16;
    const ms = delayed.has(step) ? bytes[at++] * unit : 0;
    if (step === 15) await wait(ms + pause);
    else if (step === 6) meet(send, name, other, n);
    else send(name, steps[step](n, ms));
  }
  return told(events, names, env);
}

/** One object waits for a promise of the module that another resolves. */
function meet(send, name, other, n) {
  const key = `${name} ${n}`;
  send(other, { does: ["await", n, key], leaves: [`${n} other`] });
  send(name, { does: ["resolve", n, key], leaves: [`${n} own`] });
}

async function told(events, names, env) {
  const answers = [];
  for (const event of events) answers.push([event.does.slice(0, 2).join(" "), show(await event.answer)]);
  const left = [];
  for (const name of names) left.push(await env.ACTOR.getByName(name).rest());
  const problems = [];
  for (const event of events) {
    const { ok } = await event.answer;
    for (const value of event.leaves ?? []) if (ok && !left.flat().includes(value)) problems.push(`${value} was answered and lost`);
    for (const value of event.undoes ?? []) if (left.flat().includes(value)) problems.push(`${value} was undone and kept`);
  }
  return { answers, observed: names.map(observed), left, problems };
}

const questions = Object.fromEntries(schedules.trim().split(/\s+/).map((schedule) => [schedule, (env) => follow(schedule, env)]));

export default {
  fetch: (request, env) => answer(request, { schedule: questions }, [env]),
};
