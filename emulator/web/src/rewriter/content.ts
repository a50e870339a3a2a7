// What handlers put around and in place of a token.

import { isResponse, type Response } from "../response";
import { coreOf, isReadableStream, type ReadableStream } from "../streams/readable";
import { asBytes } from "../streams/shared";
import { utf8Encode } from "../utf8";
import { TextDecoder } from "../encoding";

export interface ContentOptions {
  html?: boolean;
}

type Content = string | ReadableStream;

/** Something that is written in a token's place. */
export interface Piece {
  content: Content;
  html: boolean;
}

/** Where output goes. */
export interface Output {
  write(bytes: Uint8Array): void;
}

/** The words of the platform's parser. */
export const parserError = (message: string) => new TypeError(`Parser error: ${message}`);

/** What a method was given, as a piece. */
export function pieceOf(owner: string, method: string, args: unknown[]): Piece {
  if (args.length === 0) {
    throw new TypeError(`Failed to execute '${method}' on '${owner}': parameter 1 is not of type 'string or JsReadableStream or Response'.`);
  }
  const [content, options] = args as [unknown, ContentOptions | null | undefined];
  if (options !== undefined && options !== null && typeof options !== "object") {
    throw new TypeError(`Failed to execute '${method}' on '${owner}': parameter 2 is not of type 'ContentOptions'.`);
  }
  return { content: contentOf(content), html: Boolean(options?.html) };
}

function contentOf(value: unknown): Content {
  if (isReadableStream(value)) return value;
  if (isResponse(value)) return (value as Response).body ?? "";
  return String(value);
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escaped = (text: string) => text.replace(/[&<>]/g, (c) => escapes[c]!);

/** Writes a piece; a promise when it is a stream. */
export function writePiece(output: Output, { content, html }: Piece): void | Promise<void> {
  if (typeof content !== "string") return writeStream(output, content, html);
  if (content !== "") output.write(utf8Encode(html ? content : escaped(content)));
}

async function writeStream(output: Output, stream: ReadableStream, html: boolean): Promise<void> {
  const reader = coreOf(stream).acquire();
  const decoder = new TextDecoder();
  for (;;) {
    const chunk = await new Promise<unknown>((resolve, reject) => reader.read({ chunk: resolve, close: () => resolve(undefined), error: reject }));
    if (chunk === undefined) break;
    const bytes = typeof chunk === "string" ? utf8Encode(chunk) : asBytes(chunk);
    if (bytes === undefined) throw new TypeError("This ReadableStream did not return bytes.");
    if (html) output.write(bytes.slice());
    else output.write(utf8Encode(escaped(decoder.decode(bytes, { stream: true }))));
  }
  if (!html) output.write(utf8Encode(escaped(decoder.decode())));
}

/** What is to become of a token. */
export class Mutations {
  before: Piece[] = [];
  replacement: Piece[] = [];
  after: Piece[] = [];
  removed = false;

  replace(piece: Piece): void {
    this.replacement = [piece];
    this.removed = true;
  }

  /** Writes the token with what is around it. */
  async write(output: Output, token: () => Uint8Array): Promise<void> {
    for (const piece of this.before) await writePiece(output, piece);
    if (!this.removed) output.write(token());
    for (const piece of this.replacement) await writePiece(output, piece);
    for (const piece of this.after) await writePiece(output, piece);
  }

  /** Whether the token stays as it is. */
  get none(): boolean {
    return !this.removed && this.before.length === 0 && this.after.length === 0;
  }
}
