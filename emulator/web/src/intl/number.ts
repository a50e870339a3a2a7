// Intl.NumberFormat, ECMA-402 section 16, in en-US.

import { checkLocales, digits, joined, locale, option, supported, type Part } from "./part";

export interface NumberOptions {
  style?: "decimal" | "percent" | "currency" | "unit";
  currency?: string;
  currencyDisplay?: "symbol" | "narrowSymbol" | "code" | "name";
  unit?: string;
  unitDisplay?: "short" | "narrow" | "long";
  notation?: "standard" | "compact";
  compactDisplay?: "short" | "long";
  signDisplay?: "auto" | "always" | "never" | "exceptZero" | "negative";
  useGrouping?: boolean | string;
  minimumIntegerDigits?: number;
  minimumFractionDigits?: number;
  maximumFractionDigits?: number;
  minimumSignificantDigits?: number;
  maximumSignificantDigits?: number;
}

const symbols: Record<string, string> = {
  USD: "$", EUR: "€", GBP: "£", JPY: "¥", INR: "₹", CNY: "CN¥", KRW: "₩", BRL: "R$", CAD: "CA$", AUD: "A$", MXN: "MX$",
  NZD: "NZ$", HKD: "HK$", TWD: "NT$", ILS: "₪", VND: "₫", PHP: "₱",
};
const withoutCents = new Set(["JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "UGX", "PYG"]);

const units: Record<string, [short: string, long: string]> = {
  kilometer: ["km", "kilometer"], meter: ["m", "meter"], centimeter: ["cm", "centimeter"], kilogram: ["kg", "kilogram"],
  gram: ["g", "gram"], second: ["sec", "second"], millisecond: ["ms", "millisecond"], minute: ["min", "minute"],
  hour: ["hr", "hour"], day: ["day", "day"], byte: ["byte", "byte"], kilobyte: ["kB", "kilobyte"],
  megabyte: ["MB", "megabyte"], gigabyte: ["GB", "gigabyte"], mile: ["mi", "mile"], liter: ["L", "liter"],
};

const scales: [size: number, short: string, long: string][] = [
  [1e12, "T", "trillion"], [1e9, "B", "billion"], [1e6, "M", "million"], [1e3, "K", "thousand"],
];

export class NumberFormat {
  #options: Required<Pick<NumberOptions, "style" | "notation" | "signDisplay">> & NumberOptions;
  #least: number;
  #most: number;

  constructor(locales?: unknown, options: NumberOptions = {}) {
    checkLocales(locales);
    const style = option("style", options.style, ["decimal", "percent", "currency", "unit"], "decimal");
    const notation = option("notation", options.notation, ["standard", "compact"], "standard");
    const signDisplay = option("signDisplay", options.signDisplay, ["auto", "always", "never", "exceptZero", "negative"], "auto");
    if (style === "currency" && !/^[a-zA-Z]{3}$/.test(options.currency ?? "")) {
      throw new TypeError("Currency code is required with currency style.");
    }
    if (style === "unit" && options.unit === undefined) throw new TypeError("Unit is required with unit style.");
    this.#options = { ...options, style, notation, signDisplay, currency: options.currency?.toUpperCase() };
    const cents = style === "currency" ? (withoutCents.has(this.#options.currency!) ? 0 : 2) : undefined;
    const least = digits("minimumFractionDigits", options.minimumFractionDigits, 0, 100);
    const most = digits("maximumFractionDigits", options.maximumFractionDigits, 0, 100);
    if (least !== undefined && most !== undefined && least > most) {
      throw new RangeError("maximumFractionDigits value is out of range.");
    }
    this.#least = least ?? Math.min(cents ?? 0, most ?? Infinity);
    this.#most = most ?? Math.max(cents ?? (style === "percent" ? 0 : 3), this.#least);
    this.format = this.format.bind(this);
  }

  format(value: number | bigint): string {
    return joined(this.formatToParts(value));
  }

  formatToParts(value: number | bigint): Part[] {
    const number = typeof value === "bigint" ? value : Number(value);
    const negative = number < 0 || Object.is(number, -0);
    return this.#signed(negative, number === 0 || Object.is(number, -0), this.#affixed(this.#magnitude(number)));
  }

  resolvedOptions(): object {
    const { minimumIntegerDigits = 1, ...options } = this.#options;
    return {
      locale, numberingSystem: "latn", ...options, minimumIntegerDigits,
      minimumFractionDigits: this.#least, maximumFractionDigits: this.#most,
    };
  }

  static supportedLocalesOf(locales: unknown): string[] { return supported(locales); }

  #magnitude(value: number | bigint): Part[] {
    if (typeof value === "number" && Number.isNaN(value)) return [{ type: "nan", value: "NaN" }];
    if (value === Infinity || value === -Infinity) return [{ type: "infinity", value: "∞" }];
    if (typeof value === "bigint") return this.#grouped(`${value < 0n ? -value : value}`, "");
    let size = Math.abs(value);
    if (this.#options.style === "percent") size = size < 1e19 ? Number(`${expanded(size)}e2`) : size * 100;
    if (this.#options.notation === "compact") return this.#compact(size);
    return this.#decimal(this.#rounded(size));
  }

  #rounded(size: number): string {
    const { minimumSignificantDigits, maximumSignificantDigits } = this.#options;
    if (minimumSignificantDigits !== undefined || maximumSignificantDigits !== undefined) {
      return significant(size, minimumSignificantDigits ?? 1, maximumSignificantDigits ?? 21);
    }
    return trimmed(plain(size, this.#most), this.#least);
  }

  #compact(size: number): Part[] {
    const at = scales.findIndex(([least]) => size >= least * 0.9995);
    const [least, short, long] = scales[at] ?? [1, "", ""];
    const scaled = size / least;
    const parts = this.#decimal(scaled < 100 ? significant(scaled, 1, 2) : plain(scaled, 0));
    if (short === "") return parts;
    const word = this.#options.compactDisplay === "long" ? ` ${long}` : short;
    return [...parts, { type: "compact", value: word }];
  }

  #decimal(text: string): Part[] {
    const [whole = "", fraction = ""] = text.split(".");
    return this.#grouped(whole, fraction);
  }

  #grouped(whole: string, fraction: string): Part[] {
    const padded = whole.padStart(this.#options.minimumIntegerDigits ?? 1, "0");
    const { useGrouping } = this.#options;
    const least = this.#options.notation === "compact" ? 5 : 4;
    const ungrouped = useGrouping === false || useGrouping === "false" || padded.length < least;
    const groups = ungrouped ? [padded] : padded.split(/(?=(?:\d{3})+$)/);
    const parts: Part[] = [];
    for (const group of groups) {
      if (parts.length > 0) parts.push({ type: "group", value: "," });
      parts.push({ type: "integer", value: group });
    }
    if (fraction !== "") parts.push({ type: "decimal", value: "." }, { type: "fraction", value: fraction });
    return parts;
  }

  #affixed(parts: Part[]): Part[] {
    const { style, currency = "", currencyDisplay, unit = "", unitDisplay } = this.#options;
    if (style === "percent") return [...parts, { type: "percentSign", value: "%" }];
    if (style === "currency") {
      if (currencyDisplay === "name") return [...parts, { type: "literal", value: " " }, { type: "currency", value: currency }];
      const narrow = currencyDisplay === "narrowSymbol" ? symbols[currency]?.replace(/^[A-Z]+/, "") : symbols[currency];
      const symbol = currencyDisplay === "code" ? currency : narrow ?? currency;
      const gap = /[A-Za-z]$/.test(symbol) ? [{ type: "literal", value: "\u00a0" }] : [];
      return [{ type: "currency", value: symbol }, ...gap, ...parts];
    }
    if (style !== "unit") return parts;
    const [short, long] = units[unit] ?? [unit, unit];
    const plural = joined(parts) === "1" ? "" : "s";
    const word = unitDisplay === "long" ? `${long}${plural}` : /^(?:day|byte)$/.test(short) ? short + (short === "day" ? plural : "") : short;
    return [...parts, { type: "literal", value: " " }, { type: "unit", value: word }];
  }

  #signed(negative: boolean, zero: boolean, parts: Part[]): Part[] {
    const { signDisplay } = this.#options;
    const shown = /[1-9∞]/.test(joined(parts));
    if (negative && signDisplay !== "never" && (shown || signDisplay === "auto" || signDisplay === "always")) {
      return [{ type: "minusSign", value: "-" }, ...parts];
    }
    const plus = signDisplay === "always" || (signDisplay === "exceptZero" && !zero && shown);
    return plus && !negative ? [{ type: "plusSign", value: "+" }, ...parts] : parts;
  }
}

// plain writes a number without an exponent, rounded half away from zero. It
// rounds the digits people see, not the binary value behind them.
function plain(size: number, fraction: number): string {
  if (size >= 1e21) return BigInt(size).toString();
  const shown = expanded(size);
  const [whole = "", decimals = ""] = shown.split(".");
  if (decimals.length <= fraction) return fraction === 0 ? whole : `${whole}.${decimals.padEnd(fraction, "0")}`;
  const kept = BigInt(whole + decimals.slice(0, fraction)) + (decimals[fraction]! >= "5" ? 1n : 0n);
  const digits = `${kept}`.padStart(fraction + 1, "0");
  return fraction === 0 ? digits : `${digits.slice(0, -fraction)}.${digits.slice(-fraction)}`;
}

// expanded is the shortest text of a number below 1e21, without its exponent.
function expanded(size: number): string {
  const [digits = "", exponent] = `${size}`.split("e-");
  if (exponent === undefined) return digits;
  return `0.${"0".repeat(Number(exponent) - 1)}${digits.replace(".", "")}`;
}

// trimmed drops zeros at the end of a fraction down to a least number.
function trimmed(text: string, least: number): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  const stop = text.indexOf(".") + 1 + least;
  while (end > stop && text[end - 1] === "0") end--;
  return text.slice(0, end).replace(/\.$/, "");
}

function significant(size: number, least: number, most: number): string {
  if (size === 0) return least > 1 ? `0.${"0".repeat(least - 1)}` : "0";
  const exponent = Math.floor(Math.log10(size));
  const fraction = Math.max(most - 1 - exponent, 0);
  const rounded = most - 1 - exponent < 0 ? Number(size.toPrecision(most)) : size;
  return trimmed(plain(rounded, Math.min(fraction, 100)), least > 1 ? Math.max(least - 1 - exponent, 0) : 0);
}
