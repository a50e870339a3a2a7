package emulator_test

import (
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
)

// TestFacetsLeaveNothingBehind starts facets, and ends them in all ways there
// are: not one reference is left, and memory does not grow.
func TestFacetsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	p := serve(t, extract(t, busyFacets), func(o *emulator.Options) { o.Isolates = 1 })
	rounds := 100
	if testing.Short() || underRace {
		rounds = 20
	}
	for range 5 {
		p.get("/")
	}
	objects := p.Memory().Objects
	for range rounds {
		p.get("/")
	}
	late := time.Now().Add(patience)
	for p.References() > 0 && time.Now().Before(late) {
		time.Sleep(time.Millisecond)
	}
	if n := p.References(); n > 0 {
		t.Errorf("%d references are left", n)
	}
	if now := p.Memory().Objects; now > objects+objects/10+500 {
		t.Errorf("%d engine objects are alive, %d before", now, objects)
	}
}

const busyFacets = `
-- wrangler.jsonc --
{
  "name": "busy", "main": "index.js", "compatibility_date": "2026-11-01",
  "durable_objects": { "bindings": [{ "name": "WHOLE", "class_name": "Whole" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Whole"] }]
}
-- index.js --
import { DurableObject, RpcTarget } from "cloudflare:workers";
class Target extends RpcTarget { get() { return 1; } }
export class Part extends DurableObject {
  target() { return new Target(); }
  hang() { return new Promise(() => {}); }
  reset() { this.ctx.abort("reset"); }
  inner() { return this.ctx.facets.get("inner", () => ({ class: this.ctx.exports.Part })).target().get(); }
}
export class Whole extends DurableObject {
  async fetch() {
    const { facets, exports } = this.ctx;
    const part = (name) => facets.get(name, async () => ({ class: exports.Part({ props: { name } }) }));
    for (const name of ["a", "b", "c"]) {
      for (let i = 0; i < 5; i++) await part(name).target().get();
      await part(name).inner();
      const hanging = part(name).hang().catch(() => {});
      part(name).target();
      if (name === "a") facets.abort(name, new Error("over"));
      if (name === "b") facets.delete(name);
      if (name === "c") await part(name).reset().catch(() => {});
      await hanging;
    }
    await facets.get("never", () => { throw new Error("no"); }).target().catch(() => {});
    facets.abort("never", "over");
    facets.get("unused", () => {});
    return new Response("done");
  }
}
export default { fetch: (request, env) => env.WHOLE.getByName("one").fetch(request) };
`
