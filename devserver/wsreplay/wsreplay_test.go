package wsreplay_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/dodev/dodev/devserver/wsreplay"
	"github.com/dodev/dodev/emulator/web"
)

//go:embed testdata/ws_external.json
var recording []byte

// object does what the probe project's class does, in Go.
type object struct {
	hib bool
	end *web.End

	mu     sync.Mutex
	log    []any
	closed bool
}

func (o *object) note(entry ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log = append(o.log, entry)
}

func (o *object) Message(text bool, data []byte) {
	s := string(data)
	if o.hib {
		o.note("message", s[:min(len(s), 50)], 2)
	} else {
		o.note("message", s[:min(len(s), 50)])
	}
	var code int
	var reason string
	switch n, _ := fmt.Sscanf(s, "closeme %d %s", &code, &reason); {
	case n == 2:
		o.closed = true
		o.end.Close(code, reason)
	case s == "throw" && o.hib:
	case s == "throw":
		o.note("error", "Uncaught Error: plain handler boom")
		o.end.Abort()
	case o.hib && len(s) > 1000:
		o.end.Send(true, fmt.Appendf(nil, "len:%d", len(s)))
	default:
		o.end.Send(text, data)
	}
}

func (o *object) Closed(code int, reason string, clean bool) {
	own := o.closed
	o.closed = true
	switch {
	case o.hib && own:
		o.note("close", code, reason, clean, 4, 3)
	case o.hib:
		o.note("close", code, reason, clean, 4, 2)
		o.end.Close(1000, "srv")
	case clean:
		o.end.Close(code, reason)
		o.note("close", code, reason, clean, 3)
	default:
		o.note("close", code, reason, clean, 1)
	}
	o.note("close() ok")
	if !o.hib && !clean {
		o.note("error", "Uncaught Error: Network connection lost.")
	}
}

func (o *object) Failed(err error) {
	if o.hib {
		o.note("error", map[string]any{"ctor": "Error", "name": "Error", "message": err.Error()}, 2, 2)
	} else {
		o.note("error", "Uncaught Error: "+err.Error())
	}
}

// probes are the objects of a server, by name.
type probes struct {
	mu      sync.Mutex
	objects map[string]*object
	sockets sync.WaitGroup
}

func (s *probes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.mu.Lock()
	o := s.objects[q.Get("n")]
	if o == nil {
		o = &object{hib: q.Get("mode") == "hib", log: []any{}}
		s.objects[q.Get("n")] = o
	}
	s.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/wslog") {
		o.mu.Lock()
		defer o.mu.Unlock()
		_ = json.NewEncoder(w).Encode(o.log)
		return
	}
	s.sockets.Add(1) // while the server still waits for this request
	defer s.sockets.Done()
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
		web.AcceptKey(r.Header.Get("Sec-WebSocket-Key")))
	deflate := web.AgreeDeflate(r.Header.Get("Sec-WebSocket-Extensions"), "")
	if deflate != nil {
		fmt.Fprintf(conn, "Sec-WebSocket-Extensions: %s\r\n", deflate)
	}
	fmt.Fprint(conn, "\r\n")
	client, server := web.NewWire()
	o.end = server
	server.Receive(o)
	web.Couple(context.Background(), conn, rw.Reader, client, web.ConnOptions{Deflate: deflate})
}

func TestSocketsAnswerAnOutsideClientAsTheRealRuntimeDid(t *testing.T) {
	s := &probes{objects: map[string]*object{}}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		s.sockets.Wait()
	})
	wsreplay.Run(t, server.URL, recording)
}
