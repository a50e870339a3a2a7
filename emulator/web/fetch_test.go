package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// served is a transport that asks a handler, without a network.
type served struct{ http.Handler }

func (s served) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Hostname() == "nobody" {
		return nil, errors.New("no such host")
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	body, w := io.Pipe()
	answer := &answer{header: http.Header{}, body: w, ready: make(chan struct{})}
	go func() {
		s.ServeHTTP(answer, r)
		answer.WriteHeader(http.StatusOK)
		w.Close()
	}()
	stop := context.AfterFunc(r.Context(), func() { w.CloseWithError(r.Context().Err()) })
	select {
	case <-answer.ready:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	_ = stop
	return &http.Response{
		StatusCode: answer.status, Status: fmt.Sprintf("%d %s", answer.status, http.StatusText(answer.status)),
		Header: answer.header, Body: body, ContentLength: -1, Request: r,
	}, nil
}

// answer is a ResponseWriter whose body can be read while it is written.
type answer struct {
	header http.Header
	status int
	body   io.Writer
	ready  chan struct{}
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
		close(a.ready)
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// elsewhere is what the tests fetch from.
func elsewhere(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/echo":
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		fmt.Fprintf(w, "%s %s %s %s auth=%s", r.Method, r.Host, r.URL.RequestURI(), body, r.Header.Get("Authorization"))
	case "/to":
		w.Header().Set("Location", r.URL.Query().Get("u"))
		var status int
		fmt.Sscan(r.URL.Query().Get("s"), &status)
		w.WriteHeader(status)
	case "/loop":
		w.Header().Set("Location", "/loop")
		w.WriteHeader(http.StatusFound)
	case "/gzip":
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, "plain, asked for "+r.Header.Get("Accept-Encoding"))
		z.Close()
	case "/duplex":
		w.WriteHeader(http.StatusOK)
		buf := make([]byte, 16)
		for {
			n, err := r.Body.Read(buf)
			w.Write(bytes.ToUpper(buf[:n]))
			if err != nil {
				return
			}
		}
	case "/hang":
		<-r.Context().Done()
	case "/stall":
		io.WriteString(w, "part")
		<-r.Context().Done()
	case "/none":
		w.WriteHeader(http.StatusNoContent)
	}
}

func TestFetch(t *testing.T) {
	pipes := &Pipes{}
	is := newIsolate(t, Options{Pipes: pipes, Fetch: FetchOptions{Transport: served{http.HandlerFunc(elsewhere)}}})
	for _, c := range []jsCase{
		{"sends a request and reads its response", `
			const r = await fetch("http://x.test/echo?q#f", { method: "POST", body: "hi" });
			return [r.status, r.statusText, r.url, r.redirected, r.headers.get("content-type"), r.headers.getSetCookie(), await r.text()];`,
			`[200,"OK","http://x.test/echo?q",false,"text/plain",["a=1","b=2"],"POST x.test /echo?q hi auth="]`},
		{"sends any body", `
			const out = []; for (const body of [new Uint8Array([104]), new Blob(["b"]), ReadableStream.from([new Uint8Array([115])])])
				out.push((await (await fetch("http://x.test/echo", { method: "PUT", body })).text()).split(" ")[3]); return out;`, `["h","b","s"]`},
		{"streams both ways at once", `
			const t = new TransformStream(); const w = t.writable.getWriter(); const e = new TextEncoder(), d = new TextDecoder();
			w.write(e.encode("a")); const r = (await fetch("http://x.test/duplex", { method: "POST", body: t.readable })).body.getReader(); const out = [];
			out.push(d.decode((await r.read()).value)); w.write(e.encode("b")); out.push(d.decode((await r.read()).value)); w.close(); out.push((await r.read()).done); return out;`, `["A","B",true]`},
		{"follows redirects", `
			const out = []; for (const [s, m] of [[301, "POST"], [303, "PUT"], [307, "POST"], [308, "PUT"]]) {
				const r = await fetch("http://x.test/to?s=" + s + "&u=/echo", { method: m, body: "b" }); out.push([r.redirected, r.url, (await r.text()).slice(0, 23)]); } return out;`,
			`[[true,"http://x.test/echo","GET x.test /echo  auth="],[true,"http://x.test/echo","GET x.test /echo  auth="],[true,"http://x.test/echo","POST x.test /echo b aut"],[true,"http://x.test/echo","PUT x.test /echo b auth"]]`},
		{"follows no redirect when told not to", `const r = await fetch("http://x.test/to?s=302&u=/echo", { redirect: "manual" }); return [r.status, r.redirected, r.headers.get("location")];`, `[302,false,"/echo"]`},
		{"keeps credentials from other origins", `
			const h = { authorization: "secret" }; const r = async (u) => (await (await fetch("http://x.test/to?s=302&u=" + u, { headers: h })).text()).split("auth=")[1];
			return [await r("/echo"), await r("http://y.test/echo")];`, `["secret",""]`},
		{"gives up on endless redirects", `return await fetch("http://x.test/loop").catch(e => e.message);`, `"Too many redirects."`},
		{"cannot send a stream twice", `return (await fetch("http://x.test/to?s=307&u=/echo", { method: "POST", body: ReadableStream.from([new Uint8Array(1)]) }).catch(e => e.message)).slice(0, 36);`, `"A request with a one-time-use body ("`},
		{"decodes gzip and drops its headers", `const r = await fetch("http://x.test/gzip"); return [r.headers.get("content-encoding"), await r.text()];`, `[null,"plain, asked for gzip"]`},
		{"gives null bodies null", `const r = await fetch("http://x.test/none"); return [r.status, r.body];`, `[204,null]`},
		{"fails as the platform when nobody answers", `return await fetch("http://nobody/").catch(e => [e.name, e.message, e.remote, e.retryable]);`, `["Error","Network connection lost.",true,true]`},
		{"refuses what it cannot load", `
			const out = []; for (const a of [["foo://bar/baz"], ["/rel"], []]) out.push(await fetch(...a).catch(e => e.message)); return out;`,
			`["Fetch API cannot load: foo://bar/baz","Invalid URL: /rel","Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Request or string'."]`},
		{"ends with its signal before a response", `
			const c = new AbortController(); const p = fetch("http://x.test/hang", { signal: c.signal }); setTimeout(() => c.abort(), 1); return await p.catch(e => [e.name, e.message]);`,
			`["AbortError","The operation was aborted"]`},
		{"ends with its signal while the body is read", `
			const c = new AbortController(); const r = await fetch("http://x.test/stall", { signal: c.signal }); const b = r.body.getReader(); await b.read(); setTimeout(() => c.abort("why"), 1);
			return await b.read().catch(e => e);`, `"why"`},
		{"does not begin when the signal was aborted", `return await fetch("http://x.test/", { signal: AbortSignal.abort(new Error("why")) }).catch(e => e.message);`, `"why"`},
		{"cancels the connection when its body is", `const r = await fetch("http://x.test/stall"); await r.body.cancel(); return r.bodyUsed;`, `true`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := is.eval(t, c.body); !sameJSON(t, got, c.want) {
				t.Errorf("%s\n got %s\nwant %s", strings.TrimSpace(c.body), got, c.want)
			}
		})
	}
}

func TestOutboundSendsAHostElsewhere(t *testing.T) {
	to, err := url.Parse("http://stand-in.test:81/base/")
	if err != nil {
		t.Fatal(err)
	}
	seen := ""
	is := newIsolate(t, Options{Fetch: FetchOptions{
		Offline:  true,
		Outbound: map[string]*url.URL{"api.test": to},
		Transport: served{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen = r.Host + " at " + r.URL.String()
		})},
	}})
	if got, want := is.eval(t, `return (await fetch("https://api.test/v1?a")).status;`), "200"; got != want {
		t.Errorf("status is %s, want %s", got, want)
	}
	if want := "api.test at http://stand-in.test:81/base/v1?a"; seen != want {
		t.Errorf("request went to %s, want %s", seen, want)
	}
	got := is.eval(t, `return await fetch("https://other.test/").catch(e => e.message);`)
	if !strings.Contains(got, "https://other.test/") || !strings.Contains(got, "offline") {
		t.Errorf("error is %s, want one that names the URL and says offline", got)
	}
}

func TestHeadersCrossUnchanged(t *testing.T) {
	header := http.Header{"Set-Cookie": {"a=1", "b=2"}, "X-A": {"é, x"}, "Empty": {""}}
	got := HeadersFromHost(HeadersToHost(header))
	for name, want := range header {
		if fmt.Sprint(got.Values(name)) != fmt.Sprint(want) {
			t.Errorf("%s is %q, want %q", name, got.Values(name), want)
		}
	}
	if len(got) != len(header) {
		t.Errorf("%d names, want %d", len(got), len(header))
	}
}

func TestFetchOverRealConnections(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(elsewhere))
	defer server.Close()
	is := newIsolate(t, Options{})
	got := is.eval(t, `return await (await fetch("`+server.URL+`/echo", { method: "POST", body: ReadableStream.from([new Uint8Array([104, 105])]) })).text();`)
	if want := strings.TrimPrefix(server.URL, "http://"); !strings.Contains(got, "POST "+want+" /echo hi") {
		t.Errorf("response is %s, want an echo of hi", got)
	}
}
