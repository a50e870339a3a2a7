// What a case answers, as JSON: values with their types, errors with their properties.

const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");

function showError(error, inner) {
  const out = { error: error.constructor?.name, name: error.name, message: error.message };
  for (const key of Object.getOwnPropertyNames(error)) {
    if (!["stack", "message", "name"].includes(key)) out[key] = inner(error[key]);
  }
  return out;
}

export function show(value, depth = 0) {
  const inner = (v) => show(v, depth + 1);
  switch (typeof value) {
    case "undefined": return { undefined: true };
    case "number": return Number.isFinite(value) && !Object.is(value, -0) ? value : { number: Object.is(value, -0) ? "-0" : String(value) };
    case "bigint": return { bigint: String(value) };
    case "symbol": return { symbol: String(value) };
    case "function": return { function: tagOf(value) };
    case "string": case "boolean": return value;
  }
  if (value === null) return null;
  if (depth > 6) return { deep: true };
  if (value instanceof Error || value instanceof DOMException) return showError(value, inner);
  const tag = tagOf(value);
  if (Array.isArray(value)) return Array.from(value, (v, i) => (i in value ? inner(v) : { hole: true }));
  switch (tag) {
    case "Date": return { Date: Number.isNaN(+value) ? "invalid" : value.toISOString() };
    case "RegExp": return { RegExp: String(value), lastIndex: value.lastIndex };
    case "Map": return { Map: [...value].map(([k, v]) => [inner(k), inner(v)]) };
    case "Set": return { Set: [...value].map(inner) };
    case "ArrayBuffer": return { ArrayBuffer: hex(new Uint8Array(value)) };
    case "Boolean": case "Number": case "String": return { boxed: tag, value: value.valueOf() };
  }
  if (ArrayBuffer.isView(value)) {
    return { view: tag, hex: hex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)), offset: value.byteOffset, of: value.buffer.byteLength };
  }
  const out = {};
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype) out["object of"] = prototype === null ? null : value.constructor?.name ?? tag;
  for (const key of Object.keys(value)) out[key] = inner(value[key]);
  return out;
}

/** The outcome of something, told in one value. */
export async function outcome(run) {
  try {
    return { ok: show(await run()) };
  } catch (error) {
    return { thrown: show(error) };
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
