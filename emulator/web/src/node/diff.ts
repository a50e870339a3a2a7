// The difference of two texts, line by line.

export interface Line {
  mark: " " | "+" | "-";
  text: string;
}

// Past this many cells the table of the longest common subsequence costs more
// than a shorter difference is worth.
const maxCells = 1_000_000;

// diffLines marks what only the actual text has with "+", and what only the
// expected text has with "-".
export function diffLines(actual: string[], expected: string[]): Line[] {
  let start = 0;
  while (start < actual.length && start < expected.length && same(actual[start]!, expected[start]!)) ++start;
  let end = 0;
  const room = Math.min(actual.length, expected.length) - start;
  while (end < room && same(actual[actual.length - 1 - end]!, expected[expected.length - 1 - end]!)) ++end;
  const keep = (text: string): Line => ({ mark: " ", text });
  return [
    ...actual.slice(0, start).map(keep),
    ...changes(actual.slice(start, actual.length - end), expected.slice(start, expected.length - end)),
    ...actual.slice(actual.length - end).map(keep),
  ];
}

// Lines that differ in a comma at their end alone are the same: an element was
// added or taken away after them.
function same(a: string, b: string): boolean {
  return a === b || (a.length !== b.length && a.replace(/,$/, "") === b.replace(/,$/, ""));
}

function changes(actual: string[], expected: string[]): Line[] {
  const added = (text: string): Line => ({ mark: "+", text });
  const removed = (text: string): Line => ({ mark: "-", text });
  if (actual.length * expected.length > maxCells) return [...actual.map(added), ...expected.map(removed)];
  const table = commonLengths(actual, expected);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < actual.length || j < expected.length) {
    if (i < actual.length && j < expected.length && same(actual[i]!, expected[j]!)) {
      lines.push({ mark: " ", text: actual[i++]! });
      ++j;
    } else if (j >= expected.length || (i < actual.length && table[i + 1]![j]! >= table[i]![j + 1]!)) {
      lines.push(added(actual[i++]!));
    } else {
      lines.push(removed(expected[j++]!));
    }
  }
  return lines;
}

// commonLengths gives, for each pair of places, the length of the longest
// common subsequence from there on.
function commonLengths(a: string[], b: string[]): Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; --i) {
    for (let j = b.length - 1; j >= 0; --j) {
      table[i]![j] = same(a[i]!, b[j]!) ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  return table;
}

// collapse leaves out long runs of unchanged lines, but for context around
// each change, and tells whether it did.
export function collapse(lines: Line[], context = 2): { lines: string[]; skipped: boolean } {
  const out: string[] = [];
  let skipped = false;
  const near = lines.map(() => false);
  lines.forEach((line, i) => {
    if (line.mark === " ") return;
    for (let k = Math.max(0, i - context); k <= Math.min(lines.length - 1, i + context); ++k) near[k] = true;
  });
  for (let i = 0; i < lines.length; ++i) {
    let end = i;
    while (end < lines.length && !near[end]) ++end;
    if (end - i > 1) {
      out.push("...");
      skipped = true;
      i = end - 1;
      continue;
    }
    out.push(`${lines[i]!.mark} ${lines[i]!.text}`);
  }
  return { lines: out, skipped };
}
