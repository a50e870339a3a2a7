// Package devserver is the front door of a project that runs on this machine:
// requests in, responses and WebSockets out, and new code when a file changes.
//
// A [Server] answers HTTP by asking a [Worker]. A [Project] turns a folder into
// a configuration and a bundle, as often as needed, and a [Reloader] brings
// what it makes to the running Worker when files change.
//
// It prints nothing and knows no terminal: what happens is told to functions
// that its caller hands in. Every exported method is safe for concurrent use
// unless it says otherwise.
package devserver

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/emulator"
)

// A Worker answers requests. Its error is an [emulator.Failure] for what the
// project's code did not handle.
type Worker interface {
	Fetch(ctx context.Context, r *emulator.Request) (*emulator.Response, error)
}

// An Exchange is a request that was answered.
type Exchange struct {
	Start  time.Time
	Method string
	Target string // path and query
	// Status is StatusGone when the client left before there was an answer.
	Status int
	// Took is the time until the Worker had answered; a body may still be on
	// its way.
	Took      time.Duration
	WebSocket bool
	Objects   []string // those it reached, "ChatRoom/lobby"
	// Span is what followed it, as [emulator.Response] has it; nil for nothing.
	Span any
	// Failure is what the Worker did not handle, else nil.
	Failure *emulator.Failure
	// Err is why there is no answer of the Worker's, apart from a Failure.
	Err error
}

// StatusGone is the status of a request whose client did not wait for it. No
// client ever sees it.
const StatusGone = 499

// Options of [New].
type Options struct {
	Worker Worker
	// Answered is told of each request, before its body is sent. It may be called
	// from several goroutines at once and must not block.
	Answered func(Exchange)
	// Trouble receives what goes wrong with connections; nil discards it.
	Trouble func(text string)
	// HTTPS says that clients speak TLS, so URLs begin with https.
	HTTPS bool
	// Trace, unless nil, is told when a request comes in and when its response
	// goes out; see [emulator.Options].
	Trace func(step string)
}

// Limits on what a client may send. A request's head may be as large as the
// deployed service takes it.
const (
	maxHead     = 128 << 10
	headTimeout = 30 * time.Second
	idleTimeout = 5 * time.Minute
)

// A Server answers HTTP requests by asking a Worker.
type Server struct {
	opts   Options
	origin string // "http://", before a host
	cf     cfCache
	http   http.Server
	active atomic.Int64

	page    *template.Template
	buffers buffers
	sockets sockets
}

// New makes a server, which listens to nothing yet.
func New(opts Options) *Server {
	s := &Server{opts: opts, origin: "http://", page: parsePage()}
	if opts.HTTPS {
		s.origin = "https://"
	}
	s.http = http.Server{
		Handler:           s,
		MaxHeaderBytes:    maxHead,
		ReadHeaderTimeout: headTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          log.New(troubleWriter(opts.Trouble), "", 0),
	}
	return s
}

// Serve answers the connections of a listener until [Server.Shutdown], and
// then returns nil.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// Active is how many requests are being answered.
func (s *Server) Active() int { return int(s.active.Load()) }

// Shutdown takes no more connections and waits for the requests that are being
// answered. When ctx ends it cuts off those that are left. WebSockets are closed
// last. The error is that of ctx.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		s.http.Close()
	}
	s.sockets.close()
	return err
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.active.Add(1)
	defer s.active.Add(-1)
	if s.opts.Trace != nil {
		s.opts.Trace("devserver.(*Server).ServeHTTP")
	}

	ex := Exchange{Start: time.Now(), Method: r.Method, Target: r.RequestURI}
	if r.ContentLength != 0 {
		// A Worker may answer while the request's body is still coming.
		_ = http.NewResponseController(w).EnableFullDuplex()
	}
	res, err := s.opts.Worker.Fetch(r.Context(), s.request(r))
	ex.Took = time.Since(ex.Start)
	if err == nil && res.Status == http.StatusSwitchingProtocols {
		err = checkUpgrade(r, res)
	}
	if err != nil {
		s.fail(w, r, ex, err)
		return
	}
	defer res.Body.Close()

	ex.Status, ex.Objects, ex.WebSocket, ex.Span = res.Status, res.Objects, res.Socket != nil, res.Span
	s.answered(ex)
	if ex.WebSocket {
		s.upgrade(w, r, res)
		return
	}
	s.respond(w, r, res)
}

func (s *Server) answered(ex Exchange) {
	if s.opts.Answered != nil {
		s.opts.Answered(ex)
	}
}

// troubleWriter takes the lines of net/http's own log.
type troubleWriter func(text string)

func (t troubleWriter) Write(line []byte) (int, error) {
	if t != nil {
		t(string(line))
	}
	return len(line), nil
}
