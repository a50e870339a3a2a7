// WebAssembly.Table, WebAssembly JavaScript Interface section 5.4.

import { isObject, limit, toIndex, wasmClass } from "./wasm-class";
import { thrown } from "./wasm-errors";
import { externOf } from "./wasm-function";
import { type Extern, Kind, Lifetime, type WasmType, host } from "./wasm-store";
import { begin, put, take } from "./wasm-values";

const maxLength = 10_000_000;
const notFunction = "function-typed object must be null (if nullable) or a Wasm function object";

// tableExtern is the table behind a value, if it is one.
export let tableExtern: (value: unknown) => Extern | undefined;

// existing is handed to the constructor by tableOf.
let existing: Extern | undefined;

export class Table {
  readonly #extern: Extern;

  constructor(descriptor: unknown, ...init: unknown[]) {
    if (existing) {
      this.#extern = existing;
      existing = undefined;
      return;
    }
    const table = define(descriptor);
    this.#extern = table;
    const length = table.type.min!;
    if (table.type.value === "e" || (init.length > 0 && init[0] !== undefined)) {
      const value = element(table, init, "WebAssembly.Table(): Argument 1 is invalid");
      for (let i = 0; i < length; i++) store(table, i, value);
    }
  }

  static {
    tableExtern = (value) => (isObject(value) && #extern in value ? value.#extern : undefined);
  }

  get length(): number {
    return host.wasmTableSize(receiver(this, "WebAssembly.Table.length").id);
  }

  grow(delta: unknown, ...init: unknown[]): number {
    const table = receiver(this, "WebAssembly.Table.grow()");
    const by = toIndex(delta, "WebAssembly.Table.grow()");
    const value = element(table, init, "WebAssembly.Table.grow(): Argument 1 is invalid");
    const length = host.wasmTableSize(table.id);
    let before = -1;
    if (length + by <= maxLength) {
      put(0, table.type.value!, value);
      before = host.wasmTableGrow(table.id, by);
    }
    if (before < 0) throw new RangeError(`WebAssembly.Table.grow(): failed to grow table by ${by}`);
    return before;
  }

  set(index: unknown, ...value: unknown[]): void {
    const table = receiver(this, "WebAssembly.Table.set()");
    const at = indexIn(table, index, "WebAssembly.Table.set()");
    store(table, at, element(table, value, "WebAssembly.Table.set(): Argument 1 is invalid for table"));
  }

  get(index: unknown): unknown {
    const table = receiver(this, "WebAssembly.Table.get()");
    host.wasmTableGet(table.id, indexIn(table, index, "WebAssembly.Table.get()"));
    return take(0, table.type.value!, table.life);
  }
}
wasmClass(Table, "Table");

function receiver(table: unknown, where: string): Extern {
  const extern = tableExtern(table);
  if (!extern) throw new TypeError(`${where}: Receiver is not a WebAssembly.Table`);
  return extern;
}

function indexIn(table: Extern, index: unknown, where: string): number {
  const at = toIndex(index, where);
  const length = host.wasmTableSize(table.id);
  if (at >= length) {
    const kind = table.type.value === "a" ? "funcref" : "externref";
    throw new RangeError(`${where}: invalid address ${at} in ${kind} table of size ${length}`);
  }
  return at;
}

// element is an argument as an element: one left out is null or undefined.
function element(table: Extern, args: unknown[], where: string): unknown {
  if (table.type.value === "e") return args[0];
  if (args.length === 0) return null;
  const [value] = args;
  if (value === null) return null;
  const extern = externOf(value);
  if (!extern) throw new TypeError(`${where}: ${notFunction}`);
  table.life.link(extern.life);
  return value;
}

function store(table: Extern, index: number, value: unknown): void {
  put(0, table.type.value!, value);
  host.wasmTableSet(table.id, index);
}

function define(descriptor: unknown): Extern {
  const where = "WebAssembly.Table()";
  if (!isObject(descriptor)) throw new TypeError(`${where}: Argument 0 must be a table descriptor`);
  const value = { anyfunc: "a", funcref: "a", externref: "e" }[String(descriptor.element)];
  if (!value) throw new TypeError(`${where}: Descriptor property 'element' must be a WebAssembly reference type`);
  const min = limit(descriptor, "initial", where, 0, maxLength);
  if (min === undefined) throw new TypeError(`${where}: Property 'initial' is required`);
  const max = limit(descriptor, "maximum", where, min, 0xffffffff);
  const type: WasmType = { kind: Kind.Table, value, min, max };
  begin();
  try {
    const [owner, id] = host.wasmDefine(JSON.stringify(type));
    return { id, type, life: new Lifetime(owner) };
  } catch (failure) {
    throw thrown(failure, `${where}: `);
  }
}

// tableOf gives the object of a table.
export function tableOf(extern: Extern): Table {
  existing = extern;
  return new Table(undefined);
}
