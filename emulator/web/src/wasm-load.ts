// WebAssembly modules of the Worker. What they need runs with the first one.

import { registerEntry } from "./frame";
import { hostOf } from "./host";
import type { WasmHost } from "./host/wasm";
import { later } from "./later";

const host = hostOf<WasmHost>();

// wasmModule is the WebAssembly.Module of a name, undefined when there is none.
export function wasmModule(name: string): object | undefined {
  let description: string | undefined;
  try {
    description = host.wasmLoad(name);
  } catch (failure) {
    throw later("wasm-errors").thrown(failure, "WebAssembly.Module(): ");
  }
  return description === undefined ? undefined : later("wasm").fromDescription(description);
}

// Compiled code calls what it imports through here; wasm-instance.ts knows what that is.
let callImport: (instance: number, index: number) => boolean;

export function onImport(call: (instance: number, index: number) => boolean): void {
  callImport = call;
}

registerEntry({ wasmImport: (instance: number, index: number) => callImport(instance, index) });
