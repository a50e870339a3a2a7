// The modules of the second script, by the names they are asked for: see
// later.ts. A module that the first script has is that one.

// require is the bundler's: each module runs when it is first asked for.
declare const require: (path: string) => any;

export const modules: Record<string, () => any> = {
  "data-url": () => require("./data-url"),
  "eventsource": () => require("./eventsource"),
  "htmlrewriter": () => require("./htmlrewriter"),
  "node/assert": () => require("./node/assert"),
  "node/constants": () => require("./node/constants"),
  "node/crypto_keys": () => require("./node/crypto_keys"),
  "node/diagnostics_channel": () => require("./node/diagnostics_channel"),
  "node/dns": () => require("./node/dns"),
  "node/fs": () => require("./node/fs"),
  "node/http": () => require("./node/http"),
  "node/http_server": () => require("./node/http_server"),
  "node/net": () => require("./node/net"),
  "node/net_server": () => require("./node/net_server"),
  "node/os": () => require("./node/os"),
  "node/punycode": () => require("./node/punycode"),
  "node/querystring": () => require("./node/querystring"),
  "node/stream": () => require("./node/stream"),
  "node/stream_consumers": () => require("./node/stream_consumers"),
  "node/string_decoder": () => require("./node/string_decoder"),
  "node/stubs": () => require("./node/stubs"),
  "node/system": () => require("./node/system"),
  "node/timers": () => require("./node/timers"),
  "node/tls": () => require("./node/tls"),
  "node/tty": () => require("./node/tty"),
  "node/url": () => require("./node/url"),
  "node/zlib": () => require("./node/zlib"),
  "sockets": () => require("./sockets"),
  "urlpattern": () => require("./urlpattern"),
  "wasm": () => require("./wasm"),
  "wasm-errors": () => require("./wasm-errors"),
};
