// A whole pattern as one string, URL Pattern Standard section 2.1.2: taken
// apart by the marks that part the components of a URL.

import { tokenize, type Token } from "./tokens";
import { components, specialPorts, type Component, type Init } from "./components";
import { parse, toRegExp } from "./parts";

type State = Component | "init" | "authority" | "done";

// parseString gives the components that a pattern string names.
export function parseString(input: string): Init {
  return new Splitter(input).split();
}

class Splitter {
  #tokens: Token[];
  #points: string[];
  #result: Init = {};
  #at = 0;
  #start = 0;
  #step = 1;
  #depth = 0;
  #ipv6 = 0;
  #state: State = "init";
  #special = false;

  constructor(input: string) {
    this.#tokens = tokenize(input, true);
    this.#points = [...input];
  }

  split(): Init {
    for (; this.#at < this.#tokens.length; this.#at += this.#step) {
      this.#step = 1;
      if (this.#token.type === "end" && this.#end()) break;
      if (this.#token.type === "open") {
        this.#depth++;
        continue;
      }
      if (this.#depth > 0) {
        if (this.#token.type !== "close") continue;
        this.#depth--;
        continue;
      }
      this.#advance();
    }
    if (this.#result.hostname !== undefined && this.#result.port === undefined) this.#result.port = "";
    return this.#result;
  }

  get #token(): Token { return this.#tokens[this.#at] ?? this.#tokens.at(-1)!; }

  // end handles the end of the pattern and tells whether it is all done.
  #end(): boolean {
    if (this.#state === "init") {
      this.#rewind();
      if (this.#is("#")) this.#change("hash", 1);
      else if (this.#isSearch()) this.#change("search", 1);
      else this.#change("pathname", 0);
      return false;
    }
    if (this.#state === "authority") {
      this.#rewindTo("hostname");
      return false;
    }
    this.#change("done", 0);
    return true;
  }

  #advance(): void {
    switch (this.#state) {
      case "init":
        if (this.#is(":")) this.#rewindTo("protocol");
        break;
      case "protocol":
        if (this.#is(":")) this.#afterProtocol();
        break;
      case "authority":
        if (this.#is("@")) this.#rewindTo("username");
        else if (this.#is("/") || this.#isSearch() || this.#is("#")) this.#rewindTo("hostname");
        break;
      case "username":
        if (this.#is(":")) this.#change("password", 1);
        else if (this.#is("@")) this.#change("hostname", 1);
        break;
      case "password":
        if (this.#is("@")) this.#change("hostname", 1);
        break;
      case "hostname":
        if (this.#is("[")) this.#ipv6++;
        else if (this.#is("]")) this.#ipv6--;
        else if (this.#is(":") && this.#ipv6 === 0) this.#change("port", 1);
        else this.#pathOrLater();
        break;
      case "port":
        this.#pathOrLater();
        break;
      case "pathname":
        if (this.#isSearch()) this.#change("search", 1);
        else if (this.#is("#")) this.#change("hash", 1);
        break;
      case "search":
        if (this.#is("#")) this.#change("hash", 1);
    }
  }

  #pathOrLater(): void {
    if (this.#is("/")) this.#change("pathname", 0);
    else if (this.#isSearch()) this.#change("search", 1);
    else if (this.#is("#")) this.#change("hash", 1);
  }

  #afterProtocol(): void {
    this.#special = this.#matchesSpecial();
    if (this.#is("/", 1) && this.#is("/", 2)) this.#change("authority", 3);
    else this.#change(this.#special ? "authority" : "pathname", 1);
  }

  #matchesSpecial(): boolean {
    const options = { delimiter: "", prefix: "", ignoreCase: false };
    const { expression } = toRegExp(parse(this.#text(), options, (text) => text), options);
    return Object.keys(specialPorts).some((scheme) => expression.test(scheme));
  }

  #is(value: string, ahead = 0): boolean {
    const token = this.#tokens[this.#at + ahead];
    if (token?.value !== value) return false;
    return token.type === "char" || token.type === "escaped-char" || token.type === "invalid-char";
  }

  // A question mark begins the query unless it makes what stands before it
  // optional.
  #isSearch(): boolean {
    if (this.#is("?")) return true;
    if (this.#token.value !== "?") return false;
    const previous = this.#tokens[this.#at - 1];
    return !previous || !["name", "regexp", "close", "asterisk"].includes(previous.type);
  }

  #text(): string {
    return this.#points.slice(this.#tokens[this.#start]!.index, this.#token.index).join("");
  }

  #rewind(): void {
    this.#at = this.#start;
    this.#step = 0;
  }

  #rewindTo(state: State): void {
    this.#rewind();
    this.#state = state;
  }

  #change(next: State, skip: number): void {
    const state = this.#state;
    if (state !== "init" && state !== "authority" && state !== "done") this.#result[state] = this.#text();
    if (state !== "init" && next !== "done") this.#fill(state, next);
    this.#state = next;
    this.#at += skip;
    this.#start = this.#at;
    this.#step = 0;
  }

  // What comes before a component that was named is empty, not anything.
  #fill(state: State, next: State): void {
    const order = (s: State) => (s === "authority" ? 0 : components.indexOf(s as Component));
    const from = order(state);
    const to = order(next);
    const result = this.#result;
    if (from < 4 && to >= 4) result.hostname ??= "";
    if (from < 5 && to >= 6) result.pathname ??= this.#special ? "/" : "";
    if (from < 6 && to === 7) result.search ??= "";
  }
}
