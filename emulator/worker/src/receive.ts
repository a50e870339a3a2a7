// Answering a call that came in: what its path leads to, and its result.

import { failed, lookupError } from "./errors";
import { host } from "./host";
import { writeResult } from "./ownership";
import { isPending } from "./pending";
import { coreOfStub, exportTarget, Members, RpcTarget, takeArrived } from "./rpc-stub";
import { targetOf } from "./stub";

/** Where a path begins. */
export interface Root {
  value: object;
  members: Members;
  reserved: Set<string>;
  /** Whether it is an entrypoint or object, not something given away before. */
  top: boolean;
}

const reservedOfTarget = new Set(["constructor", "dup"]);
const reservedOfEntrypoint = new Set([...reservedOfTarget, "fetch", "connect", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"]);

/** An object or entrypoint as the beginning of a path. */
export function entrypointRoot(value: object, members = Members.Inherited): Root {
  return { value, members, reserved: reservedOfEntrypoint, top: true };
}

/** Something given away before as the beginning of a path. */
export function targetRoot(value: object, members: Members): Root {
  return { value, members, reserved: reservedOfTarget, top: false };
}

const lacks = (name: string) => new TypeError(`The RPC receiver does not implement the method "${name}".`);

function member(object: object, members: Members, name: string, reserved: Set<string>): unknown {
  if (reserved.has(name)) throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
  const own = Object.hasOwn(object, name);
  if (members === Members.Own) {
    if (!own) throw lacks(name);
    return (object as Record<string, unknown>)[name];
  }
  if (own) throw lacks(name);
  const value = (object as Record<string, unknown>)[name];
  if (value === (Object.prototype as unknown as Record<string, unknown>)[name]) throw lacks(name);
  return value;
}

/** What can be reached of something in the middle of a path, undefined when nothing can. */
function membersOf(value: object, inStub: boolean): Members | undefined {
  if (Object.getPrototypeOf(value) === Object.prototype) return Members.Own;
  if (value instanceof RpcTarget || coreOfStub(value) !== undefined || targetOf(value) !== undefined) return Members.Inherited;
  if (isPending(value)) return inStub ? Members.Inherited : undefined;
  return typeof value === "function" ? Members.Own : undefined;
}

interface Found {
  self: object;
  value: unknown;
}

function lookUp(root: Root, path: string[]): Found {
  let { value: self, members } = root;
  let inStub = coreOfStub(self) !== undefined || targetOf(self) !== undefined;
  if (inStub) members = Members.Inherited;
  if (path.length === 0) return { self, value: self };
  for (const name of path.slice(0, -1)) {
    const next = member(self, members, name, root.reserved);
    if ((typeof next !== "object" && typeof next !== "function") || next === null) throw lacks(name);
    inStub ||= coreOfStub(next) !== undefined || targetOf(next) !== undefined;
    const reached = membersOf(next, inStub);
    if (reached === undefined) throw lacks(name);
    [self, members] = [next, reached];
  }
  return { self, value: member(self, members, path.at(-1)!, root.reserved) };
}

/** Finds what a path leads to, for a call or to be read. */
export function find(root: Root, path: string[], call: boolean): Found {
  try {
    const found = lookUp(root, path);
    if (call && typeof found.value !== "function") throw new TypeError(`"${path.join(".") || "(this)"}" is not a function.`);
    return found;
  } catch (error) {
    throw lookupError(error, root.top);
  }
}

/** Finds what a path leads to, and calls or reads it. */
export function apply(root: Root, path: string[], call: boolean, args: unknown[]): unknown {
  const { self, value } = find(root, path, call);
  return call ? Reflect.apply(value as Function, self, args) : value;
}

/**
 * Answers a call with what run gives, now or later. The stubs among its
 * parameters, which have just been read, last until then.
 */
export function answerCall(call: number, top: boolean, objectId: string | undefined, run: () => unknown): void {
  const parameters = takeArrived();
  const answer = (value: unknown) => {
    try {
      reply(call, value);
    } catch (error) {
      failed(call, lookupError(error, top), objectId);
    }
    for (const core of parameters) core.dispose();
  };
  const refuse = (error: unknown) => {
    failed(call, error, objectId);
    for (const core of parameters) core.dispose();
  };
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    return refuse(error);
  }
  // What cannot change until the jobs of the turn are done need not wait for them.
  if (typeof result !== "object" && typeof result !== "function") return answer(result);
  Promise.resolve(result).then(answer, refuse);
}

/** What the platform disposes of with the result: a plain object's own wish. */
function takeDisposer(value: unknown): (() => void) | undefined {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const result = value as { [Symbol.dispose]?: unknown };
  const dispose = result[Symbol.dispose];
  delete result[Symbol.dispose];
  return typeof dispose === "function" ? () => void dispose.call(value) : undefined;
}

// A result that calls were made on stays until the caller has it; one that is
// to be disposed of, until the caller does so.
function reply(call: number, value: unknown): void {
  const disposer = takeDisposer(value);
  const wanted = host.pipelined(call);
  if (!wanted && disposer === undefined) {
    for (const core of writeResult(() => host.reply(call, value, 0, false))) core.dispose();
    return;
  }
  if (isSingleStub(value)) {
    for (const core of writeResult(() => host.reply(call, value, -1, false))) core.dispose();
    return;
  }
  const ends: (() => void)[] = disposer === undefined ? [] : [disposer];
  const [target, members] = pipelineOf(value);
  const cap = exportTarget(target, members, false, () => {
    for (const end of ends) end();
  });
  try {
    const handedOver = writeResult(() => host.reply(call, value, cap, disposer !== undefined));
    ends.push(...handedOver.map((core) => () => core.dispose()));
  } catch (error) {
    ends.length = 0;
    host.capUnexport(cap);
    throw error;
  }
}

/** Whether a value crosses as one reference. */
function isSingleStub(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return value instanceof RpcTarget || coreOfStub(value) !== undefined || (typeof value === "function" && targetOf(value) === undefined);
}

/** What calls on a result call: nothing can be reached of one that is not an object of the kind. */
function pipelineOf(value: unknown): [target: object, members: Members] {
  if (typeof value === "object" && value !== null) {
    if (Object.getPrototypeOf(value) === Object.prototype) return [value, Members.Own];
    if (targetOf(value) !== undefined) return [value, Members.Inherited];
  }
  return [{}, Members.Own];
}
