// console.table: rows and columns drawn as a box.

import { inspect } from "../inspect";

const indexColumn = "(index)";
const valueColumn = "Values";

// table draws data, or answers undefined when there is nothing to tabulate.
export function table(data: unknown, only?: readonly string[]): string | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const columns = new Set<string>(only ?? []);
  const rows: Map<string, string>[] = [];
  let values = false;
  for (const [index, value] of rowsOf(data)) {
    const row = new Map([[indexColumn, index]]);
    if (typeof value === "object" && value !== null) {
      for (const name of only ?? Object.keys(value)) {
        columns.add(name);
        if (Object.hasOwn(value, name)) row.set(name, cell((value as Record<string, unknown>)[name]));
      }
    } else {
      values = true;
      row.set(valueColumn, cell(value));
    }
    rows.push(row);
  }
  return draw([indexColumn, ...columns, ...(values ? [valueColumn] : [])], rows);
}

function rowsOf(data: object): [string, unknown][] {
  if (data instanceof Map) return [...data.values()].map((value, i) => [`${i}`, value]);
  if (data instanceof Set) return [...data].map((value, i) => [`${i}`, value]);
  return Object.entries(data);
}

function cell(value: unknown): string {
  return inspect(value, { depth: typeof value === "object" && value !== null && Object.keys(value).length > 3 ? -1 : 0, maxArrayLength: 3, breakLength: Infinity });
}

function draw(columns: string[], rows: Map<string, string>[]): string {
  const widths = columns.map((name) => Math.max(name.length, ...rows.map((row) => (row.get(name) ?? "").length)) + 2);
  const line = (cells: string[]) => `│${cells.map((text, i) => ` ${text}`.padEnd(widths[i]!)).join("│")}│`;
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  return [
    rule("┌", "┬", "┐"),
    line(columns),
    rule("├", "┼", "┤"),
    ...rows.map((row) => line(columns.map((name) => row.get(name) ?? ""))),
    rule("└", "┴", "┘"),
  ].join("\n");
}
