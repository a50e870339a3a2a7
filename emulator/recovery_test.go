package emulator_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/sqlite"
)

// travelProject has a Worker whose object does what the path says, once for each
// part, and answers with the last result.
const travelProject = `
-- wrangler.jsonc --
{
  "name": "travel", "main": "index.js", "compatibility_date": "2026-11-01",
  "durable_objects": { "bindings": [{ "name": "SQL", "class_name": "Notes" }, { "name": "KV", "class_name": "Plain" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Notes"], "new_classes": ["Plain"] }]
}
-- index.js --
import { DurableObject } from "cloudflare:workers";
class Travel extends DurableObject {
  put(value) { return this.ctx.storage.put("value", value); }
  get() { return this.ctx.storage.get("value"); }
  now() { return this.ctx.storage.getCurrentBookmark(); }
  at(time) { return this.ctx.storage.getBookmarkForTime(Number(time)); }
  before() { return this.ctx.storage.getBookmarkForTime(0); }
  restore(bookmark) { return this.ctx.storage.onNextSessionRestoreBookmark(bookmark); }
  arm() { return this.ctx.storage.setAlarm(Date.now() + 3600000); }
  armed() { return this.ctx.storage.getAlarm().then((at) => at !== null); }
  clear() { return this.ctx.storage.deleteAll(); }
  none() { return this.ctx.storage.onNextSessionRestoreBookmark(); }
  never() { return this.ctx.storage.getBookmarkForTime(new Date(NaN)); }
  async restart() { this.ctx.abort("restart"); }
  alarm() {}
}
export class Notes extends Travel {}
export class Plain extends Travel {}
export default {
  async fetch(request, env) {
    const [, binding, method, ...args] = new URL(request.url).pathname.split("/");
    try {
      return new Response(String(await env[binding].getByName("one")[method](...args)));
    } catch (error) {
      return new Response(error.name + ": " + error.message, { status: 500 });
    }
  },
};
`

func TestAnObjectGoesBackInTimeWhenItStartsAgain(t *testing.T) {
	dir := extract(t, travelProject)
	p := serve(t, dir)
	p.get("/SQL/put/first")
	p.get("/SQL/arm")
	first := p.get("/SQL/now")
	p.get("/SQL/put/second")
	p.get("/SQL/clear")
	p.get("/SQL/put/third")
	undo := p.get("/SQL/restore/" + first)
	p.get("/SQL/put/last")
	if got := p.get("/SQL/get"); got != "last" {
		t.Errorf("restored before the session ended: %s", got)
	}
	p.ask(request{path: "/SQL/restart"})
	if value, armed := p.get("/SQL/get"), p.get("/SQL/armed"); value != "first" || armed != "true" {
		t.Errorf("value %s, alarm set: %s, want what was there at the bookmark", value, armed)
	}
	if alarms := p.Namespaces()[0].Alarms; alarms != 1 {
		t.Errorf("%d alarms are indexed, want the restored one", alarms)
	}
	if again := p.get("/SQL/restore/" + undo); again <= first {
		t.Errorf("the undo bookmark %s does not sort behind %s", again, first)
	}
	p.ask(request{path: "/SQL/restart"})
	if value, armed := p.get("/SQL/get"), p.get("/SQL/armed"); value != "last" || armed != "false" {
		t.Errorf("value %s, alarm set: %s, want the end of the session before", value, armed)
	}
	p.get("/SQL/restore/" + p.get("/SQL/before"))
	p.ask(request{path: "/SQL/restart"})
	if got := p.get("/SQL/get"); got != "undefined" {
		t.Errorf("%s, want the object as it was before anything", got)
	}
	if p.get("/SQL/at/4102444800000") != p.get("/SQL/now") {
		t.Error("the bookmark of a time to come is not that of now")
	}
}

func TestARestorationOutlivesTheServer(t *testing.T) {
	state := inFolder(t.TempDir())
	cfg, b := build(t, extract(t, travelProject), config.Options{})
	p := serveBuilt(t, cfg, b, state)
	p.get("/SQL/put/first")
	first := p.get("/SQL/now")
	p.get("/SQL/put/second")
	p.get("/SQL/restore/" + first)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = serveBuilt(t, cfg, b, state)
	if got := p.get("/SQL/get"); got != "first" {
		t.Errorf("%s, want what was asked for in the process before", got)
	}
}

func TestWrongBookmarksAreRefusedInTheCallersFace(t *testing.T) {
	p := serve(t, extract(t, travelProject))
	p.get("/SQL/put/value")
	for path, want := range map[string]string{
		"/SQL/restore/x": `Error: restore: the bookmark leads nowhere: "x" is not written like one`,
		"/SQL/restore/00000000-00000000-00000000-00000000000000000000000000000000": "Error: restore: the bookmark leads nowhere: 00000000-00000000-00000000-00000000000000000000000000000000 is of another object, or of a history that was discarded",
		"/SQL/none":  "TypeError: Failed to execute 'onNextSessionRestoreBookmark' on 'DurableObjectStorage': parameter 1 is not of type 'string'.",
		"/SQL/never": "TypeError: The value cannot be converted because it is not a valid Date.",
	} {
		if status, body := p.ask(request{path: path}); status != 500 || body != want {
			t.Errorf("%s: %d %s, want %s", path, status, body, want)
		}
	}
	if got := p.get("/SQL/get"); got != "value" {
		t.Errorf("the value is %s", got)
	}
}

func TestWhatHasNoPastSaysSoInThePlatformsWords(t *testing.T) {
	const none = "Error: This Durable Object's storage back-end does not implement point-in-time recovery."
	dir := extract(t, travelProject)
	for name, tt := range map[string]struct {
		change  func(*emulator.Options)
		path    string
		current bool // has a bookmark all the same, like the local runtime
	}{
		"a key-value class":        {func(*emulator.Options) {}, "/KV", false},
		"the local runtime's ways": {func(o *emulator.Options) { o.Limits = emulator.Local }, "/SQL", true},
		"objects in memory":        {func(o *emulator.Options) { o.InMemory = true }, "/SQL", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := serve(t, dir, tt.change)
			for _, call := range []string{"/at/0", "/restore/x"} {
				p.want(request{path: tt.path + call}, 500, none)
			}
			status, body := p.ask(request{path: tt.path + "/now"})
			if tt.current && (status != 200 || !strings.HasPrefix(body, "00000000-00000000-")) || !tt.current && body != none {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

func TestHistoryLiesBesideTheRealRuntimesFiles(t *testing.T) {
	state := t.TempDir()
	p := serve(t, extract(t, travelProject), inFolder(state))
	p.get("/SQL/put/value")
	p.get("/SQL/now")
	found, err := filepath.Glob(filepath.Join(state, "dodev", "history", "travel-Notes", "*.hist"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	beside, err := filepath.Glob(filepath.Join(state, "v3", "do", "travel-Notes", "*"))
	if err != nil || len(beside) != 2 {
		t.Errorf("files %v, %v, want the object's and the index", beside, err)
	}
}

func TestALostHistoryIsSaid(t *testing.T) {
	state := inFolder(t.TempDir())
	cfg, b := build(t, extract(t, travelProject), config.Options{})
	p := serveBuilt(t, cfg, b, state)
	p.get("/SQL/put/value")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(p.state, "v3", "do", "travel-Notes", "[0-9a-f]*[0-9a-f].sqlite"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	other := sqlite.OpenObject(files[0], sqlite.Options{})
	if err := errors.Join(other.Put("theirs", nil), other.Commit(), other.Close()); err != nil {
		t.Fatal(err)
	}
	p = serveBuilt(t, cfg, b, state)
	p.get("/SQL/put/more")
	p.get("/SQL/now")
	if e := p.says("its history was discarded"); e.Level != "warn" || e.Object != "Notes/"+strings.TrimSuffix(filepath.Base(files[0]), ".sqlite")[:8] {
		t.Errorf("logged %+v", e)
	}
}
