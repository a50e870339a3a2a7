// Globals that many Workers never touch: what makes them runs when the first
// of them is read.

import { defineLazy, registerBuiltin, scope } from "./frame";

// require is the bundler's: the module runs when it is first asked for.
declare const require: (path: string) => any;

function later(names: string[], load: () => unknown, target: object = scope): void {
  for (const name of names) {
    defineLazy(name, () => {
      load();
      // The module has put the value in the place of this getter.
      return (target as Record<string, unknown>)[name];
    }, target);
  }
}

later(["HTMLRewriter"], () => require("./htmlrewriter"));
later(["URLPattern"], () => require("./urlpattern"));
later(["SubtleCrypto", "CryptoKey"], () => require("./crypto/subtle"));
later(["Crypto"], () => require("./crypto"));
later(["crypto"], () => require("./crypto"), globalThis);
later(["Cache", "CacheStorage"], () => require("./caches"));
later(["Intl"], () => require("./intl"), globalThis);
later(["WebAssembly"], () => require("./wasm"), globalThis);
later(["caches"], () => require("./caches"), globalThis);

const performance = () => require("./performance");
later(
  [
    "Performance", "PerformanceEntry", "PerformanceMark", "PerformanceMeasure", "PerformanceResourceTiming",
    "PerformanceObserver", "PerformanceObserverEntryList",
  ],
  performance,
);
later(["performance"], performance, globalThis);

registerBuiltin("cloudflare:sockets", () => {
  const { connect, internalNewHttpClient } = require("./sockets");
  return { connect, internalNewHttpClient };
});
