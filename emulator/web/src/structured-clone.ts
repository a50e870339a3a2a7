// structuredClone, HTML Standard section 2.7.

import { defineGlobal } from "./frame";
import { host } from "./host";

export interface CloneOptions {
  transfer?: ArrayBuffer[];
}

export function structuredClone<T>(value: T, options?: CloneOptions): T {
  if (arguments.length === 0) {
    throw new TypeError(
      "Failed to execute 'structuredClone' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Value'.",
    );
  }
  const buffers = transferable(options);
  const copy = host.clone(value, buffers.some((buffer) => buffer.detached)) as T;
  for (const buffer of buffers) if (!buffer.detached) buffer.transfer();
  return copy;
}

/** What is to be transferred: a buffer that is gone, or is named twice, is no error. */
function transferable(options: CloneOptions | undefined): ArrayBuffer[] {
  if (options === undefined || options === null) return [];
  if (typeof options !== "object") {
    throw new TypeError(
      "Failed to execute 'structuredClone' on 'ServiceWorkerGlobalScope': parameter 2 is not of type 'StructuredCloneOptions'.",
    );
  }
  const { transfer = [] } = options;
  if (!Array.isArray(transfer)) {
    throw new TypeError("Incorrect type for the 'transfer' field on 'StructuredCloneOptions': the provided value is not of type 'Array'.");
  }
  for (const value of transfer) {
    if (!(value instanceof ArrayBuffer)) throw new TypeError("Object is not transferable");
  }
  return transfer;
}

defineGlobal("structuredClone", structuredClone);
