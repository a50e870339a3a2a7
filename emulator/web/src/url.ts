// URL, URL Standard section 6.1. Parsing is the host's; a URL keeps the parts
// of its last parse.

import { expose } from "./frame";
import { host } from "./host";
import { boundParams, resetParams, type URLSearchParams } from "./urlsearchparams";

// The places of the parts in what the host answers.
const enum Part {
  Href,
  Protocol,
  Username,
  Password,
  Hostname,
  Port,
  Pathname,
  Search,
  Hash,
  Origin,
}

// The URL parsed last: a Worker often parses that of its request again.
let lastURL = "";
let lastParts: string[] | undefined;

function parse(url: unknown, base: unknown): string[] | undefined {
  const text = `${url}`;
  if (base !== undefined) return host.parseURL(text, `${base}`);
  if (text === lastURL && lastParts !== undefined) return lastParts;
  const parts = host.parseURL(text, undefined);
  if (parts !== undefined) {
    lastURL = text;
    lastParts = parts;
  }
  return parts;
}

// parseHref gives the serialized form of a URL, or undefined.
export function parseHref(url: string, base?: string): string | undefined {
  return parse(url, base)?.[Part.Href];
}

const invalid = () => new TypeError("Invalid URL string.");

export class URL {
  #parts: string[];
  #params: URLSearchParams | undefined;

  constructor(url: string | URL, base?: string | URL) {
    const parts = parse(url, base);
    if (parts === undefined) throw invalid();
    this.#parts = parts;
  }

  static canParse(url: string | URL, base?: string | URL): boolean {
    return parse(url, base) !== undefined;
  }
  static parse(url: string | URL, base?: string | URL): URL | null {
    const parts = parse(url, base);
    return parts === undefined ? null : new URL(parts[Part.Href]!);
  }
  static createObjectURL(): never {
    throw new Error("URL.createObjectURL() is not implemented.");
  }
  static revokeObjectURL(): never {
    throw new Error("URL.revokeObjectURL() is not implemented.");
  }

  // An invalid value leaves the part as it was.
  #set(part: string, value: unknown): void {
    this.#parts = host.setURLPart(this.#parts[Part.Href]!, part, `${value}`);
  }

  get href(): string { return this.#parts[Part.Href]!; }
  set href(value: string) {
    const parts = parse(value, undefined);
    if (parts === undefined) throw invalid();
    this.#parts = parts;
    if (this.#params) resetParams(this.#params, this.search);
  }
  get origin(): string { return this.#parts[Part.Origin]!; }
  get protocol(): string { return this.#parts[Part.Protocol]!; }
  set protocol(value: string) { this.#set("protocol", value); }
  get username(): string { return this.#parts[Part.Username]!; }
  set username(value: string) { this.#set("username", value); }
  get password(): string { return this.#parts[Part.Password]!; }
  set password(value: string) { this.#set("password", value); }
  get host(): string { return this.port ? `${this.hostname}:${this.port}` : this.hostname; }
  set host(value: string) { this.#set("host", value); }
  get hostname(): string { return this.#parts[Part.Hostname]!; }
  set hostname(value: string) { this.#set("hostname", value); }
  get port(): string { return this.#parts[Part.Port]!; }
  set port(value: string) { this.#set("port", value); }
  get pathname(): string { return this.#parts[Part.Pathname]!; }
  set pathname(value: string) { this.#set("pathname", value); }
  get search(): string { return this.#parts[Part.Search]!; }
  set search(value: string) {
    this.#set("search", value);
    if (this.#params) resetParams(this.#params, this.search);
  }
  get hash(): string { return this.#parts[Part.Hash]!; }
  set hash(value: string) { this.#set("hash", value); }

  get searchParams(): URLSearchParams {
    return (this.#params ??= boundParams(this.search, (query) => this.#set("search", query)));
  }

  toString(): string { return this.href; }
  toJSON(): string { return this.href; }
}

expose("URL", URL);
