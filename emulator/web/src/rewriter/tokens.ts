// The tokens that handlers get. Each is valid while its handlers run.

import { illegalConstructor, illegalInvocation, webClass, wrongArgument } from "../brand";
import { Mutations, parserError, pieceOf } from "./content";

/** A token's inside; the objects that scripts have are keys to it. */
interface Inside {
  live: boolean;
  mutations: Mutations;
}

const insides = new WeakMap<object, Inside>();

function insideOf<T extends Inside>(token: object): T {
  const inside = insides.get(token);
  if (inside === undefined) throw illegalInvocation();
  if (!inside.live) {
    throw new TypeError("This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.");
  }
  return inside as T;
}

const making = Symbol();

class Token {
  constructor(key: symbol) {
    if (key !== making) throw illegalConstructor();
  }
}

function token<T extends Token>(constructor: new (key: symbol) => T, inside: Inside): T {
  const made = new constructor(making);
  insides.set(made, inside);
  return made;
}

/** Makes the class of a token: methods on its prototype, properties above that. */
function shape(constructor: Function, name: string, properties: Record<string, PropertyDescriptor>): void {
  const above = Object.create(Object.prototype, properties);
  delete (constructor.prototype as { constructor?: unknown }).constructor;
  Object.setPrototypeOf(constructor.prototype, above);
  Object.defineProperty(constructor.prototype, "constructor", { value: constructor, writable: true, configurable: true });
  webClass(constructor as never, name);
}

const property = <T extends Inside>(get: (inside: T) => unknown, set?: (inside: T, value: unknown) => void): PropertyDescriptor => ({
  get(this: object) {
    return get(insideOf<T>(this));
  },
  ...(set && {
    set(this: object, value: unknown) {
      set(insideOf<T>(this), value);
    },
  }),
  enumerable: true,
  configurable: true,
});

const removed = property((inside) => inside.mutations.removed);

/** The arguments of a method, each a string. */
function strings(owner: string, method: string, args: unknown[], count: number): string[] {
  for (let i = 0; i < count; i++) if (i >= args.length) throw wrongArgument(method, owner, i + 1, "string");
  return args.slice(0, count).map(String);
}

// ---- text, comments, document types, the end ----

export interface TextInside extends Inside {
  text: string;
  last: boolean;
}

export class Text extends Token {
  before(...args: unknown[]): this {
    insideOf(this).mutations.before.push(pieceOf("Text", "before", args));
    return this;
  }
  after(...args: unknown[]): this {
    insideOf(this).mutations.after.unshift(pieceOf("Text", "after", args));
    return this;
  }
  replace(...args: unknown[]): this {
    insideOf(this).mutations.replace(pieceOf("Text", "replace", args));
    return this;
  }
  remove(): this {
    insideOf(this).mutations.removed = true;
    return this;
  }
}
shape(Text, "Text", {
  removed,
  text: property<TextInside>((inside) => inside.text),
  lastInTextNode: property<TextInside>((inside) => inside.last),
});

export interface CommentInside extends Inside {
  text: string;
  changed: boolean;
}

export class Comment extends Token {
  before(...args: unknown[]): this {
    insideOf(this).mutations.before.push(pieceOf("Comment", "before", args));
    return this;
  }
  after(...args: unknown[]): this {
    insideOf(this).mutations.after.unshift(pieceOf("Comment", "after", args));
    return this;
  }
  replace(...args: unknown[]): this {
    insideOf(this).mutations.replace(pieceOf("Comment", "replace", args));
    return this;
  }
  remove(): this {
    insideOf(this).mutations.removed = true;
    return this;
  }
}
shape(Comment, "Comment", {
  removed,
  text: property<CommentInside>(
    (inside) => inside.text,
    (inside, value) => {
      const text = String(value);
      if (text.includes("-->")) throw parserError("Comment text shouldn't contain a comment-closing sequence.");
      inside.text = text;
      inside.changed = true;
    },
  ),
});

export interface DoctypeInside extends Inside {
  name: string | null;
  publicId: string | null;
  systemId: string | null;
}

export class Doctype extends Token {}
shape(Doctype, "Doctype", {
  name: property<DoctypeInside>((inside) => inside.name),
  publicId: property<DoctypeInside>((inside) => inside.publicId),
  systemId: property<DoctypeInside>((inside) => inside.systemId),
});

export class DocumentEnd extends Token {
  append(...args: unknown[]): this {
    insideOf(this).mutations.after.push(pieceOf("DocumentEnd", "append", args));
    return this;
  }
}
shape(DocumentEnd, "DocumentEnd", {});

// ---- tags ----

const forbidden = /[ \n\r\t\f/>]/;

function checkedTagName(value: unknown): string {
  const name = String(value);
  if (name === "") throw parserError("Tag name can't be empty.");
  if (!/^[a-z]/i.test(name)) throw parserError("The first character of the tag name should be an ASCII alphabetical character.");
  const wrong = forbidden.exec(name);
  if (wrong !== null) throw parserError(`\`${wrong[0]}\` character is forbidden in the tag name`);
  return name;
}

function checkedAttributeName(name: string): string {
  if (name === "") throw parserError("Attribute name can't be empty.");
  const wrong = /[ \n\r\t\f/>=]/.exec(name);
  if (wrong !== null) throw parserError(`\`${wrong[0]}\` character is forbidden in the attribute name`);
  return name;
}

const lower = (name: string) => name.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());

export interface EndTagInside extends Inside {
  name: string;
  renamed: boolean;
}

export class EndTag extends Token {
  before(...args: unknown[]): this {
    insideOf(this).mutations.before.push(pieceOf("EndTag", "before", args));
    return this;
  }
  after(...args: unknown[]): this {
    insideOf(this).mutations.after.unshift(pieceOf("EndTag", "after", args));
    return this;
  }
  remove(): this {
    insideOf(this).mutations.removed = true;
    return this;
  }
}
shape(EndTag, "EndTag", {
  name: property<EndTagInside>(
    (inside) => lower(inside.name),
    (inside, value) => {
      inside.name = checkedTagName(value);
      inside.renamed = true;
    },
  ),
});

export interface Attribute {
  name: string;
  value: string;
  /** As it was written, undefined when it was set. */
  source: string | undefined;
}

export type EndTagHandler = (end: EndTag) => unknown;

export interface ElementInside extends Inside {
  name: string;
  renamed: boolean;
  attributes: Attribute[];
  /** How often they were changed. */
  changes: number;
  namespace: string;
  hasContent: boolean;
  contentRemoved: boolean;
  /** What is to become of the end tag. */
  end: Mutations;
  onEndTag: EndTagHandler | undefined;
}

function removeContent(inside: ElementInside): void {
  inside.contentRemoved = true;
  inside.mutations.after = [];
  inside.end.before = [];
}

const find = (inside: ElementInside, name: string) => inside.attributes.find((a) => lower(a.name) === lower(name));

/** The attributes of an element in turn, up to its next change. */
class AttributesIterator {
  #inside: ElementInside;
  #changes: number;
  #next = 0;

  constructor(key: symbol, inside: ElementInside) {
    if (key !== making) throw illegalConstructor();
    this.#inside = inside;
    this.#changes = inside.changes;
  }
  next(): IteratorResult<[string, string]> {
    const { attributes, changes } = this.#inside;
    const found = changes === this.#changes ? attributes[this.#next++] : undefined;
    return found === undefined ? { done: true, value: undefined } : { done: false, value: [lower(found.name), found.value] };
  }
  [Symbol.iterator](): this {
    return this;
  }
}
webClass(AttributesIterator, "AttributesIterator");

export class Element extends Token {
  getAttribute(...args: unknown[]): string | null {
    const inside = insideOf<ElementInside>(this);
    const [name] = strings("Element", "getAttribute", args, 1);
    return find(inside, name!)?.value ?? null;
  }
  hasAttribute(...args: unknown[]): boolean {
    const inside = insideOf<ElementInside>(this);
    const [name] = strings("Element", "hasAttribute", args, 1);
    return find(inside, name!) !== undefined;
  }
  setAttribute(...args: unknown[]): this {
    const inside = insideOf<ElementInside>(this);
    const [name, value] = strings("Element", "setAttribute", args, 2) as [string, string];
    const found = find(inside, checkedAttributeName(name));
    if (found === undefined) inside.attributes.push({ name: lower(name), value, source: undefined });
    else Object.assign(found, { value, source: undefined });
    inside.changes++;
    return this;
  }
  removeAttribute(...args: unknown[]): this {
    const inside = insideOf<ElementInside>(this);
    const [name] = strings("Element", "removeAttribute", args, 1);
    const found = find(inside, name!);
    if (found === undefined) return this;
    inside.attributes.splice(inside.attributes.indexOf(found), 1);
    inside.changes++;
    return this;
  }
  before(...args: unknown[]): this {
    insideOf(this).mutations.before.push(pieceOf("Element", "before", args));
    return this;
  }
  after(...args: unknown[]): this {
    const { hasContent, mutations, end } = insideOf<ElementInside>(this);
    (hasContent ? end : mutations).after.unshift(pieceOf("Element", "after", args));
    return this;
  }
  prepend(...args: unknown[]): this {
    const { hasContent, mutations } = insideOf<ElementInside>(this);
    const piece = pieceOf("Element", "prepend", args);
    if (hasContent) mutations.after.unshift(piece);
    return this;
  }
  append(...args: unknown[]): this {
    const { hasContent, end } = insideOf<ElementInside>(this);
    const piece = pieceOf("Element", "append", args);
    if (hasContent) end.before.push(piece);
    return this;
  }
  replace(...args: unknown[]): this {
    const inside = insideOf<ElementInside>(this);
    inside.mutations.replace(pieceOf("Element", "replace", args));
    if (!inside.hasContent) return this;
    removeContent(inside);
    inside.end.removed = true;
    return this;
  }
  remove(): this {
    const inside = insideOf<ElementInside>(this);
    inside.mutations.removed = true;
    if (!inside.hasContent) return this;
    removeContent(inside);
    inside.end.removed = true;
    return this;
  }
  removeAndKeepContent(): this {
    const inside = insideOf<ElementInside>(this);
    inside.mutations.removed = true;
    if (inside.hasContent) inside.end.removed = true;
    return this;
  }
  setInnerContent(...args: unknown[]): this {
    const inside = insideOf<ElementInside>(this);
    const piece = pieceOf("Element", "setInnerContent", args);
    if (!inside.hasContent) return this;
    removeContent(inside);
    inside.mutations.after.push(piece);
    return this;
  }
  onEndTag(...args: unknown[]): void {
    const inside = insideOf<ElementInside>(this);
    if (typeof args[0] !== "function") throw wrongArgument("onEndTag", "Element", 1, "function");
    if (!inside.hasContent) throw parserError("No end tag.");
    inside.onEndTag = args[0] as EndTagHandler;
  }
}
shape(Element, "Element", {
  tagName: property<ElementInside>(
    (inside) => lower(inside.name),
    (inside, value) => {
      inside.name = checkedTagName(value);
      inside.renamed = true;
    },
  ),
  attributes: property<ElementInside>((inside) => new AttributesIterator(making, inside)),
  removed,
  namespaceURI: property<ElementInside>((inside) => inside.namespace),
});

export { Token, token };
