// What calls give, and what properties of stubs are: promises one can call on.

import { illegalConstructor, webClass } from "web/brand";
import { calledBy } from "web/errors";
import { expect } from "web/ops";
import { host } from "./host";
import { writeArguments } from "./ownership";

/** Something one can call methods of, and read properties from. */
export interface Provider {
  /** Starts a call, or the reading of a property, and gives the operation. It throws what is known at once. */
  start(path: string[], call: boolean, args: unknown[]): number;
  /** Is told what a call failed with. */
  failed?(error: unknown): void;
}

/** Where a pending value stands: at the end of a path from a provider, and in the case of a call, what became of it. */
interface Place {
  provider: Provider;
  path: string[];
  call?: Call;
}

const places = new WeakMap<object, Place>();

export function isPending(value: object): boolean {
  return places.has(value);
}

type Settled = { resolve: (value: unknown) => unknown; reject: (reason: unknown) => unknown };

function resultOf(pending: unknown): Promise<unknown> {
  const place = places.get(pending as object)!;
  return place.call === undefined ? started(place.provider, place.path, false, []).result : place.call.result;
}

abstract class Pending {
  then(resolve?: Settled["resolve"], reject?: Settled["reject"]): Promise<unknown> {
    return resultOf(this).then(resolve, reject);
  }
  catch(reject?: Settled["reject"]): Promise<unknown> {
    return resultOf(this).catch(reject);
  }
  finally(callback?: () => void): Promise<unknown> {
    return resultOf(this).finally(callback);
  }
}

class PromiseClass {
  [Symbol.dispose](): void {
    places.get(this)!.call!.dispose();
  }
}

class PropertyClass {}

/** A class for the eyes of code, which can be called, too. */
export function outerClass<T extends new (...args: never[]) => object>(inner: T, name: string, called: () => Error, made?: () => Error): T {
  const outer = function (...args: never[]): object {
    if (new.target === undefined) throw called();
    if (made !== undefined) throw made();
    return Reflect.construct(inner, args, new.target);
  };
  Object.defineProperty(outer, "prototype", { value: inner.prototype, writable: false });
  Object.defineProperty(inner.prototype, "constructor", { value: outer, writable: true, configurable: true, enumerable: false });
  webClass(outer as never, `Js${name}`);
  Object.defineProperty(outer, "name", { value: name });
  return outer as unknown as T;
}

for (const made of [PromiseClass, PropertyClass]) {
  for (const key of ["then", "catch", "finally"]) {
    Object.defineProperty(made.prototype, key, Object.getOwnPropertyDescriptor(Pending.prototype, key)!);
  }
  delete (made.prototype as { constructor?: unknown }).constructor; // it comes last
}

export const RpcPromise = outerClass(PromiseClass, "RpcPromise", illegalConstructor, illegalConstructor);
export const RpcProperty = outerClass(PropertyClass, "RpcProperty", illegalConstructor, illegalConstructor);

// ---- calls ----

/** Tells what a value that a call gave stands for, when one calls on it. */
let providerOf: (value: object) => Provider;

/** Has calls on a result that is here find it. */
export function registerResults(find: typeof providerOf): void {
  providerOf = find;
}

const disposeOf = (value: unknown) => {
  if (typeof value !== "object" && typeof value !== "function") return;
  const dispose = (value as { [Symbol.dispose]?: unknown } | null)?.[Symbol.dispose];
  if (typeof dispose === "function") dispose.call(value);
};

/** A call nobody waits for may fail unnoticed. */
const unnoticed = () => {};

/** A call that was made. Calls on it go to where its result will be, or is. */
class Call implements Provider {
  private state: "pending" | "resolved" | "rejected" | "disposed" = "pending";
  declare private value: unknown;

  constructor(
    private op: number,
    readonly result: Promise<unknown>,
    private provider: Provider,
  ) {
    result.catch(unnoticed);
  }

  arrived(value: unknown): void {
    if (this.state === "disposed") disposeOf(value);
    else this.settle("resolved", value);
  }

  failed(error: unknown): void {
    this.provider.failed?.(error);
    if (this.state !== "disposed") this.settle("rejected", error);
  }

  private settle(state: "resolved" | "rejected", value: unknown): void {
    this.state = state;
    this.value = value;
  }

  start(path: string[], call: boolean, args: unknown[]): number {
    switch (this.state) {
      case "pending": return host.pipelineCall(this.op, JSON.stringify(path), call, args);
      case "rejected": throw this.value;
      case "disposed": throw new Error("RPC promise used after being disposed.");
    }
    const { value } = this;
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      throw new TypeError("Can't pipeline on RPC that did not return an object.");
    }
    return providerOf(value).start(path, call, args);
  }

  dispose(): void {
    if (this.state === "resolved") disposeOf(this.value);
    this.state = "disposed";
  }
}

function started(provider: Provider, path: string[], call: boolean, args: unknown[]): Call {
  let op: number;
  try {
    op = writeArguments(() => provider.start(path, call, args));
  } catch (error) {
    const refused = new Call(0, Promise.reject(error), nobody);
    refused.failed(error);
    return refused;
  }
  const waiter = expect<unknown>(op);
  const begun = new Call(op, waiter.promise, provider);
  waiter.told = begun;
  return begun;
}

/** In place of a provider that was not reached. */
const nobody: Provider = { start: () => 0 };

// ---- the proxies ----

const maxDepth = 64;

/** Calls a provider, and gives the result alone. */
export function callDirectly(provider: Provider, path: string[], args: unknown[]): Promise<unknown> {
  return started(provider, path, true, args).result;
}

/** A property of a provider: awaited it is read, called it is a method. */
export function property(provider: Provider, path: string[]): object {
  if (path.length > maxDepth + 1) throw new TypeError(`RPC pipelined property path is too deep (max ${maxDepth}).`);
  return callable(RpcProperty.prototype, new Callable({ provider, path }));
}

function promise(call: Call): object {
  return callable(RpcPromise.prototype, new Callable({ provider: call, path: [], call }));
}

/** Whether a key is that of an element, which is no name. */
export function isIndex(key: string): boolean {
  return /^(0|[1-9]\d*)$/.test(key);
}

/** Whether a key cannot name a method: that of an element, or what JSON looks for, which sees none. */
export function isNoMethod(key: string): boolean {
  return isIndex(key) || (key === "toJSON" && calledBy("stringify"));
}

/** What one can call, and read properties from, at a place. */
export class Callable implements ProxyHandler<object> {
  constructor(readonly place: Place) {}

  /** The property of a name that the prototype lacks. */
  member(key: string): unknown {
    const { provider, path } = this.place;
    return property(provider, [...path, key]);
  }
  get(inner: object, key: PropertyKey, receiver: unknown): unknown {
    if (typeof key === "symbol" || key in inner) return Reflect.get(inner, key, receiver);
    return isNoMethod(key as string) ? undefined : this.member(key as string);
  }
  has(inner: object, key: PropertyKey): boolean {
    return (typeof key === "string" && !isIndex(key)) || key in inner;
  }
  apply(_inner: object, _self: unknown, args: unknown[]): object {
    const { provider, path } = this.place;
    return promise(started(provider, path, true, args));
  }
  construct(_inner: object, args: unknown[]): object {
    return this.apply(_inner, undefined, args);
  }
}

/** A function without properties of its own that gives a property for every name its prototype lacks. */
export function callable(prototype: object, handler: Callable): object {
  const target = function () {}.bind(null) as unknown as { name?: string; length?: number };
  delete target.name;
  delete target.length;
  Object.setPrototypeOf(target, prototype);
  const proxy: object = new Proxy(target as object, handler);
  if (prototype === RpcPromise.prototype || prototype === RpcProperty.prototype) places.set(proxy, handler.place);
  return proxy;
}
