// What data a value consists of: its numbers and texts, wherever they are in it.

import { isPlatformPrototype } from "web/frame";

/** A number or text that says something. */
export type Leaf = number | string;

/** How many leaves are looked at; a value with more is too large to judge. */
const maxLeaves = 2000;

const tooLarge = Symbol();

/** The leaves of a value, undefined when it cannot be judged. Runs no getter. */
export function leavesOf(value: unknown): Leaf[] | undefined {
  const leaves: Leaf[] = [];
  try {
    collect(value, leaves, new Set());
  } catch {
    return undefined;
  }
  return leaves;
}

function collect(value: unknown, leaves: Leaf[], seen: Set<object>): void {
  switch (typeof value) {
    case "number":
      if (value !== 0 && Number.isFinite(value)) leaves.push(value);
      break;
    case "string":
    case "bigint":
      if (value !== "") leaves.push(String(value));
      break;
    case "object":
      if (value !== null && !seen.has(value)) {
        seen.add(value);
        collectObject(value, leaves, seen);
      }
  }
  if (leaves.length > maxLeaves) throw tooLarge;
}

function collectObject(value: object, leaves: Leaf[], seen: Set<object>): void {
  const each = (items: Iterable<unknown>) => {
    for (const item of items) collect(item, leaves, seen);
  };
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (value instanceof Date) return collect(value.getTime(), leaves, seen);
  if (value instanceof Map) {
    each(Map.prototype.keys.call(value));
    return each(Map.prototype.values.call(value));
  }
  if (value instanceof Set) return each(Set.prototype.values.call(value));
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype && isBuiltIn(prototype)) return;
  for (const property of Object.values(Object.getOwnPropertyDescriptors(value))) {
    if (property.enumerable && "value" in property) collect(property.value, leaves, seen);
  }
}

/** Whether objects with a prototype are the platform's own, such as sockets, streams and stubs: no data. */
function isBuiltIn(prototype: object): boolean {
  for (let p: object | null = prototype; p !== null && p !== Object.prototype; p = Object.getPrototypeOf(p) as object | null) {
    const constructor = Object.getOwnPropertyDescriptor(p, "constructor")?.value as Function | undefined;
    if (constructor === undefined || Reflect.get(globalThis, constructor.name) === constructor || isPlatformPrototype(p)) return true;
    if (platformClasses.has(constructor.name)) return true;
  }
  return false;
}

// Those that are no globals, by the names they have.
const platformClasses = new Set(["Fetcher", "ServiceStub", "DurableObject", "RpcStub", "RpcPromise", "RpcProperty", "RpcTarget"]);
