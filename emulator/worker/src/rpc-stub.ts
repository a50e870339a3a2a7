// RpcTarget, RpcStub, and how what isolates give each other is counted.

import { Mode, registerHostType, unserializable } from "web/frame";
import { host } from "./host";
import { Callable, callable, outerClass, registerResults, type Provider } from "./pending";
import { storesStubs } from "./stub";

// ---- RpcTarget ----

const withoutNew = (name: string) => () =>
  new TypeError(`Failed to construct '${name}': Please use the 'new' operator, this object constructor cannot be called as a function.`);

/** The base of classes whose objects stay where they are. */
export const RpcTarget = outerClass(class {}, "RpcTarget", withoutNew("JsRpcTarget"));
unserializable(RpcTarget, "RpcTarget", "Remote RPC references can only be serialized for RPC.");

/** What is reached of an object in a call. */
export const enum Members {
  Own, // of plain objects and functions, what they have themselves
  Inherited, // of others, what their class has
}

/** What can be called of a value, undefined for one that no stub can stand for. */
export function stubKind(value: object): Members | undefined {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return Members.Own;
  for (let p = prototype; p !== null; p = Object.getPrototypeOf(p)) {
    if (p === RpcTarget.prototype) return Members.Inherited;
  }
  return typeof value === "function" ? Members.Own : undefined;
}

// ---- what this isolate lets others call ----

interface Exported {
  target: object;
  members: Members;
  end: () => void;
}

const exported = new Map<number, Exported>();

/** Ends what nobody can call any more, as its owner wishes. */
function disposer(target: object): () => void {
  const dispose = (target as { [Symbol.dispose]?: unknown })[Symbol.dispose];
  return typeof dispose === "function" ? () => void dispose.call(target) : () => {};
}

/** Lets others call an object, as long as they have its number. Sent says that the number goes with the message being written. */
export function exportTarget(target: object, members: Members, sent: boolean, end = disposer(target)): number {
  const cap = host.capExport(sent);
  exported.set(cap, { target, members, end });
  return cap;
}

export function exportedTarget(cap: number): Exported {
  return exported.get(cap)!;
}

/** Nobody can call an object any more. */
export function capEnd(cap: number): void {
  const found = exported.get(cap);
  exported.delete(cap);
  found?.end();
}

/** The owner of an object is gone. */
export function capForget(cap: number): void {
  exported.delete(cap);
}

// ---- RpcStub ----

const disposed = () => new Error("RPC stub used after being disposed.");

let arrived: StubCore[] = [];

/** The stubs that came with the message read last. */
export function takeArrived(): StubCore[] {
  const taken = arrived;
  arrived = [];
  return taken;
}

/** A reference this isolate has to something that can be called. */
export class StubCore implements Provider {
  constructor(
    readonly isolate: number,
    readonly cap: number,
    private handle: number, // 0 once it is disposed of
  ) {
    if (handle !== 0) lost.register(this, handle, this);
  }

  get gone(): boolean {
    return this.handle === 0;
  }

  start(path: string[], call: boolean, args: unknown[]): number {
    if (this.handle === 0) throw disposed();
    return host.capCall(this.handle, JSON.stringify(path), call, args);
  }

  /** Puts a copy into the message being written. */
  send(): void {
    host.capSend(this.handle);
  }

  dup(): StubCore {
    if (this.handle === 0) throw disposed();
    return new StubCore(this.isolate, this.cap, host.capDup(this.handle));
  }

  dispose(): void {
    if (this.handle === 0) return;
    lost.unregister(this);
    host.capDrop(this.handle);
    this.handle = 0;
  }
}

const lost = new FinalizationRegistry((handle: number) => host.capDrop(handle));
const stubs = new WeakMap<object, StubCore>();

/** The reference behind a stub, undefined for anything else. */
export function coreOfStub(value: unknown): StubCore | undefined {
  return stubs.get(value as object);
}

class StubClass {
  constructor(target: object) {
    if ((typeof target !== "object" && typeof target !== "function") || target === null) {
      throw new TypeError("Failed to construct 'JsRpcStub': constructor parameter 1 is not of type 'Object'.");
    }
    const members = stubKind(target);
    if (members === undefined) throw new TypeError("RpcStubs can only wrap plain objects, functions, and RpcTarget derivatives.");
    return makeStub(local(exportTarget(target, members, false))) as StubClass;
  }
  dup(): object {
    return makeStub(stubs.get(this)!.dup());
  }
  [Symbol.dispose](): void {
    stubs.get(this)!.dispose();
  }
}

export const RpcStub = outerClass(StubClass, "RpcStub", withoutNew("JsRpcStub"));
registerHostType(RpcStub, (_stub, mode) => {
  if (mode !== Mode.Storage) return "#<RpcStub> could not be cloned.";
  return `RpcStub cannot be serialized in this context${storesStubs() ? " because it is not a persistent stub" : ""}.`;
});

/** A reference to something of this isolate, which takes over its use. */
function local(cap: number): StubCore {
  const isolate = host.isolate();
  return new StubCore(isolate, cap, host.capReceive(isolate, cap));
}

/** A stub is no promise, whatever it stands for. */
class CallableStub extends Callable {
  override member(key: string): unknown {
    return key === "then" ? undefined : super.member(key);
  }
}

export function makeStub(core: StubCore): object {
  const stub = callable(RpcStub.prototype, new CallableStub({ provider: core, path: [] }));
  stubs.set(stub, core);
  return stub;
}

/** The stub for a reference in a message. */
export function receivedStub(isolate: number, cap: number): object {
  if (cap === 0) return makeStub(new StubCore(0, 0, 0)); // it was disposed of
  const core = new StubCore(isolate, cap, host.capReceive(isolate, cap));
  arrived.push(core);
  return makeStub(core);
}

// ---- results that are here ----

// A call on a result that has arrived goes through a stub made for that call:
// it crosses as every call does.
registerResults((value) => {
  const core = stubs.get(value);
  if (core !== undefined) return core;
  return {
    start(path, call, args) {
      const once = local(exportTarget(value, Members.Own, false, () => {}));
      try {
        return once.start(path, call, args);
      } finally {
        once.dispose();
      }
    },
  };
});

/** What a call answered, as its caller sees it: it can be disposed of as a whole, with what the callee keeps for it. */
export function received(value: unknown, kept: number): unknown {
  const own = takeArrived();
  if (typeof value === "object" && value !== null) {
    Object.defineProperty(value, Symbol.dispose, {
      value: () => {
        for (const core of own) core.dispose();
        if (kept !== 0) host.capDrop(kept);
      },
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
  return value;
}

/** Lets calls that nobody served find a result here; the number of what they call. */
export function serveLocally(value: unknown): number {
  const object = (typeof value === "object" || typeof value === "function") && value !== null;
  return exportTarget(object ? value : {}, Members.Own, false, () => {});
}
