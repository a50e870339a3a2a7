// Stubs of objects and services: fetch, and every other property an RPC method.

import { illegalConstructor, webClass, wrongArgument } from "web/brand";
import { asked, refused } from "web/flags";
import { DOMException } from "web/domexception";
import { Mode, registerHostType, registerReviver, type Described } from "web/frame";
import { fetchWith, type Carrier } from "web/fetch";
import { expect, take, type Waiter } from "web/ops";
import { requestToHost, type Request } from "web/request";
import { responseFromHost, type Response } from "web/response";
import { structuredClone } from "web/structured-clone";
import { attachSocket } from "web/websocket";
import { connecting, dial, type SocketAddress, type SocketOptions } from "./connect";
import { host, type Body } from "./host";
import { hexOf, type DurableObjectId } from "./id";
import { callDirectly, isIndex, isNoMethod, property, type Provider } from "./pending";

/** A request that waits for its response. */
interface Exchange extends Waiter<Response> {
  url?: string;
}

/** Whether stubs have methods at all, which they have not by the oldest dates. */
function callsAllowed(): boolean {
  return !refused("rpc");
}

/** Where a stub's requests and calls go. It is the handler of the stub, which is a proxy. */
export abstract class Target implements Provider, Carrier, ProxyHandler<object> {
  /** What URLs may be relative to, "" or undefined for nothing. */
  get base(): string | undefined {
    return undefined;
  }
  abstract describe(mode: Mode): Described;
  abstract start(path: string[], call: boolean, args: unknown[]): number;
  abstract send(request: Request): number;
  /** Is told what a request or call failed with. */
  failed?(error: unknown): void;

  response(op: number, request: Request): Promise<Response> {
    const exchange: Exchange = expect<Response>(op);
    exchange.url = request.url;
    exchange.told = this;
    return exchange.promise;
  }
  abort(op: number): void {
    host.exchangeAbort(op);
  }

  // The properties of a stub that its shape lacks are methods of the target.
  get(shape: object, key: PropertyKey): unknown {
    if (typeof key === "symbol" || key in shape) return (shape as Record<PropertyKey, unknown>)[key];
    const name = key as string;
    return name === "then" || isNoMethod(name) || !callsAllowed() ? undefined : property(this, [name]);
  }
  has(shape: object, key: PropertyKey): boolean {
    return (typeof key === "string" && !isIndex(key) && callsAllowed()) || key in shape;
  }
}

/** Completes an exchange with its response. */
export function settleResponse(op: number, status: number, statusText: string, headers: string, body: Body, pipe: number, socket: number): void {
  const exchange = take<Exchange>(op);
  if (exchange === undefined) return;
  const webSocket = socket === 0 ? undefined : attachSocket(socket);
  exchange.resolve(responseFromHost(status, statusText, headers, body, pipe, exchange.url!, webSocket));
}

const targets = new WeakMap<object, Target>();

/** The target of a stub, undefined for anything else. */
export function targetOf(value: object): Target | undefined {
  return targets.get(value);
}

/** What URLs of a stub's requests may be relative to, "" for nothing. */
export function baseOf(stub: Fetcher): string {
  return targets.get(stub)?.base ?? "";
}

export class Fetcher {
  // Defaults, since the platform's methods have no length.
  fetch(input: unknown = undefined, init: unknown = undefined): Promise<Response> {
    return fetchWith(targets.get(this)!, "Fetcher", input, init);
  }

  connect(address: string | SocketAddress, options?: SocketOptions): object {
    return dial((args) => callDirectly(targets.get(this)!, [connecting], args), address, options);
  }
}

// The class of object stubs has the name of the class users extend. A function,
// because a class has words of its own for a call without new.
const ObjectStub = function DurableObject(): never {
  throw illegalConstructor();
} as unknown as typeof Fetcher;
Object.setPrototypeOf(ObjectStub, Fetcher);
Object.setPrototypeOf(ObjectStub.prototype, Fetcher.prototype);
webClass(Fetcher, "Fetcher");
nameFetcher("ServiceStub");
webClass(ObjectStub, "DurableObject");
registerHostType(Fetcher, (stub: Fetcher, mode) => targets.get(stub)!.describe(mode));

export { ObjectStub };

/**
 * Gives the class its name. The real runtime names a class by the first way it
 * was reached: as the ServiceStub of cloudflare:workers, or before that, as the
 * Fetcher that a service binding is.
 */
export function nameFetcher(name: "Fetcher" | "ServiceStub"): void {
  Object.defineProperty(Fetcher, "name", { value: name });
}

function makeStub(shape: object, target: Target): object {
  const stub = new Proxy(shape, target);
  targets.set(stub, target);
  return stub;
}

/** Whether what is being written are props, which may have stubs. */
let copyingProps = false;

/** Whether a stub, or a class, can be written. */
export const crosses = (mode: Mode) => mode === Mode.RPC || copyingProps;

const inThisContext = "ServiceStub cannot be serialized in this context.";
const objectTag = 101;
const serviceTag = 102;

// ---- stubs in storage, with allow_irrevocable_stub_storage ----

const storedObjectTag = 121;
const storedServiceTag = 122;

/** Whether this Worker stores stubs, and lets others store those that ctx.exports gives. */
export const storesStubs = () => asked("allow_irrevocable_stub_storage");

/** How what can be stored is described, or why it cannot. */
export function stored(mode: Mode, persistent: boolean, refusal: string, describe: () => Described): Described {
  if (mode !== Mode.Storage || !storesStubs()) return refusal;
  if (persistent) return describe();
  return "Cannot store this stub because the target worker does not have the allow_irrevocable_stub_storage compatibility flag enabled.";
}

function requireStorage(): void {
  if (!storesStubs()) throw new DOMException("ServiceStub cannot be deserialized in this context.", "DataCloneError");
}

registerReviver(storedObjectTag, ([script, className, id, name]: [string, string, string, string | undefined]) => {
  requireStorage();
  const ns = host.namespaceNamed(script, className);
  if (ns < 0) throw new Error(`The stored stub is of an object of the class ${className} of the Worker "${script}", which is not here.`);
  return makePlainStub(new ObjectTarget(ns, id, name, true, undefined));
});
registerReviver(storedServiceTag, ([script, entrypoint, props]: [string, string, object | undefined]) => {
  requireStorage();
  return makeServiceStub({ script, entrypoint, props, persistent: true });
});

class ObjectTarget extends Target {
  declare private broken: unknown;

  override get base(): string {
    return refused("durable_object_fetch_requires_full_url") ? "https://fake-host/" : "";
  }

  constructor(
    private ns: number,
    private objectId: string,
    private name: string | undefined,
    private persistent: boolean,
    private location: string | undefined,
  ) {
    super();
  }

  // Once an object was reset, a stub that had reached it stays broken.
  private check(): void {
    if (this.broken !== undefined) throw this.broken;
  }
  override failed(error: unknown): void {
    if (typeof error === "object" && (error as { durableObjectReset?: unknown } | null)?.durableObjectReset === true) {
      this.broken ??= error;
    }
  }
  describe(mode: Mode): Described {
    const { ns, objectId, name, persistent } = this;
    if (crosses(mode)) return [objectTag, [ns, objectId, name, persistent]];
    return stored(mode, persistent, inThisContext, () => [storedObjectTag, [...host.namespaceName(ns), objectId, name]]);
  }
  send(request: Request): number {
    this.check();
    const r = requestToHost(request);
    if (this.location === undefined) return host.objectFetch(this.ns, this.objectId, this.name, r[0], r[1], r[2], r[3], r[4], r[5]);
    return host.objectFetch(this.ns, this.objectId, this.name, r[0], r[1], r[2], r[3], r[4], r[5], this.location);
  }
  start(path: string[], call: boolean, args: unknown[]): number {
    this.check();
    if (this.location === undefined) return host.objectCall(this.ns, this.objectId, this.name, JSON.stringify(path), call, args);
    return host.objectCall(this.ns, this.objectId, this.name, JSON.stringify(path), call, args, this.location);
  }
}

/** An entrypoint of a Worker; a script of "" is this one, an entrypoint of "" the default one. */
export interface Service {
  script: string;
  entrypoint: string;
  props: object | undefined;
  persistent?: boolean; // it can be stored
}

let ownScript = "";

/** Tells under which name others know this Worker. */
export function nameScript(name: string): void {
  ownScript = name;
}

/** The name under which others know this Worker. */
export function scriptName(): string {
  return ownScript;
}

class ServiceTarget extends Target {
  constructor(private service: Service) {
    super();
  }

  describe(mode: Mode): Described {
    const { script, entrypoint, props, persistent = false } = this.service;
    const parts = [script || ownScript, entrypoint, props];
    if (crosses(mode)) return [serviceTag, [...parts, persistent]];
    return stored(mode, persistent, inThisContext, () => [storedServiceTag, parts]);
  }
  send(request: Request): number {
    const { script, entrypoint, props } = this.service;
    const r = requestToHost(request);
    return host.serviceFetch(script, entrypoint, props, r[0], r[1], r[2], r[3], r[4], r[5]);
  }
  start(path: string[], call: boolean, args: unknown[]): number {
    const { script, entrypoint, props } = this.service;
    return host.serviceCall(script, entrypoint, props, JSON.stringify(path), call, args);
  }
}

export function makeObjectStub(ns: number, id: DurableObjectId, persistent: boolean, location: string | undefined): object {
  const shape = Object.create(ObjectStub.prototype);
  const name = (shape.name = id.name);
  shape.id = id;
  return makeStub(shape, new ObjectTarget(ns, hexOf(id), name, persistent, location));
}

/** A stub without properties of its own. */
export function makePlainStub(target: Target): object {
  return makeStub(Object.create(Fetcher.prototype), target);
}

export function makeServiceStub(service: Service): object {
  return makePlainStub(new ServiceTarget(service));
}

// ---- ctx.exports ----

/** The props a caller gives, checked and copied, as the platform takes them. */
export function propsOf(owner: string, options: unknown): object | undefined {
  if (typeof options !== "object" || options === null) throw wrongArgument("(called as function)", owner, 1, "Options");
  const { props } = options as { props?: unknown };
  if (props === undefined) return undefined;
  if ((typeof props !== "object" && typeof props !== "function") || props === null) {
    throw new TypeError("Incorrect type for the 'props' field on 'Options': the provided value is not of type 'Object'.");
  }
  copyingProps = true;
  try {
    return structuredClone(props);
  } finally {
    copyingProps = false;
  }
}

/** A function without properties of its own. */
export function bareFunction<T extends object>(call: (options: unknown) => unknown, prototype: T): T {
  const bare = call as unknown as { name?: string; length?: number };
  delete bare.name;
  delete bare.length;
  return Object.setPrototypeOf(bare, prototype) as T;
}

class LoopbackServiceStub extends Fetcher {
  constructor() {
    super();
    throw illegalConstructor();
  }
}
webClass(LoopbackServiceStub, "LoopbackServiceStub");

// To be sent it must be specialized.
class LoopbackTarget extends ServiceTarget {
  override describe(): Described {
    return 'Could not serialize object of type "LoopbackServiceStub". This type does not support serialization.';
  }
}

/** An entrypoint of this Worker in ctx.exports: a stub, and a function that gives one with props. */
export function makeLoopback(entrypoint: string): object {
  const service = { script: "", entrypoint, props: undefined };
  const specialize = (options: unknown) =>
    makeServiceStub({ ...service, props: propsOf("LoopbackServiceStub", options), persistent: storesStubs() });
  const shape = bareFunction(specialize, LoopbackServiceStub.prototype);
  return makeStub(shape, new LoopbackTarget(service));
}

registerReviver(objectTag, ([ns, id, name, persistent]: [number, string, string | undefined, boolean]) =>
  makePlainStub(new ObjectTarget(ns, id, name, persistent, undefined)),
);
registerReviver(serviceTag, ([script, entrypoint, props, persistent]: [string, string, object | undefined, boolean]) =>
  makeServiceStub({ script, entrypoint, props, persistent }),
);
