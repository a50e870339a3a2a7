// Tokens of a pattern, URL Pattern Standard section 2.1.1.

export type TokenType =
  | "open" | "close" | "regexp" | "name" | "char" | "escaped-char" | "other-modifier" | "asterisk" | "end" | "invalid-char";

export interface Token {
  type: TokenType;
  index: number; // in code points
  value: string;
}

const singles: Record<string, TokenType> = {
  "*": "asterisk", "+": "other-modifier", "?": "other-modifier", "{": "open", "}": "close",
};

const nameStart = /[$_\p{ID_Start}]/u;
const namePart = /[$_\u200c\u200d\p{ID_Continue}]/u;

// tokenize splits a pattern. Leniently, what is malformed becomes an
// invalid-char; else it throws.
export function tokenize(input: string, lenient = false): Token[] {
  const points = [...input];
  const tokens: Token[] = [];
  const malformed = (index: number, what: string): Token => {
    if (!lenient) throw new TypeError(`Invalid URL pattern: ${what} at ${index} of "${input}".`);
    return { type: "invalid-char", index, value: points[index]! };
  };
  for (let i = 0; i < points.length; ) {
    const token = next(points, i, malformed);
    tokens.push(token);
    i += token.type === "regexp" ? [...token.value].length + 2 : token.type === "name" ? [...token.value].length + 1
      : token.type === "escaped-char" ? 2 : 1;
  }
  tokens.push({ type: "end", index: points.length, value: "" });
  return tokens;
}

function next(points: string[], index: number, malformed: (index: number, what: string) => Token): Token {
  const c = points[index]!;
  const single = singles[c];
  if (single) return { type: single, index, value: c };
  if (c === "\\") {
    if (index === points.length - 1) return malformed(index, "an escape of nothing");
    return { type: "escaped-char", index, value: points[index + 1]! };
  }
  if (c === ":") {
    let end = index + 1;
    while (end < points.length && (end === index + 1 ? nameStart : namePart).test(points[end]!)) end++;
    if (end === index + 1) return malformed(index, "a name without letters");
    return { type: "name", index, value: points.slice(index + 1, end).join("") };
  }
  if (c === "(") return regexp(points, index, malformed);
  return { type: "char", index, value: c };
}

function regexp(points: string[], index: number, malformed: (index: number, what: string) => Token): Token {
  let depth = 1;
  let i = index + 1;
  for (; i < points.length && depth > 0; i++) {
    const c = points[i]!;
    if (c > "\x7f" || (c === "?" && i === index + 1)) return malformed(index, "a malformed group");
    if (c === "\\") i++;
    else if (c === ")") depth--;
    else if (c === "(") {
      depth++;
      if (points[i + 1] !== "?") return malformed(index, "a capturing group in a group");
    }
  }
  if (depth > 0 || i > points.length || i === index + 2) return malformed(index, "an unfinished group");
  return { type: "regexp", index, value: points.slice(index + 1, i - 1).join("") };
}
