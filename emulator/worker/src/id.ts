// DurableObjectId and DurableObjectNamespace.

import { illegalConstructor, illegalInvocation, webClass } from "web/brand";
import { DOMException } from "web/domexception";
import { expose, registerHostType, registerReviver, type Described } from "web/frame";
import { wrongArgument } from "./errors";
import { host } from "./host";
import { bareFunction, crosses, makeObjectStub, propsOf, scriptName, stored, storesStubs } from "./stub";

const making = Symbol();
export let isId: (value: unknown) => value is DurableObjectId;

/** The 64 hexadecimal digits of an id. */
export let hexOf: (id: DurableObjectId) => string;

export class DurableObjectId {
  declare readonly jurisdiction: undefined;
  declare readonly name: string | undefined;
  readonly #hex: string;

  static {
    isId = (value): value is DurableObjectId => typeof value === "object" && value !== null && #hex in value;
    hexOf = (id) => id.#hex;
  }

  constructor(key: symbol, id: string, name: string | undefined) {
    if (key !== making) throw illegalConstructor();
    this.#hex = id;
    this.jurisdiction = undefined;
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

expose("DurableObjectId", DurableObjectId);

export function makeId(id: string, name: string | undefined): DurableObjectId {
  return new DurableObjectId(making, id, name);
}

/** A namespace, and the ids of names that were asked for lately. */
interface Space {
  index: number;
  ids: Map<string, string>;
  persistent: boolean; // stubs of its objects can be stored
}

const mostIds = 1024;

const spaces = new WeakMap<DurableObjectNamespace, Space>();

function spaceOf(ns: DurableObjectNamespace): Space {
  const space = spaces.get(ns);
  if (space === undefined) throw illegalInvocation();
  return space;
}

function indexOf(ns: DurableObjectNamespace): number {
  return spaceOf(ns).index;
}

function idOf(space: Space, name: string): DurableObjectId {
  const { ids, index } = space;
  let id = ids.get(name);
  if (id === undefined) {
    id = host.idFromName(index, name);
    if (ids.size >= mostIds) ids.clear();
    ids.set(name, id);
  }
  return makeId(id, name);
}

const noJurisdictions = () => new Error("Jurisdiction restrictions are not implemented in workerd.");

export class DurableObjectNamespace {
  constructor(key: symbol, index: number) {
    if (key !== making) throw illegalConstructor();
    spaces.set(this, { index, ids: new Map(), persistent: false });
  }

  newUniqueId(options?: { jurisdiction?: string }): DurableObjectId {
    const index = indexOf(this);
    if (options?.jurisdiction !== undefined) throw noJurisdictions();
    return makeId(host.newUniqueId(index), undefined);
  }

  idFromName(...args: [name: string]): DurableObjectId {
    const space = spaceOf(this);
    if (args.length === 0) throw wrongArgument("idFromName", "DurableObjectNamespace", 1, "string");
    return idOf(space, String(args[0]));
  }

  idFromString(...args: [id: string]): DurableObjectId {
    const index = indexOf(this);
    if (args.length === 0) throw wrongArgument("idFromString", "DurableObjectNamespace", 1, "string");
    return makeId(host.idFromString(index, String(args[0])), undefined);
  }

  get(...args: [id: DurableObjectId, options?: object]): object {
    const { index, persistent } = spaceOf(this);
    if (!isId(args[0])) throw wrongArgument("get", "DurableObjectNamespace", 1, "DurableObjectId");
    return makeObjectStub(index, args[0], persistent);
  }

  getByName(...args: [name: string, options?: object]): object {
    const space = spaceOf(this);
    if (args.length === 0) throw wrongArgument("getByName", "DurableObjectNamespace", 1, "string");
    return makeObjectStub(space.index, idOf(space, String(args[0])), space.persistent);
  }

  jurisdiction(_name?: string): never {
    indexOf(this);
    throw noJurisdictions();
  }
}

expose("DurableObjectNamespace", DurableObjectNamespace);

export function makeNamespace(index: number): DurableObjectNamespace {
  return new DurableObjectNamespace(making, index);
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
  if (namespace !== undefined) spaces.set(loopback as DurableObjectNamespace, { index: namespace, ids: new Map(), persistent: storesStubs() });
  return loopback;
}
