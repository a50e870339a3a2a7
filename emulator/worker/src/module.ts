// The module "cloudflare:workers".

import { registerBuiltin } from "web/frame";
import { env, loopback, waitUntil } from "./context";
import { RpcPromise, RpcProperty } from "./pending";
import { RpcStub, RpcTarget } from "./rpc-stub";
import { scopedEnv, scopedExports, withEnv, withEnvAndExports, withExports } from "./scope";
import { DurableObjectState } from "./state";
import { Fetcher } from "./stub";

export class DurableObject {
  constructor(ctx: unknown, env: unknown) {
    if (!(ctx instanceof DurableObjectState)) {
      throw new TypeError("Failed to construct 'DurableObjectBase': constructor parameter 1 is not of type 'DurableObjectState'.");
    }
    (this as Record<string, unknown>).ctx = ctx;
    (this as Record<string, unknown>).env = env;
  }
}


export class WorkerEntrypoint {
  constructor(ctx: unknown, env: unknown) {
    (this as Record<string, unknown>).ctx = ctx;
    (this as Record<string, unknown>).env = env;
  }
}

export class WorkflowEntrypoint {
  constructor(ctx: unknown, env: unknown) {
    (this as Record<string, unknown>).ctx = ctx;
    (this as Record<string, unknown>).env = env;
  }
}

/** Names a base class as the platform does; bundling may have renamed it. */
function nameBase(base: Function, name: string, tag: string): void {
  Object.defineProperty(base, "name", { value: name, configurable: true });
  Object.defineProperty(base, "length", { value: 0, configurable: true });
  Object.defineProperty(base.prototype, Symbol.toStringTag, { value: tag, configurable: true });
}
nameBase(DurableObject, "DurableObject", "DurableObjectBase");
nameBase(WorkerEntrypoint, "WorkerEntrypoint", "WorkerEntrypoint");

// require is the bundler's: the module runs when it is first asked for.
declare const require: (path: string) => any;

const lacking = (name: string) => () => {
  throw new Error(`cloudflare:workers ${name} is not emulated by dodev yet`);
};

registerBuiltin("cloudflare:workers", () => ({
  DurableObject,
  RpcPromise,
  RpcProperty,
  RpcStub,
  RpcTarget,
  ServiceStub: Fetcher,
  WorkerEntrypoint,
  WorkflowEntrypoint,
  abortIsolate: lacking("abortIsolate()"),
  cache: {},
  env: scopedEnv(env),
  exports: scopedExports(loopback),
  restore: Symbol("cloudflare:workers:restore"),
  tracing: (require("./tracing") as typeof import("./tracing")).tracing,
  waitUntil,
  withEnv,
  withEnvAndExports,
  withExports,
}));

/** An error that has a workflow give up instead of trying again. */
class NonRetryableError extends Error {
  constructor(message: string, name = "NonRetryableError") {
    super(message ?? "");
    this.name = name;
  }
}

registerBuiltin("cloudflare:workflows", () => ({ NonRetryableError }));

/** A message to be sent by a binding, or an answer to a received one. */
class EmailMessage {
  declare readonly from: string;
  declare readonly to: string;
  declare readonly raw: unknown;

  constructor(from: string, to: string, raw: unknown) {
    this.from = from;
    this.to = to;
    this.raw = raw;
  }
}

registerBuiltin("cloudflare:email", () => ({ EmailMessage }));
