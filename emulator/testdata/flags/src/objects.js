import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { outcome, sleep } from "./show.js";

let instances = 0;

/** Does what the path of a request says; RPC is not there by every date. */
export class Room extends DurableObject {
  instance = ++instances;
  log = [];

  async fetch(request) {
    const url = new URL(request.url);
    const action = url.pathname.slice(1);
    if (action === "hibernate") return this.hibernate(url.searchParams);
    return Response.json(await outcome(() => (action in this.actions ? this.actions[action](url, request) : [request.method, request.url])));
  }

  actions = {
    log: () => this.log,
    text: async (url, request) => {
      const seen = [request.method, request.url, await request.text()];
      this.log.push(seen);
      return seen;
    },
  };

  hibernate(options) {
    if (options.has("timeout")) this.ctx.setHibernatableWebSocketEventTimeout(Number(options.get("timeout")));
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(ws, message) {
    ws.send(`${message}, instance ${this.instance}`);
    if (message === "slow") await sleep(3_600_000);
  }

  webSocketClose(ws, code, reason, wasClean) {
    this.log.push([code, reason, wasClean, ws.readyState]);
  }

  greet(name) {
    return `hello ${name}`;
  }

  get size() {
    return 42;
  }

  linger() {
    setTimeout(() => {}, 3_600_000);
    return this.instance;
  }

  take(stub) {
    this.stub = stub;
    return typeof stub;
  }

  async useTaken() {
    await sleep(20);
    return this.stub("again");
  }

  async abortedBy(signal) {
    if (signal.aborted) return ["aborted", String(signal.reason)];
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(["later", String(signal.reason)])));
  }

  async store(what, key = "stub") {
    return outcome(async () => {
      await this.ctx.storage.put(key, what);
      return "stored";
    });
  }

  async stored(key = "stub") {
    return outcome(async () => {
      const stub = await this.ctx.storage.get(key);
      return stub && [stub.constructor.name, await stub.greet("from storage")];
    });
  }

  storeOwn(what) {
    return outcome(async () => {
      const { storage, exports } = this.ctx;
      if (what === "loopback") await storage.put("own", exports.default);
      else await storage.put("own", { list: [exports.Room.getByName("kept"), exports.Greeter({ props: { word: "hey" } })] });
      const [room, greeter] = (await storage.get("own")).list;
      return [room.constructor.name, room.name ?? null, typeof room.id, await room.greet("x"), greeter.constructor.name, await greeter.greet("y")];
    });
  }

  attach() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return outcome(() => server.serializeAttachment(this.ctx.exports.Room.getByName("kept")));
  }

  alarm() {}

  async deleteAll() {
    await this.ctx.storage.setAlarm(Date.now() + 3_600_000);
    await this.ctx.storage.deleteAll();
    return (await this.ctx.storage.getAlarm()) !== null;
  }
}

export class Greeter extends WorkerEntrypoint {
  greet(name) {
    return `${this.ctx.props.word} ${name}`;
  }
}

/** A class of the time before RPC. */
export class Old {
  constructor(state, env) {
    this.state = state;
    this.field = "a field";
  }
  fetch() {
    return new Response("old");
  }
  greet(name) {
    return `old ${name}`;
  }
  get size() {
    return 7;
  }
}

/** Answers with the status that the path says. */
export class Failing extends DurableObject {
  fetch(request) {
    return new Response("failed", { status: Number(new URL(request.url).pathname.slice(1)) });
  }
}
