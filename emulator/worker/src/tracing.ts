// The spans of cloudflare:workers. Nothing here collects them: as in the local
// real runtime they are never traced, and what is said of them is dropped.

import { illegalConstructor, illegalInvocation, webClass, wrongArgument } from "web/brand";
import { currentFrame, frameWith, runInFrame } from "web/node/async_context";

const making = Symbol();

let isSpan: (value: unknown) => value is Span;

class Span {
  #brand: undefined;

  constructor(key: symbol) {
    if (key !== making) throw illegalConstructor();
  }

  static {
    isSpan = (value): value is Span => typeof value === "object" && value !== null && #brand in value;
  }

  get isTraced(): boolean {
    return this.#self && false;
  }
  spanContext(): { traceId: string; spanId: string; traceFlags: number } {
    void this.#self;
    return { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };
  }
  setAttribute(key: string): this {
    if (key === undefined) throw wrongArgument("setAttribute", "Span", 1, "string");
    return this.#self;
  }
  setAttributes(attributes: object): this {
    if (typeof attributes !== "object" || attributes === null) throw wrongArgument("setAttributes", "Span", 1, "object");
    return this.#self;
  }
  recordException(): void {
    void this.#self;
  }
  updateName(name: string): this {
    if (name === undefined) throw wrongArgument("updateName", "Span", 1, "string");
    return this.#self;
  }
  setStatus(status: { code: string }): this {
    if (typeof status !== "object" || status === null) throw wrongArgument("setStatus", "Span", 1, "TracingSpanStatus");
    if (!["unset", "ok", "error"].includes(status.code)) throw new TypeError("Span status code must be 'unset', 'ok', or 'error'.");
    return this.#self;
  }
  end(): void {
    void this.#self;
  }

  get #self(): this {
    if (!isSpan(this)) throw illegalInvocation();
    return this;
  }
}

const spanKey = {};
const outside = new Span(making);

type Run = (span: Span, ...args: unknown[]) => unknown;

function checkName(method: string, name: unknown): void {
  if (name === undefined) throw wrongArgument(method, "Tracing", 1, "string");
}

class Tracing {
  #brand: undefined;

  constructor(key: symbol) {
    if (key !== making) throw illegalConstructor();
  }

  enterSpan(name: string, callback: Run, ...args: unknown[]): unknown {
    return this.#within("enterSpan", name, callback, args);
  }
  startActiveSpan(name: string, callback: Run, ...args: unknown[]): unknown {
    return this.#within("startActiveSpan", name, callback, args);
  }
  startSpan(name: string): Span {
    this.#check();
    checkName("startSpan", name);
    return new Span(making);
  }
  getActiveSpan(): Span {
    this.#check();
    return (currentFrame()?.get(spanKey) as Span | undefined) ?? outside;
  }
  withActiveSpan(span: Span, callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
    this.#check();
    if (!isSpan(span)) throw wrongArgument("withActiveSpan", "Tracing", 1, "Span");
    if (typeof callback !== "function") throw wrongArgument("withActiveSpan", "Tracing", 2, "Function");
    return runInFrame(frameWith(spanKey, span), callback, undefined, args);
  }
  get Span(): typeof Span {
    this.#check();
    return Span;
  }

  #within(method: string, name: string, callback: Run, args: unknown[]): unknown {
    this.#check();
    checkName(method, name);
    if (typeof callback !== "function") throw wrongArgument(method, "Tracing", 2, "Function");
    const span = new Span(making);
    return runInFrame(frameWith(spanKey, span), callback, undefined, [span, ...args] as never);
  }

  #check(): void {
    if (!(#brand in this)) throw illegalInvocation();
  }
}

webClass(Span, "Span");
webClass(Tracing, "Tracing");
for (const prototype of [Span.prototype, Tracing.prototype]) {
  for (const key of Object.getOwnPropertyNames(prototype)) {
    const method = (Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor).value;
    if (typeof method === "function" && key !== "constructor") Object.defineProperty(method, "length", { value: 0 });
  }
}

export const tracing = new Tracing(making);
