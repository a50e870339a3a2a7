import { CriticalSections } from "./critical-sections";
import type { StandInState } from "./platform-object";
import { SimpleStorage } from "./simple-storage";

/** The handlers that the platform calls, and holds back while a critical section is open. */
const EVENTS = ["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"] as const;

type Handlers = Partial<Record<(typeof EVENTS)[number], (...args: unknown[]) => unknown>>;

/**
 * A Durable Object's state in memory, to test an object in any JavaScript test
 * runner:
 *
 *     const state = new SimpleState();
 *     const visits = new Visits(state, {});
 *     const response = await visits.fetch(new Request("http://test/"));
 *
 * Its storage orders, clones, limits and rolls back as the platform's does, and
 * fails with the platform's errors. Handlers called directly wait, as events
 * do, until the object is initialized. RPC methods called directly do not:
 * await [settled] before the first.
 */
export class SimpleState implements DurableObjectState, StandInState {
  readonly id: DurableObjectId;
  readonly storage: SimpleStorage;
  readonly props: unknown = {};
  readonly exports = {} as Cloudflare.Exports;

  readonly #sections = new CriticalSections();
  readonly #background = new Set<Promise<unknown>>();
  readonly #sockets = new Map<WebSocket, string[]>();
  #handlers: Handlers | undefined;
  #broken: { reason: unknown } | undefined;
  #autoResponse: WebSocketRequestResponsePair | null = null;
  #eventTimeout: number | null = null;

  constructor(options: { name?: string } = {}) {
    this.id = new SimpleId(options.name);
    this.storage = new SimpleStorage(
      this.#sections,
      () => this.#handlers === undefined || this.#handlers.alarm !== undefined,
    );
  }

  get facets(): DurableObjectFacets {
    throw new Error("SimpleState has no facets. Test code that uses them in a Workers runtime.");
  }

  attach(object: object): void {
    const handlers = object as Handlers;
    this.#handlers = handlers;
    for (const event of EVENTS) {
      const handler = handlers[event];
      if (handler === undefined) continue;
      const value = async (...args: unknown[]) => {
        await this.#admit();
        return handler.apply(object, args);
      };
      Object.defineProperty(object, event, { value, configurable: true, writable: true });
    }
  }

  /** Resolves when the object is initialized, its critical sections are over and what it gave to waitUntil is done. */
  async settled(): Promise<void> {
    await this.#admit();
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
  }

  /** Delivers the pending alarm now, whenever it is due. Says whether there was one. */
  async runAlarm(): Promise<boolean> {
    await this.#admit();
    const scheduledTime = this.storage.takeAlarm();
    if (scheduledTime === null) return false;
    await this.#handlers?.alarm?.({ scheduledTime, retryCount: 0, isRetry: false });
    return true;
  }

  waitUntil(promise: Promise<unknown>): void {
    const done = Promise.resolve(promise)
      .catch((error: unknown) => console.error(error))
      .finally(() => this.#background.delete(done));
    this.#background.add(done);
  }

  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T> {
    const result = this.#sections.run(callback);
    // As on the platform, a failure breaks the object, and whoever comes next
    // is told. A constructor does not wait for the result.
    result.catch((reason: unknown) => {
      this.#broken ??= { reason };
    });
    return result;
  }

  abort(reason = "Application called abort() to reset Durable Object."): never {
    this.#broken ??= { reason: new Error(reason) };
    throw this.#broken.reason;
  }

  acceptWebSocket(socket: WebSocket, tags: string[] = []): void {
    const distinct = [...new Set(tags)];
    if (distinct.length > 10) throw new Error("a Hibernatable WebSocket cannot have more than 10 tags");
    for (const tag of distinct) {
      if (tag.length > 256) throw new Error(`"${tag}" is longer than the max tag length (256 characters).`);
    }
    this.#sockets.set(socket, distinct);
  }

  getWebSockets(tag?: string): WebSocket[] {
    const all = [...this.#sockets.keys()];
    return tag === undefined ? all : all.filter((socket) => this.getTags(socket).includes(tag));
  }

  getTags(socket: WebSocket): string[] {
    const tags = this.#sockets.get(socket);
    if (tags === undefined) throw new Error("only hibernatable websockets can have tags.");
    return [...tags];
  }

  setWebSocketAutoResponse(pair?: WebSocketRequestResponsePair): void {
    this.#autoResponse = pair ?? null;
  }

  getWebSocketAutoResponse(): WebSocketRequestResponsePair | null {
    return this.#autoResponse;
  }

  /** Always null: nothing answers by itself here. */
  getWebSocketAutoResponseTimestamp(): Date | null {
    return null;
  }

  setHibernatableWebSocketEventTimeout(timeoutMs?: number): void {
    this.#eventTimeout = timeoutMs || null;
  }

  getHibernatableWebSocketEventTimeout(): number | null {
    return this.#eventTimeout;
  }

  /** Waits as an event does before it is delivered. */
  async #admit(): Promise<void> {
    await this.#sections.idle();
    if (this.#broken !== undefined) throw this.#broken.reason;
  }
}

class SimpleId implements DurableObjectId {
  readonly name?: string;
  readonly #digits: string;

  constructor(name?: string) {
    if (name !== undefined) this.name = name;
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    this.#digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  toString(): string {
    return this.#digits;
  }

  equals(other: DurableObjectId): boolean {
    return other.toString() === this.#digits;
  }
}
