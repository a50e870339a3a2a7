// node:url: the older way to take URLs apart, and what stands around URL.

import { codedError, invalidArgType } from "./errors";
import path from "./path";
import querystring from "./querystring";
import { toASCII, toUnicode } from "./punycode";
import { checkString } from "./validate";

declare const URL: any;
declare const URLSearchParams: any;

const slashed = new Set(["http:", "https:", "ftp:", "gopher:", "file:", "ws:", "wss:"]);

/** A URL in parts, as url.parse gives it. */
export function Url(this: any): void {
  for (const key of ["protocol", "slashes", "auth", "host", "port", "hostname", "hash", "search", "query", "pathname", "path", "href"]) this[key] = null;
}

const escapes: Record<string, string> = Object.fromEntries(
  ["\t", "\n", "\r", " ", '"', "'", "<", ">", "\\", "^", "`", "{", "|", "}"].map((c) => [c, `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`]),
);

function parse(text: any, parseQuery?: boolean, slashesDenoteHost?: boolean): any {
  if (text instanceof (Url as any)) return text;
  const made = new (Url as any)();
  made.parse(text, parseQuery, slashesDenoteHost);
  return made;
}

Url.prototype.parse = function (this: any, text: any, parseQuery?: boolean, slashesDenoteHost?: boolean): any {
  checkString(text, "url");
  // A backslash before the query is a slash.
  const cut = text.search(/[?#]/);
  let rest = (cut < 0 ? text.replaceAll("\\", "/") : text.slice(0, cut).replaceAll("\\", "/") + text.slice(cut)).trim();
  if (!slashesDenoteHost && !/[#@]/.test(rest)) {
    const simple = /^(\/\/?(?!\/)[^?\s]*)(\?[^\s]*)?$/.exec(rest);
    if (simple && !rest.startsWith("//")) {
      this.path = this.href = rest;
      this.pathname = simple[1];
      this.search = simple[2] ?? (parseQuery ? "" : null);
      this.query = simple[2] ? (parseQuery ? querystring.parse(simple[2].slice(1)) : simple[2].slice(1)) : parseQuery ? Object.create(null) : null;
      return this;
    }
  }
  const protocol = /^[a-z0-9.+-]+:/i.exec(rest)?.[0];
  if (protocol) {
    this.protocol = protocol.toLowerCase();
    rest = rest.slice(protocol.length);
  }
  const scripted = this.protocol === "javascript:";
  let slashes = false;
  if (slashesDenoteHost || protocol || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
    slashes = rest.startsWith("//");
    if (slashes && !scripted) {
      rest = rest.slice(2);
      this.slashes = true;
    }
  }
  // What is no web address may have a host without slashes, when it has a user: mailto:a@b.
  if (!scripted && (slashes || (protocol && !slashed.has(this.protocol) && rest.includes("@")))) rest = host(this, rest, text);
  if (!scripted) rest = rest.replace(/[\t\n\r "'<>\\^`{|}]/g, (c) => escapes[c]!);
  split(this, rest, parseQuery);
  if (slashed.has(this.protocol) && this.hostname && !this.pathname) this.pathname = "/";
  if (this.pathname || this.search) this.path = (this.pathname ?? "") + (this.search ?? "");
  this.href = this.format();
  return this;
};

/** Takes user, host and port off the front. */
function host(url: any, rest: string, text: string): string {
  const end = rest.search(/[/?#]/);
  let authority = end < 0 ? rest : rest.slice(0, end);
  let after = end < 0 ? "" : rest.slice(end);
  const at = authority.lastIndexOf("@");
  if (at >= 0) {
    url.auth = decodeURIComponent(authority.slice(0, at));
    authority = authority.slice(at + 1);
  }
  const wrong = /[\t\n\r "'<>\\^`{|};]/.exec(authority);
  if (wrong) {
    after = authority.slice(wrong.index) + after;
    authority = authority.slice(0, wrong.index);
    if (!after.startsWith("/") && !/^[?#]/.test(after)) after = `/${after}`;
  }
  const port = /:(\d*)$/.exec(authority);
  let name = authority;
  if (port) {
    if (port[1] !== "") url.port = port[1];
    name = authority.slice(0, port.index);
  } else if (/:[^\]]*$/.test(authority) && !authority.startsWith("[")) {
    throw Object.assign(codedError(TypeError, "ERR_INVALID_URL", "Invalid URL"), { input: text });
  }
  const six = name.startsWith("[") && name.endsWith("]");
  name = six ? name.slice(1, -1).toLowerCase() : toASCII(name.toLowerCase());
  url.hostname = name.length > 255 ? "" : name;
  url.host = (six ? `[${name}]` : url.hostname) + (url.port ? `:${url.port}` : "");
  return after;
}

function split(url: any, rest: string, parseQuery?: boolean): void {
  const hash = rest.indexOf("#");
  if (hash >= 0) {
    url.hash = rest.slice(hash);
    rest = rest.slice(0, hash);
  }
  const query = rest.indexOf("?");
  if (query >= 0) {
    url.search = rest.slice(query);
    url.query = parseQuery ? querystring.parse(rest.slice(query + 1)) : rest.slice(query + 1);
    rest = rest.slice(0, query);
  } else if (parseQuery) {
    url.search = null;
    url.query = Object.create(null);
  }
  if (rest) url.pathname = rest;
}

Url.prototype.format = function (this: any): string {
  const auth = this.auth ? `${encodeURIComponent(this.auth).replace(/%3A/i, ":")}@` : "";
  let protocol = this.protocol || "";
  if (protocol && !protocol.endsWith(":")) protocol += ":";
  let pathname = this.pathname || "";
  let host = "";
  if (this.host) host = auth + this.host;
  else if (this.hostname) host = auth + (this.hostname.includes(":") && !this.hostname.startsWith("[") ? `[${this.hostname}]` : this.hostname) + (this.port ? `:${this.port}` : "");
  const query = this.query !== null && typeof this.query === "object" ? querystring.stringify(this.query) : "";
  let search = this.search || (query && `?${query}`) || "";
  pathname = pathname.replace(/[?#]/g, encodeURIComponent);
  if (this.slashes || ((!protocol || slashed.has(protocol)) && host !== "")) {
    host = `//${host}`;
    if (pathname && !pathname.startsWith("/")) pathname = `/${pathname}`;
  }
  if (search && !search.startsWith("?")) search = `?${search}`;
  const hash = this.hash ? (this.hash.startsWith("#") ? this.hash : `#${this.hash}`) : "";
  return protocol + host + pathname + search.replaceAll("#", "%23") + hash;
};

Url.prototype.parseHost = function (this: any): void {
  const port = /:([0-9]*)$/.exec(this.host);
  if (port) {
    if (port[0] !== ":") this.port = port[1];
    this.host = this.host.slice(0, -port[0].length);
  }
  if (this.host) this.hostname = this.host;
};

Url.prototype.resolve = function (this: any, relative: any): string {
  return this.resolveObject(parse(relative, false, true)).format();
};

Url.prototype.resolveObject = function (this: any, relative: any): any {
  if (typeof relative === "string") relative = parse(relative, false, true);
  const result = new (Url as any)();
  Object.assign(result, this);
  result.hash = relative.hash;
  if (relative.href === "") {
    result.href = result.format();
    return result;
  }
  if (relative.protocol && relative.protocol !== result.protocol) {
    Object.assign(result, relative);
    result.href = result.format();
    return result;
  }
  if (relative.host || (relative.slashes && !relative.protocol && relative.hostname !== null)) {
    for (const key of ["slashes", "auth", "host", "hostname", "port", "pathname", "search", "query"]) result[key] = relative[key];
    result.pathname = dotless(result.pathname ?? (slashed.has(result.protocol) ? "/" : null));
  } else if (!relative.pathname) {
    if (relative.search !== null) Object.assign(result, { search: relative.search, query: relative.query });
  } else {
    const base = relative.pathname.startsWith("/") ? relative.pathname : (this.pathname ?? (this.host ? "/" : "")).replace(/[^/]*$/, "") + relative.pathname;
    result.pathname = dotless(base);
    Object.assign(result, { search: relative.search, query: relative.query });
  }
  result.path = result.pathname || result.search ? (result.pathname ?? "") + (result.search ?? "") : null;
  result.href = result.format();
  return result;
};

/** A path without its dots. */
function dotless(pathname: string | null): string | null {
  if (pathname === null) return null;
  const absolute = pathname.startsWith("/");
  const out: string[] = [];
  const parts = pathname.split("/");
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    if (part === "." || part === "..") {
      if (part === ".." && out.length > (absolute ? 1 : 0)) out.pop();
      if (last) out.push("");
    } else {
      out.push(part);
    }
  }
  const joined = out.join("/");
  return absolute && !joined.startsWith("/") ? `/${joined}` : joined;
}

function format(value: any, options?: any): string {
  if (typeof value === "string") value = parse(value);
  else if (typeof value !== "object" || value === null) throw invalidArgType("urlObject", ["Object", "string"], value);
  else if (value instanceof URL) return formatURL(value, options);
  return Url.prototype.format.call(value);
}
Object.defineProperty(format, "length", { value: 2 });

function formatURL(url: any, options: any = {}): string {
  const { fragment = true, unicode = false, search = true, auth = true } = options;
  const user = auth && (url.username || url.password) ? `${url.username}${url.password ? `:${url.password}` : ""}@` : "";
  const host = unicode ? toUnicode(url.hostname) + (url.port ? `:${url.port}` : "") : url.host;
  return `${url.protocol}${host || url.protocol === "file:" ? "//" : ""}${user}${host}${url.pathname}${search ? url.search : ""}${fragment ? url.hash : ""}`;
}

function domainToASCII(domain: any): string {
  if (arguments.length < 1) throw codedError(TypeError, "ERR_MISSING_ARGS", 'The "domain" argument must be specified');
  return URL.parse(`ws://${domain}`)?.hostname ?? "";
}

function domainToUnicode(domain: any): string {
  if (arguments.length < 1) throw codedError(TypeError, "ERR_MISSING_ARGS", 'The "domain" argument must be specified');
  return toUnicode(URL.parse(`ws://${domain}`)?.hostname ?? "");
}

function fileURLToPath(value: any, _options?: any): string {
  const url = typeof value === "string" ? new URL(value) : value;
  if (!(url instanceof URL)) throw invalidArgType("path", ["string", "URL"], value);
  if (url.protocol !== "file:") throw codedError(TypeError, "ERR_INVALID_URL_SCHEME", "The URL must be of scheme file");
  if (url.hostname !== "") throw codedError(TypeError, "ERR_INVALID_FILE_URL_HOST", 'File URL host must be "localhost" or empty on linux');
  if (/%2f/i.test(url.pathname)) throw codedError(TypeError, "ERR_INVALID_FILE_URL_PATH", "File URL path must not include encoded / characters");
  return decodeURIComponent(url.pathname);
}

const special: Record<string, string> = { "%": "%25", "\\": "%5C", "\n": "%0A", "\r": "%0D", "\t": "%09", "?": "%3F", "#": "%23" };

function pathToFileURL(file: any, _options?: any): any {
  checkString(file, "path");
  let resolved = (path as any).posix.resolve(file);
  if (file.endsWith("/") && !resolved.endsWith("/")) resolved += "/";
  return new URL(`file://${resolved.replace(/[%\\\n\r\t?#]/g, (c: string) => special[c]!)}`);
}

function urlToHttpOptions(url: any): any {
  const { hostname, pathname, port, username, password, search } = url;
  const options: any = {
    __proto__: null, ...url, protocol: url.protocol,
    hostname: hostname && hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    hash: url.hash, search, pathname, path: `${pathname || ""}${search || ""}`, href: url.href,
  };
  if (port !== "") options.port = Number(port);
  if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return options;
}

export default {
  domainToASCII, domainToUnicode, URL, URLSearchParams, fileURLToPath, pathToFileURL,
  toPathIfFileURL: (value: any) => (value instanceof URL ? fileURLToPath(value) : value),
  urlToHttpOptions, format, parse,
  resolve: (from: any, to: any) => parse(from, false, true).resolve(to),
  resolveObject: (from: any, to: any) => (from ? parse(from, false, true).resolveObject(to) : to),
  Url,
};
