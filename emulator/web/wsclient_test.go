package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/coder/websocket"
)

// speaker is a server of sockets: /echo, /chat which speaks the protocol "v2",
// /bye which closes, /drop which goes away, /deflate which compresses, /odd
// which agrees on what was not offered, and /no which is none.
func speaker(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/no" {
		w.Header().Set("X-Why", "no socket here")
		http.Error(w, "sorry", http.StatusUpgradeRequired)
		return
	}
	opts := websocket.AcceptOptions{Subprotocols: []string{"v2"}, InsecureSkipVerify: true}
	switch r.URL.Path {
	case "/deflate":
		opts.CompressionMode, opts.CompressionThreshold = websocket.CompressionContextTakeover, 1
		w.Header().Set("X-Offered", r.Header.Get("Sec-WebSocket-Extensions"))
	case "/odd":
		w.Header().Set("Sec-WebSocket-Extensions", "foo")
	}
	conn, err := websocket.Accept(w, r, &opts)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	switch r.URL.Path {
	case "/bye":
		conn.Close(4003, "bye")
	case "/drop":
		return
	case "/who":
		_ = conn.Write(r.Context(), websocket.MessageText, fmt.Appendf(nil, "%s %s %s", r.Host, r.URL.RequestURI(), r.Header.Get("X-Test")))
	}
	for {
		kind, data, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		if err := conn.Write(r.Context(), kind, data); err != nil {
			return
		}
	}
}

func TestOutgoingSockets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(speaker))
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	is := newIsolate(t, Options{Fetch: FetchOptions{Outbound: map[string]*url.URL{"out.test": target}, Offline: true}})
	const prelude = socketPrelude + `
const until = (ws, type) => new Promise(r => ws.addEventListener(type, r, { once: true }));
`
	for _, c := range []jsCase{
		{"connect, speak and close", `
			const ws = new WebSocket("ws://out.test/echo"); const log = watch(ws); const first = [ws.readyState, ws.url, attempt(() => ws.send("early")), attempt(() => ws.accept()).slice(0, 20)];
			await until(ws, "open"); const open = [ws.readyState, ws.protocol, ws.extensions, attempt(() => ws.accept())]; ws.send("m"); await until(ws, "message"); ws.binaryType = "arraybuffer"; ws.send(new Uint8Array([1]));
			const bytes = [...new Uint8Array((await until(ws, "message")).data)]; ws.close(4001, "done"); await until(ws, "close");
			return [first, open, bytes, log.filter(l => typeof l[1] !== "object"), ws.readyState];`,
			`[[0,"ws://out.test/echo","TypeError: You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.","TypeError: Websocket"],[1,null,null,"ok"],[1],[["open"],["message","m"],["close",4001,"done",true,3]],3]`},
		{"agree on a protocol", `const ws = new WebSocket("ws://out.test/chat", ["v1", "v2"]); await until(ws, "open"); const p = ws.protocol; ws.close(); return p`, `"v2"`},
		{"are closed from outside", `const ws = new WebSocket("ws://out.test/bye"); const log = watch(ws); await until(ws, "close"); return log`, `[["open"],["close",4003,"bye",true,3]]`},
		{"see a connection that is lost", `const ws = new WebSocket("ws://out.test/drop"); const log = watch(ws); await until(ws, "close"); return log`,
			`[["open"],["close",1006,"WebSocket disconnected without sending Close frame.",false,1]]`},
		{"fail when the server is none", `const ws = new WebSocket("ws://out.test/no"); const log = watch(ws); await until(ws, "close"); return [log, ws.readyState, attempt(() => ws.close())]`,
			`[[["error","Uncaught TypeError: Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received 426 instead.","TypeError: Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received 426 instead."],["close",1006,"Failed to establish websocket connection",false,3]],3,"ok"]`},
		{"fail when refused", `const ws = new WebSocket("wss://elsewhere.test/"); const log = watch(ws); await until(ws, "close"); return log[0][2]`,
			`"Error: fetch of https://elsewhere.test/ refused: dodev is offline, and no --outbound was given for elsewhere.test"`},
		{"fail when closed before they are open", `const ws = new WebSocket("ws://out.test/echo"); const log = watch(ws); ws.close(); await until(ws, "close"); return log`,
			`[["error","Uncaught Error: Network connection lost.","Error: Network connection lost."],["close",1006,"Failed to establish websocket connection",false,3]]`},
		{"check their arguments", `
			const s = (...a) => attempt(() => new WebSocket(...a)).replace("SyntaxError: WebSocket Constructor: ", ""); const u = "ws://out.test/";
			return [s("nonsense"), s("http://x"), s(u + "#f"), s(u, ""), s(u, ["a b"]), s(u, ["a", "a"]), s()]`,
			`["The url is invalid.","The url scheme must be ws or wss.","The url fragment must be empty.","The protocol header token is invalid.","One of the protocol header tokens is invalid.","The protocols header cannot have repeating values.","TypeError: Failed to construct 'WebSocket': constructor parameter 1 is not of type 'string'."]`},
		{"come from fetch", `
			const r = await fetch("http://out.test/who?q", { headers: { Upgrade: "websocket", "X-Test": "yes" } }); const ws = r.webSocket; const log = watch(ws); ws.accept(); ws.send("m"); await until(ws, "message"); await until(ws, "message"); ws.close(1000); await until(ws, "close");
			return [r.status, r.headers.get("upgrade").toLowerCase(), r.body, log]`,
			`[101,"websocket",null,[["message","out.test /who?q yes"],["message","m"],["close",1000,"",true,3]]]`},
		{"come from fetch only where there are any", `const r = await fetch("http://out.test/no", { headers: { Upgrade: "websocket" } }); return [r.status, r.webSocket, r.headers.get("x-why"), await r.text()]`,
			`[426,null,"no socket here","sorry\n"]`},
		{"that came from fetch can be passed on", `
			const r = await fetch("http://out.test/echo", { headers: { Upgrade: "websocket" } }); const ws = inside.attachSocket(inside.detachSocket(r.webSocket)); ws.accept(); ws.send("m"); const m = (await until(ws, "message")).data; ws.close(); await until(ws, "close"); return m`, `"m"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := is.eval(t, prelude+c.body); !sameJSON(t, got, c.want) {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestOutgoingSocketsCompressWhereTheFlagSaysSo has the answers of workerd, with
// the flag web_socket_compression and without.
func TestOutgoingSocketsCompressWhereTheFlagSaysSo(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(speaker))
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	const body = socketPrelude + `
const until = (ws, type) => new Promise(r => ws.addEventListener(type, r, { once: true }));
const text = "compressed ".repeat(50);
const exchange = async (ws) => {
	const got = [];
	for (let i = 0; i < 3; i++) { ws.send(text); got.push((await until(ws, "message")).data === text); }
	ws.close(1000);
	return got;
};
const made = new WebSocket("ws://out.test/deflate"); await until(made, "open");
const fetched = async (headers) => {
	const r = await fetch("http://out.test/deflate", { headers: { Upgrade: "websocket", ...headers } });
	r.webSocket.accept();
	return [r.headers.get("x-offered"), r.headers.get("sec-websocket-extensions"), await exchange(r.webSocket)];
};
return [made.extensions, await exchange(made), await fetched({}), await fetched({ "Sec-WebSocket-Extensions": "permessage-deflate" }), await fetched({ "Sec-WebSocket-Extensions": "permessage-deflate; server_no_context_takeover" })];`
	const fine = "[true,true,true]"
	for _, c := range []struct {
		compress bool
		want     string
	}{
		{true, `["permessage-deflate",` + fine + `,["",null,` + fine + `],["permessage-deflate","permessage-deflate",` + fine + `],` +
			`["permessage-deflate; server_no_context_takeover","permessage-deflate; server_no_context_takeover",` + fine + `]]`},
		{false, `[null,` + fine + `,["",null,` + fine + `],["",null,` + fine + `],["",null,` + fine + `]]`},
	} {
		is := newIsolate(t, Options{Compress: c.compress, Fetch: FetchOptions{Outbound: map[string]*url.URL{"out.test": target}, Offline: true}})
		if got := is.eval(t, body); !sameJSON(t, got, c.want) {
			t.Errorf("compress %v\n got %s\nwant %s", c.compress, got, c.want)
		}
		const odd = socketPrelude + `const ws = new WebSocket("ws://out.test/odd"); const log = watch(ws); await new Promise(r => ws.addEventListener("close", r)); return log[0][2]`
		const refused = `"TypeError: Failed to establish the WebSocket connection: the server agreed on extensions that were not offered."`
		if got := is.eval(t, odd); !sameJSON(t, got, refused) {
			t.Errorf("compress %v: got %s, want %s", c.compress, got, refused)
		}
	}
}

func TestAcceptKeyIsThatOfTheStandard(t *testing.T) {
	if got, want := AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
