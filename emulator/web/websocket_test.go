package web

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// socketPrelude makes pairs, both sides accepted, and connections of two scripts as a
// response makes them, and logs what their sides see.
const socketPrelude = `
const wait = async () => { for (let i = 0; i < 12; i++) await new Promise(r => setTimeout(r, 0)); }; // more events than any case has
const watch = (ws, log = []) => {
	for (const type of ["open", "message", "close", "error"]) ws.addEventListener(type, (e) => log.push(
		type === "message" ? ["message", e.data instanceof Blob ? "[blob]" : e.data] : type === "close" ? ["close", e.code, e.reason, e.wasClean, ws.readyState] : type === "error" ? ["error", e.message, String(e.error)] : [type]));
	return log;
};
const pair = () => { const [a, b] = new WebSocketPair(); a.accept(); b.accept(); return [a, b]; };
const connect = (options) => {
	const [c, s] = Object.values(new WebSocketPair()); s.accept(options);
	const ws = inside.attachSocket(inside.detachSocket(c)); ws.accept();
	return { ws, s, at: watch(ws), serverLog: watch(s) };
};
const attempt = (f) => { try { f(); return "ok"; } catch (e) { return e.name + ": " + e.message; } };
`

// runSocketCases runs cases after the prelude. Errors of listeners are part of
// what they test.
func runSocketCases(t *testing.T, cases []jsCase) {
	t.Helper()
	is := newIsolate(t, Options{Uncaught: func(err error) { t.Logf("uncaught: %s", err) }})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := is.eval(t, socketPrelude+c.body); !sameJSON(t, got, c.want) {
				t.Errorf("%s\n got %s\nwant %s", strings.TrimSpace(c.body), got, c.want)
			}
		})
	}
}

func TestPairsOfSockets(t *testing.T) {
	runSocketCases(t, []jsCase{
		{"look as on the platform", `
			const p = new WebSocketPair(); const ws = p[0];
			return [Object.keys(p), p.constructor.name, String(p), [...p].length, ws.readyState, ws.url, ws.protocol, ws.extensions, ws.binaryType, Object.getOwnPropertyNames(ws), ws.OPEN, WebSocket.READY_STATE_CLOSED];`,
			`[["0","1"],"WebSocketPair","[object WebSocketPair]",2,1,null,"","","blob",[],1,3]`},
		{"have the platform's members", `return [Object.getOwnPropertyNames(WebSocket).sort().join(), Object.getOwnPropertyNames(WebSocket.prototype).sort().join(), Object.getOwnPropertyNames(WebSocketPair).sort().join(), Object.getOwnPropertyNames(WebSocketPair.prototype).join(), WebSocketPair.length, WebSocket.length]`,
			`["CLOSED,CLOSING,CONNECTING,OPEN,READY_STATE_CLOSED,READY_STATE_CLOSING,READY_STATE_CONNECTING,READY_STATE_OPEN,length,name,prototype", "CLOSED,CLOSING,CONNECTING,OPEN,READY_STATE_CLOSED,READY_STATE_CLOSING,READY_STATE_CONNECTING,READY_STATE_OPEN,accept,binaryType,bufferedAmount,close,constructor,deserializeAttachment,extensions,protocol,readyState,send,serializeAttachment,url", "length,name,prototype", "constructor", 0, 0]`},
		{"need new", `return attempt(() => WebSocketPair())`,
			`"TypeError: Failed to construct 'WebSocketPair': Please use the 'new' operator, this object constructor cannot be called as a function."`},
		{"echo", `
			const [a, b] = pair(); const log = watch(a); b.addEventListener("message", e => b.send("re:" + e.data)); a.send("hi"); await wait(); return log`,
			`[["message","re:hi"]]`},
		{"keep messages until they are accepted", `
			const [a, b] = new WebSocketPair(); a.accept(); a.send("one"); a.send("two"); await wait(); const log = watch(b); b.accept(); await wait(); return log;`,
			`[["message","one"],["message","two"]]`},
		{"are not written before they are accepted", `const [a] = new WebSocketPair(); return [attempt(() => a.send("x")), attempt(() => a.close())]`,
			`["TypeError: You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.","TypeError: You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages."]`},
		{"call on… properties", `const [a, b] = pair(); let got; b.onmessage = e => { got = e.data }; a.send("q"); await wait(); return got`, `"q"`},
		{"give binary data as their type says", `
			const [a, b] = pair(); const log = []; b.addEventListener("message", async e => log.push(e.data instanceof ArrayBuffer ? [...new Uint8Array(e.data)] : [...await e.data.bytes(), "blob"]));
			a.send(new Uint8Array([1, 2, 3]).subarray(1)); await wait(); b.binaryType = "arraybuffer"; b.binaryType = "nonsense"; a.send(new Uint16Array([1])); a.send(new Uint8Array([9]).buffer); await wait(); return log;`,
			`[[2,3,"blob"],[1,0],[9]]`},
		{"send anything else as a string", `
			const [a, b] = pair(); const log = watch(b); for (const v of [5, null, undefined, true, [1, 2], {}, new Blob(["x"]), "\ud800"]) a.send(v); await wait(); return log.map(l => l[1]);`,
			`["5","null","undefined","true","1,2","[object Object]","[object Blob]","\ufffd"]`},
		{"each message is an event of its own", `
			const [a, b] = pair(); const log = []; b.addEventListener("message", e => { log.push(e.data); queueMicrotask(() => log.push("micro")) }); a.send(1); a.send(2); await wait(); return log`,
			`["1","micro","2","micro"]`},
		{"keep an attachment by value", `
			const [a] = pair(); const v = { a: 1 }; const none = a.deserializeAttachment(); a.serializeAttachment(v); v.a = 2;
			return [none, a.deserializeAttachment(), attempt(() => a.serializeAttachment(() => 1)).split(":")[0], attempt(() => a.serializeAttachment("x".repeat(16379))), attempt(() => a.serializeAttachment("x".repeat(16384)))]`,
			`[null,{"a":1},"DataCloneError","ok","Error: A WebSocket 'attachment' cannot be larger than 16384 bytes.'attachment' was 16390 bytes."]`},
		{"members want a WebSocket", `return ["readyState", "bufferedAmount"].map(n => attempt(() => Object.getOwnPropertyDescriptor(WebSocket.prototype, n).get.call({})).slice(0, 9))`, `["TypeError","TypeError"]`},
	})
}

func TestClosingOfSockets(t *testing.T) {
	runSocketCases(t, []jsCase{
		{"is answered by itself", `const [a, b] = pair(); const A = watch(a), B = watch(b); a.close(4000, "why"); const state = a.readyState; await wait(); return [state, A, B, attempt(() => b.send("x"))]`,
			`[2,[["close",4000,"why",true,3]],[["close",4000,"why",true,3],["error","Uncaught Error: Network connection lost.","Error: Network connection lost."]],"TypeError: Can't call WebSocket send() after close()."]`},
		{"is not when half open is allowed", `
			const [a, b] = new WebSocketPair(); a.accept(); b.accept({ allowHalfOpen: true }); const A = watch(a), B = watch(b); a.close(4000); await wait(); b.send("more"); b.close(1000, "done"); await wait(); return [A, B, b.readyState]`,
			`[[["message","more"],["close",1000,"done",true,3]],[["close",4000,"",true,2]],3]`},
		{"twice is harmless, sending then is not", `const [a] = pair(); a.close(1000); return [attempt(() => a.close(1001)), attempt(() => a.send("x"))]`, `["ok","TypeError: Can't call WebSocket send() after close()."]`},
		{"takes codes that may be sent", `const out = []; for (const c of [0, 999, 1000, 1004, 1005, 1006, 1011, 1015, 2999, 4999, 5000, -1, "x", null]) { const [a] = pair(); out.push(attempt(() => a.close(c, "r")).replace("InvalidAccessError: Invalid WebSocket close code: ", "")) } return out`,
			`["0.","999.","ok","1004.","1005.","1006.","ok","1015.","ok","ok","5000.","-1.","0.","0."]`},
		{"takes reasons that fit", `const [a] = pair(); return [attempt(() => a.close(1000, "é".repeat(62))), attempt(() => a.close(undefined, "r")), attempt(() => a.close(1000, "x".repeat(123)))]`,
			`["SyntaxError: WebSocket close reason must not be longer than 123 bytes when UTF-8 encoded.","InvalidAccessError: If you specify a WebSocket close reason, you must also specify a code.","ok"]`},
		{"loses the connection of one that got it from a response and answers", `const { ws, at, serverLog } = connect(); ws.close(); await wait(); return [at, serverLog]`,
			`[[["close",1005,"",true,3]],[["close",1005,"",true,3],["error","Uncaught Error: Network connection lost.","Error: Network connection lost."]]]`},
		{"by the server is seen by the client so", `const { at, s, serverLog } = connect(); s.close(4002, "srv"); await wait(); return [at, serverLog]`,
			`[[["close",4002,"srv",true,3],["error","Uncaught Error: Network connection lost.","Error: Network connection lost."]],[["close",4002,"srv",true,3]]]`},
		{"by a listener that throws", `
			const { ws, s, at, serverLog } = connect(); s.addEventListener("message", () => { throw new Error("boom") }); ws.send("m"); ws.send("n"); await wait(); s.send("x"); s.close();
			return [at, serverLog, s.readyState]`,
			`[[["close",1006,"WebSocket disconnected without sending Close frame.",false,1]],[["message","m"],["error","Uncaught Error: boom","Error: boom"]],3]`},
		{"into a connection that is lost is an error", `
			const { ws, s, at } = connect(); ws.addEventListener("close", () => ws.close(1000)); s.addEventListener("message", () => { throw new Error("boom") }); ws.send("m"); await wait(); return at`,
			`[["close",1006,"WebSocket disconnected without sending Close frame.",false,1],["error","Uncaught Error: Network connection lost.","Error: Network connection lost."]]`},
	})
}

func TestSocketsLeaveWithAResponseOnce(t *testing.T) {
	runSocketCases(t, []jsCase{
		{"the sender cannot use it afterwards", `const [a] = new WebSocketPair(); inside.detachSocket(a); return [attempt(() => a.accept()), attempt(() => a.send("x"))]`,
			`["TypeError: Can't accept() WebSocket that was already used in a response.","ok"]`},
		{"one that was accepted is a dead one for the receiver", `
			const [a] = pair(); const ws = inside.attachSocket(inside.detachSocket(a)); const log = watch(ws); ws.accept(); await wait(); return log`,
			`[["close",1006,"WebSocket disconnected without sending Close frame.",false,1]]`},
		{"it goes on from where it came to", `
			const [a, b] = new WebSocketPair(); b.accept(); b.send("early"); const hop = inside.attachSocket(inside.detachSocket(a)); const ws = inside.attachSocket(inside.detachSocket(hop));
			const log = watch(ws); ws.accept(); b.send("late"); await wait(); return log`,
			`[["message","early"],["message","late"]]`},
	})
}

// hibernation is an object's side of hibernatable sockets, in JavaScript.
const hibernation = `
const made = []; let state = 1; let kept;
const accept = (ws) => inside.hibernate(ws, (end) => ({ life: 1, id: 7, end: made.push(["end", typeof end]),
	send(d) { made.push(["send", d]) }, close(c, r) { made.push(["close", c, r, this.id]); state = 2 }, state: () => state, attach(v) { kept = v; made.push(["attach", v]) }, attachment: () => kept }));
`

func TestHibernatableSockets(t *testing.T) {
	const accepted = "Error: Cannot call `acceptWebSocket()` if the WebSocket was already accepted via `accept()`"
	runSocketCases(t, []jsCase{
		{"act through their object", hibernation + `
			const [c, s] = new WebSocketPair(); s.serializeAttachment("early"); accept(s); s.send("m"); s.serializeAttachment({ a: 1 }); const at = s.deserializeAttachment(), before = s.readyState; s.close(); s.close();
			return [made, at, before, s.readyState, attempt(() => s.send("x")), inside.hibernating(s).id, inside.hibernating(c) === undefined]`,
			`[[["end","number"],["attach","early"],["send","m"],["attach",{"a":1}],["close",1005,"",7]],{"a":1},1,2,"TypeError: Can't call WebSocket send() after close().",7,true]`},
		{"come back as new objects", hibernation + `const [c, s] = new WebSocketPair(); accept(s); const again = inside.makeHibernated(inside.hibernating(s)); again.send("m"); return [made, again.readyState, again.deserializeAttachment(), again instanceof WebSocket]`,
			`[[["end","number"],["send","m"]],1,null,true]`},
		{"are accepted once, and only fresh ones", hibernation + `
			const [, s] = new WebSocketPair(); accept(s); const [, p] = pair(); const [c, u] = new WebSocketPair(); c.accept(); const lone = inside.attachSocket(inside.detachSocket(new WebSocketPair()[0]));
			const [, gone] = new WebSocketPair(); inside.detachSocket(gone);
			return [s, p, u, lone, gone, {}].map(ws => attempt(() => accept(ws))).concat(attempt(() => s.accept()))`,
			`["` + accepted + `","` + accepted + `","Error: Cannot call ` + "`acceptWebSocket()`" + ` on this WebSocket because its pair has already been accepted or used in a Response.","Error: Cannot call ` + "`acceptWebSocket()`" + ` on this WebSocket because its pair has already been accepted or used in a Response.","TypeError: Tried to make an api::WebSocket hibernatable when it was in an incompatible state.","TypeError: Failed to execute 'acceptWebSocket' on 'DurableObjectState': parameter 1 is not of type 'WebSocket'.","TypeError: Can't accept() WebSocket after enabling hibernation."]`},
		{"pairs of request and response", `const p = new WebSocketRequestResponsePair("ping", "pong"); return [p.request, p.response, String(p), Object.getOwnPropertyNames(WebSocketRequestResponsePair.prototype), attempt(() => new WebSocketRequestResponsePair("x"))]`,
			`["ping","pong","[object WebSocketRequestResponsePair]",["request","response","constructor"],"TypeError: Failed to construct 'WebSocketRequestResponsePair': constructor parameter 2 is not of type 'string'."]`},
	})
}

// socketOwner is an owner that can go, and keeps what is sent until let.
type socketOwner struct {
	everybody
	held  []func()
	begun map[loop.Kind]int
}

func (o *socketOwner) Began(op *loop.Op)     { o.begun[op.Kind()]++ }
func (o *socketOwner) Ended(op *loop.Op)     { o.begun[op.Kind()]-- }
func (o *socketOwner) Release(sent []func()) { o.held = append(o.held, sent...) }

func (o *socketOwner) let() {
	held := o.held
	o.held = nil
	for _, fn := range held {
		fn()
	}
}

// serverSocket gives an isolate whose global s is an accepted socket, and its peer.
func serverSocket(t *testing.T) (*isolate, *socketOwner, context.CancelCauseFunc, *End) {
	t.Helper()
	wires := &Wires{}
	is := newIsolate(t, Options{Wires: wires})
	ctx, cancel := context.WithCancelCause(t.Context())
	owner := &socketOwner{everybody: everybody{ctx}, begun: map[loop.Kind]int{}}
	is.owner = owner
	number := is.eval(t, `const [c, s] = new WebSocketPair(); s.accept(); globalThis.s = s; return inside.detachSocket(c)`)
	n := 0
	for _, d := range number {
		n = n*10 + int(d-'0')
	}
	return is, owner, cancel, wires.Take(n)
}

// on runs fn on the isolate's goroutine.
func (is *isolate) on(fn func()) {
	done := make(chan struct{})
	is.loop.Post(func() {
		defer close(done)
		fn()
	})
	<-done
}

func TestSocketsSendWhenTheirTurnHasCommitted(t *testing.T) {
	is, owner, _, end := serverSocket(t)
	got := &told{}
	end.Receive(got)
	is.eval(t, `s.send("one"); s.send("two"); s.close(1000, "r")`)
	if s := got.String(); s != "" {
		t.Errorf("left before the gate opened: %s", s)
	}
	is.on(owner.let)
	if s, want := got.String(), `text one; text two; closed 1000 "r" true`; s != want {
		t.Errorf("got %s, want %s", s, want)
	}
}

func TestSocketsKeepTheirOwnerUntilTheyAreClosed(t *testing.T) {
	is, owner, _, end := serverSocket(t)
	is.on(owner.let)
	count := func() (n int) {
		is.on(func() { n = owner.begun[loop.Socket] })
		return n
	}
	if n := count(); n != 1 {
		t.Fatalf("%d sockets open, want 1", n)
	}
	end.Send(true, []byte("m"))
	if n := count(); n != 1 {
		t.Errorf("%d sockets open after a message, want 1", n)
	}
	end.Close(1000, "")
	is.on(func() {})
	is.on(owner.let)
	if n := count(); n != 0 {
		t.Errorf("%d sockets open after the close, want none", n)
	}
}

func TestSocketsEndWithTheirOwner(t *testing.T) {
	for _, c := range []struct {
		cause error
		want  string
	}{
		{errors.New("evicted"), lostLine},
		{CloseCause{1012, "the code was updated"}, `closed 1012 "the code was updated" true`},
	} {
		_, _, cancel, end := serverSocket(t)
		got := &told{}
		heard := make(chan struct{})
		got.then = func(string) { close(heard) }
		end.Receive(got)
		cancel(c.cause)
		<-heard
		if s := got.String(); s != c.want {
			t.Errorf("%v: got %s, want %s", c.cause, s, c.want)
		}
	}
}

// middle counts what passes, in both directions.
type middle struct {
	*End
	Receiver
	passed told
}

func (m *middle) Send(text bool, data []byte) {
	m.passed.add("sent " + string(data))
	m.End.Send(text, data)
}

func (m *middle) Message(text bool, data []byte) {
	m.passed.add("received " + string(data))
	m.Receiver.Message(text, data)
}

func (m *middle) Over() { m.passed.add("over") }

func TestAllThatPassesASocketGoesThroughTheMiddle(t *testing.T) {
	var made []*middle
	is := newIsolate(t, Options{Uncaught: func(error) {}, Between: func(owner loop.Owner, s *Socket) Middle {
		if owner == nil || s.Outgoing() {
			t.Errorf("asked for owner %v, outgoing %t", owner, s.Outgoing())
		}
		if len(made) == 1 {
			return nil
		}
		m := &middle{End: s.End()}
		m.Receiver = s.Receiver(func(turn func() error) {
			m.passed.add("turn")
			if err := turn(); err != nil {
				m.passed.add(err.Error())
			}
		})
		made = append(made, m)
		return m
	}})
	got := is.eval(t, socketPrelude+`
		const [a, b] = pair(); const A = watch(a), B = watch(b); a.send("hello"); b.send("back"); await wait();
		a.onmessage = () => { throw new Error("boom") }; b.send("bad"); await wait(); return [A.length, B.length]`)
	if got != "[2,2]" {
		t.Errorf("the sides heard of %s events, want 2 each", got)
	}
	if got, want := made[0].passed.String(), "sent hello; received back; turn; received bad; turn; Error: boom; over"; got != want {
		t.Errorf("passed %s, want %s", got, want)
	}
}

func TestASocketIsHungUpAsByItsScript(t *testing.T) {
	var kept *Socket
	is := newIsolate(t, Options{Between: func(_ loop.Owner, s *Socket) Middle {
		if kept == nil {
			kept = s
		}
		return nil
	}})
	is.eval(t, socketPrelude+`const [a, b] = pair(); globalThis.a = a; globalThis.log = watch(b)`)
	kept.HangUp(4000, "enough")
	kept.HangUp(4001, "too late")
	got := is.eval(t, socketPrelude+`await wait(); return [attempt(() => a.send("x")), log[0]]`)
	if want := `["TypeError: Can't call WebSocket send() after close().",["close",4000,"enough",true,3]]`; !sameJSON(t, got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSocketsAreForgottenWithTheirOwner(t *testing.T) {
	is, _, cancel, _ := serverSocket(t)
	is.eval(t, `globalThis.weak = new WeakRef(s); s = null`)
	cancel(errors.New("evicted"))
	is.owner = everybody{t.Context()}
	const alive = `await new Promise(r => setTimeout(r, 1)); return weak.deref() !== undefined`
	for deadline := time.Now().Add(10 * time.Second); is.eval(t, alive) == "true"; {
		if time.Now().After(deadline) {
			t.Fatal("the socket is still there")
		}
		is.on(is.loop.VM().CollectGarbage)
	}
}

func TestEndsWithoutAScriptAreDroppedInTheEnd(t *testing.T) {
	wires := &Wires{}
	is := newIsolate(t, Options{Wires: wires})
	is.eval(t, `for (let i = 0; i < 1000; i++) new WebSocketPair()`)
	is.on(func() {
		is.loop.VM().CollectGarbage()
		is.loop.Turn(is.owner, nil, func() {})
	})
	if n := wires.Len(); n > maxOrphans {
		t.Errorf("%d ends are kept, want at most %d", n, maxOrphans)
	}
}

func TestErrorsOfSocketListenersAreReported(t *testing.T) {
	var got []string
	is := newIsolate(t, Options{Uncaught: func(err error) {
		var e *engine.Exception
		if errors.As(err, &e) {
			got = append(got, e.Message)
		}
	}})
	is.eval(t, socketPrelude+`const [a, b] = pair(); b.onmessage = () => { throw new Error("in a listener") }; a.send(1); await wait()`)
	if strings.Join(got, "|") != "in a listener" {
		t.Errorf("reported %q, want the listener's error", got)
	}
}
