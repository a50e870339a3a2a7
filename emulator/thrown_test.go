package emulator_test

import (
	"net/url"
	"testing"
)

// throwing is a project whose object throws what it is asked to, and whose
// Worker tells what came of it.
const throwing = `
-- wrangler.toml --
name = "throwing"
main = "src/index.js"
compatibility_date = "2026-11-01"

[[durable_objects.bindings]]
name = "THROWERS"
class_name = "Thrower"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Thrower"]
-- src/index.js --
import { DurableObject } from "cloudflare:workers";

const things = {
  "a frozen error": () => Object.freeze(new TypeError("frozen")),
  "an error without a message": () => Object.defineProperty(new Error("x"), "message", { get() { throw new Error("no message"); } }),
  "an error without a stack": () => Object.defineProperty(new Error("stackless"), "stack", { get() { throw new Error("no stack"); } }),
  "a proxy": () => new Proxy({}, { get() { throw new Error("no property"); } }),
  "a symbol": () => Symbol("thrown"),
  "null": () => null,
  "a function": () => () => {},
};

export class Thrower extends DurableObject {
  call(what) { throw things[what](); }
  async later(what) { await scheduler.wait(1); throw things[what](); }
  fetch(request) { throw things[decodeURIComponent(new URL(request.url).pathname.slice(1))](); }
}

export default {
  async fetch(request, env) {
    const what = new URL(request.url).searchParams.get("what");
    const thrower = env.THROWERS.getByName("it");
    const ask = (answer) => answer.then(() => "returned", (error) => typeof error);
    return Response.json([await ask(thrower.call(what)), await ask(thrower.later(what)), await ask(thrower.fetch("http://x/" + encodeURIComponent(what)))]);
  },
};
`

func TestWhateverIsThrownItsCallerIsAnswered(t *testing.T) {
	t.Parallel()
	p := serve(t, extract(t, throwing))
	for _, what := range []string{
		"a frozen error", "an error without a message", "an error without a stack", "a proxy", "a symbol", "null", "a function",
	} {
		t.Run(what, func(t *testing.T) {
			p.want(request{path: "/?what=" + url.QueryEscape(what)}, 200, `["object","object","object"]`)
		})
	}
}
