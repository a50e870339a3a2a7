// ExecutionContext, env, and what belongs to the whole isolate.

import { illegalConstructor, illegalInvocation } from "web/brand";
import { shape } from "web/frame";
import { stackOf } from "web/errors";
import { reword } from "web/words";
import { setCompatibilityFlags } from "web/flags";
import { setEnvironment } from "web/node/environment";
import { dropNodeGlobals } from "web/node/globals";
import { withoutAsyncContext } from "web/node/process";
import { text } from "./errors";
import { host } from "./host";
import { makeNamespace } from "./id";
import { carryScopes } from "./scope";
import { addShortcuts } from "./shortcuts";
import { offerSnapshots, type Snapshots } from "./snapshot";
import { makeServiceStub, nameFetcher, nameScript, type Service } from "./stub";
import { watchTraps } from "./traps";

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
  reword(error);
  const known = error as { name?: unknown; message?: unknown } | null;
  if (typeof error === "object" && error !== null && typeof known!.message === "string") {
    host.uncaught(text(known!.name ?? "Error"), known!.message, stackOf(error as Error));
  } else {
    host.uncaught("", text(error), "");
  }
}

const making = Symbol();

export class ExecutionContext {
  declare readonly props: object;
  declare readonly exports: object;
  #brand: undefined;

  constructor(key: symbol, props: object) {
    if (key !== making) throw illegalConstructor();
    this.props = props;
    if (hasExports) this.exports = loopback;
  }
  waitUntil(promise: Promise<unknown>): void {
    if (!(#brand in this)) throw illegalInvocation();
    waitUntil(promise);
  }
  passThroughOnException(): void {
    if (!(#brand in this)) throw illegalInvocation();
  }
  abort(reason?: unknown): never {
    throw reason ?? new Error("The execution context was aborted.");
  }
}
shape("ExecutionContext", ExecutionContext);

export function makeContext(props: object = {}): ExecutionContext {
  return new ExecutionContext(making, props);
}

// ---- env and exports ----

export interface Setup {
  script: string; // this Worker's name
  vars: Record<string, unknown>;
  asyncContext: boolean; // async functions were lowered, see AsyncLocalStorage
  namespaces: { name: string; index: number }[];
  services: ({ name: string } & Service)[];
  exports: { name: string; index: number }[]; // classes with a namespace of their own
  contextExports: boolean; // ctx has exports
  snapshots: Snapshots;
  flags: Record<string, boolean>; // whether each is on
  strict: boolean; // see traps.ts
}

export const env: Record<string, unknown> = {};
/** ctx.exports: what the main module exports, as it can be called. */
export const loopback: Record<string, unknown> = {};
/** The namespaces of the classes whose objects are stored. */
export const namespaces = new Map<string, number>();
let hasExports = true;

export function configure(json: string): void {
  const setup = JSON.parse(json) as Setup;
  Object.assign(env, setup.vars);
  if (setup.services.length > 0) nameFetcher("Fetcher");
  for (const { name, ...service } of setup.services) env[name] = makeServiceStub(service);
  for (const { name, index } of setup.namespaces) env[name] = makeNamespace(index);
  for (const { name, index } of setup.exports) namespaces.set(name, index);
  nameScript(setup.script);
  hasExports = setup.contextExports;
  offerSnapshots(setup.snapshots);
  setCompatibilityFlags(setup.flags);
  addShortcuts();
  dropNodeGlobals();
  if (setup.strict) watchTraps();
  const text = Object.entries(setup.vars).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  setEnvironment(Object.fromEntries(text));
  if (!setup.asyncContext) withoutAsyncContext();
  else carryScopes();
}

/** What ctx has as exports, undefined when it has none. */
export function contextExports(): object | undefined {
  return hasExports ? loopback : undefined;
}
