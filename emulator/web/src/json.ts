// JSON.parse with V8's error messages, which people test for and read. The
// engine parses; only text that it refuses is looked at again, for the words.

const parse = JSON.parse;

/** How much of the text is shown on either side of what was not expected. */
const context = 10;

class Refusal {
  constructor(
    readonly what: string,
    readonly at: number,
  ) {}
}

/** Walks over JSON text and throws a Refusal at the first place that is wrong. */
class Scanner {
  #at = 0;

  constructor(readonly text: string) {}

  whole(): void {
    this.#value();
    this.#space();
    if (this.#at < this.text.length) this.#refuse("Unexpected non-whitespace character after JSON");
  }

  #value(): void {
    this.#space();
    const next = this.text[this.#at];
    if (next === "{") this.#object();
    else if (next === "[") this.#array();
    else if (next === '"') this.#string();
    else if (next === "-" || isDigit(next)) this.#number();
    else this.#word();
  }

  #object(): void {
    this.#at++;
    if (this.#next("}")) return;
    for (let first = true; ; first = false) {
      this.#space();
      if (this.text[this.#at] !== '"') {
        this.#refuse(first ? "Expected property name or '}' in JSON" : "Expected double-quoted property name in JSON");
      }
      this.#string();
      if (!this.#next(":")) this.#refuse("Expected ':' after property name in JSON");
      this.#value();
      if (this.#next("}")) return;
      if (!this.#next(",")) this.#refuse("Expected ',' or '}' after property value in JSON");
    }
  }

  #array(): void {
    this.#at++;
    if (this.#next("]")) return;
    for (;;) {
      this.#value();
      if (this.#next("]")) return;
      if (!this.#next(",")) this.#refuse("Expected ',' or ']' after array element in JSON");
    }
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const next = this.text[this.#at];
      if (next === undefined) this.#refuse("Unterminated string in JSON");
      if (next! < " ") this.#refuse("Bad control character in string literal in JSON");
      this.#at++;
      if (next === '"') return;
      if (next === "\\") this.#escape();
    }
  }

  #escape(): void {
    const next = this.text[this.#at];
    if (next === undefined) this.#refuseToken();
    if (!'"\\/bfnrtu'.includes(next!)) this.#refuse("Bad escaped character in JSON");
    this.#at++;
    for (let i = 0; next === "u" && i < 4; i++, this.#at++) {
      if (!/^[0-9a-f]$/i.test(this.text[this.#at] ?? "")) this.#refuse("Bad Unicode escape in JSON");
    }
  }

  #number(): void {
    if (this.text[this.#at] === "-") {
      this.#at++;
      if (!isDigit(this.text[this.#at])) this.#refuse("No number after minus sign in JSON");
    }
    if (this.text[this.#at] === "0") {
      this.#at++;
      if (isDigit(this.text[this.#at])) this.#refuse("Unexpected number in JSON");
    }
    this.#digits();
    if (this.text[this.#at] === ".") {
      this.#at++;
      if (!this.#digits()) this.#refuse("Unterminated fractional number in JSON");
    }
    if (this.text[this.#at] === "e" || this.text[this.#at] === "E") {
      this.#at++;
      if (this.text[this.#at] === "+" || this.text[this.#at] === "-") this.#at++;
      if (!this.#digits()) this.#refuse("Exponent part is missing a number in JSON");
    }
  }

  #digits(): boolean {
    const start = this.#at;
    while (isDigit(this.text[this.#at])) this.#at++;
    return this.#at > start;
  }

  #word(): void {
    const word = ["true", "false", "null"].find((w) => w[0] === this.text[this.#at]) ?? "";
    for (let i = 0; i < word.length; i++, this.#at++) {
      if (this.text[this.#at] !== word[i]) this.#refuseToken();
    }
    if (word === "") this.#refuseToken();
  }

  #space(): void {
    while (" \t\n\r".includes(this.text[this.#at] ?? "x")) this.#at++;
  }

  #next(token: string): boolean {
    this.#space();
    if (this.text[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #refuse(what: string): never {
    throw new Refusal(`${what} at position ${this.#at} ${place(this.text, this.#at)}`, this.#at);
  }

  #refuseToken(): never {
    const { text } = this;
    const at = this.#at;
    if (at >= text.length) throw new Refusal("Unexpected end of JSON input", at);
    if (text[at] === "-" || isDigit(text[at])) this.#refuse("Unexpected number in JSON");
    if (text[at] === '"') this.#refuse("Unexpected string in JSON");
    if (["NaN", "Infinity", "undefined", "[object Object]"].includes(text)) {
      throw new Refusal(`"${text}" is not valid JSON`, at);
    }
    throw new Refusal(`Unexpected token '${text[at]}', ${excerpt(text, at)} is not valid JSON`, at);
  }
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}

function place(text: string, at: number): string {
  const lines = text.slice(0, at).split(/\r\n|\n|\r/);
  return `(line ${lines.length} column ${lines.at(-1)!.length + 1})`;
}

function excerpt(text: string, at: number): string {
  if (text.length <= 2 * context) return `"${text}"`;
  const before = at < context ? '"' : '..."';
  const after = at < text.length - context ? '"...' : '"';
  return before + text.slice(Math.max(0, at - context), at + context) + after;
}

/** What V8 says is wrong with a text, or undefined when nothing is. */
export function jsonRefusal(text: string): string | undefined {
  try {
    new Scanner(text).whole();
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.what;
  }
  return undefined;
}

Object.defineProperty(JSON, "parse", {
  value: {
    parse(text: unknown, reviver?: (this: unknown, key: string, value: unknown) => unknown): unknown {
      const source = typeof text === "string" ? text : String(text);
      try {
        return parse(source, reviver);
      } catch (error) {
        const message = error instanceof SyntaxError ? jsonRefusal(source) : undefined;
        throw message === undefined ? error : new SyntaxError(message);
      }
    },
  }.parse,
  writable: true,
  configurable: true,
});
