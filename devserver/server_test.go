package devserver

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator"
)

// A fakeWorker answers with what a test says.
type fakeWorker func(ctx context.Context, r *emulator.Request) (*emulator.Response, error)

func (w fakeWorker) Fetch(ctx context.Context, r *emulator.Request) (*emulator.Response, error) {
	return w(ctx, r)
}

// A sizedBody knows its length.
type sizedBody struct{ *strings.Reader }

func (sizedBody) Close() error { return nil }

func text(status int, body string, header ...[2]string) *emulator.Response {
	return &emulator.Response{Status: status, Header: header, Body: sizedBody{strings.NewReader(body)}}
}

// streamed is a response whose body comes in pieces.
func streamed(body io.ReadCloser, header ...[2]string) *emulator.Response {
	return &emulator.Response{Status: 200, Header: header, Body: body}
}

// serveFake serves a Worker until the test ends and gives the address.
func serveFake(t *testing.T, opts Options) (url string, s *Server) {
	t.Helper()
	l, err := Listen(Address{})
	if err != nil {
		t.Fatal(err)
	}
	s = New(opts)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = s.Shutdown(ctx)
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return URL(l, false), s
}

// do makes a request whose answer is not decoded.
func do(t *testing.T, method, url, body string, header ...[2]string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range header {
		req.Header.Add(h[0], h[1])
	}
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestARequestReachesTheWorkerAsItWasSent(t *testing.T) {
	var got *emulator.Request
	var body string
	url, _ := serveFake(t, Options{Worker: fakeWorker(func(_ context.Context, r *emulator.Request) (*emulator.Response, error) {
		got, body = r, read(t, r.Body)
		return text(200, ""), nil
	})})
	do(t, "PUT", url+"/a%20b/../c?q=1&q=%41", "some body", [2]string{"X-Two", "1"}, [2]string{"X-Two", "2"}, [2]string{"Accept-Encoding", "zstd"}, [2]string{"Keep-Alive", "5"})

	host := strings.TrimPrefix(url, "http://")
	if want := "http://" + host + "/a%20b/../c?q=1&q=%41"; got.URL != want {
		t.Errorf("URL is %q, want %q", got.URL, want)
	}
	if got.Method != "PUT" || body != "some body" || got.Size != 9 {
		t.Errorf("the Worker got %s %q of size %d, want PUT \"some body\" of size 9", got.Method, body, got.Size)
	}
	for name, want := range map[string][]string{
		"Host": {host}, "X-Two": {"1", "2"}, "Accept-Encoding": {"br, gzip"}, "Keep-Alive": nil, "Connection": nil,
	} {
		if values := valuesOf(got.Header, name); !slices.Equal(values, want) {
			t.Errorf("header %s is %q, want %q", name, values, want)
		}
	}
	for _, want := range []string{`"clientAcceptEncoding":"zstd"`, `"httpProtocol":"HTTP/1.1"`, `"country":"PT"`} {
		if !strings.Contains(got.CF, want) {
			t.Errorf("request.cf is %s, without %s", got.CF, want)
		}
	}
}

func valuesOf(header [][2]string, name string) []string {
	var values []string
	for _, h := range header {
		if h[0] == name {
			values = append(values, h[1])
		}
	}
	return values
}

func TestARequestWithoutBodyHasNone(t *testing.T) {
	url, _ := serveFake(t, Options{Worker: fakeWorker(func(_ context.Context, r *emulator.Request) (*emulator.Response, error) {
		return text(200, fmt.Sprint(r.Body == nil, " ", r.Size)), nil
	})})
	if got := read(t, do(t, "GET", url, "").Body); got != "true 0" {
		t.Errorf("no body and its size are %q, want %q", got, "true 0")
	}
}

func TestResponsesAreSentAsTheWorkerMadeThem(t *testing.T) {
	pieces := func() io.ReadCloser {
		return io.NopCloser(io.MultiReader(strings.NewReader("a"), strings.NewReader("b")))
	}
	rows := []struct {
		name, method string
		response     func() *emulator.Response
		length       int64 // -1 when it is sent in chunks
		body         string
		header       map[string][]string
	}{
		{
			name: "known body", method: "GET", length: 5, body: "hello",
			response: func() *emulator.Response { return text(200, "hello", [2]string{"content-length", "99"}) },
			header:   map[string][]string{"Content-Type": nil},
		},
		{
			name: "stream", method: "GET", length: -1, body: "ab",
			response: func() *emulator.Response {
				return streamed(pieces(), [2]string{"content-length", "99"}, [2]string{"transfer-encoding", "identity"})
			},
		},
		{
			name: "several cookies", method: "GET", length: 0,
			response: func() *emulator.Response {
				return text(200, "", [2]string{"set-cookie", "a=1"}, [2]string{"x-other", "y"}, [2]string{"set-cookie", "b=2"})
			},
			header: map[string][]string{"Set-Cookie": {"a=1", "b=2"}, "X-Other": {"y"}},
		},
		{
			name: "head of a known body", method: "HEAD", length: 5,
			response: func() *emulator.Response { return text(200, "hello") },
		},
		{
			name: "head that names a length", method: "HEAD", length: 99,
			response: func() *emulator.Response {
				return streamed(io.NopCloser(strings.NewReader("")), [2]string{"content-length", "99"})
			},
		},
		{
			name: "no content", method: "GET", length: 0,
			response: func() *emulator.Response { return text(204, "") },
			header:   map[string][]string{"Content-Length": nil},
		},
		{
			name: "not modified", method: "GET", length: 0,
			response: func() *emulator.Response { return text(304, "", [2]string{"etag", `"x"`}) },
			header:   map[string][]string{"Etag": {`"x"`}},
		},
		{
			name: "status of no standard", method: "GET", length: 2, body: "no",
			response: func() *emulator.Response { return text(599, "no") },
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			want := row.response()
			url, _ := serveFake(t, Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
				return row.response(), nil
			})})
			res := do(t, row.method, url, "")
			if res.StatusCode != want.Status {
				t.Errorf("status is %d, want %d", res.StatusCode, want.Status)
			}
			if got := read(t, res.Body); got != row.body {
				t.Errorf("body is %q, want %q", got, row.body)
			}
			if res.ContentLength != row.length {
				t.Errorf("length is %d, want %d", res.ContentLength, row.length)
			}
			for name, values := range row.header {
				if got := res.Header.Values(name); !slices.Equal(got, values) {
					t.Errorf("header %s is %q, want %q", name, got, values)
				}
			}
		})
	}
}

func TestEachPieceOfAStreamIsSentBeforeTheNextIsThere(t *testing.T) {
	body, writer := io.Pipe()
	url, _ := serveFake(t, Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
		return streamed(body), nil
	})})
	go func() { _, _ = writer.Write([]byte("first")) }()
	res := do(t, "GET", url, "")
	buf := make([]byte, 5)
	if _, err := io.ReadFull(res.Body, buf); err != nil || string(buf) != "first" {
		t.Errorf("the first piece is %q, %v", buf, err)
	}
	go func() { _, _ = writer.Write([]byte("second")); writer.Close() }()
	if got := read(t, res.Body); got != "second" {
		t.Errorf("the second piece is %q", got)
	}
}

func TestAResponseMayComeBeforeTheRequestHasEnded(t *testing.T) {
	url, _ := serveFake(t, Options{Worker: fakeWorker(func(_ context.Context, r *emulator.Request) (*emulator.Response, error) {
		return streamed(io.NopCloser(r.Body)), nil
	})})
	body, writer := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", url, body)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = writer.Write([]byte("ping")) }()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	buf := make([]byte, 4)
	if _, err := io.ReadFull(res.Body, buf); err != nil || string(buf) != "ping" {
		t.Errorf("the echo is %q, %v", buf, err)
	}
	writer.Close()
}

func TestABodyThatBreaksOffCutsTheConnection(t *testing.T) {
	url, _ := serveFake(t, Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
		broken := io.MultiReader(strings.NewReader("half"), errorReader{errors.New("gone")})
		return streamed(io.NopCloser(broken)), nil
	})})
	res := do(t, "GET", url, "")
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("half a body was taken for a whole one: %q", body)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestContentEncodingIsAppliedUnlessTheWorkerDid(t *testing.T) {
	rows := []struct {
		name, named, accepts string
		encoded              bool
		want                 string // what arrives
	}{
		{name: "gzip asked for", named: "gzip", accepts: "deflate, gzip;q=0.5", want: "gzip"},
		{name: "gzip refused", named: "gzip", accepts: "gzip;q=0", want: ""},
		{name: "gzip not accepted", named: "gzip", accepts: "br", want: ""},
		{name: "not ours to make", named: "br", accepts: "br", want: ""},
		{name: "made by the Worker", named: "br", accepts: "", encoded: true, want: "br"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			url, _ := serveFake(t, Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
				res := text(200, "content", [2]string{"content-encoding", row.named})
				res.Encoded = row.encoded
				return res, nil
			})})
			res := do(t, "GET", url, "", [2]string{"Accept-Encoding", row.accepts})
			if got := res.Header.Get("Content-Encoding"); got != row.want {
				t.Errorf("Content-Encoding is %q, want %q", got, row.want)
			}
			var body io.Reader = res.Body
			if row.want == "gzip" {
				zip, err := gzip.NewReader(body)
				if err != nil {
					t.Fatal(err)
				}
				body = zip
			}
			if got := read(t, body); got != "content" {
				t.Errorf("body is %q, want %q", got, "content")
			}
		})
	}
}

func TestAClientThatGoesCancelsItsRequest(t *testing.T) {
	arrived, told := make(chan struct{}), make(chan Exchange, 1)
	url, _ := serveFake(t, Options{
		Worker: fakeWorker(func(ctx context.Context, r *emulator.Request) (*emulator.Response, error) {
			close(arrived)
			<-r.Done
			return nil, ctx.Err()
		}),
		Answered: func(e Exchange) { told <- e },
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
		res.Body.Close()
		t.Errorf("a request that was given up has the answer %s", res.Status)
	}
	if e := <-told; e.Status != StatusGone || e.Err != nil {
		t.Errorf("told of status %d and %v, want %d", e.Status, e.Err, StatusGone)
	}
}

func TestRequestsAreTold(t *testing.T) {
	told := make(chan Exchange, 1)
	failure := &emulator.Failure{Name: "TypeError", Message: "no", Objects: []string{"Room/b"}}
	url, _ := serveFake(t, Options{
		Worker: fakeWorker(func(_ context.Context, r *emulator.Request) (*emulator.Response, error) {
			if strings.HasSuffix(r.URL, "/fail") {
				return nil, failure
			}
			res := text(201, "")
			res.Objects = []string{"Room/a"}
			return res, nil
		}),
		Answered: func(e Exchange) { told <- e },
	})
	do(t, "POST", url+"/a?b=c", "")
	if e := <-told; e.Method != "POST" || e.Target != "/a?b=c" || e.Status != 201 || !slices.Equal(e.Objects, []string{"Room/a"}) || e.Failure != nil {
		t.Errorf("told of %+v", e)
	}
	do(t, "GET", url+"/fail", "")
	if e := <-told; e.Status != 500 || e.Failure != failure || !slices.Equal(e.Objects, []string{"Room/b"}) {
		t.Errorf("told of %+v", e)
	}
}

func TestFailuresArePagesToBrowsersAndTextToOthers(t *testing.T) {
	failure := &emulator.Failure{
		Name: "TypeError", Message: "<b> is undefined", Object: "Room/a",
		Stack:   "    at join (src/room.ts:2:5)\n    at src/index.ts:9:1",
		Excerpt: "  1 | let b;\n> 2 | b.x;\n    | ^",
	}
	url, _ := serveFake(t, Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
		return nil, failure
	})})

	res := do(t, "GET", url+"/x", "")
	want := "TypeError: <b> is undefined\n" + failure.Stack + "\n" + failure.Excerpt + "\n"
	if got := read(t, res.Body); res.StatusCode != 500 || got != want {
		t.Errorf("the text is %d %q, want %q", res.StatusCode, got, want)
	}

	res = do(t, "GET", url+"/x", "", [2]string{"Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"})
	page := read(t, res.Body)
	if kind := res.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		t.Errorf("the page is %q", kind)
	}
	for _, want := range []string{
		"<span>TypeError</span>: &lt;b&gt; is undefined", "<b>Room/a</b>", "<b>GET</b> /x",
		`<span class="here">&gt; 2 | b.x;</span>`, `<span class="caret">    | ^</span>`,
		"<i>at</i> join <i>src/room.ts:2:5</i>", "<i>at</i> <i>src/index.ts:9:1</i>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
}

func TestAHeadThatIsTooLargeIsRefused(t *testing.T) {
	url, _ := serveFake(t, Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
		return text(200, ""), nil
	})})
	res := do(t, "GET", url, "", [2]string{"X-Large", strings.Repeat("x", 2*maxHead)})
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status is %d, want %d", res.StatusCode, http.StatusRequestHeaderFieldsTooLarge)
	}
}

func TestShutdownWaitsForRequests(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	url, s := serveFake(t, Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
		close(arrived)
		<-release
		return text(200, "done"), nil
	})})
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get(url)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answer <- string(body)
	}()
	<-arrived
	down := make(chan error, 1)
	go func() { down <- s.Shutdown(context.Background()) }()
	close(release)
	if got := <-answer; got != "done" {
		t.Errorf("the request that was running got %q", got)
	}
	if err := <-down; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func BenchmarkHello(b *testing.B) {
	s := New(Options{Worker: fakeWorker(func(context.Context, *emulator.Request) (*emulator.Response, error) {
		return text(200, "hello", [2]string{"content-type", "text/plain"}), nil
	})})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("User-Agent", "bench")
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		w.Body = bytes.NewBuffer(nil)
		s.ServeHTTP(w, r)
	}
}
