// ExecutionContext, env, and what belongs to the whole isolate.

import { illegalConstructor, illegalInvocation } from "web/brand";
import { expose } from "web/frame";
import { stackOf } from "web/errors";
import { setCompatibilityFlags } from "web/navigator";
import { setEnvironment } from "web/node/environment";
import { withoutAsyncContext } from "web/node/process";
import { text } from "./errors";
import { host } from "./host";
import { makeNamespace } from "./id";
import { makeServiceStub } from "./stub";

/** Keeps the current event's owner at work until a promise has settled. */
export function waitUntil(promise: unknown): void {
  const op = host.opBegin();
  Promise.resolve(promise).then(
    () => host.opEnd(op),
    (error) => {
      report(error);
      host.opEnd(op);
    },
  );
}

/** Tells the developer of an error that nobody handles. */
export function report(error: unknown): void {
  const known = error as { name?: unknown; message?: unknown } | null;
  if (typeof error === "object" && error !== null && typeof known!.message === "string") {
    host.uncaught(text(known!.name ?? "Error"), known!.message, stackOf(error as Error));
  } else {
    host.uncaught("", text(error), "");
  }
}

const making = Symbol();
const contexts = new WeakSet<ExecutionContext>();

export class ExecutionContext {
  declare readonly props: object;
  declare readonly exports: object;

  constructor(key: symbol) {
    if (key !== making) throw illegalConstructor();
    contexts.add(this);
    const own = (name: string, value: unknown) => Object.defineProperty(this, name, { value, enumerable: true, configurable: true, writable: true });
    own("props", {});
    own("exports", exportsObject());
  }
  waitUntil(promise: Promise<unknown>): void {
    if (!contexts.has(this)) throw illegalInvocation();
    waitUntil(promise);
  }
  passThroughOnException(): void {
    if (!contexts.has(this)) throw illegalInvocation();
  }
  abort(reason?: unknown): never {
    throw reason ?? new Error("The execution context was aborted.");
  }
}
expose("ExecutionContext", ExecutionContext);

export function makeContext(): ExecutionContext {
  return new ExecutionContext(making);
}

// ---- env and exports ----

export interface Setup {
  vars: Record<string, unknown>;
  asyncContext: boolean; // async functions were lowered, see AsyncLocalStorage
  namespaces: { name: string; index: number }[];
  services: { name: string; index: number }[];
  exports: { name: string; index: number }[]; // classes with a namespace of their own
  flags: Record<string, boolean>;
}

export const env: Record<string, unknown> = {};
const loopback: Record<string, unknown> = {};
export let flags: Record<string, boolean> = {};

export function configure(json: string): void {
  const setup = JSON.parse(json) as Setup;
  Object.assign(env, setup.vars);
  for (const { name, index } of setup.namespaces) env[name] = makeNamespace(index);
  for (const { name, index } of setup.services) env[name] = makeServiceStub(index);
  for (const { name, index } of setup.exports) loopback[name] = makeNamespace(index);
  flags = setup.flags;
  setCompatibilityFlags(setup.flags);
  const text = Object.entries(setup.vars).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  setEnvironment(Object.fromEntries(text));
  if (!setup.asyncContext) withoutAsyncContext();
}

export function exportsObject(): object {
  return loopback;
}
