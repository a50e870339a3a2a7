// The globals of node, which Workers have that have its modules.

import { refused } from "../flags";
import { scope } from "../frame";

const names = ["process", "Buffer", "global", "setImmediate", "clearImmediate"];

/** Takes the globals of node from a Worker whose flags leave it without. */
export function dropNodeGlobals(): void {
  if (!refused("nodejs_compat_v2")) return;
  for (const name of names) {
    delete (globalThis as unknown as Record<string, unknown>)[name];
    delete scope[name];
  }
}
