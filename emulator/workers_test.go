package emulator_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// serveWorkers runs the projects in folders of dir, the first of which gets the
// requests.
func serveWorkers(t testing.TB, dir string, first string, others ...string) *project {
	t.Helper()
	return serve(t, filepath.Join(dir, first), func(o *emulator.Options) {
		for _, name := range others {
			o.Workers = append(o.Workers, buildWorker(t, filepath.Join(dir, name)))
		}
	})
}

func buildWorker(t testing.TB, dir string) emulator.Worker {
	t.Helper()
	cfg, b := build(t, dir, config.Options{})
	return emulator.Worker{Config: cfg, Bundle: b}
}

// Two Workers: visits are counted in memory, so that a new instance shows.
const twoWorkers = `
-- web/wrangler.json --
{"name": "web", "main": "index.js", "compatibility_date": "2026-11-01",
 "services": [{"binding": "ROOMS", "service": "rooms"}],
 "durable_objects": {"bindings": [
  {"name": "HALL", "class_name": "Room"},
  {"name": "ROOM", "class_name": "Room", "script_name": "rooms"}]},
 "migrations": [{"tag": "v1", "new_sqlite_classes": ["Room"]}]}
-- web/index.js --
import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject {
  visits = 0;
  visit() { return ++this.visits; }
}
export default {
  async fetch(request, env) {
    return new Response([await env.ROOMS.version(), await env.HALL.getByName("a").visit(), await env.ROOM.getByName("a").visit()].join(" "));
  },
};
-- rooms/wrangler.json --
{"name": "rooms", "main": "index.js", "compatibility_date": "2026-11-01",
 "migrations": [{"tag": "v1", "new_sqlite_classes": ["Room"]}]}
-- rooms/index.js --
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Room extends DurableObject {
  visits = 100;
  visit() { return ++this.visits; }
}
export default class extends WorkerEntrypoint {
  version() { return "one"; }
}
`

func TestAReloadLeavesTheObjectsOfOtherWorkersAlone(t *testing.T) {
	dir := extract(t, twoWorkers)
	p := serveWorkers(t, dir, "web", "rooms")
	want := func(body string) {
		t.Helper()
		p.want(request{path: "/"}, 200, body)
	}
	want("one 1 101")
	want("one 2 102")

	code, err := os.ReadFile(filepath.Join(dir, "rooms", "index.js"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "rooms", "index.js"), strings.Replace(string(code), `"one"`, `"two"`, 1))
	p.reload(filepath.Join(dir, "rooms"))
	want("two 3 101")
	p.reload(filepath.Join(dir, "web"))
	want("two 1 102")
}

func TestAReloadKnowsARenamedWorkerByItsFile(t *testing.T) {
	dir := extract(t, twoWorkers)
	p := serveWorkers(t, dir, "web", "rooms")
	write(t, filepath.Join(dir, "rooms", "wrangler.json"), `{"name": "chambers", "main": "index.js", "compatibility_date": "2026-11-01",
 "migrations": [{"tag": "v1", "new_sqlite_classes": ["Room"]}]}`)
	p.reload(filepath.Join(dir, "rooms"))
	_, err := p.try(request{path: "/"})
	var failure *emulator.Failure
	if want := `Worker "rooms" not found. Make sure it is running locally.`; !errors.As(err, &failure) || failure.Message != want {
		t.Errorf("a call to the former name: got %v, want %s", err, want)
	}
	codes := map[string]int{}
	for _, d := range p.Dangling() {
		codes[d.Code]++
	}
	if want := map[string]int{"absent-worker": 2}; !maps.Equal(codes, want) {
		t.Errorf("dangling bindings: got %v, want %v", codes, want)
	}
}

func TestBindingsThatLeadNowhereAreNamed(t *testing.T) {
	dir := extract(t, twoWorkers)
	write(t, filepath.Join(dir, "web", "wrangler.json"), `{"name": "web", "main": "index.js", "compatibility_date": "2026-11-01",
 "services": [{"binding": "A", "service": "absent"}, {"binding": "B", "service": "rooms", "entrypoint": "Nobody"}],
 "durable_objects": {"bindings": [{"name": "C", "class_name": "Absent", "script_name": "rooms"}]}}`)
	var got []string
	for _, d := range serveWorkers(t, dir, "web", "rooms").Dangling() {
		got = append(got, d.Message)
	}
	want := []string{
		`C is bound to the class "Absent", which the Worker "rooms" does not define`,
		`A is bound to the Worker "absent", which does not run here`,
		`B is bound to the entrypoint "Nobody", which the Worker "rooms" does not export`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTwoWorkersOfOneNameAreRefused(t *testing.T) {
	w := buildWorker(t, filepath.Join(extract(t, twoWorkers), "rooms"))
	e, err := emulator.Open(emulator.Options{Workers: []emulator.Worker{w, w}, StateDir: t.TempDir(), Isolates: 1})
	if err == nil {
		e.Close()
	}
	if want := `two Workers have the name "rooms"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnEntrypointThatIsNotExportedFailsByName(t *testing.T) {
	p := serve(t, extract(t, `
-- wrangler.json --
{"name": "alone", "main": "index.js", "compatibility_date": "2026-11-01",
 "services": [{"binding": "NOBODY", "service": "alone", "entrypoint": "Nobody"}]}
-- index.js --
export default {
  async fetch(request, env) {
    return new Response(await env.NOBODY.greet().catch((error) => error.message));
  },
};
`))
	p.want(request{path: "/"}, 200, `The Worker has no entrypoint named "Nobody".`)
}
