// The WebAssembly namespace, WebAssembly JavaScript Interface section 5.

import { defineOwnGlobal, refusing } from "./frame";
import { CompileError, LinkError, RuntimeError } from "./wasm-errors";
import { Global } from "./wasm-global";
import { Instance, instanceOf } from "./wasm-instance";
import { Memory } from "./wasm-memory";
import { Module, bufferSource, compile, fromDescription } from "./wasm-module";
import { host } from "./wasm-store";
import { Table } from "./wasm-table";
import { Exception, Tag, theJSTag } from "./wasm-tag";

const functions = {
  async compile(bytes: unknown): Promise<Module> {
    return fromDescription(compile(bytes, "WebAssembly.compile()"));
  },

  validate(bytes: unknown): boolean {
    if (!bufferSource(bytes)) throw new TypeError("WebAssembly.validate(): Argument 0 must be a buffer source");
    return host.wasmValidate(bytes);
  },

  async instantiate(source: unknown, imports?: unknown): Promise<unknown> {
    const where = "WebAssembly.instantiate()";
    if (!(source instanceof Module) && !bufferSource(source)) {
      throw new TypeError(`${where}: Argument 0 must be a buffer source or a WebAssembly.Module object`);
    }
    if (source instanceof Module) return instanceOf(source, imports);
    const module = fromDescription(compile(source, where));
    return { module, instance: instanceOf(module, imports) };
  },
};

const namespace = {};
Object.defineProperty(namespace, Symbol.toStringTag, { value: "WebAssembly", configurable: true });
for (const [name, value] of Object.entries(functions)) {
  Object.defineProperty(value, "length", { value: 1, configurable: true });
  Object.defineProperty(namespace, name, { value, writable: true, enumerable: true, configurable: true });
}
const members = { Module, Instance, Table, Memory, Global, Tag, Exception, CompileError, LinkError, RuntimeError };
for (const [name, value] of Object.entries(members)) hidden(name, value);
for (const name of ["Suspending", "promising", "SuspendError"]) hidden(name, refusing(`WebAssembly.${name}`));
Object.defineProperty(namespace, "JSTag", { get: theJSTag, configurable: true });

function hidden(name: string, value: unknown): void {
  Object.defineProperty(namespace, name, { value, writable: true, configurable: true });
}

defineOwnGlobal("WebAssembly", namespace);

export { fromDescription };
