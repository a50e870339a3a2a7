// The frame the other files hang their classes into: how globals are defined,
// how host objects are cloned, and which modules the runtime supplies.

import { webClass } from "./brand";
import { NativeError } from "./errors";

// ---- globals ----

// scope is the prototype of the global object. The platform keeps its classes
// and functions there, and only a few objects on the global object itself.
export const scope: Record<string, unknown> = Object.create(Object.getPrototypeOf(globalThis));
Object.setPrototypeOf(globalThis, scope);

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

// defineGlobal makes a value a global.
export function defineGlobal(name: string, value: unknown): void {
  define(scope, name, value);
}

// defineOwnGlobal makes a value a global that is an own property of the global
// object.
export function defineOwnGlobal(name: string, value: unknown): void {
  define(globalThis, name, value);
}

// defineLazy makes a global whose value is made when it is first read.
export function defineLazy(name: string, make: () => unknown, target: object = scope): void {
  Object.defineProperty(target, name, {
    get() {
      const value = make();
      define(target, name, value);
      return value;
    },
    set(value) {
      define(this === globalThis ? globalThis : target, name, value);
    },
    configurable: true,
    enumerable: false,
  });
}

// expose gives a class the looks of a platform interface, makes it a global, and registers it as one that cannot
// be serialized; registerHostType overrules that.
export function expose<T extends Function>(name: string, constructor: T): T {
  shape(name, constructor);
  defineGlobal(name, constructor);
  return constructor;
}

// shape does the same for a class that is no global.
export function shape<T extends Function>(name: string, constructor: T): T {
  webClass(constructor as never, name);
  unserializable(constructor, name);
  return constructor;
}

// refusing stands in for an API that is not emulated.
export function refusing(name: string): object {
  const refuse = (): never => {
    throw new Error(`${name} is not emulated by dodev yet`);
  };
  const harmless = new Set<PropertyKey>(["name", "length", "prototype"]);
  const stand = new Proxy(function () {}, {
    apply: refuse,
    construct: refuse,
    get: (target, key) => (typeof key === "symbol" || harmless.has(key) ? Reflect.get(target, key) : refuse()),
  });
  Object.defineProperty(stand, "name", { value: name, configurable: true });
  return stand;
}

// ---- entries ----

// Entries are what Go calls by name.
export const entries: Record<string, (...args: any[]) => unknown> = Object.create(null);

// registerEntry adds functions that Go may call.
export function registerEntry(functions: Record<string, (...args: any[]) => unknown>): void {
  Object.assign(entries, functions);
}

// ---- structured clone of host objects ----

export const enum Mode {
  Storage = 0,
  Clone = 1,
  RPC = 2,
}

// Described is [tag, payload] for an object that crosses, undefined for one to
// be taken as a plain object, or the message of the DataCloneError to throw.
export type Described = [tag: number, payload: unknown] | string | undefined;
export type Describe<T> = (value: T, mode: Mode) => Described;

const describers = new Map<object, Describe<any>>();
const revivers = new Map<number, (payload: any) => unknown>();
let describeForRPC: ((value: unknown, proxy: boolean) => Described | null) | undefined;

// registerHostType tells how the instances of a class cross.
export function registerHostType<T>(constructor: { prototype: T }, describer: Describe<T>): void {
  describers.set(constructor.prototype as object, describer);
}

// isPlatformPrototype tells whether a prototype is that of a class of the platform.
export function isPlatformPrototype(prototype: object): boolean {
  return describers.has(prototype);
}

// registerReviver tells how a payload becomes an object again.
export function registerReviver(tag: number, revive: (payload: any) => unknown): void {
  revivers.set(tag, revive);
}

// registerRPC gives the rules that hold for calls alone, asked first in that
// mode. It answers null where the common rules apply.
export function registerRPC(describer: NonNullable<typeof describeForRPC>): void {
  describeForRPC = describer;
}

// unserializable has the instances of a class refused.
export function unserializable(
  constructor: Function,
  name: string,
  message = `Could not serialize object of type "${name}". This type does not support serialization.`,
): void {
  describers.set(constructor.prototype, () => message);
}

const uncloneable = (value: unknown): string => `${display(value)} could not be cloned.`;

// The language's iterators are named by their tags.
function uncloneableByTag(value: object, tag: string): string {
  return tag.endsWith(" Iterator") ? `[object ${tag}] could not be cloned.` : uncloneable(value);
}

// Classes of the language that have no clone, by their tag.
const uncloneableTags = new Set([
  "Promise", "WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry", "Arguments", "Generator", "AsyncGenerator",
  "Iterator Helper", "Array Iterator", "Map Iterator", "Set Iterator", "String Iterator", "RegExp String Iterator",
]);

// describe tells how a value crosses. Only the engine knows a Proxy when it sees one.
function describe(value: unknown, mode: Mode, proxy: boolean): Described {
  if (value === globalThis) return uncloneable(value);
  if (mode === Mode.RPC && describeForRPC) {
    const described = describeForRPC(value, proxy);
    if (described !== null) return described;
  }
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return uncloneable(value);
  for (let p = Object.getPrototypeOf(value); p !== null; p = Object.getPrototypeOf(p)) {
    const describer = describers.get(p);
    if (describer) return describer(value, mode);
  }
  if (typeof value === "function") return uncloneable(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return uncloneableTags.has(tag) ? uncloneableByTag(value, tag) : undefined;
}

// isHostTyped tells whether an object is of a class with rules of its own.
export function isHostTyped(value: object): boolean {
  for (let p = Object.getPrototypeOf(value); p !== null; p = Object.getPrototypeOf(p)) {
    if (describers.has(p)) return true;
  }
  return uncloneableTags.has(Object.prototype.toString.call(value).slice(8, -1));
}

// display names a value as V8 does in the message of a DataCloneError.
export function display(value: unknown): string {
  if (typeof value === "function") return Function.prototype.toString.call(value);
  if (typeof value !== "object" || value === null) return String(value);
  const object = value as { toString?: unknown; constructor?: unknown };
  if (object.toString === Object.prototype.toString && typeof object.constructor === "function") {
    const name = object.constructor.name;
    if (name) return `#<${name}>`;
  }
  return Object.prototype.toString.call(value);
}

function revive(tag: number, payload: unknown): unknown {
  const reviver = revivers.get(tag);
  if (!reviver) throw new NativeError(`a stored object of kind ${tag} cannot be read here`);
  return reviver(payload);
}

// ---- modules the runtime supplies ----

const builtins = new Map<string, () => object>();
const made = new Map<string, object>();

// registerBuiltin gives the exports of a module, made on its first import.
export function registerBuiltin(name: string, make: () => object): void {
  builtins.set(name, make);
}

// builtin gives the exports of a module the runtime supplies, or undefined.
export function builtin(name: string): object | undefined {
  let exports = made.get(name);
  if (exports === undefined) {
    exports = builtins.get(name)?.();
    if (exports !== undefined) made.set(name, exports);
  }
  return exports;
}

registerEntry({ describe, revive, builtin });
