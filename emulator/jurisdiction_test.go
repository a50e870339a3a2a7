package emulator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator"
)

const jurisdictionProject = `
-- wrangler.jsonc --
{
  "name": "places", "main": "src/index.js", "compatibility_date": "2026-11-01",
  "durable_objects": { "bindings": [{ "name": "ROOMS", "class_name": "Room" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room"] }]
}
-- src/index.js --
import { DurableObject } from "cloudflare:workers";

export class Room extends DurableObject {
  async visit() {
    const n = ((await this.ctx.storage.get("n")) ?? 0) + 1;
    await this.ctx.storage.put("n", n);
    return [this.ctx.id.jurisdiction ?? "anywhere", n];
  }
  alarm() {
    return this.ctx.storage.put("rang", this.ctx.id.jurisdiction);
  }
  ring() {
    return this.ctx.storage.setAlarm(Date.now() + 20);
  }
  rang() {
    return this.ctx.storage.get("rang");
  }
}

export default {
  async fetch(request, { ROOMS }) {
    const [, what, where, id] = new URL(request.url).pathname.split("/");
    const rooms = where === "anywhere" ? ROOMS : ROOMS.jurisdiction(where);
    switch (what) {
      case "visit":
        return Response.json(await rooms.getByName("lobby").visit());
      case "id":
        return new Response(rooms.idFromName("lobby").toString());
      case "byid":
        return Response.json(await rooms.get(rooms.idFromString(id)).visit());
      case "ring":
        await rooms.getByName("lobby").ring();
        while ((await rooms.getByName("lobby").rang()) === undefined) await scheduler.wait(5);
        return new Response(await rooms.getByName("lobby").rang());
    }
  },
};
`

func TestObjectsOfAJurisdictionAreStoredUnderTheirIDs(t *testing.T) {
	dir, state := extract(t, jurisdictionProject), t.TempDir()
	p := serve(t, dir, inFolder(state))
	if got := p.get("/visit/eu"); got != `["eu",1]` {
		t.Errorf("first visit: %s", got)
	}
	if got := p.get("/visit/anywhere"); got != `["anywhere",1]` {
		t.Errorf("the same name without a jurisdiction: %s", got)
	}
	if got := p.get("/ring/eu"); got != "eu" {
		t.Errorf("the alarm's handler is in %q, want eu", got)
	}
	id := p.get("/id/eu")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(state, "v3", "do", "places-Room", id+".sqlite")); err != nil {
		t.Error(err)
	}
	p = serve(t, dir, inFolder(state))
	if got := p.get("/byid/anywhere/" + id); got != `["eu",2]` {
		t.Errorf("after a restart: %s", got)
	}
}

func TestTheLocalRuntimesLimitsKnowNoJurisdictions(t *testing.T) {
	dir, state := extract(t, jurisdictionProject), t.TempDir()
	deployed := serve(t, dir, inFolder(state))
	id := deployed.get("/id/eu")
	local := serve(t, dir, func(o *emulator.Options) { o.Limits = emulator.Local })
	for path, want := range map[string]string{
		"/id/eu":               "Jurisdiction restrictions are not implemented in workerd.",
		"/id/mars":             "Jurisdiction restrictions are not implemented in workerd.",
		"/byid/anywhere/" + id: "Durable Object ID is not valid for this namespace.",
	} {
		if _, err := local.try(request{path: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}
