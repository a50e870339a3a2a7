// Errors as the platform's node modules make them: with a code, which they show
// as text.

import { inspect } from "../inspect";

type Constructor = new (message?: string) => Error;

const primitiveNames = new Set([
  "string", "function", "number", "object", "Function", "Object", "boolean", "bigint", "symbol",
]);
const className = /^([A-Z][a-z0-9]*)+$/;

// Plain errors and those of ranges are of classes that are named by their codes.
const named = new Map<string, Constructor>();

function shown(this: any): string {
  return `${this.name} [${this.code}]: ${this.message}`;
}

function namedClass(Base: Constructor, code: string): Constructor {
  let made = named.get(code);
  if (made === undefined) {
    made = class extends Base {};
    Object.defineProperty(made, "name", { value: code, configurable: true });
    if (Base === Error) Object.defineProperty(made.prototype, "toString", { value: shown, writable: true, configurable: true });
    named.set(code, made);
  }
  return made;
}

// codedError is an error of the given class with a Node.js code. Own properties
// say what one for a wrong argument is, as on the platform.
export function codedError(Class: Constructor, code: string, message: string): any {
  const error: any = new (Class === Error || code === "ERR_OUT_OF_RANGE" ? namedClass(Class, code) : Class)(message);
  error.code = code;
  if (error.constructor !== Class) return error;
  error.name = error.name;
  error.toString = shown;
  return error;
}

export function invalidArgType(name: string, expected: string | string[], actual: unknown): any {
  const message = `${mustBe(name, ([] as string[]).concat(expected))}.${received(actual)}`;
  return codedError(TypeError, "ERR_INVALID_ARG_TYPE", message);
}

export function invalidArgValue(
  name: string, value: unknown, reason = "is invalid", Class: Constructor = TypeError,
): any {
  const kind = name.includes(".") ? "property" : "argument";
  return codedError(Class, "ERR_INVALID_ARG_VALUE", `The ${kind} '${name}' ${reason}. Received ${inspect(value)}`);
}

export function outOfRange(name: string, range: string, value: unknown): any {
  const message = `The value of "${name}" is out of range. It must be ${range}. Received ${rangeValue(value)}`;
  return codedError(RangeError, "ERR_OUT_OF_RANGE", message);
}

export function unknownEncoding(encoding: unknown): any {
  return codedError(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${encoding}`);
}

export function missingArgs(...names: string[]): any {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop();
  const list = quoted.length === 0 ? last : `${quoted.join(", ")}${quoted.length > 1 ? "," : ""} and ${last}`;
  const noun = names.length === 1 ? "argument" : "arguments";
  return codedError(TypeError, "ERR_MISSING_ARGS", `The ${list} ${noun} must be specified`);
}

// abortError is what an operation ends with when its AbortSignal fires.
export function abortError(reason?: unknown): any {
  const error: any = new Error("The operation was aborted", reason === undefined ? undefined : { cause: reason });
  error.code = "ABORT_ERR";
  error.name = "AbortError";
  return error;
}

// notEmulated is what a Node.js function that dodev does not have throws.
export function notEmulated(what: string): Error {
  return new Error(`${what} is not emulated by dodev yet`);
}

function mustBe(name: string, expected: string[]): string {
  const kind = name.includes(".") ? "property" : "argument";
  const subject = name.endsWith(" argument") ? name : `"${name}" ${kind}`;
  const types: string[] = [];
  const instances: string[] = [];
  const others: string[] = [];
  for (const value of expected) {
    if (primitiveNames.has(value)) types.push(value.toLowerCase());
    else if (className.test(value)) instances.push(value);
    else others.push(value);
  }
  if (instances.length > 0 && types.includes("object")) {
    types.splice(types.indexOf("object"), 1);
    instances.push("Object");
  }
  const parts: string[] = [];
  if (types.length > 0) parts.push(`${types.length > 1 ? "one of type" : "of type"} ${alternatives(types)}`);
  if (instances.length > 0) parts.push(`an instance of ${alternatives(instances)}`);
  if (others.length > 0) parts.push(others.length > 1 ? `one of ${alternatives(others)}` : article(others[0]!));
  return `The ${subject} must be ${parts.join(" or ")}`;
}

function alternatives(words: string[]): string {
  if (words.length === 1) return words[0]!;
  const head = words.slice(0, -1).join(", ");
  return `${head}${words.length > 2 ? "," : ""} or ${words[words.length - 1]}`;
}

function article(word: string): string {
  return word.toLowerCase() === word ? word : `an ${word}`;
}

function received(value: any): string {
  if (value == null) return ` Received ${value}`;
  if (typeof value === "function" && value.name) return ` Received function ${value.name}`;
  if (typeof value === "object") {
    const name = value.constructor?.name;
    return name ? ` Received an instance of ${name}` : ` Received ${inspect(value, { depth: -1 })}`;
  }
  let shown = inspect(value, { colors: false });
  if (shown.length > 28) shown = `${shown.slice(0, 25)}...`;
  return ` Received type ${typeof value} (${shown})`;
}

function rangeValue(value: unknown): string {
  if (typeof value === "bigint") {
    const digits = String(value);
    const big = value > 2n ** 32n || value < -(2n ** 32n);
    return `${big ? grouped(digits) : digits}n`;
  }
  if (Number.isInteger(value) && Math.abs(value as number) > 2 ** 32) return grouped(String(value));
  return inspect(value);
}

// grouped parts the digits of an integer by thousands, with underscores.
function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, "_");
}
