// node:assert.

import { inspect } from "../inspect";
import { AssertionError } from "./assertion_error";
import { doesNotReject, doesNotThrow, rejects, throws } from "./assert_throws";
import { deepEqual as same } from "./comparisons";
import { invalidArgType, missingArgs, notEmulated } from "./errors";

type Message = string | Error | undefined;

function failed(actual: unknown, expected: unknown, message: Message, operator: string, above: Function): unknown {
  if (message instanceof Error) return message;
  return new AssertionError({ message, actual, expected, operator, stackStartFn: above });
}

function needTwo(args: IArguments): void {
  if (args.length < 2) throw missingArgs("actual", "expected");
}

const looselyEqual = (a: unknown, b: unknown): boolean => a == b || (a !== a && b !== b);

function checkTrue(args: IArguments, above: Function): void {
  if (args.length === 0) {
    throw new AssertionError({
      message: "No value argument passed to `assert.ok()`", operator: "==", expected: true, generatedMessage: true,
      stackStartFn: above,
    });
  }
  if (!args[0]) throw failed(args[0], true, args[1], "==", above);
}

export function ok(_value?: unknown, _message?: Message): void {
  checkTrue(arguments, ok);
}

export function fail(message: Message = "Failed"): never {
  if (message instanceof Error) throw message;
  throw new AssertionError({ message, operator: "fail", generatedMessage: arguments.length === 0, stackStartFn: fail });
}

export function equal(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (!looselyEqual(actual, expected)) throw failed(actual, expected, message, "==", equal);
}

export function notEqual(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (looselyEqual(actual, expected)) throw failed(actual, expected, message, "!=", notEqual);
}

export function strictEqual(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (!Object.is(actual, expected)) throw failed(actual, expected, message, "strictEqual", strictEqual);
}

export function notStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (Object.is(actual, expected)) throw failed(actual, expected, message, "notStrictEqual", notStrictEqual);
}

export function deepEqual(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (!same(actual, expected, "loose")) throw failed(actual, expected, message, "deepEqual", deepEqual);
}

export function notDeepEqual(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (same(actual, expected, "loose")) throw failed(actual, expected, message, "notDeepEqual", notDeepEqual);
}

export function deepStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (!same(actual, expected, "strict")) {
    throw failed(actual, expected, message, "deepStrictEqual", deepStrictEqual);
  }
}

export function notDeepStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (same(actual, expected, "strict")) {
    throw failed(actual, expected, message, "notDeepStrictEqual", notDeepStrictEqual);
  }
}

export function partialDeepStrictEqual(actual: unknown, expected: unknown, message?: Message): void {
  needTwo(arguments);
  if (!same(actual, expected, "partial")) {
    throw failed(actual, expected, message, "partialDeepStrictEqual", partialDeepStrictEqual);
  }
}

export function match(text: any, pattern: any, message?: Message): void {
  checkMatch(text, pattern, message, true);
}

export function doesNotMatch(text: any, pattern: any, message?: Message): void {
  checkMatch(text, pattern, message, false);
}

function checkMatch(text: any, pattern: any, message: Message, wanted: boolean): void {
  if (!(pattern instanceof RegExp)) throw invalidArgType("regexp", "RegExp", pattern);
  if (typeof text === "string" && pattern.test(text) === wanted) return;
  if (message instanceof Error) throw message;
  const expectation = wanted ? "The input did not match" : "The input was expected to not match";
  const generated = typeof text === "string"
    ? `${expectation} the regular expression ${inspect(pattern)}. Input:\n\n${inspect(text)}\n`
    : `The "string" argument must be of type string. Received type ${typeof text} (${inspect(text)})`;
  throw new AssertionError({
    message: message ?? generated, actual: text, expected: pattern, operator: wanted ? "match" : "doesNotMatch",
    generatedMessage: message === undefined, stackStartFn: wanted ? match : doesNotMatch,
  });
}

export function ifError(value: any): void {
  if (value === null || value === undefined) return;
  let text = inspect(value);
  if (typeof value === "object" && typeof value.message === "string") {
    text = value.message.length === 0 && value.constructor ? value.constructor.name : value.message;
  }
  throw new AssertionError({
    message: `ifError got unwanted exception: ${text}`, actual: value, expected: null, operator: "ifError",
    generatedMessage: true, stackStartFn: ifError,
  });
}

function Assert(): never {
  throw notEmulated("node:assert Assert");
}

const common = {
  Assert, AssertionError, doesNotMatch, doesNotReject, doesNotThrow, fail, ifError, match, notDeepStrictEqual,
  notStrictEqual, ok, partialDeepStrictEqual, rejects, strictEqual, deepStrictEqual, throws,
};

export const strict: any = Object.assign(function strict(_value?: unknown, _message?: Message): void {
  checkTrue(arguments, strict);
}, common, {
  deepEqual: deepStrictEqual, equal: strictEqual, notDeepEqual: notDeepStrictEqual, notEqual: notStrictEqual,
});
strict.strict = strict;

const assert: any = Object.assign(function assert(_value?: unknown, _message?: Message): void {
  checkTrue(arguments, assert);
}, common, { deepEqual, equal, notDeepEqual, notEqual, strict });

export { Assert, AssertionError, doesNotReject, doesNotThrow, rejects, throws };
export default assert;
