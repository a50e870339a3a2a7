package wsreplay

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// rawFrames are what a raw case sends.
var rawFrames = map[string]string{
	"invalid_utf8_text":     "\x81\x82\x00\x00\x00\x00\xff\xfe",
	"close_frame_no_status": "\x88\x80\x00\x00\x00\x00",
	"unmasked_frame":        "\x81\x02hi",
	"reserved_opcode":       "\x83\x80\x00\x00\x00\x00",
}

// raw sends bytes and compares those that come back.
func (p *probe) raw(kind string, expected json.RawMessage) {
	want := decode[outcome](p, expected)
	conn, r := p.dialRaw()
	if _, err := io.WriteString(conn, rawFrames[kind]); err != nil {
		p.t.Fatal(err)
	}
	bytes, err := hex.DecodeString(strings.ReplaceAll(want.Bytes, " ", ""))
	if err != nil {
		p.t.Fatal(err)
	}
	got := make([]byte, len(bytes))
	n, err := io.ReadFull(r, got)
	p.want("bytes", fmt.Sprintf("% x", got[:n]), want.Bytes)
	p.want("error", fmt.Sprint(err), want.Err)
	p.wantLog(want.Log)
}

// dialRaw opens a socket of which only the handshake has been done.
func (p *probe) dialRaw() (net.Conn, *bufio.Reader) {
	p.t.Helper()
	target, err := url.Parse(p.address("/ws"))
	if err != nil {
		p.t.Fatal(err)
	}
	conn, err := net.Dial("tcp", target.Host)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", target.RequestURI(), target.Host)
	r := bufio.NewReader(conn)
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		p.t.Fatalf("handshake: got %s", response.Status)
	}
	return conn, r
}
