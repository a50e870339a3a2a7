// Errors nobody caught, HTML Standard section 8.1.4.6.

import { ErrorEvent, EventTarget, hasListeners, rejectionEvent, trusted, type Event } from "./events";
import { defineGlobal, registerEntry } from "./frame";
import { host } from "./host";
import { inspect } from "./inspect";

// report tells the global object of an error, then the console.
export function report(error: unknown): void {
  const target = globalThis as unknown as EventTarget;
  if (hasListeners(target, "error")) {
    const message = error instanceof Error ? error.message : String(error);
    const event = trusted(new ErrorEvent("error", { message, error, cancelable: true }));
    if (!EventTarget.prototype.dispatchEvent.call(target, event)) return;
  }
  host.log("error", `Uncaught ${inspect(error)}`, "", "");
}

function reportError(error: unknown): void {
  if (arguments.length === 0) {
    throw new TypeError("Failed to execute 'reportError' on 'ServiceWorkerGlobalScope': 1 argument required, but only 0 present.");
  }
  report(error);
}

function queueMicrotask(callback: () => void): void {
  if (typeof callback !== "function") {
    throw new TypeError(
      "Failed to execute 'queueMicrotask' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.",
    );
  }
  void Promise.resolve().then(() => {
    try {
      callback();
    } catch (error) {
      report(error);
    }
  });
}

// ---- rejected promises, HTML Standard section 8.1.4.7 ----

/** Those the global object was told of, and that may yet get a handler. */
const outstanding = new WeakSet<Promise<unknown>>();

/** Dispatches an event on the global object, and tells whether it was cancelled. */
function cancelled(event: Event): boolean {
  return !EventTarget.prototype.dispatchEvent.call(globalThis as unknown as EventTarget, trusted(event));
}

const heard = (type: string) => hasListeners(globalThis as unknown as EventTarget, type);

registerEntry({
  rejected(promise: Promise<unknown>, reason: unknown): boolean {
    outstanding.add(promise);
    return heard("unhandledrejection") && cancelled(rejectionEvent("unhandledrejection", { promise, reason, cancelable: true }));
  },
  rejectionHandled(promise: Promise<unknown>): void {
    if (outstanding.delete(promise) && heard("rejectionhandled")) cancelled(rejectionEvent("rejectionhandled", { promise }));
  },
});

defineGlobal("reportError", reportError);
defineGlobal("queueMicrotask", queueMicrotask);
