package emulator_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/dodev/dodev/devserver"
)

// A step is something a client outside does, as a project lists it:
//
//	["fetch", PATH, {method, headers, body}]  a request; tells the answer
//	["open", PATH, {headers}]                 a WebSocket; tells the answer's head
//	["text", TEXT], ["bytes", HEX]            a message
//	["close", CODE, REASON], ["close"]        a close frame, with and without a code
//	["frame", OPCODE, HEX]                    any frame, with a mask
//	["raw", HEX]                              bytes
//	["read"]                                  tells what comes next
//	["soon"]                                  tells what comes at once, if anything does
//	["drop"]                                  the connection is cut
//
// "{id}" in a path is another name each time the question is asked.
type step []json.RawMessage

// soon is how long something may take that may not come at all.
const soon = 300 * time.Millisecond

// stepPatience is how long a step may take.
const stepPatience = 10 * time.Second

var nameOfClient atomic.Int64

// A bedClient takes steps.
type bedClient struct {
	base string
	id   string
	conn net.Conn
	r    *bufio.Reader
}

// take takes the steps of a question and gives what they tell.
func (s *bedServer) take(steps []step) (told []any) {
	c := &bedClient{base: s.url, id: fmt.Sprintf("client-%d-%d", time.Now().UnixNano(), nameOfClient.Add(1))}
	defer c.drop()
	for _, step := range steps {
		tells, err := c.do(step)
		if err != nil {
			return append(told, map[string]string{"failed": err.Error()})
		}
		if tells != nil {
			told = append(told, tells)
		}
	}
	return told
}

func (c *bedClient) do(s step) (tells any, err error) {
	switch op := s.text(0); op {
	case "fetch":
		return c.fetch(s)
	case "open":
		return c.open(s)
	case "text":
		return nil, c.send(ws.OpText, []byte(s.text(1)))
	case "bytes":
		return nil, c.send(ws.OpBinary, s.bytes(1))
	case "close":
		return nil, c.send(ws.OpClose, s.closeBody())
	case "frame":
		return nil, c.send(ws.OpCode(s.number(1)), s.bytes(2))
	case "raw":
		_, err := c.conn.Write(s.bytes(1))
		return nil, err
	case "read":
		return c.read(stepPatience), nil
	case "soon":
		return c.read(soon), nil
	case "drop":
		c.drop()
		return nil, nil
	default:
		return nil, fmt.Errorf("no step %q", op)
	}
}

func (s step) decode(n int, into any) {
	if n >= len(s) {
		return
	}
	if err := json.Unmarshal(s[n], into); err != nil {
		panic(err)
	}
}

func (s step) text(n int) (text string) {
	s.decode(n, &text)
	return text
}

func (s step) number(n int) (number int) {
	s.decode(n, &number)
	return number
}

func (s step) bytes(n int) []byte {
	data, err := hex.DecodeString(s.text(n))
	if err != nil {
		panic(err)
	}
	return data
}

func (s step) closeBody() []byte {
	if len(s) == 1 {
		return nil
	}
	return ws.NewCloseFrameBody(ws.StatusCode(s.number(1)), s.text(2))
}

// options are what a request may have.
type stepOptions struct {
	Method  string
	Headers map[string]string
	Body    string
}

func (c *bedClient) request(s step) (*http.Request, context.CancelFunc, error) {
	var opts stepOptions
	s.decode(2, &opts)
	ctx, cancel := context.WithTimeout(context.Background(), stepPatience)
	address := c.base + strings.ReplaceAll(s.text(1), "{id}", c.id)
	req, err := http.NewRequestWithContext(ctx, opts.Method, address, strings.NewReader(opts.Body))
	if err != nil {
		cancel()
		return nil, nil, err
	}
	for name, value := range opts.Headers {
		req.Header.Set(name, value)
	}
	return req, cancel, nil
}

// A told response has its parts in a steady order.
type toldResponse struct {
	Status  string              `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
}

func (c *bedClient) fetch(s step) (any, error) {
	req, cancel, err := c.request(s)
	if err != nil {
		return nil, err
	}
	defer cancel()
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	return toldResponse{res.Status, c.headers(res.Header), string(body)}, nil
}

// The headers that a connection has of its own, or that the tool in front of
// the real runtime adds.
var ownHeaders = []string{"Connection", "Date", "Keep-Alive", "Transfer-Encoding", "Sec-Websocket-Accept"}

func (c *bedClient) headers(all http.Header) map[string][]string {
	out := map[string][]string{}
	for name, values := range all {
		if !slices.Contains(ownHeaders, name) {
			out[name] = values
		}
	}
	return out
}

func (c *bedClient) open(s step) (any, error) {
	req, cancel, err := c.request(s)
	if err != nil {
		return nil, err
	}
	defer cancel()
	for name, value := range map[string]string{
		"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		req.Header.Set(name, value)
	}
	c.conn, err = net.Dial("tcp", req.URL.Host)
	if err != nil {
		return nil, err
	}
	if err := c.conn.SetDeadline(time.Now().Add(stepPatience)); err != nil {
		return nil, err
	}
	if err := req.Write(c.conn); err != nil {
		return nil, err
	}
	c.r = bufio.NewReader(c.conn)
	res, err := http.ReadResponse(c.r, req)
	if err != nil {
		return nil, err
	}
	told := toldResponse{Status: res.Status, Headers: c.headers(res.Header)}
	if res.StatusCode != http.StatusSwitchingProtocols {
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		told.Body = string(body)
	}
	return told, nil
}

func (c *bedClient) send(op ws.OpCode, data []byte) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(stepPatience)); err != nil {
		return err
	}
	return ws.WriteFrame(c.conn, ws.MaskFrame(ws.NewFrame(op, true, data)))
}

// read tells the next frame, or why none comes.
func (c *bedClient) read(wait time.Duration) string {
	if err := c.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return err.Error()
	}
	f, err := ws.ReadFrame(c.r)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "nothing"
	case err != nil:
		return "gone"
	}
	return tellFrame(f)
}

func tellFrame(f ws.Frame) string {
	data := f.Payload
	switch f.Header.OpCode {
	case ws.OpClose:
		if len(data) == 0 {
			return "close"
		}
		code, reason := ws.ParseCloseFrameDataUnsafe(data)
		return fmt.Sprintf("close %d %s", code, reason)
	case ws.OpText:
		if len(data) > 200 {
			return fmt.Sprintf("text of %d bytes", len(data))
		}
		return "text " + string(data)
	case ws.OpBinary:
		return "bytes " + hex.EncodeToString(data[:min(len(data), 100)])
	}
	return fmt.Sprintf("frame %d %x", f.Header.OpCode, data)
}

func (c *bedClient) drop() {
	if c.conn != nil {
		_ = c.conn.Close() // it may be closed
	}
}

// listen serves a project to clients outside until the test ends, and gives the
// address.
func listen(t *testing.T, p *project) string {
	t.Helper()
	front := devserver.New(devserver.Options{Worker: p})
	server := httptest.NewServer(front)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = front.Shutdown(ctx) // the test is over: whoever is left is cut off
		server.Close()
	})
	return server.URL
}

func TestAClientOutsideTellsWhatComes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ws" {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
			f, err := ws.ReadFrame(rw)
			if err != nil {
				t.Error(err)
				return
			}
			ws.Cipher(f.Payload, f.Header.Mask, 0)
			_ = ws.WriteFrame(conn, ws.NewTextFrame(f.Payload))
			_ = ws.WriteFrame(conn, ws.NewCloseFrame(ws.NewCloseFrameBody(4001, "bye")))
			return
		}
		w.Header().Set("X-Query", url.QueryEscape(r.URL.RawQuery))
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "body")
	}))
	t.Cleanup(server.Close)
	steps := decode[[]step](t, `[["fetch", "/x?q", {"method": "POST"}], ["open", "/ws"], ["text", "hello"], ["read"], ["read"], ["read"]]`)
	got := mustJSON((&bedServer{t: t, url: server.URL}).take(steps))
	want := `[{"status":"418 I'm a teapot","headers":{"Content-Length":["4"],"Content-Type":["text/plain; charset=utf-8"],"X-Query":["q"]},"body":"body"},` +
		`{"status":"101 Switching Protocols","headers":{"Upgrade":["websocket"]},"body":""},"text hello","close 4001 bye","gone"]`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
