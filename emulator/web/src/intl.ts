// Intl, ECMA-402, as much as en-US needs; any other locale resolves to it.

import { defineOwnGlobal, refusing } from "./frame";
import { DateTimeFormat, type DateOptions } from "./intl/date";
import { NumberFormat, type NumberOptions } from "./intl/number";
import { checkLocales } from "./intl/part";
import { Collator, ListFormat, PluralRules, RelativeTimeFormat } from "./intl/words";

// callable lets a class be called without new, as the oldest of these can be.
function callable<T extends new (...args: any[]) => object>(constructor: T): T {
  const made = function (...args: unknown[]): object {
    return Reflect.construct(constructor, args, new.target ?? made);
  } as unknown as T;
  Object.setPrototypeOf(made, constructor);
  Object.defineProperty(made, "name", { value: constructor.name, configurable: true });
  Object.defineProperty(made, "prototype", { value: constructor.prototype, writable: false });
  Object.defineProperty(constructor.prototype, "constructor", { value: made, writable: true, configurable: true });
  return made;
}

const services = {
  Collator: callable(Collator),
  DateTimeFormat: callable(class DateTimeFormat_ extends DateTimeFormat {
    constructor(locales?: unknown, options?: DateOptions) { super(locales, options); }
  }),
  ListFormat,
  NumberFormat: callable(NumberFormat),
  PluralRules,
  RelativeTimeFormat,
};

const intl: Record<string, unknown> = {};
for (const [name, service] of Object.entries(services)) {
  Object.defineProperty(service, "name", { value: name, configurable: true });
  Object.defineProperty(service.prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
  Object.defineProperty(intl, name, { value: service, writable: true, configurable: true });
}
for (const name of ["DisplayNames", "DurationFormat", "Locale", "Segmenter"]) {
  Object.defineProperty(intl, name, { value: refusing(`Intl.${name}`), writable: true, configurable: true });
}
Object.defineProperty(intl, "getCanonicalLocales", { value: checkLocales, writable: true, configurable: true });
Object.defineProperty(intl, Symbol.toStringTag, { value: "Intl", configurable: true });
defineOwnGlobal("Intl", intl);

// The methods of the language that speak through Intl.

export const formatNumber = (value: number | bigint, locales?: unknown, options?: NumberOptions): string =>
  new NumberFormat(locales, options).format(value);

export const formatDate = (value: Date, kind: "all" | "date" | "time", locales?: unknown, options?: DateOptions): string =>
  Number.isNaN(value.getTime()) ? "Invalid Date" : new DateTimeFormat(locales, options, kind).format(value);

export const compareStrings = (a: string, b: string, locales?: unknown, options?: object): number =>
  new Collator(locales, options).compare(a, b);
