// The order in which calls arrive, with and without waiting.

import { outcome, sleep } from "./show.js";
import { Counter } from "./far.js";

export default {
  unawaited: async (far) => { const f = far(); for (let i = 0; i < 20; i++) f.note(i); return f.getLog(); },
  unawaitedOnTarget: async (far) => { const c = await far().counter(0); const all = []; for (let i = 1; i <= 10; i++) all.push(c.add(i)); return Promise.all(all); },
  pipelined: async (far) => { const p = far().counter(0); const all = []; for (let i = 1; i <= 10; i++) all.push(p.add(i)); return Promise.all(all); },
  pipelinedWithAwaited: async (far) => { const p = far().counter(0); const a = p.add(1); const c = await p; const b = c.add(10); const d = p.add(100); return [await a, await b, await d]; },
  pipelinedDifferentDepths: async (far) => { const f = far(); const p = f.getCounter; const a = p.add(1); const b = p.add(10); return [await a, await b]; },
  pipelinedSlow: async (far) => { const p = far().counter(0); const log = []; await Promise.all([p.slow(30, "a").then((x) => log.push(x)), p.add().then((x) => log.push(x))]); return log; },
  slowFirst: async (far) => { const f = far(); await Promise.all([f.noteSlow("slow", 40), f.note("fast")]); return f.getLog(); },
  callsAndFetches: async (far) => { const f = far(); f.note(1); f.fetch("http://x/body", { method: "POST", body: "2" }); f.note(3); await sleep(50); return f.getLog(); },
  callbacksInOrder: async (far) => { const log = []; await far().call(async (f) => { }, (x) => log.push(x)); return log; },
  callbackOrder: async (far) => { const log = []; const f = far(); await Promise.all([f.call((x) => { log.push(x); }, 1), f.call((x) => { log.push(x); }, 2), f.call((x) => { log.push(x); }, 3)]); return log; },
  resultOrder: async (far) => { const log = []; const f = far(); await Promise.all([1, 2, 3, 4].map((i) => f.echo(i).then((x) => log.push(x)))); return log; },
  twoStubs: async (far, env) => { const name = crypto.randomUUID(); const a = env.FAR.getByName(name), b = env.FAR.getByName(name); for (let i = 0; i < 6; i++) (i % 2 ? a : b).note(i); return (await a.getLog()).length; },
  getterOrder: async (far) => { const f = far(); f.note(1); const g = f.getter; g.then(() => {}); f.note(2); return f.getLog(); },
  storageOrder: async (far) => { const f = far(); f.noteAfterWork("a"); f.noteAfterWork("b"); await f.noteAfterWork("c"); return f.getLog(); },
  blocked: async (far) => { const f = far(); const b = f.block(40); const n = f.note("after"); await Promise.all([b, n]); return f.getLog(); },
  callbackWhileBlocked: (far) => far().blockAndCall((x) => `called ${x}`),
  cycle: (far) => far().cycle(crypto.randomUUID(), 3),
  workerCycle: async (far) => { const f = far(); return f.call(() => f.call(() => f.call(() => "deep"))); },
  targetCycle: async (far) => { const f = far(); const c = await f.counter(1); return f.call(async () => c.add()); },
  dropBefore: async (far) => { const f = far(); const c = await f.counter(1); const p = c.slow(30, "still"); c[Symbol.dispose](); return outcome(() => p); },
  manyAtOnce: async (far) => { const f = far(); const all = await Promise.all(Array.from({ length: 200 }, (_, i) => f.echo(i))); return all.every((x, i) => x === i); },
  manyStubs: async (far) => { const f = far(); let sum = 0; await Promise.all(Array.from({ length: 100 }, (_, i) => f.call((x) => { sum += x; }, i))); return sum; },
  manyTargets: async (far) => { const log = []; const f = far(); await Promise.all(Array.from({ length: 50 }, (_, i) => f.callAdd(new Counter(i, (n) => log.push(n))))); await sleep(50); return log.length; },
};
