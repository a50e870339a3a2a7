// Deep equality as node:assert and util.isDeepStrictEqual define it.

import {
  isAnyArrayBuffer, isBoxedPrimitive, isDate, isMap, isNativeError, isRegExp, isSet, isTypedArray,
} from "./util_types";

// loose compares primitives with ==; strict with Object.is and looks at
// prototypes; partial is strict, but the actual value may have more.
export type Rule = "loose" | "strict" | "partial";

type Pairs = Map<object, Set<object>>;

export function deepEqual(actual: unknown, expected: unknown, rule: Rule): boolean {
  return equal(actual, expected, rule, new Map());
}

function equal(a: any, b: any, rule: Rule, open: Pairs): boolean {
  if (a === b) return a !== 0 || rule === "loose" || Object.is(a, b);
  const objects = isObject(a) && isObject(b);
  if (rule === "loose") {
    if (!isObject(a)) return !isObject(b) && typeof b !== "function" && (a == b || (a !== a && b !== b));
    if (!isObject(b)) return false;
  } else if (!objects) {
    return typeof a === "number" && typeof b === "number" && a !== a && b !== b;
  } else if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
    return false;
  }
  return sameKind(a, b, rule) && equalOnce(a, b, rule, open);
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === "object";
}

// A pair that is being compared further out counts as equal: cycles end there.
function equalOnce(a: object, b: object, rule: Rule, open: Pairs): boolean {
  const partners = open.get(a) ?? new Set();
  if (partners.has(b)) return true;
  open.set(a, partners.add(b));
  const result = contents(a, b, rule, open) && properties(a, b, rule, open);
  partners.delete(b);
  return result;
}

const tagOf = (value: object): string => Object.prototype.toString.call(value);

// sameKind compares what objects hold beside their properties.
function sameKind(a: any, b: any, rule: Rule): boolean {
  if (tagOf(a) !== tagOf(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a)) return rule === "partial" ? a.length >= b.length : a.length === b.length;
  if (isDate(a)) return isDate(b) && Object.is(+a, +b);
  if (isRegExp(a)) return isRegExp(b) && a.source === b.source && a.flags === b.flags && a.lastIndex === b.lastIndex;
  if (isNativeError(a)) return isNativeError(b) && sameError(a, b);
  if (ArrayBuffer.isView(a)) return ArrayBuffer.isView(b) && sameView(a, b, rule);
  if (isAnyArrayBuffer(a)) return isAnyArrayBuffer(b) && sameBytes(new Uint8Array(a), new Uint8Array(b));
  if (isBoxedPrimitive(a)) return isBoxedPrimitive(b) && Object.is(a.valueOf(), b.valueOf());
  if (a instanceof Promise || a instanceof WeakMap || a instanceof WeakSet) return false;
  return isSet(a) === isSet(b) && isMap(a) === isMap(b) && !isBoxedPrimitive(b);
}

function sameError(a: Error, b: Error): boolean {
  return a.message === b.message && a.name === b.name;
}

function sameView(a: any, b: any, rule: Rule): boolean {
  if (a.byteLength !== b.byteLength) return false;
  if (!isTypedArray(a)) {
    return sameBytes(
      new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer, b.byteOffset, b.byteLength));
  }
  const same = rule === "loose" ? (x: unknown, y: unknown) => x === y || (x !== x && y !== y) : Object.is;
  return a.length === b.length && a.every((value: unknown, i: number) => same(value, b[i]));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function ownKeys(value: object, rule: Rule): PropertyKey[] {
  const keys: PropertyKey[] = isTypedArray(value)
    ? Object.keys(value).slice((value as Uint8Array).length)
    : Object.keys(value);
  if (rule === "loose") return keys;
  const symbols = Object.getOwnPropertySymbols(value);
  return [...keys, ...symbols.filter((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol))];
}

function properties(a: any, b: any, rule: Rule, open: Pairs): boolean {
  if (rule === "partial" && Array.isArray(b)) return subsequence(a, b, open);
  const keys = ownKeys(b, rule);
  if (rule !== "partial" && ownKeys(a, rule).length !== keys.length) return false;
  for (const key of keys) {
    if (!Object.prototype.propertyIsEnumerable.call(a, key)) return false;
  }
  // What hides in an error counts too.
  if (isNativeError(a) && rule !== "loose") {
    for (const key of ["cause", "errors"]) {
      if (Object.hasOwn(a, key) !== Object.hasOwn(b, key)) return false;
      if (!equal(a[key], b[key], rule, open)) return false;
    }
  }
  return keys.every((key) => equal(a[key], b[key], rule, open));
}

// subsequence tells whether each expected element is found in order.
function subsequence(actual: unknown[], expected: unknown[], open: Pairs): boolean {
  let at = 0;
  for (const wanted of expected) {
    while (at < actual.length && !equal(actual[at], wanted, "partial", open)) ++at;
    if (at++ === actual.length) return false;
  }
  return true;
}

function contents(a: any, b: any, rule: Rule, open: Pairs): boolean {
  if (isSet(a)) return sameSet(a, b, rule, open);
  if (isMap(a)) return sameMap(a, b, rule, open);
  return true;
}

// Primitives are looked up; only objects are compared one with another.
function sameSet(a: Set<unknown>, b: Set<unknown>, rule: Rule, open: Pairs): boolean {
  if (rule === "partial" ? a.size < b.size : a.size !== b.size) return false;
  const left = new Set(a);
  const wanted = [...b].filter((member) => !left.delete(member));
  return matched([...left], wanted, (x, y) => canPair(x, y, rule) && equal(x, y, rule, open));
}

function sameMap(a: Map<unknown, unknown>, b: Map<unknown, unknown>, rule: Rule, open: Pairs): boolean {
  if (rule === "partial" ? a.size < b.size : a.size !== b.size) return false;
  const left = new Map(a);
  const wanted: [unknown, unknown][] = [];
  for (const [key, value] of b) {
    if (left.has(key) && equal(left.get(key), value, rule, open)) left.delete(key);
    else wanted.push([key, value]);
  }
  return matched([...left], wanted, ([ak, av], [bk, bv]) =>
    canPair(ak, bk, rule) && equal(ak, bk, rule, open) && equal(av, bv, rule, open));
}

function canPair(a: unknown, b: unknown, rule: Rule): boolean {
  return rule === "loose" || (isObject(a) && isObject(b));
}

// matched pairs each wanted member with one of those left, in any order.
function matched<T>(left: T[], wanted: T[], same: (a: T, b: T) => boolean): boolean {
  for (const want of wanted) {
    const at = left.findIndex((member) => same(member, want));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return true;
}
