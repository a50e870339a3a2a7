// What few Workers need is in a second script, loaded when it is first asked
// for: see later-modules.ts and boot_later.go.

import { hostOf } from "./host";
import shared from "./shared";

type Modules = Record<string, () => any>;

const host = hostOf<{
  // The value of the second script: a function of the host and of what the first
  // one hands over.
  later(): (host: unknown, shared: (name: string) => unknown) => Modules;
}>();

let modules: Modules | undefined;

/** The exports of a module of the second script. */
export function later(name: string): any {
  modules ??= host.later()(host, handOver);
  return modules[name]!();
}

const handedOver = new Map<string, object>();

/** A module of this script, in the form in which the other one imports it. */
function handOver(name: string): object {
  let exports = handedOver.get(name);
  if (exports === undefined) {
    exports = shared[name]!() as object;
    // So that a default export is one on the other side.
    if (!("__esModule" in exports)) Object.defineProperty(exports, "__esModule", { value: true });
    handedOver.set(name, exports);
  }
  return exports;
}
