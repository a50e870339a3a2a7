// Errors that Go throws, by class name.

import { DOMException } from "./domexception";

const domPrefix = "DOMException:";

// makeError makes an error of a class named as on the platform; a DOMException
// is named "DOMException:" and its name. Props is a JSON object of further own
// properties, or "".
export function makeError(name: string, message: string, props?: string): Error {
  const error = create(name, message);
  if (props) Object.assign(error, JSON.parse(props));
  return error;
}

function create(name: string, message: string): Error {
  if (name.startsWith(domPrefix)) return new DOMException(message, name.slice(domPrefix.length));
  switch (name) {
    case "":
    case "Error":
      return new Error(message);
    case "TypeError":
      return new TypeError(message);
    case "RangeError":
      return new RangeError(message);
    case "SyntaxError":
      return new SyntaxError(message);
    case "ReferenceError":
      return new ReferenceError(message);
    case "EvalError":
      return new EvalError(message);
    case "URIError":
      return new URIError(message);
    case "AggregateError":
      return Object.setPrototypeOf(new Error(message), AggregateError.prototype) as Error; // without errors
  }
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
  return error;
}
