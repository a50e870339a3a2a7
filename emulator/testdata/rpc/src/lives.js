// What happens to stubs when the code behind them comes to its end.

import { outcome, show, sleep } from "./show.js";
import { Counter } from "./far.js";

let stashed;

const signalled = async (far, ms) => { const c = new AbortController(); const f = far(); setTimeout(() => c.abort(), ms); const r = await outcome(() => f.fetch("http://x/slow", { signal: c.signal })); await sleep(450); return [r, await f.getLog()]; };

export default {
  abortCall: (far) => outcome(() => far().abort("gone")),
  abortWithoutReason: (far) => outcome(() => far().abort()),
  abortTarget: async (far) => { const f = far(); const c = await f.counter(1); await f.abort("gone").catch(() => {}); return outcome(() => c.add()); },
  abortTargetProperty: async (far) => { const f = far(); const c = await f.counter(1); await f.abort("gone").catch(() => {}); return outcome(() => c.value); },
  abortTargetTwice: async (far) => { const f = far(); const c = await f.counter(1); await f.abort("gone").catch(() => {}); return [await outcome(() => c.add()), await outcome(() => c.add())]; },
  abortTargetInFlight: async (far) => { const f = far(); const c = await f.counter(1); const p = c.slow(500, 1); await sleep(20); await f.abort("gone").catch(() => {}); return outcome(() => p); },
  abortCallInFlight: async (far) => { const f = far(); const p = f.hang(500); p.catch(() => {}); await sleep(20); await f.abort("gone").catch(() => {}); return outcome(() => p); },
  abortPipelined: async (far) => { const f = far(); const p = f.noteSlow({}, 300).x; const q = p.then((v) => v, (e) => show(e)); await sleep(20); await f.abort("gone").catch(() => {}); return q; },
  abortLater: async (far) => { const f = far(); const c = await f.counter(1); await f.abortLater(20, "later"); await sleep(60); return outcome(() => c.add()); },
  abortDisposes: async (far) => { const f = far(); const c = await f.counter(1); await f.abort("gone").catch(() => {}); return outcome(() => { c[Symbol.dispose](); return "fine"; }); },
  abortDup: async (far) => { const f = far(); const c = await f.counter(1); await f.abort("gone").catch(() => {}); return outcome(() => c.dup().add()); },
  abortStubItself: async (far) => { const f = far(); await f.abort("gone").catch(() => {}); return [await outcome(() => f.echo(1)), await outcome(() => f.echo(2))]; },
  abortNewStub: async (far, env) => { const name = crypto.randomUUID(); const f = env.FAR.getByName(name); await f.abort("gone").catch(() => {}); return outcome(() => env.FAR.getByName(name).echo(1)); },
  abortPassStub: async (far) => { const f = far(), g = far(); const c = await f.counter(1); await f.abort("gone").catch(() => {}); return outcome(() => g.callAdd(c)); },
  abortHolder: async (far) => { const log = []; const f = far(); await f.keepDup(new Counter(1, (n) => log.push(n))); await f.abort("gone").catch(() => {}); await sleep(50); return log; },
  keptFromGoneObject: async (far, env) => { const a = crypto.randomUUID(), b = crypto.randomUUID(); const A = env.FAR.getByName(a); await A.relay(b, "keepDup", await A.fn(1)); await A.abort("gone").catch(() => {}); return env.FAR.getByName(b).useKept(1); },
  laterWithinRequest: async (far) => { const got = []; const f = far(); await f.later((x) => { got.push(x); return "thanks"; }, 30); await sleep(200); return got; },
  abortWhileCallingBack: async (far) => { const f = far(); return outcome(() => f.call(async () => { await f.abort("mid").catch(() => {}); return "ok"; })); },
  neverReturns: async (far) => Promise.race([far().never(), sleep(50).then(() => "still waiting")]),
  exceptionBreaksStub: async (far) => { const f = far(); const a = await outcome(() => f.fail("error")); return [a.thrown.message, await outcome(() => f.echo(1))]; },
  stashStub: async (far) => { stashed = await far().counter(1); return "kept"; },
  useStashed: async () => outcome(() => stashed.add()),
  stashFunction: async (far, env) => { await env.FAR.getByName("stash").keepDup(() => "called"); return env.FAR.getByName("stash").useKept(); },
  useStashedFunction: async (far, env) => { await sleep(100); return env.FAR.getByName("stash").useKept(); },
  signalIsThere: async (far) => { const f = far(); await f.fetch("http://x/signal"); return f.getLog(); },
  signalBefore: async (far) => { const f = far(); return [await outcome(() => f.fetch("http://x/slow", { signal: AbortSignal.abort() })), await f.getLog()]; },
  signalDuring: (far) => signalled(far, 50),
  signalWithReason: async (far) => { const c = new AbortController(); const f = far(); setTimeout(() => c.abort("my reason"), 50); return outcome(() => f.fetch("http://x/slow", { signal: c.signal })); },
  signalBody: async (far) => { const c = new AbortController(); const f = far(); const { readable, writable } = new TransformStream(); writable.getWriter().write(new Uint8Array(3)).catch(() => {}); setTimeout(() => c.abort(), 50); const r = await outcome(() => f.fetch("http://x/body", { method: "POST", body: readable, signal: c.signal })); await sleep(100); return [r, await f.getLog()]; },
  signalWithError: async (far) => { const c = new AbortController(); const f = far(); setTimeout(() => c.abort(Object.assign(new RangeError("mine"), { extra: 1 })), 50); return outcome(() => f.fetch("http://x/slow", { signal: c.signal })); },
  signalWithObject: async (far) => { const c = new AbortController(); const f = far(); setTimeout(() => c.abort({ a: 1 }), 50); return outcome(() => f.fetch("http://x/slow", { signal: c.signal })); },
  signalTimeout: async (far) => outcome(() => far().fetch("http://x/slow", { signal: AbortSignal.timeout(30) })),
  signalStream: async (far) => { const c = new AbortController(); const f = far(); const r = await f.fetch("http://x/endless", { signal: c.signal }); const reader = r.body.getReader(); await reader.read(); c.abort(); const e = await outcome(async () => { for (let i = 0; i < 1000; i++) await reader.read(); return "went on"; }); await sleep(80); return [e, await f.getLog()]; },
  signalAbortRpc: async (far) => { const c = new AbortController(); const f = far(); await f.watch(c.signal); c.abort(new RangeError("stop")); await sleep(50); return f.getLog(); },
  signalAbortedRpc: async (far) => outcome(() => far().watch(AbortSignal.abort("before"))),
  signalTimeoutRpc: async (far) => outcome(() => far().signal(AbortSignal.timeout(20), 60)),
  signalAbortRpcReason: async (far) => { const c = new AbortController(); const f = far(); await f.watch(c.signal); c.abort(); await sleep(50); return f.getLog(); },
  signalBackRpc: async (far) => outcome(async () => { const f = far(); const s = await f.giveSignal(30); const before = s.aborted; await sleep(80); return [before, s.aborted, show(s.reason)]; }),
  signalAfterResponse: async (far) => { const c = new AbortController(); const r = await far().fetch("http://x/hello", { signal: c.signal }); c.abort(); return outcome(() => r.text()); },
};
