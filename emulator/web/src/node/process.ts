// The global process. Of node:process the platform has far more; what a Worker
// and its libraries look at is here.

import { EventEmitter } from "./events";
import { builtin } from "../frame";
import { later } from "../later";
import { environment } from "./environment";
import { codedError, invalidArgType } from "./errors";
import { idle, throwing } from "./unimplemented";
import { checkFunction } from "./validate";


const absent = new Set<string>();

// withoutAsyncContext has code that asks for AsyncLocalStorage at run time do
// without: its async functions were not lowered, so contexts would be lost.
export function withoutAsyncContext(): void {
  absent.add("node:async_hooks").add("async_hooks");
}

const versions = Object.freeze({
  node: "22.23.4",
  ...Object.fromEntries(
    "v8 modules zlib brotli zstd ares napi llhttp nghttp2 acorn ada simdutf nbytes ncrypto uvwasi uv openssl sqlite icu tz cldr unicode amaro cjs_module_lexer nghttp3 ngtcp2 simdjson undici"
      .split(" ").map((name) => [name, ""]),
  ),
});

// Values of the environment are text, as everywhere.
const env = new Proxy(environment, {
  set(target, key, value) {
    if (typeof key === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
    target[key] = String(value);
    return true;
  },
  defineProperty(target, key, descriptor) {
    return Reflect.defineProperty(target, key, "value" in descriptor
      ? { ...descriptor, value: String(descriptor.value) }
      : descriptor);
  },
});

const started = Date.now();

function hrtime(before?: [number, number]): [number, number] {
  const now = Date.now() - started;
  const [seconds, nanos] = [Math.floor(now / 1000), (now % 1000) * 1e6];
  if (before === undefined) return [seconds, nanos];
  if (!Array.isArray(before)) throw invalidArgType("time", "Array", before);
  const borrow = nanos < before[1] ? 1 : 0;
  return [seconds - before[0] - borrow, nanos - before[1] + borrow * 1e9];
}
hrtime.bigint = (): bigint => BigInt(Date.now() - started) * 1_000_000n;

function emitWarning(warning: any, type: any = "Warning", code?: string): void {
  const options = typeof type === "object" && type !== null ? type : { type, code };
  let error = warning;
  if (typeof warning === "string") {
    error = new Error(warning);
    error.name = String(options.type ?? "Warning");
    if (options.code !== undefined) error.code = options.code;
    if (options.detail !== undefined) error.detail = options.detail;
  } else if (!(warning instanceof Error)) {
    throw invalidArgType("warning", ["Error", "string"], warning);
  }
  queueMicrotask(() => {
    const code = error.code ? `[${error.code}] ` : "";
    if (!process.emit("warning", error)) console.warn(`${code}${error.name}: ${error.message}`);
  });
}

function nextTick(callback: any, ...args: unknown[]): void {
  checkFunction(callback, "callback");
  queueMicrotask(() => callback(...args));
}

function chdir(directory: unknown): void {
  if (typeof directory !== "string") throw invalidArgType("directory", "string", directory);
  throw codedError(Error, "ENOENT", `no such file or directory, chdir '${directory}'`);
}

const resources =
  "userCPUTime systemCPUTime maxRSS sharedMemorySize unsharedDataSize unsharedStackSize minorPageFault majorPageFault swappedOut fsRead fsWrite ipcSent ipcReceived signalsCount voluntaryContextSwitches involuntaryContextSwitches"
    .split(" ");

const memory = { arrayBuffers: 0, external: 0, heapTotal: 0, heapUsed: 0, rss: 0 };
const features = Object.freeze({
  inspector: false, debug: false, uv: true, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true,
  cached_builtins: true, typescript: false, require_module: false, openssl_is_boringssl: true,
});

export const process: any = Object.assign(Object.create(EventEmitter.prototype), {
  title: "workerd", version: `v${versions.node}`, versions, arch: "x64", platform: "linux", release: { name: "node", lts: true, sourceUrl: "", headersUrl: "" },
  argv: ["workerd"], argv0: "workerd", execArgv: [], execPath: "", pid: 1, ppid: 0, exitCode: undefined, features, env,
  config: Object.freeze({ target_defaults: Object.freeze({}), variables: Object.freeze({}) }),
  nextTick, hrtime, emitWarning, chdir,
  cwd: () => "/bundle",
  umask: () => 18,
  uptime: () => (Date.now() - started) / 1000,
  memoryUsage: Object.assign(() => ({ ...memory }), { rss: () => 0 }),
  kill: () => true,
  abort: () => refuse("process.abort"),
  exit: (code?: number) => refuse(`process.exit(${code ?? ""})`),
  assert: (value: unknown, message?: string) => {
    if (!value) throw codedError(Error, "ERR_ASSERTION", message ?? "assertion error");
  },
  getegid: () => 0, getgid: () => 0, getgroups: () => [0], geteuid: () => 0, getuid: () => 0,
  ...Object.fromEntries(["setegid", "setgid", "setgroups", "seteuid", "setuid", "initgroups"].map((name) => [name, () => {
    throw codedError(Error, "EPERM", "operation not permitted");
  }])),
  ...idle("setSourceMapsEnabled ref unref setUncaughtExceptionCaptureCallback _fatalException _tickCallback _debugProcess _debugEnd _startProfilerIdleNotifier _stopProfilerIdleNotifier _rawDebug"),
  ...throwing("cpuUsage getActiveResourcesInfo hasUncaughtExceptionCaptureCallback dlopen binding execve _linkedBinding threadCpuUsage send getSourceMapsSupport", "process."),
  loadEnvFile: (path = ".env") => {
    throw codedError(Error, "ENOENT", `no such file or directory, readAll '${path.startsWith("/") ? path : `/bundle/${path}`}'`);
  },
  allowedNodeEnvironmentFlags: new Set(), channel: null, connected: false, debugPort: 0, finalization: {}, noDeprecation: false, permission: {},
  report: { compact: false, directory: "", filename: "", reportOnFatalError: false, reportOnSignal: false, reportOnUncaughtException: false, signal: "SIGUSR2" },
  resourceUsage: () => Object.fromEntries(resources.map((name) => [name, 0])), traceDeprecation: false, throwDeprecation: false, sourceMapsEnabled: false,
  constrainedMemory: () => 0, availableMemory: () => 0, openStdin: () => process.stdin, moduleLoadList: [], domain: null, _exiting: false,
  _getActiveRequests: () => [], _getActiveHandles: () => [], reallyExit: (code?: number) => refuse(`process.exit(${code ?? ""})`), _kill: () => true,
  _preload_modules: [], _disconnect: undefined, _handleQueue: undefined, _pendingMessage: undefined, _channel: undefined, _send: undefined,
  getBuiltinModule: (id: string) => (absent.has(id) ? undefined : (builtin(id) as any)?.default),
});
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });
EventEmitter.call(process);

/** A property made when it is first read. */
function lazily(name: string, make: () => unknown): void {
  Object.defineProperty(process, name, {
    get() {
      const value = make();
      Object.defineProperty(process, name, { value, writable: true, configurable: true, enumerable: true });
      return value;
    },
    configurable: true,
    enumerable: true,
  });
}
lazily("stdin", () => new (later("node/tty").ReadStream)(0));
lazily("stdout", () => new (later("node/tty").SyncWriteStream)(1));
lazily("stderr", () => new (later("node/tty").SyncWriteStream)(2));

function refuse(what: string): never {
  throw new Error(`${what} is not available in a Worker`);
}
