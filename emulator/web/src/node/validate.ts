// Checks of arguments with the wording of Node.js.

import { invalidArgType, invalidArgValue, outOfRange } from "./errors";

export function checkString(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string") throw invalidArgType(name, "string", value);
}

export function checkBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== "boolean") throw invalidArgType(name, "boolean", value);
}

export function checkFunction(value: unknown, name: string): asserts value is (...args: any[]) => any {
  if (typeof value !== "function") throw invalidArgType(name, "function", value);
}

export function checkObject(value: unknown, name: string): asserts value is object {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw invalidArgType(name, "Object", value);
  }
}

export function checkNumber(
  value: unknown, name: string, min?: number, max?: number,
): asserts value is number {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
  const low = min !== undefined && value < min;
  const high = max !== undefined && value > max;
  if (!low && !high && !((min !== undefined || max !== undefined) && Number.isNaN(value))) return;
  const bounds = [min !== undefined ? `>= ${min}` : "", max !== undefined ? `<= ${max}` : ""];
  throw outOfRange(name, bounds.filter(Boolean).join(" && "), value);
}

export function checkInteger(
  value: unknown, name: string, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER,
): asserts value is number {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

export function checkUint32(value: unknown, name: string): asserts value is number {
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < 0 || value >= 2 ** 32) throw outOfRange(name, ">= 0 && < 4294967296", value);
}

export function checkOneOf(value: unknown, name: string, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  const shown = allowed.map((v) => (typeof v === "string" ? `'${v}'` : String(v))).join(", ");
  throw invalidArgValue(name, value, `must be one of: ${shown}`);
}

export function checkAbortSignal(signal: any, name: string): void {
  if (signal === undefined) return;
  if (signal === null || typeof signal !== "object" || !("aborted" in signal)) {
    throw invalidArgType(name, "AbortSignal", signal);
  }
}
