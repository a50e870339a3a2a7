// What a call in a line of source calls, named as V8 names it in "x is not a
// function".

const word = /[\w$\u0080-\uffff]/;
const reserved = new Set(["if", "while", "for", "switch", "catch", "function", "super", "return", "typeof", "await", "yield", "import", "async"]);
const open: Record<string, string> = { ")": "(", "]": "[" };

/** Where the bracket opens that closes before end, -1 when it does not. */
function opening(text: string, end: number): number {
  const stack: string[] = [];
  for (let i = end - 1; i >= 0; i--) {
    const c = text[i]!;
    if (c === ")" || c === "]") stack.push(open[c]!);
    else if ((c === "(" || c === "[") && stack.pop() !== c) return -1;
    else if (c === '"' || c === "'" || c === "`") {
      i = text.lastIndexOf(c, i - 1);
      if (i < 0) return -1;
    }
    if (stack.length === 0) return i;
  }
  return -1;
}

/** What is in brackets, as V8 shows it. */
function element(inside: string): string {
  const literal = /^(["'])([\w$]+)\1$/.exec(inside);
  if (literal !== null) return /^\d/.test(literal[2]!) ? `[${literal[2]}]` : `.${literal[2]}`;
  return /^[\w$.]+$/.test(inside) ? `[${inside}]` : "[(intermediate value)]";
}

function grouped(inside: string): string {
  return /^[\w$., ]+$/.test(inside) ? `(${inside.replace(/\s*,\s*/g, " , ")})` : "(intermediate value)";
}

/** The expression that is called by the bracket at a place, and whether it is called with new. */
export function calleeAt(line: string, at: number): { callee: string; constructs: boolean } | undefined {
  if (line[at] !== "(") return undefined;
  let end = at;
  let callee = "";
  for (;;) {
    const last = line[end - 1];
    if (last === undefined) break;
    if (last === ")" || last === "]") {
      const from = opening(line, end);
      if (from < 0) return undefined;
      const inside = line.slice(from + 1, end - 1).trim();
      const continues = from > 0 && /[\w$)\]]/.test(line[from - 1]!) && !reserved.has(/[\w$]*$/.exec(line.slice(0, from))![0]);
      end = from;
      if (last === "]") callee = element(inside) + callee;
      else if (continues) callee = `(...)${callee}`;
      else {
        callee = grouped(inside) + callee;
        break;
      }
      if (continues) continue;
      return undefined; // a list, or something of that kind
    }
    if (!word.test(last)) return undefined;
    let from = end;
    while (from > 0 && word.test(line[from - 1]!)) from--;
    const name = line.slice(from, end);
    if (reserved.has(name)) return undefined;
    callee = name + callee;
    end = from;
    if (line[end - 1] === "#") {
      callee = `#${callee}`;
      end--;
    }
    if (line[end - 1] !== ".") break;
    end -= line[end - 2] === "?" ? 2 : 1;
    callee = `${line[end] === "?" ? "?." : "."}${callee}`;
  }
  return callee === "" ? undefined : { callee, constructs: /\bnew\s+$/.test(line.slice(0, end)) };
}
