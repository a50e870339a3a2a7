package emulator_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// facetsDir is a project that has its objects do all that can be done with
// facets, with what the real runtime answered.
var facetsDir = filepath.Join("testdata", "facets")

// recordFacets names where the real runtime runs the project, as
// "now=http://127.0.0.1:8787". Then the answers are recorded instead of
// compared.
const recordFacets = "DODEV_RECORD_FACETS"

var facetsConfigs = []rpcConfig{
	{"now", "wrangler.toml", func(q string) bool { return !needsExperiments(q) }},
	{"experimental", "wrangler.experimental.toml", needsExperiments},
}

// needsExperiments reports whether a question is about what the real runtime has
// behind a flag.
func needsExperiments(question string) bool {
	return strings.HasPrefix(question, "snap") || strings.HasPrefix(question, "plainSnap")
}

// TestFacetsAnswerAsInTheRealRuntime asks the project everything it knows.
// differences.txt lists the answers that differ, and why; one that differs no
// more fails as well.
func TestFacetsAnswerAsInTheRealRuntime(t *testing.T) {
	if where := os.Getenv(recordFacets); where != "" {
		recordAnswers(t, facetsDir, facetsConfigs, where)
	}
	differing := readDifferences(t, filepath.Join(facetsDir, "differences.txt"))
	for _, c := range facetsConfigs {
		for _, isolates := range []int{1, 3} {
			if isolates == 1 || !testing.Short() {
				t.Run(fmt.Sprintf("%s/%d", c.name, isolates), func(t *testing.T) { compareFacets(t, c, isolates, differing) })
			}
		}
	}
}

func compareFacets(t *testing.T, c rpcConfig, isolates int, differing map[string]string) {
	dir := copyTree(t, facetsDir)
	write(t, filepath.Join(dir, "wrangler.toml"), read(t, filepath.Join(facetsDir, c.file)))
	cfg, b := build(t, dir, config.Options{})
	many := func(o *emulator.Options) { o.Isolates = isolates }
	p, hasty := serveBuilt(t, cfg, b, localRuntime, many), serveBuilt(t, cfg, b, localRuntime, many, inHaste)
	for _, a := range decode[[]rpcAnswer](t, read(t, filepath.Join(facetsDir, c.name+".json"))) {
		evicts := strings.Contains(strings.ToLower(a.Question), "evict")
		if evicts && testing.Short() {
			continue
		}
		t.Run(a.Question, func(t *testing.T) {
			asked := p
			if evicts {
				t.Parallel()
				asked = hasty
			}
			asked.compare(t, a, differing[c.name+"/"+a.Question])
		})
	}
}

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
