// How thrown values cross from one isolate to another.

import { DOMException } from "web/domexception";
import { display } from "web/frame";
import { stackOf } from "web/errors";
import { host } from "./host";

/** Errors of this layer, not of the user's code: they get no durableObjectId. */
const bare = new WeakSet<object>();

export function bareError<T extends object>(error: T): T {
  bare.add(error);
  return error;
}

/** Errors met on the way to what was given away: the platform marks them as remote first. */
const ofTarget = new WeakSet<object>();

/** What is thrown on the way to what a call names, from an object or entrypoint itself or from something given away. */
export function lookupError(error: unknown, top: boolean): unknown {
  if (typeof error === "object" && error !== null) (top ? bare : ofTarget).add(error);
  return error;
}

/** Answers a call with what was thrown. */
export function failed(call: number, error: unknown, objectId?: string): void {
  let told: Outgoing;
  try {
    told = outgoing(error, objectId);
  } catch {
    // Looking at what was thrown runs code of whoever threw it.
    told = outgoing(new Error(text(error)), objectId);
  }
  host.fail(call, ...told);
}

/** A thrown value to be cloned; name, message and stack for people; class, message and properties of what crosses when it is not cloned. */
export type Outgoing = [value: unknown, name: string, message: string, stack: string, className: string, crossing: string, props: string];

/** What is sent for a thrown value. */
export function outgoing(thrown: unknown, objectId: string | undefined): Outgoing {
  return told(thrown, carrier(thrown, objectId), objectId);
}

/** What is sent for a value thrown by the object that is to see it. */
export function outgoingHere(thrown: unknown): Outgoing {
  return told(thrown, typeof thrown === "object" && thrown !== null ? thrown : new Error(display(thrown)), undefined);
}

function told(thrown: unknown, value: object, objectId: string | undefined): Outgoing {
  const error = thrown as { name?: unknown; message?: unknown } | null;
  if (!(thrown instanceof Error) && !(thrown instanceof DOMException)) {
    const readable = typeof error === "object" && typeof error?.message === "string";
    const [name, message] = readable ? [text(error.name ?? "Error"), error.message as string] : ["", text(thrown)];
    return [value, name, message, "", "Error", display(thrown), remoteOnly];
  }
  const [name, message] = [text(thrown.name), typeof error!.message === "string" ? error!.message : ""];
  const cloned = typeof error!.message === "string" ? value : uncloneable;
  return [cloned, name, message, stackOf(thrown as Error), ...crossing(thrown, name, message), crossingProps(thrown, objectId)];
}

/** In place of an error that the platform does not clone. */
const uncloneable = Symbol();

const remoteOnly = '{"remote":true}';

/** The properties that cross in any case. */
function crossingProps(thrown: object, objectId: string | undefined): string {
  const props: Record<string, unknown> = { remote: true };
  if ((thrown as { overloaded?: unknown }).overloaded === true) props.overloaded = true;
  if (ofTarget.has(thrown) && objectId !== undefined) props.durableObjectId = objectId;
  return JSON.stringify(props);
}

const builtins = new Set(["Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "AggregateError"]);

// A class that the other side does not know is told in the message.
function crossing(thrown: Error | DOMException, name: string, message: string): [className: string, message: string] {
  if (thrown instanceof DOMException) return [`DOMException:${name}`, message];
  if (builtins.has(name)) return [name, message];
  return ["Error", message === "" ? name : `${name}: ${message}`];
}

// carrier is a value that can be cloned and tells the caller who threw it.
function carrier(thrown: unknown, objectId: string | undefined): object {
  if (typeof thrown !== "object" || thrown === null) return mark(new Error(display(thrown)), "remote", true);
  const id = bare.has(thrown) || thrown instanceof DOMException ? undefined : objectId;
  if (ofTarget.has(thrown)) mark(thrown, "remote", true);
  if (id !== undefined) mark(thrown, "durableObjectId", id);
  return mark(thrown, "remote", true);
}

// A frozen error goes without.
function mark(error: object, key: string, value: unknown): object {
  Reflect.set(error, key, value);
  return error;
}

export function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "unknown error";
  }
}

/** A value as the text that an API takes for it. */
export function textArgument(value: unknown): string {
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
  return String(value);
}
