// What the language has and the engine lacks: Array.fromAsync and explicit
// resource management (its syntax is lowered by the bundler). And what the
// engine has beyond the language is taken away.

import { defineOwnGlobal } from "./frame";

function define(target: object, name: PropertyKey, value: unknown): void {
  if (!Object.hasOwn(target, name)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

for (const name of ["dispose", "asyncDispose"]) {
  if (!Object.hasOwn(Symbol, name)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
}

// ECMAScript 2026, 23.1.2.1.
async function fromAsync<T>(
  this: unknown,
  items: AsyncIterable<T> | Iterable<T> | ArrayLike<T>,
  map?: (value: T, index: number) => unknown,
  self?: unknown,
): Promise<unknown> {
  if (map !== undefined && typeof map !== "function") throw new TypeError(`${String(map)} is not a function`);
  const result: any = typeof this === "function" ? new (this as new () => object)() : [];
  const source = isIterable(items) ? items : Array.from(items as ArrayLike<T>);
  let i = 0;
  for await (const item of source as AsyncIterable<T>) {
    result[i] = map ? await map.call(self, item, i) : item;
    i++;
  }
  result.length = i;
  return result;
}

function isIterable(value: any): boolean {
  return value[Symbol.asyncIterator] != null || value[Symbol.iterator] != null;
}

define(Array, "fromAsync", fromAsync);

function disposeSelf(this: { return?: () => unknown }): void {
  this.return?.();
}

async function disposeSelfAsync(this: { return?: () => unknown }): Promise<void> {
  await this.return?.();
}

define(Iterator.prototype, Symbol.dispose, disposeSelf);
const asyncIterator = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype));
define(asyncIterator, Symbol.asyncDispose, disposeSelfAsync);

class SuppressedErrorPolyfill extends Error {
  constructor(...[error, suppressed, message]: [error?: unknown, suppressed?: unknown, message?: string]) {
    super(message);
    Object.defineProperty(this, "error", { value: error, writable: true, configurable: true });
    Object.defineProperty(this, "suppressed", { value: suppressed, writable: true, configurable: true });
  }
}
Object.defineProperty(SuppressedErrorPolyfill, "name", { value: "SuppressedError", configurable: true });
Object.defineProperty(SuppressedErrorPolyfill, "length", { value: 3, configurable: true });
Object.defineProperty(SuppressedErrorPolyfill.prototype, "name", { value: "SuppressedError", writable: true, configurable: true });
Object.defineProperty(SuppressedErrorPolyfill.prototype, "message", { value: "", writable: true, configurable: true });
defineOwnGlobal("SuppressedError", SuppressedErrorPolyfill);

// The steps of both stacks, ECMAScript 2027, 12.3 and 12.4: last in, first out, and an
// error never hides another.
class Disposal {
  disposed = false;
  #steps: (() => unknown)[] = [];

  constructor(readonly owner: string) {}

  add(step: () => unknown): void {
    if (this.disposed) throw new ReferenceError(`${this.owner} already disposed`);
    this.#steps.push(step);
  }

  move(to: Disposal): void {
    if (this.disposed) throw new ReferenceError(`${this.owner} already disposed`);
    this.disposed = true;
    to.#steps = this.#steps;
    this.#steps = [];
  }

  *run(): Generator<unknown, void, unknown> {
    if (this.disposed) return;
    this.disposed = true;
    let failed = false;
    let error: unknown;
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        yield step();
      } catch (thrown) {
        error = failed ? new SuppressedErrorPolyfill(thrown, error) : thrown;
        failed = true;
      }
    }
    if (failed) throw error;
  }
}

function methodOf(value: any, ...symbols: symbol[]): (() => unknown) | undefined {
  if (value === null || value === undefined) return undefined;
  for (const symbol of symbols) {
    if (typeof value[symbol] === "function") return value[symbol].bind(value);
  }
  throw new TypeError("the value is not disposable");
}

class DisposableStack {
  #steps = new Disposal("DisposableStack");

  get disposed(): boolean { return this.#steps.disposed; }
  use<T>(value: T): T {
    const dispose = methodOf(value, Symbol.dispose);
    if (dispose) this.#steps.add(dispose);
    return value;
  }
  adopt<T>(value: T, dispose: (value: T) => void): T {
    this.#steps.add(() => void dispose(value));
    return value;
  }
  defer(dispose: () => void): void { this.#steps.add(() => void dispose()); }
  move(): DisposableStack {
    const moved = new DisposableStack();
    this.#steps.move(moved.#steps);
    return moved;
  }
  dispose(): void { for (const _ of this.#steps.run()); }
  [Symbol.dispose](): void { this.dispose(); }
}

class AsyncDisposableStack {
  #steps = new Disposal("AsyncDisposableStack");

  get disposed(): boolean { return this.#steps.disposed; }
  use<T>(value: T): T {
    const dispose = methodOf(value, Symbol.asyncDispose, Symbol.dispose);
    if (dispose) this.#steps.add(dispose);
    return value;
  }
  adopt<T>(value: T, dispose: (value: T) => unknown): T {
    this.#steps.add(() => dispose(value));
    return value;
  }
  defer(dispose: () => unknown): void { this.#steps.add(dispose); }
  move(): AsyncDisposableStack {
    const moved = new AsyncDisposableStack();
    this.#steps.move(moved.#steps);
    return moved;
  }
  async disposeAsync(): Promise<void> {
    const steps = this.#steps.run();
    for (let step = steps.next(); !step.done; ) {
      try {
        await step.value;
        step = steps.next();
      } catch (error) {
        step = steps.throw(error);
      }
    }
  }
  [Symbol.asyncDispose](): Promise<void> { return this.disposeAsync(); }
}

for (const [name, stack] of Object.entries({ DisposableStack, AsyncDisposableStack })) {
  Object.defineProperty(stack, "name", { value: name, configurable: true });
  Object.defineProperty(stack.prototype, Symbol.toStringTag, { value: name, configurable: true });
  defineOwnGlobal(name, stack);
}

// The engine leaves out the name of the zone, which is always the same here.
const zone = " (Coordinated Universal Time)";
for (const name of ["toString", "toTimeString"] as const) {
  const bare = Date.prototype[name];
  const value = {
    [name](this: Date): string {
      const text = bare.call(this);
      return text === "Invalid Date" ? text : text + zone;
    },
  }[name];
  Object.defineProperty(Date.prototype, name, { value, writable: true, configurable: true });
}

delete (globalThis as any).InternalError;
delete (Set as any).groupBy;
