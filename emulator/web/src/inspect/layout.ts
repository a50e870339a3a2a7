// Layout: what fits stands on one line, short elements of a list in columns,
// everything else on lines of its own.

export interface Layout {
  breakLength: number;
  // The number of inner levels that may share a line.
  compact: number;
  indentation: number;
  // The level of the object that was printed last.
  depth: number;
}

export interface Shape {
  // Stands before the bracket, for an error or a function with properties.
  base: string;
  open: string;
  close: string;
  output: string[];
  // The elements are those of a list; `more` of the output says what was cut.
  list: boolean;
  more?: boolean;
  // Numbers are aligned to the right.
  numeric?: boolean;
  // The whole text when there is no output.
  empty?: string;
}

export function layout(to: Layout, shape: Shape, depth: number): string {
  const { base, open, close } = shape;
  const before = base ? `${base} ` : "";
  let output = shape.output;
  if (to.compact >= 1) {
    const entries = output.length;
    if (shape.list && entries > 6) output = columns(to, shape);
    if (to.depth - depth < to.compact && entries === output.length) {
      const line = oneLine(to, shape, output);
      if (line !== undefined) return line;
    }
  }
  const indent = `\n${" ".repeat(to.indentation)}`;
  return `${before}${open}${indent}  ${output.join(`,${indent}  `)}${indent}${close}`;
}

function oneLine(to: Layout, { base, open, close }: Shape, output: string[]): string | undefined {
  const start = output.length + to.indentation + open.length + base.length + 10;
  let total = output.length + start;
  for (const entry of output) total += entry.length;
  if (total > to.breakLength || base.includes("\n")) return undefined;
  const joined = output.join(", ");
  if (joined.includes("\n")) return undefined;
  return `${base ? `${base} ` : ""}${open} ${joined} ${close}`;
}

// columns puts the elements of a list into rows of equal columns, near to the
// form of a square.
function columns(to: Layout, { output, more, numeric }: Shape): string[] {
  const gap = 2;
  const entries = more ? output.length - 1 : output.length;
  const lengths = output.slice(0, entries).map((entry) => entry.length);
  const total = lengths.reduce((sum, n) => sum + n + gap, 0);
  const widest = Math.max(...lengths) + gap;
  if (widest * 3 + to.indentation >= to.breakLength) return output;
  if (total / widest <= 5 && widest - gap > 6) return output;
  const bias = Math.sqrt(widest - total / output.length);
  const biased = Math.max(widest - 3 - bias, 1);
  const count = Math.min(
    Math.round(Math.sqrt(2.5 * biased * entries) / biased),
    Math.floor((to.breakLength - to.indentation) / widest),
    to.compact * 4,
    15,
  );
  if (count <= 1) return output;
  return rows(output, lengths, count, numeric ?? false);
}

function rows(output: string[], lengths: number[], count: number, numeric: boolean): string[] {
  const entries = lengths.length;
  const widths: number[] = [];
  for (let column = 0; column < count; column++) {
    let width = 0;
    for (let i = column; i < entries; i += count) width = Math.max(width, lengths[i]!);
    widths.push(width + 2);
  }
  const lines: string[] = [];
  for (let start = 0; start < entries; start += count) {
    const end = Math.min(start + count, entries);
    let line = "";
    for (let i = start; i < end; i++) {
      const last = i === end - 1;
      const width = widths[i - start]!;
      if (numeric) line += last ? output[i]!.padStart(width - 2) : `${output[i]}, `.padStart(width);
      else line += last ? output[i] : `${output[i]}, `.padEnd(width);
    }
    lines.push(line);
  }
  return [...lines, ...output.slice(entries)];
}
