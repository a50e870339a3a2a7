// structuredClone, HTML Standard section 2.7.

import { DOMException } from "./domexception";
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
  const buffers = transferable(options?.transfer);
  const copy = host.clone(value) as T;
  for (const buffer of buffers) buffer.transfer();
  return copy;
}

function transferable(list: Iterable<unknown> | undefined): ArrayBuffer[] {
  const buffers = [...(list ?? [])];
  for (const buffer of buffers) {
    if (!(buffer instanceof ArrayBuffer)) {
      throw new DOMException("Value in the transfer list is not transferable.", "DataCloneError");
    }
    if (buffer.detached) throw new DOMException("An ArrayBuffer is detached and could not be cloned.", "DataCloneError");
  }
  if (new Set(buffers).size !== buffers.length) {
    throw new DOMException("ArrayBuffer occurs more than once in the transfer list.", "DataCloneError");
  }
  return buffers as ArrayBuffer[];
}

defineGlobal("structuredClone", structuredClone);
