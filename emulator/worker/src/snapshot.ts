// Snapshots of what an object has stored: taken by one object, and restored by
// that or another one.
//
// The real runtime has them where its own flag for experiments is set, as
// methods of storage; the documentation has onNextSessionRestore on ctx.

import { illegalConstructor, webClass, wrongArgument } from "web/brand";
import { Mode, registerHostType, registerReviver, type Described } from "web/frame";
import { wait } from "web/ops";
import { host } from "./host";
import { DurableObjectState } from "./state";
import { backingOf, DurableObjectStorage, promised } from "./storage";

const making = Symbol();
const storageName = "DurableObjectStorage";

const numbers = new WeakMap<object, number>();

class DurableObjectSnapshot {
  constructor(key: symbol, number: number) {
    if (key !== making) throw illegalConstructor();
    numbers.set(this, number);
  }
}
webClass(DurableObjectSnapshot, "DurableObjectSnapshot");

const snapshotTag = 104;

registerHostType(DurableObjectSnapshot, (snapshot: object, mode): Described =>
  mode === Mode.RPC ? [snapshotTag, [numbers.get(snapshot)]] : "DurableObjectSnapshots cannot be cloned or stored. They can only be transferred over RPC.",
);
registerReviver(snapshotTag, ([number]: [number]) => new DurableObjectSnapshot(making, number));

/** Where there are snapshots, and in which form: nowhere, in the documented one too, or in that of the runtime alone. */
export type Snapshots = "" | "documented" | "experimental";

/** The life of a whole object, which alone has snapshots. */
function wholeOf(storage: DurableObjectStorage, method: string): number {
  const { life, facet } = backingOf(storage);
  if (facet) {
    throw new Error(
      `storage.${method}() is not available in a facet. Snapshots and restores apply to the whole Durable Object, so only the root Durable Object can use them.`,
    );
  }
  return life;
}

const isStruct = (value: unknown) => value === undefined || value === null || typeof value === "object" || typeof value === "function";

/** The bookmark that snapshot is given, "" for none. */
function bookmarkOf(options: unknown, documented: boolean): string {
  if (documented && typeof options === "string") return options;
  if (!isStruct(options)) throw wrongArgument("snapshot", storageName, 1, "SnapshotOptions");
  const bookmark = (options as { bookmark?: unknown } | null | undefined)?.bookmark;
  return bookmark === undefined ? "" : String(bookmark);
}

function takeSnapshot(storage: DurableObjectStorage, options: unknown, documented: boolean): Promise<object> {
  return promised(async () => {
    const bookmark = bookmarkOf(options, documented);
    const life = wholeOf(storage, "snapshot");
    return new DurableObjectSnapshot(making, await wait<number>(host.snapshot(life, bookmark)));
  });
}

const maxKeys = 20;
const maxBytes = 3072;

/** The pairs that are to be stored besides what a snapshot has. */
function dataOf(options: unknown): [key: string, value: unknown][] {
  const data = (options as { kvData?: unknown } | null | undefined)?.kvData;
  if (data === undefined) return [];
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new TypeError("Incorrect type for the 'kvData' field on 'RestoreOptions': the provided value is not of type 'object'.");
  }
  return Object.entries(data);
}

/** Hands pairs over for restoreSnapshot. */
function writeData(life: number, data: [key: string, value: unknown][]): void {
  if (data.length > maxKeys) throw new RangeError(`kvData can contain at most ${maxKeys} keys.`);
  host.restoreBegin(life);
  let size = 0;
  for (const [key, value] of data) {
    size += host.restoreData(life, key, value);
    if (size > maxBytes) throw new RangeError(`kvData can contain at most ${maxBytes} bytes of keys and serialized values.`);
  }
}

function restoreOnNextSession(storage: DurableObjectStorage, args: unknown[]): Promise<string> {
  return promised(() => {
    const [target, options] = args;
    const snapshot = numbers.get(target as object);
    if (snapshot === undefined && typeof target !== "string") {
      throw wrongArgument("onNextSessionRestore", storageName, 1, "DurableObjectSnapshot or string");
    }
    if (!isStruct(options)) throw wrongArgument("onNextSessionRestore", storageName, 2, "RestoreOptions");
    const data = dataOf(options);
    const life = wholeOf(storage, "onNextSessionRestore");
    writeData(life, data);
    if (snapshot !== undefined) return host.restoreSnapshot(life, snapshot);
    if (data.length > 0) throw new TypeError("kvData is only supported when restoring from a snapshot.");
    return host.restoreOnNextSession(life, target as string);
  });
}

/** Adds a method to a class, before its constructor. */
function offer(owner: { prototype: object }, name: string, method: (this: never, ...args: unknown[]) => unknown): void {
  const { prototype } = owner;
  const constructor = Object.getOwnPropertyDescriptor(prototype, "constructor")!;
  Reflect.deleteProperty(prototype, "constructor");
  Object.defineProperty(prototype, name, { value: method, writable: true, enumerable: true, configurable: true });
  Object.defineProperty(prototype, "constructor", constructor);
}

export function offerSnapshots(snapshots: Snapshots): void {
  if (snapshots === "") return;
  const documented = snapshots === "documented";
  offer(DurableObjectStorage, "snapshot", function snapshot(this: DurableObjectStorage, ...args) {
    return takeSnapshot(this, args[0], documented);
  });
  offer(DurableObjectStorage, "onNextSessionRestore", function onNextSessionRestore(this: DurableObjectStorage, ...args) {
    return restoreOnNextSession(this, args);
  });
  if (!documented) return;
  offer(DurableObjectState, "onNextSessionRestore", function onNextSessionRestore(this: DurableObjectState, ...args) {
    return restoreOnNextSession(this.storage, args);
  });
}
