// Date by the isolate's clock, which a test may have set, and which stands at
// zero while modules are evaluated.

import { host } from "./host";
import { atGlobalScope } from "./scope";

const Native = globalThis.Date;

// now is the time in milliseconds since 1970.
export function now(): number {
  return atGlobalScope() ? 0 : host.now();
}

const Clocked = function Date(...args: unknown[]): unknown {
  if (new.target === undefined) return new Native(now()).toString();
  return Reflect.construct(Native, args.length === 0 ? [now()] : args, new.target);
} as unknown as DateConstructor;

Object.defineProperties(Clocked, {
  length: { value: 7 },
  prototype: { value: Native.prototype, writable: false, enumerable: false },
  now: { value: { now: () => now() }.now, writable: true, configurable: true },
  parse: { value: Native.parse, writable: true, configurable: true },
  UTC: { value: Native.UTC, writable: true, configurable: true },
});
Object.defineProperty(Native.prototype, "constructor", { value: Clocked, writable: true, configurable: true });
Object.defineProperty(globalThis, "Date", { value: Clocked, writable: true, configurable: true });
