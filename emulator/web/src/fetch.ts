// fetch and the redirects it follows, Fetch Standard §4 and §5.6. The same is
// used for requests to other Workers and objects: they differ in how one
// request is sent and its response comes back.

import { onAbort, type AbortSignal } from "./abort";
import { refused } from "./flags";
import { defineGlobal } from "./frame";
import { hostOf } from "./host";
import type { FetchHost } from "./host/fetch";
import { later } from "./later";
import { forget, wait } from "./ops";
import {
  Request,
  isDirect,
  isHTTP,
  redirectRequest,
  requestToHost,
  resolveRequest,
  rewind,
  signalOf,
  withoutFragment,
  type RequestInfo,
  type RequestInit,
} from "./request";
import { endWithSignal, markRedirected, responseFromHost, type Response } from "./response";
import { requireHandler } from "./scope";
import { handled } from "./streams/shared";
import { URL } from "./url";
import { attachConnection } from "./websocket";

const host = hostOf<FetchHost>();

/** What carries requests to their destination. */
export interface Carrier {
  /** What URLs may be relative to, "" or undefined for nothing. */
  readonly base?: string;
  /** Sends one, and gives the operation that is its exchange for a response. */
  send(request: Request): number;
  /** The response to a request that was just sent. */
  response(op: number, request: Request): Promise<Response>;
  /** Gives an exchange up: nobody waits for the response any more. */
  abort(op: number): void;
}

const maxRedirects = 20;

/**
 * What the method `fetch` of an `owner` does with its arguments: makes the
 * request, sends it, follows redirects unless told not to, and ends early when
 * its signal aborts. By the oldest dates there is a URL that others may be
 * relative to.
 */
export function fetchWith(carrier: Carrier, owner: string, input: unknown, init: unknown): Promise<Response> {
  if (init === undefined && isDirect(input)) {
    try {
      return carrier.response(carrier.send(input), input);
    } catch (error) {
      return Promise.reject(error);
    }
  }
  return fetchFollowing(carrier, owner, input, init);
}

async function fetchFollowing(carrier: Carrier, owner: string, input: unknown, init: unknown): Promise<Response> {
  if (input === undefined) {
    throw new TypeError(`Failed to execute 'fetch' on '${owner}': parameter 1 is not of type 'Request or string'.`);
  }
  const request = new Request(input as RequestInfo, init as RequestInit | undefined);
  if (carrier.base) resolveRequest(request, carrier.base);
  const data = responseOfData(request);
  if (data !== undefined) return data;
  const signal = signalOf(request);
  if (signal?.aborted) throw signal.reason;
  requireHTTP(request.url);
  for (let hops = 0; ; hops++) {
    const response = await unlessAborted(carrier, request, signal);
    if (hops > 0) markRedirected(response);
    const location = locationOf(request, response);
    if (location === null) {
      if (signal !== undefined) endWithSignal(response, signal);
      return response;
    }
    if (hops >= maxRedirects) throw new TypeError("Too many redirects.");
    redirect(request, response.status, location);
    if (response.body !== null) handled(response.body.cancel());
  }
}

/** The response to a request for a data: URL, which goes nowhere, undefined for any other. */
function responseOfData({ url, method }: Request): Response | undefined {
  return url.startsWith("data:") ? later("data-url").responseOfData(url, method) : undefined;
}

/** By the oldest dates any protocol counts as HTTP. */
function requireHTTP(url: string): void {
  if (isHTTP(url) || (url.includes("://") && refused("fetch_refuses_unknown_protocols"))) return;
  throw new TypeError(`Fetch API cannot load: ${url}`);
}

/** What a fetch under way fails with for a signal's reason: an error, or an object as it is. */
function thrownFor(reason: unknown): unknown {
  return typeof reason === "object" && reason !== null ? reason : new Error(String(reason));
}

/** The response to a request, or the signal's reason as soon as it aborts. */
async function unlessAborted(carrier: Carrier, request: Request, signal: AbortSignal | undefined): Promise<Response> {
  const op = carrier.send(request);
  const response = carrier.response(op, request);
  if (signal === undefined) return response;
  const aborted = Promise.withResolvers<never>();
  const undo = onAbort(signal, (reason) => {
    forget(op);
    carrier.abort(op);
    aborted.reject(thrownFor(reason));
  });
  try {
    return await Promise.race([response, aborted.promise]);
  } finally {
    undo();
  }
}

/** Where a response redirects to, null when there is nothing to follow. */
function locationOf(request: Request, response: Response): string | null {
  if (request.redirect !== "follow") return null;
  if (![301, 302, 303, 307, 308].includes(response.status)) return null;
  return response.headers.get("location");
}

/** Makes request the next one of a chain, Fetch Standard §4.4. */
function redirect(request: Request, status: number, location: string): void {
  const target = URL.parse(location, request.url);
  if (target === null) throw new TypeError("Invalid Location header; unable to follow redirect.");
  if (!rewind(request) && status !== 303) {
    throw new TypeError(
      "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect " +
        "requiring the body to be retransmitted. To avoid this error in the future, construct this request from a " +
        "buffer-like body initializer.",
    );
  }
  requireHTTP(target.href);
  const { method } = request;
  const toGet = status === 303 ? method !== "HEAD" : (status === 301 || status === 302) && method === "POST";
  redirectRequest(request, target.href, toGet, new URL(request.url).origin !== target.origin);
}

/** The way out of the emulator. */
const outside: Carrier = {
  send(request) {
    const [method, url, headers, body, pipe] = requestToHost(request);
    const data = body instanceof ArrayBuffer ? new Uint8Array(body) : body;
    return host.fetch(method, isHTTP(url) ? url : url.replace(/^[^:]*/, "http"), headers, data, pipe);
  },
  async response(op, { url }) {
    const [status, text, headers, pipe, end] = await wait<[number, string, string, number, number?]>(op);
    const socket = end === undefined ? undefined : attachConnection(end);
    return responseFromHost(status, text, headers, undefined, pipe, withoutFragment(url), socket);
  },
  abort: (op) => host.fetchAbort(op),
};

export function fetch(...args: [input: RequestInfo, init?: RequestInit]): Promise<Response> {
  try {
    requireHandler();
  } catch (error) {
    return Promise.reject(error);
  }
  return fetchWith(outside, "ServiceWorkerGlobalScope", args[0], args[1]);
}

defineGlobal("fetch", fetch);
