// Values between scripts and compiled code, WebAssembly JavaScript Interface
// section 5.6: ToWebAssemblyValue and ToJSValue. A type is a letter: i and I are integers of 32
// and 64 bits, f and F floats, e and a references to anything and to functions,
// v vectors and x exceptions, which scripts cannot have.

import { type Lifetime, host } from "./wasm-store";

let i32: Int32Array;
let f32: Float32Array;
let f64: Float64Array;
let i64: BigInt64Array;

// begin maps the slots, when the first module is used.
export function begin(): void {
  if (i32) return;
  const slots = host.wasmSlots();
  i32 = new Int32Array(slots);
  f32 = new Float32Array(slots);
  f64 = new Float64Array(slots);
  i64 = new BigInt64Array(slots);
}

export function incompatible(): TypeError {
  return new TypeError("type incompatibility when transforming from/to JS");
}

export function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") throw new TypeError("Cannot convert a BigInt value to a number");
  if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a number");
  return +(value as number);
}

function toBigInt(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (value === undefined || value === null || typeof value === "number") {
    throw new TypeError(`Cannot convert ${value} to a BigInt`);
  }
  return BigInt(value as string);
}

// coerce runs what code of the script a conversion needs; put then takes what
// it answers without running any.
export function coerce(type: string, value: unknown): unknown {
  switch (type) {
    case "i":
    case "f":
    case "F":
      return toNumber(value);
    case "I":
      return toBigInt(value);
    case "e":
      return value;
    case "a":
      if (value === null || references?.(value) !== undefined) return value;
  }
  throw incompatible();
}

// put writes a value that coerce has seen.
export function put(slot: number, type: string, value: any): void {
  switch (type) {
    case "i":
      i32[2 * slot] = value;
      i32[2 * slot + 1] = 0;
      return;
    case "f":
      f32[2 * slot] = value;
      i32[2 * slot + 1] = 0;
      return;
    case "F":
      f64[slot] = value;
      return;
    case "I":
      i64[slot] = value;
      return;
    case "e":
      f64[slot] = 0;
      i32[2 * slot] = handle(value);
      return;
    case "a":
      i64[slot] = value === null ? 0n : references!(value)!;
  }
}

// take reads a value; life is what the functions it may be belong to.
export function take(slot: number, type: string, life: Lifetime): unknown {
  switch (type) {
    case "i":
      return i32[2 * slot];
    case "f":
      return f32[2 * slot];
    case "F":
      return f64[slot];
    case "I":
      return i64[slot];
    case "e":
      return valueOf(i32[2 * slot]!);
    case "a": {
      const reference = i64[slot]!;
      if (reference === 0n) return null;
      if (slot !== 0) i64[0] = reference;
      return functionOf!(reference, life);
    }
  }
  throw incompatible();
}

// ---- references to functions ----

let references: ((value: unknown) => bigint | undefined) | undefined;
let functionOf: ((reference: bigint, life: Lifetime) => unknown) | undefined;

// onFunctions says how functions become references, and references functions.
// The reference of one that becomes a function is also in the first slot.
export function onFunctions(to: (value: unknown) => bigint | undefined, from: (reference: bigint, life: Lifetime) => unknown): void {
  references = to;
  functionOf = from;
}

// firstSlot reads the first slot as a reference.
export function firstSlot(): bigint {
  return i64[0]!;
}

// ---- references to anything ----

// Values that compiled code may have, by the numbers it has them by; 0 is null.
const handles = new Map<unknown, number>();
const values: unknown[] = [null];
const free: number[] = [];
let sweepAt = 1024;

// running counts the calls of compiled code on the stack. While there are any, a
// number may be where nobody can look.
let running = 0;

export function enter(): void {
  if (running++ === 0 && handles.size >= sweepAt) sweep();
}

export function leave(): void {
  running--;
}

// sweep forgets the values that no table and no global holds.
function sweep(): void {
  const held = new Set(host.wasmHeld());
  for (const [value, n] of handles) {
    if (held.has(n)) continue;
    handles.delete(value);
    values[n] = undefined;
    free.push(n);
  }
  sweepAt = Math.max(1024, 2 * handles.size);
}

function handle(value: unknown): number {
  if (value === null) return 0;
  let n = handles.get(value);
  if (n === undefined) {
    n = free.pop() ?? values.length;
    values[n] = value;
    handles.set(value, n);
  }
  return n;
}

function valueOf(n: number): unknown {
  return values[n];
}
