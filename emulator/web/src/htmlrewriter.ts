// HTMLRewriter, which only the platform has: changes a document on its way.

import { expose } from "./frame";
import { hostOf } from "./host";
import type { EncodingHost } from "./host/encoding";
import type { RewriterHost } from "./host/rewriter";
import { isResponse, Response } from "./response";
import { Rewriting, type Handlers, type Part } from "./rewriter/rewriting";
import { parserError } from "./rewriter/content";
import { ByteSource } from "./streams/byte-source";
import { ReadableCore, type ReaderCore } from "./streams/readable-core";
import { coreOf, readableOf } from "./streams/readable";
import { asBytes, handled } from "./streams/shared";

const host = hostOf<RewriterHost & EncodingHost>();

/** The handlers among a script's object: a copy that keeps it as this. */
function checked(value: unknown, type: string, names: (keyof Handlers)[]): Handlers {
  const found: Handlers = {};
  for (const name of names) {
    const handler = (value as Record<string, unknown> | null | undefined)?.[name];
    if (handler === undefined) continue;
    if (typeof handler !== "function") throw new TypeError(`Incorrect type for the '${name}' field on '${type}': the provided value is not of type 'function'.`);
    found[name] = handler.bind(value);
  }
  return found;
}

function requireObject(value: unknown, method: string, position: number, type: string): void {
  if (value === undefined || value === null || typeof value === "object" || typeof value === "function") return;
  throw new TypeError(`Failed to execute '${method}' on 'HTMLRewriter': parameter ${position} is not of type '${type}'.`);
}

const parts = new WeakMap<object, Part[]>();

export interface HTMLRewriter {
  on(selector: string, handlers: object): HTMLRewriter;
  onDocument(handlers: object): HTMLRewriter;
  transform(response: Response): Response;
}

// A function, because a class has words of its own for a call without new.
export const HTMLRewriter = function HTMLRewriter(this: HTMLRewriter) {
  if (new.target === undefined) {
    throw new TypeError(
      "Failed to construct 'HTMLRewriter': Please use the 'new' operator, this object constructor cannot be called as a function.",
    );
  }
  parts.set(this, []);
} as unknown as { new (): HTMLRewriter; prototype: HTMLRewriter };

const methods = {
  on(this: HTMLRewriter, selector: unknown, handlers: unknown): HTMLRewriter {
    if (selector === undefined) throw new TypeError("Failed to execute 'on' on 'HTMLRewriter': parameter 1 is not of type 'string'.");
    requireObject(handlers, "on", 2, "ElementContentHandlers");
    host.rewriterSelector(`${selector}`);
    parts.get(this)!.push({ selector: `${selector}`, handlers: checked(handlers, "ElementContentHandlers", ["element", "comments", "text"]) });
    return this;
  },
  onDocument(this: HTMLRewriter, handlers: unknown): HTMLRewriter {
    requireObject(handlers, "onDocument", 1, "DocumentContentHandlers");
    parts.get(this)!.push({ selector: null, handlers: checked(handlers, "DocumentContentHandlers", ["doctype", "comments", "text", "end"]) });
    return this;
  },
  transform(this: HTMLRewriter, response: unknown): Response {
    if (!isResponse(response)) throw new TypeError("Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.");
    const { body } = response as Response;
    if (body === null) return new Response(null, response as never);
    const core = coreOf(body);
    core.whole = true;
    if (core.locked || core.disturbed) throw new TypeError("The ReadableStream has been locked to a reader.");
    const rewriting = new Rewriting([...parts.get(this)!], charsetOf(response as Response));
    const reader = core.acquire();
    core.disturbed = true;
    return new Response(readableOf(rewritten(rewriting, reader)), response as never);
  },
};
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(value, "length", { value: 0 });
  Object.defineProperty(HTMLRewriter.prototype, name, { value, writable: true, configurable: true, enumerable: true });
}
expose("HTMLRewriter", HTMLRewriter as never);

/** The charset that a response says it has. */
function charsetOf(response: Response): string {
  const label = /;\s*charset\s*=\s*"?([^";]*)/i.exec(response.headers.get("content-type") ?? "")?.[1];
  if (label === undefined) return "utf-8";
  const name = host.encodingName(label.trim());
  if (name === undefined || name.startsWith("utf-16")) throw parserError("Unknown character encoding has been provided.");
  return name;
}

/** The stream of what a document becomes. */
function rewritten(rewriting: Rewriting, reader: ReaderCore): ReadableCore {
  const core = new ReadableCore();
  const source = new ByteSource(core);
  const pull = async () => {
    for (;;) {
      const chunk = await next(reader);
      const pieces = await rewriting.feed(chunk, chunk === undefined);
      for (const piece of pieces) source.enqueue(piece);
      if (chunk === undefined) {
        source.close();
        if (source.firstPending !== undefined) source.respond(0);
      }
      if (chunk === undefined || pieces.length > 0) return;
    }
  };
  const end = (reason: unknown) => {
    rewriting.close();
    handled(reader.cancel(reason));
  };
  source.begin({
    pull: () =>
      pull().catch((error) => {
        end(error);
        throw error;
      }),
    cancel: end,
  });
  return core;
}

function next(reader: ReaderCore): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    reader.read({
      chunk(chunk) {
        const bytes = asBytes(chunk);
        if (bytes !== undefined) resolve(bytes);
        else reject(new TypeError("This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side."));
      },
      close: () => resolve(undefined),
      error: reject,
    });
  });
}
