// AssertionError and the messages it makes for itself.

import { inspect } from "../inspect";
import { collapse, diffLines } from "./diff";
import { invalidArgType } from "./errors";

const readable: Record<string, string> = {
  deepStrictEqual: "Expected values to be strictly deep-equal:",
  partialDeepStrictEqual: "Expected values to be partially and strictly deep-equal:",
  strictEqual: "Expected values to be strictly equal:",
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: "Expected values to be loosely deep-equal:",
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: "Values have same structure but are not reference-equal:",
};

const maxShort = 12;
const maxLines = 50;

interface Details {
  message?: unknown;
  actual?: unknown;
  expected?: unknown;
  operator?: string;
  stackStartFn?: Function;
  generatedMessage?: boolean;
}

export class AssertionError extends Error {
  declare generatedMessage: boolean;
  declare code: string;
  declare actual: unknown;
  declare expected: unknown;
  declare operator: string | undefined;

  constructor(options: Details) {
    if (options === null || typeof options !== "object") throw invalidArgType("options", "Object", options);
    const { message, actual, expected, operator } = options;
    super(message == null ? explain(actual, expected, operator) : String(message));
    this.generatedMessage = options.generatedMessage ?? !message;
    Object.defineProperty(this, "name", {
      value: "AssertionError [ERR_ASSERTION]", writable: true, configurable: true,
    });
    this.code = "ERR_ASSERTION";
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
    (Error as any).captureStackTrace?.(this, options.stackStartFn);
    this.name = "AssertionError";
  }

  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }
}

function show(value: unknown): string {
  return inspect(value, {
    compact: false, customInspect: false, depth: 1000, maxArrayLength: Infinity, showHidden: false,
    showProxy: false, sorted: true, getters: true, breakLength: Infinity,
  } as any);
}

function explain(actual: unknown, expected: unknown, operator = ""): string {
  switch (operator) {
    case "deepStrictEqual":
    case "strictEqual":
    case "partialDeepStrictEqual":
      return difference(actual, expected, operator);
    case "notDeepStrictEqual":
    case "notStrictEqual":
      return unwanted(actual, operator);
    case "deepEqual":
      return `${readable[operator]}\n\n${cut(show(actual))}\n\nshould loosely deep-equal\n\n${cut(show(expected))}`;
    case "notDeepEqual":
      return `${readable[operator]}\n\n${cut(show(actual), 1024)}`;
    default:
      return `${cut(show(actual))} ${operator} ${cut(show(expected))}`;
  }
}

function cut(text: string, length = 512): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}

function shortened(lines: string[]): string[] {
  return lines.length > maxLines ? [...lines.slice(0, maxLines - 4), "..."] : lines;
}

function isReference(value: unknown): boolean {
  return (value !== null && typeof value === "object") || typeof value === "function";
}

function difference(actual: unknown, expected: unknown, operator: string): string {
  const references = isReference(actual) && isReference(expected);
  const title = readable[operator === "strictEqual" && references ? "strictEqualObject" : operator];
  const [left, right] = [show(actual).split("\n"), show(expected).split("\n")];
  if (left.join("\n") === right.join("\n")) {
    return `${readable.notIdentical}\n\n${shortened(left).join("\n")}\n`;
  }
  const short = left.length === 1 && right.length === 1 && left[0]!.length + right[0]!.length <= maxShort;
  if (short && !isReference(actual) && !isReference(expected) && (actual !== 0 || expected !== 0)) {
    return `${title}\n\n${left[0]} !== ${right[0]}\n`;
  }
  const { lines, skipped } = collapse(diffLines(left, right));
  if (lines.length > maxLines) lines.splice(maxLines, Infinity, "...");
  const head = `${title}\n+ actual - expected${skipped ? " ... Lines skipped" : ""}`;
  return `${head}\n\n${lines.join("\n")}${pointer(left, right)}`;
}

// pointer shows where two single lines begin to differ.
function pointer(left: string[], right: string[]): string {
  if (left.length !== 1 || right.length !== 1 || left[0]!.length + right[0]!.length >= 80) return "\n";
  let at = 0;
  while (at < left[0]!.length && left[0]![at] === right[0]![at]) ++at;
  return at > 2 ? `\n  ${" ".repeat(at)}^` : "\n";
}

function unwanted(actual: unknown, operator: string): string {
  const base = readable[operator === "notStrictEqual" && isReference(actual) ? "notStrictEqualObject" : operator];
  const lines = shortened(show(actual).split("\n"));
  if (lines.length === 1) return `${base}${lines[0]!.length > 5 ? "\n\n" : " "}${lines[0]}`;
  return `${base}\n\n${lines.join("\n")}\n`;
}
