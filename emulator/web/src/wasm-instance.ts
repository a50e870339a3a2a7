// WebAssembly.Instance, WebAssembly JavaScript Interface section 5.2: reading
// the imports, and making the objects of the exports.

import type { Failed } from "./host/wasm";
import { isObject, wasmClass } from "./wasm-class";
import { LinkError, kept, thrown } from "./wasm-errors";
import { Imported, exportedFunction, externOf } from "./wasm-function";
import { constant, globalExtern, globalOf } from "./wasm-global";
import { memoryExtern, memoryOf, pages } from "./wasm-memory";
import { onImport } from "./wasm-load";
import { type Shape, shapeOf } from "./wasm-module";
import { type Extern, Kind, Lifetime, host } from "./wasm-store";
import { tableExtern, tableOf } from "./wasm-table";
import { tagExtern, tagOf } from "./wasm-tag";
import { begin, enter, leave } from "./wasm-values";

type Import = Shape["imports"][number];

// where is the API that instantiates, for the words of errors.
let where = "WebAssembly.Instance()";

export class Instance {
  readonly #exports: object;

  constructor(module: unknown, imports?: unknown) {
    const api = where;
    where = "WebAssembly.Instance()";
    this.#exports = instantiate(module, imports, api);
  }

  get exports(): object {
    if (!(#exports in this)) throw new TypeError("WebAssembly.Instance.exports: Receiver is not a WebAssembly.Instance");
    return this.#exports;
  }
}
wasmClass(Instance, "Instance");

// instanceOf makes an instance for instantiate().
export function instanceOf(module: unknown, imports: unknown): Instance {
  where = "WebAssembly.instantiate()";
  return new Instance(module, imports);
}

// ---- imports ----

// A Link is an import that was found: an extern, or a function of the script.
interface Link {
  extern?: Extern;
  value: unknown;
}

// The functions that instances import, by the number of the instance. Compiled
// code that can call them keeps them, through the lifetime of their instance.
const importing = new Map<number, WeakRef<(Imported | undefined)[]>>();
const gone = new FinalizationRegistry((instance: number) => importing.delete(instance));
let last = 0;

onImport((instance, index) => {
  const imported = importing.get(instance)?.deref()?.[index];
  if (!imported) throw new Error("WebAssembly called a function of an instance that is gone");
  return imported.call();
});

function instantiate(module: unknown, imports: unknown, where: string): object {
  const shape = shapeOf(module);
  if (!shape) throw new TypeError(`${where}: Argument 0 must be a WebAssembly.Module`);
  if (imports !== undefined && !isObject(imports)) throw new TypeError(`${where}: Argument 1 must be an object`);
  if (imports === undefined && shape.imports.length > 0) {
    throw new TypeError(`${where}: Imports argument must be present and must be an object`);
  }
  begin();
  const links = shape.imports.map((wanted, i) => find(imports as any, wanted, i, where));
  const instance = ++last;
  let life: Lifetime;
  const functions = shape.imports.map((wanted, i) => imported(wanted, links[i]!, () => life));
  importing.set(instance, new WeakRef(functions));
  gone.register(functions, instance);
  let failed: Failed;
  let exports: object;
  enter();
  try {
    const externs = links.map((link, i) => (functions[i] ? 0 : link.extern!.id));
    const [owner, first] = host.wasmInstantiate(shape.id, instance, externs.join());
    life = new Lifetime(owner, functions);
    for (const { extern } of links) if (extern) life.link(extern.life);
    exports = collect(shape, links, first, life);
    failed = host.wasmStart(owner);
  } catch (failure) {
    throw thrown(failure, isTrap(failure) ? "" : `${where}: `);
  } finally {
    leave();
  }
  if (failed) throw kept();
  return exports;
}

// isTrap tells a failure of the module's own code, whose text names no API.
function isTrap(failure: any): boolean {
  return failure.name === "RuntimeError" && !/^(data|table)/.test(failure.message);
}

function imported(wanted: Import, link: Link, life: () => Lifetime): Imported | undefined {
  if (wanted.type.kind !== Kind.Function) return undefined;
  return new Imported(link.value as Function, wanted.type.signature!, life);
}

function find(imports: any, wanted: Import, i: number, where: string): Link {
  const from = `${where}: Import #${i} "${wanted.module}"`;
  const module = imports[wanted.module];
  if (!isObject(module)) throw new TypeError(`${from}: module is not an object or function`);
  const value = module[wanted.name];
  const refuse = (text: string): never => {
    throw new LinkError(`${from} "${wanted.name}": ${text}`);
  };
  switch (wanted.type.kind) {
    case Kind.Function:
      return findFunction(wanted, value, refuse);
    case Kind.Table:
      return findTable(wanted, value, refuse, `${where}: table import ${i}`);
    case Kind.Memory:
      return findMemory(wanted, value, refuse);
    case Kind.Global:
      return findGlobal(wanted, value, refuse);
    case Kind.Tag: {
      const extern = tagExtern(value) ?? refuse("tag import requires a WebAssembly.Tag");
      if (extern.type.signature !== wanted.type.signature) refuse("imported tag does not match the expected type");
      return { extern, value };
    }
  }
}

function findFunction({ type }: Import, value: unknown, refuse: (text: string) => never): Link {
  if (typeof value !== "function") refuse("function import requires a callable");
  const extern = externOf(value);
  if (extern && extern.type.signature !== type.signature) refuse("imported function does not match the expected type");
  return { extern, value };
}

function findTable({ type }: Import, value: unknown, refuse: (text: string) => never, which: string): Link {
  const extern = tableExtern(value) ?? refuse("table import requires a WebAssembly.Table");
  const length = host.wasmTableSize(extern.id);
  const { min = 0, max } = type;
  if (length < min) throw new LinkError(`${which} is smaller than initial ${min}, got ${length}`);
  if (max !== undefined) {
    const most = extern.type.max;
    if (most === undefined) throw new LinkError(`${which} has no maximum length; required: ${max}`);
    if (most > max) throw new LinkError(`${which} has a larger maximum size ${most} than the module's declared maximum ${max}`);
  }
  if (extern.type.value !== type.value) refuse("imported table does not match the expected type");
  return { extern, value };
}

function findMemory({ type }: Import, value: unknown, refuse: (text: string) => never): Link {
  const extern = memoryExtern(value) ?? refuse("memory import must be a WebAssembly.Memory object");
  const size = pages(extern);
  const { min = 0, max } = type;
  if (size < min) refuse(`memory import has ${size} pages which is smaller than the declared initial of ${min}`);
  if (max !== undefined) {
    const most = extern.type.max;
    if (most === undefined) refuse("memory import has no maximum limit, expected at most 4294967295");
    if (most! > max) refuse(`memory import has a larger maximum size ${most} than the module's declared maximum ${max}`);
  }
  return { extern, value };
}

function findGlobal({ type }: Import, value: unknown, refuse: (text: string) => never): Link {
  const extern = globalExtern(value);
  if (extern) {
    if (extern.type.mutable !== Boolean(type.mutable)) refuse("imported global does not match the expected mutability");
    if (extern.type.value !== type.value) refuse("imported global does not match the expected type");
    return { extern, value };
  }
  if (type.mutable) refuse("imported mutable global must be a WebAssembly.Global object");
  const fits =
    type.value === "e" ||
    (type.value === "a" && (value === null || externOf(value) !== undefined)) ||
    (type.value === "I" && typeof value === "bigint") ||
    (type.value !== "I" && type.value !== "a" && typeof value === "number");
  if (!fits) refuse("global import must be a number, valid Wasm reference, or WebAssembly.Global object");
  return { extern: constant(type, value), value: undefined };
}

// ---- exports ----

// collect makes the exports. What was imported is exported as the same object.
function collect(shape: Shape, links: Link[], first: number, life: Lifetime): object {
  const objects: unknown[][] = [[], [], [], [], []];
  shape.imports.forEach(({ type }, i) => objects[type.kind]!.push(sameObject(type.kind, links[i]!)));
  const exports = Object.create(null);
  shape.exports.forEach(({ name, index, type }, i) => {
    const known = objects[type.kind]!;
    known[index] ??= objectOf({ id: first + i, type, life }, index);
    Object.defineProperty(exports, name, { value: known[index], enumerable: true });
  });
  return Object.freeze(exports);
}

// sameObject is what a re-exported import is: a function of the script is
// wrapped, so that its arguments are converted.
function sameObject(kind: Kind, link: Link): unknown {
  return kind === Kind.Function && !link.extern ? undefined : link.value;
}

function objectOf(extern: Extern, index: number): unknown {
  switch (extern.type.kind) {
    case Kind.Function:
      return exportedFunction(extern, index);
    case Kind.Table:
      return tableOf(extern);
    case Kind.Memory:
      return memoryOf(extern);
    case Kind.Global:
      extern.type.mutable = Boolean(extern.type.mutable);
      return globalOf(extern);
    case Kind.Tag:
      return tagOf(extern);
  }
}
