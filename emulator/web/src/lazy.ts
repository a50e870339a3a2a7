// Globals that many Workers never touch: what makes them runs when the first
// of them is read.

import { defineLazy, registerBuiltin, scope } from "./frame";
import { later } from "./later";

// require is the bundler's: the module runs when it is first asked for.
declare const require: (path: string) => any;

function lazy(names: string[], load: () => unknown, target: object = scope): void {
  for (const name of names) {
    defineLazy(name, () => {
      load();
      // The module has put the value in the place of this getter.
      return (target as Record<string, unknown>)[name];
    }, target);
  }
}

lazy(["EventSource"], () => later("eventsource"));
lazy(["HTMLRewriter"], () => later("htmlrewriter"));
lazy(["URLPattern"], () => later("urlpattern"));
lazy(["SubtleCrypto", "CryptoKey"], () => require("./crypto/subtle"));
lazy(["Crypto"], () => require("./crypto"));
lazy(["crypto"], () => require("./crypto"), globalThis);
lazy(["Cache", "CacheStorage"], () => require("./caches"));
lazy(["Intl"], () => require("./intl"), globalThis);
lazy(["WebAssembly"], () => later("wasm"), globalThis);
lazy(["caches"], () => require("./caches"), globalThis);

const performance = () => require("./performance");
lazy(
  [
    "Performance", "PerformanceEntry", "PerformanceMark", "PerformanceMeasure", "PerformanceResourceTiming",
    "PerformanceObserver", "PerformanceObserverEntryList",
  ],
  performance,
);
lazy(["performance"], performance, globalThis);

registerBuiltin("cloudflare:sockets", () => {
  const { connect, internalNewHttpClient } = later("sockets");
  return { connect, internalNewHttpClient };
});
