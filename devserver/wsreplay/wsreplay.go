// Package wsreplay asks a server what an outside client once asked the real
// runtime of its sockets, and compares the answers.
//
// The server runs the probe project: /ws?n=NAME&mode=MODE is a socket of the
// object NAME, which it accepts itself in mode "plain" and lets hibernate in
// mode "hib"; /wslog?n=NAME is what that object has seen, as JSON.
package wsreplay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

// patience is how long an answer that must come may take.
const patience = 20 * time.Second

// A recorded case; Expected is in a form of its own for each kind of case.
type recorded struct {
	Name     string
	Expected json.RawMessage
}

// Run replays the recording, JSON as it lies in testdata, against the server at
// base, an http URL. Each case is a subtest.
func Run(t *testing.T, base string, recording []byte) {
	t.Helper()
	var file struct{ Cases []recorded }
	if err := json.Unmarshal(recording, &file); err != nil {
		t.Fatalf("read the recording: %v", err)
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			mode, kind, _ := strings.Cut(c.Name, "_")
			p := &probe{t: t, ctx: ctx, base: base, mode: mode, name: fmt.Sprintf("%s-%d", c.Name, time.Now().UnixNano())}
			for prefix, replay := range kinds {
				if strings.HasPrefix(kind, prefix) {
					replay(p, kind, c.Expected)
					return
				}
			}
			t.Fatalf("no way to replay %s", c.Name)
		})
	}
}

// kinds are the ways to replay a case, by how its name goes on after the mode.
var kinds = map[string]func(p *probe, kind string, expected json.RawMessage){
	"handshake_headers":     (*probe).handshake,
	"client_drop":           (*probe).clientDrops,
	"client_close_4001":     (*probe).clientCloses,
	"server_close_4002":     (*probe).serverCloses,
	"client_msg_":           (*probe).message,
	"handler_throws":        (*probe).handlerThrows,
	"protocol_ping":         (*probe).ping,
	"subprotocol_offered":   (*probe).subprotocol,
	"compression_offered":   (*probe).compression,
	"invalid_utf8_text":     (*probe).raw,
	"close_frame_no_status": (*probe).raw,
	"unmasked_frame":        (*probe).raw,
	"reserved_opcode":       (*probe).raw,
}

// A probe is the object of one case, seen from outside.
type probe struct {
	t    *testing.T
	ctx  context.Context
	base string
	mode string
	name string
}

func (p *probe) address(path string) string {
	return p.base + path + "?" + url.Values{"n": {p.name}, "mode": {p.mode}}.Encode()
}

// decode reads what a case expects.
func decode[T any](p *probe, expected json.RawMessage) T {
	p.t.Helper()
	var v T
	if err := json.Unmarshal(expected, &v); err != nil {
		p.t.Fatalf("read what is expected: %v", err)
	}
	return v
}

// wantLog waits until the object has seen as much as want, and compares.
func (p *probe) wantLog(want []any) {
	p.t.Helper()
	var got []any
	for pause := time.Millisecond; ; pause *= 2 {
		got = p.log()
		if len(got) >= len(want) {
			break
		}
		select {
		case <-p.ctx.Done():
			p.t.Fatalf("the object saw %s, want %s", text(got), text(want))
		case <-time.After(pause):
		}
	}
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		p.t.Errorf("the object saw %s, want %s", text(got), text(want))
	}
}

func (p *probe) log() []any {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.ctx, http.MethodGet, p.address("/wslog"), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	var log []any
	if err := json.Unmarshal(body, &log); err != nil {
		p.t.Fatalf("read the log %q: %v", body, err)
	}
	return log
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func (p *probe) want(what, got, want string) {
	p.t.Helper()
	if got != want {
		p.t.Errorf("%s: got %s, want %s", what, got, want)
	}
}
