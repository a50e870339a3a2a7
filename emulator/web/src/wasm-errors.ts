// CompileError, LinkError and RuntimeError, WebAssembly JavaScript Interface
// section 5.10, and how failures of the host become them.

function errorClass(name: string): ErrorConstructor {
  const made = class extends Error {};
  Object.defineProperty(made, "name", { value: name, configurable: true });
  for (const [key, value] of Object.entries({ name, message: "" })) {
    Object.defineProperty(made.prototype, key, { value, writable: true, configurable: true });
  }
  return made as unknown as ErrorConstructor;
}

export const CompileError = errorClass("CompileError");
export const LinkError = errorClass("LinkError");
export const RuntimeError = errorClass("RuntimeError");

const classes: Record<string, ErrorConstructor> = { CompileError, LinkError, RuntimeError };

let makeException: (() => unknown) | undefined;

// onException says what an exception of WebAssembly's own becomes.
export function onException(make: () => unknown): void {
  makeException = make;
}

// What an imported function threw, on its way through compiled code.
const pending: unknown[] = [];

export function keep(error: unknown): void {
  pending.push(error);
}

// kept gives back the last that was kept.
export function kept(): unknown {
  return pending.pop();
}

// thrown gives the error for a failure of the host; where names the API.
export function thrown(failure: any, where = ""): unknown {
  if (failure.name === "Exception" && makeException) return makeException();
  const made = classes[failure.name];
  if (made) return new made(where + failure.message);
  return failure.name === "RangeError" && where ? new RangeError(where + failure.message) : failure;
}
