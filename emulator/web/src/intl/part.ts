// What all formatters share: parts, options, and the one locale there is.

export const locale = "en-US";

export interface Part {
  type: string;
  value: string;
}

export const joined = (parts: Part[]) => parts.map((part) => part.value).join("");

// checkLocales accepts any well-formed locale; all of them resolve to en-US.
export function checkLocales(locales: unknown): string[] {
  const list = locales === undefined ? [] : Array.isArray(locales) ? locales : [locales];
  return list.map((tag) => {
    if (!/^[a-zA-Z]{2,8}(?:[-_][a-zA-Z0-9]{1,8})*$/.test(`${tag}`)) throw new RangeError(`Incorrect locale information provided`);
    return `${tag}`;
  });
}

// option checks a value against those there are.
export function option<T extends string>(name: string, value: unknown, allowed: readonly T[], otherwise: T): T {
  if (value === undefined) return otherwise;
  if (allowed.includes(`${value}` as T)) return `${value}` as T;
  throw new RangeError(`Value ${value} out of range for Intl options property ${name}`);
}

// digits checks a number of digits.
export function digits(name: string, value: unknown, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const n = Number(value);
  if (n >= least && n <= most) return Math.floor(n);
  throw new RangeError(`${name} value is out of range.`);
}

// supported is what every formatter answers to supportedLocalesOf.
export function supported(locales: unknown): string[] {
  return checkLocales(locales).filter((tag) => /^en(?:-|$)/i.test(tag));
}
