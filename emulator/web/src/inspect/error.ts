// Errors in print: their stack, headed by name and message.

import { stackOf } from "../errors";

// errorText is the stack of an error, with the class of a subclass shown where
// its stack says only the name it inherited.
export function errorText(error: Error, indentation: number): string {
  const stack = improved(error, stackOf(error));
  const at = stack.indexOf("\n    at ");
  const text = at < 0 ? `[${stack}]` : stack;
  return indentation > 0 ? text.replaceAll("\n", `\n${" ".repeat(indentation)}`) : text;
}

function improved(error: Error, stack: string): string {
  const { name } = error;
  const constructor = (error as { constructor?: unknown }).constructor;
  const own = typeof constructor === "function" ? constructor.name : "";
  if (typeof name !== "string" || !own || own === name || !stack.startsWith(name)) return stack;
  const rest = stack.slice(name.length);
  if (own === "DOMException") return `DOMException [${name}]${rest}`;
  if (!name.endsWith("Error")) return stack;
  return own.includes(name) ? own + rest : `${own} [${name}]${rest}`;
}
