import { BaseDurableObject } from "./base-durable-object";

/** What a room sends of its own accord. Times are milliseconds since 1970. */
export type RoomEvent =
  | { type: "welcome"; userId: string; roomState: RoomState }
  | { type: "user_joined"; userId: string; timestamp: number }
  | { type: "user_left"; userId: string; timestamp: number }
  | { type: "message"; userId: string; payload: unknown; timestamp: number }
  | { type: "error"; message: string };

/** Who is in a room. Subclasses may say more. */
export interface RoomState {
  users: string[];
  [field: string]: unknown;
}

/** What a socket carries through hibernation. */
interface Member {
  userId: string;
  joinedAt: number;
}

/** Longest name the platform takes as a tag, in bytes of UTF-8. */
const MAX_USER_ID = 256;

/**
 * A room of WebSockets. A client connects with `?userId=NAME`, gets `welcome`,
 * and what it sends goes to handleMessage. The others hear `user_joined` and
 * `user_left`. A user may be connected several times and is one user still.
 *
 * All a room knows of its members is in their sockets, which outlive the
 * instance: it can be evicted, or replaced by new code, with everyone inside.
 */
export class WebSocketRoom<Env = unknown> extends BaseDurableObject<Env> {
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
      return this.error("Expected a WebSocket upgrade", 426);
    }
    const userId = new URL(request.url).searchParams.get("userId");
    if (!userId) return this.error("userId is missing: connect with ?userId=NAME", 400);
    if (new TextEncoder().encode(userId).length > MAX_USER_ID) {
      return this.error(`userId is longer than ${MAX_USER_ID} bytes`, 400);
    }

    const { 0: client, 1: server } = new WebSocketPair();
    await this.#join(server, userId);
    return new Response(null, { status: 101, webSocket: client });
  }

  /**
   * Handles what a client sent; override it. This one takes
   * `{"type": "message", "payload": …}` and passes it on to everyone.
   */
  async handleMessage(ws: WebSocket, message: string): Promise<void> {
    const userId = this.findUserIdByWebSocket(ws);
    const data = parseMessage(message);
    if (userId === undefined || data === undefined) {
      this.#send(ws, { type: "error", message: 'Expected {"type": "message", "payload": …}' });
      return;
    }
    await this.broadcast({ type: "message", userId, payload: data.payload, timestamp: Date.now() });
  }

  /** What `welcome` tells a newcomer; override it to say more. */
  protected async getRoomState(): Promise<RoomState> {
    return { users: this.getUserIds() };
  }

  /** Sends to all, but for one if given: a string as it is, anything else as JSON. */
  protected async broadcast(message: unknown, except?: WebSocket): Promise<void> {
    for (const ws of this.state.getWebSockets()) {
      if (ws !== except) this.#send(ws, message);
    }
  }

  /** Sends to every connection of one user. */
  protected async sendTo(userId: string, message: unknown): Promise<void> {
    for (const ws of this.state.getWebSockets(userId)) this.#send(ws, message);
  }

  /** The user at the other end, or undefined if the socket is not of this room. */
  protected findUserIdByWebSocket(ws: WebSocket): string | undefined {
    return memberOf(ws)?.userId;
  }

  /** The users in the room, each once, in the order they came. */
  protected getUserIds(): string[] {
    const members = this.state
      .getWebSockets()
      .filter(isOpen)
      .map(memberOf)
      .filter((member) => member !== null);
    members.reverse().sort((a, b) => a.joinedAt - b.joinedAt); // the latest socket is listed first
    return [...new Set(members.map((member) => member.userId))];
  }

  override async webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.handleMessage(ws, typeof message === "string" ? message : new TextDecoder().decode(message));
  }

  override async webSocketClose(ws: WebSocket, code: number, reason: string): Promise<void> {
    // A hibernating socket's closing handshake is ours to finish. 1005 and 1006
    // stand for no code at all, and cannot be sent.
    ws.close(code === 1005 || code === 1006 ? 1000 : code, reason);
    await this.#leave(ws);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    await this.#leave(ws);
  }

  async #join(ws: WebSocket, userId: string): Promise<void> {
    const isNew = !this.#isConnected(userId, ws);
    this.state.acceptWebSocket(ws, [userId]);
    ws.serializeAttachment({ userId, joinedAt: Date.now() } satisfies Member);
    this.#send(ws, { type: "welcome", userId, roomState: await this.getRoomState() });
    if (isNew) await this.broadcast({ type: "user_joined", userId, timestamp: Date.now() }, ws);
  }

  async #leave(ws: WebSocket): Promise<void> {
    const userId = this.findUserIdByWebSocket(ws);
    if (userId === undefined) return;
    // An error may be followed by a close: whoever has left leaves once.
    ws.serializeAttachment(null);
    if (this.#isConnected(userId, ws)) return;
    await this.broadcast({ type: "user_left", userId, timestamp: Date.now() }, ws);
  }

  #isConnected(userId: string, except: WebSocket): boolean {
    return this.state.getWebSockets(userId).some((ws) => ws !== except && isOpen(ws));
  }

  #send(ws: WebSocket, message: unknown): void {
    if (isOpen(ws)) ws.send(typeof message === "string" ? message : JSON.stringify(message));
  }
}

function memberOf(ws: WebSocket): Member | null {
  return ws.deserializeAttachment();
}

function isOpen(ws: WebSocket): boolean {
  return ws.readyState === WebSocket.READY_STATE_OPEN;
}

function parseMessage(message: string): { payload: unknown } | undefined {
  try {
    const data = JSON.parse(message);
    return data?.type === "message" ? data : undefined;
  } catch {
    return undefined;
  }
}
