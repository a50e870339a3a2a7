// What the platform has of node modules in name alone.

import { codedError } from "./errors";

type Fn = (...args: any[]) => any;

/** The error of a function that only throws. */
export function notImplemented(name: string): any {
  return codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED", `The ${name} method is not implemented`);
}

/** Functions that only throw, by names between spaces. */
export function throwing(names: string, prefix = ""): Record<string, Fn> {
  const all: Record<string, Fn> = {};
  for (const name of names.split(" ")) {
    all[name] = { [name]: () => {
      throw notImplemented(prefix + name);
    } }[name]!;
  }
  return all;
}

/** Classes whose constructors only throw. */
export function unmakeable(names: string, prefix = ""): Record<string, any> {
  const all: Record<string, any> = {};
  for (const name of names.split(" ")) {
    const made = class {
      constructor() {
        throw notImplemented(prefix + name);
      }
    };
    Object.defineProperty(made, "name", { value: name, configurable: true });
    all[name] = made;
  }
  return all;
}

/** Functions that do nothing. */
export function idle(names: string): Record<string, Fn> {
  return Object.fromEntries(names.split(" ").map((name) => [name, { [name]: () => {} }[name]!]));
}
