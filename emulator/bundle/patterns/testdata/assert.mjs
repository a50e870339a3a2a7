// The assertions the tests need, for engines that have no assertion module.
// Every one throws an Error that shows what was got and what was wanted.

/** Compares plain values, arrays, Maps, Sets, Dates and bytes by what is in them. */
export function equal(got, want, what = "value") {
  const [a, b] = [describe(got), describe(want)];
  if (a !== b) throw new Error(`${what}: got ${a}, want ${b}`);
}

/** Checks that a call, or the promise it returns, fails with that class and message. */
export async function fails(call, name, message) {
  let result;
  try {
    result = await call();
  } catch (error) {
    equal(error.name, name, "name of error");
    equal(error.message, message, "message of error");
    return;
  }
  throw new Error(`got ${describe(result)}, want ${name}: ${message}`);
}

function describe(value) {
  if (value instanceof Map) return `Map{${[...value].map(describe)}}`;
  if (value instanceof Set) return `Set{${[...value].map(describe)}}`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}[${value}]`;
  if (Array.isArray(value)) return `[${value.map(describe)}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.keys(value).map((key) => `${key}:${describe(value[key])}`)}}`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
