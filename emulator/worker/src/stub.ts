// Stubs of objects and services: fetch, and every other property an RPC method.

import { webClass } from "web/brand";
import { Mode, registerHostType, registerReviver, type Described } from "web/frame";
import { fetchWith, type Exchange } from "web/fetch";
import { forget, wait } from "web/ops";
import { requestToHost, type HostRequest, type Request } from "web/request";
import { responseFromHost, type Response } from "web/response";
import { attachSocket } from "web/websocket";
import { makeId, type DurableObjectId } from "./id";
import { host, type Body } from "./host";
import { property, type Receiver } from "./rpc";

type Answer = [status: number, statusText: string, headers: string, body: Body, pipe: number, raw: boolean, socket: number];

/** Where a stub's requests and calls go. */
export interface Target extends Receiver {
  send(...request: HostRequest): number;
}

const targets = new WeakMap<object, Target>();

/** The target of a stub, undefined for anything else. */
export function targetOf(value: object): Target | undefined {
  return targets.get(value);
}

export class Fetcher {
  fetch(...args: unknown[]): Promise<Response> {
    return fetchWith((request) => exchange(targets.get(this)!, request), "Fetcher", args);
  }

  connect(): never {
    throw new Error("connect() is not emulated by dodev yet");
  }
}

// The class of object stubs has the name of the class users extend.
class ObjectStub extends Fetcher {}
webClass(Fetcher, "Fetcher");
webClass(ObjectStub, "DurableObject");
registerHostType(Fetcher, (stub: Fetcher, mode) => targets.get(stub)!.describe(mode));

export { ObjectStub };

function exchange(target: Target, request: Request): Exchange {
  target.check?.();
  const op = target.send(...requestToHost(request));
  const response = wait<Answer>(op).then(
    ([status, statusText, headers, body, pipe, , socket]) =>
      responseFromHost(status, statusText, headers, body, pipe, "", socket === 0 ? undefined : attachSocket(socket)),
    (error) => {
      target.failed?.(error);
      throw error;
    },
  );
  return { response, abort: () => forget(op) };
}

// The properties of a stub that its shape lacks are methods of the target.
const stubHandler: ProxyHandler<object> = {
  get(shape, key, receiver) {
    if (typeof key === "symbol" || key in shape) return Reflect.get(shape, key, receiver);
    if (key === "then") return undefined;
    return property(targets.get(shape)!, [key]);
  },
};

function makeStub(shape: object, target: Target): object {
  const stub = new Proxy(shape, stubHandler);
  targets.set(stub, target);
  targets.set(shape, target);
  return stub;
}

const inThisContext = "ServiceStub cannot be serialized in this context.";
const objectTag = 101;
const serviceTag = 102;

class ObjectTarget implements Target {
  declare private broken: unknown;

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
    return mode === Mode.RPC ? [objectTag, [this.ns, this.objectId, this.name]] : inThisContext;
  }
  send(...request: HostRequest): number {
    return host.objectFetch(this.ns, this.objectId, this.name, ...request);
  }
  call(path: string[], call: boolean, args: unknown[]): number {
    return host.objectCall(this.ns, this.objectId, this.name, JSON.stringify(path), call, args);
  }
}

class ServiceTarget implements Target {
  constructor(private service: number) {}

  describe(mode: Mode): Described {
    return mode === Mode.RPC ? [serviceTag, this.service] : inThisContext;
  }
  send(...request: HostRequest): number {
    return host.serviceFetch(this.service, ...request);
  }
  call(path: string[], call: boolean, args: unknown[]): number {
    return host.serviceCall(this.service, JSON.stringify(path), call, args);
  }
}

export function makeObjectStub(ns: number, id: DurableObjectId, prototype: object = ObjectStub.prototype): object {
  const shape = Object.create(prototype);
  const { name } = id;
  shape.name = name;
  shape.id = id;
  return makeStub(shape, new ObjectTarget(ns, id.toString(), name));
}

export function makeServiceStub(service: number): object {
  return makeStub(Object.create(Fetcher.prototype), new ServiceTarget(service));
}

registerReviver(objectTag, ([ns, id, name]: [number, string, string | undefined]) =>
  makeObjectStub(ns, makeId(id, name), Fetcher.prototype),
);
registerReviver(serviceTag, makeServiceStub);
