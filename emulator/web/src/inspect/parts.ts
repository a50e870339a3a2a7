// The parts of an object in print: what kind of thing it is and what it holds.

import { isPlatformPrototype } from "../frame";
import type { Printer } from "../inspect";
import { errorText } from "./error";
import type { Shape } from "./layout";
import { callable, key, primitive } from "./primitive";

interface Kind {
  base?: string;
  prefix?: string;
  // Brackets of a list.
  list?: boolean;
  empty?: string;
  entries?: string[];
  more?: boolean;
  numeric?: boolean;
  // Own properties that are shown already.
  hidden?: PropertyKey[];
}

// parts takes an object apart; what it holds is printed at `depth`.
export function parts(value: object, printer: Printer, depth: number): Shape {
  const kind = kindOf(value, printer, depth);
  const properties = ownKeys(value, printer)
    .filter((name) => !kind.hidden?.includes(name))
    .map((name) => property(value, name, printer, depth));
  const [open, close] = kind.list ? ["[", "]"] : ["{", "}"];
  const prefix = kind.prefix ? `${kind.prefix} ` : "";
  return {
    base: kind.base ?? "",
    open: prefix + open,
    close,
    output: [...(kind.entries ?? []), ...properties],
    list: kind.list ?? false,
    more: kind.more,
    numeric: kind.numeric,
    empty: kind.empty ?? `${prefix}${open}${close}`,
  };
}

function kindOf(value: object, printer: Printer, depth: number): Kind {
  if (Array.isArray(value)) return arrayKind(value, printer, depth);
  if (typeof value === "function") return { base: callable(value) };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return typedArrayKind(value as any, printer);
  if (value instanceof Error) return errorKind(value, printer, depth);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const make = kinds[tag];
  return (make && safely(() => make(value as any, printer, depth))) ?? plainKind(value, tag, printer, depth);
}

// A tag can be claimed by anything; then the methods of the class throw.
function safely<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

const kinds: Record<string, (value: any, printer: Printer, depth: number) => Kind> = {
  Map: (value: Map<unknown, unknown>, printer, depth) => {
    const prefix = name(value, "Map", mapSize.call(value));
    const entries = [...Map.prototype.entries.call(value)];
    const print = ([k, v]: [unknown, unknown]) => `${printer.nested(k, depth)} => ${printer.nested(v, depth)}`;
    return { prefix, ...limited(entries, printer, print as (entry: unknown) => string) };
  },
  Set: (value: Set<unknown>, printer, depth) => {
    const prefix = name(value, "Set", setSize.call(value));
    const values = [...Set.prototype.values.call(value)];
    return { prefix, ...limited(values, printer, (v) => printer.nested(v, depth)) };
  },
  Date: (value: Date) => {
    const time = Date.prototype.getTime.call(value);
    return { base: Number.isNaN(time) ? "Invalid Date" : Date.prototype.toISOString.call(value) };
  },
  RegExp: (value: RegExp) => ({ base: RegExp.prototype.toString.call(value) }),
  Number: (value) => boxed("Number", Number.prototype.valueOf.call(value)),
  String: (value) => ({
    ...boxed("String", String.prototype.valueOf.call(value)),
    hidden: Array.from({ length: value.length }, (_, i) => `${i}`),
  }),
  Boolean: (value) => boxed("Boolean", Boolean.prototype.valueOf.call(value)),
  BigInt: (value) => boxed("BigInt", BigInt.prototype.valueOf.call(value)),
  Symbol: (value) => boxed("Symbol", Symbol.prototype.valueOf.call(value)),
  Promise: (value) => ({ prefix: name(value, "Promise") }),
  WeakMap: () => ({ prefix: "WeakMap", entries: ["<items unknown>"] }),
  WeakSet: () => ({ prefix: "WeakSet", entries: ["<items unknown>"] }),
  WeakRef: (value: WeakRef<object>, printer, depth) => ({
    prefix: "WeakRef", entries: [printer.nested(WeakRef.prototype.deref.call(value), depth)],
  }),
  ArrayBuffer: (value) => bufferKind("ArrayBuffer", value),
  SharedArrayBuffer: (value) => bufferKind("SharedArrayBuffer", value),
  DataView: (value: DataView, printer, depth) => ({
    prefix: "DataView",
    entries: [
      `byteLength: ${value.byteLength}`, `byteOffset: ${value.byteOffset}`, `buffer: ${printer.nested(value.buffer, depth)}`,
    ],
  }),
  Arguments: () => ({ prefix: "[Arguments]" }),
  Module: () => ({ prefix: "[Module: null prototype]" }),
  Headers: pairsKind,
  FormData: pairsKind,
  URLSearchParams: pairsKind,
};

const { propertyIsEnumerable } = Object.prototype;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, "size")!.get!;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, "size")!.get!;

// name is the class of an object as it stands before its contents.
function name(value: object, standard: string, size?: number): string {
  const count = size === undefined ? "" : `(${size})`;
  if (Object.getPrototypeOf(value) === null) return `[${standard}${count}: null prototype]`;
  const constructor = (value as any).constructor?.name;
  if (typeof constructor !== "string" || !constructor || constructor === standard) return standard + count;
  return `${constructor}${count} [${standard}]`;
}

function plainKind(value: object, tag: string, printer: Printer, depth: number): Kind {
  if (isPlatformObject(value)) return platformKind(value, printer, depth);
  const prototype = Object.getPrototypeOf(value);
  const constructor = prototype !== null && isIterator(prototype) ? "Object" : safely(() => (value as any).constructor?.name);
  const shown = prototype === null ? "[Object: null prototype]" : typeof constructor === "string" && constructor ? constructor : "Object";
  const tagged = tag !== "Object" && tag !== constructor && !propertyIsEnumerable.call(value, Symbol.toStringTag) ? `${shown} [${tag}]` : shown;
  return tagged === "Object" ? {} : { prefix: tagged };
}

function isIterator(prototype: object): boolean {
  return (prototype as any).constructor === Iterator;
}

// isEmpty tells whether printing an object would show nothing inside it.
export function isEmpty(value: object): boolean {
  if (value instanceof Map) return mapSize.call(value) === 0;
  if (value instanceof Set) return setSize.call(value) === 0;
  if (value instanceof ArrayBuffer || value instanceof DataView || isPlatformObject(value)) return false;
  return Object.keys(value).length === 0 && !(Array.isArray(value) && value.length > 0);
}

function boxed(type: string, value: unknown): Kind {
  return { base: `[${type}: ${primitive(value, { maxLength: Infinity, width: Infinity, indentation: 0 })}]` };
}

function limited(items: unknown[], printer: Printer, print: (item: unknown) => string): { entries: string[]; more: boolean } {
  const limit = printer.options.maxArrayLength ?? Infinity;
  const entries = items.slice(0, limit).map(print);
  const left = items.length - entries.length;
  if (left > 0) entries.push(moreItems(left));
  return { entries, more: left > 0 };
}

function moreItems(left: number): string {
  return `... ${left} more item${left > 1 ? "s" : ""}`;
}

function arrayKind(value: unknown[], printer: Printer, depth: number): Kind {
  const limit = Math.min(printer.options.maxArrayLength ?? Infinity, value.length);
  const entries: string[] = [];
  let shown = 0;
  for (let i = 0; i < value.length && entries.length < limit; ) {
    if (i in value) {
      entries.push(printer.nested(value[i], depth));
      i++;
      shown++;
      continue;
    }
    const start = i;
    while (i < value.length && !(i in value)) i++;
    entries.push(`<${i - start} empty item${i - start > 1 ? "s" : ""}>`);
    shown += i - start;
  }
  if (shown < value.length) entries.push(moreItems(value.length - shown));
  const constructor = (value as { constructor?: { name?: string } }).constructor?.name || "Array";
  return {
    list: true,
    prefix: constructor === "Array" ? "" : `${constructor}(${value.length})`,
    entries,
    more: shown < value.length,
    numeric: value.every((v) => typeof v === "number" || typeof v === "bigint"),
    hidden: indices(value),
  };
}

const index = /^(?:0|[1-9][0-9]*)$/;

function indices(value: object): PropertyKey[] {
  return Object.keys(value).filter((name) => index.test(name));
}

function typedArrayKind(value: Uint8Array, printer: Printer): Kind {
  const style = { maxLength: Infinity, width: Infinity, indentation: 0 };
  const limit = Math.min(printer.options.maxArrayLength ?? Infinity, value.length);
  const entries = Array.from(value.subarray(0, limit), (n) => primitive(n, style));
  if (value.length > limit) entries.push(moreItems(value.length - limit));
  return {
    list: true,
    prefix: `${value.constructor.name}(${value.length})`,
    entries,
    more: value.length > limit,
    numeric: true,
    hidden: indices(value),
  };
}

function bufferKind(type: string, value: ArrayBuffer): Kind {
  const bytes = new Uint8Array(value);
  const shown = Array.from(bytes.subarray(0, 50), (b) => b.toString(16).padStart(2, "0")).join(" ");
  const left = bytes.length - 50;
  const more = left > 0 ? ` ... ${left} more byte${left > 1 ? "s" : ""}` : "";
  return { prefix: type, entries: [`[Uint8Contents]: <${shown}${more}>`, `byteLength: ${bytes.length}`] };
}

function errorKind(error: Error, printer: Printer, depth: number): Kind {
  const own = (property: string, label = `[${property}]`): string[] => {
    const descriptor = Object.getOwnPropertyDescriptor(error, property);
    return descriptor && !descriptor.enumerable ? [`${label}: ${printer.nested((error as any)[property], depth)}`] : [];
  };
  const base = errorText(error, printer.layout.indentation);
  const hidden: PropertyKey[] = ["stack", "message", "name"].filter((key) => key === "stack" || base.includes(`${(error as any)[key]}`));
  if (Object.prototype.toString.call(error) === "[object DOMException]") hidden.push("code");
  return { base, entries: [...own("cause"), ...own("errors")], hidden };
}

function pairsKind(value: any, printer: Printer, depth: number): Kind {
  const pairs = [...value.entries()] as [string, unknown][];
  const print = (pair: unknown) => {
    const [k, v] = pair as [string, unknown];
    return `${printer.nested(k, depth)} => ${printer.nested(v, depth)}`;
  };
  const type = value.constructor.name;
  return { prefix: `${type}(${pairs.length})`, ...limited(pairs, printer, print) };
}

// isPlatformObject tells whether an object is of a class of the platform,
// whose state stands behind getters.
export function isPlatformObject(value: object): boolean {
  for (let p = Object.getPrototypeOf(value); p !== null; p = Object.getPrototypeOf(p)) {
    if (isPlatformPrototype(p)) return true;
  }
  return false;
}

function platformKind(value: object, printer: Printer, depth: number): Kind {
  const entries: string[] = [];
  const seen = new Set<string>();
  for (let p = Object.getPrototypeOf(value); p !== null && p !== Object.prototype; p = Object.getPrototypeOf(p)) {
    if (!isPlatformPrototype(p)) continue;
    for (const [property, { get }] of Object.entries(Object.getOwnPropertyDescriptors(p))) {
      if (!get || seen.has(property)) continue;
      seen.add(property);
      const held = safely(() => [get.call(value)]);
      if (held) entries.push(`${key(property)}: ${printer.nested(held[0], depth)}`);
    }
  }
  return { prefix: (value as any).constructor?.name ?? "Object", entries };
}

function ownKeys(value: object, printer: Printer): PropertyKey[] {
  const names: PropertyKey[] = printer.options.showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
  for (const symbol of Object.getOwnPropertySymbols(value)) {
    if (printer.options.showHidden || propertyIsEnumerable.call(value, symbol)) names.push(symbol);
  }
  return names;
}

function property(value: object, property: PropertyKey, printer: Printer, depth: number): string {
  const descriptor = Object.getOwnPropertyDescriptor(value, property);
  const label = descriptor && !descriptor.enumerable && typeof property !== "symbol" ? `[${String(property)}]` : key(property);
  if (!descriptor || "value" in descriptor) {
    return `${label}: ${printer.nested(descriptor ? descriptor.value : (value as any)[property], depth)}`;
  }
  const { get, set } = descriptor;
  if (!get) return `${label}: ${set ? "[Setter]" : "undefined"}`;
  const kind = set ? "Getter/Setter" : "Getter";
  const { getters } = printer.options;
  if (getters === true || (getters === "get" && !set) || (getters === "set" && set)) {
    const held = safely(() => [get.call(value)]);
    return held ? `${label}: [${kind}: ${printer.nested(held[0], depth)}]` : `${label}: [${kind}: <Inspection threw>]`;
  }
  return `${label}: [${kind}]`;
}
