import {
  DurableObject, WorkerEntrypoint, env as importedEnv, exports as importedExports, withEnv, withEnvAndExports, withExports,
} from "cloudflare:workers";
import { answer } from "./src/bed.js";

// One name is of the tool that recorded the answers.
const exported = (ctx) => Object.keys(ctx.exports).filter((name) => name !== "__INTERNAL_WRANGLER_MIDDLEWARE__");

const whileLoading = Object.keys(importedExports);

export class Named extends WorkerEntrypoint {
  about() {
    return [this.ctx.props, this.env.PLACE];
  }
  fetch(request) {
    return new Response(`${request.method} ${request.url} ${JSON.stringify(this.ctx.props)}`);
  }
  callOn(stub) {
    return stub.about("by way of Named");
  }
  async fetchFrom(stub) {
    return (await stub.fetch("http://rooms/echo")).text();
  }
  fail() {
    throw new TypeError("no");
  }
  get property() {
    return 7;
  }
}

export class Silent extends WorkerEntrypoint {
  about(how) {
    return [how, this.ctx.props];
  }
}

export class Hall extends DurableObject {
  about(how) {
    return [how, this.ctx.props, exported(this.ctx)];
  }
}

export class Loose extends DurableObject {}

export const object = {
  fetch: () => new Response("object"),
  one: (value, env, ctx) => [value, typeof env, typeof ctx],
  two: (value, env) => [value, typeof env],
  four: (a, b, c, d) => [a, b, c, d],
  value: 5,
};

const text = (response) => response.text();

/** The questions; see bed.js. */
const cases = (env, ctx) => {
  const { exports } = ctx;
  return {
    // ctx.exports
    "exports are empty while the module loads": () => whileLoading,
    "exports by kind": () => exported(ctx),
    "exports imported": () => [importedExports === exports, importedExports.Named === exports.Named, exports.Named === exports.Named],
    "exports imported cannot be set": () => {
      importedExports.More = 1;
      return typeof importedExports.More;
    },
    "kinds of exports": () => ["default", "object", "Named", "Hall", "Loose"].map((name) => [typeof exports[name], String(exports[name]), exports[name].constructor.name]),
    "kinds of bindings": () => [env.ROOMS, env.HALL, exports.Named({}), exports.Hall({})].map((value) => [typeof value, String(value), value.constructor.name]),
    "an entrypoint without props": () => exports.Named.about(),
    "an entrypoint with props": () => exports.Named({ props: { a: [1], at: new Date(0) } }).about(),
    "an entrypoint with no options": () => exports.Named({}).about(),
    "an entrypoint called without options": () => exports.Named(),
    "props that are no object": () => exports.Named({ props: 5 }),
    "props that cannot be cloned": () => exports.Named({ props: () => 1 }),
    "fetch an entrypoint": () => exports.Named.fetch("http://h/p").then(text),
    "fetch an entrypoint with props": () => exports.Named({ props: { a: 1 } }).fetch(new Request("http://h/p", { method: "PUT" })).then(text),
    "fetch a relative URL": () => exports.Named.fetch("/p").then(text),
    "fetch an entrypoint without fetch": () => exports.Silent.fetch("http://h/").then(text),
    "an error of an entrypoint": () => exports.Named.fail(),
    "a getter of an entrypoint": () => exports.Named.property,
    "a method an entrypoint lacks": () => exports.Named.absent(),
    "a reserved method": () => exports.Named.alarm(),
    "the default entrypoint": () => exports.default.fetch("http://h/inner").then(text),
    "an object with one argument": () => exports.object.one(1),
    "an object with no argument": () => exports.object.one(),
    "an object whose function takes two": () => exports.object.two(1),
    "an object with two arguments": () => exports.object.two(1, 2),
    "an object whose function takes four": () => exports.object.four(1),
    "a property of an object": () => exports.object.value,
    "a method an object lacks": () => exports.object.absent(1),
    "a class with storage": () => exports.Hall.getByName("h").about("called"),
    "a class with storage has the ids of its binding": () => exports.Hall.idFromName("h").equals(env.HALL.idFromName("h")),
    "a class without storage": () => typeof exports.Loose.getByName,

    // what crosses
    "an entrypoint with props as an argument": () => exports.Named.callOn(exports.Silent({ props: { p: 1 } })),
    "an entrypoint as an argument": () => exports.Named.callOn(exports.Silent),
    "a class as an argument": () => exports.Named.callOn(exports.Hall),
    "a service as an argument": () => exports.Named.fetchFrom(env.ROOMS),
    "an entrypoint of a service as an argument": () => exports.Named.callOn(env.TENANT),
    "an object's stub as an argument": () => exports.Named.callOn(env.HALL.getByName("k")),
    "a service cloned": () => structuredClone(env.ROOMS),
    "an entrypoint of another Worker returned": async () => {
      const stub = await env.DESK.itself();
      return [String(stub), await stub.about("returned")];
    },
    "an object's stub of another Worker returned": async () => {
      const stub = await env.DESK.room("returned");
      return [String(stub), String(stub.id), await stub.name()];
    },

    // service bindings
    "fetch a service": () => env.ROOMS.fetch("http://rooms/a?b=1", { method: "POST", body: "body", headers: { x: "1" } }).then(async (r) => [r.status, r.url, await r.text()]),
    "fetch a service that answers with a number": () => env.ROOMS.fetch("http://rooms/status"),
    "fetch a service that redirects": () => env.ROOMS.fetch("http://rooms/redirect").then(async (r) => [r.status, r.redirected, r.url, await r.text()]),
    "a socket of a service": async () => {
      const { status, webSocket } = await env.ROOMS.fetch("http://rooms/socket", { headers: { Upgrade: "websocket" } });
      webSocket.accept();
      const answer = new Promise((resolve) => webSocket.addEventListener("message", (event) => resolve(event.data)));
      webSocket.send("hi");
      return [status, await answer];
    },
    "a method of a service": () => env.ROOMS.greet("you"),
    "props of a service without": () => env.ROOMS.props(),
    "a named entrypoint": () => env.DESK.about("x", 1),
    "a named entrypoint with props": () => env.TENANT.about(),
    "props are each call's own": async () => [await env.TENANT.change(), await env.TENANT.about()],
    "an object as an entrypoint": () => env.SIMPLE.one(3),
    "a binding to itself": () => env.SELF.about(),
    "an error of a service": () => env.DESK.fail(),
    "a thrown object of a service": () => env.DESK.failWithObject(),
    "a method a service lacks": () => env.DESK.absent(),
    "a service without fetch": () => env.DESK.fetch("http://h/"),
    "an RpcTarget of a service": async () => {
      const counter = await env.DESK.counter();
      return [await counter.increment(), await counter.increment()];
    },
    "an RpcTarget outlives its answer": async () => {
      const counter = await env.DESK.counter();
      await scheduler.wait(5);
      return counter.increment();
    },
    "a pipelined call": () => env.DESK.counter().increment(),
    "a callback to a service": () => env.DESK.callBack((how) => `called ${how}`),
    "a Worker that is not there": () => env.ABSENT.fetch("http://h/").then(async (r) => [r.status, await r.text()]),
    "a method of a Worker that is not there": () => env.ABSENT.greet(),

    // classes of another Worker
    "an object of another Worker": async () => {
      const name = crypto.randomUUID();
      return [await env.ROOM.getByName(name).visit(), await env.DESK.visit(name), await env.ROOM.getByName(name).visit()];
    },
    "its id": () => env.ROOM.idFromName("a").toString(),
    "a class of a Worker that is not there": () => env.LOST.getByName("a").fetch("http://h/").then(async (r) => [r.status, await r.text()]),
    "a method of a class that is not there": () => env.LOST.getByName("a").visit(),
    "an id of a class that is not there": () => env.LOST.idFromName("a").toString(),

    // scopes
    "env imported": () => [importedEnv === env, Object.keys(importedEnv), importedEnv.ROOMS === env.ROOMS],
    "env imported can be set": () => {
      importedEnv.MORE = 5;
      const got = [env.MORE, Object.keys(importedEnv).includes("MORE")];
      delete importedEnv.MORE;
      return [...got, env.MORE === undefined];
    },
    "withEnv": () => withEnv({ K: 1 }, async () => (await 0, [Object.keys(importedEnv), env.PLACE])),
    "after withEnv": () => importedEnv.PLACE,
    "withExports": () => withExports({ K: 1 }, async () => (await scheduler.wait(1), [Object.keys(importedExports), "K" in ctx.exports])),
    "withExports of null": () => withExports(null, async () => (await 0, "Named" in importedExports)),
    "withExports of a string": () => withExports("text", async () => (await 0, "Named" in importedExports)),
    "withEnvAndExports": () => withEnvAndExports({ K: 1 }, { L: 2 }, async () => (await scheduler.wait(1), [Object.keys(importedEnv), Object.keys(importedExports)])),
  };
};

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/inner") return new Response("the default entrypoint");
    return answer(request, { workers: cases(env, ctx) }, []);
  },
};
