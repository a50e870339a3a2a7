// Primitive values and functions in print.

export interface Style {
  maxLength: number;
  width: number;
  indentation: number;
}

export function primitive(value: unknown, style: Style): string {
  switch (typeof value) {
    case "string":
      return text(value, style);
    case "number":
      return Object.is(value, -0) ? "-0" : `${value}`;
    case "bigint":
      return `${value}n`;
  }
  return String(value);
}

// text quotes a string, cuts what is too long, and breaks at line ends what is
// too wide.
function text(value: string, { maxLength, width, indentation }: Style): string {
  let cut = "";
  if (value.length > maxLength) {
    const left = value.length - maxLength;
    value = value.slice(0, maxLength);
    cut = `... ${left} more character${left > 1 ? "s" : ""}`;
  }
  if (value.length > 16 && value.length > width && value.includes("\n")) {
    const lines = value.split(/(?<=\n)/);
    return lines.map(quote).join(` +\n${" ".repeat(indentation + 2)}`) + cut;
  }
  return quote(value) + cut;
}

const escapes: Record<string, string> = {
  "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\x0B", "\f": "\\f", "\r": "\\r", "\\": "\\\\",
};
const special = /[\x00-\x1f\x7f-\x9f\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

// quote prefers the kind of quotes that needs no escape.
export function quote(value: string): string {
  let mark = "'";
  if (value.includes("'")) {
    if (!value.includes('"')) mark = '"';
    else if (!value.includes("`") && !value.includes("${")) mark = "`";
  }
  const escaped = value.replace(special, (c) => escapes[c] ?? numeric(c));
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function numeric(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).toUpperCase().padStart(2, "0")}` : `\\u${code.toString(16).toUpperCase()}`;
}

const identifier = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

// key is a property's name as it stands before its value.
export function key(name: PropertyKey): string {
  if (typeof name === "symbol") return `[${String(name)}]`;
  const property = `${String(name)}`;
  return identifier.test(property) ? property : quote(property);
}

// callable is how a function or class is called in print: [Function: name].
export function callable(value: Function): string {
  const source = Function.prototype.toString.call(value);
  if (source.startsWith("class") && source.endsWith("}")) return classText(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const type = kind.endsWith("Function") ? kind : "Function";
  const name = value.name === "" ? "(anonymous)" : value.name;
  const prefix = Object.getPrototypeOf(value) === null ? `${type} (null prototype)` : type;
  return value.name === "" ? `[${prefix} ${name}]` : `[${prefix}: ${name}]`;
}

function classText(value: Function): string {
  const parent = Object.getPrototypeOf(value);
  const name = Object.hasOwn(value, "name") && value.name ? value.name : "(anonymous)";
  const above = typeof parent === "function" && parent.name ? ` extends ${parent.name}` : parent === null ? " extends null" : "";
  return `[class ${name}${above}]`;
}
