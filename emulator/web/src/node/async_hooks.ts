// node:async_hooks: the part that the platform has. enterWith and disable
// throw there, and so they do here.

import { bindFrame, currentFrame, frameWith, install, runInFrame } from "./async_context";
import { AsyncResource } from "./async_resource";
import { checkFunction } from "./validate";

type Callback = (...args: any[]) => any;

install();

export { AsyncResource };

export class AsyncLocalStorage {
  #defaultValue: unknown;
  #name: string;

  constructor(options?: { defaultValue?: unknown; name?: string }) {
    this.#defaultValue = options?.defaultValue;
    this.#name = options?.name === undefined ? "" : String(options.name);
  }

  get name(): string {
    return this.#name;
  }

  run(store: unknown, callback: Callback, ...args: unknown[]): unknown {
    checkFunction(callback, "callback");
    return runInFrame(frameWith(this, store), callback, globalThis, args);
  }

  exit(callback: Callback, ...args: unknown[]): unknown {
    checkFunction(callback, "callback");
    return runInFrame(frameWith(this, undefined), callback, globalThis, args);
  }

  getStore(): unknown {
    const frame = currentFrame();
    return frame?.has(this) ? frame.get(this) : this.#defaultValue;
  }

  enterWith(_store: unknown): never {
    throw new Error("asyncLocalStorage.enterWith() is not implemented");
  }

  disable(): never {
    throw new Error("asyncLocalStorage.disable() is not implemented");
  }

  static bind<F extends Callback>(fn: F): F {
    checkFunction(fn, "fn");
    return bindFrame(fn);
  }

  static snapshot(): (fn: Callback, ...args: unknown[]) => unknown {
    return bindFrame((fn: Callback, ...args: unknown[]) => fn(...args));
  }
}

class AsyncHook {
  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

export function createHook(_callbacks?: object): AsyncHook {
  return new AsyncHook();
}

export function executionAsyncId(): number {
  return 0;
}

export function triggerAsyncId(): number {
  return 0;
}

export function executionAsyncResource(): object {
  return Object.create(null);
}

// Names of resource types, all 0: hooks never fire.
export const asyncWrapProviders: Record<string, number> = { NONE: 0, PROMISE: 0, TLSWRAP: 0, TCPWRAP: 0, UDPWRAP: 0 };

export default {
  AsyncLocalStorage, AsyncResource, asyncWrapProviders, createHook,
  executionAsyncId, executionAsyncResource, triggerAsyncId,
};
