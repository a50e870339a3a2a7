// URLSearchParams, URL Standard section 6.2.

import { missingArgument } from "./brand";
import { expose } from "./frame";
import { formatQuery, parseQuery, type List } from "./urlencoded";

type Init = string | URLSearchParams | Iterable<Iterable<string>> | Record<string, string>;

/**
 * What a URL and its parameters share. They know each other by it alone, lest
 * they keep each other alive until the next collection of cycles.
 */
export interface Parsed {
  parts: string[];
}

let setQuery: (record: Parsed, query: string) => void;

// registerQueryChange says how a URL gets the query its parameters were changed to.
export function registerQueryChange(set: typeof setQuery): void {
  setQuery = set;
}

// boundParams makes the parameters of a URL, which is told of each change;
// resetParams tells them that the URL got another query.
export let boundParams: (search: string, record: Parsed) => URLSearchParams;
export let resetParams: (params: URLSearchParams, search: string) => void;

/** Tells the URL, if there is one, of a change. */
let update: (params: URLSearchParams) => void;

export class URLSearchParams {
  #list: List;
  #record: Parsed | undefined;

  static {
    boundParams = (search, record) => {
      const params = new URLSearchParams(search);
      params.#record = record;
      return params;
    };
    resetParams = (params, search) => {
      params.#list = parseQuery(withoutMark(search));
    };
    update = (params) => {
      if (params.#record !== undefined) setQuery(params.#record, formatQuery(params.#list));
    };
  }

  constructor(init?: Init) {
    if (typeof init === "string") this.#list = parseQuery(withoutMark(init));
    else if (init === undefined) this.#list = [];
    else if (typeof init === "object" && init !== null) this.#list = listOf(init);
    else this.#list = parseQuery(withoutMark(`${init}`));
  }

  get size(): number { return this.#list.length / 2; }

  append(name: string, value: string): void {
    if (arguments.length < 2) throw missing("append", arguments.length, text, text);
    this.#list.push(`${name}`, `${value}`);
    update(this);
  }

  delete(name: string, value?: string): void {
    if (arguments.length < 1) throw missing("delete", 0, text);
    const [wanted, only] = [`${name}`, value === undefined ? undefined : `${value}`];
    this.#list = without(this.#list, 0, (n, v) => n === wanted && (only === undefined || v === only));
    update(this);
  }

  get(name: string): string | null {
    if (arguments.length < 1) throw missing("get", 0, text);
    const list = this.#list;
    const i = find(list, name);
    return i < 0 ? null : list[i + 1]!;
  }

  getAll(name: string): string[] {
    if (arguments.length < 1) throw missing("getAll", 0, text);
    const [list, wanted] = [this.#list, `${name}`];
    return list.filter((_, i) => i % 2 === 1 && list[i - 1] === wanted);
  }

  has(name: string, value?: string): boolean {
    if (arguments.length < 1) throw missing("has", 0, text);
    if (value === undefined) return find(this.#list, name) >= 0;
    return this.getAll(name).includes(`${value}`);
  }

  set(name: string, value: string): void {
    if (arguments.length < 2) throw missing("set", arguments.length, text, text);
    const [wanted, given] = [`${name}`, `${value}`];
    const first = find(this.#list, wanted);
    if (first < 0) {
      this.#list.push(wanted, given);
    } else {
      this.#list[first + 1] = given;
      this.#list = without(this.#list, first + 2, (n) => n === wanted);
    }
    update(this);
  }

  sort(): void {
    const pairs = [...this.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#list = pairs.flat();
    update(this);
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    if (typeof callback !== "function") throw missing("forEach", 0, "function");
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  // Iterators see changes made while they run, as the standard says.
  *entries(): IterableIterator<[string, string]> {
    for (let i = 0; i < this.#list.length; i += 2) yield [this.#list[i]!, this.#list[i + 1]!];
  }
  *keys(): IterableIterator<string> {
    for (let i = 0; i < this.#list.length; i += 2) yield this.#list[i]!;
  }
  *values(): IterableIterator<string> {
    for (let i = 0; i < this.#list.length; i += 2) yield this.#list[i + 1]!;
  }
  [Symbol.iterator](): IterableIterator<[string, string]> { return this.entries(); }

  toString(): string { return formatQuery(this.#list); }
}

/** What names and values are, in the words of errors. */
const text = "USVString";

function missing(method: string, given: number, ...types: string[]): TypeError {
  return missingArgument(method, "URLSearchParams", given, ...types);
}

/** The place of the first pair of a name, -1 for none. */
function find(list: List, name: unknown): number {
  const wanted = typeof name === "string" ? name : `${name}`;
  for (let i = 0; i < list.length; i += 2) if (list[i] === wanted) return i;
  return -1;
}

/** A list without the pairs, from a place on, that are to go. */
function without(list: List, from: number, goes: (name: string, value: string) => boolean): List {
  const kept = list.slice(0, from);
  for (let i = from; i < list.length; i += 2) if (!goes(list[i]!, list[i + 1]!)) kept.push(list[i]!, list[i + 1]!);
  return kept;
}

function withoutMark(search: string): string {
  return search.charCodeAt(0) === 0x3f ? search.slice(1) : search;
}

function listOf(init: object): List {
  const list: List = [];
  if (typeof (init as Iterable<unknown>)[Symbol.iterator] !== "function") {
    for (const [name, value] of Object.entries(init)) list.push(name, `${value}`);
    return list;
  }
  for (const pair of init as Iterable<Iterable<string>>) {
    const items = [...pair];
    if (items.length !== 2) {
      throw new TypeError(
        "Invalid URL search params sequence.",
      );
    }
    list.push(`${items[0]}`, `${items[1]}`);
  }
  return list;
}

expose("URLSearchParams", URLSearchParams);
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
  value: URLSearchParams.prototype.entries,
  writable: true,
  configurable: true,
});
