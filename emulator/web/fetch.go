package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// FetchOptions say where requests that leave the emulator may go.
type FetchOptions struct {
	// Outbound sends the requests for a host, as a URL names it, elsewhere. The
	// Host header stays as it was.
	Outbound map[string]*url.URL
	// Offline refuses requests for every other host.
	Offline bool
	// Transport carries requests; nil is a transport of the isolate's own. It
	// must not decode bodies itself.
	Transport http.RoundTripper
	// Roots are whom TLS of sockets trusts; nil stands for the system's.
	Roots *x509.CertPool
}

// fetcher sends the requests of one isolate.
type fetcher struct {
	*host
	open map[int]*loop.Op // fetches without a response yet
}

// registerFetch adds the functions of host/fetch.ts.
func (h *host) registerFetch() {
	f := &fetcher{host: h, open: map[int]*loop.Op{}}
	if h.opts.Fetch.Transport == nil {
		h.opts.Fetch.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true, ForceAttemptHTTP2: true}
	}
	h.vm.Func("fetch", f.fetch)
	h.vm.Func("fetchAbort", f.abort)
}

func (f *fetcher) fetch(c engine.Call) error {
	request, err := f.request(c)
	if err != nil {
		return err
	}
	asked := c.String(1)
	op := f.loop.Begin(loop.Fetch)
	op.Describe(func() (string, string) { return request.Method + " " + asked, "" })
	c.Return(engine.Int(op.ID()))
	f.open[op.ID()] = op
	// The body of the response outlives the operation, so its context is another.
	ctx, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(op.Context(), cancel)
	owner := f.loop.Owner()
	f.loop.Send(func() {
		f.out.pass(owner, op, func() { go f.exchange(op, asked, request.WithContext(ctx), stop, cancel) })
	})
	return nil
}

func (f *fetcher) abort(c engine.Call) error {
	if op := f.open[c.Int(0)]; op != nil {
		delete(f.open, c.Int(0))
		op.Cancel()
	}
	return nil
}

// request makes a request of the arguments of fetch.
func (f *fetcher) request(c engine.Call) (*http.Request, error) {
	target, err := url.Parse(c.String(1))
	if err != nil {
		return nil, engine.TypeError("Invalid URL: %s", c.String(1))
	}
	r := &http.Request{Method: c.String(0), URL: target, Host: target.Host, Header: HeadersFromHost(c.String(2))}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
		r.Header.Del("Host")
	}
	if err := f.route(r); err != nil {
		return nil, err
	}
	if asksForSocket(r) {
		f.addHandshake(r)
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header["User-Agent"] = nil
	}
	if r.Header.Get("Accept-Encoding") == "" && r.Header.Get("Range") == "" {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	r.Header.Del("Content-Length")
	f.setBody(r, c)
	return r, nil
}

// route applies what the options say of the request's host.
func (h *host) route(r *http.Request) error {
	opts := h.opts.Fetch
	to := opts.Outbound[r.URL.Host]
	if to == nil {
		to = opts.Outbound[r.URL.Hostname()]
	}
	if to == nil {
		if opts.Offline {
			return engine.Error("fetch of %s refused: dodev is offline, and no --outbound was given for %s", r.URL, r.URL.Host)
		}
		return nil
	}
	moved := *r.URL
	moved.Scheme, moved.Host = to.Scheme, to.Host
	if base := strings.TrimSuffix(to.Path, "/"); base != "" {
		moved.Path, moved.RawPath = base+r.URL.Path, ""
	}
	r.URL = &moved
	return nil
}

func (f *fetcher) setBody(r *http.Request, c engine.Call) {
	if p := f.opts.Pipes.Get(c.Int(4)); p != nil {
		r.Body, r.ContentLength = p.Reader(context.Background()), -1
		return
	}
	if k := c.Kind(3); k == engine.KindUndefined || k == engine.KindNull {
		return
	}
	data := chunk(c, 3)
	r.ContentLength = int64(len(data))
	r.Body = http.NoBody
	if len(data) > 0 {
		r.Body = io.NopCloser(bytes.NewReader(data))
	}
}

// exchange sends a request and completes op with its response, whose body it
// then carries into a pipe.
func (f *fetcher) exchange(op *loop.Op, asked string, r *http.Request, received func() bool, cancel func()) {
	defer cancel()
	response, err := f.opts.Fetch.Transport.RoundTrip(r)
	if err != nil {
		op.Done(func() {
			delete(f.open, op.ID())
			f.reject(op, fetchError(err))
		})
		return
	}
	received()
	if response.StatusCode == http.StatusSwitchingProtocols {
		f.exchangeSocket(op, asked, r, response)
		return
	}
	defer response.Body.Close()
	var pipe *Pipe
	id := 0
	if hasBody(r, response) {
		pipe = f.opts.Pipes.New()
		id = pipe.ID()
		// A reader that gives up ends the connection, too.
		pipe.WhenCancelled(func(*engine.Throw) { cancel() })
	}
	body := decodedBody(response)
	headers := HeadersToHost(response.Header)
	op.Done(func() {
		delete(f.open, op.ID())
		op.Describe(func() (string, string) { return "", strconv.Itoa(response.StatusCode) })
		f.settle(op, engine.Int(response.StatusCode), engine.String(statusText(response)), engine.String(headers), engine.Int(id))
	})
	if pipe != nil {
		carry(r.Context(), body, pipe)
	}
}

// fetchError is what a script sees of a request that failed.
func fetchError(err error) error {
	var throw *engine.Throw
	if errors.As(err, &throw) {
		return throw // the request's own body failed
	}
	return connectionLost()
}

// carry writes a body into a pipe and ends that.
func carry(ctx context.Context, body io.Reader, pipe *Pipe) {
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if pipe.WriteContext(ctx, buf[:n]) != nil {
				pipe.Close()
				return
			}
		}
		if err == io.EOF {
			pipe.Close()
			return
		}
		if err != nil {
			pipe.Fail(connectionLost())
			return
		}
	}
}

func hasBody(r *http.Request, response *http.Response) bool {
	switch response.StatusCode {
	case http.StatusNoContent, http.StatusResetContent, http.StatusNotModified:
		return false
	}
	return r.Method != http.MethodHead
}

// decodedBody undoes the response's Content-Encoding, and drops the headers that
// speak of it, so that a script may pass the response on.
func decodedBody(response *http.Response) io.Reader {
	if !strings.EqualFold(response.Header.Get("Content-Encoding"), "gzip") || response.Body == http.NoBody {
		return response.Body
	}
	if response.ContentLength == 0 {
		return response.Body
	}
	response.Header.Del("Content-Encoding")
	response.Header.Del("Content-Length")
	return &lazyGzip{body: response.Body}
}

// A lazyGzip reads no byte before it is asked to, so that headers are not held
// up by a body that is slow to begin.
type lazyGzip struct {
	body io.Reader
	r    *gzip.Reader
}

func (g *lazyGzip) Read(p []byte) (int, error) {
	if g.r == nil {
		r, err := gzip.NewReader(g.body)
		if err != nil {
			return 0, err
		}
		g.r = r
	}
	return g.r.Read(p)
}

// statusText is the reason phrase of a response, as far as it had one.
func statusText(r *http.Response) string {
	_, text, _ := strings.Cut(r.Status, " ")
	if text == "" {
		text = http.StatusText(r.StatusCode)
	}
	return text
}

// HeadersToHost gives headers in the form in which scripts take them: name,
// value, name, value, between line feeds, names in lower case.
func HeadersToHost(header http.Header) string {
	var b strings.Builder
	for name, values := range header {
		lower := strings.ToLower(name)
		for _, v := range values {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(lower)
			b.WriteByte('\n')
			b.WriteString(oneLine(v))
		}
	}
	return b.String()
}

// oneLine keeps a value from ending before it does.
func oneLine(value string) string {
	if !strings.ContainsAny(value, "\r\n") {
		return value
	}
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(value)
}

// HeadersFromHost is the reverse of [HeadersToHost].
func HeadersFromHost(text string) http.Header {
	header := http.Header{}
	for text != "" {
		var name, value string
		name, text, _ = strings.Cut(text, "\n")
		value, text, _ = strings.Cut(text, "\n")
		header.Add(name, value)
	}
	return header
}
