// node:util.

import { custom, defaults, inspect as inspectValue } from "../inspect";
import { format as formatAll } from "../inspect/format";
import { later } from "../later";
import { deepEqual } from "./comparisons";
import { Buffer } from "./buffer";
import { codedError, invalidArgType, invalidArgValue, notEmulated } from "./errors";
import { addAbortListener } from "./events_abort";
import { parseArgs } from "./util_parse_args";
import { colorOf, stripVTControlCharacters, styles, styleText } from "./util_style";
import * as types from "./util_types";
import { checkFunction, checkObject, checkString } from "./validate";

type Fn = (...args: any[]) => any;

const customPromisify = Symbol.for("nodejs.util.promisify.custom");
// Names what a function calls back with, when it is more than one value.
const promisifyNames = Symbol.for("nodejs.util.promisify.custom.args");

// promisify turns a function whose last argument is a callback into one that
// answers a promise.
export function promisify(original: any): Fn {
  checkFunction(original, "original");
  const custom = (original as any)[customPromisify];
  if (custom) {
    checkFunction(custom, "util.promisify.custom");
    return Object.defineProperty(custom, customPromisify, { value: custom, configurable: true });
  }
  const names: string[] | undefined = (original as any)[promisifyNames];
  const promised = function (this: unknown, ...args: unknown[]) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...args, (error: unknown, ...values: unknown[]) => {
        if (error) reject(error);
        else resolve(names === undefined ? values[0] : Object.fromEntries(names.map((name, i) => [name, values[i]])));
      }]);
    });
  };
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original));
  Object.defineProperty(promised, customPromisify, { value: promised, configurable: true });
  return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = customPromisify;

// callbackify turns a function that answers a promise into one that takes a
// callback last.
export function callbackify(original: any): Fn {
  checkFunction(original, "original");
  const called = function (this: unknown, ...args: unknown[]) {
    const callback = args.pop();
    checkFunction(callback, "last argument");
    Reflect.apply(original, this, args).then(
      (value: unknown) => queueMicrotask(() => Reflect.apply(callback, this, [null, value])),
      (reason: any) => queueMicrotask(() => Reflect.apply(callback, this, [reason || falsyReason(reason)])),
    );
  };
  const descriptors = Object.getOwnPropertyDescriptors(original) as any;
  if (typeof descriptors.length?.value === "number") ++descriptors.length.value;
  if (typeof descriptors.name?.value === "string") descriptors.name.value += "Callbackified";
  return Object.defineProperties(called, descriptors);
}

function falsyReason(reason: unknown): Error {
  const error = codedError(Error, "ERR_FALSY_VALUE_REJECTION", "Promise was rejected with falsy value");
  error.reason = reason;
  return error;
}

export function inherits(constructor: any, superConstructor: any): void {
  checkFunction(constructor, "ctor");
  checkFunction(superConstructor, "superCtor");
  if (superConstructor.prototype === undefined) {
    throw invalidArgType("superCtor.prototype", "Object", superConstructor.prototype);
  }
  Object.defineProperty(constructor, "super_", { value: superConstructor, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype);
}

export function _extend(target: any, source: any): any {
  return source === null || typeof source !== "object" ? target : Object.assign(target, source);
}

const warnedCodes = new Set<string>();

// deprecate warns once, when the function is first called.
export function deprecate(fn: Fn, message: string, code?: string): Fn {
  if (code !== undefined) checkString(code, "code");
  let warned = false;
  const deprecated = function (this: unknown, ...args: unknown[]) {
    if (!warned && !(code !== undefined && warnedCodes.has(code))) {
      if (code !== undefined) warnedCodes.add(code);
      console.warn(`${code === undefined ? "" : `[${code}] `}DeprecationWarning: ${message}`);
    }
    warned = true;
    return new.target ? Reflect.construct(fn, args, new.target) : Reflect.apply(fn, this, args);
  };
  Object.setPrototypeOf(deprecated, fn);
  if (fn.prototype) deprecated.prototype = fn.prototype;
  return deprecated;
}

// debuglog answers a logger that prints when NODE_DEBUG names its section.
export function debuglog(section: string, onReady?: (log: Fn) => void): Fn {
  const enabled = (): boolean => {
    const names = String((globalThis as any).process?.env?.NODE_DEBUG ?? "").split(",");
    return names.some((name) => new RegExp(`^${globPattern(name.trim())}$`, "i").test(section));
  };
  let ready = false;
  const log: any = (...args: unknown[]) => {
    if (!ready) {
      ready = true;
      onReady?.(log);
    }
    if (enabled()) console.error(`${section.toUpperCase()} 1: ${format(...args)}`);
  };
  return Object.defineProperty(log, "enabled", { get: enabled, configurable: true, enumerable: true });
}
export const debug = debuglog;

function globPattern(text: string): string {
  return text.replace(/[|\\{}()[\]^$+?.]/g, "\\$&").replaceAll("*", ".*");
}

export function log(...args: unknown[]): void {
  const now = new Date();
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
  const month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ")[now.getMonth()];
  console.log("%s - %s", `${now.getDate()} ${month} ${time}`, format(...args));
}

export function toUSVString(text: unknown): string {
  return `${text}`.toWellFormed();
}

export function aborted(signal: any, resource: object): Promise<void> {
  if (signal === undefined) return Promise.reject(invalidArgType("signal", "AbortSignal", signal));
  checkObject(resource, "resource");
  return new Promise((resolve) => addAbortListener(signal, () => resolve()));
}

export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return deepEqual(a, b, "strict");
}

// parseEnv reads the text of a .env file.
export function parseEnv(content: string): Record<string, string> {
  checkString(content, "content");
  const line = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*("(?:[^"]*)"|'(?:[^']*)'|`(?:[^`]*)`|[^\n#]*)/gm;
  const env: Record<string, string> = {};
  for (const [, name, raw] of content.replaceAll("\r\n", "\n").matchAll(line)) {
    const quote = raw![0];
    const quoted = (quote === '"' || quote === "'" || quote === "`") && raw!.length > 1 && raw!.endsWith(quote);
    const value = quoted ? raw!.slice(1, -1) : raw!.trim();
    env[name!] = quote === '"' && quoted ? value.replaceAll("\\n", "\n") : value;
  }
  return env;
}

// inspect takes its old positional arguments too.
function inspect(value: unknown, options?: any, depth?: number | null, colors?: boolean): string {
  if (typeof options !== "boolean") return inspectValue(value, options);
  return inspectValue(value, { showHidden: options, depth: depth === undefined ? 2 : depth, colors: colors ?? false });
}
Object.assign(inspect, { custom, defaultOptions: defaults, colors: styles, styles: colorOf });

function format(...args: unknown[]): string {
  return formatAll(args);
}

function formatWithOptions(options: any, ...args: unknown[]): string {
  checkObject(options, "inspectOptions");
  return formatAll(args, options);
}

function lacking(name: string): Fn {
  return { [name]: () => { throw notEmulated(`node:util ${name}`); } }[name]!;
}

// Old tests of types, gone from Node.js but not from the platform.
const old = {
  isArray: Array.isArray,
  isBoolean: (value: unknown) => typeof value === "boolean",
  isBuffer: (value: unknown) => Buffer.isBuffer(value),
  isDate: types.isDate,
  isError: (value: unknown) => types.isNativeError(value),
  isFunction: (value: unknown) => typeof value === "function",
  isNull: (value: unknown) => value === null,
  isNullOrUndefined: (value: unknown) => value == null,
  isNumber: (value: unknown) => typeof value === "number",
  isObject: (value: unknown) => value !== null && typeof value === "object",
  isPrimitive: (value: unknown) => value === null || (typeof value !== "object" && typeof value !== "function"),
  isRegExp: types.isRegExp,
  isString: (value: unknown) => typeof value === "string",
  isSymbol: (value: unknown) => typeof value === "symbol",
  isUndefined: (value: unknown) => value === undefined,
};

const web: any = globalThis;

export default {
  types, callbackify, promisify, inspect, format, formatWithOptions, stripVTControlCharacters, inherits, _extend,
  toUSVString, log, aborted, debuglog, debug, deprecate, parseArgs, parseEnv, styleText, isDeepStrictEqual,
  TextEncoder: web.TextEncoder,
  TextDecoder: web.TextDecoder,
  getCallSite: () => [],
  getCallSites: () => [],
  ...Object.fromEntries([
    "MIMEParams", "MIMEType", "getSystemErrorMap", "getSystemErrorMessage", "getSystemErrorName",
    "transferableAbortController", "transferableAbortSignal", "_errnoException", "_exceptionWithHostPort",
  ].map((name) => [name, lacking(name)])),
  convertProcessSignalToExitCode: (signal: unknown) => {
    const number = typeof signal === "string" ? later("node/constants").signalNumbers[signal] : undefined;
    if (number === undefined) throw invalidArgValue("signalCode", signal);
    return 128 + number;
  },
  setTraceSigInt: () => {},
  diff,
  ...old,
};

/** The steps from one list or text to another: 1 for what is new, -1 for what is gone, 0 for the rest. */
function diff(actual: any, expected: any): [number, unknown][] {
  if (actual === expected) return [];
  const [a, b] = [actual, expected].map((value: any) => (Array.isArray(value) ? value : [...String(value)]));
  const rows = a!.length;
  const columns = b!.length;
  const longest = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      longest[i]![j] = a![i] === b![j] ? longest[i + 1]![j + 1]! + 1 : Math.max(longest[i + 1]![j]!, longest[i]![j + 1]!);
    }
  }
  const steps: [number, unknown][] = [];
  for (let i = 0, j = 0; i < rows || j < columns; ) {
    if (i < rows && j < columns && a![i] === b![j]) steps.push([0, a![i++]]), j++;
    else if (i < rows && (j === columns || longest[i + 1]![j]! >= longest[i]![j + 1]!)) steps.push([1, a![i++]]);
    else steps.push([-1, b![j++]]);
  }
  return steps;
}
