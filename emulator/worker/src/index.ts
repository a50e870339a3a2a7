// What Go calls: the module once it is loaded, then requests, calls, alarms and
// socket events, each in a turn.

import { entries as web } from "web/index";
import { refused } from "web/flags";
import { builtin, registerEntry } from "web/frame";
import { webClass } from "web/brand";
import { reject, resolve } from "web/ops";
import { DOMException } from "web/domexception";
import { abortRequest, requestFromHost, type Request } from "web/request";
import { isResponse, responseToHost } from "web/response";
import { wasmModule } from "web/wasm-load";
import { detachSocket, type WebSocket } from "web/websocket";
import { accept, connecting } from "./connect";
import { configure, env, report, waitUntil } from "./context";
import { callEntrypoint, exports, fetchEntrypoint, loaded, type Handler } from "./entrypoint";
import { bareError, failed, lookupError, outgoingHere } from "./errors";
import { host, type Body } from "./host";
import { forgetStarts } from "./facets";
import { makeId, type DurableObjectId } from "./id";
import { forgetLists } from "./kv";
import { DurableObject } from "./module";
import { answerCall, apply, entrypointRoot, targetRoot } from "./receive";
import { capEnd, capForget, exportedTarget, received, serveLocally } from "./rpc-stub";
import "./rpc-streams";
import "./rpc-values";
import "./section";
import { DurableObjectState, forgetSocket, forgetSockets, socketOf } from "./state";
import { making, type Backing } from "./storage";
import { settleResponse } from "./stub";
import { classPlaces, forgetFields, gainedFields, noteFields, reportUnused, watching } from "./traps";
import "./transfer";

function exportNames(): string {
  return Object.keys(exports).join("\n");
}

/** The methods of an exported class, for checks: "alarm", "fetch", … */
function classMethods(name: string): string {
  const found = exports[name];
  if (typeof found !== "function") return "";
  const names = new Set<string>();
  for (let p = found.prototype; p && p !== Object.prototype; p = Object.getPrototypeOf(p)) {
    for (const key of Object.getOwnPropertyNames(p)) names.add(key);
  }
  return [...names].join("\n");
}

// ---- answering ----

const notAResponse = () => new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");

const upgrade = /(^|\n)upgrade\nwebsocket(\n|$)/i;

/** The requests that are being handled, where their signals tell when the client leaves. */
const handled = new Map<number, Request>();

let signals: boolean | undefined;
let reportsAtOnce: boolean | undefined;

/** Nobody waits for the answer to a request any more. */
function clientGone(call: number): void {
  const request = handled.get(call);
  if (request === undefined) return;
  abortRequest(request, Object.assign(new DOMException("The client has disconnected", "AbortError"), { retryable: true }));
}

/** Notes that a request is being handled. */
function handling(call: number, request: Request): void {
  if ((signals ??= host.flag("enable_request_signal"))) handled.set(call, request);
}

// The request whose handler returned in this turn, and what it returned.
let returnedCall = 0;
let returnedHeaders: string;
let returned: unknown;

function handlerReturned(call: number, headers: string, result: unknown): void {
  // By old dates code hears of a rejection before the jobs after it have run, so that somebody must wait already.
  if ((reportsAtOnce ??= refused("unhandled_rejection_after_microtask_checkpoint"))) return answerWhenSettled(call, headers, result);
  answerHandled();
  returnedCall = call;
  returnedHeaders = headers;
  returned = result;
}

/**
 * Answers the request once the jobs of the turn are done: by then most handlers
 * that are asynchronous have a response, which need not be waited for.
 */
function answerHandled(): void {
  if (returnedCall === 0) return;
  const call = returnedCall;
  const result = returned;
  returnedCall = 0;
  returned = undefined;
  answer(call, returnedHeaders, result);
}

/** Answers a request with what its handler returned, now or later. */
function answer(call: number, headers: string, result: unknown): void {
  const response = result instanceof Promise ? host.fulfilled(result) : isResponse(result) ? result : undefined;
  if (response !== undefined) return answerWith(call, headers, response);
  answerWhenSettled(call, headers, result);
}

function answerWhenSettled(call: number, headers: string, result: unknown): void {
  Promise.resolve(result).then(
    (response) => answerWith(call, headers, response),
    (error) => refuse(call, error),
  );
}

function refuse(call: number, error: unknown): void {
  handled.delete(call);
  failed(call, error);
}

function answerWith(call: number, headers: string, response: unknown): void {
  try {
    respond(call, headers, response);
  } catch (error) {
    failed(call, error);
  }
}

function respond(call: number, requestHeaders: string, response: unknown): void {
  if (signals) handled.delete(call);
  const r = responseToHost(response);
  if (r === undefined) throw bareError(notAResponse());
  const webSocket = r[6];
  if (webSocket !== null && !upgrade.test(requestHeaders)) throw bareError(noUpgrade());
  const end = webSocket === null ? 0 : detachSocket(webSocket as WebSocket);
  host.respond(call, r[0], r[1], r[2], r[3], r[4], r[5], end);
}

function missingHandler(name: string): Error {
  return bareError(new Error(`Handler does not export a ${name}() function.`));
}

const noUpgrade = () =>
  new TypeError('Worker tried to return a WebSocket in a response to a request which did not contain the header "Upgrade: websocket".');

// ---- the Worker ----

function workerFetch(call: number, name: string, props: object | undefined, method: string, url: string, headers: string, body: Body, pipe: number, cf: string): void {
  const request = requestFromHost(method, url, headers, body, pipe, cf);
  handling(call, request);
  let result: unknown;
  try {
    result = fetchEntrypoint(name, props, request);
  } catch (error) {
    return refuse(call, error);
  }
  handlerReturned(call, headers, result);
}

function workerCall(call: number, name: string, props: object | undefined, path: string, isCall: boolean, args: unknown[]): void {
  answerCall(call, true, undefined, () => callEntrypoint(name, props, JSON.parse(path), isCall, args));
}

// ---- objects ----

interface Instance {
  object: Handler;
  state: DurableObjectState;
  id: string | undefined; // undefined for a facet whose id is a text
  facet: boolean;
  callable: boolean; // its class is one whose methods can be called
}

const instances = new Map<number, Instance>();

function construct(life: number, className: string, id: string, name: string | undefined, jurisdiction: string | undefined, sqlite: boolean): void {
  instantiate({ life, sqlite, facet: false }, className, makeId(id, name, jurisdiction), {});
}

function constructFacet(life: number, className: string, id: string, hasId: boolean, name: string | undefined, jurisdiction: string | undefined, sqlite: boolean, props: object): void {
  instantiate({ life, sqlite, facet: true }, className, hasId ? makeId(id, name, jurisdiction) : id, props);
}

function instantiate(store: Omit<Backing, "hasAlarm">, className: string, id: DurableObjectId | string, props: object): void {
  const constructor = exports[className];
  if (typeof constructor !== "function") {
    throw new Error(`The class ${className} is not exported by the Worker.`);
  }
  const hasAlarm = typeof constructor.prototype?.alarm === "function";
  const state = new DurableObjectState(making, { ...store, hasAlarm }, id, props);
  const object = constructed(store.life, constructor, state);
  instances.set(store.life, { object, state, id: typeof id === "string" ? undefined : id.toString(), facet: store.facet, callable: constructor.prototype instanceof DurableObject });
}

/** A new object of a class. What its constructor throws resets the life. */
function constructed(life: number, constructor: Function, state: DurableObjectState): Handler {
  try {
    return Reflect.construct(constructor, [state, env]) as Handler;
  } catch (error) {
    return host.constructorThrew(life, ...outgoingHere(error));
  }
}

function drop(life: number): void {
  instances.delete(life);
  forgetSockets(life);
  forgetLists(life);
  forgetStarts(life);
  if (!watching) return;
  forgetFields(life);
  reportUnused();
}

/** The instance that an event is for. */
function instanceOf(life: number): Instance {
  const instance = instances.get(life)!;
  if (watching) {
    noteFields(life, instance.object);
    reportUnused();
  }
  return instance;
}

/** What an instance holds by now that it did not hold at first, see traps.ts, and the place of its class. */
function gained(life: number): string {
  const instance = instances.get(life);
  if (instance === undefined) return "";
  return JSON.stringify([gainedFields(life, instance.object), classPlaces(instance.object.constructor as Function)]);
}

function objectFetch(life: number, call: number, method: string, url: string, headers: string, body: Body, pipe: number, cf: string): void {
  const request = requestFromHost(method, url, headers, body, pipe, cf);
  handling(call, request);
  let result: unknown;
  try {
    const { object } = instanceOf(life);
    if (typeof object.fetch !== "function") throw missingHandler("fetch");
    result = object.fetch(request);
  } catch (error) {
    return refuse(call, error);
  }
  handlerReturned(call, headers, result);
}

const noRPC = () =>
  new TypeError("The receiving Durable Object does not support RPC, because its class was not declared with `extends DurableObject`. In order to enable RPC, make sure your class extends the special class `DurableObject`, which can be imported from the module \"cloudflare:workers\".");

function objectCall(life: number, call: number, path: string, isCall: boolean, args: unknown[]): void {
  const { object, state, id, facet, callable } = instanceOf(life);
  answerCall(call, true, id, () => {
    const steps = JSON.parse(path) as string[];
    if (steps[0] === connecting) return waitUntil(accept(object.connect, object, args, env, state));
    if (!callable && !host.flag("js_rpc")) throw lookupError(noRPC(), !facet);
    return apply(entrypointRoot(object), steps, isCall, args);
  });
}

/** What an alarm's handler is told, its members in the platform's order. */
class AlarmInvocationInfo {
  scheduledTime: number;
  retryCount: number;
  isRetry: boolean;
  constructor(retryCount: number, scheduledTime: number) {
    this.scheduledTime = scheduledTime;
    this.retryCount = retryCount;
    this.isRetry = retryCount > 0;
  }
}
webClass(AlarmInvocationInfo, "AlarmInvocationInfo");

/** Runs a handler of an object whose result nobody but the runtime waits for. */
function handle(call: number, life: number, name: string, ...args: unknown[]): void {
  const { object } = instanceOf(life);
  if (typeof object[name] !== "function") return host.reply(call, undefined, 0, false);
  let result: unknown;
  try {
    result = object[name](...args);
  } catch (error) {
    return failed(call, error);
  }
  Promise.resolve(result).then(() => host.reply(call, undefined, 0, false), (error) => failed(call, error));
}

function objectAlarm(life: number, call: number, retryCount: number, scheduled: number): void {
  handle(call, life, "alarm", new AlarmInvocationInfo(retryCount, scheduled));
}

function socketMessage(life: number, call: number, socket: number, data: string | ArrayBuffer): void {
  handle(call, life, "webSocketMessage", socketOf(life, socket), data);
}

function socketClosed(life: number, call: number, socket: number, code: number, reason: string, clean: boolean): void {
  handle(call, life, "webSocketClose", socketOf(life, socket), code, reason, clean);
}

function socketFailed(life: number, call: number, socket: number, message: string): void {
  handle(call, life, "webSocketError", socketOf(life, socket), new Error(message));
}

// ---- references this isolate gave away ----

function capCall(cap: number, call: number, objectId: string, path: string, isCall: boolean, args: unknown[]): void {
  const { target, members } = exportedTarget(cap);
  answerCall(call, false, objectId || undefined, () => apply(targetRoot(target, members), JSON.parse(path), isCall, args));
}

// ---- answers to calls ----

/** Settles a call. Gives the number of what calls on the result call that nobody served, or 0. */
function settleCall(op: number, value: unknown, kept: number, unserved: boolean): number {
  const local = unserved ? serveLocally(value) : 0;
  resolve(op, received(value, kept));
  return local;
}

/** Rejects a call. What could not be told where it was thrown is told here; caller is the object that it is to name, "" for none. */
function rejectCall(op: number, reason: unknown, remote: boolean, reset: boolean, caller: string): void {
  if (typeof reason === "object" && reason !== null) {
    if (remote) Reflect.set(reason, "remote", true);
    if (remote && caller !== "") Reflect.set(reason, "durableObjectId", caller);
    if (reset) Reflect.set(reason, "durableObjectReset", true);
  }
  reject(op, reason);
}

// A module is one of the runtime, or text, data or WebAssembly of the bundle.
function builtinOrData(name: string): object | undefined {
  const found = builtin(name);
  if (found !== undefined) return found;
  const data = host.moduleData(name) ?? wasmModule(name);
  return data === undefined ? undefined : { default: data };
}

registerEntry({
  answerHandled,
  builtin: builtinOrData,
  configure,
  loaded,
  exportNames,
  classMethods,
  workerFetch,
  workerCall,
  construct,
  constructFacet,
  drop,
  gained,
  reportUnused,
  objectFetch,
  objectCall,
  objectAlarm,
  socketMessage,
  socketClosed,
  socketFailed,
  socketGone: forgetSocket,
  capCall,
  capEnd,
  capForget,
  clientGone,
  settleCall,
  settleResponse,
  rejectCall,
  report,
});


export const entries = web;
