// Entrypoints: what the main module exports, and who may call it.

import { accept, connecting } from "./connect";
import { env, loopback, makeContext, namespaces, waitUntil } from "./context";
import { bareError } from "./errors";
import { makeLoopbackClass } from "./id";
import { WorkerEntrypoint, WorkflowEntrypoint } from "./module";
import { apply, entrypointRoot, find } from "./receive";
import { Members } from "./rpc-stub";
import { makeLoopback } from "./stub";

export type Handler = Record<string, (...args: unknown[]) => unknown>;

/** What the main module exports. */
export let exports: Record<string, unknown> = {};

export function loaded(namespace: Record<string, unknown>): void {
  exports = namespace;
  fillLoopback();
}

const isClassOf = (value: unknown, base: Function) => typeof value === "function" && value.prototype instanceof base;

const isObject = (value: unknown) => typeof value === "object" && value !== null;

// The platform's order: the default entrypoint, objects, entrypoint classes, and
// then the classes of Durable Objects.
function rank(name: string): number {
  if (name === "default") return 0;
  if (isObject(exports[name])) return 1;
  return isClassOf(exports[name], WorkerEntrypoint) ? 2 : 3;
}

function fillLoopback(): void {
  const names = Object.keys(exports).sort((a, b) => rank(a) - rank(b));
  for (const name of names) {
    const value = exports[name];
    if (isObject(value) || isClassOf(value, WorkerEntrypoint)) loopback[name] = makeLoopback(name);
    else if (typeof value === "function" && !isClassOf(value, WorkflowEntrypoint)) loopback[name] = makeLoopbackClass(name, namespaces.get(name));
  }
}

/** The export of a name, made for one event when it is a class. */
function handlerOf(name: string, props: object | undefined): Handler | undefined {
  const found = exports[name];
  if (isClassOf(found, WorkerEntrypoint)) return Reflect.construct(found as Function, [makeContext(props), env]) as Handler;
  return isObject(found) ? (found as Handler) : undefined;
}

const noFetch = () => bareError(new Error("Handler does not export a fetch() function."));

/** Hands a request to an entrypoint. */
export function fetchEntrypoint(name: string, props: object | undefined, request: unknown): unknown {
  const found = exports[name];
  const handler = handlerOf(name, props);
  if (typeof handler?.fetch !== "function") throw noFetch();
  return handler === found ? handler.fetch(request, env, makeContext(props)) : handler.fetch(request);
}

/** Calls a method of an entrypoint. */
export function callEntrypoint(name: string, props: object | undefined, path: string[], isCall: boolean, args: unknown[]): unknown {
  const handler = handlerOf(name, props);
  if (path[0] === connecting) {
    const ctx = handler instanceof WorkerEntrypoint ? (handler as unknown as { ctx: unknown }).ctx : makeContext(props);
    return waitUntil(accept(handler?.connect, handler, args, env, ctx));
  }
  if (handler === undefined) throw bareError(new TypeError(`The Worker has no entrypoint named "${name}".`));
  if (handler instanceof WorkerEntrypoint) return apply(entrypointRoot(handler), path, isCall, args);
  const root = entrypointRoot(handler, Members.Own); // what an object has itself can be reached, whatever its class
  if (!isCall) return apply(root, path, isCall, args);
  const { self, value } = find(root, path, true);
  const method = value as Handler["call"];
  return Reflect.apply(method!, self, handlerArguments(path.join("."), method!.length, args, props));
}

/** What a function of an object gets: one argument from the caller, env and ctx. */
function handlerArguments(name: string, arity: number, args: unknown[], props: object | undefined): unknown[] {
  if (arity > 3) {
    throw bareError(new TypeError(
      `Cannot call handler function "${name}" over RPC because it has the wrong number of arguments. A simple function handler can only be called over RPC if it has exactly the arguments (arg, env, ctx), where only the first argument comes from the client. To support multi-argument RPC functions, use class-based syntax (extending WorkerEntrypoint) instead.`,
    ));
  }
  if (args.length !== 1) {
    throw bareError(new TypeError(
      `Attempted to call RPC function "${name}" with the wrong number of arguments. When calling a top-level handler function that is not declared as part of a class, you must always send exactly one argument. In order to support variable numbers of arguments, the server must use class-based syntax (extending WorkerEntrypoint) instead.`,
    ));
  }
  return [args[0], env, makeContext(props)];
}
