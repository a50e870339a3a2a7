// One document on its way through handlers.

import { DOMException } from "../domexception";
import { hostOf } from "../host";
import type { RewriterHost } from "../host/rewriter";
import { utf8Encode } from "../utf8";
import { Mutations, parserError, writePiece, type Output } from "./content";
import { Kind, type CommentRecord, type DoctypeRecord, type EndRecord, type Record_, type StartRecord, type TextRecord } from "./records";
import {
  Comment, Doctype, DocumentEnd, Element, EndTag, Text, token,
  type Attribute, type CommentInside, type DoctypeInside, type ElementInside, type EndTagInside, type TextInside, type Token,
} from "./tokens";

const host = hostOf<RewriterHost>();

export type Handlers = Partial<Record<"element" | "comments" | "text" | "doctype" | "end", (token: never) => unknown>>;

/** A selector, null for the document, and what is done there. */
export interface Part {
  selector: string | null;
  handlers: Handlers;
}

/** Frees what a document held that nobody read to its end. */
const lost = new FinalizationRegistry((reader: number) => host.rewriterClose(reader));

export class Rewriting {
  readonly #parts: Part[];
  readonly #reader: number;
  readonly #legacy: boolean;
  /** The elements handed out whose content goes on. */
  readonly #open = new Map<number, ElementInside>();
  /** How many of them have their content removed. */
  #removing = 0;
  #written: Uint8Array[] = [];
  readonly #output: Output = {
    write: (bytes) => {
      if (bytes.byteLength > 0) this.#written.push(bytes);
    },
  };

  constructor(parts: Part[], charset: string) {
    this.#parts = parts;
    const wants = parts.map(({ handlers }) => Object.keys(handlers).join(" "));
    this.#reader = host.rewriterOpen(parts.map((part) => part.selector ?? ""), wants, charset);
    this.#legacy = charset !== "utf-8";
    lost.register(this, this.#reader);
  }

  /** Rewrites some more, the last of it with end. */
  async feed(bytes: Uint8Array | undefined, end: boolean): Promise<Uint8Array[]> {
    for (const record of host.rewriterFeed(this.#reader, bytes, end) as unknown as Record_[]) await this.#record(record);
    if (end) await this.#end();
    const written = this.#written;
    this.#written = [];
    return this.#legacy ? written.map((piece) => new Uint8Array(host.rewriterEncode(this.#reader, piece))) : written;
  }

  close(): void {
    host.rewriterClose(this.#reader);
  }

  #record(record: Record_): void | Promise<void> {
    switch (record[0]) {
      case Kind.Raw:
        if (this.#removing === 0) this.#output.write(new Uint8Array(record[1]));
        return;
      case Kind.Start: return this.#start(record);
      case Kind.End: return this.#endTag(record);
      case Kind.Text: return this.#text(record);
      case Kind.Comment: return this.#comment(record);
      case Kind.Doctype: return this.#doctype(record);
      case Kind.Failure: throw parserError(record[1]);
    }
  }

  /** Runs the handlers of the parts that asked for a token. */
  async #run(parts: number[], name: keyof Handlers, made: Token, inside: { live: boolean }): Promise<void> {
    try {
      for (const part of parts) {
        const { handlers } = this.#parts[part]!;
        const result = handlers[name]!.call(handlers, made as never);
        if (result instanceof Promise) await result;
      }
    } catch (error) {
      throw error instanceof Error || error instanceof DOMException ? error : new Error(String(error));
    } finally {
      inside.live = false;
    }
  }

  async #write(mutations: Mutations, source: () => Uint8Array): Promise<void> {
    if (this.#removing > 0) return;
    if (mutations.none) this.#output.write(source());
    else await mutations.write(this.#output, source);
  }

  async #start([, parts, bytes, name, triples, closed, hasContent, namespace, number]: StartRecord): Promise<void> {
    const attributes: Attribute[] = [];
    for (let i = 0; i < triples.length; i += 3) attributes.push({ name: triples[i]!, value: triples[i + 1]!, source: triples[i + 2] });
    const inside: ElementInside = {
      live: true, mutations: new Mutations(), name, renamed: false, attributes, changes: 0, namespace, hasContent,
      contentRemoved: false, end: new Mutations(), onEndTag: undefined,
    };
    inside.mutations.removed = this.#removing > 0;
    await this.#run(parts, "element", token(Element, inside), inside);
    await this.#write(inside.mutations, () => (inside.renamed || inside.changes > 0 ? startTag(inside, closed) : new Uint8Array(bytes)));
    if (!hasContent) return;
    this.#open.set(number, inside);
    if (inside.contentRemoved) this.#removing++;
  }

  async #endTag([, bytes, name, ends]: EndRecord): Promise<void> {
    const inside: EndTagInside = { live: true, mutations: new Mutations(), name, renamed: false };
    const made = token(EndTag, inside);
    try {
      for (const number of ends) {
        const element = this.#open.get(number)!;
        this.#open.delete(number);
        if (element.contentRemoved) this.#removing--;
        // As on the platform what an outer element wants takes the place of what one within it wanted.
        if (!element.end.none) inside.mutations = element.end;
        if (element.renamed) Object.assign(inside, { name: element.name, renamed: true });
        const result = element.onEndTag?.call(undefined, made);
        if (result instanceof Promise) await result;
      }
    } finally {
      inside.live = false;
    }
    await this.#write(inside.mutations, () => (inside.renamed ? utf8Encode(`</${inside.name}>`) : new Uint8Array(bytes)));
  }

  async #text([, parts, text, last]: TextRecord): Promise<void> {
    const inside: TextInside = { live: true, mutations: new Mutations(), text, last };
    await this.#run(parts, "text", token(Text, inside), inside);
    await this.#write(inside.mutations, () => utf8Encode(text));
  }

  async #comment([, parts, bytes, text]: CommentRecord): Promise<void> {
    const inside: CommentInside = { live: true, mutations: new Mutations(), text, changed: false };
    await this.#run(parts, "comments", token(Comment, inside), inside);
    await this.#write(inside.mutations, () => (inside.changed ? utf8Encode(`<!--${inside.text}-->`) : new Uint8Array(bytes)));
  }

  async #doctype([, parts, bytes, name, publicId, systemId]: DoctypeRecord): Promise<void> {
    const inside: DoctypeInside = { live: true, mutations: new Mutations(), name, publicId, systemId };
    await this.#run(parts, "doctype", token(Doctype, inside), inside);
    await this.#write(inside.mutations, () => new Uint8Array(bytes));
  }

  async #end(): Promise<void> {
    const parts = this.#parts.flatMap(({ handlers }, i) => ("end" in handlers ? [i] : []));
    if (parts.length === 0) return;
    parts.reverse(); // the platform's order
    const inside = { live: true, mutations: new Mutations() };
    await this.#run(parts, "end", token(DocumentEnd, inside), inside);
    for (const piece of inside.mutations.after) await writePiece(this.#output, piece);
  }
}

/** A start tag that was changed. What was not keeps its looks. */
function startTag(inside: ElementInside, closed: boolean): Uint8Array {
  const attributes = inside.attributes.map(({ name, value, source }) => ` ${source ?? `${name}="${value.replaceAll('"', "&quot;")}"`}`);
  return utf8Encode(`<${inside.name}${attributes.join("")}${closed ? " /" : ""}>`);
}
