package emulator_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// fixture is the folder of an example project.
func fixture(name string) string { return filepath.Join("..", "fixtures", name) }

func TestEveryFixtureIsTested(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(fixture(""))
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{
		"alarms": true, "chat": true, "env": true, "game": true, "limiter": true,
		"notes": true, "quickstart": true, "registry": true, "rpc": true,
	}
	for _, e := range entries {
		if e.IsDir() && !tested[e.Name()] {
			t.Errorf("fixtures/%s has no test here", e.Name())
		}
	}
}

func TestQuickstartPaintsForEveryoneWatching(t *testing.T) {
	t.Parallel()
	p := serve(t, fixture("quickstart"))
	if page := p.get("/"); !strings.Contains(page, "<html") {
		t.Errorf("no page: %s", page)
	}
	p.want(request{path: "/boards/lobby"}, 200, `{"size":24,"visits":1,"cells":[]}`)
	ann, bob := p.dial("/boards/lobby/live"), p.dial("/boards/lobby/live")
	ann.expect(`{"type":"watching","count":1}`)
	ann.expect(`{"type":"watching","count":2}`)
	bob.expect(`{"type":"watching","count":2}`)
	p.want(request{method: "POST", path: "/boards/lobby/paint", body: `{"x":3,"y":4,"color":1}`}, 200, `{"x":3,"y":4,"color":1}`)
	bob.expect(`{"type":"cell","x":3,"y":4,"color":1}`)
	p.EvictAll()
	bob.send(`{"x":5,"y":4,"color":2}`)
	ann.expect(`{"type":"cell","x":3,"y":4,"color":1}`)
	ann.expect(`{"type":"cell","x":5,"y":4,"color":2}`)
	bob.expect(`{"type":"cell","x":5,"y":4,"color":2}`)
	bob.send(`{"x":99,"y":0,"color":1}`)
	bob.expect(`{"type":"error","message":"x must be a whole number from 0 to 23"}`)
	bob.end.Close(1000, "")
	ann.expect(`{"type":"watching","count":1}`)
	p.want(request{path: "/boards/lobby"}, 200, `{"size":24,"visits":2,"cells":[{"x":3,"y":4,"color":1},{"x":5,"y":4,"color":2}]}`)
	p.want(request{method: "POST", path: "/boards/lobby/paint", body: `{"x":0,"y":0,"color":8}`}, 400, `{"error":"color must be a whole number from 0 to 7"}`)
	p.want(request{path: "/boards"}, 404, "Not found\n")
	p.want(request{path: "/boards/lobby/live"}, 426, "Expected a WebSocket\n")
}

func TestChatOutlivesEvictionBetweenMessages(t *testing.T) {
	t.Parallel()
	p := serve(t, fixture("chat"))
	ann := p.dial("/rooms/lobby?name=ann&topic=general&topic=go")
	ann.expect(`{"type":"hello","name":"ann","members":[{"name":"ann","said":0}],"history":[]}`)
	bob := p.dial("/rooms/lobby?name=bob")
	bob.expect(`{"type":"hello","name":"bob","members":[{"name":"ann","said":0},{"name":"bob","said":0}],"history":[]}`)

	ann.send("ping")
	ann.expect("pong")
	for _, text := range []string{"hello", "again"} {
		if n := p.EvictAll(); n != 1 {
			t.Errorf("evicted %d objects, want 1", n)
		}
		ann.send(fmt.Sprintf(`{"text":%q}`, text))
		line := fmt.Sprintf(`{"type":"line","from":"ann","topic":"general","text":%q}`, text)
		ann.expect(line)
		bob.expect(line)
	}
	p.EvictAll()
	ann.send(`{"topic":"go","text":"only for some"}`)
	ann.expect(`{"type":"line","from":"ann","topic":"go","text":"only for some"}`)
	bob.send("nonsense")
	bob.expect(`{"type":"error","message":"send {\"text\": …, \"topic\": …}"}`)

	bob.end.Close(4000, "bye")
	bob.expect("close 4000 bye")
	p.EvictAll()
	p.want(request{path: "/rooms/lobby"}, 200, `{"members":[{"name":"ann","said":3}],"history":[`+
		`{"from":"ann","topic":"general","text":"hello"},{"from":"ann","topic":"general","text":"again"},`+
		`{"from":"ann","topic":"go","text":"only for some"}]}`)
}

func TestGameKeepsTheRulesAcrossEvictions(t *testing.T) {
	t.Parallel()
	p := serve(t, fixture("game"))
	post := func(path string, status int, body string) {
		t.Helper()
		p.want(request{method: "POST", path: "/game/1" + path}, status, body)
		p.EvictAll()
	}
	post("/join?player=ann", 200, `{"plays":"X"}`)
	post("/move?player=ann&square=4", 409, `{"error":"waiting for a second player"}`)
	post("/join?player=bob", 200, `{"plays":"O"}`)
	post("/join?player=cid", 409, `{"error":"the game is full"}`)
	post("/move?player=bob&square=4", 409, `{"error":"it is X's turn"}`)
	for i, square := range []int{4, 0, 3, 1, 5} {
		player := []string{"ann", "bob"}[i%2]
		if status, body := p.ask(request{method: "POST", path: fmt.Sprintf("/game/1/move?player=%s&square=%d", player, square)}); status != 200 {
			t.Fatalf("move %d: %d %s", i, status, body)
		}
	}
	post("/move?player=bob&square=8", 409, `{"error":"the game is over"}`)
	if state := p.get("/game/1/state"); !strings.Contains(state, `"winner":"X"`) {
		t.Errorf("got %s, want that X has won", state)
	}
	p.want(request{path: "/elsewhere"}, 404, "Not found\n")
}

// The fixture's API uses one of the limiter's algorithms; the other ones are
// asked through a Worker of ours in its place.
func TestLimiterLimitsByEachAlgorithm(t *testing.T) {
	t.Parallel()
	dir := copyTree(t, fixture("limiter"))
	index := filepath.Join(dir, "src", "index.ts")
	write(t, index, strings.Replace(read(t, index), "async fetch(request, env) {", `async fetch(request, env) {
    if (request.method === "POST") return env.RATE_LIMITER.getByName("direct").fetch(request);`, 1))
	now := newClock()
	p := serve(t, dir, at(now))
	for n := range 3 {
		p.want(request{path: "/?user=ann"}, 200, fmt.Sprintf("Hello ann, number %d\n", n+1))
	}
	p.want(request{path: "/?user=ann"}, 429, "Too many requests\n")
	p.want(request{path: "/?user=bob"}, 200, "Hello bob, number 1\n")
	now.Advance(time.Second)
	p.want(request{path: "/?user=ann"}, 200, "Hello ann, number 4\n")

	for _, c := range []struct{ path, body string }{
		{"/check", `{"key":"u","limit":2,"window":60000}`},
		{"/check/sliding-window", `{"key":"u","limit":2,"window":60000}`},
		{"/check/token-bucket", `{"key":"u","capacity":2,"refillRate":0.1}`},
		{"/check/leaky-bucket", `{"key":"u","capacity":2,"leakRate":0.1}`},
	} {
		type result struct{ Allowed bool }
		var got []bool
		for range 3 {
			_, body := p.ask(request{method: "POST", path: c.path, body: c.body})
			got = append(got, decode[result](t, body).Allowed)
			p.EvictAll()
		}
		if fmt.Sprint(got) != "[true true false]" {
			t.Errorf("%s: allowed %v", c.path, got)
		}
	}
	p.want(request{method: "POST", path: "/check", body: `{"key":"u","limit":"2"}`}, 400, `{"error":"limit must be a number greater than 0"}`)

	if n := p.alarms("RateLimiter"); n == 0 {
		t.Error("no alarm is set to forget what has expired")
	}
	now.Advance(time.Hour)
	for late := time.Now().Add(patience); p.alarms("RateLimiter") > 0; {
		if time.Now().After(late) {
			t.Fatal("alarms are left after everything has expired")
		}
		now.Advance(time.Hour)
	}
}

// alarms is how many objects of a class have an alarm set.
func (p *project) alarms(class string) int {
	for _, n := range p.Namespaces() {
		if n.Class == class {
			return n.Alarms
		}
	}
	p.t.Fatalf("no class %s", class)
	return 0
}

func TestAlarmsRemindInOrder(t *testing.T) {
	t.Parallel()
	now := newClock()
	p := serve(t, fixture("alarms"), at(now))
	add := func(text string, in time.Duration) {
		t.Helper()
		body := fmt.Sprintf(`{"text":%q,"inMs":%d}`, text, in.Milliseconds())
		want := fmt.Sprintf(`{"text":%q,"due":%d}`, text, now.Now().Add(in).UnixMilli())
		p.want(request{method: "POST", path: "/ann", body: body}, 201, want)
	}
	add("later", time.Hour)
	add("sooner", time.Minute)
	p.want(request{path: "/ann"}, 200, `{"alarm":1800000060000,"waiting":["sooner","later"],"done":[]}`)
	now.Advance(time.Minute)
	p.says("reminder: sooner")
	p.want(request{path: "/ann"}, 200, `{"alarm":1800003600000,"waiting":["later"],"done":["sooner"]}`)
	now.Advance(time.Hour)
	p.says("reminder: later")
	p.want(request{path: "/ann"}, 200, `{"alarm":null,"waiting":[],"done":["sooner","later"]}`)
	p.want(request{method: "DELETE", path: "/ann"}, 204, "")
	p.want(request{path: "/ann"}, 200, `{"alarm":null,"waiting":[],"done":[]}`)
}

func TestRPCMovesMoneyBetweenAccounts(t *testing.T) {
	t.Parallel()
	p := serve(t, fixture("rpc"))
	p.want(request{method: "POST", path: "/ann/deposit?amount=20"}, 200, `{"balance":20}`)
	p.want(request{method: "POST", path: "/ann/transfer?amount=5&to=bob"}, 200, `{"balance":15}`)
	p.want(request{method: "POST", path: "/bob/withdraw?amount=100"}, 409, `{"name":"RangeError","message":"cannot withdraw 100 of 5","remote":true}`)
	p.want(request{method: "POST", path: "/bob/deposit?amount=-1"}, 409, `{"name":"TypeError","message":"amount must be more than 0","remote":true}`)
	p.want(request{method: "POST", path: "/ann/withdraw?amount=1"}, 200, `{"balance":14}`)
	p.want(request{path: "/ann"}, 200, `{"balance":14,"entries":[{"amount":20,"balance":20},{"amount":-5,"balance":15},{"amount":-1,"balance":14}]}`)
	p.EvictAll()
	p.want(request{path: "/bob"}, 200, `{"balance":5,"entries":[{"amount":5,"balance":5}]}`)
}

func TestNotesAreFoundByTagAndWord(t *testing.T) {
	t.Parallel()
	now := newClock()
	p := serve(t, fixture("notes"), at(now))
	p.want(request{method: "POST", path: "/home", body: `{"title":"Milk","body":"buy two litres","tags":["shop","shop"]}`}, 201,
		`{"id":1,"title":"Milk","body":"buy two litres","created":1800000000000,"tags":["shop"]}`)
	p.want(request{method: "POST", path: "/home", body: `{"title":"Tea","body":"green"}`}, 201,
		`{"id":2,"title":"Tea","body":"green","created":1800000000000,"tags":[]}`)
	p.want(request{path: "/home?search=litres"}, 200, `[{"id":1,"excerpt":"buy two [litres]"}]`)
	p.EvictAll()
	if all := p.get("/home"); strings.Index(all, "Tea") > strings.Index(all, "Milk") {
		t.Errorf("the newest is not first: %s", all)
	}
	p.want(request{path: "/home?tag=shop"}, 200, `[{"id":1,"title":"Milk","body":"buy two litres","created":1800000000000,"tags":["shop"]}]`)
	p.want(request{method: "DELETE", path: "/home/1"}, 204, "")
	p.want(request{method: "DELETE", path: "/home/1"}, 404, "")
	p.want(request{path: "/home/1"}, 404, "No such note\n")
	p.want(request{path: "/home?search=litres"}, 200, "[]")
	p.want(request{path: "/home?tag=shop"}, 200, "[]")
}

func TestEnvDiffersByEnvironment(t *testing.T) {
	t.Parallel()
	dir := copyTree(t, fixture("env"))
	in := func(env string) *project {
		cfg, b := build(t, dir, config.Options{Env: env})
		return serveBuilt(t, cfg, b)
	}
	development, staging := in(""), in("staging")
	development.want(request{path: "/vars"}, 200, `{"stage":"development","limits":{"names":3,"greetings":["Hello","Good day"]},"hasSecret":false}`)
	staging.want(request{path: "/vars"}, 200, `{"stage":"staging","limits":{"names":1,"greetings":["Hi"]},"hasSecret":false}`)
	if text := development.get("/"); !strings.Contains(text, "development") {
		t.Errorf("the text is not filled in: %s", text)
	}
	development.want(request{method: "POST", path: "/?name=ann"}, 200, `["Hello, ann"]`)
	development.want(request{method: "POST", path: "/?name=bob"}, 200, `["Hello, ann","Good day, bob"]`)
	staging.want(request{method: "POST", path: "/?name=ann"}, 200, `["Hi, ann"]`)
	staging.want(request{method: "POST", path: "/?name=bob"}, 409, `{"error":"no more than 1 names"}`)

	install(t, filepath.Join(dir, ".dev.vars.example"), filepath.Join(dir, ".dev.vars"))
	if got := in("").get("/vars"); !strings.Contains(got, `"hasSecret":true`) {
		t.Errorf("the secret is missing: %s", got)
	}
}

// TestRegistryPackagesRun needs the packages of the fixture: those in its folder,
// or npm to get them.
func TestRegistryPackagesRun(t *testing.T) {
	t.Parallel()
	p := serve(t, withPackages(t, fixture("registry")), func(o *emulator.Options) { o.Offline = true })
	vote := func(voter, choice, want string) {
		t.Helper()
		body := fmt.Sprintf(`{"voter":%q,"choice":%q}`, voter, choice)
		p.want(request{method: "POST", path: "/polls/lunch/votes", body: body}, 201, want)
	}
	vote("ann", "soup", `{"soup":1}`)
	vote("bob", "cake", `{"cake":1,"soup":1}`)
	live := p.dial("/parties/poll/lunch?_pk=cid")
	live.expect(`{"cake":1,"soup":1}`)
	p.EvictAll()
	live.send("cake")
	live.expect(`{"cake":2,"soup":1}`)
	vote("ann", "cake", `{"cake":3}`)
	live.expect(`{"cake":3}`)
	p.want(request{path: "/polls/lunch"}, 200, `{"cake":3}`)
	p.want(request{method: "POST", path: "/polls/lunch/votes", body: "{}"}, 400, `{"error":"voter and choice are needed"}`)
}

// withPackages gives a project whose packages are installed, or skips the test.
func withPackages(t *testing.T, dir string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err == nil {
		return dir
	}
	if testing.Short() {
		t.Skipf("%s has no node_modules, and -short installs nothing", dir)
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skipf("%s has no node_modules, and there is no npm to install them", dir)
	}
	dir = copyTree(t, dir)
	install := exec.Command(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install the packages of %s: %v\n%s", dir, err, out)
	}
	return dir
}
