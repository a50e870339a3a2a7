// How functions, RpcTargets and stubs cross in a message, and what is refused.

import { isHostTyped, Mode, registerReviver, registerRPC, type Described } from "web/frame";
import { host } from "./host";
import { handOver, staysMine } from "./ownership";
import { isPending } from "./pending";
import { coreOfStub, exportTarget, Members, receivedStub, RpcTarget, stubKind, type StubCore } from "./rpc-stub";
import { targetOf } from "./stub";

const capTag = 100;

registerReviver(capTag, ([isolate, cap]: [number, number]) => receivedStub(isolate, cap));

const noStub = (what: string, result: string, article: string) =>
  `Couldn't create a stub for the ${what} because it has a dup() method which did not return another ${result}. Either remove the dup() method or make sure it returns ${article}.`;

const badProxy =
  "Proxy could not be serialized because it is not a valid RPC receiver type. The Proxy must emulate either a plain object or an RpcTarget, as indicated by the Proxy's prototype chain.";

/** What is given away for an object: itself, or, as an argument, what its dup method makes. */
function given(value: object, like: (other: unknown) => boolean, refused: string): object | string {
  if (!staysMine()) return value;
  const { dup } = value as { dup?: unknown };
  if (typeof dup !== "function") return value;
  const other: unknown = dup.call(value);
  return like(other) ? (other as object) : refused;
}

function describeGiven(value: object, members: Members, like: (other: unknown) => boolean, refused: string): Described {
  const target = given(value, like, refused);
  return typeof target === "string" ? target : [capTag, [host.isolate(), exportTarget(target, members, true)]];
}

function describeStub(core: StubCore): Described {
  if (core.gone) return [capTag, [0, 0]];
  core.send();
  handOver(core);
  return [capTag, [core.isolate, core.cap]];
}

function describe(value: unknown, proxy: boolean): Described | null {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return null;
  const core = coreOfStub(value);
  if (core !== undefined) return describeStub(core);
  const target = targetOf(value);
  if (target !== undefined) return target.describe(Mode.RPC);
  if (isPending(value)) return unsupported((value.constructor as Function).name);
  if (value instanceof RpcTarget) {
    return describeGiven(value, Members.Inherited, (other) => other instanceof RpcTarget, noStub("RcpTarget", "RpcTarget", "an RpcTarget"));
  }
  if (isHostTyped(value)) return typeof value === "object" ? null : unsupported(className(value));
  if (typeof value === "function") {
    return describeGiven(value, Members.Own, (other) => typeof other === "function" && !isPending(other), noStub("function", "function", "a function"));
  }
  if (value instanceof Error) return null;
  return describeProxy(value) ?? (proxy ? badProxy : unsupported(className(value)));
}

// A plain object, or an array, of which one is asked is a Proxy.
function describeProxy(value: object): Described | null {
  if (Array.isArray(value)) return badProxy;
  if (Object.getPrototypeOf(value) !== Object.prototype) return null;
  return describeGiven(
    value,
    Members.Own,
    (other) => typeof other === "object" && other !== null && stubKind(other) === Members.Own,
    noStub("Proxy", "same underlying type (RpcTarget or Function) as the Proxy itself represents", "an RpcTarget").replace("another same", "the same"),
  );
}

const unsupported = (name: string) => `Could not serialize object of type "${name}". This type does not support serialization.`;

function className(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "Object";
}

registerRPC(describe);
