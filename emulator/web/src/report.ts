// Errors nobody caught, HTML Standard section 8.1.4.6.

import { ErrorEvent, EventTarget, hasListeners, trusted } from "./events";
import { defineGlobal } from "./frame";
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
      "Failed to execute 'queueMicrotask' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Function'.",
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

defineGlobal("reportError", reportError);
defineGlobal("queueMicrotask", queueMicrotask);
