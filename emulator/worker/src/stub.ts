// Stubs of objects and services: fetch, and every other property an RPC method.

import { illegalConstructor, webClass } from "web/brand";
import { refused } from "web/flags";
import { Mode, registerHostType, registerReviver, type Described } from "web/frame";
import { fetchWith, type Exchange } from "web/fetch";
import { forget, wait } from "web/ops";
import { requestToHost, type HostRequest, type Request } from "web/request";
import { responseFromHost, type Response } from "web/response";
import { attachSocket } from "web/websocket";
import { connecting, dial, type SocketAddress, type SocketOptions } from "./connect";
import { wrongArgument } from "./errors";
import { host, type Body } from "./host";
import type { DurableObjectId } from "./id";
import { callDirectly, isIndex, property, type Provider } from "./pending";

type Answer = [status: number, statusText: string, headers: string, body: Body, pipe: number, raw: boolean, socket: number];

/** Where a stub's requests and calls go. */
export interface Target extends Provider {
  /** Throws when the target is known to be gone. */
  check?(): void;
  /** What URLs may be relative to, "" or undefined for nothing. */
  readonly base?: string;
  describe(mode: Mode): Described;
  send(...request: HostRequest): number;
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
  fetch(...args: unknown[]): Promise<Response> {
    const target = targets.get(this)!;
    return fetchWith((request) => exchange(target, request), "Fetcher", args, target.base);
  }

  connect(address: string | SocketAddress, options?: SocketOptions): object {
    return dial((args) => callDirectly(targets.get(this)!, [connecting], args), address, options);
  }
}

// The class of object stubs has the name of the class users extend.
class ObjectStub extends Fetcher {}
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

function exchange(target: Target, request: Request): Exchange {
  target.check?.();
  const op = target.send(...requestToHost(request));
  const response = wait<Answer>(op).then(
    ([status, statusText, headers, body, pipe, , socket]) =>
      responseFromHost(status, statusText, headers, body, pipe, request.url, socket === 0 ? undefined : attachSocket(socket)),
    (error) => {
      target.failed?.(error);
      throw error;
    },
  );
  const abort = () => {
    forget(op);
    host.exchangeAbort(op);
  };
  return { response, abort };
}

/** Whether stubs have methods at all, which they have not by the oldest dates. */
function callsAllowed(): boolean {
  return !refused("rpc");
}

// The properties of a stub that its shape lacks are methods of the target.
const stubHandler: ProxyHandler<object> = {
  get(shape, key, receiver) {
    if (typeof key === "symbol" || key in shape) return Reflect.get(shape, key, receiver);
    return key === "then" || isIndex(key) || !callsAllowed() ? undefined : property(targets.get(shape)!, [key]);
  },
  has: (shape, key) => (typeof key === "string" && !isIndex(key) && callsAllowed()) || key in shape,
};

function makeStub(shape: object, target: Target): object {
  const stub = new Proxy(shape, stubHandler);
  targets.set(stub, target);
  targets.set(shape, target);
  return stub;
}

/** Whether what is being written are props, which may have stubs. */
let copyingProps = false;

/** Whether a stub, or a class, can be written. */
export const crosses = (mode: Mode) => mode === Mode.RPC || copyingProps;

const inThisContext = "ServiceStub cannot be serialized in this context.";
const objectTag = 101;
const serviceTag = 102;

class ObjectTarget implements Target {
  declare private broken: unknown;

  get base(): string {
    return refused("durable_object_fetch_requires_full_url") ? "https://fake-host/" : "";
  }

  constructor(
    private ns: number,
    readonly objectId: string,
    private name: string | undefined,
  ) {}

  // Once an object was reset, a stub that had reached it stays broken.
  check(): void {
    if (this.broken !== undefined) throw this.broken;
  }
  failed(error: unknown): void {
    if (typeof error === "object" && (error as { durableObjectReset?: unknown } | null)?.durableObjectReset === true) {
      this.broken ??= error;
    }
  }
  describe(mode: Mode): Described {
    return crosses(mode) ? [objectTag, [this.ns, this.objectId, this.name]] : inThisContext;
  }
  send(...request: HostRequest): number {
    return host.objectFetch(this.ns, this.objectId, this.name, ...request);
  }
  start(path: string[], call: boolean, args: unknown[]): number {
    this.check();
    return host.objectCall(this.ns, this.objectId, this.name, JSON.stringify(path), call, args);
  }
}

/** An entrypoint of a Worker; a script of "" is this one, an entrypoint of "" the default one. */
export interface Service {
  script: string;
  entrypoint: string;
  props: object | undefined;
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

class ServiceTarget implements Target {
  constructor(private service: Service) {}

  describe(mode: Mode): Described {
    const { script, entrypoint, props } = this.service;
    return crosses(mode) ? [serviceTag, [script || ownScript, entrypoint, props]] : inThisContext;
  }
  send(...request: HostRequest): number {
    const { script, entrypoint, props } = this.service;
    return host.serviceFetch(script, entrypoint, props, ...request);
  }
  start(path: string[], call: boolean, args: unknown[]): number {
    const { script, entrypoint, props } = this.service;
    return host.serviceCall(script, entrypoint, props, JSON.stringify(path), call, args);
  }
}

export function makeObjectStub(ns: number, id: DurableObjectId): object {
  const shape = Object.create(ObjectStub.prototype);
  const { name } = id;
  shape.name = name;
  shape.id = id;
  return makeStub(shape, new ObjectTarget(ns, id.toString(), name));
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
  const shape = bareFunction((options) => makeServiceStub({ ...service, props: propsOf("LoopbackServiceStub", options) }), LoopbackServiceStub.prototype);
  return makeStub(shape, new LoopbackTarget(service));
}

registerReviver(objectTag, ([ns, id, name]: [number, string, string | undefined]) =>
  makePlainStub(new ObjectTarget(ns, id, name)),
);
registerReviver(serviceTag, ([script, entrypoint, props]: [string, string, object | undefined]) =>
  makeServiceStub({ script, entrypoint, props }),
);
