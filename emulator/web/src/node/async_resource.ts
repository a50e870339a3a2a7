// AsyncResource apart from node:async_hooks: node:events needs it, and must not
// patch promises for it.

import { currentFrame, runInFrame, type Frame } from "./async_context";
import { checkFunction } from "./validate";

type Callback = (...args: any[]) => any;

export class AsyncResource {
  #frame: Frame;

  constructor(_type?: string, _options?: object) {
    this.#frame = currentFrame();
  }

  static bind(fn: Callback, _type?: string, thisArg?: unknown): Callback {
    return new AsyncResource(_type).bind(fn, thisArg);
  }

  bind(fn: Callback, thisArg?: unknown): Callback {
    checkFunction(fn, "fn");
    const frame = this.#frame;
    const bound = function (this: unknown, ...args: unknown[]) {
      return runInFrame(frame, fn, thisArg === undefined ? this : thisArg, args);
    };
    Object.defineProperties(bound, {
      length: { value: fn.length, configurable: true },
      asyncResource: { value: this, writable: true, enumerable: true, configurable: true },
    });
    return bound;
  }

  runInAsyncScope(fn: Callback, thisArg?: unknown, ...args: unknown[]): unknown {
    return runInFrame(this.#frame, fn, thisArg, args);
  }

  asyncId(): number {
    return 0;
  }

  triggerAsyncId(): number {
    return 0;
  }

  emitDestroy(): this {
    return this;
  }
}
