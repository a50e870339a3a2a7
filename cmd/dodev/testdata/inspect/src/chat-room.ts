import { DurableObject } from "cloudflare:workers";
import type { Env } from "./index";

export class ChatRoom extends DurableObject<Env> {
  users = new Map<string, { name: string }>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, author TEXT NOT NULL, body TEXT)");
  }

  async fetch(request: Request): Promise<Response> {
    const user = new URL(request.url).searchParams.get("user") ?? "nobody";
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [user]);
    server.serializeAttachment({ user, joined: new Date() });
    await this.ctx.storage.put({
      [`users:${user}`]: { name: user, joined: new Date() },
      state: new Map<string, unknown>([["topic", "welcome"], ["limit", 50]]),
    });
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + 240_000);
    console.log(`joined ${user}, ${this.ctx.getWebSockets().length} of 50`);
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(ws: WebSocket, message: string): Promise<void> {
    const { user } = ws.deserializeAttachment();
    const limiter = this.env.LIMITS.getByName(user);
    if (!(await limiter.check())) {
      console.warn(`${user} is too fast`);
      return;
    }
    this.ctx.storage.sql.exec("INSERT INTO messages (author, body) VALUES (?, ?)", user, message);
    await this.ctx.storage.put("last", new Date());
    for (const other of this.ctx.getWebSockets()) other.send(JSON.stringify({ from: user, text: message }));
  }

  history() {
    return this.ctx.storage.sql.exec("SELECT author, body FROM messages ORDER BY id DESC LIMIT 50").toArray();
  }

  join() {
    const user = this.users.get("nobody")!;
    return user.name.trim();
  }

  async alarm(): Promise<void> {
    await this.ctx.storage.put("swept", new Date());
    console.log("swept");
  }
}
