// Classes of objects: what of them can be reached, and how they begin.

import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

import { outcome, show } from "./show.js";

let born = 0;

/** A class with nothing of its own. */
export class Bare extends DurableObject {}

/** A class of all kinds of members. */
class Parent extends DurableObject {
  inherited() { return "inherited"; }
  overridden() { return "parent"; }
  get inheritedGetter() { return "inherited getter"; }
}

export class Plain extends Parent {
  field = "field";
  arrow = () => "arrow";
  #secret = 7;
  static fixed() { return "static"; }
  constructor(ctx, env) {
    super(ctx, env);
    this.assigned = () => "assigned";
    this.number = ++born;
    Object.defineProperty(this, "defined", { value: () => "defined", enumerable: false });
  }
  #hidden() { return this.#secret; }
  _underscore() { return this.#hidden(); }
  overridden() { return `child of ${super.overridden()}`; }
  get getter() { return { got: this.field }; }
  get failing() { throw new RangeError("getter"); }
  get method() { return (x) => `method ${x}`; }
  get promised() { return Promise.resolve("later"); }
  set written(value) { this.field = value; }
  async slow(ms, value) { await scheduler.wait(ms); return value; }
  args(...args) { return [args.length, show(args)]; }
  self() { return this; }
  context() { return this.ctx; }
  environment() { return Object.keys(this.env); }
  mine() { return [typeof this.ctx, typeof this.env, this.ctx.id.name ?? null, Object.keys(this).sort(), this instanceof DurableObject]; }
  nothing() {}
  thenable() { return { then: (resolve) => resolve("thenable") }; }
  *generate() { yield 1; }
  async [Symbol.for("tagged")]() { return "symbol"; }
  "with space"() { return "with space"; }
  0() { return "zero"; }
  toJSON() { return "json"; }
  toString() { return "text"; }
  valueOf() { return 5; }
  apply(x) { return `apply ${x}`; }
  bind() { return "bind"; }
  name() { return "name"; }
  id() { return "id"; }
  webSocketMessage() { return "message"; }
  alarm() { return "alarm"; }
  connect() { return "connect"; }
  dup() { return "dup"; }
}
Plain.prototype.onPrototype = "a value";
Plain.prototype.functionOnPrototype = function () { return "function on prototype"; };

/** A class whose constructor does as its object's name says. */
export class Fragile extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.before = born++;
    const how = ctx.id.name.split(" ")[0];
    if (how === "throws") throw new TypeError("not today");
    if (how === "throwsText") throw "not today";
    if (how === "throwsOwn") throw Object.assign(new RangeError("own"), { code: 5 });
    if (how === "throwsDom") throw new DOMException("own", "AbortError");
    if (how === "throwsCause") throw Object.assign(new Error("own", { cause: { deep: [1] } }), { when: new Date(0) });
    if (how === "throwsFunction") throw Object.assign(new Error("own"), { fn() {}, code: 5 });
    if (how === "writes") { ctx.storage.put("written", 1); throw new Error("after writing"); }
    if (how === "blocks") ctx.blockConcurrencyWhile(async () => { await scheduler.wait(5); this.ready = await ctx.storage.get("none") ?? "ready"; });
    if (how === "blocksAndThrows") ctx.blockConcurrencyWhile(async () => { await scheduler.wait(1); throw new RangeError("blocked"); });
    if (how === "blocksAndThrowsOwn") ctx.blockConcurrencyWhile(async () => { throw Object.assign(new TypeError("blocked"), { code: 7 }); });
    if (how === "returns") return { hello: () => "another", fetch: () => new Response("another") };
    if (how === "rejects") Promise.reject(new Error("nobody cares"));
    if (how === "once" && !Fragile.seen.has(ctx.id.name)) { Fragile.seen.add(ctx.id.name); throw new Error("the first time"); }
  }
  static seen = new Set();
  hello() { return `hello ${this.ready ?? ""}`; }
  fetch() { return new Response(`fetched ${this.ready ?? ""}`); }
  written() { return this.ctx.storage.get("written"); }
}

const plain = (env) => env.PLAIN.getByName(crypto.randomUUID());
const fragile = (env, how) => env.FRAGILE.getByName(`${how} ${crypto.randomUUID()}`);
const call = (name, ...args) => (env) => outcome(() => plain(env)[name](...args));
const property = (name) => (env) => outcome(() => plain(env)[name]);

export default {
  method: call("slow", 1, { a: [1] }),
  methodInherited: call("inherited"),
  methodOverridden: call("overridden"),
  methodOfNothing: call("nothing"),
  methodUnderscore: call("_underscore"),
  methodWithSpace: call("with space"),
  methodOfNumber: call("0"),
  methodOnPrototype: call("functionOnPrototype"),
  methodOfGetter: call("method", 1),
  methodThenable: call("thenable"),
  methodGenerator: call("generate"),
  methodGivesItself: call("self"),
  methodGivesContext: call("context"),
  methodApply: call("apply", null, [1]),
  methodBind: call("bind"),
  methodName: property("name"),
  methodId: property("id"),
  methodMissing: call("missing"),
  methodStatic: call("fixed"),
  methodPrivate: call("#hidden"),
  methodField: call("field"),
  methodArrow: call("arrow"),
  methodAssigned: call("assigned"),
  methodDefined: call("defined"),
  methodConstructor: call("constructor"),
  methodOfObject: (env) => Promise.all(["hasOwnProperty", "toLocaleString", "isPrototypeOf", "__defineGetter__", "__lookupGetter__", "propertyIsEnumerable"].map((name) => call(name, "x")(env))),
  methodOverridesObject: (env) => Promise.all(["toString", "valueOf", "toJSON"].map((name) => call(name)(env))),
  methodReserved: (env) => Promise.all(["webSocketMessage", "webSocketClose", "webSocketError", "alarm", "dup"].map((name) => call(name)(env))),
  methodProto: call("__proto__"),
  methodOfBare: (env) => outcome(() => env.BARE.getByName("x").anything()),
  methodCtx: call("ctx"),
  propertyCtx: property("ctx"),
  propertyEnv: property("env"),
  propertyField: property("field"),
  propertyGetter: property("getter"),
  propertyGetterInherited: property("inheritedGetter"),
  propertyGetterFailing: property("failing"),
  propertyPromised: property("promised"),
  propertySetter: property("written"),
  propertyOnPrototype: property("onPrototype"),
  propertyMissing: property("missing"),
  propertyOfMethod: async (env) => outcome(async () => typeof await plain(env).slow),
  propertyDeep: (env) => outcome(() => plain(env).getter.got),
  propertyDeeper: (env) => outcome(() => plain(env).getter.got.length),
  propertyOfNothing: (env) => outcome(() => plain(env).missing.more),
  argumentsMany: call("args", 1, "two", [3], { four: 4 }, null, undefined),
  argumentsNone: call("args"),
  argumentsTrailing: call("args", undefined, undefined),
  environment: call("environment"),
  itself: call("mine"),
  order: async (env) => { const stub = plain(env); return Promise.all([stub.slow(5, "a"), stub.slow(1, "b"), stub.slow(0, "c")]); },

  fetchOfBare: (env) => outcome(() => env.BARE.getByName("x").fetch("http://x/")),
  fetchOfPlain: (env) => outcome(() => plain(env).fetch("http://x/")),
  constructorThrows: async (env) => { const stub = fragile(env, "throws"); return [await outcome(() => stub.hello()), await outcome(() => stub.fetch("http://x/"))]; },
  constructorThrowsText: (env) => outcome(() => fragile(env, "throwsText").hello()),
  constructorThrowsOwn: (env) => outcome(() => fragile(env, "throwsOwn").hello()),
  constructorThrowsMore: (env) => Promise.all(["throwsOwn", "throwsDom", "throwsCause", "throwsFunction", "blocksAndThrowsOwn"].map(async (how) => [await outcome(() => fragile(env, how).hello()), await outcome(() => fragile(env, how).fetch("http://x/"))])),
  constructorThrowsOnce: async (env) => { const name = `once ${crypto.randomUUID()}`; return [await outcome(() => env.FRAGILE.getByName(name).hello()), await outcome(() => env.FRAGILE.getByName(name).hello())]; },
  constructorThrowsAfterWriting: async (env) => { const name = `writes ${crypto.randomUUID()}`; return [await outcome(() => env.FRAGILE.getByName(name).hello()), await outcome(() => env.FRAGILE.getByName(name).written())]; },
  constructorBlocks: async (env) => { const stub = fragile(env, "blocks"); return Promise.all([stub.hello(), stub.fetch("http://x/").then((r) => r.text())]); },
  constructorBlocksAndThrows: async (env) => { const stub = fragile(env, "blocksAndThrows"); return [await outcome(() => stub.hello()), await outcome(() => stub.hello())]; },
  constructorReturns: (env) => outcome(() => fragile(env, "returns").hello()),
  constructorRejects: (env) => outcome(() => fragile(env, "rejects").hello()),
  constructedByHand: (env, ctx) => outcome(() => new Plain(ctx, env).inherited()),
  constructedBase: async (env, ctx) => [await outcome(() => typeof new DurableObject(ctx, env)), await outcome(() => typeof new DurableObject()), await outcome(() => typeof new RpcTarget())],
  baseClass: () => [DurableObject, WorkerEntrypoint, RpcTarget].map((C) => [typeof C, C.name, C.length, Object.getOwnPropertyNames(C.prototype), Object.prototype.toString.call(C.prototype)]),
  classesAreOfOneKind: () => [Plain.prototype instanceof DurableObject, Object.getPrototypeOf(Bare) === DurableObject, Bare.name],
};
