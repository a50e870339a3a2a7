// The Worker's compatibility flags. Where no Worker has said which it has, what
// the newest date brings holds.

import { defineOwnGlobal } from "./frame";

let states: Record<string, boolean> = Object.create(null);
const cloudflare = { compatibilityFlags: states };
defineOwnGlobal("Cloudflare", cloudflare);

/** Says of each flag there is whether it is on. */
export function setCompatibilityFlags(flags: Record<string, boolean>): void {
  states = Object.freeze(Object.assign(Object.create(null) as typeof states, flags));
  cloudflare.compatibilityFlags = states;
}

/** Whether a behaviour that no date brings is the Worker's. */
export function asked(flag: string): boolean {
  return states[flag] === true;
}

/** Whether a behaviour that the newest date brings is not the Worker's. */
export function refused(flag: string): boolean {
  return states[flag] === false;
}
