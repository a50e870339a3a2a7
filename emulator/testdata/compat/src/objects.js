import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { inside } from "./inside";

/** Runs the part of a probe that has to run in an object. */
export class Probe extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.built = [ctx === this.ctx, env === this.env, typeof ctx.id.toString()];
  }
  run(id, ...args) {
    return inside[id](this, ...args);
  }
  get size() {
    return 42;
  }
  built_() {
    return this.built;
  }
  add(a, b) {
    return a + b;
  }
  counter() {
    return new Counter();
  }
  call(callback) {
    return callback(20);
  }
  hold(stub) {
    this.held = stub.dup();
  }
  useHeld(n) {
    return this.held(n);
  }
  fetch(request) {
    return new Response(`${request.method} ${new URL(request.url).pathname}`);
  }
}

export class Counter extends RpcTarget {
  #n = 0;
  increment(by = 1) {
    return (this.#n += by);
  }
  self() {
    return this;
  }
}

/** Of the key-value backend. */
export class Plain extends DurableObject {
  run(id, ...args) {
    return inside[id](this, ...args);
  }
}

export class Bare extends DurableObject {}

/** A class of the time before RPC. */
export class Old {
  constructor(state, env) {
    this.state = state;
    this.env = env;
  }
  async fetch() {
    return new Response(`old ${this.env.GREETING} ${await this.state.storage.get("absent")}`);
  }
  greet() {
    return "hi";
  }
}

class Hidden extends DurableObject {
  greet() {
    return "shown";
  }
}
export { Hidden as Shown };

let attempts = 0;

/** Its constructor throws the first time. */
export class Shy extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    if (++attempts === 1) throw new RangeError("not yet");
  }
  attempts() {
    return attempts;
  }
}

/** Notes its alarms. */
export class Ringer extends DurableObject {
  async ring(at, mode) {
    await this.ctx.storage.put("mode", mode);
    await this.ctx.storage.setAlarm(at);
  }
  async alarm(info) {
    const { storage, id } = this.ctx;
    const runs = (await storage.get("runs")) ?? [];
    const seen = { ...info, name: id.name, pending: await storage.getAlarm() };
    await storage.put("runs", [...runs, seen]);
    const mode = await storage.get("mode");
    if (mode === "again" && runs.length === 0) await storage.setAlarm(Date.now() + 1);
  }
  runs() {
    return this.ctx.storage.get("runs");
  }
  pending() {
    return this.ctx.storage.getAlarm();
  }
  run(id, ...args) {
    return inside[id](this, ...args);
  }
}

/** Accepts sockets in the way that the path says, and notes what comes. */
export class Sockets extends DurableObject {
  fetch(request) {
    const url = new URL(request.url);
    const { 0: client, 1: server } = new WebSocketPair();
    if (url.pathname === "/plain") {
      server.accept();
      server.addEventListener("message", ({ data }) => server.send(`plain ${data}`));
    } else {
      this.ctx.acceptWebSocket(server, url.searchParams.getAll("tag"));
    }
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(ws, message) {
    const shown = typeof message === "string" ? message : `${message.constructor.name} ${message.byteLength}`;
    if (message === "close") ws.close(4001, "told to");
    else ws.send(`hibernating ${shown}`);
  }
  run(id, ...args) {
    return inside[id](this, ...args);
  }
}

const text = new TextDecoder();
const bytes = new TextEncoder();

/** Takes connections: it answers in capitals, and then as its name says. */
export class Dialled extends DurableObject {
  async connect(socket, env, ctx) {
    const { localAddress } = await socket.opened;
    const writer = socket.writable.getWriter();
    await writer.write(bytes.encode(`${localAddress} ${env === this.env} ${typeof ctx} `));
    if (this.ctx.id.name === "leaves") return;
    for await (const chunk of socket.readable) await writer.write(bytes.encode(text.decode(chunk).toUpperCase()));
    await writer.close();
  }
}

export class Exchange extends WorkerEntrypoint {
  async connect(socket) {
    await socket.writable.getWriter().write(`through ${this.ctx.props.by}`);
  }
}

export const operator = {
  async connect(socket, env, ctx) {
    await socket.writable.getWriter().write(`by ${env.GREETING} ${typeof ctx.waitUntil}`);
  },
};
