// EventSource, HTML Standard section 9.2, with the platform's EventSource.from.

import { DOMException } from "./domexception";
import { TextDecoder } from "./encoding";
import { ErrorEvent, Event, EventTarget, MessageEvent, trusted } from "./events";
import { fetch } from "./fetch";
import { expose } from "./frame";
import { Request } from "./request";
import { coreOf, isReadableStream, type ReadableStream } from "./streams/readable";
import type { ReaderCore } from "./streams/readable-core";
import { handled } from "./streams/shared";
import { startTimer } from "./timers";
import { URL } from "./url";

const [connecting, open, closed] = [0, 1, 2];

interface Message {
  type: string;
  data: string;
  id: string;
}

/** Reads the lines of a stream of events. */
class Parser {
  id = "";
  retry: number | undefined;
  #rest = "";
  #type = "";
  #data: string[] = [];

  /** The messages that a piece of text completes. */
  feed(text: string): Message[] {
    const messages: Message[] = [];
    this.#rest += text;
    // As on the platform a carriage return ends a line, even where a piece ends between it and its line feed.
    for (let end; (end = /\r\n|\n|\r/.exec(this.#rest)) !== null; ) {
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      if (line !== "") this.#field(line);
      else if (this.#data.length > 0) messages.push(...this.#message());
    }
    return messages;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    switch (name) {
      case "data": this.#data.push(value); break;
      case "event": this.#type = value; break;
      case "id": if (!value.includes("\0")) this.id = value; break;
      case "retry": if (/^\d+$/.test(value)) this.retry = Number(value); break;
    }
  }

  #message(): Message[] {
    const data = this.#data.join("\n");
    const type = this.#type || "message";
    this.#data = [];
    this.#type = "";
    return data === "" ? [] : [{ type, data, id: this.id }];
  }
}

const making = Symbol();

class Source extends EventTarget {
  #url = "";
  #state = connecting;
  #parser = new Parser();
  #reader: ReaderCore | undefined;
  #handlers: Record<string, unknown> = {};

  constructor(url: unknown, init?: { withCredentials?: boolean } | null) {
    super();
    if (url === making) {
      this.#state = open;
      return;
    }
    if (arguments.length === 0 || url === undefined) throw new TypeError("Failed to construct 'EventSource': constructor parameter 1 is not of type 'string'.");
    if (init?.withCredentials) {
      throw new DOMException("The init.withCredentials option is not supported. It must be false or undefined.", "NotSupportedError");
    }
    const parsed = URL.parse(`${url}`);
    if (parsed === null) throw new DOMException(`Cannot open an EventSource to '${url}'. The URL is invalid.`, "SyntaxError");
    this.#url = parsed.href;
    void this.#connect();
  }

  static from(stream: ReadableStream): Source {
    if (!isReadableStream(stream)) throw new TypeError("Failed to execute 'from' on 'EventSource': parameter 1 is not of type 'JsReadableStream'.");
    const source = new Source(making);
    void source.#read(stream).then((error) => source.#fail(error ?? new Error("The server disconnected.")));
    return source;
  }

  get url(): string { return this.#url; }
  get withCredentials(): boolean { return false; }
  get readyState(): number { return this.#state; }

  get onopen(): unknown { return this.#handlers.open ?? null; }
  set onopen(handler: unknown) { this.#handle("open", handler); }
  get onmessage(): unknown { return this.#handlers.message ?? null; }
  set onmessage(handler: unknown) { this.#handle("message", handler); }
  get onerror(): unknown { return this.#handlers.error ?? null; }
  set onerror(handler: unknown) { this.#handle("error", handler); }

  close(): void {
    this.#state = closed;
    if (this.#reader !== undefined) handled(this.#reader.cancel(new Error("The EventSource was closed.")));
    this.#reader = undefined;
  }

  #handle(type: string, handler: unknown): void {
    this.#handlers[type] = typeof handler === "function" ? handler : null;
  }

  async #connect(): Promise<void> {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (this.#parser.id !== "") headers["last-event-id"] = this.#parser.id;
    let error: unknown;
    try {
      const response = await fetch(new Request(this.#url, { headers }));
      if (this.#state === closed) return;
      if (response.status === 204) return this.close();
      if (response.status !== 200) return this.#fail(new Error(`The response status code was ${response.status}, not 200.`));
      if (!/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "")) {
        return this.#fail(new Error("The content type of the response was not text/event-stream."));
      }
      this.#state = open;
      this.dispatchEvent(trusted(new Event("open")));
      if (response.body !== null) error = await this.#read(response.body);
    } catch (failure) {
      return this.#fail(failure);
    }
    if (this.#state === closed) return;
    this.#state = connecting;
    this.#tell(error ?? new Error("The server disconnected."));
    if ((this.#state as number) === connecting) startTimer(this.#parser.retry ?? 2000, false, () => void (this.#state === connecting && this.#connect()));
  }

  /** Reads a stream to its end, and gives the error it ended with. */
  async #read(stream: ReadableStream): Promise<unknown> {
    const reader = coreOf(stream).acquire();
    this.#reader = reader;
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const chunk = await new Promise<unknown>((resolve, reject) => reader.read({ chunk: resolve, close: () => resolve(undefined), error: reject }));
        if (chunk === undefined) return undefined;
        const text = typeof chunk === "string" ? chunk : decoder.decode(chunk as ArrayBufferView, { stream: true });
        for (const { type, data, id } of this.#parser.feed(text)) {
          if (this.#state === closed) return undefined;
          const origin = this.#url === "" ? null : new URL(this.#url).origin;
          this.dispatchEvent(trusted(new MessageEvent(type, { data, lastEventId: id, origin: origin as string })));
        }
      }
    } catch (error) {
      return error;
    }
  }

  #fail(error: unknown): void {
    if (this.#state === closed) return;
    this.#state = closed;
    this.#tell(error);
  }

  #tell(error: unknown): void {
    this.dispatchEvent(trusted(new ErrorEvent("error", { error })));
  }
}

// A function, because a class has words of its own for a call without new.
export const EventSource = function EventSource(this: object, ...args: unknown[]) {
  if (new.target === undefined) {
    throw new TypeError(
      "Failed to construct 'EventSource': Please use the 'new' operator, this object constructor cannot be called as a function.",
    );
  }
  return Reflect.construct(Source, args, new.target);
} as unknown as { new (url: string, init?: object): Source; from(stream: ReadableStream): Source; prototype: Source };

Object.defineProperty(EventSource, "prototype", { value: Source.prototype, writable: false });
Object.defineProperty(Source.prototype, "constructor", { value: EventSource, writable: true, configurable: true });
Object.setPrototypeOf(EventSource, EventTarget);
const fixed = { CONNECTING: connecting, OPEN: open, CLOSED: closed };
for (const object of [EventSource, Source.prototype]) {
  for (const [name, value] of Object.entries(fixed)) Object.defineProperty(object, name, { value, enumerable: true });
}
Object.defineProperty(EventSource, "from", { value: Object.defineProperty((stream: ReadableStream) => Source.from(stream), "name", { value: "from" }), writable: true, configurable: true });
expose("EventSource", EventSource as never);
