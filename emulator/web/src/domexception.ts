// DOMException, WebIDL 4.3. Code, name, message and stack are own, enumerable
// properties in this order, as on the platform.

import { NativeError, stackOf } from "./errors";

const names = [
  "IndexSizeError", "DOMStringSizeError", "HierarchyRequestError", "WrongDocumentError",
  "InvalidCharacterError", "NoDataAllowedError", "NoModificationAllowedError", "NotFoundError",
  "NotSupportedError", "InUseAttributeError", "InvalidStateError", "SyntaxError",
  "InvalidModificationError", "NamespaceError", "InvalidAccessError", "ValidationError",
  "TypeMismatchError", "SecurityError", "NetworkError", "AbortError", "URLMismatchError",
  "QuotaExceededError", "TimeoutError", "InvalidNodeTypeError", "DataCloneError",
];

const codes = new Map(names.map((name, i) => [name, i + 1]));

export class DOMException extends NativeError {
  declare readonly code: number;

  constructor(...args: [message?: string, options?: string | { name?: string; cause?: unknown }]) {
    const [message = "", options] = args;
    super();
    const { name = "Error", cause } = typeof options === "object" && options !== null ? options : { name: options };
    const text = `${message}`;
    own(this, "code", codes.get(`${name}`) ?? 0);
    own(this, "name", `${name}`);
    own(this, "message", text);
    const stack = stackOf(this);
    Reflect.deleteProperty(this, "stack"); // which was the first
    own(this, "stack", stack);
    if (cause !== undefined) own(this, "cause", cause);
  }
}

function own(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true });
}

function constantName(name: string): string {
  const words = name.replace(/Error$/, "").replace(/^URL/, "Url").replace("InUse", "Inuse").replace("DOMString", "Domstring");
  return `${words.replace(/(?!^)([A-Z])/g, "_$1").toUpperCase()}_ERR`;
}

for (const [name, code] of codes) {
  const constant = { value: code, enumerable: true };
  Object.defineProperty(DOMException, constantName(name), constant);
  Object.defineProperty(DOMException.prototype, constantName(name), constant);
}

// The tag of a serialized DOMException.
export const domExceptionTag = 8;

// reviveDOMException makes one from what was serialized.
export function reviveDOMException([name, message, stack]: [string, string, string]): DOMException {
  const exception = new DOMException(message, name);
  if (stack) own(exception, "stack", stack);
  return exception;
}
