package devserver

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/web"
)

// An echo is the far end of a socket: it sends back what it is sent.
type echo struct {
	end    *web.End
	closed chan int
}

func (e echo) Message(text bool, data []byte) { e.end.Send(text, data) }
func (e echo) Failed(error)                   {}
func (e echo) Closed(code int, reason string, clean bool) {
	e.end.Close(code, reason)
	e.closed <- code
}

// serveEcho serves sockets that send back what they are sent.
func serveEcho(t *testing.T) (url string, s *Server, closed chan int) {
	closed = make(chan int, 1)
	url, s = serveFake(t, Options{Worker: fakeWorker(func(_ context.Context, r *emulator.Request) (*emulator.Response, error) {
		if got := valuesOf(r.Header, "Upgrade"); !slices.Equal(got, []string{"websocket"}) {
			t.Errorf("the Worker sees Upgrade %q", got)
		}
		client, server := web.NewWire()
		server.Receive(echo{end: server, closed: closed})
		return &emulator.Response{
			Status: 101, Header: [][2]string{{"x-room", "lobby"}, {"sec-websocket-protocol", "chat"}},
			Body: io.NopCloser(strings.NewReader("")), Socket: client,
		}, nil
	})})
	return url, s, closed
}

func TestAnUpgradeConnectsTheClientToTheWorkersSocket(t *testing.T) {
	url, _, closed := serveEcho(t)
	conn, res, err := websocket.Dial(t.Context(), url+"/ws", &websocket.DialOptions{Subprotocols: []string{"chat"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	for name, want := range map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "X-Room": "lobby", "Sec-Websocket-Protocol": "chat"} {
		if got := res.Header.Get(name); res.StatusCode != 101 || got != want {
			t.Errorf("%d, header %s is %q, want %q", res.StatusCode, name, got, want)
		}
	}
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, got, err := conn.Read(t.Context()); string(got) != "hello" {
		t.Errorf("the echo is %q, %v", got, err)
	}
	if err := conn.Close(4001, "bye"); err != nil {
		t.Errorf("Close: %v", err)
	}
	if code := <-closed; code != 4001 {
		t.Errorf("the Worker's socket is closed with %d, want 4001", code)
	}
}

func TestMessagesAreCompressedWhereTheWorkerMayAndTheClientOffers(t *testing.T) {
	for _, c := range []struct {
		may     bool
		chosen  string
		offered websocket.CompressionMode
		want    string
	}{
		{true, "", websocket.CompressionContextTakeover, "permessage-deflate"},
		{true, "", websocket.CompressionNoContextTakeover, "permessage-deflate; client_no_context_takeover; server_no_context_takeover"},
		{true, "permessage-deflate; server_no_context_takeover", websocket.CompressionContextTakeover, "permessage-deflate; server_no_context_takeover"},
		{true, "foo", websocket.CompressionContextTakeover, ""},
		{true, "permessage-deflate", websocket.CompressionDisabled, ""},
		{false, "", websocket.CompressionContextTakeover, ""},
		{false, "permessage-deflate", websocket.CompressionContextTakeover, ""},
	} {
		closed := make(chan int, 1)
		url, _ := serveFake(t, Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
			client, server := web.NewWire()
			server.Receive(echo{end: server, closed: closed})
			res := &emulator.Response{Status: 101, Body: io.NopCloser(strings.NewReader("")), Socket: client, Compress: c.may}
			if c.chosen != "" {
				res.Header = [][2]string{{"sec-websocket-extensions", c.chosen}}
			}
			return res, nil
		})})
		conn, res, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{CompressionMode: c.offered, CompressionThreshold: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		if got := res.Header.Get("Sec-WebSocket-Extensions"); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
		for n := range 3 {
			want := strings.Repeat(fmt.Sprint("message ", n), 100)
			if err := conn.Write(t.Context(), websocket.MessageText, []byte(want)); err != nil {
				t.Fatal(err)
			}
			conn.SetReadLimit(-1)
			if _, got, err := conn.Read(t.Context()); string(got) != want {
				t.Errorf("%+v: the echo is %q, %v", c, got, err)
			}
		}
	}
}

func TestShutdownEndsSockets(t *testing.T) {
	url, s, closed := serveEcho(t)
	conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: []string{"chat"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if code := <-closed; code != 1006 {
		t.Errorf("the Worker's socket is closed with %d, want 1006", code)
	}
}

func TestASocketForAClientThatAskedForNoneIsAnError(t *testing.T) {
	for name, row := range map[string]struct {
		header [][2]string
		want   string
	}{
		"plain request":   {want: "Upgrade: websocket"},
		"wrong handshake": {header: [][2]string{{"Connection", "Upgrade"}, {"Upgrade", "websocket"}}, want: "version 13"},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
				_, end := web.NewWire()
				return &emulator.Response{Status: 101, Body: io.NopCloser(strings.NewReader("")), Socket: end}, nil
			})})
			r := httptest.NewRequest("GET", "/", nil)
			for _, h := range row.header {
				r.Header.Add(h[0], h[1])
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 500 || !strings.Contains(w.Body.String(), row.want) {
				t.Errorf("the answer is %d %q, want a 500 with %q", w.Code, w.Body, row.want)
			}
		})
	}
}
