// Parts of a pattern, and the regular expression they make, URL Pattern
// Standard sections 2.1.3 to 2.1.6.

import { tokenize, type Token, type TokenType } from "./tokens";

export type Modifier = "" | "?" | "*" | "+";

export interface Part {
  type: "fixed" | "segment" | "full" | "regexp";
  value: string;
  modifier: Modifier;
  name: string;
  prefix: string;
  suffix: string;
}

export interface Options {
  delimiter: string;
  prefix: string;
  ignoreCase: boolean;
}

const everything = ".*";

const escapeRegExp = (text: string) => text.replace(/[.+*?^${}()[\]|/\\]/g, "\\$&");
const segment = ({ delimiter }: Options) => `[^${escapeRegExp(delimiter)}]+?`;

// parse takes a pattern apart; encode brings its fixed text into the form that
// URLs have.
export function parse(input: string, options: Options, encode: (text: string) => string): Part[] {
  return new Parser(input, options, encode).parts();
}

class Parser {
  #tokens: Token[];
  #at = 0;
  #parts: Part[] = [];
  #fixed = "";
  #nextName = 0;

  constructor(readonly input: string, readonly options: Options, readonly encode: (text: string) => string) {
    this.#tokens = tokenize(input);
  }

  parts(): Part[] {
    while (this.#at < this.#tokens.length) {
      const char = this.#take("char");
      const name = this.#take("name");
      const group = this.#regexp(name);
      if (name || group) {
        this.#matching(char?.value ?? "", name, group);
        continue;
      }
      const fixed = char ?? this.#take("escaped-char");
      if (fixed) {
        this.#fixed += fixed.value;
        continue;
      }
      if (this.#take("open")) this.#group();
      else {
        this.#flush();
        this.#need("end");
      }
    }
    return this.#parts;
  }

  // A name or expression of its own; the character before it is its prefix
  // when it is the one that parts the component.
  #matching(before: string, name: Token | undefined, group: Token | undefined): void {
    let prefix = before;
    if (prefix !== "" && prefix !== this.options.prefix) {
      this.#fixed += prefix;
      prefix = "";
    }
    this.#flush();
    this.#add(prefix, name, group, "", this.#modifier());
  }

  #group(): void {
    const prefix = this.#text();
    const name = this.#take("name");
    const group = this.#regexp(name);
    const suffix = this.#text();
    this.#need("close");
    this.#add(prefix, name, group, suffix, this.#modifier());
  }

  #take(type: TokenType): Token | undefined {
    const token = this.#tokens[this.#at];
    if (token?.type !== type) return undefined;
    this.#at++;
    return token;
  }

  #need(type: TokenType): void {
    if (!this.#take(type)) throw new TypeError(`Invalid URL pattern: "${this.input}".`);
  }

  #regexp(name: Token | undefined): Token | undefined {
    return this.#take("regexp") ?? (name ? undefined : this.#take("asterisk"));
  }

  #modifier(): Modifier {
    const token = this.#take("other-modifier") ?? this.#take("asterisk");
    return (token?.value ?? "") as Modifier;
  }

  #text(): string {
    let text = "";
    for (;;) {
      const token = this.#take("char") ?? this.#take("escaped-char");
      if (!token) return text;
      text += token.value;
    }
  }

  #flush(): void {
    if (this.#fixed === "") return;
    this.#parts.push({ type: "fixed", value: this.encode(this.#fixed), modifier: "", name: "", prefix: "", suffix: "" });
    this.#fixed = "";
  }

  #add(prefix: string, name: Token | undefined, group: Token | undefined, suffix: string, modifier: Modifier): void {
    if (!name && !group) {
      if (modifier === "") {
        this.#fixed += prefix;
        return;
      }
      this.#flush();
      if (prefix !== "") {
        this.#parts.push({ type: "fixed", value: this.encode(prefix), modifier, name: "", prefix: "", suffix: "" });
      }
      return;
    }
    this.#flush();
    this.#parts.push({
      ...this.#expression(group), modifier, name: this.#name(name),
      prefix: this.encode(prefix), suffix: this.encode(suffix),
    });
  }

  #expression(group: Token | undefined): Pick<Part, "type" | "value"> {
    if (!group || (group.type === "regexp" && group.value === segment(this.options))) return { type: "segment", value: "" };
    if (group.type === "asterisk" || group.value === everything) return { type: "full", value: "" };
    return { type: "regexp", value: group.value };
  }

  #name(token: Token | undefined): string {
    const name = token ? token.value : `${this.#nextName++}`;
    if (this.#parts.some((part) => part.name === name)) {
      throw new TypeError(`Invalid URL pattern: the name "${name}" occurs twice in "${this.input}".`);
    }
    return name;
  }
}

// toRegExp makes the expression that a component must match, and the names of
// its groups.
export function toRegExp(parts: Part[], options: Options): { expression: RegExp; names: string[] } {
  const names: string[] = [];
  let source = "^";
  for (const part of parts) {
    if (part.type === "fixed") {
      source += part.modifier === "" ? escapeRegExp(part.value) : `(?:${escapeRegExp(part.value)})${part.modifier}`;
      continue;
    }
    names.push(part.name);
    source += groupSource(part, options);
  }
  try {
    return { expression: new RegExp(`${source}$`, options.ignoreCase ? "vi" : "v"), names };
  } catch (error) {
    throw new TypeError(`Invalid URL pattern: ${(error as Error).message}.`);
  }
}

function groupSource(part: Part, options: Options): string {
  const { modifier } = part;
  const value = part.type === "segment" ? segment(options) : part.type === "full" ? everything : part.value;
  const [prefix, suffix] = [escapeRegExp(part.prefix), escapeRegExp(part.suffix)];
  if (prefix === "" && suffix === "") {
    if (modifier === "" || modifier === "?") return `(${value})${modifier}`;
    return `((?:${value})${modifier})`;
  }
  if (modifier === "" || modifier === "?") return `(?:${prefix}(${value})${suffix})${modifier}`;
  const again = `(?:${prefix}((?:${value})(?:${suffix}${prefix}(?:${value}))*)${suffix})`;
  return modifier === "*" ? `${again}?` : again;
}

const escapePattern = (text: string) => text.replace(/[+*?:{}()\\]/g, "\\$&");

// toPattern writes parts as a pattern again.
export function toPattern(parts: Part[], options: Options): string {
  let pattern = "";
  parts.forEach((part, i) => {
    if (part.type === "fixed") {
      pattern += part.modifier === "" ? escapePattern(part.value) : `{${escapePattern(part.value)}}${part.modifier}`;
      return;
    }
    const body = groupPattern(part, parts[i - 1], options);
    const group = needsBraces(part, parts[i - 1], parts[i + 1], options);
    const affixed = `${escapePattern(part.prefix)}${body}${escapePattern(part.suffix)}`;
    pattern += (group ? `{${affixed}}` : affixed) + part.modifier;
  });
  return pattern;
}

const customName = (part: Part) => !/^[0-9]/.test(part.name);
const namePart = /[$_\u200c\u200d\p{ID_Continue}]/u;

function needsBraces(part: Part, previous: Part | undefined, next: Part | undefined, options: Options): boolean {
  if (part.suffix !== "" || (part.prefix !== "" && part.prefix !== options.prefix)) return true;
  if (customName(part) && part.type === "segment" && part.modifier === "" && next && next.prefix === "" && next.suffix === "") {
    if (next.type === "fixed" ? namePart.test([...next.value][0] ?? "") : !customName(next)) return true;
  }
  return part.prefix === "" && previous?.type === "fixed" && previous.value.at(-1) === options.prefix && options.prefix !== "";
}

function groupPattern(part: Part, previous: Part | undefined, options: Options): string {
  const name = customName(part) ? `:${part.name}` : "";
  if (part.type === "regexp") return `${name}(${part.value})`;
  if (part.type === "segment") {
    if (name === "") return `(${segment(options)})`;
    return part.suffix !== "" && namePart.test([...part.suffix][0]!) ? `${name}\\` : name;
  }
  const star = name === "" && (!previous || previous.type === "fixed" || previous.modifier !== "" || part.prefix !== "");
  return star ? "*" : `${name}(${everything})`;
}
