package devserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/web"
)

// handshakeTimeout is how long a client may take to receive the answer.
const handshakeTimeout = 10 * time.Second

var (
	errNotUpgrade = errors.New(`Worker tried to return WebSocket in a response to a request which did not contain the header "Upgrade: websocket".`)
	errNoSocket   = errors.New(`Worker answered with status 101 but without a WebSocket.`)
	errHandshake  = errors.New("The request is no WebSocket handshake of version 13.")
)

// isUpgrade says whether a client asks for a WebSocket.
func isUpgrade(r *http.Request) bool {
	return r.ProtoMajor == 1 && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// checkUpgrade says why a response with status 101 cannot be sent.
func checkUpgrade(r *http.Request, res *emulator.Response) error {
	var err error
	switch {
	case res.Socket == nil:
		err = errNoSocket
	case !isUpgrade(r):
		err = errNotUpgrade
	case r.Header.Get("Sec-WebSocket-Key") == "" || r.Header.Get("Sec-WebSocket-Version") != "13":
		err = errHandshake
	default:
		return nil
	}
	if res.Socket != nil {
		res.Socket.Abort()
	}
	res.Body.Close()
	return err
}

// upgrade answers that the connection is a WebSocket now and hands it over.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, res *emulator.Response) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		res.Socket.Abort()
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	deflate := agreedDeflate(r, res)
	err = writeHandshake(conn, r.Header.Get("Sec-WebSocket-Key"), deflate, res.Header)
	if err != nil {
		res.Socket.Abort()
		conn.Close()
		return
	}
	s.sockets.run(func(ctx context.Context) {
		web.Couple(ctx, conn, rw.Reader, res.Socket, web.ConnOptions{Deflate: deflate, Codecs: &s.sockets.codecs})
	})
}

// agreedDeflate is how messages are to be compressed, nil for not at all. The
// Worker may choose by a header of its own.
func agreedDeflate(r *http.Request, res *emulator.Response) *web.Deflate {
	if !res.Compress {
		return nil
	}
	const name = "sec-websocket-extensions"
	chosen := ""
	for _, f := range res.Header {
		if strings.EqualFold(f[0], name) {
			chosen = f[1]
		}
	}
	return web.AgreeDeflate(strings.Join(r.Header.Values(name), ","), chosen)
}

// writeHandshake writes the head of the answer and leaves the connection
// without deadlines.
func writeHandshake(conn net.Conn, key string, deflate *web.Deflate, header [][2]string) error {
	var b strings.Builder
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
	fmt.Fprintf(&b, "Sec-WebSocket-Accept: %s\r\n", web.AcceptKey(key))
	if deflate != nil {
		fmt.Fprintf(&b, "Sec-WebSocket-Extensions: %s\r\n", deflate)
	}
	for _, f := range header {
		name := http.CanonicalHeaderKey(f[0])
		if hopByHop(name) || name == "Sec-Websocket-Accept" || name == "Sec-Websocket-Extensions" || name == "Content-Length" {
			continue
		}
		fmt.Fprintf(&b, "%s: %s\r\n", name, f[1])
	}
	b.WriteString("\r\n")
	if err := conn.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, b.String()); err != nil {
		return err
	}
	return conn.SetDeadline(time.Time{})
}

// sockets are the connections that became WebSockets. The zero value is ready.
type sockets struct {
	codecs web.Codecs

	mu     sync.Mutex
	closed bool
	stops  map[int]context.CancelFunc
	last   int
	wg     sync.WaitGroup
}

// run serves a socket until it is done or the server closes.
func (s *sockets) run(serve func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		cancel()
	}
	if s.stops == nil {
		s.stops = map[int]context.CancelFunc{}
	}
	s.last++
	n := s.last
	s.stops[n] = cancel
	s.wg.Go(func() {
		defer s.forget(n)
		serve(ctx)
	})
}

func (s *sockets) forget(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stops[n]()
	delete(s.stops, n)
}

// close ends all sockets and waits for them.
func (s *sockets) close() {
	s.mu.Lock()
	s.closed = true
	for _, stop := range s.stops {
		stop()
	}
	s.mu.Unlock()
	s.wg.Wait()
}
