// node:console, node:perf_hooks and node:module: what the platform has anyway.

import { format } from "../inspect/format";
import { inspect } from "../inspect";
import { table } from "../inspect/table";
import { builtin } from "../frame";
import { table as numbers } from "./constants";
import { codedError } from "./errors";
import { builtinNames } from "./names";
import { notAStream, SyncWriteStream } from "./tty";
import { notImplemented, throwing, unmakeable } from "./unimplemented";

const web: any = globalThis;

// ---- node:console ----

/** A console that writes to streams. */
function Console(this: any, options: any, stderr?: any): any {
  if (new.target === undefined) return new (Console as any)(options, stderr);
  const { stdout, stderr: errors = stdout } = typeof options?.write === "function" ? { stdout: options, stderr: stderr ?? options } : options ?? {};
  if (typeof stdout?.write !== "function") throw notAStream();
  let indent = "";
  const counts = new Map<string, number>();
  const starts = new Map<string, number>();
  const print = (stream: any, text: string) => stream.write(`${indent}${text.replaceAll("\n", `\n${indent}`)}\n`);
  const out = (...args: unknown[]) => void print(stdout, format(args));
  const err = (...args: unknown[]) => void print(errors, format(args));
  const methods: Record<string, (...args: any[]) => void> = {
    log: out, debug: out, info: out, dirxml: out, error: err, warn: err,
    dir: (value, o) => out(inspect(value, { customInspect: false, ...o })),
    trace: (...args) => err(`Trace: ${format(args)}`),
    assert: (value, ...args) => {
      if (!value) err(typeof args[0] === "string" ? `Assertion failed: ${args.shift()}` : "Assertion failed", ...args);
    },
    table: (data, columns) => out(table(data, columns) ?? format([data])),
    group: (...args) => {
      if (args.length > 0) out(...args);
      indent += "  ";
    },
    groupEnd: () => void (indent = indent.slice(2)),
    count: (label = "default") => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      out(`${label}: ${counts.get(label)}`);
    },
    countReset: (label = "default") => void counts.delete(label),
    time: (label = "default") => void starts.set(label, Date.now()),
    timeLog: (label = "default", ...args) => out(`${label}: ${Date.now() - (starts.get(label) ?? Date.now())}ms`, ...args),
    timeEnd: (label = "default") => {
      out(`${label}: ${Date.now() - (starts.get(label) ?? Date.now())}ms`);
      starts.delete(label);
    },
    clear: () => {}, profile: () => {}, profileEnd: () => {}, timeStamp: () => {},
  };
  Object.assign(this, { ...methods, groupCollapsed: methods.group, _stdout: stdout, _stderr: errors });
}
Object.defineProperty(Console, "length", { value: 1 });

export function consoleModule(): Record<string, any> {
  const names =
    "debug error info log warn dir dirxml table trace group groupCollapsed groupEnd clear count countReset assert profile profileEnd time timeLog timeEnd timeStamp";
  return {
    ...Object.fromEntries(names.split(" ").map((name) => [name, web.console[name].bind(web.console)])), ...throwing("context createTask", "Console."),
    Console, _times: new Map(), _ignoreErrors: true, _stderrErrorHandler: () => {}, _stdoutErrorHandler: () => {},
    _stderr: new SyncWriteStream(2), _stdout: new SyncWriteStream(1),
  };
}

// ---- node:perf_hooks ----

export function perfHooks(): Record<string, any> {
  const kinds = "Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming";
  const prefixed = (prefix: string, text: string) => Object.fromEntries(Object.entries(numbers(text)).map(([name, value]) => [prefix + name, value]));
  return {
    ...Object.fromEntries(kinds.split(" ").map((name) => [name, web[name]])), ...throwing("monitorEventLoopDelay createHistogram"),
    eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }), timerify: (fn: unknown) => fn, performance: web.performance,
    constants: {
      ...prefixed("NODE_PERFORMANCE_GC_", "MAJOR:4 MINOR:1 INCREMENTAL:8 WEAKCB:16 FLAGS_NO:0 FLAGS_CONSTRUCT_RETAINED:2 FLAGS_FORCED:4 FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING:8 FLAGS_ALL_AVAILABLE_GARBAGE:16 FLAGS_ALL_EXTERNAL_MEMORY:32 FLAGS_SCHEDULE_IDLE:64"),
      ...prefixed("NODE_PERFORMANCE_ENTRY_TYPE_", "GC:0 HTTP:1 HTTP2:2 NET:3 DNS:4"),
      ...prefixed("NODE_PERFORMANCE_MILESTONE_", "TIME_ORIGIN_TIMESTAMP:0 TIME_ORIGIN:1 ENVIRONMENT:2 NODE_START:3 V8_START:4 LOOP_START:5 LOOP_EXIT:6 BOOTSTRAP_COMPLETE:7"),
    },
  };
}

// ---- node:module ----

const isBuiltin = (name: string) => builtinNames.includes(name) || (name.startsWith("node:") && (builtinNames.includes(name.slice(5)) || ["node:test", "node:sqlite"].includes(name)));

/** A require for the platform's own modules. Those of the bundle are in it. */
function createRequire(path: any): any {
  if (typeof path !== "string" && !(path instanceof web.URL)) {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE", `The argument 'path' The argument must be a file URL object, a file URL string, or an absolute path string.. Received '${path}'`);
  }
  const load = (name: string) => {
    const found: any = builtin(name);
    if (found === undefined) throw new Error(`No such module "${name}".`);
    return found.default ?? found;
  };
  return Object.assign(load, { resolve: (name: string) => name, cache: {}, extensions: {}, main: undefined });
}

export function moduleModule(): any {
  const names =
    "_debug _findPath _initPaths _load _nodeModulePaths _preloadModules _resolveFilename _resolveLookupPaths enableCompileCache findPackageJSON findSourceMap flushCompileCache getCompileCacheDir getSourceMapsSupport register registerHooks runMain setSourceMapsSupport stripTypeScriptTypes syncBuiltinESMExports wrap";
  const prefix = "module.";
  const Module: any = function Module() {
    throw notImplemented(`${prefix}Module`);
  };
  const { SourceMap } = unmakeable("SourceMap", prefix);
  return Object.assign(Module, {
    ...throwing(names, prefix), SourceMap, Module, _cache: {}, _extensions: { ".js": () => {}, ".json": () => {}, ".node": () => {} }, _pathCache: {},
    builtinModules: builtinNames, constants: { compileCacheStatus: {} }, createRequire, globalPaths: [], isBuiltin,
  });
}
