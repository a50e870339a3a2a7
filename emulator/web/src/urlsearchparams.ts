// URLSearchParams, URL Standard section 6.2.

import { expose } from "./frame";
import { formatQuery, parseQuery, type Pair } from "./urlencoded";

type Init = string | URLSearchParams | Iterable<Iterable<string>> | Record<string, string>;

// boundParams makes the parameters of a URL, which is told of each change;
// resetParams tells them that the URL got another query.
export let boundParams: (search: string, changed: (query: string) => void) => URLSearchParams;
export let resetParams: (params: URLSearchParams, search: string) => void;

export class URLSearchParams {
  #pairs: Pair[] = [];
  #changed: ((query: string) => void) | undefined;

  static {
    boundParams = (search, changed) => {
      const params = new URLSearchParams(search);
      params.#changed = changed;
      return params;
    };
    resetParams = (params, search) => {
      params.#pairs = parseQuery(withoutMark(search));
    };
  }

  constructor(init?: Init) {
    if (init === undefined) return;
    if (typeof init === "object" && init !== null) this.#pairs = pairsOf(init);
    else this.#pairs = parseQuery(withoutMark(`${init}`));
  }

  #update(): void {
    this.#changed?.(formatQuery(this.#pairs));
  }

  get size(): number { return this.#pairs.length; }

  append(name: string, value: string): void {
    this.#pairs.push([`${name}`, `${value}`]);
    this.#update();
  }

  delete(name: string, value?: string): void {
    const [wanted, only] = [`${name}`, value === undefined ? undefined : `${value}`];
    this.#pairs = this.#pairs.filter(([n, v]) => n !== wanted || (only !== undefined && v !== only));
    this.#update();
  }

  get(name: string): string | null {
    const wanted = `${name}`;
    return this.#pairs.find(([n]) => n === wanted)?.[1] ?? null;
  }

  getAll(name: string): string[] {
    const wanted = `${name}`;
    return this.#pairs.filter(([n]) => n === wanted).map(([, v]) => v);
  }

  has(name: string, value?: string): boolean {
    const [wanted, only] = [`${name}`, value === undefined ? undefined : `${value}`];
    return this.#pairs.some(([n, v]) => n === wanted && (only === undefined || v === only));
  }

  set(name: string, value: string): void {
    const wanted = `${name}`;
    const first = this.#pairs.find(([n]) => n === wanted);
    if (first) {
      first[1] = `${value}`;
      this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== wanted);
    } else {
      this.#pairs.push([wanted, `${value}`]);
    }
    this.#update();
  }

  sort(): void {
    this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#update();
  }

  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  // Iterators see changes made while they run, as the standard says.
  *entries(): IterableIterator<Pair> {
    for (let i = 0; i < this.#pairs.length; i++) yield [...this.#pairs[i]!] as Pair;
  }
  *keys(): IterableIterator<string> {
    for (let i = 0; i < this.#pairs.length; i++) yield this.#pairs[i]![0];
  }
  *values(): IterableIterator<string> {
    for (let i = 0; i < this.#pairs.length; i++) yield this.#pairs[i]![1];
  }
  [Symbol.iterator](): IterableIterator<Pair> { return this.entries(); }

  toString(): string { return formatQuery(this.#pairs); }
}

function withoutMark(search: string): string {
  return search.charCodeAt(0) === 0x3f ? search.slice(1) : search;
}

function pairsOf(init: object): Pair[] {
  if (typeof (init as Iterable<unknown>)[Symbol.iterator] !== "function") {
    return Object.entries(init).map(([name, value]) => [name, `${value}`]);
  }
  return Array.from(init as Iterable<Iterable<string>>, (pair) => {
    const items = [...pair];
    if (items.length !== 2) {
      throw new TypeError(
        "Failed to construct 'URLSearchParams': Sequences of the initializer must contain exactly two items.",
      );
    }
    return [`${items[0]}`, `${items[1]}`] as Pair;
  });
}

expose("URLSearchParams", URLSearchParams);
Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
  value: URLSearchParams.prototype.entries,
  writable: true,
  configurable: true,
});
