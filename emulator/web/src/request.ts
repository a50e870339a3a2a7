// Request, Fetch Standard §5.4.

import { AbortController, AbortSignal } from "./abort";
import { Body, Kind, Message, copyCf, inside, insideIn, insideOf } from "./body";
import { refused } from "./flags";
import { expose } from "./frame";
import { headersMember, type Headers, type HeadersInit } from "./headers";
import { Payload, type BodyInit } from "./payload";
import { parseHref } from "./url";

export type RequestInfo = Request | string | { toString(): string };

export interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  redirect?: string;
  signal?: AbortSignal | null;
  cf?: unknown;
  cache?: string;
  fetcher?: unknown;
  integrity?: string;
  keepalive?: boolean;
  encodeResponseBody?: string;
}

/** What a request leaves the isolate as. Headers are in the host's form, cf is JSON or "". */
export type HostRequest = [
  method: string,
  url: string,
  headers: string,
  body: string | ArrayBuffer | undefined,
  pipe: number,
  cf: string,
];

const methods = new Set(
  (
    "GET HEAD POST PUT DELETE PATCH PURGE OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK ACL " +
    "REPORT MKACTIVITY CHECKOUT MERGE MSEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE QUERY BAN"
  ).split(" "),
);

const redirects = new Set(["follow", "manual"]);
const caches = new Set(["no-store", "no-cache", "reload"]);

class RequestState extends Message {
  declare method: string;
  declare url: string;
  declare redirect: string;
  declare signal: AbortSignal | undefined;
  declare controller: AbortController | undefined;
  declare rawCf: string;
  declare cf: unknown;
  declare fetcher: unknown;
  declare cache: string | undefined;
}

Object.assign(RequestState.prototype, {
  kind: Kind.Request,
  method: "GET",
  url: "",
  redirect: "follow",
  signal: undefined,
  controller: undefined,
  rawCf: "",
  cf: undefined,
  fetcher: null,
  cache: undefined,
});

const common = RequestState.prototype;
// What those that reach an isolate have in common besides.
const arriving: RequestState = Object.assign(Object.create(common), { immutable: true, redirect: "manual" });
const stateOf = insideOf<RequestState>(Kind.Request);
const stateIn = insideIn<RequestState>(Kind.Request);

export class Request extends Body {
  constructor(input: RequestInfo, init?: RequestInit | Request) {
    super((input as unknown) === inside ? (init as unknown as Message) : build(input, init));
  }

  get method(): string {
    return stateOf(this).method;
  }

  get url(): string {
    return stateOf(this).url;
  }

  get headers(): Headers {
    return stateOf(this).headers;
  }

  get redirect(): string {
    return stateOf(this).redirect;
  }

  get fetcher(): unknown {
    return stateOf(this).fetcher;
  }

  get signal(): AbortSignal {
    const state = stateOf(this);
    if (state.signal === undefined) {
      state.controller = new AbortController();
      state.signal = state.controller.signal;
    }
    return state.signal;
  }

  get cf(): unknown {
    const state = stateOf(this);
    if (state.rawCf !== "") {
      state.cf = JSON.parse(state.rawCf);
      state.rawCf = "";
    }
    return state.cf;
  }

  get integrity(): string {
    stateOf(this);
    return "";
  }

  get keepalive(): boolean {
    stateOf(this);
    return false;
  }

  get cache(): string | undefined {
    return stateOf(this).cache;
  }

  clone(): Request {
    const state = stateOf(this);
    const copy = copyState(state);
    copy.payload = state.payload?.clone() ?? null;
    return new Request(inside as never, copy as never);
  }
}

expose("Request", Request);

function build(input: RequestInfo, init: RequestInit | Request | undefined): RequestState {
  let state: RequestState;
  if (input instanceof Request) {
    const other = stateOf(input);
    state = copyState(other);
    if (init === undefined || !hasBody(init)) state.payload = moveBody(other);
  } else {
    state = Object.create(common);
    state.url = parsedURL(input);
  }
  if (init instanceof Request) return overlay(state, stateOf(init));
  if (init !== undefined && init !== null) apply(state, init);
  return state;
}

function parsedURL(input: RequestInfo): string {
  const text = String(input);
  const href = parseHref(text);
  if (href === undefined && refused("fetch_standard_url")) return text; // looked at when it is fetched
  if (href === undefined) throw new TypeError(`Invalid URL: ${text}`);
  return href;
}

function hasBody(init: RequestInit | Request): boolean {
  return init instanceof Request || (init.body !== undefined && init.body !== null);
}

function moveBody(from: RequestState): Payload | null {
  if (from.payload === null) return null;
  if (from.payload.used) throw new TypeError("Cannot reconstruct a Request with a used body.");
  return from.payload.move();
}

/** All of a request but its body. */
function copyState(from: RequestState): RequestState {
  const copy: RequestState = Object.create(common);
  copy.method = from.method;
  copy.url = from.url;
  copy.copyHeaders(from);
  copy.redirect = from.redirect;
  copy.signal = from.signal;
  copy.rawCf = from.rawCf;
  copy.cf = copyCf(from.cf);
  copy.fetcher = from.fetcher;
  copy.cache = from.cache;
  return copy;
}

/** A Request in place of an init: everything but the URL is the other's. */
function overlay(state: RequestState, other: RequestState): RequestState {
  const copy = copyState(other);
  copy.url = state.url;
  if (other.payload !== null) copy.payload = Payload.stream(other.payload.stream);
  return copy;
}

function apply(state: RequestState, init: RequestInit): void {
  if (init.integrity !== undefined && String(init.integrity) !== "") {
    throw new TypeError(
      "Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string.",
    );
  }
  if (init.method !== undefined) state.method = normalizeMethod(init.method);
  if (init.headers !== undefined) state.headers = headersMember(init.headers, "RequestInitializerDict");
  if (init.fetcher !== undefined) state.fetcher = init.fetcher;
  if (init.signal !== undefined) state.signal = checkedSignal(init.signal);
  if (init.cf !== undefined) {
    state.rawCf = "";
    state.cf = copyCf(init.cf);
  }
  if (init.body !== undefined && init.body !== null) {
    state.setBody(init.body);
    if (bodiless(state)) throw new TypeError("Request with a GET or HEAD method cannot have a body.");
  }
  if (init.redirect !== undefined) state.redirect = checkedRedirect(init.redirect);
  if (init.cache !== undefined) state.cache = checkedCache(init.cache);
  if (init.encodeResponseBody !== undefined) checkEncoding("encodeResponseBody", init.encodeResponseBody);
  if (init.method !== undefined && bodiless(state) && state.payload !== null) {
    throw new TypeError("Request with a GET or HEAD method cannot have a body.");
  }
}

function bodiless(state: RequestState): boolean {
  return state.method === "GET" || state.method === "HEAD";
}

function normalizeMethod(given: unknown): string {
  const method = String(given);
  if (methods.has(method)) return method;
  const upper = method.toUpperCase();
  if (methods.has(upper)) return upper;
  throw new TypeError(`Invalid HTTP method string: ${method}`);
}

function checkedSignal(signal: unknown): AbortSignal | undefined {
  if (signal === null) return undefined;
  if (signal instanceof AbortSignal) return signal;
  throw new TypeError(
    "Incorrect type for the 'signal' field on 'RequestInitializerDict': the provided value is not of type 'AbortSignal'.",
  );
}

function checkedRedirect(redirect: unknown): string {
  const value = String(redirect);
  if (redirects.has(value)) return value;
  throw new TypeError(
    'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not make ' +
      'sense at the edge; use "manual" and check the response status code).',
  );
}

function checkedCache(cache: unknown): string {
  const value = String(cache);
  if (caches.has(value)) return value;
  throw new TypeError(`Unsupported cache mode: ${value}`);
}

/** Checks an option that says whether the platform encodes a body. */
export function checkEncoding(option: string, value: unknown): boolean {
  if (value === "manual") return true;
  if (value === "automatic") return false;
  throw new TypeError(`${option}: unexpected value: ${value}`);
}

/** A request that reached this isolate. What it is made of is looked at when asked for. */
export function requestFromHost(
  method: string,
  url: string,
  headers: string,
  body: ArrayBuffer | string | undefined,
  pipe: number,
  cf: string,
): Request {
  const state: RequestState = Object.create(arriving);
  if (method !== "GET") state.method = method;
  state.url = url;
  state.rawHeaders = headers;
  if (cf !== "") state.rawCf = cf;
  if (pipe > 0 || body !== undefined) state.setHostBody(body, pipe);
  return new Request(inside as never, state as never);
}

/** A request as it leaves the isolate; its body is used from then on. */
export function requestToHost(request: Request): HostRequest {
  const state = stateOf(request);
  const { payload } = state;
  const headers = withLength(state.hostHeaders, payload?.length);
  const cf = state.rawCf !== "" || state.cf === undefined ? state.rawCf : JSON.stringify(state.cf);
  const url = sentURL(state.url);
  if (payload === null) return [state.method, url, headers, undefined, 0, cf];
  const { data, pipe } = payload.toHost();
  return [state.method, url, headers, data, pipe, cf];
}

/** A request as a message: what crosses besides its body. */
export type RequestMessage = [...request: HostRequest, redirect: string];

/** A request on its way in a call. It arrives as the script made it. */
export function requestToMessage(request: Request): RequestMessage {
  const state = stateOf(request);
  if (state.payload?.unusable) throw new TypeError("The ReadableStream has been locked to a reader.");
  const [method, , , body, pipe, cf] = requestToHost(request);
  return [method, state.url, state.hostHeaders, body, pipe, cf, state.redirect];
}

export function requestFromMessage(...[method, url, headers, body, pipe, cf, redirect]: RequestMessage): Request {
  const request = requestFromHost(method, url, headers, body, pipe, cf);
  stateOf(request).redirect = redirect;
  return request;
}

/** Makes the URL of a request that is about to be sent an absolute one. */
export function resolveRequest(request: Request, base: string): void {
  const state = stateOf(request);
  state.url = parseHref(state.url, base) ?? state.url;
}

/** A URL as the other side is told of it: without a fragment and credentials. */
function sentURL(url: string): string {
  const whole = withoutFragment(url);
  return whole.includes("@") ? whole.replace(/^(https?:\/\/)[^/?]*@/, "$1") : whole;
}

export function withoutFragment(url: string): string {
  const hash = url.indexOf("#");
  return hash < 0 ? url : url.slice(0, hash);
}

/** Headers with a Content-Length, where that is known and they have none. */
export function withLength(headers: string, length: number | undefined): string {
  if (length === undefined) return headers;
  if (headers === "") return `content-length\n${length}`;
  const lines = `\n${headers}`;
  if (lines.includes("\ncontent-length\n") || lines.includes("\ntransfer-encoding\n")) return headers;
  return `content-length\n${length}${lines}`;
}

/** Makes a request that was sent ready to be sent again; false when its body is gone. */
export function rewind(request: Request): boolean {
  const state = stateOf(request);
  if (state.payload === null) return true;
  if (!state.payload.rewindable) return false;
  state.payload = state.payload.rewound();
  return true;
}

/** Points a request elsewhere, as a redirect says. */
export function redirectRequest(request: Request, url: string, toGet: boolean, crossOrigin: boolean): void {
  const state = stateOf(request);
  state.url = url;
  if (crossOrigin) state.headers.delete("authorization");
  if (!toGet) return;
  state.method = "GET";
  state.payload = null;
}

/** The signal that a script gave or took from a request, if any. */
export function signalOf(request: Request): AbortSignal | undefined {
  return stateOf(request).signal;
}

/** Tells a request that came from outside that its caller has gone. */
export function abortRequest(request: Request, reason?: unknown): void {
  request.signal;
  stateOf(request).controller?.abort(reason);
}

/** Whether a request is sent as it is and its answer returned as it comes: nothing to copy, follow or give up. */
export function isDirect(value: unknown): value is Request {
  const state = stateIn(value);
  return (
    state !== undefined && state.redirect === "manual" && state.signal === undefined &&
    (state.payload === null || !state.payload.unusable) && isHTTP(state.url)
  );
}

/** Whether a URL is one that can be fetched. */
export function isHTTP(url: string): boolean {
  return url.startsWith("http:") || url.startsWith("https:");
}
