// The node: modules. Each is evaluated when it is first imported, and the
// globals Buffer and process when they are first touched.

import { defineLazy, defineOwnGlobal, registerBuiltin, registerEntry } from "../frame";
import { resetContext } from "./async_context";

// require is the bundler's: it wraps a module so that it runs when asked for.
declare const require: (path: string) => any;

type Exports = Record<string, unknown>;

function register(name: string, load: () => Exports): void {
  const make = () => named(load());
  registerBuiltin(`node:${name}`, make);
  registerBuiltin(name, make);
}

// named gives functions the names they are exported by: the bundler numbers
// those that occur twice.
function named(exports: Exports): Exports {
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== "function" || !/\d$/.test(value.name) || value.name.replace(/\d+$/, "") !== name) continue;
    Object.defineProperty(value, "name", { value: name, configurable: true });
  }
  return exports;
}

// whole gives a module its default export's properties as exports too.
function whole(module: Exports): Exports {
  const value = module.default as Exports;
  const exports: Exports = { default: value };
  for (const name of Object.keys(value)) {
    if (name !== "default") exports[name] = value[name];
  }
  return exports;
}

register("assert", () => require("./assert"));
register("assert/strict", () => {
  const { strict } = require("./assert");
  return whole({ default: strict });
});
register("async_hooks", () => require("./async_hooks"));
register("buffer", () => whole(require("./buffer")));
register("crypto", () => whole(require("./crypto")));
register("events", () => require("./events"));
register("path", () => require("./path"));
register("path/posix", () => whole({ default: require("./path").posix }));
register("path/win32", () => whole({ default: require("./path").win32 }));
register("util", () => whole(require("./util")));
register("util/types", () => whole({ default: require("./util").default.types }));

registerEntry({ resetContext });

defineLazy("Buffer", () => named(require("./buffer")).Buffer, globalThis);
defineLazy("process", () => require("./process").process, globalThis);
defineOwnGlobal("global", globalThis);
