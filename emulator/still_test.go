package emulator_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/sqlite/snapshot"
)

// roundsProject has a Worker that goes through objects, and a facet of each, and
// has each note the number of the round, the next one once the former has; and
// lists what they have noted.
const roundsProject = `
-- wrangler.toml --
name = "rounds"
main = "index.js"
compatibility_date = "2026-11-01"
[[durable_objects.bindings]]
name = "NOTES"
class_name = "Notes"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Notes"]
-- index.js --
import { DurableObject } from "cloudflare:workers";
export class Part extends DurableObject {
  note(round) { this.ctx.storage.kv.put("round", round); }
  noted() { return this.ctx.storage.kv.get("round") ?? 0; }
}
export class Notes extends DurableObject {
  get part() { return this.ctx.facets.get("part", () => ({ class: this.ctx.exports.Part })); }
  async note(round) {
    if (round === 1) this.ctx.storage.kv.put("ballast", new Uint8Array(300_000));
    this.ctx.storage.kv.put("round", round);
    await this.part.note(round);
  }
  async grow() {
    await this.note(2);
    for (const key of ["a", "b", "c", "d"]) this.ctx.storage.kv.put(key, new Uint8Array(1_900_000));
  }
  async noted() { return [this.ctx.storage.kv.get("round") ?? 0, await this.part.noted()]; }
}
export default {
  async fetch(request, env) {
    const [, method, round] = new URL(request.url).pathname.split("/");
    if (method === "grow") return new Response(await env.NOTES.getByName(round).grow());
    const noted = [];
    for (let i = 0; i < 20; i++) noted.push(await env.NOTES.getByName("o" + i)[method](Number(round)));
    return new Response(noted.flat().join(" "));
  },
};
`

func TestASnapshotIsOfOneInstantWhileTheProjectGoesOn(t *testing.T) {
	p := serve(t, extract(t, roundsProject))
	store := snapshot.Store{Dir: filepath.Join(t.TempDir(), "snapshots")}
	p.get("/note/1")
	end := make(chan struct{})
	var rounds atomic.Int64
	var writing sync.WaitGroup
	writing.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
				p.get(fmt.Sprintf("/note/%d", rounds.Add(1)+1))
			}
		}
	})
	var saved []*snapshot.Manifest
	for i := 0; i < 8 || rounds.Load() < 4; i++ {
		m, err := p.SaveSnapshot(store, snapshot.Wish{Name: fmt.Sprint("s", i), At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		saved = append(saved, m)
	}
	close(end)
	writing.Wait()
	for _, m := range saved {
		if _, err := p.RestoreSnapshot(store, m, snapshot.Scope{}); err != nil {
			t.Fatal(err)
		}
		noted := p.get("/noted")
		first, last := 0, 0
		for i, text := range strings.Fields(noted) {
			n, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				first, last = n, n
			}
			if n > last || n < first-1 {
				t.Fatalf("%s has %s: what was noted later without what was noted before", m.Name, noted)
			}
			last = n
		}
	}
}

// Of a commit so large the engine writes all into the database at once.
func TestWhatIsWrittenWhileASnapshotIsSavedIsNotInIt(t *testing.T) {
	p := serve(t, extract(t, roundsProject), func(o *emulator.Options) { o.Isolates = 4 })
	p.get("/note/1")
	var first atomic.Bool
	grown := make(chan struct{}, 20)
	store := snapshot.Store{Dir: filepath.Join(t.TempDir(), "snapshots"), Step: func() error {
		if !first.CompareAndSwap(false, true) {
			return nil
		}
		for i := range 20 { // one of which is being copied, and holds up its isolate
			go func() {
				p.get(fmt.Sprintf("/grow/o%d", i))
				grown <- struct{}{}
			}()
		}
		for range 5 {
			<-grown
		}
		return nil
	}}
	m, err := p.SaveSnapshot(store, snapshot.Wish{Name: "before", At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for range 15 {
		<-grown
	}
	if got, want := p.get("/noted"), strings.Repeat("2 2 ", 20); got+" " != want {
		t.Fatalf("while it was saved %q was noted, want %q", got, want)
	}
	if _, err := p.RestoreSnapshot(store, m, snapshot.Scope{}); err != nil {
		t.Fatal(err)
	}
	if got, want := p.get("/noted"), strings.Repeat("1 1 ", 20); got+" " != want {
		t.Errorf("the snapshot has %q, want %q", got, want)
	}
}
