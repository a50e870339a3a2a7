// How values look when printed: the conventions of Node's util.inspect, which
// console and node:util share.

import { primitive, type Style } from "./inspect/primitive";
import { layout, type Layout } from "./inspect/layout";
import { isEmpty, parts } from "./inspect/parts";

export interface InspectOptions {
  depth?: number | null;
  showHidden?: boolean;
  maxArrayLength?: number | null;
  maxStringLength?: number | null;
  breakLength?: number;
  compact?: number | boolean;
  sorted?: boolean | ((a: string, b: string) => number);
  getters?: boolean | "get" | "set";
  customInspect?: boolean;
  colors?: boolean;
  showProxy?: boolean;
  numericSeparator?: boolean;
}

// custom is the symbol of a method that says how its object is printed.
export const custom = Symbol.for("nodejs.util.inspect.custom");

export const defaults: Required<InspectOptions> = {
  depth: 2,
  showHidden: false,
  maxArrayLength: 100,
  maxStringLength: 10000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  customInspect: true,
  colors: false,
  showProxy: false,
  numericSeparator: false,
};

// inspect gives the text of a value.
export function inspect(value: unknown, options?: InspectOptions | boolean): string {
  const given = typeof options === "boolean" ? { showHidden: options } : options;
  return new Printer({ ...defaults, ...given }).value(value, 0);
}

const unlimited = (n: number | null): number => n ?? Infinity;

// A Printer prints one value and what it holds.
export class Printer {
  readonly layout: Layout;
  #seen: object[] = [];
  #circular: Map<object, number> | undefined;

  constructor(readonly options: Required<InspectOptions>) {
    const { breakLength, compact } = options;
    const levels = compact === true ? 3 : compact === false ? 0 : compact;
    this.layout = { breakLength, compact: levels, indentation: 0, depth: 0 };
  }

  value(value: unknown, depth: number): string {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      return primitive(value, this.#style(depth));
    }
    if (this.options.customInspect) {
      const text = this.#custom(value, depth);
      if (text !== undefined) return text;
    }
    if (this.#seen.includes(value)) {
      this.#circular ??= new Map();
      if (!this.#circular.has(value)) this.#circular.set(value, this.#circular.size + 1);
      return `[Circular *${this.#circular.get(value)}]`;
    }
    return this.#object(value, depth);
  }

  #style(depth: number): Style {
    const { maxStringLength, breakLength } = this.options;
    return {
      maxLength: unlimited(maxStringLength),
      // A long text of several lines is broken only inside an object.
      width: depth > 0 ? breakLength - this.layout.indentation - 4 : Infinity,
      indentation: this.layout.indentation,
    };
  }

  #custom(value: object, depth: number): string | undefined {
    const method = (value as any)[custom];
    if (typeof method !== "function" || method === inspect) return undefined;
    const left = unlimited(this.options.depth) - depth;
    const answer = method.call(value, left, { ...this.options }, inspect);
    if (answer === value) return undefined;
    const text = typeof answer === "object" && answer !== null ? this.value(answer, depth) : `${answer}`;
    return text.replaceAll("\n", `\n${" ".repeat(this.layout.indentation)}`);
  }

  #object(value: object, depth: number): string {
    const empty = isEmpty(value);
    if (typeof value !== "function" && depth > unlimited(this.options.depth) && !empty) return `[${shortName(value)}]`;
    this.#seen.push(value);
    if (!empty) this.layout.depth = depth;
    const shape = parts(value, this, depth + 1);
    this.#seen.pop();
    if (this.options.sorted && !shape.list) {
      shape.output.sort(typeof this.options.sorted === "function" ? this.options.sorted : undefined);
    }
    const index = this.#circular?.get(value);
    const mark = index === undefined ? "" : `<ref *${index}> `;
    if (shape.output.length === 0 && shape.base !== "") return mark + shape.base;
    if (shape.output.length === 0 && shape.empty) return mark + shape.empty;
    return layout(this.layout, { ...shape, base: shape.base, open: mark && !shape.base ? mark + shape.open : shape.open }, depth);
  }

  // nested prints what an object holds, indented by `by`.
  nested(value: unknown, depth: number, by = 2): string {
    this.layout.indentation += by;
    const text = this.value(value, depth);
    this.layout.indentation -= by;
    return text;
  }
}

function shortName(value: object): string {
  if (Array.isArray(value)) return "Array";
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null) return "Object: null prototype";
  const name = (value as any).constructor?.name;
  return typeof name === "string" && name ? name : "Object";
}
