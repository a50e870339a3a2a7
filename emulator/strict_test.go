package emulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

const trapProject = `
-- wrangler.jsonc --
{
  "name": "traps", "main": "src/index.ts", "compatibility_date": "2026-11-01",
  "durable_objects": { "bindings": [{ "name": "ROOMS", "class_name": "Room" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room"] }]
}
-- src/index.ts --
import { Room } from "./room";
export { Room };

export default {
  async fetch(request: Request, { ROOMS }: { ROOMS: DurableObjectNamespace<Room> }) {
    const method = new URL(request.url).pathname.slice(1) as "ping";
    return Response.json((await ROOMS.getByName("lobby")[method]()) ?? null);
  },
};
-- src/room.ts --
import { DurableObject } from "cloudflare:workers";

export class Room extends DurableObject {
  store(key: string, value: unknown = 1) {
    return this.ctx.storage.put(key, value);
  }
  ping() {}
  forgotten() {
    this.ctx.storage.put("a", 1);
  }
  refused() {
    this.ctx.storage.put("a".repeat(3_000_000), 1);
  }
  async kept() {
    this.last = this.ctx.storage.delete("a");
  }
  last: unknown;
  wrapped() {
    this.store("w");
  }
  wrappedToo() {
    this.store("w");
  }
  dropped() {
    const held = [this.ctx.storage.setAlarm(Date.now() + 1e9)];
    held.length = 0; // as good as not awaited
  }
  transacted() {
    this.ctx.storage.transaction(async (txn) => {
      txn.put("b", 1);
    });
  }
  alarm() {}
  heard() {
    return this.ctx.storage.put("a".repeat(3_000_000), 1).catch(() => {});
  }
  async fine() {
    const { storage } = this.ctx;
    await storage.put("a", 1);
    storage.put("b", 1).then(() => {});
    storage.put("c", 1).catch(() => {});
    storage.put("d", 1).finally(() => {});
    await Promise.all([storage.put("e", 1), storage.delete("f")]);
    this.ctx.waitUntil(storage.put("g", 1));
    const later = storage.put("h", 1);
    await scheduler.wait(1);
    await later;
    await this.store("i");
    await storage.transaction(async (txn) => {
      await txn.put("j", 1);
      await Promise.race([txn.delete("k")]);
    });
    await this.ctx.blockConcurrencyWhile(async () => storage.put("l", 1));
    await storage.setAlarm(Date.now() + 1e9);
    await storage.deleteAlarm();
    return storage.put("m", 1);
  }
}
`

// strict has traps looked for.
func strict(o *emulator.Options) { o.Strict = true }

// trapsOf lists the traps that were told of, "code place text".
func (p *project) traps() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, e := range p.log {
		if e.Code != "" {
			first, _, _ := strings.Cut(e.Text, "\n")
			out = append(out, e.Code+" "+e.Object+" "+e.Frame+" "+first)
		}
	}
	return out
}

// wantTraps compares, and forgets, the traps that were told of.
func (p *project) wantTraps(want ...string) {
	p.t.Helper()
	got := p.traps()
	p.mu.Lock()
	p.log = nil
	p.mu.Unlock()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestStrictTellsOfWritesThatNobodyAwaits(t *testing.T) {
	lowered := strings.Replace(trapProject, `import { DurableObject }`, "import { AsyncLocalStorage } from \"node:async_hooks\"; new AsyncLocalStorage(); import { DurableObject }", 1)
	for _, archive := range []string{trapProject, lowered} {
		p := serve(t, extract(t, archive), strict)
		p.get("/fine")
		p.wantTraps()
		for _, method := range []string{"/forgotten", "/forgotten", "/dropped", "/transacted", "/ping"} {
			p.get(method)
		}
		const untold = "is not awaited: should it fail, nobody is told"
		p.wantTraps(
			"write-not-awaited Room/lobby src/room.ts:9:22 storage.put() "+untold,
			"write-not-awaited Room/lobby src/room.ts:25:36 storage.setAlarm() "+untold,
			"write-not-awaited Room/lobby src/room.ts:30:11 storage.put() "+untold,
			"write-not-awaited Room/lobby src/room.ts:29:22 storage.transaction() is not awaited: what follows runs beside it, and should it fail, nobody is told",
		)
		p.get("/wrapped")
		p.get("/wrapped")
		p.get("/wrappedToo") // another place that gets there
		p.wantTraps("write-not-awaited Room/lobby src/room.ts:5:5 storage.put() "+untold, "write-not-awaited Room/lobby src/room.ts:5:5 storage.put() "+untold)
		p.get("/kept")
		p.wantTraps()
		p.EvictAll()
		p.wantTraps("write-not-awaited Room/lobby src/room.ts:15:34 storage.delete() " + untold)
	}
}

func TestAWriteThatFailedUnheardIsAlwaysToldOf(t *testing.T) {
	p := serve(t, extract(t, trapProject))
	p.get("/fine")
	p.get("/forgotten")
	p.get("/heard")
	p.wantTraps()
	p.get("/refused")
	p.wantTraps("write-failed Room/lobby src/room.ts:12:22 storage.put() failed and is not awaited: nothing was stored, and the code went on as if it were")
}

const memoryProject = `
-- wrangler.jsonc --
{
  "name": "memory", "main": "src/index.ts", "compatibility_date": "2026-11-01",
  "durable_objects": { "bindings": [{ "name": "ROOMS", "class_name": "Room" }, { "name": "PLAIN", "class_name": "Plain" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room"], "new_classes": ["Plain"] }]
}
-- src/index.ts --
import { Plain, Room } from "./room";
export { Plain, Room };

export default {
  async fetch(request: Request, env: Record<string, DurableObjectNamespace<Room>>) {
    const [, binding, method, argument] = new URL(request.url).pathname.split("/");
    if (method.startsWith("connect")) return env[binding].getByName(method).fetch(request);
    return Response.json((await env[binding].getByName(method)[method as "nothing"](argument)) ?? null);
  },
};
-- src/room.ts --
import { DurableObject } from "cloudflare:workers";

class Base extends DurableObject {
  visits = 0;
  user = { name: "", tags: [] as string[] };
  members = new Map<string, { joined: number }>();
  cache: unknown;
  sessions = new Map<WebSocket, { id: string }>();
  #private = 0;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      this.visits = (await ctx.storage.get<number>("visits")) ?? 0;
    });
  }
  nothing() {}
  count() {
    this.visits++;
    this.#private++;
    this.cache = [true, null, undefined, 0, "", () => {}, new Request("http://x/"), crypto.randomUUID.bind(crypto), this.ctx];
  }
  async counted() {
    this.visits++;
    await this.ctx.storage.put("visits", this.visits);
  }
  structured() {
    this.user.name = "Ada Lovelace";
    this.user.tags.push("founder");
    this.members.set("m-1", { joined: 17 });
  }
  async stored() {
    this.structured();
    await this.ctx.storage.put({ state: JSON.stringify({ user: this.user }), members: this.members });
  }
  async opaque() {
    this.structured();
    await this.ctx.storage.put("state", new TextEncoder().encode(JSON.stringify(this.user)));
  }
  fetch(request: Request) {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.sessions.set(server, { id: "session-1" });
    if (request.url.endsWith("attached")) server.serializeAttachment({ id: "session-1" });
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(ws: WebSocket, message: string) {
    ws.send(message);
  }
  async put(size: string) {
    await this.ctx.storage.put("large", "x".repeat(Number(size)));
  }
  async putKey(size: string) {
    await this.ctx.storage.put("k".repeat(Number(size)), 1);
  }
  attach(size: string) {
    new WebSocketPair()[0].serializeAttachment("x".repeat(Number(size)));
  }
}

export class Plain extends Base {}

export class Room extends Base {
  rows() {
    const { sql } = this.ctx.storage;
    this.structured();
    sql.exec("CREATE TABLE IF NOT EXISTS members (id TEXT, joined INTEGER, who TEXT)");
    sql.exec("INSERT INTO members VALUES ('m-1', 17, ?)", "user:Ada Lovelace;founder");
  }
  putSync(size: string) {
    this.ctx.storage.kv.put("large", "x".repeat(Number(size)));
  }
  bind(size: string) {
    this.ctx.storage.sql.exec("SELECT ?", "x".repeat(Number(size)));
  }
}
`

func TestStrictTellsWhatOnlyMemoryHad(t *testing.T) {
	p := serve(t, extract(t, memoryProject), strict)
	for _, path := range []string{"/ROOMS/nothing", "/ROOMS/counted", "/ROOMS/stored", "/ROOMS/opaque", "/ROOMS/rows", "/PLAIN/stored", "/PLAIN/counted"} {
		p.get(path)
	}
	p.EvictAll()
	p.wantTraps()
	for _, path := range []string{"/ROOMS/count", "/ROOMS/structured", "/PLAIN/count"} {
		p.get(path)
	}
	p.EvictAll()
	const lost = " left memory with data that storage does not have, such as "
	p.wantTraps(
		"memory-only Room/count src/room.ts:14:7 this.visits"+lost+"1",
		`memory-only Room/structured src/room.ts:28:5 this.user`+lost+`"Ada Lovelace"`,
		`memory-only Room/structured src/room.ts:30:5 this.members`+lost+`"m-1"`,
		"memory-only Plain/count src/room.ts:14:7 this.visits"+lost+"1",
	)
	p.get("/ROOMS/count")
	p.EvictAll()
	p.wantTraps() // once for each class and field
}

func TestStrictTellsOfSessionsThatHibernationForgets(t *testing.T) {
	p := serve(t, extract(t, memoryProject), strict)
	p.dial("/ROOMS/connect-attached")
	p.EvictAll()
	p.wantTraps()
	p.dial("/ROOMS/connect")
	p.EvictAll()
	p.wantTraps(`memory-only Room/connect src/room.ts:43:5 this.sessions left memory with data that storage does not have, such as "session-1"`)
}

func TestStrictTellsOfValuesNearTheLimits(t *testing.T) {
	p := serve(t, extract(t, memoryProject), strict)
	for _, path := range []string{
		"/PLAIN/put/100000", "/PLAIN/putKey/1800", "/ROOMS/put/1800000", "/ROOMS/putSync/1800000", "/ROOMS/bind/1800000",
		"/ROOMS/attach/10000",
	} {
		p.get(path)
	}
	p.wantTraps()
	for _, path := range []string{
		"/PLAIN/put/130000", "/PLAIN/put/129000", "/PLAIN/putKey/2000", "/ROOMS/putSync/2000000", "/ROOMS/bind/2000000",
	} {
		p.get(path)
	}
	p.wantTraps(
		`near-limit Plain/put src/room.ts:51:28 a value has 130006 bytes, of 131106 that the deployed service takes`,
		`near-limit Plain/putKey src/room.ts:54:28 a key has 2000 bytes, of 2048 that the deployed service takes`,
		`near-limit Room/putSync src/room.ts:71:25 a key and its value have 2000011 bytes, of 2097152 that the deployed service takes`,
		`near-limit Room/bind src/room.ts:74:26 a bound value has 2000000 bytes, of 2097152 that the deployed service takes`,
	)
}

func TestWhatTheDeployedServiceRefusesIsToldOfWhereItIsAllowed(t *testing.T) {
	for _, limits := range []emulator.Limits{emulator.Local, emulator.Off} {
		p := serve(t, extract(t, memoryProject), func(o *emulator.Options) { o.Limits = limits })
		for _, path := range []string{"/PLAIN/put/131000", "/PLAIN/putKey/2048", "/ROOMS/put/2000000"} {
			p.get(path)
		}
		p.wantTraps()
		for _, path := range []string{"/PLAIN/put/140000", "/PLAIN/putKey/2049"} {
			p.get(path)
		}
		p.wantTraps(
			`near-limit Plain/put src/room.ts:51:28 a value has 140006 bytes: the deployed service refuses more than 131106`,
			`near-limit Plain/putKey src/room.ts:54:28 a key has 2049 bytes: the deployed service refuses more than 2048`,
		)
	}
}

func TestStrictReloadsCloseHibernatingSockets(t *testing.T) {
	dir := extract(t, memoryProject)
	p := serve(t, dir, strict)
	s := p.dial("/ROOMS/connect")
	s.send("hello")
	s.expect("hello")
	cfg, b := build(t, dir, config.Options{})
	info, err := p.Reload(cfg, b)
	if err != nil {
		t.Fatal(explained(err))
	}
	if info.Sockets != 0 || info.Closed != 1 {
		t.Errorf("%d sockets kept and %d closed, want 0 and 1", info.Sockets, info.Closed)
	}
	if got := s.next(); !strings.HasPrefix(got, "failed") && !strings.HasPrefix(got, "close 1006") {
		t.Errorf("the client saw %q, want that its connection broke off", got)
	}
	wait(t, "the old code to end", info.Moved)
}
