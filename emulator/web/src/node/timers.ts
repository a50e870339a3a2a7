// node:timers and node:timers/promises.

import { Timeout } from "../timers";
import { abortError } from "./errors";
import { addAbortListener } from "./events_abort";
import { checkAbortSignal, checkBoolean, checkNumber, checkObject } from "./validate";

const web: any = globalThis;

const scheduler = Object.create({}, {
  wait: { value: (delay: number, options?: any) => after(delay, undefined, options), writable: true, configurable: true },
  yield: { value: () => promises.setImmediate(), writable: true, configurable: true },
});

export const promises = {
  scheduler,
  setImmediate: (value?: any, options: any = {}): Promise<any> => begin(options, value, (resolve) => {
    const timer = web.setImmediate(resolve);
    return () => web.clearImmediate(timer);
  }),
  setInterval: every,
  setTimeout: (delay?: any, value?: any, options: any = {}): Promise<any> => after(delay, value, options),
};

function after(delay: any, value: any, options: any = {}): Promise<any> {
  try {
    if (delay !== undefined) checkNumber(delay, "delay");
  } catch (error) {
    return Promise.reject(error);
  }
  return begin(options, value, (resolve) => {
    const timer = web.setTimeout(resolve, delay);
    return () => web.clearTimeout(timer);
  });
}

function checkOptions(options: any): void {
  checkObject(options as unknown, "options");
  checkAbortSignal(options.signal, "options.signal");
  if (options.ref !== undefined) checkBoolean(options.ref, "options.ref");
}

/** A promise of something that a signal can stop. */
function begin(options: any, value: any, start: (resolve: () => void) => () => void): Promise<any> {
  try {
    checkOptions(options);
  } catch (error) {
    return Promise.reject(error);
  }
  const { signal } = options;
  if (signal?.aborted) return Promise.reject(abortError(signal.reason));
  return new Promise((resolve, reject) => {
    let listening: any;
    const stop = start(() => {
      listening?.[Symbol.dispose]();
      resolve(value);
    });
    if (signal) listening = addAbortListener(signal, () => {
      stop();
      reject(abortError(signal.reason));
    });
  });
}

async function* every(delay: any, value: any, options: any = {}): AsyncGenerator<any> {
  checkOptions(options);
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal.reason);
  let due = 0;
  let wake: () => void = () => {};
  const timer = web.setInterval(() => {
    due++;
    wake();
  }, delay);
  const listening: any = signal && addAbortListener(signal, () => wake());
  try {
    for (;;) {
      if (signal?.aborted) throw abortError(signal.reason);
      if (due === 0) await new Promise<void>((resolve) => (wake = resolve));
      for (; due > 0; due--) yield value;
    }
  } finally {
    web.clearInterval(timer);
    listening?.[Symbol.dispose]();
  }
}

const { setTimeout, clearTimeout, setInterval, clearInterval } = web;

export default {
  promises, setTimeout, clearTimeout,
  setImmediate: web.setImmediate.bind(web),
  clearImmediate: web.clearImmediate.bind(web),
  setInterval, clearInterval,
  active: (_item: unknown) => {},
  unenroll: (_item: unknown) => {},
  enroll: (_item: unknown, _delay: number) => {
    throw new Error("Not implemented. Please use setTimeout() instead.");
  },
};

export { Timeout };
