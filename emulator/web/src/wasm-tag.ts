// WebAssembly.Tag and WebAssembly.Exception, WebAssembly JavaScript Interface
// sections 5.8 and 5.9. Exceptions do not cross between scripts and compiled
// code with what they carry: one that compiled code does not catch has no tag,
// and one that a script throws is not caught by compiled code.

import { isObject, wasmClass } from "./wasm-class";
import { onException } from "./wasm-errors";
import { type Extern, Kind, Lifetime, type WasmType, host } from "./wasm-store";

const letters: Record<string, string> = { i32: "i", i64: "I", f32: "f", f64: "F", externref: "e", anyfunc: "a", funcref: "a" };

// tagExtern is the tag behind a value, if it is one.
export let tagExtern: (value: unknown) => Extern | undefined;

// existing is handed to the constructor by tagOf.
let existing: Extern | undefined;

export class Tag {
  readonly #extern: Extern;

  constructor(descriptor: unknown) {
    this.#extern = existing ?? define(descriptor);
    existing = undefined;
  }

  static {
    tagExtern = (value) => (isObject(value) && #extern in value ? value.#extern : undefined);
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

// uncaught stands for the tag of an exception that came out of compiled code.
const uncaught = {};

export class Exception {
  readonly #tag: unknown;
  readonly #payload: unknown[];

  constructor(tag: unknown, payload: unknown) {
    if (tag !== uncaught && !tagExtern(tag)) {
      throw new TypeError("WebAssembly.Exception(): Argument 0 must be a WebAssembly tag");
    }
    if (!isObject(payload)) throw new TypeError("WebAssembly.Exception(): Argument 1 must be iterable");
    this.#tag = tag;
    this.#payload = [...(payload as unknown as Iterable<unknown>)];
  }

  is(tag: unknown): boolean {
    if (!tagExtern(tag)) throw new TypeError("WebAssembly.Exception.is(): Argument 0 must be a WebAssembly tag");
    return this.#tag === tag;
  }

  getArg(tag: unknown, index: number): unknown {
    const where = "WebAssembly.Exception.getArg()";
    if (this.#tag !== tag) throw new TypeError(`${where}: First argument does not match the exception tag`);
    if (!(index >= 0 && index < this.#payload.length)) {
      throw new TypeError(`${where}: Index must be convertible to a valid number`);
    }
    return this.#payload[index];
  }

  get stack(): string | undefined {
    return undefined;
  }
}
wasmClass(Exception, "Exception", 2);

onException(() => new Exception(uncaught, []));

let jsTag: Tag | undefined;

// theJSTag is the tag of exceptions of scripts.
export function theJSTag(): Tag {
  return (jsTag ??= new Tag({ parameters: ["externref"] }));
}
