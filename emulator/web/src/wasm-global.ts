// WebAssembly.Global, WebAssembly JavaScript Interface section 5.5.

import { isObject, wasmClass } from "./wasm-class";
import { externOf } from "./wasm-function";
import { type Extern, Kind, Lifetime, type WasmType, host } from "./wasm-store";
import { begin, coerce, incompatible, put, take } from "./wasm-values";

const types: Record<string, string> = { i32: "i", i64: "I", f32: "f", f64: "F", externref: "e", anyfunc: "a", funcref: "a", v128: "v" };

// globalExtern is the global behind a value, if it is one.
export let globalExtern: (value: unknown) => Extern | undefined;

// existing is handed to the constructor by globalOf.
let existing: Extern | undefined;

export class Global {
  readonly #extern: Extern;

  constructor(descriptor: unknown, ...init: unknown[]) {
    this.#extern = existing ?? define(descriptor, init);
    existing = undefined;
  }

  static {
    globalExtern = (value) => (isObject(value) && #extern in value ? value.#extern : undefined);
  }

  valueOf(): unknown {
    return read(receiver(this, "WebAssembly.Global.valueOf()"));
  }

  get value(): unknown {
    return read(receiver(this, "get WebAssembly.Global.value"));
  }

  set value(value: unknown) {
    const where = "set WebAssembly.Global.value";
    const global = receiver(this, where);
    if (!global.type.mutable) throw new TypeError(`${where}): Can't set the value of an immutable global.`);
    write(global, value, where);
  }
}
wasmClass(Global, "Global");

function receiver(global: unknown, where: string): Extern {
  const extern = globalExtern(global);
  if (!extern) throw new TypeError(`${where}: Receiver is not a WebAssembly.Global`);
  return extern;
}

function read(global: Extern): unknown {
  if (global.type.value === "v") throw incompatible();
  host.wasmGlobalGet(global.id);
  return take(0, global.type.value!, global.life);
}

function write(global: Extern, value: unknown, where: string): void {
  const letter = global.type.value!;
  if (letter === "a" && value !== null) {
    const extern = externOf(value);
    if (!extern) throw new TypeError(`${where}: function-typed object must be null (if nullable) or a Wasm function object`);
    global.life.link(extern.life);
  }
  put(0, letter, coerce(letter, value));
  host.wasmGlobalSet(global.id);
}

function define(descriptor: unknown, init: unknown[]): Extern {
  const where = "WebAssembly.Global()";
  if (!isObject(descriptor)) throw new TypeError(`${where}: Argument 0 must be a global descriptor`);
  const mutable = Boolean(descriptor.mutable);
  const value = types[String(descriptor.value)];
  if (!value) throw new TypeError(`${where}: Descriptor property 'value' must be a WebAssembly type`);
  if (value === "v") throw new TypeError(`${where}: A global of type 'v128' cannot be created in JavaScript`);
  return defined({ kind: Kind.Global, value, mutable }, init[0] === undefined ? initial(value) : init[0], where);
}

function initial(letter: string): unknown {
  if (letter === "e") return undefined;
  if (letter === "a") return null;
  return letter === "I" ? 0n : 0;
}

// defined makes a global. The host takes a number with the definition, a
// reference afterwards.
function defined(type: WasmType, value: unknown, where: string): Extern {
  begin();
  const letter = type.value!;
  const reference = letter === "e" || letter === "a";
  if (!reference) put(0, letter, coerce(letter, value));
  const [owner, id] = host.wasmDefine(JSON.stringify(type));
  const global = { id, type, life: new Lifetime(owner) };
  if (reference) write(global, value, where);
  return global;
}

// constant makes an immutable global of a number that is imported.
export function constant(type: WasmType, value: unknown): Extern {
  return defined(type, value, "");
}

// globalOf gives the object of a global.
export function globalOf(extern: Extern): Global {
  existing = extern;
  return new Global(undefined);
}
