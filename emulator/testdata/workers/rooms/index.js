import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

class Counter extends RpcTarget {
  count = 0;
  increment() {
    return ++this.count;
  }
}

const routes = {
  "/status": () => 5,
  "/redirect": () => Response.redirect("http://rooms/echo", 302),
  "/socket": () => {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("message", (event) => server.send(`echo ${event.data}`));
    return new Response(null, { status: 101, webSocket: client });
  },
};

export default class extends WorkerEntrypoint {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (Object.hasOwn(routes, pathname)) return routes[pathname]();
    return new Response(`${request.method} ${request.url} ${await request.text()} x=${request.headers.get("x")}`);
  }
  greet(name) {
    return `rooms greets ${name}`;
  }
  props() {
    return this.ctx.props;
  }
}

export class Desk extends WorkerEntrypoint {
  about(...args) {
    return [args, this.ctx.props, Object.keys(this.env)];
  }
  fail() {
    throw new RangeError("the desk is closed");
  }
  failWithObject() {
    throw { code: 7 };
  }
  counter() {
    return new Counter();
  }
  callBack(callback) {
    return callback("from the desk");
  }
  itself() {
    return this.ctx.exports.Desk({ props: { given: 1 } });
  }
  visit(name) {
    return this.env.ROOM.getByName(name).visit();
  }
  room(name) {
    return this.env.ROOM.getByName(name);
  }
  change() {
    this.ctx.props.changed = true;
    return this.ctx.props;
  }
}

export const simple = {
  one(value, env, ctx) {
    return [value, Object.keys(env), ctx.props];
  },
};

export class Room extends DurableObject {
  visits = 0;
  visit() {
    return ++this.visits;
  }
  name() {
    return this.ctx.id.name;
  }
}
