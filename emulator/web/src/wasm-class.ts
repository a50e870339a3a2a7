// What the classes of the namespace share.

import { display, registerHostType } from "./frame";

// wasmClass gives a class the looks of one of the namespace. Its instances
// cannot be cloned.
export function wasmClass(constructor: any, name: string, length = 1): void {
  const { prototype } = constructor;
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (key !== "constructor") Object.defineProperty(prototype, key, { enumerable: true });
  }
  for (const key of Object.getOwnPropertyNames(constructor)) {
    if (!["length", "name", "prototype"].includes(key)) Object.defineProperty(constructor, key, { enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: `WebAssembly.${name}`, configurable: true });
  Object.defineProperty(constructor, "name", { value: name, configurable: true });
  Object.defineProperty(constructor, "length", { value: length, configurable: true });
  registerHostType(constructor, (value) => `${display(value)} could not be cloned.`);
}

// An argument that is a number of 32 bits without sign, in the words of V8.
export function toIndex(value: unknown, where: string, what = "Argument 0"): number {
  let n: number;
  try {
    n = Number(value);
  } catch {
    n = NaN;
  }
  if (Number.isNaN(n)) throw new TypeError(`${where}: ${what} must be convertible to a valid number`);
  if (!Number.isFinite(n)) throw new TypeError(`${where}: ${what} must be convertible to a valid number`);
  if (n < 0) throw new TypeError(`${where}: ${what} must be non-negative`);
  if (n > 0xffffffff) throw new TypeError(`${where}: ${what} must be in the unsigned long range`);
  return Math.trunc(n);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

// limit reads initial or maximum of a descriptor.
export function limit(descriptor: any, name: string, where: string, low: number, high: number): number | undefined {
  const given = descriptor[name];
  if (given === undefined) return undefined;
  const what = `Property '${name}'`;
  const n = toIndex(given, where, what);
  if (n < low) throw new RangeError(`${where}: ${what}: value ${n} is below the lower bound ${low}`);
  if (n > high) throw new RangeError(`${where}: ${what}: value ${n} is above the upper bound ${high}`);
  return n;
}
