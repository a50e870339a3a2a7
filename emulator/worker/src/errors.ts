// How thrown values cross from one isolate to another.

import { stackOf } from "web/errors";

/** Errors of this layer, not of the user's code: they get no durableObjectId. */
const bare = new WeakSet<object>();

export function bareError<T extends object>(error: T): T {
  bare.add(error);
  return error;
}

/** Errors of a reference's target: the platform marks them as remote first. */
const ofTarget = new WeakSet<object>();

export function targetError<T extends object>(error: T): T {
  ofTarget.add(error);
  return error;
}

/** What is sent for a thrown value, and the texts people read. */
export function outgoing(thrown: unknown, objectId: string | undefined): [value: unknown, name: string, message: string, stack: string] {
  const value = carrier(thrown, objectId);
  const error = thrown as { name?: unknown; message?: unknown } | null;
  if (typeof thrown !== "object" || thrown === null || typeof error!.message !== "string") {
    return [value, "", text(thrown), ""];
  }
  return [value, text(error!.name ?? "Error"), error!.message as string, stackOf(thrown as Error)];
}

// carrier is a value that can be cloned and tells the caller who threw it.
function carrier(thrown: unknown, objectId: string | undefined): unknown {
  if (typeof thrown !== "object" || thrown === null) return remote(new Error(text(thrown)));
  if (ofTarget.has(thrown)) remote(thrown);
  if (objectId !== undefined && !bare.has(thrown) && !(thrown instanceof DOMException)) {
    try {
      (thrown as Record<string, unknown>).durableObjectId = objectId;
    } catch {
      // A frozen error goes without.
    }
  }
  return ofTarget.has(thrown) ? thrown : remote(thrown);
}

function remote(value: object): object {
  try {
    delete (value as Record<string, unknown>).remote;
    (value as Record<string, unknown>).remote = true;
  } catch {
    // A frozen error goes without.
  }
  return value;
}

export function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "unknown error";
  }
}

/** "Failed to execute …" as the platform words a wrong argument. */
export function wrongArgument(method: string, owner: string, position: number, type: string): TypeError {
  return new TypeError(`Failed to execute '${method}' on '${owner}': parameter ${position} is not of type '${type}'.`);
}
