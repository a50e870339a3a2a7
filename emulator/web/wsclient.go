package web

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// AcceptKey answers the key of a WebSocket handshake, RFC 6455 section 4.2.2.
func AcceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func asksForSocket(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// addHandshake makes a request one that a WebSocket server answers. Of
// extensions it offers those it has, unless the Worker's are never to compress.
func (h *host) addHandshake(r *http.Request) {
	key := make([]byte, 16)
	_, _ = rand.Read(key)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key))
	if !h.opts.Compress {
		r.Header.Del("Sec-WebSocket-Extensions")
	}
}

// An upgraded connection is what a handshake left behind.
type upgraded struct {
	io.ReadWriteCloser
	deflate *Deflate
}

func connectionOf(r *http.Request, response *http.Response) (upgraded, error) {
	conn, writable := response.Body.(io.ReadWriteCloser)
	if !writable || response.Header.Get("Sec-WebSocket-Accept") != AcceptKey(r.Header.Get("Sec-WebSocket-Key")) {
		response.Body.Close()
		return upgraded{}, engine.TypeError("Failed to establish the WebSocket connection: the server's answer is no WebSocket handshake.")
	}
	offered := len(parseDeflates(r.Header.Get("Sec-WebSocket-Extensions"))) > 0
	deflate, err := agreedDeflate(response.Header.Get("Sec-WebSocket-Extensions"), offered)
	if err != nil {
		response.Body.Close()
		return upgraded{}, engine.TypeError("Failed to establish the WebSocket connection: %s.", err)
	}
	return upgraded{conn, deflate}, nil
}

// exchangeSocket completes op, a fetch, with a response that is a socket, and
// carries its messages until it is closed. Asked is the URL as code wrote it.
func (f *fetcher) exchangeSocket(op *loop.Op, asked string, r *http.Request, response *http.Response) {
	conn, err := connectionOf(r, response)
	if err != nil {
		op.Done(func() {
			delete(f.open, op.ID())
			f.reject(op, err)
		})
		return
	}
	headers := HeadersToHost(response.Header)
	f.handOver(op, asked, conn, func(end int) {
		delete(f.open, op.ID())
		f.settle(op, engine.Int(response.StatusCode), engine.String(statusText(response)), engine.String(headers), engine.Int(0), engine.Int(end))
	})
}

// handOver completes op with the number of an end and carries what passes
// between that and a connection, until both have closed. When nobody waits for
// the operation any more the connection is dropped.
func (h *host) handOver(op *loop.Op, asked string, conn upgraded, complete func(end int)) {
	ours, theirs := NewWire()
	theirs.Opened(asked)
	theirs.outside = true
	given := make(chan struct{})
	context.AfterFunc(op.Context(), func() {
		select {
		case <-given:
		default:
			theirs.Abort()
		}
	})
	op.Done(func() {
		close(given)
		complete(h.opts.Wires.Add(theirs))
	})
	Couple(context.Background(), conn, bufio.NewReader(conn), ours, ConnOptions{Client: true, Deflate: conn.deflate})
}

// open opens a socket to the outside.
func (s *sockets) open(c engine.Call) error {
	op := s.loop.Begin(loop.Fetch)
	s.dialing[op.ID()] = op
	context.AfterFunc(op.Context(), func() {
		s.loop.Post(func() { delete(s.dialing, op.ID()) })
	})
	c.Return(engine.Int(op.ID()))
	address := c.String(0)
	op.Describe(func() (string, string) { return "connect " + address, "" })
	r, err := s.openRequest(address, c.Strings(1))
	if err != nil {
		s.refuse(op, err)
		return nil
	}
	owner := s.loop.Owner()
	s.loop.Send(func() {
		s.out.pass(owner, op, func() { go s.dial(op, address, r.WithContext(op.Context())) })
	})
	return nil
}

func (s *sockets) openRequest(address string, protocols []string) (*http.Request, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, engine.TypeError("Invalid URL: %s", address)
	}
	target.Scheme = strings.Replace(target.Scheme, "ws", "http", 1)
	r := &http.Request{Method: http.MethodGet, URL: target, Host: target.Host, Header: http.Header{}}
	r.Header.Set("Sec-WebSocket-Extensions", deflateName)
	s.addHandshake(r)
	if len(protocols) > 0 {
		r.Header.Set("Sec-WebSocket-Protocol", strings.Join(protocols, ", "))
	}
	return r, s.route(r)
}

// cancelOpen has an opening fail.
func (s *sockets) cancelOpen(c engine.Call) error {
	if op := s.dialing[c.Int(0)]; op != nil {
		s.refuse(op, connectionLost())
	}
	return nil
}

func (s *sockets) refuse(op *loop.Op, reason error) {
	op.Done(func() { s.reject(op, reason) })
}

// dial does the handshake and then carries the socket's messages.
func (s *sockets) dial(op *loop.Op, address string, r *http.Request) {
	response, err := s.opts.Fetch.Transport.RoundTrip(r)
	if err != nil {
		s.refuse(op, connectionLost())
		return
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		response.Body.Close()
		s.refuse(op, engine.TypeError("Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received %d instead.", response.StatusCode))
		return
	}
	conn, err := connectionOf(r, response)
	if err != nil {
		s.refuse(op, err)
		return
	}
	protocol, extensions := response.Header.Get("Sec-WebSocket-Protocol"), response.Header.Get("Sec-WebSocket-Extensions")
	s.handOver(op, address, conn, func(end int) {
		s.settle(op, engine.Int(end), engine.String(protocol), engine.String(extensions))
	})
}
