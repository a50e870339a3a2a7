// The engine's own errors in V8's words, as far as those can be known. The
// engine words an error when it throws it, before anything of ours runs; it is
// put into V8's words when it is first looked at as an error: by instanceof, as
// text, in print, or on its way to somebody else. Code that reads the message
// without any of that sees the engine's.

import { madeByScript } from "./errors";
import { registerEntry } from "./frame";
import { hostOf } from "./host";
import { calleeAt } from "./callee";

const host = hostOf<{
  // A line of a module of the Worker, undefined when there is none.
  sourceLine(module: string, line: number): string | undefined;
}>();

/** Where an error was thrown: the function, and its place. */
interface Frame {
  name: string;
  module: string;
  line: number;
  column: number;
}

function frameOf(stack: string): Frame | undefined {
  const found = /^ {4}at (?:(.*) )?\((native|(.*):(\d+):(\d+))\)/.exec(stack);
  if (found === null) return undefined;
  return { name: found[1] ?? "", module: found[3] ?? "", line: Number(found[4] ?? 0), column: Number(found[5] ?? 0) };
}

/** What was called there, as V8 names it, undefined when that is not known. */
function calledIn(frame: Frame | undefined): { callee: string; constructs: boolean } | undefined {
  if (frame === undefined || frame.line === 0 || frame.module.startsWith("dodev:")) return undefined;
  const line = host.sourceLine(frame.module, frame.line);
  return line === undefined ? undefined : calleeAt(line, frame.column - 1);
}

type Reword = (frame: Frame | undefined, ...found: string[]) => string | undefined;

const notCallable: Reword = (frame) => {
  const called = calledIn(frame);
  return called && `${called.callee} is not a ${called.constructs ? "constructor" : "function"}`;
};

/** Classes that only the platform makes objects of, and which say so whether they are called with new or without. */
const platformMade = new Set([
  "AbortSignal", "Cache", "CacheStorage", "Crypto", "CryptoKey", "ExtendableEvent", "MessagePort", "Navigator", "Performance",
  "PromiseRejectionEvent", "ReadableByteStreamController", "ReadableStreamBYOBRequest", "ReadableStreamDefaultController", "SubtleCrypto",
  "TransformStreamDefaultController", "WorkerGlobalScope", "WritableStreamDefaultController",
]);

/** The node modules are scripts on the platform, too. */
const scripted = /^_?(Gzip|Gunzip|Unzip|(Brotli|Zstd)(Dec|C)ompress|(De|In)flate(Raw)?|(\w+)?KeyObject|X509Certificate)\d*$/;

const withoutNew: Reword = (frame) => {
  if (frame === undefined) return undefined;
  if (frame.module.startsWith("dodev:") && !scripted.test(frame.name)) {
    const name = frame.name.replace(/\d+$/, "");
    if (platformMade.has(name)) return "Illegal constructor";
    return `Failed to construct '${name}': Please use the 'new' operator, this object constructor cannot be called as a function.`;
  }
  return `Class constructor ${frame.name} cannot be invoked without 'new'`;
};

const whole: Record<string, string | Reword> = {
  "not a function": notCallable,
  " is not a constructor": notCallable,
  "cannot read property 'Symbol.iterator' of undefined": "undefined is not iterable (cannot read property Symbol(Symbol.iterator))",
  "cannot read property 'Symbol.iterator' of null": "null is not iterable (cannot read property Symbol(Symbol.iterator))",
  "cannot convert to object": "Cannot convert undefined or null to object",
  "class constructors must be invoked with 'new'": withoutNew,
  "must be called with new": (frame) => frame && (frame.name === "Promise" ? "Promise constructor cannot be invoked without 'new'" : `Constructor ${frame.name} requires 'new'`),
  "invalid array length": "Invalid array length",
  "Date value is NaN": "Invalid time value",
  "invalid 'instanceof' right operand": "Right-hand side of 'instanceof' is not an object",
  "cannot convert symbol to string": "Cannot convert a Symbol value to a string",
  "cannot convert symbol to number": "Cannot convert a Symbol value to a number",
  "cannot convert bigint to number": "Cannot mix BigInt and other types, use explicit conversions",
  "circular reference": "Converting circular structure to JSON",
  "invalid number of digits": (frame) => (frame?.name === "toFixed" ? "toFixed() digits argument must be between 0 and 100" : undefined),
  "this is not initialized": "Must call super constructor in derived class before accessing 'this' or returning from derived constructor",
  "expecting hex digit": "URI malformed",
  "empty array": "Reduce of empty array with no initial value",
  "invalid value used as WeakSet key": "Invalid value used in weak set",
  "invalid value used as WeakMap key": "Invalid value used as weak map key",
  "toPrimitive": "Cannot convert object to primitive value",
  "cannot invoke a running generator": "Generator is already running",
};

const patterns: [RegExp, Reword][] = [
  [/^cannot (read|set) property '(.*)' of (undefined|null)$/, (_frame, verb, key, value) => `Cannot ${verb} properties of ${value} (${verb === "read" ? "reading" : "setting"} '${key}')`],
  [/^'(.*)' is not defined$/, (_frame, name) => `${name} is not defined`],
  [/^(.+) is not initialized$/, (_frame, name) => `Cannot access '${name}' before initialization`],
  [/^'(.*)' is read-only$/, (_frame, key) => `Cannot assign to read only property '${key}' of object '#<Object>'`],
  [/^private class field '(#.*)' does not exist$/, (_frame, name) => `Cannot read private member ${name} from an object whose class did not declare it`],
];

function inV8sWords(message: string, frame: () => Frame | undefined): string | undefined {
  const found = Object.hasOwn(whole, message) ? whole[message]! : undefined;
  if (found !== undefined) return typeof found === "string" ? found : found(frame());
  for (const [pattern, reword] of patterns) {
    const match = pattern.exec(message);
    if (match !== null) return reword(frame(), ...(match.slice(1) as string[]));
  }
  return undefined;
}

/** Errors that have been looked at. */
const seen = new WeakSet<object>();

const { isError } = Error as ErrorConstructor & { isError(value: unknown): boolean };
const { RangeError: Range } = globalThis;

/** Puts an error of the engine's into V8's words, and lets everything else be. */
export function reword(error: unknown): void {
  if (!isError(error) || madeByScript(error as object) || seen.has(error as object)) return;
  seen.add(error as object);
  const own = Object.getOwnPropertyDescriptor(error, "message");
  const stack = Object.getOwnPropertyDescriptor(error, "stack")?.value;
  if (typeof own?.value !== "string" || !own.configurable || typeof stack !== "string") return;
  if (own.value === "stack overflow") {
    Object.setPrototypeOf(error, Range.prototype);
    Object.defineProperty(error, "message", { ...own, value: "Maximum call stack size exceeded" });
    return;
  }
  const value = inV8sWords(own.value, () => frameOf(stack));
  if (value !== undefined) Object.defineProperty(error, "message", { ...own, value });
}

// ---- when an error is looked at ----

const ordinary = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  value: function (this: Function, value: unknown): boolean {
    reword(value);
    return ordinary.call(this, value);
  },
  writable: true,
  configurable: true,
});

const { toString } = Error.prototype;
Object.defineProperty(Error.prototype, "toString", {
  value: {
    toString(this: Error): string {
      reword(this);
      return toString.call(this);
    },
  }.toString,
  writable: true,
  configurable: true,
});

registerEntry({ reword });
