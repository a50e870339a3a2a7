// Caches, Service Workers section 5.4, as far as the platform has them: put,
// match and delete, by URL, for as long as a response says.

import { illegalConstructor, wrongArgument } from "./brand";
import { defineOwnGlobal, expose } from "./frame";
import { hostOf } from "./host";
import type { CacheHost } from "./host/cache";
import { Request, type RequestInfo } from "./request";
import { Response } from "./response";
import { requireHandler } from "./scope";

const host = hostOf<CacheHost>();
const making = Symbol("making");

interface Options {
  ignoreMethod?: boolean;
}

interface Kept {
  status: number;
  statusText: string;
  headers: [string, string][];
}

function requestOf(info: RequestInfo): Request {
  return info instanceof Request ? info : new Request(`${info}`);
}

/** What a key is, in the words of errors. */
const key = "Request or string";

const minutes = 60_000;
const longest = 365 * 24 * 60 * minutes;

// What is kept for how long when it does not say so itself.
const lifetimes = new Map([
  [200, 120 * minutes], [301, 120 * minutes], [302, 20 * minutes], [303, 20 * minutes], [404, 3 * minutes], [410, 3 * minutes],
]);

// lifetime is how long a response may be kept, in milliseconds.
function lifetime({ headers, status }: Response): number {
  const control = headers.get("cache-control") ?? "";
  if (headers.has("set-cookie") && !/private=["']?set-cookie/i.test(control)) return 0;
  if (/\b(?:no-store|no-cache|private)\b(?!=)/i.test(control)) return 0;
  const age = /\bs-maxage=["']?(\d+)/i.exec(control) ?? /\bmax-age=["']?(\d+)/i.exec(control);
  if (age) return Math.min(Number(age[1]) * 1000, longest);
  const expires = headers.get("expires");
  if (expires !== null) return (Date.parse(expires) || 0) - Date.now();
  return lifetimes.get(status) ?? 0;
}

class Cache {
  #name: string;

  constructor(maker?: unknown, name = "") {
    if (maker !== making) throw illegalConstructor();
    this.#name = name;
  }

  async put(info: RequestInfo, response: Response): Promise<void> {
    if (arguments.length < 1) throw wrongArgument("put", "Cache", 1, key);
    requireHandler();
    const request = requestOf(info);
    if (request.method !== "GET") throw new TypeError("Cannot cache response to non-GET request.");
    if (response.status === 206) throw new TypeError("Cannot cache response to a range request (206 Partial Content).");
    if (response.headers.get("vary")?.includes("*")) throw new TypeError("Cannot cache response with 'Vary: *' header.");
    const ms = lifetime(response);
    const { status, statusText } = response;
    const kept: Kept = { status, statusText, headers: [...response.headers] };
    const body = await response.arrayBuffer();
    if (ms > 0) host.cachePut(this.#name, request.url, JSON.stringify(kept), body, ms);
  }

  async match(info: RequestInfo, options?: Options): Promise<Response | undefined> {
    if (arguments.length < 1) throw wrongArgument("match", "Cache", 1, key);
    requireHandler();
    const request = requestOf(info);
    if (request.method !== "GET" && !options?.ignoreMethod) return undefined;
    const told = host.cacheMatch(this.#name, request.url);
    if (told === undefined) return undefined;
    const { headers, ...init } = JSON.parse(told) as Kept;
    const empty = [101, 204, 205, 304].includes(init.status);
    const body = empty ? null : host.cacheBody(this.#name, request.url);
    return new Response(body, { ...init, headers: [...headers, ["cf-cache-status", "HIT"]] });
  }

  async delete(info: RequestInfo, options?: Options): Promise<boolean> {
    if (arguments.length < 1) throw wrongArgument("delete", "Cache", 1, key);
    requireHandler();
    const request = requestOf(info);
    if (request.method !== "GET" && !options?.ignoreMethod) return false;
    return host.cacheDelete(this.#name, request.url);
  }

  add(): never { throw lacking("add"); }
  addAll(): never { throw lacking("addAll"); }
  matchAll(): never { throw lacking("matchAll"); }
  keys(): never { throw lacking("keys"); }
}

function lacking(method: string): Error {
  return new Error(`Failed to execute '${method}' on 'Cache': the method is not implemented.`);
}

class CacheStorage {
  declare readonly default: Cache;

  constructor(maker?: unknown) {
    if (maker !== making) throw illegalConstructor();
    Object.defineProperty(this, "default", { value: new Cache(making), enumerable: true });
  }

  async open(name: string): Promise<Cache> {
    return new Cache(making, `${name}`);
  }

  has(): never { throw storageLacking("has"); }
  delete(): never { throw storageLacking("delete"); }
  keys(): never { throw storageLacking("keys"); }
  match(): never { throw storageLacking("match"); }
}

function storageLacking(method: string): Error {
  return new Error(`Failed to execute '${method}' on 'CacheStorage': the method is not implemented.`);
}

expose("Cache", Cache);
expose("CacheStorage", CacheStorage);
defineOwnGlobal("caches", new CacheStorage(making));
