// The asynchronous context: which value each AsyncLocalStorage holds now.
//
// A frame is an immutable map from storage to value. The engine has no hook
// for promise jobs, so install() patches the places where a callback is kept
// for later; each kept callback runs in the frame it was handed over in. Async
// functions reach Promise.prototype.then because the bundler lowers them when
// a bundle imports node:async_hooks.

export type Frame = ReadonlyMap<object, unknown> | undefined;

type Callback = (...args: any[]) => any;

let current: Frame;
let installed = false;

export function currentFrame(): Frame {
  return current;
}

// runInFrame runs fn in a frame and returns to the one before, whatever happens.
export function runInFrame<T>(frame: Frame, fn: Callback, self: unknown, args: readonly unknown[]): T {
  const before = current;
  current = frame;
  try {
    return Reflect.apply(fn, self, args) as T;
  } finally {
    current = before;
  }
}

// bindFrame is a function that runs fn in the frame that is current now.
export function bindFrame<F extends Callback>(fn: F): F {
  const frame = current;
  return function (this: unknown, ...args: unknown[]) {
    return runInFrame(frame, fn, this, args);
  } as F;
}

// resetContext leaves all frames. JavaScript that was stopped in a way it cannot
// catch has not run its finally blocks: whoever stopped it calls this.
export function resetContext(): void {
  current = undefined;
}

// frameWith is the current frame with one storage changed.
export function frameWith(storage: object, value: unknown): Frame {
  return new Map(current).set(storage, value);
}

// Outside any frame there is nothing to carry: kept callbacks run from the
// job queue, whose own frame is always undefined.
function carried<T>(callback: T): T {
  if (current === undefined || typeof callback !== "function") return callback;
  return bindFrame(callback as Callback) as T;
}

// install patches what keeps callbacks. It is called when node:async_hooks is imported.
export function install(): void {
  if (installed) return;
  installed = true;
  patchThen();
  for (const name of ["queueMicrotask", "setTimeout", "setInterval", "setImmediate"]) patchScheduler(name);
}

function patchThen(): void {
  const original = Promise.prototype.then;
  replace(Promise.prototype, "then", original, {
    then(this: Promise<unknown>, onFulfilled: any, onRejected: any) {
      return original.call(this, carried(onFulfilled), carried(onRejected));
    },
  }.then);
}

function patchScheduler(name: string): void {
  let owner: any = globalThis;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  if (owner === null) return;
  const original: Callback = owner[name];
  replace(owner, name, original, {
    [name](this: unknown, callback: unknown, ...rest: unknown[]) {
      return Reflect.apply(original, this, [carried(callback), ...rest]);
    },
  }[name]!);
}

function replace(owner: object, name: string, original: Callback, patched: Callback): void {
  Object.defineProperty(patched, "length", { value: original.length, configurable: true });
  const { enumerable = false } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
  Object.defineProperty(owner, name, { value: patched, writable: true, enumerable, configurable: true });
}
