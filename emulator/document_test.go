package emulator_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/config"
)

// The document on the pattern lies beside the repository where there is one.
var documentFile = filepath.Join("..", "..", "shared", "seed", "durable-objects-pattern.md")

// A document is the code blocks of a text in Markdown, by the headings they
// are under.
type document struct {
	blocks map[string][]*codeBlock
}

type codeBlock struct {
	lines []string
	used  []bool
}

func parseDocument(text string) *document {
	d := &document{blocks: map[string][]*codeBlock{}}
	heading, open := "", (*codeBlock)(nil)
	for _, line := range strings.Split(text, "\n") {
		fence := strings.HasPrefix(line, "```")
		switch {
		case fence && open != nil:
			open.used = make([]bool, len(open.lines))
			open = nil
		case fence:
			open = &codeBlock{}
			d.blocks[heading] = append(d.blocks[heading], open)
		case open != nil:
			open.lines = append(open.lines, line)
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimLeft(line, "# ")
		}
	}
	return d
}

// unused lists the lines of code that no template has taken.
func (d *document) unused() (lines []string) {
	for heading, blocks := range d.blocks {
		for _, b := range blocks {
			for i, line := range b.lines {
				if !b.used[i] && strings.TrimSpace(line) != "" {
					lines = append(lines, heading+": "+line)
				}
			}
		}
	}
	return lines
}

func (d *document) block(heading string, n int) (*codeBlock, error) {
	if n >= len(d.blocks[heading]) {
		return nil, fmt.Errorf("the document has no block %d under %q", n, heading)
	}
	return d.blocks[heading][n], nil
}

// take gives the lines that a test accepts.
func (b *codeBlock) take(accept func(i int, line string) bool) string {
	var out []string
	for i, line := range b.lines {
		if accept(i, line) {
			b.used[i] = true
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func isImport(line string) bool { return strings.HasPrefix(line, "import ") }

// fill puts blocks into an archive: whole, without or only their imports, by
// paragraph, or some of their lines.
func (d *document) fill(archive string) (string, error) {
	taking := func(accept func(i int, line string) bool) func(string, int) (string, error) {
		return func(heading string, n int) (string, error) {
			b, err := d.block(heading, n)
			if err != nil {
				return "", err
			}
			return b.take(accept), nil
		}
	}
	t, err := template.New("archive").Delims("<<", ">>").Funcs(template.FuncMap{
		"whole":   taking(func(int, string) bool { return true }),
		"imports": taking(func(_ int, line string) bool { return isImport(line) }),
		"body":    taking(func(_ int, line string) bool { return !isImport(line) }),
		"lines": func(heading string, n, first, last int) (string, error) {
			return taking(func(i int, _ string) bool { return first <= i && i <= last })(heading, n)
		},
		"part": func(heading string, n, part int) (string, error) {
			return taking(func(_ int, line string) bool {
				if line == "" {
					part--
				}
				return part == 0
			})(heading, n)
		},
	}).Parse(archive)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = t.Execute(&out, nil)
	return out.String(), err
}

// documentProjects writes the projects made of the document's blocks.
func documentProjects(t *testing.T) (dir string) {
	t.Helper()
	if _, err := os.Stat(documentFile); err != nil {
		t.Skip("the document on the pattern is not beside the repository")
	}
	d := parseDocument(read(t, documentFile))
	archive, err := d.fill(read(t, filepath.Join("testdata", "document.txtar")))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range d.unused() {
		t.Errorf("no project has this line of the document: %s", line)
	}
	return extract(t, archive)
}

func TestTheDocumentsSingletonCounts(t *testing.T) {
	t.Parallel()
	p := serve(t, filepath.Join(documentProjects(t), "singleton"))
	p.want(request{path: "/value"}, 200, `{"counter":0}`)
	p.want(request{path: "/increment"}, 200, `{"counter":1}`)
	p.want(request{path: "/increment"}, 200, `{"counter":2}`)
	if n := p.EvictAll(); n != 1 {
		t.Errorf("evicted %d objects, want 1", n)
	}
	p.want(request{path: "/value"}, 200, `{"counter":2}`)
	p.want(request{path: "/other"}, 404, `{"error":"Not found"}`)
}

func TestTheDocumentsGameIsServedBehindItsPrefix(t *testing.T) {
	t.Parallel()
	p := serve(t, filepath.Join(documentProjects(t), "game"))
	for i, player := range []string{"ann", "bob", "cid", "dee"} {
		p.want(request{path: "/game/1/join?playerId=" + player}, 200, fmt.Sprintf(`{"success":true,"joined":true,"players":%d}`, i+1))
	}
	p.want(request{path: "/game/1/join?playerId=eve"}, 400, `{"error":"Game is full"}`)
	p.want(request{path: "/game/2/join?playerId=eve"}, 200, `{"success":true,"joined":true,"players":1}`)
	p.want(request{method: "POST", path: "/game/1/move?playerId=ann", body: `{"to":3}`}, 200, `{"success":true,"playerId":"ann","move":{"to":3}}`)
	p.want(request{path: "/game/1/state"}, 200, `{"status":"waiting"}`)
	p.want(request{path: "/game/1/other"}, 404, `{"error":"Not found"}`)
	p.want(request{path: "/elsewhere"}, 404, "Not found")
}

func TestTheDocumentsSnippetsAnswer(t *testing.T) {
	t.Parallel()
	now := clock.NewManual(time.UnixMilli(1_800_000_000_000))
	p := serve(t, filepath.Join(documentProjects(t), "blocks"), func(o *emulator.Options) { o.Clock = now })
	call := func(path, args string) request { return request{method: "POST", path: "/call/" + path, body: args} }
	for _, c := range []struct {
		name   string
		ask    request
		status int
		body   string
	}{
		{"counter", request{path: "/run/countView"}, 200, "1"},
		{"counter goes on", request{path: "/run/countView"}, 200, "2"},
		{"rate limiter", request{path: "/run/check"}, 200, `{"allowed":true,"count":1,"resetsIn":3600000}`},
		{"sliding window", request{path: "/run/slidingWindow"}, 200, `{"allowed":true,"count":1,"remaining":99,"resetAt":1800003600000,"retryAfter":0}`},
		{"token bucket", request{path: "/run/tokenBucket"}, 200, `{"allowed":true,"count":1,"remaining":99,"resetAt":1800000000100,"retryAfter":0}`},
		{"leaky bucket", request{path: "/run/leakyBucket"}, 200, `{"allowed":true,"count":1,"remaining":99,"resetAt":1800000000100,"retryAfter":0}`},
		{"single value", call("SNIPPETS/a/single", `[{"x":1}]`), 200, `[{"x":1},0]`},
		{"multiple values", call("SNIPPETS/b/multiple", `["one","two"]`), 200, `[[["key1","one"],["key2","two"]],0]`},
		{"list", call("SNIPPETS/c/users", ""), 200, `["user:2","user:1"]`},
		{"transaction refused", call("SNIPPETS/d/pay", "[5]"), 500, "Error: Insufficient funds"},
		{"deposit", call("SNIPPETS/d/deposit", "[20]"), 200, "null"},
		{"transaction", call("SNIPPETS/d/pay", "[5]"), 200, "null"},
		{"account", call("SNIPPETS/d/account", ""), 200, "[15,1]"},
		{"concurrency control", call("SNIPPETS/e/increment", ""), 200, "1"},
		{"batch", call("SNIPPETS/f/saveUsers", `["a","b","c"]`), 200, `["a","b","c"]`},
		{"cleanup", call("SNIPPETS/f/cleanUp", ""), 200, `["new"]`},
		{"awaited put", call("SNIPPETS/g/persist", `["kept"]`), 200, `"kept"`},
		{"state management", call("CRITICAL/a/save", `["precious"]`), 200, "null"},
		{"error handling", request{path: "/fetch/CAREFUL/fine"}, 200, `"fine"`},
		{"error handled", request{path: "/fetch/CAREFUL/fail"}, 500, `{"error":"Internal error"}`},
		{"a leader is elected", call("LEADERS/a/claimLeadership", `["one",1000]`), 200, "true"},
		{"another is not", call("LEADERS/a/claimLeadership", `["two",1000]`), 200, "false"},
		{"the leader still is", call("LEADERS/a/claimLeadership", `["one",1000]`), 200, "true"},
		{"a lock is taken", call("LOCKS/a/acquire", `["x",1000]`), 200, "true"},
		{"not twice", call("LOCKS/a/acquire", `["x",1000]`), 200, "false"},
		{"another one is", call("LOCKS/a/acquire", `["y",1000]`), 200, "true"},
		{"a lock is released", call("LOCKS/a/release", `["x"]`), 200, "null"},
		{"and taken again", call("LOCKS/a/acquire", `["x",1000]`), 200, "true"},
		{"a binding", request{path: "/run/bound"}, 200, "null"},
		{"a missing binding", request{path: "/run/missing"}, 500, "Error: Durable Object binding not configured"},
		{"tests with SimpleState", request{path: "/run/runTests"}, 200, `["should handle requests"]`},
		{"reconnection", request{path: "/run/reconnect"}, 200, `["wss://your-worker.workers.dev/rooms/x",[1000,2000,4000,8000,16000,30000,30000,30000]]`},
		{"a room's client", request{path: "/run/roomClient"}, 200, `["wss://your-worker.workers.dev/room?userId=user123",["Received:","welcome","user123",null],["Received:","message","user123","Hello, room!"]]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body := p.ask(c.ask)
			if status != c.status || body != c.body {
				t.Errorf("got %d %s\nwant %d %s", status, body, c.status, c.body)
			}
		})
	}
	p.says("Durable Object error: RangeError: out of range")

	now.Advance(2 * time.Second)
	p.want(call("LEADERS/a/claimLeadership", `["two",1000]`), 200, "true")
	p.want(call("LOCKS/a/acquire", `["y",1000]`), 200, "true")
	p.EvictAll()
	p.want(call("CRITICAL/a/read", ""), 200, `"precious"`)
}

func TestTheDocumentsRequestsAreLogged(t *testing.T) {
	t.Parallel()
	p := serve(t, filepath.Join(documentProjects(t), "blocks"))
	p.want(request{path: "/fetch/LOGGED/fine"}, 200, `"fine"`)
	p.says("GET http://object/fine")
	p.says("200 in ")
	if _, err := p.try(request{path: "/fetch/LOGGED/fail"}); err == nil || !strings.Contains(err.Error(), "out of range") {
		t.Errorf("the error did not come through: %v", err)
	}
	p.says("Error: RangeError: out of range")
}

func TestTheDocumentsEventsAreFlushedByTheHundred(t *testing.T) {
	t.Parallel()
	flushed := make(chan string, 1)
	analytics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		flushed <- r.Method + " " + r.URL.Path + " " + string(body)
	}))
	defer analytics.Close()
	p := serve(t, filepath.Join(documentProjects(t), "blocks"), sending("analytics.example.com", analytics.URL))
	for range 100 {
		p.want(request{method: "POST", path: "/call/EVENTS/a/addEvent", body: `[1]`}, 200, "null")
	}
	if got, want := <-flushed, "POST /events ["+strings.Repeat("1,", 99)+"1]"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// sending has requests for a host go elsewhere.
func sending(host, to string) func(*emulator.Options) {
	return func(o *emulator.Options) {
		u, err := url.Parse(to)
		if err != nil {
			panic(err)
		}
		o.Outbound = map[string]*url.URL{host: u}
	}
}

func TestTheDocumentsMetricsAreFlushedNowAndThen(t *testing.T) {
	t.Parallel()
	p := serve(t, filepath.Join(documentProjects(t), "blocks"))
	flushed := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return slices.ContainsFunc(p.log, func(e emulator.Entry) bool { return strings.HasPrefix(e.Text, "Metrics: { hits: ") })
	}
	for range 5000 { // one in a hundred flushes
		p.want(request{method: "POST", path: "/call/METRICS/a/recordMetric", body: `["hits",1]`}, 200, "null")
		if flushed() {
			return
		}
	}
	t.Error("no metrics came")
}

func TestTheDocumentsChatRoomHoldsAConversation(t *testing.T) {
	t.Parallel()
	p := serve(t, filepath.Join(documentProjects(t), "blocks"))
	ann := p.dial("/rooms/lobby?userId=ann")
	ann.expect(`{"type":"welcome","userId":"ann","roomState":{"users":["ann"]}}`)
	bob := p.dial("/rooms/lobby?userId=bob")
	bob.expect(`{"type":"welcome","userId":"bob","roomState":{"users":["ann","bob"]}}`)
	ann.expectEvent("user_joined", "bob", "")
	p.EvictAll()
	ann.send(`{"type":"chat","message":"hello"}`)
	ann.expectEvent("chat", "ann", "hello")
	bob.expectEvent("chat", "ann", "hello")
	ann.end.Close(1000, "enough")
	ann.expect("close 1000 enough")
	bob.expectEvent("user_left", "ann", "")
}

// expectEvent compares what happens next with an event of a room, but for its
// time.
func (s *socket) expectEvent(kind, user, message string) {
	s.t.Helper()
	type event struct{ Type, UserID, Message string }
	if got, want := decode[event](s.t, s.next()), (event{kind, user, message}); got != want {
		s.t.Errorf("got %+v, want %+v", got, want)
	}
}

// The browser's side of the document is run in the Worker, whose sockets reach
// the same Worker by way of the network.
func TestTheDocumentsChatClientsTalk(t *testing.T) {
	t.Parallel()
	front := httptest.NewUnstartedServer(nil)
	cfg, b := build(t, filepath.Join(documentProjects(t), "blocks"), config.Options{})
	p := serveBuilt(t, cfg, b, sending("your-worker.workers.dev", "http://"+front.Listener.Addr().String()))
	front.Config.Handler = devserver.New(devserver.Options{Worker: p})
	front.Start()
	defer front.Close()
	p.want(request{path: "/run/chat"}, 200, `"done"`)
	for _, line := range []string{"Connected to room", "Joined room: { users: ", "bob joined the room", "ann: hello", "ann left the room", "Disconnected: 1000"} {
		p.says(line)
	}
}
