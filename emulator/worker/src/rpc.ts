// Calls between isolates: properties of stubs, promises one can call on, and
// references to functions and RpcTargets that stay where they are.

import { webClass } from "web/brand";
import { isHostTyped, Mode, registerReviver, registerRPC, type Described } from "web/frame";
import { wait } from "web/ops";
import { targetOf } from "./stub";
import { bareError, targetError } from "./errors";
import { host } from "./host";

/** Something that can be called from here. */
export interface Receiver {
  objectId?: string;
  check?(): void; // throws when the receiver is known to be gone
  failed?(error: unknown): void;
  describe(mode: Mode): Described;
  call(path: string[], call: boolean, args: unknown[]): number;
}

// ---- RpcPromise and RpcProperty ----

/** What a promise or property stands for. */
interface Place {
  start(call: boolean, path: string[], args: unknown[]): Promise<unknown>;
  result?: Promise<unknown>; // of a call already made
  path: string[];
}

const places = new WeakMap<object, Place>();

abstract class Pending {
  then(resolve?: (value: unknown) => unknown, reject?: (reason: unknown) => unknown): Promise<unknown> {
    return settled(this).then(resolve, reject);
  }
  catch(reject?: (reason: unknown) => unknown): Promise<unknown> {
    return settled(this).catch(reject);
  }
  finally(callback?: () => void): Promise<unknown> {
    return settled(this).finally(callback);
  }
}

export class RpcPromise extends Pending {}
export class RpcProperty extends Pending {}

for (const [made, name] of [[RpcPromise, "RpcPromise"], [RpcProperty, "RpcProperty"]] as const) {
  for (const key of ["then", "catch", "finally"]) {
    Object.defineProperty(made.prototype, key, { ...Object.getOwnPropertyDescriptor(Pending.prototype, key), enumerable: true });
  }
  const { constructor } = made.prototype;
  delete (made.prototype as { constructor?: unknown }).constructor;
  Object.defineProperty(made.prototype, "constructor", { value: constructor, writable: true, configurable: true });
  Object.setPrototypeOf(made.prototype, Object.prototype);
  Object.defineProperty(made.prototype, Symbol.toStringTag, { value: `Js${name}`, configurable: true });
}

function settled(pending: object): Promise<unknown> {
  const place = places.get(pending)!;
  return (place.result ??= place.start(false, place.path, []));
}

function callable(prototype: object, place: Place): object {
  const target = (() => {}) as unknown as { name?: string; length?: number };
  delete target.name;
  delete target.length;
  Object.setPrototypeOf(target, prototype);
  const proxy: object = new Proxy(target as object, {
    get(inner, key, receiver) {
      if (typeof key === "symbol" || key in inner) return Reflect.get(inner, key, receiver);
      return pendingProperty(place, key);
    },
    apply(_inner, _self, args) {
      return pendingCall(place, args);
    },
  });
  places.set(proxy, place);
  return proxy;
}

// A property of the result of a call waits for that call; one of a property is
// a longer path to the same receiver.
function pendingProperty(place: Place, key: string): object {
  if (place.result === undefined) return callable(RpcProperty.prototype, { start: place.start, path: [...place.path, key] });
  return callable(RpcProperty.prototype, { start: after(place.result), path: [key] });
}

function pendingCall(place: Place, args: unknown[]): object {
  const start = place.result === undefined ? place.start : after(place.result);
  const path = place.result === undefined ? place.path : [];
  const result = start(true, path, args);
  result.catch(() => {}); // a call nobody waits for may fail unnoticed
  return callable(RpcPromise.prototype, { start, result, path });
}

/** Goes on with what a call answers. */
function after(result: Promise<unknown>): Place["start"] {
  return async (call, path, args) => {
    let value = await result;
    for (let i = 0; i < path.length; i++) {
      const stub = stubs.get(value as object);
      if (stub !== undefined) return stub.start(call, path.slice(i), args);
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, path[i]!)) throw missingMethod(path[i]!, origins.get(result));
      value = (value as Record<string, unknown>)[path[i]!];
    }
    const stub = stubs.get(value as object);
    if (stub !== undefined && call) return stub.start(true, [], args);
    if (!call) return value;
    if (typeof value !== "function") throw new TypeError(`"${path.at(-1)}" is not a function.`);
    return value(...args);
  };
}

const origins = new WeakMap<Promise<unknown>, string>();

function missingMethod(name: string, objectId: string | undefined): Error {
  const error = new TypeError(`The RPC receiver does not implement the method "${name}".`);
  return Object.assign(error, { remote: true }, objectId === undefined ? {} : { durableObjectId: objectId });
}

/** A property of a stub: awaited it is read, called it is a method. */
export function property(receiver: Receiver, path: string[]): object {
  return callable(RpcProperty.prototype, { start: (call, path, args) => send(receiver, call, path, args), path });
}

function send(receiver: Receiver, call: boolean, path: string[], args: unknown[]): Promise<unknown> {
  let op: number;
  try {
    receiver.check?.();
    op = receiver.call(path, call, args);
  } catch (error) {
    return Promise.reject(error);
  }
  const result = wait(op);
  if (receiver.objectId !== undefined) origins.set(result, receiver.objectId);
  if (receiver.failed !== undefined) result.catch((error) => receiver.failed!(error));
  return result;
}

// ---- RpcTarget and what this isolate lets others call ----

export class RpcTarget {}

interface Exported {
  target: object;
  refs: number;
}

const exported = new Map<number, Exported>();
let nextCap = 1;

function exportTarget(target: object): number {
  const cap = nextCap++;
  exported.set(cap, { target, refs: 1 });
  host.capExport(cap);
  return cap;
}

export function exportedTarget(cap: number): object {
  const found = exported.get(cap);
  if (found === undefined) throw bareError(new Error("RPC stub used after being disposed."));
  return found.target;
}

export function dupCap(cap: number): void {
  const found = exported.get(cap);
  if (found !== undefined) found.refs++;
}

export function dropCap(cap: number): void {
  const found = exported.get(cap);
  if (found === undefined || --found.refs > 0) return;
  exported.delete(cap);
  host.capForget(cap);
  const dispose = (found.target as { [Symbol.dispose]?: () => void })[Symbol.dispose];
  if (typeof dispose === "function") dispose.call(found.target);
}

// ---- RpcStub: what others let this isolate call ----

class StubCore {
  disposed = false;

  constructor(
    readonly isolate: number,
    readonly cap: number,
  ) {
    collected.push(this);
    finalizer.register(this, [isolate, cap], this);
  }

  start(call: boolean, path: string[], args: unknown[]): Promise<unknown> {
    if (this.disposed) return Promise.reject(new Error("RPC stub used after being disposed."));
    let op: number;
    try {
      op = host.capCall(this.isolate, this.cap, JSON.stringify(path), call, args);
    } catch (error) {
      return Promise.reject(error);
    }
    return wait(op);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    finalizer.unregister(this);
    host.capDrop(this.isolate, this.cap);
  }
}

const finalizer = new FinalizationRegistry(([isolate, cap]: [number, number]) => host.capDrop(isolate, cap));
const stubs = new WeakMap<object, StubCore>();
let collected: StubCore[] = [];

export class RpcStub {
  constructor(target: object) {
    if ((typeof target !== "object" && typeof target !== "function") || target === null) {
      throw new TypeError("RpcStub constructor requires an object or function.");
    }
    return makeStub(host.isolate(), exportTarget(target));
  }
  dup(): object {
    const core = stubs.get(this)!;
    if (core.disposed) throw new Error("RPC stub used after being disposed.");
    host.capDup(core.isolate, core.cap);
    return makeStub(core.isolate, core.cap);
  }
  onRpcBroken(_callback: (error: unknown) => void): void {}
  [Symbol.dispose](): void {
    stubs.get(this)!.dispose();
  }
}
webClass(RpcStub, "JsRpcStub");
Object.defineProperty(RpcStub, "name", { value: "RpcStub" });

function makeStub(isolate: number, cap: number): object {
  const core = new StubCore(isolate, cap);
  const target = (() => {}) as unknown as { name?: string; length?: number };
  delete target.name;
  delete target.length;
  Object.setPrototypeOf(target, RpcStub.prototype);
  const place: Place = { start: (call, path, args) => core.start(call, path, args), path: [] };
  const proxy: object = new Proxy(target as object, {
    get(inner, key, receiver) {
      if (typeof key === "symbol" || key in inner) return Reflect.get(inner, key, receiver);
      if (key === "then") return undefined;
      return pendingProperty(place, key);
    },
    apply(_inner, _self, args) {
      return pendingCall(place, args);
    },
  });
  stubs.set(proxy, core);
  return proxy;
}

/** What a call answered, as its caller sees it: it can be disposed of as a whole. */
export function received(value: unknown): unknown {
  const own = collected;
  collected = [];
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    Object.defineProperty(value, Symbol.dispose, {
      value: () => own.forEach((core) => core.dispose()),
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
  return value;
}

const capTag = 100;

registerReviver(capTag, ([isolate, cap]: [number, number]) => makeStub(isolate, cap));

registerRPC((value) => {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return null;
  const stub = stubs.get(value);
  if (stub !== undefined) {
    if (stub.disposed) throw new Error("RPC stub used after being disposed.");
    host.capDup(stub.isolate, stub.cap);
    return [capTag, [stub.isolate, stub.cap]];
  }
  const target = targetOf(value);
  if (target !== undefined) return target.describe(Mode.RPC);
  if (places.has(value)) {
    return `Could not serialize object of type "${(value.constructor as Function).name}". This type does not support serialization.`;
  }
  const hostTyped = isHostTyped(value);
  if ((typeof value === "function" && !hostTyped) || value instanceof RpcTarget) return [capTag, [host.isolate(), exportTarget(value)]];
  if (value instanceof Error || (hostTyped && typeof value === "object")) return null;
  return `Could not serialize object of type "${className(value)}". This type does not support serialization.`;
});

function className(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "Object";
}

// ---- applying a call that came in ----

const reserved = new Set(["constructor", "fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "connect", "dup", "tail", "scheduled", "queue", "test", "email"]);

/**
 * Finds what a path leads to and calls it. Of a class instance only what its
 * prototypes have can be reached; of a plain object its own properties.
 */
export async function apply(root: object, path: string[], call: boolean, args: unknown[], top: boolean): Promise<unknown> {
  let self: unknown = undefined;
  let value: unknown = root;
  for (const [i, key] of path.entries()) {
    self = value;
    if (top && i === 0 && reserved.has(key)) {
      throw bareError(new TypeError(`'${key}' is a reserved method and cannot be called over RPC.`));
    }
    value = member(value, key, top && i === 0);
    if (i < path.length - 1 && typeof (value as { then?: unknown } | null)?.then === "function") value = await value;
  }
  if (!call) return value;
  if (typeof value !== "function") {
    const error = new TypeError(`"${path.at(-1)}" is not a function.`);
    throw top && path.length === 1 ? bareError(error) : error;
  }
  return Reflect.apply(value, self, args);
}

function member(value: unknown, key: string, top: boolean): unknown {
  const lacks = (): never => {
    const error = new TypeError(`The RPC receiver does not implement the method "${key}".`);
    throw top ? bareError(error) : targetError(error);
  };
  if (typeof value === "function" && stubs.has(value)) return (value as unknown as Record<string, unknown>)[key];
  if (typeof value !== "object" || value === null) return lacks();
  if (targetOf(value) !== undefined) return (value as Record<string, unknown>)[key];
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) {
    return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : lacks();
  }
  if (Object.hasOwn(value, key)) return lacks();
  for (let p = prototype; p !== null && p !== Object.prototype; p = Object.getPrototypeOf(p)) {
    if (Object.hasOwn(p, key)) return (value as Record<string, unknown>)[key];
  }
  return lacks();
}
