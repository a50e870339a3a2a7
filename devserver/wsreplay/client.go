package wsreplay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// silence is how long the client waits for an answer that must not come.
const silence = 300 * time.Millisecond

// outcome is what a case expects: of the client, under whichever name, and of
// the object.
type outcome struct {
	Client, ClientErr, Read, Write, PongErr, Selected, Hdr, Ext string
	Bytes, Err                                                  string
	Log                                                         []any
}

func (p *probe) dial(opts *websocket.DialOptions) (*websocket.Conn, *http.Response) {
	p.t.Helper()
	conn, response, err := websocket.Dial(p.ctx, p.address("/ws"), opts)
	if err != nil {
		p.t.Fatalf("dial: %v", err)
	}
	conn.SetReadLimit(-1)
	p.t.Cleanup(func() { conn.CloseNow() })
	return conn, response
}

func (p *probe) write(conn *websocket.Conn, message string) error {
	return conn.Write(p.ctx, websocket.MessageText, []byte(message))
}

// read describes the next message, or why there is none.
func read(ctx context.Context, conn *websocket.Conn) string {
	kind, data, err := conn.Read(ctx)
	switch {
	case err != nil:
		return fmt.Sprintf("ERR status=%d %v", websocket.CloseStatus(err), err)
	case len(data) > 60:
		return fmt.Sprintf("%v:%s...(%d)", kind, data[:40], len(data))
	}
	return fmt.Sprintf("%v:%s", kind, data)
}

// handshake compares the headers of the answer; the encoding that is recorded
// came from the tool in front of the runtime.
func (p *probe) handshake(_ string, expected json.RawMessage) {
	_, response := p.dial(nil)
	for name, want := range decode[http.Header](p, expected) {
		switch name {
		case "Content-Encoding":
		case "Sec-Websocket-Accept":
			if response.Header.Get(name) == "" {
				p.t.Errorf("no header %s", name)
			}
		default:
			p.want(name, text(response.Header[name]), text(want))
		}
	}
}

func (p *probe) clientDrops(_ string, expected json.RawMessage) {
	conn, _ := p.dial(nil)
	conn.CloseNow()
	p.wantLog(decode[[]any](p, expected))
}

func (p *probe) clientCloses(_ string, expected json.RawMessage) {
	want := decode[outcome](p, expected)
	conn, _ := p.dial(nil)
	p.want("close", fmt.Sprint(conn.Close(4001, "client bye")), want.ClientErr)
	p.wantLog(want.Log)
}

func (p *probe) serverCloses(_ string, expected json.RawMessage) {
	want := decode[outcome](p, expected)
	conn, _ := p.dial(nil)
	if err := p.write(conn, "closeme 4002 srvreason"); err != nil {
		p.t.Fatal(err)
	}
	p.want("read", read(p.ctx, conn), want.Client)
	p.wantLog(want.Log)
}

// message sends as many bytes as the case's name says. When that is too much it
// is chance how much of it the client has written when it hears so, and, in the
// recording, whether a hibernatable object has heard by then.
func (p *probe) message(kind string, expected json.RawMessage) {
	want := decode[outcome](p, expected)
	size, err := strconv.Atoi(kind[strings.LastIndex(kind, "_")+1:])
	if err != nil {
		p.t.Fatal(err)
	}
	conn, _ := p.dial(nil)
	err = p.write(conn, strings.Repeat("x", size))
	if want.Write == "<nil>" {
		p.want("write", fmt.Sprint(err), want.Write)
	}
	p.want("read", read(p.ctx, conn), want.Read)
	if len(want.Log) > 0 {
		p.wantLog(want.Log)
	}
}

func (p *probe) handlerThrows(_ string, expected json.RawMessage) {
	want := decode[outcome](p, expected)
	conn, _ := p.dial(nil)
	if err := p.write(conn, "throw"); err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	if strings.Contains(want.Client, "deadline") {
		ctx, cancel = context.WithTimeout(p.ctx, silence)
	}
	defer cancel()
	p.want("read", read(ctx, conn), want.Client)
	p.wantLog(want.Log)
}

func (p *probe) ping(_ string, expected json.RawMessage) {
	want := decode[outcome](p, expected)
	conn, _ := p.dial(nil)
	conn.CloseRead(p.ctx)
	p.want("ping", fmt.Sprint(conn.Ping(p.ctx)), want.PongErr)
	p.wantLog(want.Log)
}

func (p *probe) subprotocol(_ string, expected json.RawMessage) {
	want := decode[outcome](p, expected)
	conn, response := p.dial(&websocket.DialOptions{Subprotocols: []string{"chat", "v2"}})
	p.want("header", response.Header.Get("Sec-WebSocket-Protocol"), want.Hdr)
	p.want("protocol", conn.Subprotocol(), want.Selected)
}

// compression compares what is agreed on, and sends through it.
func (p *probe) compression(_ string, expected json.RawMessage) {
	conn, response := p.dial(&websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover, CompressionThreshold: 1})
	p.want("extensions", response.Header.Get("Sec-WebSocket-Extensions"), decode[outcome](p, expected).Ext)
	for range 2 {
		long := strings.Repeat("compressed ", 5) // a message that the object echoes
		if err := p.write(conn, long); err != nil {
			p.t.Fatal(err)
		}
		if got := read(p.ctx, conn); !strings.Contains(got, long[:len(long)-1]) {
			p.t.Errorf("got %s back", got)
		}
	}
}
