// env and exports of cloudflare:workers: what withEnv and withExports say, else
// what the Worker was given.

import { currentFrame, frameWith, install, runInFrame } from "web/node/async_context";

const envKey = {};
const exportsKey = {};

/** Has scopes last across awaits: async functions of the bundle were lowered. */
export function carryScopes(): void {
  install();
}

function current(key: object, base: object): object {
  const value = currentFrame()?.get(key);
  return (typeof value === "object" && value !== null) || typeof value === "function" ? value : base;
}

/** An object that stands for the current env, whatever that is. */
export function scopedEnv(base: object): object {
  return new Proxy({}, {
    ...reading(() => current(envKey, base)),
    set: (_, key, value) => Reflect.set(current(envKey, base), key, value),
    deleteProperty: (_, key) => Reflect.deleteProperty(current(envKey, base), key),
    defineProperty: (_, key, descriptor) => Reflect.defineProperty(current(envKey, base), key, descriptor),
  });
}

/** An object that stands for the current exports. It cannot be changed. */
export function scopedExports(base: object): object {
  const refuse = () => true;
  return new Proxy({}, { ...reading(() => current(exportsKey, base)), set: refuse, deleteProperty: refuse, defineProperty: refuse });
}

function reading(target: () => object): ProxyHandler<object> {
  return {
    get: (_, key) => Reflect.get(target(), key),
    has: (_, key) => Reflect.has(target(), key),
    ownKeys: () => Reflect.ownKeys(target()),
    getOwnPropertyDescriptor(_, key) {
      const found = Reflect.getOwnPropertyDescriptor(target(), key);
      return found && { ...found, configurable: true }; // as a proxy must say
    },
  };
}

export function withEnv<T>(env: unknown, callback: () => T): T {
  return runInFrame(frameWith(envKey, env), callback, undefined, []);
}

export function withExports<T>(exports: unknown, callback: () => T): T {
  return runInFrame(frameWith(exportsKey, exports), callback, undefined, []);
}

export function withEnvAndExports<T>(env: unknown, exports: unknown, callback: () => T): T {
  return withEnv(env, () => withExports(exports, callback));
}
