// Intl.DateTimeFormat, ECMA-402 section 11, in en-US.

import { hostOf } from "../host";
import type { IntlHost } from "../host/intl";
import { now } from "../clock";
import { checkLocales, digits, joined, locale, option, supported, type Part } from "./part";

const host = hostOf<IntlHost>();

type Width = "numeric" | "2-digit" | "long" | "short" | "narrow";
type Style = "full" | "long" | "medium" | "short";

export interface DateOptions {
  timeZone?: string;
  hour12?: boolean;
  hourCycle?: "h11" | "h12" | "h23" | "h24";
  weekday?: Width;
  era?: Width;
  year?: Width;
  month?: Width;
  day?: Width;
  dayPeriod?: Width;
  hour?: Width;
  minute?: Width;
  second?: Width;
  fractionalSecondDigits?: number;
  timeZoneName?: string;
  dateStyle?: Style;
  timeStyle?: Style;
}

const months = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const dateStyles: Record<Style, DateOptions> = {
  full: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  long: { year: "numeric", month: "long", day: "numeric" },
  medium: { year: "numeric", month: "short", day: "numeric" },
  short: { year: "2-digit", month: "numeric", day: "numeric" },
};
const timeStyles: Record<Style, DateOptions> = {
  full: { hour: "numeric", minute: "2-digit", second: "2-digit", timeZoneName: "long" },
  long: { hour: "numeric", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
  medium: { hour: "numeric", minute: "2-digit", second: "2-digit" },
  short: { hour: "numeric", minute: "2-digit" },
};

const dateFields = ["weekday", "year", "month", "day"] as const;
const timeFields = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"] as const;
const wholeDate: DateOptions = { year: "numeric", month: "numeric", day: "numeric" };
const wholeTime: DateOptions = { hour: "numeric", minute: "2-digit", second: "2-digit" };

const literal = (value: string): Part => ({ type: "literal", value });

export class DateTimeFormat {
  #options: DateOptions;
  #zone: string;

  // Defaults says what is shown when the options name nothing.
  constructor(locales?: unknown, options: DateOptions = {}, defaults: "date" | "time" | "all" = "date") {
    checkLocales(locales);
    const zone = options.timeZone === undefined ? "UTC" : host.zoneAt(`${options.timeZone}`, 0)?.[2];
    if (zone === undefined) throw new RangeError(`Invalid time zone specified: ${options.timeZone}`);
    this.#zone = zone;
    digits("fractionalSecondDigits", options.fractionalSecondDigits, 1, 3);
    this.#options = { ...options, ...styled(options, defaults) };
    this.format = this.format.bind(this);
  }

  format(date?: Date | number): string { return joined(this.formatToParts(date)); }

  formatToParts(date?: Date | number): Part[] {
    const time = date === undefined ? now() : Number(date);
    if (!(Math.abs(time) <= 8.64e15)) throw new RangeError("Invalid time value");
    const [minutes = "0", zoneName = "UTC"] = host.zoneAt(this.#zone, time) ?? [];
    const local = new Date(time + Number(minutes) * 60_000);
    const [day, clock] = [this.#date(local), this.#time(local, zoneName)];
    if (day.length === 0 || clock.length === 0) return [...day, ...clock];
    const { dateStyle, month } = this.#options;
    const at = dateStyle === "full" || dateStyle === "long" || (month === "long" && dateStyle === undefined);
    return [...day, literal(at ? " at " : ", "), ...clock];
  }

  formatRange(start: Date | number, end: Date | number): string {
    const [from, to] = [this.format(start), this.format(end)];
    return from === to ? from : `${from} – ${to}`;
  }

  resolvedOptions(): DateOptions & { locale: string; calendar: string; numberingSystem: string } {
    const { hour } = this.#options;
    const cycle = hour === undefined ? {} : { hourCycle: this.#cycle(), hour12: this.#cycle() === "h12" || this.#cycle() === "h11" };
    return { locale, calendar: "gregory", numberingSystem: "latn", ...this.#options, timeZone: this.#zone, ...cycle };
  }

  static supportedLocalesOf(locales: unknown): string[] { return supported(locales); }

  #cycle(): "h11" | "h12" | "h23" | "h24" {
    const { hour12, hourCycle } = this.#options;
    if (hour12 !== undefined) return hour12 ? "h12" : "h23";
    return option("hourCycle", hourCycle, ["h11", "h12", "h23", "h24"], "h12");
  }

  #date(local: Date): Part[] {
    const { weekday, year, month, day } = this.#options;
    const textual = month === "long" || month === "short" || month === "narrow";
    const monthPart = month && { type: "month", value: textual ? word(months[local.getUTCMonth()]!, month) : number(local.getUTCMonth() + 1, month) };
    const dayPart = day && { type: "day", value: number(local.getUTCDate(), day) };
    const yearPart = year && { type: "year", value: number(local.getUTCFullYear(), year) };
    const parts: Part[] = [];
    const add = (separator: string, part: Part | undefined | "") => {
      if (!part) return;
      if (parts.length > 0) parts.push(literal(separator));
      parts.push(part);
    };
    add("", weekday && { type: "weekday", value: word(weekdays[local.getUTCDay()]!, weekday) });
    add(", ", monthPart);
    add(textual ? " " : monthPart ? "/" : ", ", dayPart);
    add(textual ? (dayPart ? ", " : " ") : "/", yearPart);
    return parts;
  }

  #time(local: Date, zoneName: string): Part[] {
    const { hour, minute, second, fractionalSecondDigits: fraction, timeZoneName } = this.#options;
    const parts: Part[] = [];
    const cycle = this.#cycle();
    if (hour) parts.push({ type: "hour", value: hourText(local.getUTCHours(), cycle, hour) });
    if (minute) {
      if (parts.length > 0) parts.push(literal(":"));
      parts.push({ type: "minute", value: number(local.getUTCMinutes(), hour || second ? "2-digit" : minute) });
    }
    if (second) {
      if (parts.length > 0) parts.push(literal(":"));
      parts.push({ type: "second", value: number(local.getUTCSeconds(), minute ? "2-digit" : second) });
    }
    if (fraction) {
      const ms = `${local.getUTCMilliseconds()}`.padStart(3, "0");
      parts.push(literal("."), { type: "fractionalSecond", value: ms.slice(0, fraction) });
    }
    if (hour && (cycle === "h12" || cycle === "h11")) {
      parts.push(literal(" "), { type: "dayPeriod", value: local.getUTCHours() < 12 ? "AM" : "PM" });
    }
    if (timeZoneName) {
      const name = zoneName === "UTC" && timeZoneName === "long" ? "Coordinated Universal Time" : zoneName;
      if (parts.length > 0) parts.push(literal(" "));
      parts.push({ type: "timeZoneName", value: name });
    }
    return parts;
  }
}

function styled(options: DateOptions, defaults: "date" | "time" | "all"): DateOptions {
  const { dateStyle, timeStyle } = options;
  if (dateStyle !== undefined || timeStyle !== undefined) {
    if ([...dateFields, ...timeFields].some((field) => options[field] !== undefined)) {
      throw new TypeError("Can't set option when dateStyle or timeStyle is used");
    }
    const style = (name: string, value: Style | undefined) => value && option(name, value, ["full", "long", "medium", "short"], "full");
    const [date, time] = [style("dateStyle", dateStyle), style("timeStyle", timeStyle)];
    return { ...(date && dateStyles[date]), ...(time && timeStyles[time]) };
  }
  const named = (fields: readonly (keyof DateOptions)[]) => fields.some((field) => options[field] !== undefined);
  if (defaults === "date" && (named(dateFields) || named(timeFields))) return {};
  if (defaults === "time" && named(timeFields)) return {};
  if (defaults === "all" && (named(dateFields) || named(timeFields))) return {};
  return { ...(defaults !== "time" && wholeDate), ...(defaults !== "date" && wholeTime) };
}

function number(value: number, width: Width): string {
  return width === "2-digit" ? `${value % 100}`.padStart(2, "0") : `${value}`;
}

function word(name: string, width: Width): string {
  return width === "long" ? name : name.slice(0, width === "narrow" ? 1 : 3);
}

function hourText(hour: number, cycle: string, width: Width): string {
  const shown = cycle === "h12" ? hour % 12 || 12 : cycle === "h11" ? hour % 12 : cycle === "h24" ? hour || 24 : hour;
  return number(shown, cycle === "h23" || cycle === "h24" ? "2-digit" : width);
}
