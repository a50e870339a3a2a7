// assert.throws, rejects and their opposites.

import { inspect } from "../inspect";
import { AssertionError } from "./assertion_error";
import { deepEqual } from "./comparisons";
import { codedError, invalidArgType, invalidArgValue } from "./errors";
import { checkFunction } from "./validate";

type Operator = "throws" | "rejects" | "doesNotThrow" | "doesNotReject";

const noError = Symbol("no error");

export function throws(fn: any, error?: any, message?: any): void {
  checkFunction(fn, "fn");
  expectError("throws", thrownBy(fn), error, message);
}

export function doesNotThrow(fn: any, error?: any, message?: any): void {
  checkFunction(fn, "fn");
  expectNone("doesNotThrow", thrownBy(fn), error, message);
}

export async function rejects(promiseFn: any, error?: any, message?: any): Promise<void> {
  expectError("rejects", await rejectionOf(promiseFn), error, message);
}

export async function doesNotReject(promiseFn: any, error?: any, message?: any): Promise<void> {
  expectNone("doesNotReject", await rejectionOf(promiseFn), error, message);
}

function thrownBy(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return noError;
}

const isThenable = (value: any): boolean => value instanceof Promise || typeof value?.then === "function";

async function rejectionOf(promiseFn: any): Promise<unknown> {
  let promise = promiseFn;
  if (typeof promiseFn === "function") {
    promise = promiseFn();
    if (!isThenable(promise)) throw invalidReturn(promise);
  } else if (!isThenable(promise)) {
    throw invalidArgType("promiseFn", ["Function", "Promise"], promise);
  }
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return noError;
}

function invalidReturn(value: any): Error {
  const kind = value?.constructor?.name ? `an instance of ${value.constructor.name}` : `type ${typeof value}`;
  const message = `Expected instance of Promise to be returned from the "promiseFn" function but got ${kind}.`;
  return codedError(TypeError, "ERR_INVALID_RETURN_VALUE", message);
}

function expectError(operator: Operator, thrown: any, error: any, message: any): void {
  if (typeof error === "string") {
    if (message !== undefined) throw invalidArgType("error", ["Object", "Error", "Function", "RegExp"], error);
    refuseAmbiguous(thrown, error);
    message = error;
    error = undefined;
  } else if (error != null && typeof error !== "object" && typeof error !== "function") {
    throw invalidArgType("error", ["Object", "Error", "Function", "RegExp"], error);
  }
  if (thrown === noError) throw missing(operator, error, message);
  if (error === undefined || error === null) return;
  checkError(operator, thrown, error, message);
}

// A message equal to the error's own is most likely meant as an expectation.
function refuseAmbiguous(thrown: any, message: string): void {
  if (thrown === noError) return;
  const own = thrown !== null && typeof thrown === "object" ? thrown.message : thrown;
  if (own !== message) return;
  const what = thrown !== null && typeof thrown === "object" ? "error message" : "error";
  const text = `The "error/message" argument is ambiguous. The ${what} "${own}" is identical to the message.`;
  throw codedError(TypeError, "ERR_AMBIGUOUS_ARGUMENT", text);
}

function missing(operator: Operator, error: any, message: any): AssertionError {
  let details = error?.name && typeof error === "function" ? ` (${error.name})` : "";
  details += message ? `: ${message}` : ".";
  const noun = operator === "rejects" ? "rejection" : "exception";
  return new AssertionError({
    message: `Missing expected ${noun}${details}`, actual: undefined, expected: error, operator,
    generatedMessage: !message, stackStartFn: operator === "rejects" ? rejects : throws,
  });
}

function checkError(operator: Operator, thrown: any, error: any, message: any): void {
  if (error instanceof RegExp) {
    const text = String(thrown);
    if (error.test(text)) return;
    throw mismatch(`The input did not match the regular expression ${inspect(error)}. Input:\n\n${inspect(text)}\n`);
  }
  if (typeof error === "object") return checkProperties(operator, thrown, error, message);
  if (error.prototype !== undefined && thrown instanceof error) return;
  if (error === Error || error.prototype instanceof Error) throw mismatch(wrongClass(thrown, error));
  const answer = Reflect.apply(error, {}, [thrown]);
  if (answer === true) return;
  const name = error.name ? `"${error.name}" ` : "";
  throw mismatch(`The ${name}validation function is expected to return "true". Received ${inspect(answer)}` +
    (thrown instanceof Error ? `\n\nCaught error:\n\n${thrown}` : ""));

  function mismatch(text: string): unknown {
    if (message instanceof Error) return message;
    return new AssertionError({
      message: message ?? text, actual: thrown, expected: error, operator, generatedMessage: message === undefined,
    });
  }
}

function wrongClass(thrown: any, error: Function): string {
  const expected = `The error is expected to be an instance of "${error.name}".`;
  if (!(thrown instanceof Error)) return `${expected} Received "${inspect(thrown, { depth: -1 })}"`;
  return `${expected} Received "${thrown.constructor?.name ?? thrown.name}"\n\nError message:\n\n${thrown.message}`;
}

// checkProperties compares a thrown error with an object that says which
// properties it must have; a RegExp stands for any text it matches.
function checkProperties(operator: Operator, thrown: any, error: any, message: any): void {
  const keys = Object.keys(error);
  if (error instanceof Error) keys.push("name", "message");
  else if (keys.length === 0) throw invalidArgValue("error", error, "may not be an empty object");
  const matches = (key: string): boolean =>
    error[key] instanceof RegExp && typeof thrown[key] === "string"
      ? error[key].test(thrown[key])
      : deepEqual(thrown[key], error[key], "strict");
  const object = thrown !== null && typeof thrown === "object";
  if (object && keys.every((key) => key in thrown && matches(key))) return;
  if (message instanceof Error) throw message;
  const pick = (from: any, pattern: any): any => Object.fromEntries(keys.filter((key) => key in from).map((key) =>
    [key, pattern[key] instanceof RegExp && typeof from[key] === "string" && pattern[key].test(from[key])
      ? pattern[key] : from[key]]));
  throw new AssertionError({
    message, operator,
    ...describe(object ? pick(thrown, error) : thrown, pick(error, {})),
  });

  function describe(actual: unknown, expected: unknown) {
    if (message !== undefined) return { actual: thrown, expected: error };
    const text = new AssertionError({ actual, expected, operator: "deepStrictEqual" }).message;
    return { message: text, actual: thrown, expected: error, generatedMessage: true };
  }
}

function expectNone(operator: Operator, thrown: any, error: any, message: any): void {
  if (thrown === noError) return;
  if (typeof error === "string") [message, error] = [error, undefined];
  if (error && !isExpected(thrown, error)) throw thrown;
  const noun = operator === "doesNotReject" ? "rejection" : "exception";
  throw new AssertionError({
    message: `Got unwanted ${noun}${message ? `: ${message}` : "."}\nActual message: "${thrown?.message ?? thrown}"`,
    actual: thrown, expected: error, operator, generatedMessage: !message,
  });
}

function isExpected(thrown: any, error: any): boolean {
  if (error instanceof RegExp) return error.test(String(thrown));
  if (typeof error !== "function") throw invalidArgType("expected", ["Function", "RegExp"], error);
  if (error.prototype !== undefined && thrown instanceof error) return true;
  if (error === Error || error.prototype instanceof Error) return false;
  return Reflect.apply(error, {}, [thrown]) === true;
}
