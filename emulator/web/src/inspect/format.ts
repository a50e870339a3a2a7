// printf-like formatting, Console Standard section 2.2.1 with Node's details.

import { inspect, type InspectOptions } from "../inspect";

// format joins arguments: the first may hold directives for those after it.
export function format(args: readonly unknown[], options?: InspectOptions): string {
  const [first, ...rest] = args;
  if (typeof first !== "string") return args.map((arg) => shown(arg, options)).join(" ");
  if (rest.length === 0) return first;
  let used = 0;
  const text = first.replace(/%[sdifjoOc%]/g, (directive) => {
    if (directive === "%%") return "%";
    if (used >= rest.length) return directive;
    return directives[directive[1]!]!(rest[used++], options);
  });
  return [text, ...rest.slice(used).map((arg) => shown(arg, options))].join(" ");
}

function shown(arg: unknown, options?: InspectOptions): string {
  return typeof arg === "string" ? arg : inspect(arg, options);
}

function numeric(convert: (value: any) => number): (value: unknown) => string {
  return (value) => {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "symbol") return "NaN";
    const number = convert(value);
    return Object.is(number, -0) ? "-0" : `${number}`;
  };
}

const directives: Record<string, (value: unknown, options?: InspectOptions) => string> = {
  s: asString,
  d: numeric((value) => (typeof value === "object" ? NaN : Number(value))),
  i: numeric((value) => (typeof value === "object" ? NaN : parseInt(value, 10))),
  f: numeric((value) => parseFloat(value)),
  j: asJSON,
  o: (value, options) => inspect(value, { ...options, showHidden: true, showProxy: true, depth: 4 }),
  O: (value, options) => inspect(value, options),
  c: () => "",
};

function asString(value: unknown, options?: InspectOptions): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && !hasOwnText(value)) {
    return inspect(value, { ...options, depth: 0, colors: false, compact: 3 });
  }
  if (typeof value === "bigint" || Object.is(value, -0)) return inspect(value, options);
  return String(value);
}

// hasOwnText tells whether a user's class says how it reads as a string.
function hasOwnText(value: object): boolean {
  const { toString } = value as { toString?: unknown };
  return typeof toString === "function" && !Function.prototype.toString.call(toString).includes("[native code]");
}

function asJSON(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "undefined";
  } catch (error) {
    if (error instanceof TypeError && /circular/i.test(error.message)) return "[Circular]";
    throw error;
  }
}
