package emulator

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/emulator/worker"
)

// smallBody is how long a request body may be to be read before the request is
// delivered; a longer one streams.
const smallBody = 64 << 10

// Fetch delivers a request to the Worker and waits for its response. The error
// is a *[Failure] when the Worker did not handle an error of its own.
func (e *Emulator) Fetch(ctx context.Context, r *Request) (*Response, error) {
	if e.opts.Trace != nil {
		e.opts.Trace("emulator.(*Emulator).Fetch")
	}
	e.mu.RLock()
	if e.closed {
		e.mu.RUnlock()
		return nil, errors.New("the server is shutting down")
	}
	v := e.workers[0]
	request, err := e.request(ctx, r)
	if err != nil {
		e.mu.RUnlock()
		return nil, err
	}
	request.Kept = request.Pipe == 0
	answers := make(chan worker.Answer, 1)
	v.worker.Fetch(ctx, request, func(a worker.Answer) { answers <- a })
	e.mu.RUnlock()

	select {
	case a := <-answers:
		res, err := e.response(v, a)
		if request.Pipe == 0 {
			return res, err
		}
		if err != nil {
			e.drop(request.Pipe)
			return nil, err
		}
		res.Body = thenDrop{res.Body, func() { e.drop(request.Pipe) }}
		return res, nil
	case <-ctx.Done():
		e.drop(request.Pipe)
		go e.discard(answers)
		return nil, ctx.Err()
	}
}

// drop gives up what is left of a request's body: its connection is done.
func (e *Emulator) drop(pipe int) {
	if p := e.pipes.Get(pipe); p != nil {
		p.Fail(engine.Error("Network connection lost."))
		p.Cancel(engine.Error("Network connection lost."))
	}
}

// thenDrop is a response body after which the request's is dropped.
type thenDrop struct {
	io.ReadCloser
	drop func()
}

func (b thenDrop) Close() error {
	b.drop()
	return b.ReadCloser.Close()
}

// discard lets go of what a late answer holds.
func (e *Emulator) discard(answers <-chan worker.Answer) {
	a := <-answers
	if a.Response == nil {
		return
	}
	if p := e.pipes.Get(a.Response.Pipe); p != nil {
		p.Cancel(engine.Error("the client has gone"))
	}
	if end := e.wires.Take(a.Response.Socket); end != nil {
		end.Abort()
	}
}

func (e *Emulator) request(ctx context.Context, r *Request) (worker.Request, error) {
	out := worker.Request{Method: r.Method, URL: r.URL, Headers: joinHeader(r.Header), CF: r.CF}
	switch {
	case r.Body == nil || r.Size == 0:
	case r.Size > 0 && r.Size <= smallBody:
		data := make([]byte, r.Size)
		if _, err := io.ReadFull(r.Body, data); err != nil {
			return out, err
		}
		out.Body = engine.Bytes(data)
	default:
		pipe := e.pipes.New()
		out.Pipe = pipe.ID()
		go fill(ctx, pipe, r.Body)
	}
	return out, nil
}

// fill copies a body from outside into a pipe.
func fill(ctx context.Context, pipe *web.Pipe, body io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 && pipe.WriteContext(ctx, buf[:n]) != nil {
			return // nobody reads it
		}
		switch {
		case err == io.EOF:
			pipe.Close()
			return
		case err != nil:
			pipe.Fail(engine.Error("Network connection lost."))
			return
		}
	}
}

// joinHeader gives headers the form in which they cross: lower-case names and
// values, a line each.
func joinHeader(header [][2]string) string {
	var b strings.Builder
	for n, h := range header {
		if n > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.ToLower(h[0]))
		b.WriteByte('\n')
		b.WriteString(h[1])
	}
	return b.String()
}

func splitHeader(s string) [][2]string {
	if s == "" {
		return nil
	}
	lines := strings.Split(s, "\n")
	out := make([][2]string, 0, len(lines)/2)
	for n := 0; n+1 < len(lines); n += 2 {
		out = append(out, [2]string{lines[n], lines[n+1]})
	}
	return out
}

func (e *Emulator) response(v *version, a worker.Answer) (*Response, error) {
	if a.Err != nil {
		f := v.failure(a.Err, a.Err.Object)
		f.Objects, f.Span = a.Objects, a.Span
		return nil, f
	}
	r := a.Response
	out := &Response{
		Status: r.Status, StatusText: r.StatusText, Header: splitHeader(r.Headers), Encoded: r.Raw, Objects: a.Objects, Span: a.Span,
		Body: e.body(r),
	}
	if r.Socket != 0 {
		out.Socket = e.wires.Take(r.Socket)
		out.Compress = v.config.Flag("web_socket_compression")
	}
	return out, nil
}

func (e *Emulator) body(r *worker.Response) io.ReadCloser {
	if r.Pipe != 0 {
		if p := e.pipes.Get(r.Pipe); p != nil {
			return p.Reader(context.Background())
		}
	}
	if text := r.Body.Text(); text != "" {
		return wholeBody{strings.NewReader(text)}
	}
	return wholeBody{bytes.NewReader(r.Body.Bytes())}
}

// A wholeBody is all there, so that a client can be told how long it is.
type wholeBody struct{ lengthReader }

type lengthReader interface {
	io.Reader
	Len() int
}

func (wholeBody) Close() error { return nil }
