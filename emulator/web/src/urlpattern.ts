// URLPattern, URL Pattern Standard section 1.2.

import { expose } from "./frame";
import { URL } from "./url";
import { canonicalize, components, optionsFor, specialPorts, type Component, type Init } from "./urlpattern/components";
import { parseString } from "./urlpattern/constructor-string";
import { parse, toPattern, toRegExp } from "./urlpattern/parts";

interface Compiled {
  pattern: string;
  expression: RegExp;
  names: string[];
  hasRegExp: boolean;
}

interface Match {
  input: string;
  groups: Record<string, string | undefined>;
}

interface Result extends Record<Component, Match> {
  inputs: (string | Init)[];
}

interface PatternOptions {
  ignoreCase?: boolean;
}

class URLPattern {
  #components = {} as Record<Component, Compiled>;

  constructor(input: string | Init = {}, baseOrOptions?: string | PatternOptions, options?: PatternOptions) {
    const base = typeof baseOrOptions === "string" ? baseOrOptions : undefined;
    const ignoreCase = !!(typeof baseOrOptions === "object" ? baseOrOptions : options)?.ignoreCase;
    const init = patternInit(input, base);
    if (init.port !== undefined && specialPorts[init.protocol ?? ""] === init.port) init.port = "";
    const protocol = compile("protocol", init.protocol ?? "*", false, false);
    const special = init.protocol === undefined || Object.keys(specialPorts).some((s) => protocol.expression.test(s));
    for (const component of components) {
      this.#components[component] =
        component === "protocol" ? protocol : compile(component, init[component] ?? "*", !special, ignoreCase);
    }
  }

  test(input: string | Init = {}, base?: string): boolean {
    return this.#match(input, base) !== null;
  }

  exec(input: string | Init = {}, base?: string): Result | null {
    return this.#match(input, base);
  }

  #match(input: string | Init, base: string | undefined): Result | null {
    const values = valuesOf(input, base);
    if (values === null) return null;
    const result = { inputs: base === undefined ? [input] : [input, base] } as Result;
    for (const component of components) {
      const { expression, names } = this.#components[component];
      const match = expression.exec(values[component]);
      if (!match) return null;
      const groups: Match["groups"] = {};
      names.forEach((name, i) => {
        groups[name] = match[i + 1];
      });
      result[component] = { input: values[component], groups };
    }
    return result;
  }

  get protocol(): string { return this.#components.protocol.pattern; }
  get username(): string { return this.#components.username.pattern; }
  get password(): string { return this.#components.password.pattern; }
  get hostname(): string { return this.#components.hostname.pattern; }
  get port(): string { return this.#components.port.pattern; }
  get pathname(): string { return this.#components.pathname.pattern; }
  get search(): string { return this.#components.search.pattern; }
  get hash(): string { return this.#components.hash.pattern; }
  get hasRegExpGroups(): boolean { return components.some((component) => this.#components[component].hasRegExp); }
}

function compile(component: Component, pattern: string, opaquePath: boolean, ignoreCase: boolean): Compiled {
  const options = optionsFor(component, opaquePath, ignoreCase);
  const encode = (text: string) => (component === "pathname" && opaquePath ? text : canonicalize(component, text));
  const parts = parse(pattern, options, encode);
  const { expression, names } = toRegExp(parts, options);
  return { pattern: toPattern(parts, options), expression, names, hasRegExp: parts.some((part) => part.type === "regexp") };
}

// patternInit gives the pattern of each component that was named, with those
// of the base URL for the ones that stand before the first.
function patternInit(input: string | Init, base: string | undefined): Init {
  if (typeof input !== "string") {
    if (base !== undefined) throw new TypeError("A URL pattern given by its components takes no base URL of its own.");
    return strip(inherit({ ...input }, input.baseURL, true));
  }
  const init = parseString(input);
  if (base === undefined && init.protocol === undefined) {
    throw new TypeError("Failed to construct URLPattern");
  }
  return strip(inherit(init, base, true));
}

function strip(init: Init): Init {
  const out: Init = { ...init };
  if (out.protocol !== undefined) out.protocol = out.protocol.replace(/:$/, "");
  if (out.search !== undefined) out.search = out.search.replace(/^\?/, "");
  if (out.hash !== undefined) out.hash = out.hash.replace(/^#/, "");
  return out;
}

const escapePattern = (text: string) => text.replace(/[+*?:{}()\\]/g, "\\$&");

function inherit(init: Init, baseURL: string | undefined, pattern: boolean): Init {
  delete init.baseURL;
  if (baseURL === undefined) return init;
  const base = new URL(baseURL);
  const text = (value: string) => (pattern ? escapePattern(value) : value);
  const named = (...names: Component[]) => names.some((name) => init[name] !== undefined);
  if (!named("protocol")) {
    if (!named("hostname", "port")) {
      if (!named("pathname")) {
        if (!named("search")) {
          if (!named("hash")) init.hash = text(base.hash.slice(1));
          init.search = text(base.search.slice(1));
        }
        init.pathname = text(base.pathname);
      } else if (!/^(?:\/|\\\/|\{\/)/.test(init.pathname!)) {
        init.pathname = text(base.pathname.slice(0, base.pathname.lastIndexOf("/") + 1)) + init.pathname;
      }
      init.port = base.port;
      init.hostname = text(base.hostname);
    }
    init.protocol = base.protocol.slice(0, -1);
  }
  return init;
}

// valuesOf gives the components of what is to be matched, or null when it is
// no URL.
function valuesOf(input: string | Init, base: string | undefined): Record<Component, string> | null {
  try {
    if (typeof input === "string") return ofURL(new URL(input, base));
    if (base !== undefined) throw new TypeError("A URL given by its components takes no base URL of its own.");
    const init = strip(inherit({ ...input }, input.baseURL, false));
    const values = {} as Record<Component, string>;
    for (const component of components) values[component] = canonicalize(component, init[component] ?? "", init.protocol);
    return values;
  } catch (error) {
    if (typeof input !== "string" && base !== undefined) throw error;
    return null;
  }
}

function ofURL(url: URL): Record<Component, string> {
  const { username, password, hostname, port, pathname } = url;
  return {
    protocol: url.protocol.slice(0, -1), username, password, hostname, port, pathname,
    search: url.search.slice(1), hash: url.hash.slice(1),
  };
}

expose("URLPattern", URLPattern);
