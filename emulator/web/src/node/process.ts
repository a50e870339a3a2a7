// The global process. Of node:process the platform has far more; what a Worker
// and its libraries look at is here.

import { EventEmitter } from "./events";
import { builtin } from "../frame";
import { environment } from "./environment";
import { codedError, invalidArgType } from "./errors";
import { checkFunction } from "./validate";

const absent = new Set<string>();

// withoutAsyncContext has code that asks for AsyncLocalStorage at run time do
// without: its async functions were not lowered, so contexts would be lost.
export function withoutAsyncContext(): void {
  absent.add("node:async_hooks").add("async_hooks");
}

const versions = Object.freeze({ node: "22.19.0" });

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

const memory = { arrayBuffers: 0, external: 0, heapTotal: 0, heapUsed: 0, rss: 0 };
const features = Object.freeze({
  inspector: false, debug: false, uv: false, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true,
  cached_builtins: true, typescript: false, require_module: false, openssl_is_boringssl: true,
});

export const process: any = Object.assign(Object.create(EventEmitter.prototype), {
  title: "workerd", version: `v${versions.node}`, versions, arch: "x64", platform: "linux", release: { name: "node" },
  argv: ["workerd"], argv0: "workerd", execArgv: [], execPath: "", pid: 1, ppid: 0, exitCode: undefined, features, env,
  config: Object.freeze({ target_defaults: Object.freeze({}), variables: Object.freeze({}) }),
  nextTick, hrtime, emitWarning, chdir,
  cwd: () => "/bundle",
  umask: () => 18,
  uptime: () => (Date.now() - started) / 1000,
  memoryUsage: Object.assign(() => ({ ...memory }), { rss: () => 0 }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  kill: () => true,
  abort: () => refuse("process.abort"),
  exit: (code?: number) => refuse(`process.exit(${code ?? ""})`),
  getBuiltinModule: (id: string) => (absent.has(id) ? undefined : (builtin(id) as any)?.default),
});
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });
EventEmitter.call(process);

function refuse(what: string): never {
  throw new Error(`${what} is not available in a Worker`);
}
