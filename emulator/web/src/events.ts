// Events, DOM Standard section 2, as far as there is no tree.

import { illegalConstructor, illegalInvocation } from "./brand";
import { DOMException } from "./domexception";

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

// beginDispatch, endDispatch and isStopped are for dispatchEvent alone.
let beginDispatch: (event: Event, target: object) => void;
let endDispatch: (event: Event) => void;
let isStopped: (event: Event) => boolean;
// trusted marks an event of the platform's making.
export let trusted: <T extends Event>(event: T) => T;

export class Event {
  #type: string;
  #init: EventInit;
  #target: object | undefined;
  #dispatching = false;
  #stopped = false;
  #propagates = true;
  #prevented = false;
  #trusted = false;

  static {
    beginDispatch = (event, target) => {
      if (!(#type in event)) throw illegalInvocation();
      if (event.#dispatching) {
        throw new DOMException("The event is already being dispatched.", "InvalidStateError");
      }
      event.#dispatching = true;
      event.#prevented = false;
      event.#target = target;
    };
    endDispatch = (event) => {
      event.#dispatching = false;
    };
    isStopped = (event) => event.#stopped;
    trusted = (event) => {
      event.#trusted = true;
      return event;
    };
  }

  constructor(type: string, init?: EventInit) {
    if (arguments.length === 0) {
      throw new TypeError("Failed to construct 'Event': constructor parameter 1 is not of type 'string'.");
    }
    this.#type = `${type}`;
    this.#init = init ?? {};
  }

  get type(): string { return this.#type; }
  get eventPhase(): number { return this.#dispatching ? 2 : 0; }
  get composed(): boolean { return !!this.#init.composed; }
  get bubbles(): boolean { return !!this.#init.bubbles; }
  get cancelable(): boolean { return !!this.#init.cancelable; }
  get defaultPrevented(): boolean { return this.#prevented; }
  get returnValue(): boolean { return !this.#prevented; }
  get currentTarget(): object | undefined { return this.#dispatching ? this.#target : undefined; }
  get target(): object | undefined { return this.#target; }
  get srcElement(): object | undefined { return this.#target; }
  get timeStamp(): number { return 0; }
  get isTrusted(): boolean { return this.#trusted; }
  get cancelBubble(): boolean { return !this.#propagates; }
  set cancelBubble(stop: boolean) { if (stop) this.#propagates = false; }

  stopImmediatePropagation(): void {
    this.#stopped = true;
    this.#propagates = false;
  }
  stopPropagation(): void { this.#propagates = false; }
  preventDefault(): void { if (this.#init.cancelable) this.#prevented = true; }
  composedPath(): object[] { return this.#dispatching && this.#target ? [this.#target] : []; }
}

const phases = { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 };
for (const [name, value] of Object.entries(phases)) {
  Object.defineProperty(Event, name, { value, enumerable: true });
  Object.defineProperty(Event.prototype, name, { value, enumerable: true });
}

export class CustomEvent extends Event {
  #detail: unknown;
  constructor(type: string, init?: EventInit & { detail?: unknown }) {
    super(type, init);
    this.#detail = init?.detail;
  }
  get detail(): unknown { return this.#detail; }
}

interface MessageEventInit extends EventInit {
  data?: unknown;
  origin?: string;
  lastEventId?: string;
  source?: object | null;
  ports?: object[];
}

// The members of message and close events are own properties, and in this order,
// as on the platform.
export class MessageEvent extends Event {
  declare readonly data: any;
  declare readonly origin: string | null;
  declare readonly lastEventId: string;
  declare readonly source: object | null;
  declare readonly ports: object[];
  constructor(type: string, init: MessageEventInit = {}) {
    super(type, init);
    fields(this, {
      ports: init.ports ?? [],
      source: init.source ?? null,
      lastEventId: init.lastEventId ?? "",
      origin: init.origin ?? null,
      data: init.data ?? null,
    });
  }
}

export class CloseEvent extends Event {
  declare readonly code: number;
  declare readonly reason: string;
  declare readonly wasClean: boolean;
  constructor(type: string, init: EventInit & { code?: number; reason?: string; wasClean?: boolean } = {}) {
    super(type, init);
    fields(this, { wasClean: init.wasClean ?? false, reason: init.reason ?? "", code: init.code ?? 0 });
  }
}

function fields(event: Event, values: Record<string, unknown>): void {
  for (const name in values) Object.defineProperty(event, name, { value: values[name], enumerable: true, configurable: true });
}

interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

export class ErrorEvent extends Event {
  #init: ErrorEventInit;
  constructor(type: string, init: ErrorEventInit = {}) {
    super(type, init);
    this.#init = init;
  }
  get filename(): string { return this.#init.filename ?? ""; }
  get message(): string { return this.#init.message ?? ""; }
  get lineno(): number { return this.#init.lineno ?? 0; }
  get colno(): number { return this.#init.colno ?? 0; }
  get error(): unknown { return this.#init.error; }
}

interface Rejection extends EventInit {
  promise: Promise<unknown>;
  reason?: unknown;
}

const making = Symbol("making");
export let rejectionEvent: (type: string, init: Rejection) => PromiseRejectionEvent;

export class PromiseRejectionEvent extends Event {
  #init: Rejection;
  static {
    rejectionEvent = (type, init) => new PromiseRejectionEvent(type, init, making);
  }
  constructor(type: string, init: Rejection, key?: symbol) {
    if (key !== making) throw illegalConstructor();
    super(type, init);
    this.#init = init;
  }
  get promise(): Promise<unknown> { return this.#init.promise; }
  get reason(): unknown { return this.#init.reason; }
}

// Events of service worker syntax exist by name; only the platform makes them.
export class ExtendableEvent extends Event {
  constructor() {
    super("");
    throw illegalConstructor();
  }
}

// ---- targets ----

type Listener = ((event: any) => unknown) | { handleEvent(event: any): unknown };

// The part of AbortSignal that listeners need; the class itself is a target.
interface Signal extends EventTarget {
  readonly aborted: boolean;
}

interface ListenerOptions {
  capture?: boolean;
  passive?: boolean;
  once?: boolean;
  signal?: Signal;
}

interface Registered {
  listener: Listener;
  once: boolean;
  removed: boolean;
}

// The global object is a target without being an instance.
let globalTarget: EventTarget | undefined;

// hasListeners tells whether anything would see an event of a type.
export let hasListeners: (target: EventTarget, type: string) => boolean;

// listenInTurn has what the property of a type holds be called among the
// listeners, in the place where listener was added, and not before them all.
export let listenInTurn: (target: EventTarget, type: string, listener: Listener) => void;

export class EventTarget {
  #listeners: Map<string, Registered[]> | undefined;
  #inTurn: string | undefined; // the type whose property is a listener

  static {
    listenInTurn = (target, type, listener) => {
      target.#inTurn = type;
      target.addEventListener(type, listener);
    };
    hasListeners = (target, type) => {
      const self = EventTarget.#self(target);
      return (self.#listeners?.get(type)?.length ?? 0) > 0 || typeof (target as any)[`on${type}`] === "function";
    };
  }

  static #self(value: unknown): EventTarget {
    if (value === undefined || value === globalThis) return (globalTarget ??= new EventTarget());
    if (typeof value !== "object" || value === null || !(#listeners in value)) throw illegalInvocation();
    return value;
  }

  addEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void {
    const self = EventTarget.#self(this);
    const { once = false, signal } = listenerOptions(options);
    if (listener === null || listener === undefined || signal?.aborted) return;
    if (typeof listener !== "function" && typeof listener !== "object") throw notAListener("addEventListener");
    const listeners = (self.#listeners ??= new Map());
    const kept = listeners.get(`${type}`) ?? [];
    if (kept.some((r: Registered) => r.listener === listener)) return;
    listeners.set(`${type}`, [...kept, { listener, once: !!once, removed: false }]);
    signal?.addEventListener("abort", () => self.removeEventListener(type, listener), { once: true });
  }

  removeEventListener(type: string, listener: Listener | null, options?: boolean | { capture?: boolean }): void {
    const self = EventTarget.#self(this);
    if (options === true) throw new TypeError("removeEventListener(): useCapture must be false.");
    if (typeof options === "object" && options?.capture) {
      throw new TypeError("removeEventListener(): options.capture must be false.");
    }
    self.#remove(`${type}`, listener);
  }

  #remove(type: string, listener: Listener | null): void {
    const kept = this.#listeners?.get(type);
    const found = kept?.find((r) => r.listener === listener);
    if (!kept || !found) return;
    found.removed = true;
    if (kept.length === 1) this.#listeners!.delete(type);
    else this.#listeners!.set(type, kept.filter((r) => r !== found));
  }

  // An error that a listener throws leaves dispatchEvent, and those after it
  // are not called: so does the platform.
  dispatchEvent(event: Event): boolean {
    const self = EventTarget.#self(this);
    const target = self === globalTarget ? globalThis : self;
    if (!(event instanceof Event)) {
      throw new TypeError("Failed to execute 'dispatchEvent' on 'EventTarget': parameter 1 is not of type 'Event'.");
    }
    beginDispatch(event, target);
    try {
      const handler = event.type === self.#inTurn ? undefined : (target as any)[`on${event.type}`];
      if (typeof handler === "function") answer(event, handler.call(target, event));
      for (const registered of self.#listeners?.get(event.type) ?? []) {
        if (isStopped(event)) break;
        if (registered.removed) continue;
        if (registered.once) self.#remove(event.type, registered.listener);
        answer(event, invoke(registered.listener, target, event));
      }
    } finally {
      endDispatch(event);
    }
    return !event.defaultPrevented;
  }
}

function listenerOptions(options: boolean | ListenerOptions | undefined): ListenerOptions {
  if (options === true) throw new TypeError("addEventListener(): useCapture must be false.");
  if (typeof options !== "object" || options === null) return {};
  if (options.capture) throw new TypeError("addEventListener(): options.capture must be false.");
  if (options.passive) throw new TypeError("addEventListener(): options.passive must be false.");
  return options;
}

function notAListener(method: string): TypeError {
  return new TypeError(`Failed to execute '${method}' on 'EventTarget': parameter 2 is not of type 'function or HandlerObject'.`);
}

function invoke(listener: Listener, target: object, event: Event): unknown {
  if (typeof listener === "function") return listener.call(target, event);
  return listener.handleEvent(event);
}

// A listener that answers true prevents the default.
function answer(event: Event, result: unknown): void {
  if (result === true) event.preventDefault();
}

// ---- the classes of the global object ----

export class WorkerGlobalScope extends EventTarget {
  constructor() {
    super();
    throw illegalConstructor();
  }
}

export function ServiceWorkerGlobalScope(): never {
  throw illegalConstructor();
}
