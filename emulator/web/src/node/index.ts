// The node: modules. Each is evaluated when it is first imported, and the
// globals Buffer and process when they are first touched.

import { defineLazy, defineOwnGlobal, registerBuiltin, registerEntry } from "../frame";
import { later } from "../later";
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
// those that occur twice, and underlines classes that name themselves.
function named(exports: Exports): Exports {
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== "function" || value.name === name) continue;
    const bare = value.name.replace(/^_/, "");
    if (!bare.startsWith(name) || /\D/.test(bare.slice(name.length))) continue;
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

// without leaves out exports that only the default one has.
function without(names: RegExp, module: Exports): Exports {
  return Object.fromEntries(Object.entries(module).filter(([name]) => !names.test(name)));
}

// A module that the platform has in name: see stubs.ts.
function stub(name: string): Exports {
  return whole({ default: later("node/stubs")[name]() });
}

function webStreams(): Exports {
  const names =
    "ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableByteStreamController " +
    "ReadableStreamDefaultController TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultWriter " +
    "WritableStreamDefaultController ByteLengthQueuingStrategy CountQueuingStrategy TextEncoderStream TextDecoderStream CompressionStream " +
    "DecompressionStream";
  return Object.fromEntries(names.split(" ").map((name) => [name, (globalThis as Exports)[name]]));
}

register("assert", () => later("node/assert"));
register("assert/strict", () => {
  const { strict } = later("node/assert");
  return whole({ default: strict });
});
register("async_hooks", () => require("./async_hooks"));
register("buffer", () => whole(require("./buffer")));
register("crypto", () => whole(require("./crypto")));
register("events", () => require("./events"));
register("path", () => require("./path"));
register("path/posix", () => without(/^_/, whole({ default: require("./path").posix })));
register("path/win32", () => without(/^_/, whole({ default: require("./path").win32 })));
register("child_process", () => stub("childProcess"));
register("cluster", () => stub("cluster"));
register("console", () => without(/^_/, whole({ default: later("node/system").consoleModule() })));
register("constants", () => whole({ default: later("node/constants").allConstants() }));
register("dgram", () => stub("dgram"));
register("diagnostics_channel", () => {
  const { default: module, TracingChannel } = later("node/diagnostics_channel");
  return { ...whole({ default: module }), TracingChannel };
});
register("dns", () => whole(later("node/dns")));
register("dns/promises", () => whole({ default: later("node/dns").promises }));
register("domain", () => stub("domain"));
register("fs", () => whole(later("node/fs")));
register("fs/promises", () => whole({ default: later("node/fs").promises }));
register("http", () => whole({ default: later("node/http").http }));
register("http2", () => stub("http2"));
register("https", () => whole({ default: later("node/http").https }));
register("inspector", () => stub("inspector"));
register("inspector/promises", () => stub("inspector"));
register("module", () => whole({ default: later("node/system").moduleModule() }));
register("net", () => whole(later("node/net")));
register("os", () => whole(later("node/os")));
register("perf_hooks", () => whole({ default: later("node/system").perfHooks() }));
register("process", () => whole({ default: require("./process").process }));
register("punycode", () => whole({ default: later("node/punycode").default }));
register("querystring", () => whole(later("node/querystring")));
register("readline", () => stub("readline"));
register("readline/promises", () => stub("readlinePromises"));
register("repl", () => stub("repl"));
register("stream", () => whole(later("node/stream")));
register("stream/consumers", () => whole(later("node/stream_consumers")));
register("stream/promises", () => {
  const { promises } = later("node/stream");
  return { ...whole({ default: promises }), promises };
});
register("stream/web", () => whole({ default: webStreams() }));
register("string_decoder", () => whole(later("node/string_decoder")));
register("sys", () => whole(require("./util")));
register("timers", () => {
  const { default: timers, Timeout } = later("node/timers");
  return { ...whole({ default: timers }), Timeout };
});
register("timers/promises", () => whole({ default: later("node/timers").promises }));
register("tls", () => whole(later("node/tls")));
register("trace_events", () => stub("traceEvents"));
register("tty", () => whole({ default: later("node/tty").default }));
register("url", () => whole({ default: later("node/url").default }));
register("v8", () => stub("v8"));
register("vm", () => stub("vm"));
register("wasi", () => stub("wasi"));
register("worker_threads", () => stub("workerThreads"));
register("zlib", () => without(/^ZSTD_(?!error)([a-z]|CLEVEL)|^BROTLI_PARAM_SIZE_HINT$/, whole(later("node/zlib"))));
registerBuiltin("node:sqlite", () => stub("sqlite"));
registerBuiltin("node:test", () => stub("test"));

for (const name of ["Readable", "Writable", "Duplex", "Transform", "PassThrough"]) {
  register(`_stream_${name.toLowerCase()}`, () => {
    const found = later("node/stream").default[name];
    return { ...whole({ default: found }), [name]: found };
  });
}

register("util", () => whole(require("./util")));
register("util/types", () => whole({ default: require("./util").default.types }));

// Servers of node:http get requests through this.
registerBuiltin("cloudflare:node", () => {
  const { handleAsNodeRequest, httpServerHandler } = later("node/http_server");
  const { connectHandler, handleAsNodeConnection } = later("node/net_server");
  return { connectHandler, handleAsNodeConnection, handleAsNodeRequest, httpServerHandler };
});

registerEntry({ resetContext });

defineLazy("Buffer", () => named(require("./buffer")).Buffer, globalThis);
defineLazy("process", () => require("./process").process, globalThis);
defineOwnGlobal("global", globalThis);
