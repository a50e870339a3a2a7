// The probes of the compatibility table, by row. One that returns proves it.

import * as workers from "cloudflare:workers";
import add from "./add.wasm";
import { inside } from "./inside";
import { is, ok, same, throws, until } from "./assert";

/** Runs a probe's inner part in a fresh object of a class. */
const within = (row, ...args) => ({ env }, binding = "PROBE") => env[binding].getByName(row).run(row, ...args);

const object = (env, row) => env.PROBE.getByName(row);

async function connect(stub, path = "/") {
  const response = await stub.fetch(`http://object${path}`, { headers: { Upgrade: "websocket" } });
  is(response.status, 101);
  const ws = response.webSocket;
  const events = [];
  ws.addEventListener("message", ({ data }) => events.push(data));
  ws.addEventListener("close", ({ code, reason, wasClean }) => events.push({ code, reason, wasClean }));
  ws.accept();
  return { ws, events };
}

const read = async (stream) => {
  let text = "";
  for await (const chunk of stream) text += new TextDecoder().decode(chunk);
  return text;
};

const refusal = "proxy request failed, cannot connect to the specified address";

export const rows = {
  A1: async ({ env }) => {
    const shy = env.SHY.getByName("A1");
    await throws(() => shy.attempts(), "RangeError", "not yet");
    is(await env.SHY.getByName("A1").attempts(), 2);
    same(await object(env, "A1").built_(), [true, true, "string"]);
  },
  A3: async ({ env }) => {
    const ringer = env.RINGER.getByName("A3");
    const at = Date.now() + 200; // not past when it arrives
    await ringer.ring(at, "once");
    await until(async () => (await ringer.runs())?.length === 1);
    same(await ringer.runs(), [{ isRetry: false, retryCount: 0, scheduledTime: at, name: "A3", pending: null }]);
  },
  A7: async ({ env, ctx }) => {
    const socket = env.DIALLED.getByName("echoes").connect("some.host:99");
    same(await socket.opened, { remoteAddress: "some.host:99" });
    const writer = socket.writable.getWriter();
    await writer.write("hello");
    await writer.close();
    is(await read(socket.readable), "some.host:99 true object HELLO");
    is(await socket.closed, undefined);
    is(await read(ctx.exports.Exchange({ props: { by: "props" } }).connect("a:1").readable), "through props");
    is(await read(ctx.exports.operator.connect("a:1").readable), "by hello function");
  },
  A9: async ({ env }) => {
    const old = env.OLD.getByName("A9");
    is(await (await old.fetch("http://object/")).text(), "old hello undefined");
    await throws(() => old.greet(), "TypeError",
      /does not support RPC, because its class was not declared with `extends DurableObject`/);
  },
  A11: async ({ env }) => is(await env.RENAMED.getByName("A11").greet(), "shown"),

  B1: within("B1", "B1"),
  B2: within("B2"),
  B3: within("B3"),
  B4: within("B4"),
  B5: async ({ env }) => {
    await object(env, "B5").run("B5");
    await until(() => object(env, "B5").run("B5 after"));
  },
  B10: async ({ env }) => {
    const sockets = env.SOCKETS.getByName("B10");
    for (const tag of ["one", "two", "three"]) await connect(sockets, `/?tag=${tag}&tag=all`);
    same(await sockets.run("B10", "all"), ["one,all", "two,all", "three,all"]);
    same(await sockets.run("B10", "two"), ["two,all"]);
  },

  C12: within("C12"),
  C13: async ({ env }) => {
    same(await object(env, "C13").run("C13", false), [["first", false], ["second", false]]);
    await throws(() => object(env, "C13").run("C13", true), "Error", "between the writes and their commit");
    same(await object(env, "C13").run("C13 after"), [["first", false], ["second", false]]);
  },
  C16: within("C16"),

  D3: within("D3"),

  E1: within("E1"),
  E2: within("E2"),
  E9: within("E9"),
  E11: within("E11"),

  F7: within("F7"),
  F9: async ({ env }) => {
    const ringer = env.RINGER.getByName("F9");
    await ringer.ring(Date.now(), "again");
    await until(async () => (await ringer.runs())?.length === 2);
    is(await ringer.pending(), null);
  },
  F10: ({ env }) => within("F10")({ env }, "RINGER"),

  G6: async ({ env }) => {
    const whole = env.PROBE;
    const eu = whole.jurisdiction("eu");
    ok(eu !== whole && eu instanceof whole.constructor);
    is(JSON.stringify(eu), "{}");
    const ids = [undefined, "eu", "fedramp", "fedramp-high", "us"].map((name) => whole.jurisdiction(name).idFromName("x").toString());
    is(new Set(ids).size, 5);
    is(ids[0], whole.idFromName("x").toString());
    is(whole.jurisdiction(null).idFromName("x").jurisdiction, undefined);
    for (const name of ["mars", "EU", "", 5]) {
      await throws(() => whole.jurisdiction(name), "TypeError", `jurisdiction called with an unsupported jurisdiction: "${name}"`);
      await throws(() => whole.newUniqueId({ jurisdiction: name }), "TypeError", `newUniqueId called with an unsupported jurisdiction: "${name}"`);
    }
    is(whole.newUniqueId({ jurisdiction: null }).jurisdiction, undefined);
    await throws(() => whole.newUniqueId("eu"), "TypeError",
      "Failed to execute 'newUniqueId' on 'DurableObjectNamespace': parameter 1 is not of type 'NewUniqueIdOptions'.");
    await throws(() => eu.newUniqueId({ jurisdiction: "us" }), "TypeError");
    // An object is reached through the whole namespace and its own part, and through no other part.
    const id = eu.idFromName("x");
    is(await eu.get(id).add(1, 1), 2);
    is(await whole.get(whole.idFromString(id.toString())).add(1, 1), 2);
    const refused = "get called on jurisdictional subnamespace with an ID from a different jurisdiction";
    for (const other of [whole.idFromName("x"), whole.jurisdiction("us").idFromName("x"), eu.jurisdiction("us").newUniqueId()]) {
      await throws(() => eu.get(other), "TypeError", refused);
      await throws(() => eu.idFromString(other.toString()), "TypeError");
    }
    await throws(() => eu.idFromString(env.PLAIN.jurisdiction("eu").idFromName("x").toString()), "TypeError",
      "Durable Object ID is not valid for this namespace.");
  },
  G8: async ({ env }) => {
    const id = env.PROBE.idFromName("G8");
    is(await env.PROBE.get(id, { locationHint: "apac-se" }).add(1, 1), 2);
    is(await env.PROBE.getByName("G8", { locationHint: "weur", routingMode: "primary-only" }).add(1, 1), 2);
    is(env.PROBE.get(id, null).name, "G8");
    await throws(() => env.PROBE.get(id, { routingMode: "nearest" }), "RangeError", "unknown routingMode: nearest");
    await throws(() => env.PROBE.get(id, { locationHint: Symbol() }), "TypeError");
    await throws(() => env.PROBE.getByName("G8", "weur"), "TypeError",
      "Failed to execute 'getByName' on 'DurableObjectNamespace': parameter 2 is not of type 'GetDurableObjectOptions'.");
  },
  G9: async ({ env }) => is(env.PROBE.idFromName("x").toString(), env.PROBE.idFromString(env.PROBE.idFromName("x").toString()).toString()),
  G12: async ({ env }) => {
    const { PROBE: whole } = env;
    const eu = whole.jurisdiction("eu");
    is(whole.idFromName("x").jurisdiction, undefined);
    for (const id of [eu.idFromName("x"), eu.newUniqueId(), whole.newUniqueId({ jurisdiction: "eu" })]) {
      for (const same of [id, whole.idFromString(id.toString()), eu.idFromString(id.toString())]) {
        is(same.jurisdiction, "eu");
        ok(same.equals(id));
        is(await whole.get(same).run("G12"), "eu");
      }
    }
    is(await eu.getByName("x").run("G12"), "eu");
    is(await whole.getByName("x").run("G12"), undefined);
    same(Object.keys(eu.idFromName("x")), ["jurisdiction", "name"]);
  },
  G18: async ({ env }) => is(await object(env, "G18").size, 42),
  H2: async ({ env }) => is(await object(env, "H2").call(async (n) => n * 2), 40),
  H3: async ({ env }) => {
    const counter = await object(env, "H3").counter();
    const copy = counter.dup();
    is(await counter.increment(), 1);
    counter[Symbol.dispose]();
    is(await copy.increment(), 2);
    {
      using held = copy;
      is(await held.increment(), 3);
    }
    await throws(() => copy.increment());
    const stub = new workers.RpcStub((n) => n + 1);
    is(await stub(1), 2);
  },
  H4: async ({ env }) => {
    is(await object(env, "H4").counter().self().self().increment(5), 5);
  },
  H8: async ({ env }) => {
    const stub = new workers.RpcStub((n) => n * 3);
    await object(env, "H8").hold(stub);
    is(await object(env, "H8").useHeld(5), 15);
  },
  H10: async ({ env }) => {
    const counter = await object(env, "H10").counter();
    ok(typeof counter.onRpcBroken === "function");
    let broken;
    counter.onRpcBroken((error) => (broken = error));
  },
  H13: async ({ env }) => throws(() => object(env, "H13").run("H13"), "DataCloneError"),

  I8: async ({ env }) => {
    const { ws, events } = await connect(env.SOCKETS.getByName("I8"), "/plain");
    ws.send("x");
    await until(() => events.length === 1);
    same(events, ["plain x"]);
    ws.close(1000);
  },
  I10: async ({ env }) => {
    const { ws, events } = await connect(env.SOCKETS.getByName("I10"));
    ws.send("text");
    ws.send(new Uint8Array(3));
    ws.send("close");
    await until(() => events.length === 3);
    same(events, ["hibernating text", "hibernating ArrayBuffer 3", { code: 4001, reason: "told to", wasClean: true }]);
  },
  I15: async ({ env }) => is(new WebSocketPair()[0].binaryType, "blob"),

  L5: async () => {
    is(crypto.randomUUID().length, 36);
    const digest = new crypto.DigestStream("SHA-256");
    const writer = digest.getWriter();
    await writer.write(new TextEncoder().encode("x"));
    await writer.close();
    is((await digest.digest).byteLength, 32);
    ok(crypto.subtle.timingSafeEqual(new Uint8Array(2), new Uint8Array(2)));
  },
  L8: async () => {
    const order = [];
    queueMicrotask(() => order.push("microtask"));
    order.push("now");
    await null;
    same(order, ["now", "microtask"]);
  },
  L10: async () => is(await scheduler.wait(1), undefined),
  L11: async () => ok(performance.now() >= 0 && performance.timeOrigin >= 0),
  L12: async () => is(navigator.userAgent, "Cloudflare-Workers"),
  L15: async () => {
    await caches.default.put("http://cache/x", new Response("cached", { headers: { "Cache-Control": "max-age=60" } }));
    is(await (await caches.default.match("http://cache/x")).text(), "cached");
  },
  L17: async () => is((await WebAssembly.instantiate(add)).exports.add(2, 3), 5),
  G16: async ({ env, ctx }) => {
    const stub = env.DIALLED.getByName("leaves");
    is(await read(stub.connect({ hostname: "h", port: 5 }).readable), "h:5 true object ");
    await throws(() => env.BARE.getByName("G16").connect("a:1").opened, "Error", refusal);
    await throws(() => ctx.exports.Exchange.connect("a:1", { secureTransport: "on" }), "Error", "Incoming CONNECT with TLS not supported");
    await throws(() => stub.connect(), "TypeError", "Failed to execute 'connect' on 'Fetcher': parameter 1 is not of type 'SocketAddress or string'.");
    await throws(() => stub.connect("localhost"), "TypeError", "Specified address is missing port.");
  },
  L18: async ({ env }) => {
    same([workers.env.GREETING, typeof workers.DurableObject, typeof workers.WorkerEntrypoint, typeof workers.RpcTarget, typeof workers.RpcStub], ["hello", "function", "function", "function", "function"]);
    for (const name of ["WorkflowEntrypoint", "withEnv", "waitUntil", "exports"]) ok(name in workers, `no ${name}`);
    same(Object.keys(workers).sort(), [
      "DurableObject", "RpcPromise", "RpcProperty", "RpcStub", "RpcTarget", "ServiceStub", "WorkerEntrypoint", "WorkflowEntrypoint", "abortIsolate",
      "cache", "env", "exports", "restore", "tracing", "waitUntil", "withEnv", "withEnvAndExports", "withExports",
    ]);
    const { tracing } = workers;
    is(tracing.enterSpan("span", (span, a) => [span === tracing.getActiveSpan(), span.isTraced, span.setAttribute("a", 1) === span, a].join(), 5), "true,false,true,5");
    same(tracing.startSpan("span").spanContext(), { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 });
    await throws(() => tracing.startSpan("span").setStatus({ code: 1 }), "TypeError", "Span status code must be 'unset', 'ok', or 'error'.");
    await throws(() => new tracing.Span(), "TypeError", "Illegal constructor");
    await throws(() => tracing.enterSpan(), "TypeError", "Failed to execute 'enterSpan' on 'Tracing': parameter 1 is not of type 'string'.");
    is(typeof workers.restore, "symbol");
    const { NonRetryableError } = await import("cloudflare:workflows");
    is(String(new NonRetryableError("no more")), "NonRetryableError: no more");
    const { EmailMessage } = await import("cloudflare:email");
    is(new EmailMessage("a@b", "c@d", "raw").to, "c@d");
    is(workers.exports.Probe.idFromName("x").toString(), env.PROBE.idFromName("x").toString());
  },
  L19: async ({ ctx }) => {
    const { connect } = await import("cloudflare:sockets");
    await throws(() => connect("nowhere"), "TypeError", "Specified address is missing port.");
    const socket = connect("127.0.0.1:25");
    await throws(() => socket.opened, "Error", refusal);
    await throws(() => socket.closed, "Error", refusal);
  },
  L23: async ({ ctx }) => {
    ctx.waitUntil(Promise.resolve());
    ctx.passThroughOnException();
    same(ctx.props, {});
    ok(ctx.exports.Probe);
  },

  N1: within("N1"),
  N2: ({ env }) => within("N2")({ env }, "PLAIN"),
  N3: within("N3"),
  N4: within("N4"),
  N5: within("N5"),
  N6: within("N6"),
  N7: within("N7"),
  N8: within("N8"),
  N9: within("N9"),
  N10: within("N10"),
  N11: within("N11"),
  N12: within("N12"),
  N20: within("N20"),
  N30: async ({ env }) => {
    const name = "n".repeat(1025);
    await throws(() => env.PROBE.getByName(name).run("B1", name), "AssertionError");
  },

  O1: async ({ env }) => throws(() => object(env, "O1").fetch("/relative"), "TypeError"),
  O5: async ({ ctx }) => ok(ctx.exports.Probe),
  O7: async ({ env }) => is(await within("O7")({ env }, "RINGER"), null),

  Q11: within("Q11"),
  Q14: within("Q14"),
};
