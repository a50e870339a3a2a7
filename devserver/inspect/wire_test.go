package inspect_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

// serve gives a client of a fake, by way of HTTP.
func serve(t *testing.T, f *inspecttest.Fake) *inspect.Client {
	t.Helper()
	server := httptest.NewServer(inspect.NewHandler(f, "secret"))
	t.Cleanup(server.Close)
	client := inspect.NewClient(inspect.Address{URL: server.URL, Token: "secret"})
	t.Cleanup(client.Close)
	return client
}

func TestAClientGetsWhatTheInspectorAnswers(t *testing.T) {
	f, twin := inspecttest.Lively(noon, 2), inspecttest.Lively(noon, 2) // some questions change what others see
	f.Step()
	twin.Step()
	c := serve(t, twin)
	direct, err := f.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lobby := direct.Objects[2].Ref
	for what, ask := range map[string]func(i inspect.Inspector) (any, error){
		"snapshot": func(i inspect.Inspector) (any, error) { return i.Snapshot(t.Context()) },
		"find": func(i inspect.Inspector) (any, error) {
			return i.Find(t.Context(), inspect.Finding{Text: "ChatRoom/nobody", MayMake: true})
		},
		"object":  func(i inspect.Inspector) (any, error) { return i.Object(t.Context(), lobby) },
		"sockets": func(i inspect.Inspector) (any, error) { return i.Sockets(t.Context(), inspect.Ref{}) },
		"alarms":  func(i inspect.Inspector) (any, error) { return i.Alarms(t.Context()) },
		"keys": func(i inspect.Inspector) (any, error) {
			return i.Keys(t.Context(), lobby, inspect.KeyQuery{Group: ":"})
		},
		"entry":  func(i inspect.Inspector) (any, error) { return i.Entry(t.Context(), lobby, "state") },
		"schema": func(i inspect.Inspector) (any, error) { return i.Schema(t.Context(), lobby) },
		"sql": func(i inspect.Inspector) (any, error) {
			return i.SQL(t.Context(), lobby, inspect.SQLQuery{SQL: "SELECT * FROM messages"})
		},
		"logs":    func(i inspect.Inspector) (any, error) { return i.Logs(t.Context(), inspect.LogQuery{Object: lobby}) },
		"traces":  func(i inspect.Inspector) (any, error) { return i.Traces(t.Context(), inspect.TraceQuery{}) },
		"trace":   func(i inspect.Inspector) (any, error) { return i.Trace(t.Context(), "7d21") },
		"history": func(i inspect.Inspector) (any, error) { return i.History(t.Context(), lobby, 5) },
		"past": func(i inspect.Inspector) (any, error) {
			return i.Past(t.Context(), lobby, inspect.Moment{At: noon()})
		},
		"rewind": func(i inspect.Inspector) (any, error) {
			h, err := i.History(t.Context(), lobby, 2)
			if err != nil {
				return nil, err
			}
			return i.Rewind(t.Context(), lobby, h.Commits[1].Bookmark)
		},
		"between": func(i inspect.Inspector) (any, error) {
			h, err := i.History(t.Context(), lobby, 1)
			if err != nil {
				return nil, err
			}
			from, to := inspect.Moment{Bookmark: h.Commits[0].Before}, inspect.Moment{Bookmark: h.Commits[0].Bookmark}
			return i.Between(t.Context(), inspect.Stretch{Object: lobby, From: from, To: to, Limit: 9})
		},
		"snapshots": func(i inspect.Inspector) (any, error) {
			_, saved := i.Keep(t.Context(), inspect.Saving{Name: "all"})
			all, err := i.Snapshots(t.Context())
			return all, errors.Join(saved, err)
		},
		"contents": func(i inspect.Inspector) (any, error) {
			_, saved := i.Keep(t.Context(), inspect.Saving{Name: "some", Namespace: lobby.Namespace})
			c, err := i.Contents(t.Context(), "some")
			return c, errors.Join(saved, err)
		},
		"differences": func(i inspect.Inspector) (any, error) {
			_, saved := i.Keep(t.Context(), inspect.Saving{Name: "one", Namespace: lobby.Namespace, ID: lobby.ID})
			_, edited := i.Edit(t.Context(), lobby, []inspect.Change{{Key: "key", Value: json.RawMessage(`1`)}})
			d, err := i.Differences(t.Context(), inspect.Differing{Saving: inspect.Saving{Name: "one"}, Limit: 9})
			return d, errors.Join(saved, edited, err)
		},
		"discard": func(i inspect.Inspector) (any, error) {
			_, saved := i.Keep(t.Context(), inspect.Saving{Name: "gone"})
			return nil, errors.Join(saved, i.Discard(t.Context(), "gone"))
		},
		"fork": func(i inspect.Inspector) (any, error) {
			return i.Fork(t.Context(), inspect.Forking{Object: lobby, New: inspect.Ref{Namespace: lobby.Namespace, ID: strings.Repeat("ab", 32)}, Name: "copy"})
		},
		"call": func(i inspect.Inspector) (any, error) {
			return i.Call(t.Context(), inspect.Call{Object: lobby, Method: "m", Args: []json.RawMessage{json.RawMessage(`1`)}})
		},
		"request": func(i inspect.Inspector) (any, error) {
			return i.Request(t.Context(), inspect.Request{Object: lobby, Method: "GET", URL: "/x"})
		},
	} {
		want, err := ask(f)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		got, err := ask(c)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		wantText, _ := json.Marshal(want)
		gotText, _ := json.Marshal(got)
		if string(gotText) != string(wantText) {
			t.Errorf("%s: the client got\n%s\nwant\n%s", what, gotText, wantText)
		}
	}
}

func TestAClientGetsErrorsWithWhatBelongsToThem(t *testing.T) {
	f := inspecttest.Lively(noon, 0)
	c := serve(t, f)
	s, _ := f.Snapshot(t.Context())
	_, err := c.Edit(t.Context(), s.Objects[2].Ref, []inspect.Change{{Key: "last", Expect: inspect.Absent}})
	e, ok := err.(*inspect.Error)
	if !ok || e.Code != inspect.Conflict || e.Now == nil || e.Now.Type != "Date" {
		t.Errorf("got %#v, want a conflict with the present Date", err)
	}
}

func TestAStreamGivesEventsUntilTheServerGoes(t *testing.T) {
	f := inspecttest.Lively(noon, 0)
	c := serve(t, f)
	stream, err := c.Watch(t.Context(), inspect.Follow{Topics: []inspect.Topic{inspect.Logs}})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	f.Step()
	e, err := stream.Next(t.Context())
	if err != nil || e.Log == nil || e.Log.Text != "message 1" {
		t.Fatalf("got %+v, %v; want the log line", e, err)
	}
	f.Disconnect()
	if _, err := stream.Next(t.Context()); err != io.EOF {
		t.Errorf("after the server went: %v, want %v", err, io.EOF)
	}
}

func TestNobodyGetsInWithoutTokenFromAPageOrByAnotherName(t *testing.T) {
	handler := inspect.NewHandler(inspecttest.Lively(noon, 0), "secret")
	ask := func(change func(r *http.Request)) int {
		r := httptest.NewRequest("POST", "http://127.0.0.1:4000/v1/snapshot", strings.NewReader("{}"))
		r.Header.Set("Authorization", "Bearer secret")
		r.Header.Set("Content-Type", "application/json")
		change(r)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}
	for _, host := range []string{"127.0.0.1:4000", "localhost:4000", "[::1]:4000", "localhost", "127.0.0.1"} {
		if got := ask(func(r *http.Request) { r.Host = host }); got != http.StatusOK {
			t.Errorf("Host %s: %d, want 200", host, got)
		}
	}
	for what, change := range map[string]func(r *http.Request){
		"no token":            func(r *http.Request) { r.Header.Del("Authorization") },
		"a wrong token":       func(r *http.Request) { r.Header.Set("Authorization", "Bearer secreT") },
		"an empty token":      func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"another scheme":      func(r *http.Request) { r.Header.Set("Authorization", "Basic secret") },
		"a foreign Origin":    func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"the Origin null":     func(r *http.Request) { r.Header.Set("Origin", "null") },
		"the server's Origin": func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:4000") },
		"a browser's fetch":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") },
		"a rebound name":      func(r *http.Request) { r.Host = "evil.example:4000" },
		"a name like ours":    func(r *http.Request) { r.Host = "127.0.0.1.evil.example:4000" },
		"another address":     func(r *http.Request) { r.Host = "192.168.1.7:4000" },
		"no Host":             func(r *http.Request) { r.Host = "" },
	} {
		if got := ask(change); got != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", what, got)
		}
	}
	if got := ask(func(r *http.Request) { r.Method = "OPTIONS" }); got == http.StatusOK {
		t.Error("a preflight is answered")
	}
	if got := ask(func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }); got != http.StatusBadRequest {
		t.Errorf("what a form can send: %d, want 400", got)
	}
}

func TestOnlyTheUserCanReadWhereAServerAnswers(t *testing.T) {
	dir := t.TempDir()
	address := inspect.Address{URL: "http://127.0.0.1:1", Token: inspect.NewToken()}
	withdraw, err := inspect.Publish(dir, address)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := inspect.ReadAddress(dir, false); err != nil || got != address {
		t.Errorf("read back %+v, %v; want %+v", got, err, address)
	}
	info, err := os.Stat(inspect.AddressFile(dir, false))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, want 0600", info.Mode().Perm())
	}
	withdraw()
	if _, err := os.Stat(inspect.AddressFile(dir, false)); !os.IsNotExist(err) {
		t.Errorf("after it was withdrawn: %v, want it gone", err)
	}
}

func TestAServerThatIsGoneIsNotFound(t *testing.T) {
	dir := t.TempDir()
	if c, err := inspect.Find(t.Context(), dir); c != nil || err != nil {
		t.Errorf("without a file: %v, %v; want nothing", c, err)
	}
	server := httptest.NewServer(inspect.NewHandler(inspecttest.Lively(noon, 0), "secret"))
	if _, err := inspect.Publish(dir, inspect.Address{URL: server.URL, Token: "secret"}); err != nil {
		t.Fatal(err)
	}
	c, err := inspect.Find(t.Context(), dir)
	if c == nil || err != nil {
		t.Fatalf("while it runs: %v, %v; want a client", c, err)
	}
	c.Close()
	server.Close()
	if c, err := inspect.Find(t.Context(), dir); c != nil || err != nil {
		t.Errorf("after it was killed: %v, %v; want nothing", c, err)
	}
}

func TestAServerWithItsDataApartIsFoundWhenNoOtherRuns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	server := httptest.NewServer(inspect.NewHandler(inspecttest.Lively(noon, 0), "secret"))
	defer server.Close()
	find := func() inspect.Address {
		t.Helper()
		c, err := inspect.Find(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if c == nil {
			return inspect.Address{}
		}
		defer c.Close()
		return c.Address()
	}
	apart := inspect.Address{URL: server.URL, Token: "secret", Apart: true}
	withdrawApart, err := inspect.Publish(dir, apart)
	if err != nil {
		t.Fatal(err)
	}
	if got := find(); got != apart {
		t.Errorf("found %+v, want %+v", got, apart)
	}
	own := inspect.Address{URL: server.URL, Token: "secret", PID: 1}
	withdrawOwn, err := inspect.Publish(dir, own)
	if err != nil {
		t.Fatal(err)
	}
	if got := find(); got != own {
		t.Errorf("beside the server of the folder: found %+v, want %+v", got, own)
	}
	withdrawOwn()
	if got := find(); got != apart {
		t.Errorf("after that one: found %+v, want %+v", got, apart)
	}
	withdrawApart()
	if _, err := os.Stat(filepath.Dir(dir)); !os.IsNotExist(err) {
		t.Errorf("the folders that were made for it: %v, want them gone", err)
	}
}
