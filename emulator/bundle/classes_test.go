package bundle_test

import (
	"strings"
	"testing"
)

func TestClassesOfObjectsAreFoundHoweverTheyAreWritten(t *testing.T) {
	for name, minify := range map[string]string{"as written": "", "minified": `"Minify": true`} {
		t.Run(name, func(t *testing.T) {
			b, _ := build(t, strings.Replace(`
-- cfg --
{MINIFY}
-- src/index.ts --
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { Base } from "./base";
export class Room extends DurableObject<Env> { hi() { return "class Fake extends DurableObject"; } }
export class Far extends Base<string> {}
export { Limiter as RateLimiter } from "./limiter";
const Named = class extends DurableObject {};
export { Named };
export const Other = Room;
const withLog = <T>(base: T) => base;
export class Mixed extends withLog(DurableObject) {}
export class Entry extends WorkerEntrypoint {}
export class Plain { x = 1; }
export class Child extends Plain {}
export const registry = { Room };
export default { async fetch() { return new Response("ok"); } };
-- src/base.ts --
import { DurableObject } from "cloudflare:workers";
class Lower extends DurableObject {}
export class Base<T> extends Lower {}
-- src/limiter.ts --
import * as cf from "cloudflare:workers";
export class Limiter extends cf.DurableObject {}
`, "MINIFY", minify, 1))
			if got, want := strings.Join(b.ObjectClasses(), " "), "Far Mixed Named Other RateLimiter Room"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestClassesOfObjectsAreFoundInModulesAsTheyAre(t *testing.T) {
	b, _ := build(t, `
-- cfg --
{ "Main": "index.js", "NoBundle": true, "FindAdditionalModules": true, "Rules": [{ "Type": "ESModule", "Globs": ["**/*.js"] }] }
-- index.js --
import { DurableObject } from "cloudflare:workers";
export { Room } from "./room.js";
export class Hall extends DurableObject {}
export class Plain {}
export default { fetch() { return new Response("ok"); } };
-- room.js --
import { DurableObject as Base } from "cloudflare:workers";
export class Room extends Base {}
`)
	if got, want := strings.Join(b.ObjectClasses(), " "), "Hall Room"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
