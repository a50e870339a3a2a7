import type { DurableObject } from "cloudflare:workers";

// The platform offers RPC methods only on classes that extend the DurableObject
// class of "cloudflare:workers". A test runner cannot resolve that module, so a
// plain `import` of it would make every class built on this library impossible
// to test without a Workers runtime. A top-level `await import()` would do, but
// only in ES modules: Jest compiles tests to CommonJS.
//
// So PlatformObject starts out without a superclass, and asks for the module in
// the background. On the platform the answer is there before the runtime looks
// at the Worker's exports, since it runs all microtasks of start-up first; the
// class is then put where an `extends` clause would have put it. Elsewhere the
// import fails, and PlatformObject stays the two fields it declares.

type PlatformClass = typeof DurableObject;

let platform: PlatformClass | undefined;

/** A state that takes the platform's place in tests, such as SimpleState. */
export interface StandInState {
  /** Called once by the object that was built on this state. */
  attach(object: object): void;
}

/** Says whether a state is one of ours rather than the platform's. */
export function isStandIn(state: object): state is StandInState {
  return "attach" in state;
}

class Standalone {
  protected ctx!: DurableObjectState;
  protected env!: unknown;

  constructor(ctx: DurableObjectState, env: unknown) {
    // The platform's constructor takes no state but its own.
    if (platform !== undefined && !isStandIn(ctx)) {
      return Reflect.construct(platform, [ctx, env], new.target) as Standalone;
    }
    this.ctx = ctx;
    this.env = env;
  }
}

function extendPlatform(superclass: PlatformClass): void {
  platform = superclass;
  Object.setPrototypeOf(Standalone, superclass);
  Object.setPrototypeOf(Standalone.prototype, superclass.prototype);
}

import("cloudflare:workers").then(
  (workers) => extendPlatform(workers.DurableObject),
  () => undefined,
);

/** The platform's DurableObject where there is one, else a stand-in for it. */
export const PlatformObject = Standalone as unknown as PlatformClass;
