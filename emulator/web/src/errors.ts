// Errors as V8 has them: `stack` begins with "Name: message", frames of this
// package are left out of it, and Error.captureStackTrace exists. The engine
// makes `stack` an own property that holds frames alone, so the constructors
// are wrapped; for errors the engine itself throws use stackOf.

const internal = /^.*\(dodev:.*\n?/gm;

interface ErrorStatics extends ErrorConstructor {
  stackTraceLimit: number;
  captureStackTrace(target: object, above?: Function): void;
}

// frames leaves out of a stack what the user cannot read: frames of scripts
// that belong to dodev, and more than `limit` lines.
function frames(stack: string, limit: number): string {
  const lines = stack.includes("(dodev:") ? stack.replace(internal, "") : stack;
  let end = -1;
  for (let i = 0; i < limit; i++) {
    const next = lines.indexOf("\n", end + 1);
    if (next < 0) return lines;
    end = next;
  }
  return lines.slice(0, Math.max(end, 0));
}

function limit(): number {
  const wanted = (globalThis.Error as ErrorStatics).stackTraceLimit;
  return typeof wanted === "number" && wanted >= 0 ? wanted : 10;
}

function compose(error: Error, trace: string): string {
  let header = "Error";
  try {
    header = Error.prototype.toString.call(error);
  } catch {
    // A name or message that throws is not worth failing for.
  }
  const body = frames(trace, limit()).trimEnd();
  return body ? `${header}\n${body}` : header;
}

function hide(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

// NativeError is the engine's own Error: cheap, with frames alone as its stack.
export const NativeError = globalThis.Error;

// As in V8, a stack is put into words when it is first read, so that its head
// shows a name that a subclass sets after super().
const traces = new WeakMap<object, string>();

// madeByScript tells an error that a script made from one the engine threw.
export function madeByScript(error: object): boolean {
  return traces.has(error);
}

const lazyStack: PropertyDescriptor = {
  get(this: Error) {
    const trace = traces.get(this);
    if (trace === undefined) return undefined;
    const value = compose(this, trace);
    // A frozen error is put into words each time.
    Reflect.defineProperty(this, "stack", { value, writable: true, configurable: true, enumerable: false });
    return value;
  },
  set(this: Error, value: string) {
    hide(this, "stack", value);
  },
  configurable: true,
  enumerable: false,
};

// withoutCall leaves out the two frames of a wrapped constructor: its own and
// that of Reflect.construct.
function withoutCall(stack: string): string {
  const first = stack.indexOf("\n");
  return stack.slice(stack.indexOf("\n", first + 1) + 1);
}

// describe gives an error that has a stack what was said of it, in V8's order.
function describe(error: Error, message: unknown, options: unknown): void {
  if (message !== undefined) hide(error, "message", `${message as string}`);
  if (options !== undefined && options !== null && "cause" in Object(options)) hide(error, "cause", (options as ErrorOptions).cause);
}

// describeMany is describe for an error of many, whose list the engine has put first.
function describeMany(error: { errors?: unknown } & Error, message: unknown, options: unknown): void {
  const { errors } = error;
  delete error.errors;
  describe(error, message ?? "", options);
  hide(error, "errors", errors);
}

function wrap<T extends ErrorConstructor>(native: T): T {
  const { name, length, prototype } = native;
  const wrapped = function (...args: unknown[]): Error {
    const error = Reflect.construct(native, length === 2 ? [args[0]] : [], new.target ?? wrapped) as Error;
    traces.set(error, withoutCall(error.stack ?? ""));
    Object.defineProperty(error, "stack", lazyStack);
    if (length === 2) describeMany(error, args[1], args[2]);
    else describe(error, args[0], args[1]);
    return error;
  } as unknown as T;
  Object.defineProperties(wrapped, {
    name: { value: name },
    length: { value: length },
    prototype: { value: prototype, writable: false, enumerable: false },
  });
  Object.defineProperty(prototype, "constructor", { value: wrapped, writable: true, configurable: true });
  Object.defineProperty(globalThis, name, { value: wrapped, writable: true, configurable: true });
  return wrapped;
}

function install(): void {
  const base = wrap(NativeError) as ErrorStatics;
  const isError = Object.getOwnPropertyDescriptor(NativeError, "isError");
  if (isError) Object.defineProperty(base, "isError", isError);
  base.stackTraceLimit = 10;
  Object.defineProperty(base, "captureStackTrace", {
    value: function captureStackTrace(target: object, above?: Function): void {
      hide(target, "stack", compose(target as Error, above ? traceAbove(above) : here()));
    },
    writable: true,
    configurable: true,
  });
  const natives = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];
  for (const native of natives) Object.setPrototypeOf(wrap(native as unknown as ErrorConstructor), base);
  // The engine makes Promise.any's error without a message; one made by a
  // script without a message gets an own, empty one.
  hide(AggregateError.prototype, "message", "All promises were rejected");
}

function here(): string {
  return new NativeError().stack ?? "";
}

// traceAbove leaves out every frame down to the last call of a function.
function traceAbove(above: Function): string {
  const trace = here();
  const mark = `    at ${above.name} (`;
  const at = above.name ? trace.lastIndexOf(mark) : -1;
  if (at < 0) return trace;
  return trace.slice(trace.indexOf("\n", at) + 1);
}

install();

// callSite is "file:line:column" of the nearest frame that is not ours, or "".
export function callSite(): string {
  const trace = here();
  let start = 0;
  while (start < trace.length) {
    let end = trace.indexOf("\n", start);
    if (end < 0) end = trace.length;
    const open = trace.lastIndexOf("(", end);
    if (open > start && !trace.startsWith("dodev:", open + 1) && !trace.startsWith("native)", open + 1)) {
      return trace.slice(open + 1, end - 1);
    }
    start = end + 1;
  }
  return "";
}

// calledBy tells whether a function of the language, of a name, has called what
// asks.
export function calledBy(name: string): boolean {
  return here().replace(internal, "").startsWith(`    at ${name} (native)`);
}

// stackOf gives the stack of an error in V8's form, also for one that the
// engine threw by itself.
export function stackOf(error: Error): string {
  let stack: unknown;
  try {
    stack = error.stack;
  } catch {
    return ""; // reading it ran code, of the user or on a frozen object
  }
  if (typeof stack !== "string") return Error.prototype.toString.call(error);
  if (stack === "" || stack.startsWith("    at ")) return compose(error, stack);
  return stack;
}

// currentStack is the stack of the caller, without frames of ours.
export function currentStack(): string {
  return frames(here(), limit()).trimEnd();
}
