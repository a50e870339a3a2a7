// WebAssembly.Tag and WebAssembly.Exception, WebAssembly JavaScript Interface
// sections 5.8 and 5.9. Exceptions do not cross between scripts and compiled
// code with what they carry: one that compiled code does not catch has no tag,
// and one that a script throws is not caught by compiled code.

import { isObject, wasmClass } from "./wasm-class";
import { onException } from "./wasm-errors";
import { type Extern, Kind, Lifetime, type WasmType, host } from "./wasm-store";

const letters: Record<string, string> = { i32: "i", i64: "I", f32: "f", f64: "F", externref: "e", anyfunc: "a", funcref: "a" };
const tags = new WeakMap<object, Extern>();

// existing is handed to the constructor by tagOf.
let existing: Extern | undefined;

export class Tag {
  constructor(descriptor: unknown) {
    tags.set(this, existing ?? define(descriptor));
    existing = undefined;
  }
}
wasmClass(Tag, "Tag");

function define(descriptor: unknown): Extern {
  const where = "WebAssembly.Tag()";
  if (!isObject(descriptor)) throw new TypeError(`${where}: Argument 0 must be a tag type`);
  if (!isObject(descriptor.parameters)) throw new TypeError(`${where}: Argument 0 must be a tag type with 'parameters'`);
  const signature = Array.from(descriptor.parameters as unknown as ArrayLike<unknown>, (name, i) => {
    const letter = letters[String(name)];
    if (!letter) throw new TypeError(`${where}: Argument 0 parameter type at index #${i} must be a value type`);
    return letter;
  }).join("");
  const type: WasmType = { kind: Kind.Tag, signature: `${signature}:` };
  const [owner, id] = host.wasmDefine(JSON.stringify(type));
  return { id, type, life: new Lifetime(owner) };
}

// tagOf gives the object of a tag.
export function tagOf(extern: Extern): Tag {
  existing = extern;
  return new Tag(undefined);
}

// tagExtern is the tag behind a value, if it is one.
export function tagExtern(value: unknown): Extern | undefined {
  return tags.get(value as object);
}

const carried = new WeakMap<object, { tag: unknown; payload: unknown[] }>();

export class Exception {
  constructor(tag: unknown, payload: unknown) {
    if (!tags.has(tag as object)) throw new TypeError("WebAssembly.Exception(): Argument 0 must be a WebAssembly tag");
    if (!isObject(payload)) throw new TypeError("WebAssembly.Exception(): Argument 1 must be iterable");
    carried.set(this, { tag, payload: [...(payload as unknown as Iterable<unknown>)] });
  }

  is(tag: unknown): boolean {
    if (!tags.has(tag as object)) throw new TypeError("WebAssembly.Exception.is(): Argument 0 must be a WebAssembly tag");
    return carried.get(this)?.tag === tag;
  }

  getArg(tag: unknown, index: number): unknown {
    const own = carried.get(this);
    if (!own || own.tag !== tag) throw new TypeError("WebAssembly.Exception.getArg(): First argument does not match the exception tag");
    if (!(index >= 0 && index < own.payload.length)) throw new TypeError("WebAssembly.Exception.getArg(): Index must be convertible to a valid number");
    return own.payload[index];
  }

  get stack(): string | undefined {
    return undefined;
  }
}
wasmClass(Exception, "Exception", 2);

onException(() => {
  const exception = Object.create(Exception.prototype) as object;
  carried.set(exception, { tag: undefined, payload: [] });
  return exception;
});

let jsTag: Tag | undefined;

// theJSTag is the tag of exceptions of scripts.
export function theJSTag(): Tag {
  return (jsTag ??= new Tag({ parameters: ["externref"] }));
}
