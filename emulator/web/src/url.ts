// URL, URL Standard section 6.1. Parsing is the host's; a URL keeps the parts
// of its last parse.

import { expose } from "./frame";
import { host } from "./host";
import { boundParams, registerQueryChange, resetParams, type Parsed, type URLSearchParams } from "./urlsearchparams";

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
  const text = typeof url === "string" ? url : `${url}`;
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

/** Tells a URL of a new query. */
registerQueryChange((record, query) => setPart(record, "search", query));

const invalid = () => new TypeError("Invalid URL string.");

/** Sets one part; an invalid value leaves it as it was. */
function setPart(record: Parsed, part: string, value: unknown): void {
  record.parts = host.setURLPart(record.parts[Part.Href]!, part, `${value}`);
}

export class URL {
  #record: Parsed;
  #params: URLSearchParams | undefined;

  constructor(url: string | URL, base?: string | URL) {
    const parts = parse(url, base);
    if (parts === undefined) throw invalid();
    this.#record = { parts };
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

  get href(): string { return this.#record.parts[Part.Href]!; }
  set href(value: string) {
    const parts = parse(value, undefined);
    if (parts === undefined) throw invalid();
    this.#record.parts = parts;
    if (this.#params) resetParams(this.#params, this.search);
  }
  get origin(): string { return this.#record.parts[Part.Origin]!; }
  get protocol(): string { return this.#record.parts[Part.Protocol]!; }
  set protocol(value: string) { setPart(this.#record, "protocol", value); }
  get username(): string { return this.#record.parts[Part.Username]!; }
  set username(value: string) { setPart(this.#record, "username", value); }
  get password(): string { return this.#record.parts[Part.Password]!; }
  set password(value: string) { setPart(this.#record, "password", value); }
  get host(): string { return this.port ? `${this.hostname}:${this.port}` : this.hostname; }
  set host(value: string) { setPart(this.#record, "host", value); }
  get hostname(): string { return this.#record.parts[Part.Hostname]!; }
  set hostname(value: string) { setPart(this.#record, "hostname", value); }
  get port(): string { return this.#record.parts[Part.Port]!; }
  set port(value: string) { setPart(this.#record, "port", value); }
  get pathname(): string { return this.#record.parts[Part.Pathname]!; }
  set pathname(value: string) { setPart(this.#record, "pathname", value); }
  get search(): string { return this.#record.parts[Part.Search]!; }
  set search(value: string) {
    setPart(this.#record, "search", value);
    if (this.#params) resetParams(this.#params, this.search);
  }
  get hash(): string { return this.#record.parts[Part.Hash]!; }
  set hash(value: string) { setPart(this.#record, "hash", value); }

  get searchParams(): URLSearchParams {
    return (this.#params ??= boundParams(this.search, this.#record));
  }

  toString(): string { return this.href; }
  toJSON(): string { return this.href; }
}

expose("URL", URL);
