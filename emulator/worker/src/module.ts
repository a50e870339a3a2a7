// The module "cloudflare:workers".

import { registerBuiltin } from "web/frame";
import { env, loopback, waitUntil } from "./context";
import { RpcPromise, RpcProperty } from "./pending";
import { RpcStub, RpcTarget } from "./rpc-stub";
import { scopedEnv, scopedExports, withEnv, withEnvAndExports, withExports } from "./scope";
import { Fetcher } from "./stub";

export class DurableObject {
  constructor(ctx: unknown, env: unknown) {
    (this as Record<string, unknown>).ctx = ctx;
    (this as Record<string, unknown>).env = env;
  }
}

// Bundling may have renamed it to keep it apart from others of the name.
Object.defineProperty(DurableObject, "name", { value: "DurableObject", configurable: true });

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
  restore: lacking("restore()"),
  tracing: {},
  waitUntil,
  withEnv,
  withEnvAndExports,
  withExports,
}));
