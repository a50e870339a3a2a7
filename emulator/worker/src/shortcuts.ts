// get, put and delete of stubs, which they had before fetcher_no_get_put_delete:
// requests whose responses are taken apart.

import { wrongArgument } from "web/brand";
import { Blob } from "web/blob";
import { refused } from "web/flags";
import { Request, type RequestInit } from "web/request";
import type { Response } from "web/response";
import { URL } from "web/url";
import { baseOf, Fetcher } from "./stub";

interface PutOptions {
  expiration?: unknown;
  expirationTtl?: unknown;
}

const bodyTypes =
  "JsReadableStream or string or BufferSource or Blob or FormData or URLSearchParams or URLSearchParams or JsUrlSearchParams or AsyncGenerator";

function urlOf(method: string, args: unknown[]): string {
  if (args.length === 0) throw wrongArgument(method, "Fetcher", 1, "string");
  return String(args[0]);
}

function refuse(method: string, { status, statusText }: Response): never {
  throw new Error(`HTTP ${method} request failed: ${status} ${statusText}`);
}

async function demandOK(method: string, exchange: Promise<Response>): Promise<void> {
  const response = await exchange;
  if (!response.ok) refuse(method, response);
}

function read(response: Response, type: string): unknown {
  switch (type) {
    case "text": return response.text();
    case "json": return response.json();
    case "arrayBuffer": return response.arrayBuffer();
    case "stream": return response.body ?? new Blob([]).stream();
  }
  throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
}

/** A URL with the options of put in its query. */
function withOptions(url: string, base: string, { expiration, expirationTtl }: PutOptions): string {
  const target = URL.parse(url, base || undefined);
  if (target === null) return url;
  if (expiration !== undefined) target.searchParams.append("expiration", `${Math.trunc(Number(expiration))}`);
  if (expirationTtl !== undefined) target.searchParams.append("expiration_ttl", `${Math.trunc(Number(expirationTtl))}`);
  return target.href;
}

const shortcuts = {
  async get(this: Fetcher, ...args: unknown[]): Promise<unknown> {
    const response = await this.fetch(urlOf("get", args), { method: "GET" });
    if (response.status === 404 || response.status === 410) return null;
    if (!response.ok) refuse("GET", response);
    return read(response, args[1] === undefined ? "text" : String(args[1]));
  },
  async put(this: Fetcher, ...args: unknown[]): Promise<void> {
    const url = urlOf("put", args);
    if (args[1] === undefined || args[1] === null) throw wrongArgument("put", "Fetcher", 2, bodyTypes);
    const init: RequestInit = { method: "PUT", body: args[1] as RequestInit["body"] };
    const options = args[2] as PutOptions | undefined;
    return demandOK("PUT", this.fetch(new Request(options === undefined ? url : withOptions(url, baseOf(this), options), init)));
  },
  async delete(this: Fetcher, ...args: unknown[]): Promise<void> {
    return demandOK("DELETE", this.fetch(urlOf("delete", args), { method: "DELETE" }));
  },
};

/** Gives stubs their shortcuts, where the Worker's date has them. */
export function addShortcuts(): void {
  if (!refused("fetcher_no_get_put_delete")) return;
  for (const [name, value] of Object.entries(shortcuts)) {
    Object.defineProperty(Fetcher.prototype, name, { value, writable: true, enumerable: true, configurable: true });
  }
}
