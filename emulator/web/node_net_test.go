package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

func TestNodeClientsReachServers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.Header().Set("X-Seen", r.Header.Get("X-Sent"))
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%s %s %q", r.Method, r.URL, body)
	}))
	defer server.Close()
	address := echo(t)
	is := newIsolate(t, Options{Fetch: FetchOptions{Offline: true, Outbound: map[string]*url.URL{
		"api.example": {Scheme: "http", Host: server.Listener.Addr().String()},
		"db.example":  {Scheme: "tcp", Host: address},
	}}})
	for _, c := range []jsCase{
		{"http.request", `const http = await import("node:http"), { text } = await import("node:stream/consumers");
			const res = await new Promise((resolve, reject) => {
				const req = http.request("http://api.example/path?q=1", { method: "POST", headers: { "X-Sent": "yes" } }, resolve);
				req.on("error", reject); req.write("bo"); req.end("dy");
			});
			return [res.statusCode, res.statusMessage, res.headers["x-seen"], res.headers["set-cookie"], await text(res), res.complete]`,
			`[201, "Created", "yes", ["a=1", "b=2"], "POST /path?q=1 \"body\"", true]`},
		{"https.get with options", `const https = await import("node:https"), { text } = await import("node:stream/consumers");
			const res = await new Promise((resolve, reject) => https.get({ hostname: "api.example", path: "/x", auth: "u:p" }, resolve).on("error", reject));
			return [res.statusCode, await text(res)]`, `[201, "GET /x \"\""]`},
		{"an error of the network", `const http = await import("node:http");
			return new Promise((resolve) => http.get("http://other.example/").on("error", (error) => resolve(error.message)))`,
			`"fetch of http://other.example/ refused: dodev is offline, and no --outbound was given for other.example"`},
		{"what http refuses", `const http = await import("node:http"); const code = (run) => { try { run(); return "none" } catch (e) { return e.code } };
			return [code(() => http.request("ftp://x/")), code(() => http.request({ path: "/a b" })), code(() => http.request({ method: "a b" })), code(() => new http.OutgoingMessage().setHeader("a b", 1)), code(() => http.request(5))]`,
			`["ERR_INVALID_PROTOCOL", "ERR_UNESCAPED_CHARACTERS", "ERR_INVALID_HTTP_TOKEN", "ERR_INVALID_HTTP_TOKEN", "ERR_INVALID_ARG_TYPE"]`},
		{"net.connect", `const net = await import("node:net"); const seen = [];
			const socket = net.connect(5432, "db.example", () => seen.push("connected", socket.readyState));
			socket.setEncoding("utf8"); socket.on("data", (data) => { seen.push(data); if (data === "HELLO") socket.end(); });
			socket.write("hello");
			await new Promise((resolve) => socket.on("close", (hadError) => { seen.push("close", hadError); resolve() }));
			return [seen, socket.bytesRead, socket.bytesWritten, socket.destroyed]`,
			`[["connected", "open", "HELLO", "EOF", "close", false], 8, 5, true]`},
		{"a connection that is refused", `const net = await import("node:net");
			return new Promise((resolve) => net.connect(1, "other.example").on("error", (error) => resolve(error.message)).on("close", () => {}))`,
			`"connection to other.example:1 refused: dodev is offline, and no --outbound was given for other.example:1"`},
		{"a port that nobody may connect to", `const net = await import("node:net");
			return new Promise((resolve) => net.connect(25, "other.example").on("error", (error) => resolve(error.message)))`,
			`"proxy request failed, cannot connect to the specified address"`},
		{"names, offline", `const dns = await import("node:dns/promises"); try { await dns.resolve4("name.example") } catch (e) { return [e.code, e.message, await dns.lookup("10.0.0.1")] }`,
			`["ECONNREFUSED", "queryA ECONNREFUSED name.example", {"address": "10.0.0.1", "family": 4}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := is.eval(t, c.body); !sameJSON(t, got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestNodeServersGetWhatTheyAreHanded(t *testing.T) {
	runCases(t, []jsCase{
		{"a handler by server", `const http = await import("node:http"), { httpServerHandler } = await import("cloudflare:node");
			const server = http.createServer((req, res) => {
				let body = ""; req.setEncoding("utf8");
				req.on("data", (data) => body += data).on("end", () => {
					res.writeHead(201, { "X-Method": req.method, "X-Socket": String(req.socket.readable), "Set-Cookie": ["a=1", "b=2"] });
					res.write(req.url + " "); res.end(body.toUpperCase());
				});
			});
			const { fetch } = httpServerHandler(server);
			const response = await fetch(new Request("http://x/p?q", { method: "POST", body: "sent" }));
			return [response.status, response.headers.get("x-method"), response.headers.get("x-socket"), response.headers.getSetCookie(), await response.text(), typeof server.address().port]`,
			`[201, "POST", "true", ["a=1", "b=2"], "/p?q SENT", "number"]`},
		{"by port", `const http = await import("node:http"), { handleAsNodeRequest } = await import("cloudflare:node");
			const server = http.createServer((req, res) => { res.setHeader("a", "b"); res.statusCode = 204; res.end() }).listen(8080);
			const response = await handleAsNodeRequest(8080, new Request("http://x/"));
			server.close();
			const said = async (run) => { try { await run() } catch (e) { return e.message } };
			return [response.status, response.headers.get("a"), response.body, await said(() => handleAsNodeRequest({}, new Request("http://x/")))]`,
			`[204, "b", null, "Failed to determine port for server"]`},
	})
}
