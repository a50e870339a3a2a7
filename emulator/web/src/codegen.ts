// Code from strings: allowed while modules are evaluated, refused afterwards.

import { atGlobalScope } from "./scope";

function guard(native: Function): Function {
  const { name, prototype } = native;
  const guarded = function (this: unknown, ...args: unknown[]): unknown {
    if (!atGlobalScope()) throw new EvalError("Code generation from strings disallowed for this context");
    return Reflect.apply(native, this, args);
  };
  Object.defineProperty(guarded, "name", { value: name, configurable: true });
  if (prototype === undefined) return guarded;
  Object.defineProperty(guarded, "prototype", { value: prototype, writable: false });
  Object.defineProperty(prototype, "constructor", { value: guarded, writable: true, configurable: true });
  return guarded;
}

const kinds = [async function () {}, function* () {}, async function* () {}];
const guardedFunction = guard(Function);
for (const kind of kinds) Object.setPrototypeOf(guard(kind.constructor), guardedFunction);
Object.defineProperty(globalThis, "Function", { value: guardedFunction, writable: true, configurable: true });
Object.defineProperty(globalThis, "eval", { value: guard(globalThis.eval), writable: true, configurable: true });
