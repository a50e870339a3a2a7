// The rules of language among Intl's services, in en-US: plurals, lists,
// relative times and the order of strings.

import { NumberFormat } from "./number";
import { checkLocales, locale, option, supported } from "./part";

export class PluralRules {
  #ordinal: boolean;
  constructor(locales?: unknown, options?: { type?: string }) {
    checkLocales(locales);
    this.#ordinal = option("type", options?.type, ["cardinal", "ordinal"], "cardinal") === "ordinal";
  }
  select(value: number): "one" | "two" | "few" | "other" {
    const n = Number(value);
    if (!this.#ordinal) return n === 1 ? "one" : "other";
    const [last, teen] = [n % 10, Math.floor(n / 10) % 10 === 1];
    if (teen || !Number.isInteger(n)) return "other";
    return last === 1 ? "one" : last === 2 ? "two" : last === 3 ? "few" : "other";
  }
  resolvedOptions(): object {
    return { locale, type: this.#ordinal ? "ordinal" : "cardinal" };
  }
  static supportedLocalesOf(locales: unknown): string[] { return supported(locales); }
}

export class ListFormat {
  #word: string;
  constructor(locales?: unknown, options?: { type?: string; style?: string }) {
    checkLocales(locales);
    const type = option("type", options?.type, ["conjunction", "disjunction", "unit"], "conjunction");
    this.#word = { conjunction: "and ", disjunction: "or ", unit: "" }[type];
  }
  format(list: Iterable<string>): string {
    const items = [...list];
    if (items.length < 2) return items.join("");
    const last = items.pop();
    if (items.length === 1 && this.#word) return `${items[0]} ${this.#word}${last}`;
    return `${items.join(", ")}, ${this.#word}${last}`;
  }
  static supportedLocalesOf(locales: unknown): string[] { return supported(locales); }
}

const named: Record<string, Record<number, string>> = {
  day: { [-1]: "yesterday", 0: "today", 1: "tomorrow" },
  year: { [-1]: "last year", 0: "this year", 1: "next year" },
  quarter: { [-1]: "last quarter", 0: "this quarter", 1: "next quarter" },
  month: { [-1]: "last month", 0: "this month", 1: "next month" },
  week: { [-1]: "last week", 0: "this week", 1: "next week" },
  hour: { 0: "this hour" },
  minute: { 0: "this minute" },
  second: { 0: "now" },
};

export class RelativeTimeFormat {
  #auto: boolean;
  #number = new NumberFormat();
  constructor(locales?: unknown, options?: { numeric?: string; style?: string }) {
    checkLocales(locales);
    this.#auto = option("numeric", options?.numeric, ["always", "auto"], "always") === "auto";
  }
  format(value: number, unit: string): string {
    const singular = `${unit}`.replace(/s$/, "");
    if (!(singular in named)) throw new RangeError(`Invalid unit argument for format() '${unit}'`);
    const special = this.#auto ? named[singular]![value] : undefined;
    if (special !== undefined) return special;
    const size = this.#number.format(Math.abs(value));
    const text = `${size} ${singular}${size === "1" ? "" : "s"}`;
    return value < 0 || Object.is(value, -0) ? `${text} ago` : `in ${text}`;
  }
  static supportedLocalesOf(locales: unknown): string[] { return supported(locales); }
}

interface CollatorOptions {
  numeric?: boolean;
  sensitivity?: string;
}

// A Collator puts letters before their case and marks, as people expect.
export class Collator {
  #options: CollatorOptions;
  constructor(locales?: unknown, options: CollatorOptions = {}) {
    checkLocales(locales);
    option("sensitivity", options.sensitivity, ["base", "accent", "case", "variant"], "variant");
    this.#options = options;
    this.compare = this.compare.bind(this);
  }
  compare(a: string, b: string): number {
    const { sensitivity = "variant" } = this.#options;
    const [x, y] = [`${a}`.normalize("NFD"), `${b}`.normalize("NFD")];
    const bare = (text: string) => text.replace(/\p{M}/gu, "");
    const base = this.#order(bare(x).toLowerCase(), bare(y).toLowerCase());
    if (base !== 0 || sensitivity === "base") return base;
    const accent = sensitivity === "case" ? 0 : order(x.toLowerCase(), y.toLowerCase());
    if (accent !== 0 || sensitivity === "accent") return accent;
    // Small letters come first.
    return order(bare(y), bare(x));
  }
  #order(a: string, b: string): number {
    if (!this.#options.numeric) return order(a, b);
    const [x, y] = [a.split(/(\d+)/), b.split(/(\d+)/)];
    for (let i = 0; i < Math.min(x.length, y.length); i++) {
      const difference = i % 2 === 1 ? Math.sign(Number(x[i]) - Number(y[i])) : order(x[i]!, y[i]!);
      if (difference !== 0) return difference;
    }
    return Math.sign(x.length - y.length);
  }
  resolvedOptions(): object {
    return { locale, usage: "sort", sensitivity: "variant", ignorePunctuation: false, collation: "default", numeric: false, ...this.#options };
  }
  static supportedLocalesOf(locales: unknown): string[] { return supported(locales); }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
