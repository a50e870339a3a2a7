// WebAssembly.Memory, WebAssembly JavaScript Interface section 5.3.

import { isObject, limit, toIndex, wasmClass } from "./wasm-class";
import { thrown } from "./wasm-errors";
import { type Extern, Kind, Lifetime, type WasmType, host } from "./wasm-store";

const maxPages = 65536;
// memoryExtern is the memory behind a value, if it is one.
export let memoryExtern: (value: unknown) => Extern | undefined;

// existing is handed to the constructor by memoryOf.
let existing: Extern | undefined;

export class Memory {
  readonly #extern: Extern;

  constructor(descriptor: unknown) {
    this.#extern = existing ?? define(descriptor);
    existing = undefined;
  }

  static {
    memoryExtern = (value) => (isObject(value) && #extern in value ? value.#extern : undefined);
  }

  grow(delta: unknown): number {
    const where = "WebAssembly.Memory.grow()";
    const extern = receiver(this, where);
    const by = toIndex(delta, where);
    if (pages(extern) + by > (extern.type.max ?? maxPages)) throw new RangeError(`${where}: Maximum memory size exceeded`);
    const before = host.wasmGrow(extern.id, by);
    if (before < 0) throw new RangeError(`${where}: Unable to grow instance memory`);
    return before;
  }

  get buffer(): ArrayBuffer {
    return host.wasmBuffer(receiver(this, "WebAssembly.Memory.buffer").id);
  }
}
wasmClass(Memory, "Memory");

function receiver(memory: unknown, where: string): Extern {
  const extern = memoryExtern(memory);
  if (!extern) throw new TypeError(`${where}: Receiver is not a WebAssembly.Memory`);
  return extern;
}

function define(descriptor: unknown): Extern {
  const where = "WebAssembly.Memory()";
  if (!isObject(descriptor)) throw new TypeError(`${where}: Argument 0 must be a memory descriptor`);
  const min = limit(descriptor, "initial", where, 0, maxPages);
  if (min === undefined) throw new TypeError(`${where}: Property 'initial' is required`);
  const max = limit(descriptor, "maximum", where, min, maxPages);
  if (descriptor.shared) {
    if (max === undefined) throw new TypeError(`${where}: If shared is true, maximum property should be defined.`);
    throw new Error("shared WebAssembly.Memory is not emulated by dodev yet");
  }
  const type: WasmType = { kind: Kind.Memory, min, max };
  try {
    const [owner, id] = host.wasmDefine(JSON.stringify(type));
    return { id, type, life: new Lifetime(owner) };
  } catch (failure) {
    throw thrown(failure, `${where}: `);
  }
}

// memoryOf gives the object of a memory.
export function memoryOf(extern: Extern): Memory {
  existing = extern;
  return new Memory(undefined);
}

// pages is the size of a memory.
export function pages(extern: Extern): number {
  return host.wasmBuffer(extern.id).byteLength / 65536;
}
