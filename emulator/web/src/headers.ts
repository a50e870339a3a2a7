// Headers, Fetch Standard §5.1.
//
// Headers that come from the host stay the string they came as until a script
// asks for one: "name\nvalue\nname\nvalue", names in lower case. A name may
// occur more than once.

import { expose } from "./frame";
import { illegalInvocation, missingArgument } from "./brand";

export type HeadersInit = Headers | Iterable<Iterable<string>> | Record<string, string>;

/** Values of one name are kept in one string, between line feeds, which no value can hold. */
type List = Map<string, string>;

/** Laxer than the standard, as the platform is: a name may be empty, and beyond ASCII. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z\x80-\uffff]*$/;
const foreign = /[\x80-\ud7ff\ue000-\uffff]/g;
const outerSpace = /^[\t\n\r ]+|[\t\n\r ]+$/g;

/** Names in the form they are kept in, by the form they were given in: checking one takes longer. */
const names = new Map<string, string>();
const mostNames = 512;

/** Headers of the host's making: raw is the form described above. */
export let headersFromHost: (raw: string, immutable: boolean) => Headers;
/** The same form again, for the host or another isolate. */
export let headersToHost: (headers: Headers) => string;
/** A copy that may be changed, whatever the original allows. */
export let copyHeaders: (headers: Headers) => Headers;
let listOf: (headers: Headers) => List;
let writableListOf: (headers: Headers) => List;

export class Headers {
  #raw = "";
  #list: List | undefined = undefined;
  #immutable = false;

  static {
    headersFromHost = (raw, immutable) => {
      const headers = new Headers();
      headers.#raw = raw;
      headers.#immutable = immutable;
      return headers;
    };
    headersToHost = (headers) => (headers.#list === undefined ? headers.#raw : serialize(headers.#list));
    copyHeaders = (headers) => {
      const copy = new Headers();
      if (headers.#list === undefined) copy.#raw = headers.#raw;
      else copy.#list = new Map(headers.#list);
      return copy;
    };
    listOf = (headers) => {
      if (!(#raw in Object(headers))) throw illegalInvocation();
      return (headers.#list ??= parse(headers.#raw));
    };
    writableListOf = (headers) => {
      const list = listOf(headers);
      if (headers.#immutable) throw new TypeError("Can't modify immutable headers.");
      return list;
    };
  }

  constructor(init?: HeadersInit) {
    if (init === undefined) return;
    if (!fillsHeaders(init)) throw new TypeError(`Failed to construct 'Headers': constructor parameter 1 is not of type '${initType}'.`);
    if (#raw in init) {
      const other = init as Headers;
      if (other.#list === undefined) this.#raw = other.#raw;
      else this.#list = new Map(other.#list);
      return;
    }
    const list: List = (this.#list = new Map());
    if (Symbol.iterator in init) fillFromPairs(list, init as Iterable<Iterable<string>>);
    else fillFromRecord(list, init as Record<string, string>);
  }

  append(name: string, value: string): void {
    if (arguments.length < 2) throw missing("append", arguments.length, "string", "string");
    append(writableListOf(this), name, value);
  }

  delete(name: string): void {
    if (arguments.length < 1) throw missing("delete", 0, "string");
    writableListOf(this).delete(normalizeName(name));
  }

  get(name: string): string | null {
    if (arguments.length < 1) throw missing("get", 0, "string");
    const value = listOf(this).get(normalizeName(name));
    return value === undefined ? null : joined(value);
  }

  /** The platform's own older name for getSetCookie. */
  getAll(name: string): string[] {
    if (arguments.length < 1) throw missing("getAll", 0, "string");
    if (normalizeName(name) !== "set-cookie") {
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }
    return this.getSetCookie();
  }

  getSetCookie(): string[] {
    const value = listOf(this).get("set-cookie");
    return value === undefined ? [] : value.split("\n");
  }

  has(name: string): boolean {
    if (arguments.length < 1) throw missing("has", 0, "string");
    return listOf(this).has(normalizeName(name));
  }

  set(name: string, value: string): void {
    if (arguments.length < 2) throw missing("set", arguments.length, "string", "string");
    writableListOf(this).set(normalizeName(name), normalizeValue(value));
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg?: unknown): void {
    if (typeof callback !== "function") throw missing("forEach", 0, "function");
    for (const [name, value] of sorted(listOf(this))) callback.call(thisArg, value, name, this);
  }

  entries(): IterableIterator<[string, string]> {
    return sorted(listOf(this)).values();
  }

  keys(): IterableIterator<string> {
    return sorted(listOf(this)).map(([name]) => name).values();
  }

  values(): IterableIterator<string> {
    return sorted(listOf(this)).map(([, value]) => value).values();
  }

  declare [Symbol.iterator]: () => IterableIterator<[string, string]>;
}

function missing(method: string, given: number, ...types: string[]): TypeError {
  return missingArgument(method, "Headers", given, ...types);
}

Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries,
  configurable: true,
  writable: true,
});

/** What headers are made from, in the words of errors. */
const initType = "Headers or Sequence or object";

const fillsHeaders = (init: unknown) => (typeof init === "object" && init !== null) || typeof init === "function";
const isSequence = (value: unknown) => fillsHeaders(value) && Symbol.iterator in (value as object);

/** The headers that a dictionary, of the name given, has as a member. */
export function headersMember(init: HeadersInit, dictionary: string): Headers {
  if (fillsHeaders(init)) return new Headers(init);
  throw new TypeError(`Incorrect type for the 'headers' field on '${dictionary}': the provided value is not of type '${initType}'.`);
}

function parse(raw: string): List {
  const list: List = new Map();
  if (raw === "") return list;
  const parts = raw.split("\n");
  for (let i = 0; i + 1 < parts.length; i += 2) add(list, parts[i]!, parts[i + 1]!);
  return list;
}

function serialize(list: List): string {
  let lines = "";
  list.forEach((value, name) => {
    if (!value.includes("\n")) lines += `\n${name}\n${value}`;
    else for (const single of value.split("\n")) lines += `\n${name}\n${single}`;
  });
  return lines.slice(1);
}

function add(list: List, name: string, value: string): void {
  const before = list.get(name);
  list.set(name, before === undefined ? value : before + "\n" + value);
}

function append(list: List, name: string, value: string): void {
  add(list, normalizeName(name), normalizeValue(value));
}

function fillFromPairs(list: List, pairs: Iterable<Iterable<string>>): void {
  for (const pair of pairs) {
    if (!isSequence(pair)) throw new TypeError("Incorrect type: the provided value is not of type 'Sequence'.");
    const parts = [...pair];
    if (parts.length !== 2) {
      throw new TypeError(
        "To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.",
      );
    }
    append(list, parts[0]!, parts[1]!);
  }
}

function fillFromRecord(list: List, record: Record<string, string>): void {
  for (const name of Object.keys(record)) append(list, name, record[name]!);
}

function normalizeName(given: string): string {
  let name = names.get(given);
  if (name !== undefined) return name;
  name = `${given}`;
  if (!token.test(name)) throw new TypeError("Invalid header name.");
  name = name.replace(foreign, "\ufffd").toLowerCase();
  if (names.size < mostNames) names.set(given, name);
  return name;
}

function normalizeValue(given: string): string {
  let value = `${given}`;
  if (isSpace(value.charCodeAt(0)) || isSpace(value.charCodeAt(value.length - 1))) value = value.replace(outerSpace, "");
  if (value.includes("\n") || value.includes("\r") || value.includes("\0")) throw new TypeError("Invalid header value.");
  return value.isWellFormed() ? value : value.toWellFormed();
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

function joined(value: string): string {
  return value.includes("\n") ? value.replaceAll("\n", ", ") : value;
}

/** The sort-and-combine algorithm: set-cookie alone is never combined. */
function sorted(list: List): [string, string][] {
  const entries: [string, string][] = [];
  for (const name of [...list.keys()].sort()) {
    const value = list.get(name)!;
    if (name === "set-cookie") for (const single of value.split("\n")) entries.push([name, single]);
    else entries.push([name, joined(value)]);
  }
  return entries;
}

expose("Headers", Headers);
