package emulator_test

import (
	"net/url"
	"testing"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// wholeProject has a Worker whose objects do what the path says, and answers
// with the result: /one/put/value?part=a. They have a facet for each part.
const wholeProject = `
-- wrangler.jsonc --
{
  "name": "whole", "main": "index.js", "compatibility_date": "2026-11-01",
  "durable_objects": { "bindings": [{ "name": "SQL", "class_name": "Notes" }, { "name": "KV", "class_name": "Plain" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Notes"], "new_classes": ["Plain"] }]
}
-- index.js --
import { DurableObject } from "cloudflare:workers";
export class Part extends DurableObject {
  put(value) { this.ctx.storage.put("value", value); }
  get() { return this.ctx.storage.get("value"); }
  inner(method, ...args) { return this.ctx.facets.get("inner", () => ({ class: this.ctx.exports.Part }))[method](...args); }
  snapshot() { return this.ctx.storage.snapshot(); }
}
export class Notes extends Part {
  taken = [];
  part(name, method, ...args) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Part }))[method](...args); }
  remove(name) { this.ctx.facets.delete(name); }
  all() { return this.ctx.storage.list().then((m) => JSON.stringify([...m])); }
  now() { return this.ctx.storage.getCurrentBookmark(); }
  at(time) { return this.ctx.storage.getBookmarkForTime(Number(time)); }
  restore(bookmark) { return this.ctx.storage.onNextSessionRestoreBookmark(bookmark); }
  take(bookmark) { return this.ctx.storage.snapshot(bookmark && { bookmark }).then((s) => { this.taken.push(s); return String(s); }); }
  put2(value) { this.ctx.storage.put("value", value); return this.take(); }
  give() { return this.taken.at(-1); }
  async receive(from, ...data) {
    const snapshot = await this.env.SQL.getByName(from).give();
    const kvData = Object.fromEntries(data.map((text) => text.split("=")));
    return data.length === 0 ? this.ctx.onNextSessionRestore(snapshot) : this.ctx.storage.onNextSessionRestore(snapshot, { kvData });
  }
  async keep() { await this.ctx.storage.put("s", this.taken[0]); }
  async clone() { structuredClone(this.taken[0]); }
  restart() { this.ctx.abort("restart"); }
  ticks() { return this.ctx.storage.getAlarm().then((at) => at !== null); }
  arm() { return this.ctx.storage.setAlarm(Date.now() + 3600000); }
  alarm() {}
}
export class Plain extends Notes {}
export default {
  async fetch(request, env) {
    const [, object, method, ...args] = new URL(request.url).pathname.split("/").map(decodeURIComponent);
    const namespace = object === "plain" ? env.KV : env.SQL;
    try {
      return new Response(String(await namespace.getByName(object)[method](...args)));
    } catch (error) {
      return new Response(error.name + ": " + error.message, { status: 500 });
    }
  },
};
`

// asks requests one path after the other and compares the answers that are
// given: "/a/get = value".
func (p *project) asks(t *testing.T, paths ...[2]string) {
	t.Helper()
	for _, path := range paths {
		if _, got := p.ask(request{path: path[0]}); path[1] != "" && got != path[1] {
			t.Errorf("%s: %s, want %s", path[0], got, path[1])
		}
	}
}

func TestASnapshotBecomesWhatAnotherObjectHasStored(t *testing.T) {
	for name, isolates := range map[string]int{"in one isolate": 1, "in several": 3} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, extract(t, wholeProject), func(o *emulator.Options) { o.Isolates = isolates })
			p.asks(t, [][2]string{
				{"/a/put/original"}, {"/a/part/p/put/part"}, {"/a/part/p/inner/put/inner"}, {"/a/arm"},
				{"/a/take", "[object DurableObjectSnapshot]"},
				{"/a/put/changed"}, {"/a/part/p/put/changed"},
				{"/b/put/mine"}, {"/b/part/q/put/mine"}, {"/b/part/p/put/mine"},
			}...)
			undo := p.get("/b/receive/a/name=b/extra=1")
			p.asks(t, [][2]string{
				{"/b/get", "mine"}, {"/b/restart"},
				{"/b/all", `[["extra","1"],["name","b"],["value","original"]]`},
				{"/b/part/p/get", "part"}, {"/b/part/p/inner/get", "inner"}, {"/b/part/q/get", "undefined"}, {"/b/ticks", "true"},
				{"/a/get", "changed"}, {"/a/part/p/get", "changed"},
				{"/b/restore/" + undo}, {"/b/restart"},
				{"/b/all", `[["value","mine"]]`},
				{"/b/part/p/get", "mine"}, {"/b/part/p/inner/get", "undefined"}, {"/b/part/q/get", "mine"}, {"/b/ticks", "false"},
				{"/a/receive/a"}, {"/a/restart"}, {"/a/get", "original"}, {"/a/part/p/get", "part"},
			}...)
		})
	}
}

func TestASnapshotHasWhatItsTurnWrote(t *testing.T) {
	p := serve(t, extract(t, wholeProject))
	p.asks(t, [][2]string{{"/a/put2/now"}, {"/a/put/later"}, {"/b/receive/a"}, {"/b/restart"}, {"/b/get", "now"}}...)
}

func TestASnapshotIsOfABookmark(t *testing.T) {
	p := serve(t, extract(t, wholeProject))
	p.asks(t, [][2]string{{"/a/put/first"}, {"/a/part/p/put/first"}}...)
	b := p.get("/a/now")
	p.asks(t, [][2]string{
		{"/a/put/second"}, {"/a/part/p/put/second"}, {"/a/take/" + b}, {"/a/take/x", `Error: fork: the bookmark leads nowhere: "x" is not written like one`},
		{"/b/receive/a"}, {"/b/restart"}, {"/b/get", "first"}, {"/b/part/p/get", "first"},
	}...)
}

func TestASnapshotThatIsToBeRestoredOutlivesTheServer(t *testing.T) {
	state := inFolder(t.TempDir())
	cfg, b := build(t, extract(t, wholeProject), config.Options{})
	p := serveBuilt(t, cfg, b, state)
	p.asks(t, [][2]string{{"/a/put/theirs"}, {"/a/part/p/put/theirs"}, {"/a/take"}, {"/b/put/mine"}, {"/b/receive/a"}}...)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = serveBuilt(t, cfg, b, state)
	p.asks(t, [][2]string{{"/b/get", "theirs"}, {"/b/part/p/get", "theirs"}, {"/b/put/more"}, {"/b/restart"}, {"/b/get", "more"}}...)
}

func TestTheLastRestorationThatWasAskedForIsDone(t *testing.T) {
	p := serve(t, extract(t, wholeProject))
	p.asks(t, [][2]string{{"/a/put/theirs"}, {"/a/take"}, {"/b/put/first"}}...)
	first := p.get("/b/now")
	p.asks(t, [][2]string{
		{"/b/put/second"}, {"/b/receive/a"}, {"/b/restore/" + first}, {"/b/restart"}, {"/b/get", "first"},
		{"/b/restore/" + first}, {"/b/receive/a"}, {"/b/restart"}, {"/b/get", "theirs"},
	}...)
}

func TestAnObjectGoesBackInTimeWithItsFacets(t *testing.T) {
	p := serve(t, extract(t, wholeProject))
	p.asks(t, [][2]string{{"/a/put/first"}, {"/a/part/p/put/first"}, {"/a/part/p/inner/put/first"}}...)
	first := p.get("/a/now")
	p.asks(t, [][2]string{{"/a/part/p/put/second"}}...)
	second := p.get("/a/now")
	p.asks(t, [][2]string{{"/a/remove/p"}, {"/a/part/q/put/new"}, {"/a/put/third"}}...)
	undo := p.get("/a/restore/" + first)
	p.asks(t, [][2]string{
		{"/a/restart"}, {"/a/get", "first"}, {"/a/part/p/get", "first"}, {"/a/part/p/inner/get", "first"}, {"/a/part/q/get", "undefined"},
		{"/a/restore/" + undo}, {"/a/restart"}, {"/a/get", "third"}, {"/a/part/p/get", "undefined"}, {"/a/part/q/get", "new"},
		{"/a/restore/" + second}, {"/a/restart"}, {"/a/get", "first"}, {"/a/part/p/get", "second"}, {"/a/part/p/inner/get", "first"},
	}...)
}

func TestSnapshotsAreRefusedInThePlatformsWords(t *testing.T) {
	const crossing = "DataCloneError: DurableObjectSnapshots cannot be cloned or stored. They can only be transferred over RPC."
	const facet = "Error: storage.snapshot() is not available in a facet. Snapshots and restores apply to the whole Durable Object, so only the root Durable Object can use them."
	p := serve(t, extract(t, wholeProject))
	p.asks(t, [][2]string{
		{"/a/take"}, {"/a/keep", crossing}, {"/a/clone", crossing}, {"/a/part/p/snapshot", facet},
		{"/plain/take", "Error: This Durable Object's storage back-end does not implement snapshots."},
	}...)
	memory := serve(t, extract(t, wholeProject), func(o *emulator.Options) { o.InMemory = true })
	memory.asks(t, [2]string{"/a/take", "Error: This Durable Object's storage back-end does not implement snapshots."})
	local := serve(t, extract(t, wholeProject), localRuntime)
	local.asks(t, [2]string{"/a/" + url.PathEscape("take"), "TypeError: this.ctx.storage.snapshot is not a function"})
}
