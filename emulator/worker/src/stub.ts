// Stubs of objects and services: fetch, and every other property an RPC method.

import { webClass } from "web/brand";
import { Mode, registerHostType, registerReviver } from "web/frame";
import { fetchWith, type Exchange } from "web/fetch";
import { forget, wait } from "web/ops";
import { requestToHost, type Request } from "web/request";
import { responseFromHost, type Response } from "web/response";
import { attachSocket } from "web/websocket";
import { makeId, type DurableObjectId } from "./id";
import { host, type Body } from "./host";
import { property, type Receiver } from "./rpc";

type Answer = [status: number, statusText: string, headers: string, body: Body, pipe: number, raw: boolean, socket: number];

/** Where a stub's requests and calls go. */
export interface Target extends Receiver {
  send(...request: ReturnType<typeof requestToHost>): number;
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

/** Makes a stub: an object whose unknown properties are methods of the target. */
function makeStub(shape: object, target: Target): object {
  const stub = new Proxy(shape, {
    get(inner, key, receiver) {
      if (typeof key === "symbol" || key in inner) return Reflect.get(inner, key, receiver);
      if (key === "then") return undefined;
      return property(target, [key]);
    },
  });
  targets.set(stub, target);
  targets.set(shape, target);
  return stub;
}

// Once an object was reset, a stub that had reached it stays broken.
function breakable(): Pick<Target, "check" | "failed"> {
  let broken: unknown;
  return {
    check() {
      if (broken !== undefined) throw broken;
    },
    failed(error: unknown) {
      if (typeof error === "object" && error !== null && (error as { durableObjectReset?: unknown }).durableObjectReset === true) {
        broken ??= error;
      }
    },
  };
}

const objectTag = 101;
const serviceTag = 102;

export function makeObjectStub(ns: number, id: DurableObjectId, prototype: object = ObjectStub.prototype): object {
  const shape = Object.create(prototype);
  const { name } = id;
  shape.name = name;
  shape.id = id;
  const hex = id.toString();
  return makeStub(shape, {
    ...breakable(),
    objectId: hex,
    describe: (mode) => (mode === Mode.RPC ? [objectTag, [ns, hex, name]] : "ServiceStub cannot be serialized in this context."),
    send: (...request) => host.objectFetch(ns, hex, name, ...request),
    call: (path, call, args) => host.objectCall(ns, hex, name, JSON.stringify(path), call, args),
  });
}

export function makeServiceStub(service: number): object {
  return makeStub(Object.create(Fetcher.prototype), {
    describe: (mode) => (mode === Mode.RPC ? [serviceTag, service] : "ServiceStub cannot be serialized in this context."),
    send: (...request) => host.serviceFetch(service, ...request),
    call: (path, call, args) => host.serviceCall(service, JSON.stringify(path), call, args),
  });
}

registerReviver(objectTag, ([ns, id, name]: [number, string, string | undefined]) =>
  makeObjectStub(ns, makeId(id, name), Fetcher.prototype),
);
registerReviver(serviceTag, makeServiceStub);
