package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/live"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// patience is how long a test waits for what should come at once.
const patience = time.Minute

const configuration = `{
	"name": "live", "main": "index.ts", "compatibility_date": "2026-11-01",
	"durable_objects": {"bindings": [{"name": "ROOMS", "class_name": "Room"}]},
	"migrations": [{"tag": "v1", "new_sqlite_classes": ["Room"]}]
}`

const source = `
import { DurableObject } from "cloudflare:workers";
let open: () => void;
const opened = new Promise<void>((resolve) => { open = resolve; });
export class Room extends DurableObject {
	async fetch(request: Request) {
		const path = new URL(request.url).pathname;
		if (path === "/ws") {
			const { 0: client, 1: server } = new WebSocketPair();
			this.ctx.acceptWebSocket(server, ["ann"]);
			this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
			return new Response(null, { status: 101, webSocket: client });
		}
		if (path === "/relay") return new Response(await this.env.ROOMS.getByName("other").count());
		if (path === "/outside") {
			console.log("asked outside");
			return fetch(new URL(request.url).searchParams.get("url")!);
		}
		if (path === "/hang") {
			await new Promise<void>((resolve) => { this.let = resolve; });
			return new Response("gone on");
		}
		if (path === "/later") {
			this.ctx.waitUntil(scheduler.wait(5).then(() => this.ctx.storage.put("late", 1)));
			return new Response("soon");
		}
		if (path === "/throw") throw new TypeError("no such room");
		if (path === "/accept") {
			const { 0: client, 1: server } = new WebSocketPair();
			server.accept();
			server.addEventListener("message", ({ data }) => {
				this.ctx.storage.kv.put("heard", 1);
				server.send("heard " + (typeof data === "string" ? data : data.size ?? data.byteLength));
			});
			return new Response(null, { status: 101, webSocket: client });
		}
		await this.ctx.storage.put("path", path);
		console.log("path", path);
		return new Response(path);
	}
	async count() {
		const n = ((await this.ctx.storage.get<number>("n")) ?? 0) + 1;
		await this.ctx.storage.put("n", n);
		return String(n);
	}
	async section() {
		await this.ctx.blockConcurrencyWhile(async () => {
			const n = (await this.ctx.storage.get<number>("n")) ?? 0;
			console.log("in the section");
			await scheduler.wait(200);
			await this.ctx.storage.put("n", n + 100);
		});
	}
	hold() {
		console.log("held");
	}
	let = () => {};
	unhang() { this.let(); }
	spin(ms: number) {
		let x = 0;
		console.log("spinning");
		for (let i = 0; i < ms * 4000; i++) x += i;
		return x;
	}
	async rows() {
		this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t (x)");
		this.ctx.storage.sql.exec("INSERT INTO t VALUES (1), (2), (3)");
		await this.ctx.storage.put("key", "value");
		return [...this.ctx.storage.sql.exec("SELECT * FROM t")].length;
	}
	async alarm() { throw new RangeError("not now"); }
	webSocketMessage(ws: WebSocket, message: string) {
		ws.send("echo " + message);
	}
}
export default {
	fetch(request, env) {
		const url = new URL(request.url);
		return env.ROOMS.getByName(url.searchParams.get("room") ?? "lobby").fetch(request);
	},
};`

// A project is an emulator that a test looks into.
type project struct {
	*live.Live
	emu  *emulator.Emulator
	dir  string
	held chan struct{} // a turn that prints "held" goes on once this is closed
}

func open(t *testing.T, dir string) *project {
	t.Helper()
	for name, text := range map[string]string{"wrangler.json": configuration, "index.ts": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, ds, err := config.Load(filepath.Join(dir, "wrangler.json"), config.Options{})
	if err == nil {
		err = ds.Err()
	}
	if err != nil {
		t.Fatal(err)
	}
	b, ds := bundle.Build(cfg, bundle.Options{})
	if err := ds.Err(); err != nil {
		t.Fatal(err)
	}
	l := live.New(inspect.Project{Name: "live", Config: filepath.Join(dir, "wrangler.json"), State: filepath.Join(dir, "state"), URL: "http://127.0.0.1:8787"})
	held := make(chan struct{})
	emu, err := emulator.Open(emulator.Options{
		Workers: []emulator.Worker{{Config: cfg, Bundle: b}}, StateDir: filepath.Join(dir, "state"), Isolates: 2,
		Log: func(e emulator.Entry) {
			l.Log(e)
			if e.Text == "held" {
				<-held
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Attach(emu)
	p := &project{l, emu, dir, held}
	t.Cleanup(func() {
		l.Close()
		if err := emu.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// get sends a request to the Worker.
func (p *project) get(t *testing.T, url string) string {
	t.Helper()
	res, err := p.emu.Fetch(t.Context(), &emulator.Request{Method: "GET", URL: "http://localhost" + url})
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ref finds an object by its name.
func (p *project) ref(t *testing.T, name string) inspect.Ref {
	t.Helper()
	s, err := p.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	target, err := s.Resolve("Room/"+name, true)
	if err != nil {
		t.Fatal(err)
	}
	return target.Ref
}

func (p *project) call(t *testing.T, name, method string, args ...string) {
	t.Helper()
	c := inspect.Call{Object: p.ref(t, name), Name: name, Method: method}
	for _, a := range args {
		c.Args = append(c.Args, json.RawMessage(a))
	}
	if _, err := p.Call(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// follow gives a stream, and await takes from it until an event will do.
func (p *project) follow(t *testing.T, f inspect.Follow) inspect.Stream {
	t.Helper()
	stream, err := p.Watch(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stream.Close() })
	return stream
}

func await(t *testing.T, s inspect.Stream, what string, will func(e inspect.Event) bool) inspect.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		e, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", what, err)
		}
		if will(e) {
			return e
		}
	}
}

func TestAnEditWaitsForACriticalSectionAndSeesWhatItWrote(t *testing.T) {
	p := open(t, t.TempDir())
	p.call(t, "lobby", "count")
	lobby := p.ref(t, "lobby")
	shown, err := p.Entry(t.Context(), lobby, "n")
	if err != nil {
		t.Fatal(err)
	}
	began := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = p.Call(context.Background(), inspect.Call{Object: lobby, Name: "lobby", Method: "section"})
	}()
	await(t, began, "the section", func(e inspect.Event) bool { return e.Log != nil && e.Log.Text == "in the section" })
	_, err = p.Edit(t.Context(), lobby, []inspect.Change{{Key: "n", Value: json.RawMessage("7"), Expect: shown.Version}})
	e, ok := err.(*inspect.Error)
	if !ok || e.Code != inspect.Conflict || e.Now == nil || string(e.Now.Value) != "101" {
		t.Errorf("the edit gives %+v, want a conflict with what the section wrote, 101", err)
	}
	<-done
}

func TestEditsAreWholeOrNothing(t *testing.T) {
	p := open(t, t.TempDir())
	p.call(t, "lobby", "count")
	lobby := p.ref(t, "lobby")
	_, err := p.Edit(t.Context(), lobby, []inspect.Change{
		{Key: "new", Value: json.RawMessage("1")}, {Key: "n", Value: json.RawMessage("2"), Expect: inspect.Absent},
	})
	if inspect.CodeOf(err) != inspect.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
	if _, err := p.Entry(t.Context(), lobby, "new"); inspect.CodeOf(err) != inspect.NotFound {
		t.Errorf("of the failed edit the first half is there: %v", err)
	}
	diffs, err := p.Edit(t.Context(), lobby, []inspect.Change{{Key: "n"}})
	if err != nil || len(diffs) != 1 || diffs[0].After != nil {
		t.Fatalf("deleting gives %+v, %v", diffs, err)
	}
	if _, err := p.Edit(t.Context(), lobby, []inspect.Change{diffs[0].Undo()}); err != nil {
		t.Fatal(err)
	}
	if e, err := p.Entry(t.Context(), lobby, "n"); err != nil || string(e.Value) != "1" {
		t.Errorf("after the undo n is %s, %v; want 1", e.Value, err)
	}
}

func TestLookingAtAnObjectMakesNoInstance(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir)
	p.call(t, "lobby", "count")
	lobby := p.ref(t, "lobby")
	if _, err := p.Act(t.Context(), inspect.Action{Kind: inspect.Evict, Object: lobby}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Keys(t.Context(), lobby, inspect.KeyQuery{}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.SQL(t.Context(), lobby, inspect.SQLQuery{SQL: "CREATE TABLE t (x); INSERT INTO t VALUES (1)"}); err != nil {
		t.Fatal(err)
	}
	if s, err := p.Schema(t.Context(), lobby); err != nil || len(s.Tables) != 1 || s.Tables[0].Rows != 1 {
		t.Errorf("schema %+v, %v; want a table of one row", s, err)
	}
	if _, err := p.Edit(t.Context(), lobby, []inspect.Change{{Key: "n", Value: json.RawMessage("5")}}); err != nil {
		t.Fatal(err)
	}
	if o, err := p.Object(t.Context(), lobby); err != nil || o.State != inspect.Stored {
		t.Errorf("it is %s, %v; want stored", o.State, err)
	}
	never := p.ref(t, "never")
	if page, err := p.Keys(t.Context(), never, inspect.KeyQuery{}); err != nil || len(page.Entries) != 0 {
		t.Errorf("of an object that is not there: %+v, %v", page, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "state", "v3", "do", "live-Room", never.ID+".sqlite")); !os.IsNotExist(err) {
		t.Errorf("looking at it made a file: %v", err)
	}
}

func TestWhatCodeSendsIsFollowedWithItsTraceOrWhileSomebodyLooks(t *testing.T) {
	p := open(t, t.TempDir())
	follows := func() bool { return p.emu.Objects().Follows(nil, false) }
	if follows() {
		t.Error("it is followed before anybody looks")
	}
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.AllObjects}})
	if !follows() {
		t.Error("it is not followed while somebody looks, who wants to know loads")
	}
	stream.Close()
	if follows() {
		t.Error("it is followed after the last one left")
	}
	logs := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}})
	defer logs.Close()
	if follows() {
		t.Error("the logs alone have it followed")
	}
}

func TestWhoIsTooSlowIsToldToLookAgainAndHoldsNobodyUp(t *testing.T) {
	p := open(t, t.TempDir())
	slow := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}})
	for range 10_000 {
		p.Log(emulator.Entry{Kind: emulator.Console, Level: "log", Text: "x"})
	}
	if e, err := slow.Next(t.Context()); err != nil || e.Kind != inspect.Missed {
		t.Fatalf("got %+v, %v; want to be told of what was missed", e, err)
	}
	p.Log(emulator.Entry{Kind: emulator.Console, Level: "log", Text: "after"})
	if e, err := slow.Next(t.Context()); err != nil || e.Log == nil || e.Log.Text != "after" {
		t.Errorf("got %+v, %v; want what came after", e, err)
	}
}

func TestAStreamGoesOnWhereItEnded(t *testing.T) {
	p := open(t, t.TempDir())
	s, err := p.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.Log(emulator.Entry{Kind: emulator.Console, Level: "log", Text: "between"})
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}, From: s.Next})
	e, err := stream.Next(t.Context())
	if err != nil || e.Log == nil || e.Log.Text != "between" {
		t.Fatalf("got %+v, %v; want what happened between", e, err)
	}
	stream.Close()
	p.Log(emulator.Entry{Kind: emulator.Console, Level: "log", Text: "meanwhile"})
	again := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}, From: e.Cursor})
	if e, err := again.Next(t.Context()); err != nil || e.Log == nil || e.Log.Text != "meanwhile" {
		t.Errorf("got %+v, %v; want what happened meanwhile", e, err)
	}
	other := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}, From: "another-7"})
	if e, err := other.Next(t.Context()); err != nil || e.Kind != inspect.Missed {
		t.Errorf("with a cursor of another run: %+v, %v; want to be told so", e, err)
	}
}

func TestFollowersAreToldHowObjectsLiveAndWhatTheyStore(t *testing.T) {
	p := open(t, t.TempDir())
	lobby := p.ref(t, "lobby")
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.AllObjects, inspect.Stores}, Object: lobby})
	p.get(t, "/one")
	e := await(t, stream, "the first write", func(e inspect.Event) bool { return e.Storage != nil })
	if d := e.Storage.Diffs; len(d) != 1 || d[0].Key != "path" || d[0].Before != nil || string(d[0].After.Value) != `"/one"` {
		t.Errorf("got %+v, want path to become /one", d)
	}
	p.get(t, "/two")
	e = await(t, stream, "the second write", func(e inspect.Event) bool { return e.Storage != nil })
	if d := e.Storage.Diffs; len(d) != 1 || string(d[0].Before.Value) != `"/one"` || string(d[0].After.Value) != `"/two"` {
		t.Errorf("got %+v, want path to become /two", d)
	}
	await(t, stream, "the object", func(e inspect.Event) bool {
		return e.Object != nil && e.Object.Label == "Room/lobby" && e.Object.State == inspect.Idle && e.Object.SizeBytes > 0
	})
	await(t, stream, "its load", func(e inspect.Event) bool { return e.Loads[lobby].Total == 2 && e.Load != nil })
	if _, err := p.Act(t.Context(), inspect.Action{Kind: inspect.Delete, Object: lobby}); err != nil {
		t.Fatal(err)
	}
	await(t, stream, "its end", func(e inspect.Event) bool { return e.Gone != nil && *e.Gone == lobby })
}

func TestAnErrorIsRememberedWithItsPlace(t *testing.T) {
	p := open(t, t.TempDir())
	p.get(t, "/throw")
	o, err := p.Object(t.Context(), p.ref(t, "lobby"))
	if err != nil || o.LastError == nil || o.LastError.Error() == "" || !strings.HasPrefix(o.LastError.Place, "index.ts:27:") {
		t.Errorf("got %+v, %v; want the TypeError at index.ts:27", o.LastError, err)
	}
}

func TestABusyObjectHoldsUpOnlyWhatConcernsIt(t *testing.T) {
	p := open(t, t.TempDir())
	p.call(t, "lobby", "count")
	lobby := p.ref(t, "lobby")
	p.call(t, "attic", "count")
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.AllObjects, inspect.Logs}})
	done := make(chan error, 1)
	go func() {
		_, err := p.Call(context.Background(), inspect.Call{Object: lobby, Name: "lobby", Method: "hold"})
		done <- err
	}()
	holds, runs := false, false // whichever is told first
	await(t, stream, "the turn that is held", func(e inspect.Event) bool {
		holds = holds || e.Log != nil && e.Log.Text == "held"
		runs = runs || e.Object != nil && e.Object.Ref == lobby && e.Object.State == inspect.Running
		return holds && runs
	})
	s, err := p.Snapshot(t.Context())
	if err != nil || len(s.Objects) != 2 {
		t.Errorf("%d objects, %v; want both", len(s.Objects), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Keys(ctx, lobby, inspect.KeyQuery{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a question that nobody waits for: %v, want it called off", err)
	}
	asked := make(chan error, 1)
	go func() {
		_, err := p.Keys(context.Background(), lobby, inspect.KeyQuery{})
		asked <- err
	}()
	close(p.held)
	if err := errors.Join(<-done, <-asked); err != nil {
		t.Errorf("once the turn has ended: %v", err)
	}
}

// replaced awaits that followers are told of what was replaced.
func replaced(t *testing.T, s inspect.Stream, by string) {
	t.Helper()
	await(t, s, "what is stored was replaced by a "+by, func(e inspect.Event) bool {
		return e.Kind == inspect.StorageChanged && e.Storage.Replaced && e.Storage.By == by
	})
}

func TestFollowersAreToldAtOnceWhatGoingBackReplaces(t *testing.T) {
	p := open(t, t.TempDir())
	p.call(t, "lobby", "count")
	lobby, attic := p.ref(t, "lobby"), p.ref(t, "attic")
	s := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.AllObjects, inspect.Stores}, Object: lobby})
	if _, err := p.Keep(t.Context(), inspect.Saving{Name: "first"}); err != nil {
		t.Fatal(err)
	}
	p.call(t, "lobby", "count")
	p.call(t, "attic", "count")
	await(t, s, "the attic", func(e inspect.Event) bool { return e.Kind == inspect.ObjectChanged && e.Object.Ref == attic })

	d, err := p.Differences(t.Context(), inspect.Differing{Saving: inspect.Saving{Name: "first"}})
	if err != nil || len(d.Objects) != 2 || d.Objects[0].Change != "added" || d.Objects[1].Change != "changed" || d.Objects[1].Keys[0].After.Preview != "2" {
		t.Errorf("differences: %+v, %v", d, err)
	}
	h, err := p.History(t.Context(), lobby, 1)
	if err != nil {
		t.Fatal(err)
	}
	from, to := inspect.Moment{Bookmark: h.Commits[0].Before}, inspect.Moment{Bookmark: h.Commits[0].Bookmark}
	c, err := p.Between(t.Context(), inspect.Stretch{Object: lobby, From: from, To: to})
	if err != nil || c.Changes() != 1 || c.Keys[0].Before.Preview != "1" || c.Keys[0].After.Preview != "2" {
		t.Errorf("the last commit: %+v, %v", c, err)
	}
	undo, err := p.Rewind(t.Context(), lobby, from.Bookmark)
	if err != nil {
		t.Fatal(err)
	}
	replaced(t, s, "restore")
	if e, err := p.Entry(t.Context(), lobby, "n"); e.Preview != "1" || err != nil {
		t.Errorf("back in time n is %s, %v", e.Preview, err)
	}
	if _, err := p.Rewind(t.Context(), lobby, undo.Undo); err != nil {
		t.Fatal(err)
	}
	replaced(t, s, "restore")
	if _, err := p.Restore(t.Context(), inspect.Saving{Name: "first"}); err != nil {
		t.Fatal(err)
	}
	told, gone := false, false // in either order
	await(t, s, "the lobby is as it was, and the attic gone", func(e inspect.Event) bool {
		told = told || e.Kind == inspect.StorageChanged && e.Storage.Replaced
		gone = gone || e.Kind == inspect.ObjectGone && *e.Gone == attic
		return told && gone
	})
	if err := p.Discard(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	if all, err := p.Snapshots(t.Context()); len(all) > 0 || err != nil {
		t.Errorf("there are %v, %v", all, err)
	}
	if _, err := p.Contents(t.Context(), "first"); inspect.CodeOf(err) != inspect.NotFound {
		t.Errorf("contents of what was deleted: %v", err)
	}
}
