// DurableObjectFacets: the objects within an object.

import { illegalConstructor, illegalInvocation, webClass, wrongArgument } from "web/brand";
import { registerEntry, type Described } from "web/frame";
import { requestToHost, type Request } from "web/request";
import { utf8Encode } from "web/utf8";
import { outgoingHere } from "./errors";
import { host } from "./host";
import { classOf, isId, jurisdictionOf, type DurableObjectId, type FacetClass } from "./id";
import { makePlainStub, scriptName, Target } from "./stub";

const making = Symbol();
const owner = "DurableObjectFacets";

/** The object that facets are of. */
interface Whole {
  life: number;
  id: DurableObjectId | string;
}

const wholes = new WeakMap<object, Whole>();

const maxName = 256;
const maxDepth = 4;

/** An argument that is a facet's name. */
function nameAt(method: string, args: unknown[], position: number): string {
  if (args.length <= position) throw wrongArgument(method, owner, position + 1, "string");
  if (typeof args[position] === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return String(args[position]);
}

function check(...names: string[]): void {
  for (const name of names) {
    if (utf8Encode(name).length > maxName) throw new TypeError(`Facet name is too long (max ${maxName} characters).`);
  }
}

function wholeOf(self: object): Whole {
  const whole = wholes.get(self);
  if (whole === undefined) throw illegalInvocation();
  return whole;
}

export class DurableObjectFacets {
  constructor(key: symbol, whole: Whole) {
    if (key !== making) throw illegalConstructor();
    wholes.set(this, whole);
  }

  get(...args: unknown[]): object {
    const whole = wholeOf(this);
    const name = nameAt("get", args, 0);
    const [, start] = args;
    if (typeof start !== "function") throw wrongArgument("get", owner, 2, "function");
    check(name);
    if (host.facetDepth(whole.life) >= maxDepth) {
      throw new Error(`Facet nesting depth limit exceeded. The maximum depth including the root Durable Object is ${maxDepth}.`);
    }
    return makePlainStub(new FacetTarget(whole, name, start as Start));
  }

  abort(...args: unknown[]): void {
    const { life } = wholeOf(this);
    const name = nameAt("abort", args, 0);
    if (args.length < 2) throw wrongArgument("abort", owner, 2, "Value");
    check(name);
    host.facetAbort(life, name, ...outgoingHere(args[1]));
  }

  delete(...args: unknown[]): void {
    const { life } = wholeOf(this);
    const name = nameAt("delete", args, 0);
    check(name);
    host.facetDelete(life, name);
  }

  clone(...args: unknown[]): void {
    const { life } = wholeOf(this);
    const from = nameAt("clone", args, 0);
    const to = nameAt("clone", args, 1);
    check(from, to);
    host.facetClone(life, from, to);
  }
}
webClass(DurableObjectFacets, owner);

export function makeFacets(life: number, id: DurableObjectId | string): DurableObjectFacets {
  return new DurableObjectFacets(making, { life, id });
}

// ---- stubs ----

type Start = () => unknown;

const lost = new FinalizationRegistry((facet: number) => host.facetDrop(facet));

/** The facet of a name, which is looked up when a stub is first used. */
class FacetTarget extends Target {
  declare private facet: number | undefined;

  constructor(
    private whole: Whole,
    private name: string,
    private callback: Start,
  ) {
    super();
  }

  private reach(): number {
    if (this.facet !== undefined) return this.facet;
    const { life } = this.whole;
    const facet = host.facetOpen(life, this.name);
    lost.register(this, facet);
    if (host.facetBegin(life, facet)) starts.set(facet, { whole: this.whole, callback: this.callback });
    return (this.facet = facet);
  }
  describe(): Described {
    return "Stubs pointing to Durable Object facets are not serializable.";
  }
  send(request: Request): number {
    const facet = this.reach();
    const r = requestToHost(request);
    return host.facetFetch(this.whole.life, facet, r[0], r[1], r[2], r[3], r[4], r[5]);
  }
  start(path: string[], call: boolean, args: unknown[]): number {
    const facet = this.reach();
    return host.facetCall(this.whole.life, facet, JSON.stringify(path), call, args);
  }
}

// ---- starting ----

/** The callbacks that are to be called, by their facets. */
const starts = new Map<number, { whole: Whole; callback: Start }>();

/** An instance has ended: what it began to start does not. */
export function forgetStarts(life: number): void {
  for (const [facet, { whole }] of starts) {
    if (whole.life === life) starts.delete(facet);
  }
}

const isObject = (value: unknown): value is object => (typeof value === "object" && value !== null) || typeof value === "function";

// The platform's words, its own mangled name included.
const missing = () =>
  new TypeError("Cannot initialize N7workerd3api19DurableObjectFacets14StartupOptionsE with required members from an undefined or null value.");

const noClass = () =>
  new TypeError(
    "Incorrect type for the 'class' field on 'StartupOptions': the provided value is not of type 'DurableObjectClass or LoopbackDurableObjectNamespace or LoopbackColoLocalActorNamespace'.",
  );

/** What a callback says that its facet is to be. */
async function startupOptions(callback: Start): Promise<object> {
  const result = callback.call(globalThis);
  if (result === undefined || result === null) throw missing();
  if (!isObject(result)) throw new TypeError("Callback returned incorrect type; expected 'Promise'");
  const options: unknown = await result;
  if (options === undefined || options === null) throw missing();
  if (!isObject(options)) throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'StartupOptions'.");
  return options;
}

function classIn(options: object): FacetClass {
  const made = classOf((options as { class?: unknown }).class);
  if (made === undefined) throw noClass();
  if (made.script !== scriptName()) {
    throw new Error(`A facet cannot be of the class ${made.className} of the Worker ${made.script}: dodev makes facets of classes of the object's own Worker.`);
  }
  return made;
}

async function begin(facet: number, { whole, callback }: { whole: Whole; callback: Start }): Promise<void> {
  try {
    const options = await startupOptions(callback);
    const { className, props } = classIn(options);
    const given = (options as { id?: unknown }).id;
    const id = given === undefined ? whole.id : isId(given) ? given : String(given);
    const [name, within] = typeof id === "string" ? [] : [id.name, jurisdictionOf(id)];
    host.facetBecome(whole.life, facet, className, id.toString(), typeof id !== "string", name, within, props ?? {});
  } catch (error) {
    host.facetRefuse(whole.life, facet, ...outgoingHere(error));
  }
}

registerEntry({
  facetStart(facet: number): void {
    const start = starts.get(facet);
    starts.delete(facet);
    if (start !== undefined) void begin(facet, start);
  },
});
