// DurableObjectId and DurableObjectNamespace.

import { illegalConstructor, illegalInvocation, webClass, wrongArgument } from "web/brand";
import { DOMException } from "web/domexception";
import { shape, registerHostType, registerReviver, type Described } from "web/frame";
import { textArgument } from "./errors";
import { host } from "./host";
import { bareFunction, crosses, makeObjectStub, propsOf, scriptName, stored, storesStubs } from "./stub";

const making = Symbol();
export let isId: (value: unknown) => value is DurableObjectId;

/** The 64 hexadecimal digits of an id. */
export let hexOf: (id: DurableObjectId) => string;

/** The jurisdiction that an id is bound to, whatever its property says by now. */
export let jurisdictionOf: (id: DurableObjectId) => string | undefined;

export class DurableObjectId {
  declare readonly jurisdiction: string | undefined;
  declare readonly name: string | undefined;
  readonly #hex: string;
  readonly #jurisdiction: string | undefined;

  static {
    isId = (value): value is DurableObjectId => typeof value === "object" && value !== null && #hex in value;
    hexOf = (id) => id.#hex;
    jurisdictionOf = (id) => id.#jurisdiction;
  }

  constructor(key: symbol, id: string, name: string | undefined, jurisdiction: string | undefined) {
    if (key !== making) throw illegalConstructor();
    this.#hex = id;
    this.#jurisdiction = jurisdiction;
    this.jurisdiction = jurisdiction;
    this.name = name;
  }

  toString(): string {
    if (!isId(this)) throw illegalInvocation();
    return this.#hex;
  }

  equals(other: DurableObjectId): boolean {
    if (!isId(other)) throw wrongArgument("equals", "DurableObjectId", 1, "DurableObjectId");
    return this.toString() === other.toString();
  }
}

shape("DurableObjectId", DurableObjectId);

export function makeId(id: string, name: string | undefined, jurisdiction: string | undefined): DurableObjectId {
  return new DurableObjectId(making, id, name, jurisdiction);
}

/** A namespace by its number, or the part of it that is bound to a jurisdiction, and the ids of names that were asked for lately. */
interface Space {
  index: number;
  jurisdiction: string | undefined;
  ids: Map<string, string>;
  persistent: boolean; // stubs of its objects can be stored
}

function space(index: number, jurisdiction: string | undefined, persistent: boolean): Space {
  return { index, jurisdiction, persistent, ids: new Map() };
}

const mostIds = 1024;

const spaces = new WeakMap<DurableObjectNamespace, Space>();

function spaceOf(ns: DurableObjectNamespace): Space {
  const space = spaces.get(ns);
  if (space === undefined) throw illegalInvocation();
  return space;
}

function idOf(space: Space, name: string): DurableObjectId {
  const { ids, index, jurisdiction } = space;
  let id = ids.get(name);
  if (id === undefined) {
    id = host.idFromName(index, jurisdiction, name);
    if (ids.size >= mostIds) ids.clear();
    ids.set(name, id);
  }
  return makeId(id, name.isWellFormed() ? name : name.replace(/\p{Surrogate}/gu, lost), jurisdiction);
}

/** What the three bytes of half a pair are read as. */
const lost = "\ufffd\ufffd\ufffd";

const namespaceName = "DurableObjectNamespace";

/** An optional argument of a method that is a dictionary. */
function dictionary<T extends object>(method: string, position: number, type: string, value: unknown): Partial<T> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" && typeof value !== "function") throw wrongArgument(method, namespaceName, position, type);
  return value;
}

const given = (value: unknown) => (value === undefined || value === null ? undefined : `${value as string}`);

interface GetOptions {
  locationHint: unknown;
  routingMode: unknown;
}

/** Where get's options ask for the object to be kept. */
function locationOf(method: string, options: unknown): string | undefined {
  const { locationHint, routingMode } = dictionary<GetOptions>(method, 2, "GetDurableObjectOptions", options);
  const location = locationHint === undefined ? undefined : `${locationHint as string}`;
  if (routingMode !== undefined) {
    const mode = `${routingMode as string}`;
    if (mode !== "primary-only") throw new RangeError(`unknown routingMode: ${mode}`);
  }
  return location;
}

export class DurableObjectNamespace {
  constructor(key: symbol, space: Space) {
    if (key !== making) throw illegalConstructor();
    spaces.set(this, space);
  }

  newUniqueId(options?: { jurisdiction?: string }): DurableObjectId {
    const { index, jurisdiction } = spaceOf(this);
    const asked = given(dictionary<{ jurisdiction: unknown }>("newUniqueId", 1, "NewUniqueIdOptions", options).jurisdiction);
    const id = host.newUniqueId(index, asked ?? jurisdiction, "newUniqueId");
    if (jurisdiction !== undefined && asked !== undefined && asked !== jurisdiction) {
      throw new TypeError("newUniqueId called on jurisdictional subnamespace with a different jurisdiction");
    }
    return makeId(id, undefined, asked ?? jurisdiction);
  }

  idFromName(...args: [] | [name: string]): DurableObjectId {
    const space = spaceOf(this);
    if (args.length === 0) throw wrongArgument("idFromName", namespaceName, 1, "string");
    return idOf(space, textArgument(args[0]));
  }

  idFromString(...args: [] | [id: string]): DurableObjectId {
    const { index, jurisdiction } = spaceOf(this);
    if (args.length === 0) throw wrongArgument("idFromString", namespaceName, 1, "string");
    const id = host.idFromString(index, jurisdiction, textArgument(args[0]));
    return makeId(id, undefined, jurisdiction ?? host.jurisdictionOf(index, id));
  }

  get(...args: [id: DurableObjectId, options?: object]): object {
    const { index, jurisdiction, persistent } = spaceOf(this);
    const id = args[0];
    const options = args[1];
    if (!isId(id)) throw wrongArgument("get", namespaceName, 1, "DurableObjectId");
    const location = options === undefined ? undefined : locationOf("get", options);
    if (jurisdiction !== undefined && jurisdictionOf(id) !== jurisdiction) {
      throw new TypeError("get called on jurisdictional subnamespace with an ID from a different jurisdiction");
    }
    return makeObjectStub(index, id, persistent, location);
  }

  getByName(...args: [] | [name: string, options?: object]): object {
    const space = spaceOf(this);
    if (args.length === 0) throw wrongArgument("getByName", namespaceName, 1, "string");
    const location = args[1] === undefined ? undefined : locationOf("getByName", args[1]);
    return makeObjectStub(space.index, idOf(space, textArgument(args[0])), space.persistent, location);
  }

  jurisdiction(name?: string | null): DurableObjectNamespace {
    const { index, persistent } = spaceOf(this);
    const jurisdiction = given(name);
    host.jurisdiction(index, jurisdiction, "jurisdiction");
    return new DurableObjectNamespace(making, space(index, jurisdiction, persistent));
  }
}

shape("DurableObjectNamespace", DurableObjectNamespace);

export function makeNamespace(index: number): DurableObjectNamespace {
  return new DurableObjectNamespace(making, space(index, undefined, false));
}

// ---- ctx.exports ----

/** Which class of which Worker, and with which props, a class stands for. */
export interface FacetClass {
  script: string;
  className: string;
  props: object | undefined;
  persistent: boolean; // it can be stored
}

/** A class as what facets are made from, with the props its instances get. */
export class DurableObjectClass {
  constructor(key: symbol, made: FacetClass) {
    if (key !== making) throw illegalConstructor();
    classes.set(this, made);
  }
}
webClass(DurableObjectClass, "DurableObjectClass");
registerHostType(DurableObjectClass, (value: object, mode): Described => {
  const made = classes.get(value)!;
  if (typeof value === "function") return 'Could not serialize object of type "LoopbackDurableObjectClass". This type does not support serialization.';
  const { script, className, props, persistent } = made;
  if (crosses(mode)) return [classTag, [script, className, props, persistent]];
  return stored(mode, persistent, "DurableObjectClass cannot be serialized in this context.", () => [storedClassTag, [script, className, props]]);
});

const classTag = 103;
const storedClassTag = 123;

registerReviver(classTag, ([script, className, props, persistent]: [string, string, object | undefined, boolean]) =>
  new DurableObjectClass(making, { script, className, props, persistent }),
);
registerReviver(storedClassTag, ([script, className, props]: [string, string, object | undefined]) => {
  if (!storesStubs()) throw new DOMException("DurableObjectClass cannot be deserialized in this context.", "DataCloneError");
  return new DurableObjectClass(making, { script, className, props, persistent: true });
});

const classes = new WeakMap<object, FacetClass>();

class LoopbackDurableObjectClass extends DurableObjectClass {}
webClass(LoopbackDurableObjectClass, "LoopbackDurableObjectClass");

class LoopbackDurableObjectNamespace extends DurableObjectNamespace {}
webClass(LoopbackDurableObjectNamespace, "LoopbackDurableObjectNamespace");

/** What a class stands for, undefined for anything else. */
export function classOf(value: unknown): FacetClass | undefined {
  return classes.get(value as object);
}

/** A class of this Worker in ctx.exports: a namespace too when its objects are stored. */
export function makeLoopbackClass(className: string, namespace: number | undefined): object {
  const owner = namespace === undefined ? LoopbackDurableObjectClass : LoopbackDurableObjectNamespace;
  const specialize = (options: unknown) => {
    const props = propsOf("LoopbackDurableObjectClass", options);
    return new DurableObjectClass(making, { script: scriptName(), className, props, persistent: storesStubs() });
  };
  const loopback = bareFunction(specialize, owner.prototype);
  classes.set(loopback, { script: scriptName(), className, props: undefined, persistent: false });
  if (namespace !== undefined) spaces.set(loopback as DurableObjectNamespace, space(namespace, undefined, storesStubs()));
  return loopback;
}
