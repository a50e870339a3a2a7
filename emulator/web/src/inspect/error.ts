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
  const constructor = (error as { constructor?: unknown }).constructor;
  const name = typeof constructor === "function" ? constructor.name : "";
  const shown = error.name;
  if (typeof shown !== "string") return stack;
  if (name === "DOMException") return stack.startsWith(shown) ? `DOMException [${shown}]${stack.slice(shown.length)}` : stack;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && stack.startsWith(shown) && !stack.includes(code)) {
    return `${shown} [${code}]${stack.slice(shown.length)}`;
  }
  // The stack was taken before a constructor set the name.
  if (stack.startsWith("Error") && !stack.startsWith(shown) && shown !== "") return shown + stack.slice("Error".length);
  if (name && shown === "Error" && name !== shown && stack.startsWith("Error") && name.endsWith("Error")) {
    return name + stack.slice("Error".length);
  }
  return stack;
}
