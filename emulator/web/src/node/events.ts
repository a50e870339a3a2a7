// node:events: EventEmitter and what stands around it.

import { AsyncResource } from "./async_resource";
import { inspect } from "../inspect";
import { codedError, invalidArgType } from "./errors";
import { on, once } from "./events_async";
import { addAbortListener } from "./events_abort";
import { checkBoolean, checkFunction, checkNumber } from "./validate";

type Listener = ((...args: any[]) => any) & { listener?: Listener };
type Name = string | symbol;
type Handlers = Listener | Listener[];

export const errorMonitor = Symbol("events.errorMonitor");
export const captureRejectionSymbol = Symbol.for("nodejs.rejection");
export const usingDomains = false;

const kCapture = Symbol("kCapture");
const kMaxEventTargetListeners = Symbol("events.maxEventTargetListeners");

let maxListeners = 10;

export interface EventEmitter {
  [key: PropertyKey]: any;
}

// Made callable, because old code does EventEmitter.call(this).
export const EventEmitter: any = function EventEmitter(this: any, options?: object) {
  EventEmitter.init.call(this, options);
};

EventEmitter.init = function init(this: any, options?: { captureRejections?: boolean }) {
  if (this._events === undefined || this._events === Object.getPrototypeOf(this)._events) {
    this._events = Object.create(null);
    this._eventsCount = 0;
  }
  this._maxListeners ||= undefined;
  if (options?.captureRejections) {
    checkBoolean(options.captureRejections, "options.captureRejections");
    this[kCapture] = true;
  } else {
    this[kCapture] = EventEmitter.prototype[kCapture];
  }
};

const methods = {
  setMaxListeners(this: any, n: number) {
    checkNumber(n, "setMaxListeners", 0);
    this._maxListeners = n;
    return this;
  },

  getMaxListeners(this: any): number {
    return limitOf(this);
  },

  emit(this: any, name: Name, ...args: any[]): boolean {
    const events = this._events;
    if (name === "error") {
      if (events?.[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
      if (events?.error === undefined) throw unhandledError(args);
    }
    const handlers: Handlers | undefined = events?.[name];
    if (handlers === undefined) return false;
    if (typeof handlers === "function") deliver(this, name, handlers, args);
    else for (const handler of handlers.slice()) deliver(this, name, handler, args);
    return true;
  },

  addListener(this: any, name: Name, listener: Listener) {
    return add(this, name, listener, false);
  },

  prependListener(this: any, name: Name, listener: Listener) {
    return add(this, name, listener, true);
  },

  once(this: any, name: Name, listener: Listener) {
    checkFunction(listener, "listener");
    return this.on(name, onceWrapper(this, name, listener));
  },

  prependOnceListener(this: any, name: Name, listener: Listener) {
    checkFunction(listener, "listener");
    return this.prependListener(name, onceWrapper(this, name, listener));
  },

  removeListener(this: any, name: Name, listener: Listener) {
    return remove(this, name, listener);
  },

  removeAllListeners(this: any, ...names: Name[]) {
    if (this._events === undefined) return this;
    if (names.length > 0) return removeAllOf(this, names[0]!);
    if (this._events.removeListener === undefined) {
      clear(this);
      return this;
    }
    for (const name of Reflect.ownKeys(this._events)) {
      if (name !== "removeListener") this.removeAllListeners(name);
    }
    this.removeAllListeners("removeListener");
    clear(this);
    return this;
  },

  listeners(this: any, name: Name): Listener[] {
    return handlersOf(this, name).map((handler) => handler.listener ?? handler);
  },

  rawListeners(this: any, name: Name): Listener[] {
    return handlersOf(this, name);
  },

  listenerCount(this: any, name: Name, listener?: Listener): number {
    const handlers = handlersOf(this, name);
    if (listener == null) return handlers.length;
    return handlers.filter((handler) => handler === listener || handler.listener === listener).length;
  },

  eventNames(this: any): Name[] {
    return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : [];
  },
};

// The prototype's own properties are enumerable in Node.js: mixins copy them.
EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;
Object.assign(EventEmitter.prototype, methods, { on: methods.addListener, off: methods.removeListener });
Object.defineProperty(EventEmitter.prototype, kCapture, { value: false, writable: true });

function limitOf(emitter: any): number {
  return emitter._maxListeners === undefined ? maxListeners : emitter._maxListeners;
}

function handlersOf(emitter: any, name: Name): Listener[] {
  const handlers: Handlers | undefined = emitter._events?.[name];
  if (handlers === undefined) return [];
  return typeof handlers === "function" ? [handlers] : handlers.slice();
}

function clear(emitter: any): void {
  emitter._events = Object.create(null);
  emitter._eventsCount = 0;
}

function deliver(emitter: any, name: Name, handler: Listener, args: unknown[]): void {
  const result = Reflect.apply(handler, emitter, args);
  if (result != null && emitter[kCapture] && typeof result.then === "function") {
    result.then(undefined, (error: unknown) => queueMicrotask(() => rejected(emitter, error, name, args)));
  }
}

function rejected(emitter: any, error: unknown, name: Name, args: unknown[]): void {
  if (typeof emitter[captureRejectionSymbol] === "function") {
    emitter[captureRejectionSymbol](error, name, ...args);
    return;
  }
  // A rejecting "error" listener must not be captured again.
  const before = emitter[kCapture];
  try {
    emitter[kCapture] = false;
    emitter.emit("error", error);
  } finally {
    emitter[kCapture] = before;
  }
}

function unhandledError(args: unknown[]): unknown {
  const value: any = args[0];
  if (value instanceof Error) return value;
  let shown: string;
  try {
    shown = inspect(value);
  } catch {
    shown = String(value);
  }
  const error = codedError(Error, "ERR_UNHANDLED_ERROR", `Unhandled error. (${shown})`);
  error.context = value;
  return error;
}

function add(emitter: any, name: Name, listener: Listener, prepend: boolean): any {
  checkFunction(listener, "listener");
  if (emitter._events === undefined) clear(emitter);
  if (emitter._events.newListener !== undefined) {
    emitter.emit("newListener", name, listener.listener ?? listener);
  }
  // The handler of newListener may have replaced _events.
  const events = emitter._events;
  const existing: Handlers | undefined = events[name];
  if (existing === undefined) {
    events[name] = listener;
    ++emitter._eventsCount;
    return emitter;
  }
  if (typeof existing === "function") events[name] = prepend ? [listener, existing] : [existing, listener];
  else if (prepend) existing.unshift(listener);
  else existing.push(listener);
  warnOfLeak(emitter, name, events[name]);
  return emitter;
}

function warnOfLeak(emitter: any, name: Name, handlers: Listener[] & { warned?: boolean }): void {
  const limit = limitOf(emitter);
  if (limit <= 0 || handlers.length <= limit || handlers.warned) return;
  handlers.warned = true;
  console.warn(
    `MaxListenersExceededWarning: Possible EventEmitter memory leak detected. ${handlers.length} ${String(name)} ` +
    `listeners added to ${inspect(emitter, { depth: -1 })}. MaxListeners is ${limit}. ` +
    "Use emitter.setMaxListeners() to increase limit",
  );
}

function onceWrapper(emitter: any, name: Name, listener: Listener): Listener {
  let fired = false;
  const wrapper: Listener = (...args: unknown[]) => {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(name, wrapper);
    return Reflect.apply(listener, emitter, args);
  };
  wrapper.listener = listener;
  return wrapper;
}

function remove(emitter: any, name: Name, listener: Listener): any {
  checkFunction(listener, "listener");
  const events = emitter._events;
  const handlers: Handlers | undefined = events?.[name];
  if (handlers === undefined) return emitter;
  if (typeof handlers === "function") {
    if (handlers !== listener && handlers.listener !== listener) return emitter;
    drop(emitter, name);
  } else {
    const at = handlers.findLastIndex((handler) => handler === listener || handler.listener === listener);
    if (at < 0) return emitter;
    handlers.splice(at, 1);
    if (handlers.length === 1) events[name] = handlers[0];
  }
  if (events.removeListener !== undefined) emitter.emit("removeListener", name, listener.listener ?? listener);
  return emitter;
}

function drop(emitter: any, name: Name): void {
  if (--emitter._eventsCount === 0) emitter._events = Object.create(null);
  else delete emitter._events[name];
}

function removeAllOf(emitter: any, name: Name): any {
  const handlers: Handlers | undefined = emitter._events[name];
  if (handlers === undefined) return emitter;
  if (emitter._events.removeListener === undefined || typeof handlers === "function") {
    if (typeof handlers === "function") emitter.removeListener(name, handlers);
    else drop(emitter, name);
    return emitter;
  }
  for (const handler of handlers.slice().reverse()) emitter.removeListener(name, handler);
  return emitter;
}

export class EventEmitterAsyncResource extends EventEmitter {
  #resource: AsyncResource;

  constructor(options?: any) {
    super(typeof options === "string" ? undefined : options);
    const name = typeof options === "string" ? options : options?.name;
    this.#resource = new AsyncResource(name ?? new.target.name);
  }

  emit(...args: unknown[]): boolean {
    return this.#resource.runInAsyncScope(super.emit, this, ...args) as boolean;
  }

  emitDestroy(): void {
    this.#resource.emitDestroy();
  }

  get asyncId(): number {
    return this.#resource.asyncId();
  }

  get triggerAsyncId(): number {
    return this.#resource.triggerAsyncId();
  }

  get asyncResource(): AsyncResource {
    return this.#resource;
  }
}

export function listenerCount(target: any, name: Name): number {
  if (typeof target?.listenerCount === "function") return target.listenerCount(name);
  return handlersOf(target, name).length;
}

export function getEventListeners(target: any, name: Name): Listener[] {
  if (typeof target?.listeners === "function") return target.listeners(name);
  // The web's EventTarget tells nobody what listens to it.
  if (target instanceof EventTarget) return [];
  throw invalidArgType("emitter", ["EventEmitter", "EventTarget"], target);
}

export function getMaxListeners(target: any): number {
  if (typeof target?.getMaxListeners === "function") return limitOf(target);
  if (target instanceof EventTarget) return (target as any)[kMaxEventTargetListeners] ?? maxListeners;
  throw invalidArgType("emitter", ["EventEmitter", "EventTarget"], target);
}

export function setMaxListeners(n = maxListeners, ...targets: any[]): void {
  checkNumber(n, "setMaxListeners", 0);
  if (targets.length === 0) maxListeners = n;
  for (const target of targets) {
    if (target instanceof EventTarget) {
      Object.defineProperty(target, kMaxEventTargetListeners, { value: n, writable: true, configurable: true });
    } else if (typeof target?.setMaxListeners === "function") {
      target.setMaxListeners(n);
    } else {
      throw invalidArgType("eventTargets", ["EventEmitter", "EventTarget"], target);
    }
  }
}

Object.defineProperties(EventEmitter, {
  captureRejections: {
    get: () => EventEmitter.prototype[kCapture],
    set: (value: unknown) => {
      checkBoolean(value, "EventEmitter.captureRejections");
      EventEmitter.prototype[kCapture] = value;
    },
    configurable: true,
    enumerable: true,
  },
  defaultMaxListeners: {
    get: () => maxListeners,
    set: (value: number) => {
      checkNumber(value, "defaultMaxListeners", 0);
      maxListeners = value;
    },
    configurable: true,
    enumerable: true,
  },
});
Object.assign(EventEmitter, {
  EventEmitter, EventEmitterAsyncResource, addAbortListener, captureRejectionSymbol, errorMonitor,
  getEventListeners, getMaxListeners, listenerCount, on, once, setMaxListeners, usingDomains,
});

export const captureRejections = false;
export const defaultMaxListeners = 10;
export { addAbortListener, on, once };
export default EventEmitter;
