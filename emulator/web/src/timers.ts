// Timers, HTML Standard section 8.6, and the objects that node's functions of
// the same name answer.

import { checkFunction } from "./node/validate";
import { defineGlobal, defineOwnGlobal, registerEntry } from "./frame";
import { host } from "./host";
import { requireHandler } from "./scope";
import { onAbort, type AbortSignal } from "./abort";

interface Running {
  fire(): void;
  repeat: boolean;
}

const running = new Map<number, Running>();

// The longest delay that does not wrap: as in browsers, a longer one is none.
const longest = 2 ** 31 - 1;

function milliseconds(delay: unknown): number {
  const ms = Math.trunc(Number(delay));
  return ms > 0 && ms <= longest ? ms : 0;
}

// startTimer runs a step of the platform or a user's callback later.
export function startTimer(delay: unknown, repeat: boolean, fire: () => void): number {
  requireHandler();
  const id = host.setTimer(milliseconds(delay), repeat);
  running.set(id, { fire, repeat });
  return id;
}

// stopTimer forgets a timer; one that is gone is no error.
export function stopTimer(id: number): void {
  if (running.delete(id)) host.clearTimer(id);
}

registerEntry({
  // The host says that a timer is due.
  timer(id: number) {
    const timer = running.get(id);
    if (!timer) return;
    if (!timer.repeat) running.delete(id);
    timer.fire();
  },
  // The host says that a timer never will be.
  timerGone(id: number) {
    running.delete(id);
  },
});

export class Timeout {
  #id: number;
  #start: () => number;

  constructor(start: () => number) {
    this.#start = start;
    this.#id = start();
  }

  refresh(): this {
    stopTimer(this.#id);
    this.#id = this.#start();
    return this;
  }
  close(): this {
    stopTimer(this.#id);
    return this;
  }
  ref(): this { return this; }
  unref(): this { return this; }
  hasRef(): boolean { return true; }
  [Symbol.toPrimitive](): number { return this.#id; }
  [Symbol.dispose](): void { stopTimer(this.#id); }
}

class Immediate {
  #id: number;
  constructor(start: () => number) {
    this.#id = start();
  }
  ref(): this { return this; }
  unref(): this { return this; }
  hasRef(): boolean { return true; }
  [Symbol.toPrimitive](): number { return this.#id; }
  [Symbol.dispose](): void { stopTimer(this.#id); }
}

type Callback = (...args: unknown[]) => unknown;

function setTimeout(callback: Callback, delay?: number, ...args: unknown[]): Timeout {
  checkFunction(callback, "callback");
  return new Timeout(() => startTimer(delay, false, () => void callback(...args)));
}

function setInterval(callback: Callback, delay?: number, ...args: unknown[]): Timeout {
  checkFunction(callback, "callback");
  return new Timeout(() => startTimer(delay, true, () => void callback(...args)));
}

function setImmediate(callback: Callback, ...args: unknown[]): Immediate {
  checkFunction(callback, "callback");
  return new Immediate(() => startTimer(0, false, () => void callback(...args)));
}

function clear(timer: unknown): void {
  if (timer instanceof Timeout || timer instanceof Immediate) stopTimer(timer[Symbol.toPrimitive]());
  else if (typeof timer === "number") stopTimer(timer);
}

function clearTimeout(timer?: unknown): void { clear(timer); }
function clearInterval(timer?: unknown): void { clear(timer); }
function clearImmediate(timer?: unknown): void { clear(timer); }

for (const timer of [setTimeout, setInterval, clearTimeout, clearInterval]) {
  defineGlobal(timer.name, timer);
  defineOwnGlobal(timer.name, timer);
}
defineGlobal("setImmediate", setImmediate);
defineGlobal("clearImmediate", clearImmediate);

// ---- scheduler ----

class Scheduler {
  wait(delay: number, options?: { signal?: AbortSignal }): Promise<void> {
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      let undo: (() => void) | undefined;
      const id = startTimer(delay, false, () => {
        undo?.();
        resolve();
      });
      if (!signal) return;
      undo = onAbort(signal, (reason) => {
        stopTimer(id);
        reject(reason);
      });
    });
  }
}

Object.defineProperty(Scheduler.prototype, Symbol.toStringTag, { value: "Scheduler", configurable: true });
Object.defineProperty(Scheduler.prototype, "wait", { enumerable: true });
defineOwnGlobal("scheduler", new Scheduler());
