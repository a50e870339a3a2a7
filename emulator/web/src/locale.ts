// The methods of Date, Number, BigInt and String that ECMA-402 redefines.

import type * as Intl from "./intl";

// require is the bundler's: the module runs when it is first asked for.
declare const require: (path: string) => any;

const intl = (): typeof Intl => require("./intl");

function replace(prototype: object, methods: Record<string, Function>): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

replace(Date.prototype, {
  toLocaleString(this: Date, locales?: unknown, options?: object) { return intl().formatDate(this, "all", locales, options); },
  toLocaleDateString(this: Date, locales?: unknown, options?: object) { return intl().formatDate(this, "date", locales, options); },
  toLocaleTimeString(this: Date, locales?: unknown, options?: object) { return intl().formatDate(this, "time", locales, options); },
});

replace(Number.prototype, {
  toLocaleString(this: number, locales?: unknown, options?: object) { return intl().formatNumber(Number(this), locales, options); },
});

replace(BigInt.prototype, {
  toLocaleString(this: bigint, locales?: unknown, options?: object) { return intl().formatNumber(BigInt(this), locales, options); },
});

replace(String.prototype, {
  localeCompare(this: string, other: string, locales?: unknown, options?: object) {
    return intl().compareStrings(`${this}`, `${other}`, locales, options);
  },
});
