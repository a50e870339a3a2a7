// WebAssembly.Module, WebAssembly JavaScript Interface section 5.1.

import { registerHostType } from "./frame";
import { isObject, wasmClass } from "./wasm-class";
import { CompileError, thrown } from "./wasm-errors";
import { type WasmType, host } from "./wasm-store";
import { atGlobalScope } from "./scope";

export interface Shape {
  id: number;
  imports: { module: string; name: string; type: WasmType }[];
  exports: { name: string; index: number; type: WasmType }[];
}

const kinds = ["function", "table", "memory", "global", "tag"];
const dropped = new FinalizationRegistry((id: number) => host.wasmForget(id));

// shapeOf is the shape of a module, undefined for anything else.
export let shapeOf: (value: unknown) => Shape | undefined;

// described is handed to the constructor by fromDescription.
let described: string | undefined;

export class Module {
  readonly #shape: Shape;

  constructor(bytes: unknown) {
    this.#shape = JSON.parse(described ?? compile(bytes, "WebAssembly.Module()"));
    described = undefined;
    dropped.register(this.#shape, this.#shape.id);
  }

  static {
    shapeOf = (value) => (isObject(value) && #shape in value ? value.#shape : undefined);
  }

  static imports(module: unknown): object[] {
    return argument(module, "WebAssembly.Module.imports()").imports.map(({ module, name, type }) => ({
      module,
      name,
      kind: kinds[type.kind],
    }));
  }

  static exports(module: unknown): object[] {
    return argument(module, "WebAssembly.Module.exports()").exports.map(({ name, type }) => ({ name, kind: kinds[type.kind] }));
  }

  static customSections(module: unknown, name?: unknown): ArrayBuffer[] {
    const shape = argument(module, "WebAssembly.Module.customSections()");
    if (name === undefined) throw new TypeError("WebAssembly.Module.customSections(): Argument 1 is required");
    return host.wasmSections(shape.id, String(name));
  }
}
wasmClass(Module, "Module");
registerHostType(Module, () => "Error|Unable to deserialize cloned data.");

function argument(module: unknown, where: string): Shape {
  const shape = shapeOf(module);
  if (!shape) throw new TypeError(`${where}: Argument 0 must be a WebAssembly.Module`);
  return shape;
}

// fromDescription gives the module that the host has described.
export function fromDescription(description: string): Module {
  described = description;
  return new Module(undefined);
}

export type Bytes = ArrayBuffer | ArrayBufferView;

// bufferSource tells whether a value can hold a module's bytes.
export function bufferSource(value: unknown): value is Bytes {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

// compile compiles bytes, which only code of the global scope may. Like eval, it
// is refused before the argument is looked at.
export function compile(bytes: unknown, where: string): string {
  if (!atGlobalScope()) throw new CompileError(`${where}: Wasm code generation disallowed by embedder`);
  if (!bufferSource(bytes)) throw new TypeError(`${where}: Argument 0 must be a buffer source`);
  const magic = new Uint8Array(ArrayBuffer.isView(bytes) ? bytes.buffer : bytes, ArrayBuffer.isView(bytes) ? bytes.byteOffset : 0, Math.min(4, bytes.byteLength));
  if (magic.length === 0) throw new CompileError(`${where}: BufferSource argument is empty`);
  const found = [...magic].map((b) => b.toString(16).padStart(2, "0")).join(" ");
  if (found !== "00 61 73 6d") throw new CompileError(`${where}: expected magic word 00 61 73 6d, found ${found} @+0`);
  try {
    return host.wasmCompile(bytes);
  } catch (failure) {
    throw thrown(failure, `${where}: `);
  }
}
