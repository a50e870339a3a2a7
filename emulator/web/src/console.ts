// console, Console Standard, printing as Node does.

import { callSite, currentStack } from "./errors";
import { now } from "./clock";
import { defineOwnGlobal } from "./frame";
import { host } from "./host";
import { inspect, type InspectOptions } from "./inspect";
import { format } from "./inspect/format";
import { table } from "./inspect/table";

let indentation = "";
const counts = new Map<string, number>();
const started = new Map<string, number>();

function print(level: string, text: string, stack = ""): void {
  const indented = indentation ? indentation + text.replaceAll("\n", `\n${indentation}`) : text;
  host.log(level, indented, callSite(), stack);
}

function elapsed(label: string): string | undefined {
  const start = started.get(label);
  if (start === undefined) {
    print("warn", `Warning: No such label '${label}' for console.time()`);
    return undefined;
  }
  const ms = now() - start;
  return `${label}: ${ms < 1000 ? `${ms}ms` : `${(ms / 1000).toFixed(3)}s`}`;
}

const methods = {
  log(...args: unknown[]): void { print("log", format(args)); },
  info(...args: unknown[]): void { print("info", format(args)); },
  debug(...args: unknown[]): void { print("debug", format(args)); },
  warn(...args: unknown[]): void { print("warn", format(args)); },
  error(...args: unknown[]): void { print("error", format(args)); },
  trace(...args: unknown[]): void {
    print("log", args.length > 0 ? `Trace: ${format(args)}` : "Trace", currentStack());
  },
  dir(value: unknown, options?: InspectOptions): void {
    print("log", inspect(value, { customInspect: false, ...options }));
  },
  dirxml(...args: unknown[]): void { print("log", format(args)); },
  table(data: unknown, columns?: string[]): void { print("log", table(data, columns) ?? format([data])); },
  assert(condition: unknown, ...args: unknown[]): void {
    if (condition) return;
    const [first, ...rest] = args;
    if (args.length === 0) print("error", "Assertion failed");
    else if (typeof first === "string") print("error", format([`Assertion failed: ${first}`, ...rest]));
    else print("error", format(["Assertion failed:", ...args]));
  },
  group(...args: unknown[]): void {
    if (args.length > 0) print("log", format(args));
    indentation += "  ";
  },
  groupCollapsed(...args: unknown[]): void { methods.group(...args); },
  groupEnd(): void { indentation = indentation.slice(2); },
  count(label: unknown = "default"): void {
    const key = `${label}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    print("log", `${key}: ${count}`);
  },
  countReset(label: unknown = "default"): void {
    if (!counts.delete(`${label}`)) print("warn", `Warning: Count for '${label}' does not exist`);
  },
  time(label: unknown = "default"): void {
    const key = `${label}`;
    if (started.has(key)) print("warn", `Warning: Label '${key}' already exists for console.time()`);
    else started.set(key, now());
  },
  timeLog(label: unknown = "default", ...args: unknown[]): void {
    const text = elapsed(`${label}`);
    if (text !== undefined) print("log", format([text, ...args]));
  },
  timeEnd(label: unknown = "default"): void {
    const text = elapsed(`${label}`);
    started.delete(`${label}`);
    if (text !== undefined) print("log", text);
  },
  // Meant for a debugger's window.
  clear(): void {},
  profile(): void {},
  profileEnd(): void {},
  timeStamp(): void {},
  context(): object { return methods; },
  createTask(_name: string): { run<T>(fn: () => T): T } {
    return { run: (fn) => fn() };
  },
};

Object.defineProperty(methods, Symbol.toStringTag, { value: "console", configurable: true });
defineOwnGlobal("console", methods);
