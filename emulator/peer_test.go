package emulator_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dodev/dodev/emulator"
)

// A Worker that reaches those of another server, and says what became of it.
const caller = `
-- caller/wrangler.json --
{"name": "caller", "main": "index.js", "compatibility_date": "2026-11-01",
 "services": [{"binding": "ROOMS", "service": "rooms"}, {"binding": "DESK", "service": "rooms", "entrypoint": "Desk", "props": {"tenant": "t1"}}],
 "durable_objects": {"bindings": [{"name": "ROOM", "class_name": "Room", "script_name": "rooms"}]}}
-- caller/index.js --
const cases = {
  "/fetch": (env) => env.ROOMS.fetch("http://rooms/a?b=1", { method: "POST", body: "body", headers: { x: "1" } }),
  "/stream": (env) => env.ROOMS.fetch("http://rooms/s", { method: "POST", body: new Response("streamed").body.pipeThrough(new TransformStream()) }),
  "/call": async (env) => Response.json(await env.DESK.about(new Map([["k", new Date(0)]]).get("k"), 1)),
  "/error": (env) => env.DESK.fail(),
  "/object": async (env) => Response.json([await env.ROOM.getByName("a").visit(), await env.ROOM.getByName("a").visit()]),
  "/function": (env) => env.DESK.callBack(() => 1),
  "/target": (env) => env.DESK.counter(),
  "/socket": async (env) => {
    const { webSocket } = await env.ROOMS.fetch("http://rooms/socket", { headers: { Upgrade: "websocket" } });
    webSocket.accept();
    const answer = new Promise((resolve) => webSocket.addEventListener("message", (event) => resolve(event.data)));
    webSocket.send("hi");
    return new Response(await answer);
  },
};
export default {
  async fetch(request, env) {
    try {
      return await cases[new URL(request.url).pathname](env);
    } catch (error) {
      return new Response(error.constructor.name + ": " + error.message + (error.remote ? " (remote)" : ""));
    }
  },
};
`

const notFound = `Worker "rooms" not found. Make sure it is running locally.`

func TestServersFindOneAnothersWorkers(t *testing.T) {
	shared := t.TempDir()
	registered := func(o *emulator.Options) { o.Registry = shared }
	p := serve(t, filepath.Join(extract(t, caller), "caller"), registered)
	p.want(request{path: "/fetch"}, 503, notFound)
	if ds := p.Dangling(); len(ds) != 3 {
		t.Errorf("got %d dangling bindings before the other server runs, want 3", len(ds))
	}

	other := serve(t, copyTree(t, filepath.Join("testdata", "workers", "rooms")), registered)
	if ds := p.Dangling(); len(ds) > 0 {
		t.Errorf("got dangling bindings %v, want none while the other server runs", ds)
	}
	const refused = `Error: Functions, stubs and streams cannot cross between the dev servers of Worker "rooms" and its caller. Run both in one dodev.`
	for _, c := range []struct{ path, body string }{
		{"/fetch", "POST http://rooms/a?b=1 body x=1"},
		{"/stream", "POST http://rooms/s streamed x=null"},
		{"/call", `[["1970-01-01T00:00:00.000Z",1],{"tenant":"t1"},["ROOM"]]`},
		{"/error", "RangeError: the desk is closed (remote)"},
		{"/object", `[1,2]`},
		{"/function", refused},
		{"/target", refused},
		{"/socket", "echo hi"},
	} {
		p.want(request{path: c.path}, 200, c.body)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	p.want(request{path: "/fetch"}, 503, notFound)
	p.want(request{path: "/object"}, 200, "Error: "+notFound+" (remote)")
}

func TestAWorkerOfAnotherToolIsNamed(t *testing.T) {
	shared := t.TempDir()
	write(t, filepath.Join(shared, "rooms"), `{"debugPortAddress": "127.0.0.1:1", "instanceId": "x"}`)
	p := serve(t, filepath.Join(extract(t, caller), "caller"), func(o *emulator.Options) { o.Registry = shared })
	p.want(request{path: "/call"}, 200, `Error: Worker "rooms" runs in another tool, which dodev cannot call. Run both with dodev.`)
	if _, err := os.Stat(filepath.Join(shared, "caller")); err != nil {
		t.Errorf("the caller is not registered: %v", err)
	}
}
