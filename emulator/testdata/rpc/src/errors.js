// Errors on their way to the caller, thrown and as values.

import { failureNames } from "./far.js";
import { outcome, show } from "./show.js";

const thrown = Object.fromEntries(failureNames.map((name) => [`throws_${name}`, (far) => outcome(() => far().fail(name))]));
const given = Object.fromEntries(failureNames.map((name) => [`gives_${name}`, (far) => outcome(() => far().giveError(name))]));
const name = () => crypto.randomUUID();

export default {
  ...thrown,
  ...given,
  asynchronously: (far) => outcome(() => far().failAsync("type")),
  twoHops: async (far) => { const e = await far().relayFail(name(), "props").catch((e) => e); return show(e); },
  twoHopsIds: async (far) => { const f = far(); const e = await f.relayFail(name(), "error").catch((e) => e); return [e.durableObjectId === f.id.toString(), typeof e.durableObjectId]; },
  twoHopsDom: async (far) => outcome(() => far().relayFail(name(), "dom")),
  twoHopsText: async (far) => outcome(() => far().relayFail(name(), "string")),
  instance: async (far) => { const e = await far().fail("type").catch((e) => e); return [e instanceof TypeError, e instanceof Error, Object.prototype.toString.call(e), Object.keys(e), Object.getOwnPropertyNames(e)]; },
  instanceRenamed: async (far) => { const e = await far().fail("own").catch((e) => e); return [e.constructor.name, e.name, Object.hasOwn(e, "name"), Object.getOwnPropertyNames(e), String(e)]; },
  stack: async (far) => { const e = await far().fail("type").catch((e) => e); return [typeof e.stack, e.stack?.split("\n")[0], e.stack?.includes("far.js")]; },
  stackOfGiven: async (far) => { const e = await far().giveError("type"); return [typeof e.stack, e.stack?.split("\n")[0], e.stack?.includes("far.js")]; },
  properties: async (far) => { const e = await far().fail("cause").catch((e) => e); return Object.keys(e); },
  propertiesOfGiven: async (far) => [Object.keys(await far().giveError("cause")), Object.keys(await far().giveError("aggregate"))],
  named: (far) => far().namedBy(name()),
  fromCallback: (far) => far().catchFrom(() => { throw Object.assign(new RangeError("mine"), { extra: 1 }); }),
  fromCallbackDom: (far) => far().catchFrom(() => { throw new DOMException("mine", "AbortError"); }),
  fromCallbackText: (far) => far().catchFrom(() => { throw "text"; }),
  throughCallback: async (far) => outcome(() => far().call(() => { throw Object.assign(new RangeError("mine"), { extra: 1 }); })),
  roundTrip: async (far) => { const f = far(); return outcome(() => f.call(() => f.fail("props"))); },
  errorArgument: async (far) => outcome(() => far().show(Object.assign(new TypeError("argument", { cause: 1 }), { extra: 2 }))),
  errorInside: async (far) => outcome(() => far().echo({ list: [new RangeError("inside")] })),
  fetchError: async (far) => outcome(() => far().fetch("relative")),
  refusedResult: async (far) => outcome(() => far().instance()),
  missing: async (far) => outcome(() => far().nothing()),
  missingOfPlain: async (far, env) => outcome(() => env.PLAIN.getByName("x").hello()),
  propertyOfPlain: async (far, env) => outcome(() => env.PLAIN.getByName("x").hello),
  unhandledIsQuiet: async (far) => { far().fail("error"); await new Promise((r) => setTimeout(r, 20)); return "quiet"; },
};
