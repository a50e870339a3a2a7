// Modules that the platform has in name: most of what they have only throws.

import { EventEmitter } from "./events";
import { builtinNames } from "./names";
import { notImplemented, idle, throwing, unmakeable } from "./unimplemented";
import { checkFunction, checkNumber, checkObject, checkString } from "./validate";

type Exports = Record<string, any>;

/** A check that comes before the throw. */
const after = (check: (value: any) => void, name: string) => (value?: any) => {
  check(value);
  throw notImplemented(name);
};

export const childProcess = (): Exports => {
  const prefix = "child_process.";
  const command = (value: any) => checkString(value, "command");
  return {
    ...unmakeable("ChildProcess", prefix),
    ...throwing("_forkChild execFile execFileSync execSync fork spawn", prefix),
    exec: after(command, `${prefix}exec`),
    spawnSync: after(command, `${prefix}spawnSync`),
  };
};

export const cluster = (): Exports => {
  const made: any = new EventEmitter();
  class Worker extends (EventEmitter as any) {}
  class Cluster extends (EventEmitter as any) {}
  return Object.assign(made, {
    Cluster, Worker, isMaster: true, isPrimary: true, isWorker: false, SCHED_NONE: 1, SCHED_RR: 2, schedulingPolicy: 2, settings: {}, workers: {},
    ...idle("disconnect setupPrimary setupMaster"), fork: () => {
      throw notImplemented("cluster.fork");
    },
    ...Object.fromEntries(["_events", "_eventsCount", "_maxListeners"].map((key) => [key, made[key]])),
  });
};

export const dgram = (): Exports => ({
  createSocket: after((type) => checkObject(type, "type"), "createSocket"),
  Socket: function Socket(): never {
    throw notImplemented("Socket");
  },
});

export const domain = (): Exports => {
  class Domain extends (EventEmitter as any) {
    members: unknown[] = [];
    add(): void {}
    remove(): void {}
    enter(): void {}
    exit(): void {}
    bind(fn: unknown): unknown { return fn; }
    intercept(fn: unknown): unknown { return fn; }
    run(fn: (...args: unknown[]) => unknown, ...args: unknown[]): unknown { return fn(...args); }
  }
  const create = () => new Domain();
  return { Domain, active: null, createDomain: create, create };
};

export const http2 = (): Exports => {
  const prefix = "http2.";
  return {
    constants: {}, ...throwing("createSecureServer createServer connect performServerHandshake", prefix),
    ...unmakeable("Http2ServerRequest Http2ServerResponse", prefix), getDefaultSettings: () => ({}),
    getPackedSettings: () => (globalThis as any).Buffer.alloc(0), getUnpackedSettings: () => ({}), sensitiveHeaders: Symbol("nodejs.http2.sensitiveHeaders"),
  };
};

export const inspector = (): Exports => ({
  ...unmakeable("Session"), ...idle("close url waitForDebugger"), console: {}, open: () => ({ [Symbol.dispose]() {} }), Network: {},
});

export const readline = (): Exports => {
  class Interface extends (EventEmitter as any) {
    terminal = false;
    line = "";
    cursor = 0;
    close(): void {}
    pause(): this { return this; }
    resume(): this { return this; }
    setPrompt(): void {}
    getPrompt(): string { return ""; }
    prompt(): void {}
    write(): void {}
    question(_query: string, _options: unknown, callback?: (answer: string) => void): void { callback?.(""); }
    getCursorPos(): object { return { rows: 0, cols: 0 }; }
    async *[Symbol.asyncIterator](): AsyncGenerator<string> {}
  }
  const no = () => false;
  return {
    clearLine: no, clearScreenDown: no, createInterface: () => new Interface(), cursorTo: no, emitKeypressEvents: () => {}, moveCursor: no,
    Interface, promises: readlinePromises(),
  };
};

export const readlinePromises = (): Exports => {
  class Interface extends (EventEmitter as any) {
    close(): void {}
    async question(): Promise<string> { return ""; }
  }
  class Readline {
    clearLine(): this { return this; }
    clearScreenDown(): this { return this; }
    commit(): Promise<void> { return Promise.resolve(); }
    cursorTo(): this { return this; }
    moveCursor(): this { return this; }
    rollback(): this { return this; }
  }
  return { Interface, Readline, createInterface: () => new Interface() };
};

export const repl = (): Exports => {
  class Recoverable extends SyntaxError {}
  return {
    ...throwing("writer start"), Recoverable, ...unmakeable("REPLServer"), builtinModules: builtinNames, _builtinLibs: builtinNames,
    REPL_MODE_SLOPPY: Symbol("repl-sloppy"), REPL_MODE_STRICT: Symbol("repl-strict"),
  };
};

export const sqlite = (): Exports => {
  const illegal = (name: string) => Object.defineProperty(class {
    constructor() {
      throw new TypeError("Illegal constructor");
    }
  }, "name", { value: name });
  return {
    DatabaseSync: illegal("DatabaseSync"), StatementSync: illegal("StatementSync"), constants: {},
    backup: () => {
      throw new Error("backup is not implemented");
    },
  };
};

export const traceEvents = (): Exports => ({
  createTracing: after((options) => checkObject(options, "options"), "createTracing"), getEnabledCategories: () => undefined,
});

export const v8 = (): Exports => {
  const heap = [
    "total_heap_size", "total_heap_size_executable", "total_physical_size", "total_available_size", "used_heap_size", "heap_size_limit",
    "malloced_memory", "peak_malloced_memory", "does_zap_garbage", "number_of_native_contexts", "number_of_detached_contexts",
    "total_global_handles_size", "used_global_handles_size", "external_memory",
  ];
  const code = ["code_and_metadata_size", "bytecode_and_metadata_size", "external_script_source_size", "cpu_profiler_metadata_size"];
  const zeros = (names: string[]) => Object.fromEntries(names.map((name) => [name, 0]));
  class GCProfiler {
    start(): void {}
    stop(): undefined { return undefined; }
  }
  const { Serializer, Deserializer } = unmakeable("Serializer Deserializer");
  return {
    cachedDataVersionTag: () => 0, ...throwing("getHeapSnapshot deserialize serialize takeCoverage stopCoverage writeHeapSnapshot"),
    getHeapStatistics: () => zeros(heap), getHeapSpaceStatistics: () => [], getHeapCodeStatistics: () => zeros(code),
    getCppHeapStatistics: () => ({ committed_size_bytes: 0, resident_size_bytes: 0, used_size_bytes: 0, space_statistics: [], type_names: [] }),
    setFlagsFromString: (flags: unknown) => checkString(flags, "flags"), Serializer, Deserializer,
    DefaultSerializer: class DefaultSerializer extends Serializer {}, DefaultDeserializer: class DefaultDeserializer extends Deserializer {},
    promiseHooks: {}, queryObjects: after((constructor) => checkFunction(constructor, "constructor"), "queryObjects"), startupSnapshot: {},
    setHeapSnapshotNearHeapLimit: (limit: unknown) => checkNumber(limit, "limit"), GCProfiler,
    isStringOneByteRepresentation(content: unknown): boolean {
      checkString(content, "content");
      return !/[^\0-\xff]/.test(content);
    },
  };
};

export const vm = (): Exports => {
  class Script {
    runInContext(): never { throw notImplemented("runInContext"); }
    runInNewContext(): never { throw notImplemented("runInNewContext"); }
    runInThisContext(): never { throw notImplemented("runInThisContext"); }
    createCachedData(): never { throw notImplemented("createCachedData"); }
  }
  return {
    Script, createContext: (context: object = {}) => context, createScript: () => new Script(),
    ...throwing("runInThisContext measureMemory"), runInNewContext: () => {
      throw notImplemented("runInThisContext");
    },
    runInContext(_code: unknown, object: unknown): never {
      checkObject(object, "object");
      throw notImplemented("runInContext");
    },
    isContext(object: unknown): boolean {
      checkObject(object, "object");
      return true;
    },
    compileFunction: after((code) => checkString(code, "code"), "compileFunction"), constants: {},
  };
};

export const wasi = (): Exports => unmakeable("WASI");

export const workerThreads = (): Exports => {
  const web = globalThis as any;
  const environment = new Map<unknown, unknown>();
  return {
    ...unmakeable("BroadcastChannel Worker"), MessageChannel: web.MessageChannel, MessagePort: web.MessagePort,
    SHARE_ENV: Symbol.for("nodejs.worker_threads.SHARE_ENV"), getEnvironmentData: (key: unknown) => environment.get(key), isMainThread: true,
    isMarkedAsUntransferable: () => false, ...idle("markAsUntransferable markAsUncloneable receiveMessageOnPort"),
    moveMessagePortToContext: () => new web.MessagePort(), parentPort: null, resourceLimits: {},
    setEnvironmentData: (key: unknown, value: unknown) => void environment.set(key, value), ...throwing("postMessageToThread"),
    threadId: 0, workerData: null, isInternalThread: false,
  };
};

export const test = (): Exports => {
  class MockFunctionContext {
    calls: unknown[] = [];
    callCount(): number { return this.calls.length; }
  }
  class MockTracker {}
  return { mock: new MockTracker(), MockFunctionContext, MockTracker };
};
