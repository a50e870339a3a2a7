// Exported functions, WebAssembly JavaScript Interface section 5.6.

import type { Failed } from "./host/wasm";
import { keep, kept, thrown } from "./wasm-errors";
import { type Extern, Kind, Lifetime, host } from "./wasm-store";
import { coerce, enter, firstSlot, incompatible, leave, onFunctions, put, take } from "./wasm-values";

interface Exported extends Extern {
  reference?: bigint;
}

let exportedOf: (value: unknown) => Exported | undefined;

// A Stamp is a function of compiled code: the function given to it, with a field
// that nobody else can make.
class Stamp extends (function (fn: Function) { return fn } as unknown as new (fn: Function) => object) {
  readonly #extern: Exported;

  constructor(fn: Function, extern: Exported) {
    super(fn);
    this.#extern = extern;
  }

  static {
    exportedOf = (value) => (typeof value === "function" && #extern in value ? (value as unknown as Stamp).#extern : undefined);
  }
}

// externOf is the function of compiled code behind a value, if it is one.
export function externOf(value: unknown): Extern | undefined {
  return exportedOf(value);
}

// exportedFunction makes the function that calls an extern. Its name is its
// index in its module.
export function exportedFunction(extern: Extern, index: number): Function {
  const [params, results] = extern.type.signature!.split(":") as [string, string];
  const { id, life } = extern;
  const count = params.length;
  const impossible = /[vx]/.test(params + results);
  const made = (...args: unknown[]): unknown => {
    if (impossible) throw incompatible();
    // Converting one argument may call compiled code, so all come first.
    for (let i = 0; i < count; i++) {
      const value = args[i];
      if (typeof value !== "number" || params[i] === "I" || params[i] === "a") args[i] = coerce(params[i]!, value);
    }
    let failed: Failed;
    enter();
    try {
      for (let i = 0; i < count; i++) put(i, params[i]!, args[i]);
      failed = host.wasmCall(id);
    } catch (failure) {
      throw thrown(failure);
    } finally {
      leave();
    }
    if (failed) throw kept();
    if (results.length === 0) return undefined;
    return results.length === 1 ? take(0, results, life) : takeAll(results, life);
  };
  Object.defineProperty(made, "name", { value: String(index), configurable: true });
  Object.defineProperty(made, "length", { value: count, configurable: true });
  new Stamp(made, extern);
  return made;
}

// takeAll reads several values. A reference to a function is looked up through
// the first slot, so those come last.
function takeAll(types: string, life: Lifetime): unknown[] {
  const out: unknown[] = [];
  let references = false;
  for (let i = 0; i < types.length; i++) {
    references ||= types[i] === "a";
    out.push(take(i, types[i] === "a" ? "I" : types[i]!, life));
  }
  if (!references) return out;
  return out.map((value, i) => {
    if (types[i] !== "a") return value;
    put(0, "I", value);
    return take(0, "a", life);
  });
}

// ---- references ----

// Functions by their references, as long as there are any.
const known = new Map<bigint, WeakRef<Function>>();
const forgotten = new FinalizationRegistry((reference: bigint) => {
  if (!known.get(reference)?.deref()) known.delete(reference);
});

function remember(reference: bigint, fn: Function): void {
  known.set(reference, new WeakRef(fn));
  forgotten.register(fn, reference);
}

function referenceOf(value: unknown): bigint | undefined {
  const extern = exportedOf(value);
  if (!extern) return undefined;
  if (extern.reference === undefined) {
    host.wasmRef(extern.id);
    extern.reference = firstSlot();
    remember(extern.reference, value as Function);
  }
  return extern.reference;
}

function fromReference(reference: bigint, life: Lifetime): unknown {
  const before = known.get(reference)?.deref();
  if (before) return before;
  const [owner, id, signature] = host.wasmFunctionOf();
  const own = new Lifetime(owner);
  own.link(life);
  const extern: Exported = { id, life: own, type: { kind: Kind.Function, signature }, reference };
  const made = exportedFunction(extern, 0);
  remember(reference, made);
  return made;
}

onFunctions(referenceOf, fromReference);

// ---- imported functions ----

// An Imported is a script's function with what compiled code expects of it.
export class Imported {
  readonly #params: string;
  readonly #results: string;
  readonly #impossible: boolean;

  constructor(
    readonly fn: Function,
    signature: string,
    readonly life: () => Lifetime,
  ) {
    [this.#params, this.#results] = signature.split(":") as [string, string];
    this.#impossible = /[vx]/.test(signature);
  }

  // Calls the function with the arguments in the slots, and puts what it answers
  // there. Tells whether it threw.
  call(): boolean {
    try {
      if (this.#impossible) throw incompatible();
      answer(this.#results, Reflect.apply(this.fn, undefined, takeAll(this.#params, this.life())));
      return false;
    } catch (error) {
      keep(error);
      return true;
    }
  }
}

function answer(results: string, value: unknown): void {
  if (results.length === 0) return;
  if (results.length === 1) return put(0, results, coerce(results, value));
  const many = [...listed(value)];
  if (many.length !== results.length) throw new TypeError("multi-return length mismatch");
  const all = many.map((item, i) => coerce(results[i]!, item));
  all.forEach((item, i) => put(i, results[i]!, item));
}

function listed(value: any): Iterable<unknown> {
  if (value === null || value === undefined || typeof value[Symbol.iterator] !== "function") {
    throw new TypeError(`${typeof value} ${String(value)} is not iterable (cannot read property Symbol(Symbol.iterator))`);
  }
  return value;
}
