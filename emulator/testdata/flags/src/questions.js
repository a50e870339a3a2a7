// The questions, by the flag each is about.

import { outcome, sleep } from "./show.js";

const errorsOf = (...runs) => Promise.all(runs.map((run) => outcome(run)));

/** Two ends of a socket that were both accepted, and what each was told. */
function pair(options) {
  const [client, server] = Object.values(new WebSocketPair());
  const told = { client: [], server: [] };
  for (const [name, ws] of Object.entries({ client, server })) {
    ws.addEventListener("message", ({ data }) => told[name].push([data.constructor.name, ws.binaryType]));
    ws.addEventListener("close", ({ code, reason, wasClean }) => told[name].push(["close", code, reason, wasClean, ws.readyState]));
    ws.addEventListener("error", ({ message }) => told[name].push(["error", message]));
  }
  client.accept();
  server.accept(options);
  return { client, server, told };
}

const utf8 = new TextEncoder();

/** What the global scope hears of a promise that is rejected. */
async function rejections(run) {
  const heard = [];
  const listen = (event) => {
    heard.push([event.type, event.reason]);
    event.preventDefault();
  };
  addEventListener("unhandledrejection", listen);
  addEventListener("rejectionhandled", listen);
  run();
  await sleep(20);
  removeEventListener("unhandledrejection", listen);
  removeEventListener("rejectionhandled", listen);
  return heard;
}

export const questions = {
  // durable_object_fetch_requires_full_url
  "relativeURL.fetch": ({ object }) => object().fetch("/a/path?q=1").then((r) => r.json()),
  "relativeURL.nothing": ({ object }) => object().fetch("").then((r) => r.json()),
  "relativeURL.bare": ({ object }) => object().fetch("a/path").then((r) => r.json()),
  "relativeURL.host": ({ object }) => object().fetch("//host/path").then((r) => r.json()),
  "relativeURL.scheme": ({ object }) => object().fetch("foo://host/path").then((r) => r.json()),
  "relativeURL.request": async ({ object }) => object().fetch(new Request("/a/path")).then((r) => r.json()),
  "relativeURL.full": ({ object }) => object().fetch("https://host/a path#hash").then((r) => r.json()),
  "relativeURL.number": ({ object }) => object().fetch(5).then((r) => r.json()),
  "relativeURL.global": () => fetch("/a/path"),

  // fetcher_no_get_put_delete
  "shortcuts.types": ({ object }) => {
    const stub = object();
    return ["get", "put", "delete", "greet"].map((name) => [typeof stub[name], name in stub]);
  },
  "shortcuts.get": ({ object }) => errorsOf(
    () => object().get("https://host/text"),
    () => object().get("https://host/text", "text"),
    () => object().get("https://host/text", "json"),
    () => object().get("https://host/text", "arrayBuffer"),
    async () => (await object().get("https://host/text", "stream")).constructor.name,
    () => object().get("https://host/text", "form"),
    () => object().get("/relative"),
    () => object().get(),
  ),
  "shortcuts.put": ({ object }) => errorsOf(
    () => object().put("https://host/text", "body"),
    () => object().put("https://host/text", utf8.encode("bytes")),
    () => object().put("https://host/text", "body", { expiration: 1, expirationTtl: 2 }),
    () => object().put("https://host/text"),
    () => object().put(),
  ),
  "shortcuts.reached": async ({ object }) => {
    const stub = object();
    await stub.put("https://host/text", "body", { expiration: 1, expirationTtl: 2.5 });
    await stub.put("https://host/text?q=1", new Blob(["blob"]), { expirationTtl: 3 });
    await stub.put("https://host/text", "body", {});
    await stub.get("https://host/text");
    await stub.delete("https://host/text");
    return (await stub.fetch("https://host/log")).json();
  },
  "shortcuts.delete": ({ object }) => errorsOf(() => object().delete("https://host/text"), () => object().delete()),
  "shortcuts.failing": ({ env, object }) => errorsOf(
    () => object(env.FAILING).get("https://host/404"),
    () => object(env.FAILING).put("https://host/500", "x"),
    () => object(env.FAILING).delete("https://host/301"),
  ),

  // rpc, js_rpc
  "rpc.call": ({ object }) => object().greet("you"),
  "rpc.property": ({ object }) => object().size,
  "rpc.old": ({ env, object }) => errorsOf(
    () => object(env.OLD).greet("you"), () => object(env.OLD).size, () => object(env.OLD).field, () => object(env.OLD).absent(),
    () => object(env.OLD).fetch("https://host/").then((r) => r.text()),
  ),

  // enable_ctx_exports
  "exports.ctx": ({ ctx }) => ["exports" in ctx, Object.keys(ctx.exports ?? {})],

  // rpc_params_dup_stubs
  "dupStubs.kept": async ({ object }) => {
    const stub = object();
    const taken = await stub.take((word) => `heard ${word}`);
    return [taken, await outcome(() => stub.useTaken())];
  },

  // delete_all_deletes_alarm
  "deleteAll.alarm": ({ object }) => object().deleteAll(),

  // websocket_close_reason_byte_limit
  "closeReason.lengths": async () => {
    const out = [];
    for (const reason of ["a".repeat(123), "a".repeat(124), "é".repeat(61), "é".repeat(62), "a".repeat(5000)]) {
      const { client, server, told } = pair();
      out.push(await outcome(() => client.close(3001, reason)));
      await sleep(5);
      out.push(told.server.map(([kind, code, text]) => [kind, code, text?.length]));
      server.close(1000);
    }
    return out;
  },
  "closeReason.withoutCode": () => errorsOf(
    () => pair().client.close(undefined, "why"), () => pair().client.close(undefined, "a".repeat(200)), () => pair().client.close(999, "a".repeat(200)),
  ),

  // unhandled_rejection_after_microtask_checkpoint
  "rejection.never": () => rejections(() => void Promise.reject("never handled")),
  "rejection.atOnce": () => rejections(() => void Promise.reject("at once").catch(() => {})),
  "rejection.microtask": () => rejections(() => {
    const rejected = Promise.reject("a microtask later");
    queueMicrotask(() => rejected.catch(() => {}));
  }),
  "rejection.microtasks": () => rejections(async () => {
    const rejected = Promise.reject("three microtasks later");
    await null;
    await null;
    await null;
    rejected.catch(() => {});
  }),
  "rejection.timer": () => rejections(() => {
    const rejected = Promise.reject("a timer later");
    setTimeout(() => rejected.catch(() => {}), 5);
  }),
  "rejection.async": () => rejections(() => {
    const fail = async () => {
      await null;
      throw "inside";
    };
    const all = [fail(), fail()];
    void (async () => {
      for (const one of all) await one.catch(() => {});
    })();
  }),

  // websocket_standard_binary_type
  "binaryType.default": async () => {
    const { client, server, told } = pair();
    client.send("text");
    client.send(utf8.encode("bytes"));
    await sleep(5);
    server.binaryType = "blob";
    client.send(utf8.encode("bytes"));
    await sleep(5);
    server.binaryType = "arraybuffer";
    client.send(utf8.encode("bytes"));
    await sleep(5);
    client.close(1000);
    return [new WebSocketPair()[0].binaryType, told.server];
  },
  "binaryType.wrong": () => {
    const ws = new WebSocketPair()[0];
    ws.binaryType = "text";
    return ws.binaryType;
  },

  // web_socket_auto_reply_to_close, and allowHalfOpen
  "autoReply.plain": async () => {
    const { client, server, told } = pair();
    client.close(3001, "bye");
    await sleep(10);
    const states = [client.readyState, server.readyState];
    const late = await errorsOf(() => server.send("late"), () => server.close(3002, "late"));
    await sleep(10);
    return [states, late, [client.readyState, server.readyState], told];
  },
  "autoReply.halfOpen": async () => {
    const { client, server, told } = pair({ allowHalfOpen: true });
    client.close(3001, "bye");
    await sleep(10);
    const states = [client.readyState, server.readyState];
    const late = await errorsOf(() => server.send("late"), () => server.close(3002, "late"));
    await sleep(10);
    return [states, late, [client.readyState, server.readyState], told];
  },
  "autoReply.wholeOpen": async () => {
    const { client, server, told } = pair({ allowHalfOpen: false });
    client.close(3001, "bye");
    await sleep(10);
    const states = [client.readyState, server.readyState];
    server.close(3002, "late");
    await sleep(10);
    return [states, [client.readyState, server.readyState], told];
  },
  "autoReply.options": () => errorsOf(
    ...[null, undefined, {}, { allowHalfOpen: null }, { allowHalfOpen: "yes" }, "yes", 1].map((options) => () => new WebSocketPair()[0].accept(options)),
  ),
  "autoReply.hibernating": async ({ object }) => {
    const stub = object();
    const { webSocket } = await stub.fetch("https://host/hibernate", { headers: { Upgrade: "websocket" } });
    const told = [];
    webSocket.addEventListener("close", ({ code, reason, wasClean }) => told.push([code, reason, wasClean, webSocket.readyState]));
    webSocket.accept();
    webSocket.close(3001, "bye");
    await sleep(30);
    return [told, webSocket.readyState, await (await stub.fetch("https://host/log")).json()];
  },

  // enable_abortsignal_rpc
  "signals.aborted": ({ object }) => object().abortedBy(AbortSignal.abort("why")),
  "signals.later": ({ object }) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort("later"), 10);
    return object().abortedBy(controller.signal);
  },

  // allow_irrevocable_stub_storage
  "stubStorage.object": ({ object }) => object().store(object()),
  "stubStorage.nested": ({ object }) => object().store({ list: [object()] }),
  "stubStorage.own": ({ object }) => object().storeOwn("exports"),
  "stubStorage.ownByRPC": async ({ object, ctx }) => {
    const keeper = object();
    return [await keeper.store(ctx.exports.Room.getByName("kept")), await keeper.stored()];
  },
  "stubStorage.unique": async ({ object, ctx }) => {
    const keeper = object();
    const { Room } = ctx.exports;
    return [await keeper.store(Room.get(Room.newUniqueId())), await keeper.stored()];
  },
  "stubStorage.service": async ({ object, ctx }) => {
    const keeper = object();
    return [await keeper.store(ctx.exports.Greeter({ props: { word: "hi" } })), await keeper.stored()];
  },
  "stubStorage.cloned": ({ ctx }) => structuredClone(ctx.exports.Room.getByName("kept")),
  "stubStorage.attached": ({ object }) => object().attach(),
  "stubStorage.function": ({ object }) => object().store(() => 1),
  "stubStorage.id": ({ object, env }) => object().store(env.ROOM.idFromName("x")),
  "stubStorage.namespace": ({ object, env }) => object().store(env.ROOM),
  "stubStorage.loopback": ({ object }) => object().storeOwn("loopback"),

  // nodejs_compat
  "node.globals": () => ["process", "Buffer", "global", "setImmediate", "clearImmediate"].map((name) => [typeof globalThis[name], name in globalThis]),

  // Cloudflare.compatibilityFlags
  "flags.list": () => Cloudflare.compatibilityFlags,
  "flags.object": () => {
    const { compatibilityFlags: flags } = Cloudflare;
    return [
      Object.isFrozen(Cloudflare), Object.isFrozen(flags), Object.getPrototypeOf(flags) === null, flags === Cloudflare.compatibilityFlags,
      Object.getOwnPropertyDescriptor(flags, Object.keys(flags)[0]), flags.no_such_flag,
    ].map((v) => v ?? null);
  },
};
