package inspecttest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// Lively is a chat with three rooms and a rate limiter with extra objects. Call
// Step to have something happen.
func Lively(now func() time.Time, extra int) *Fake {
	f := New(now)
	f.AddNamespace(inspect.Namespace{Key: "example-ChatRoom", Script: "example", Class: "ChatRoom", Bindings: []string{"ROOMS"}, SQLite: true, Known: true})
	f.AddNamespace(inspect.Namespace{Key: "example-RateLimiter", Script: "example", Class: "RateLimiter", Bindings: []string{"LIMITS"}, Known: true})
	f.rooms()
	f.limiters(extra)
	return f
}

func (f *Fake) rooms() {
	now := f.Now()
	alarm := now.Add(4 * time.Minute)
	lobby := f.Put("ChatRoom", "lobby", func(o *inspect.Object) {
		o.State, o.Since, o.SizeBytes, o.NextAlarm, o.Place = inspect.Running, now, 184320, &alarm, "src/chat-room.ts:31"
	})
	f.Put("ChatRoom", "attic", func(o *inspect.Object) {
		o.State, o.Since, o.SizeBytes = inspect.Failed, now, 12288
		o.LastError = &inspect.Fault{
			At: now, Name: "TypeError", Message: "Cannot read properties of undefined (reading 'name')", Place: "src/chat-room.ts:44:21",
			Stack: "    at ChatRoom.join (src/chat-room.ts:44:21)",
		}
	})
	cellar := f.Put("ChatRoom", "cellar", func(o *inspect.Object) { o.State, o.Since, o.SizeBytes = inspect.Hibernated, now, 18432 })
	for _, pair := range [][2]string{
		{"avatar:ann", `{"$type":"Uint8Array","base64":"iVBORw0KGgo="}`},
		{"last", `{"$type":"Date","value":"2026-11-23T12:04:52.103Z"}`},
		{"state", `{"$type":"Map","entries":[["topic","welcome"],["limit",50]]}`},
		{"users:ann", `{"name":"Ann","joined":{"$type":"Date","value":"2026-11-23T12:04:31.884Z"}}`},
		{"users:bob", `{"name":"Bob","joined":{"$type":"Date","value":"2026-11-23T12:04:33.001Z"}}`},
	} {
		f.Store(lobby, "fetch", pair[0], pair[1])
	}
	f.AddTable(lobby, Table{
		Table: inspect.Table{
			Name: "messages", Kind: "table", SQL: "CREATE TABLE messages (id INTEGER PRIMARY KEY, author TEXT NOT NULL, body TEXT)",
			Columns: []inspect.Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "author", Type: "TEXT", NotNull: true}, {Name: "body", Type: "TEXT"}},
		},
		Data: [][]json.RawMessage{row(`1`, `"Ann"`, `"hello"`), row(`2`, `"Bob"`, `"hi Ann"`), row(`3`, `"Ann"`, `null`)},
	})
	f.Open(inspect.Socket{Ref: lobby, ID: 0, URL: "ws://127.0.0.1:8787/rooms/lobby?userId=ann", Hibernatable: true, Tags: []string{"ann"}, Attachment: json.RawMessage(`{"user":"ann"}`), State: inspect.SocketOpen, Opened: now})
	f.Open(inspect.Socket{Ref: lobby, ID: 1, URL: "ws://127.0.0.1:8787/rooms/lobby?userId=bob", Hibernatable: true, Tags: []string{"bob"}, Attachment: json.RawMessage(`{"user":"bob"}`), State: inspect.SocketOpen, Opened: now})
	f.Open(inspect.Socket{Ref: cellar, ID: 0, URL: "ws://127.0.0.1:8787/rooms/cellar?userId=cat", Hibernatable: true, Tags: []string{"cat"}, Attachment: json.RawMessage(`null`), State: inspect.SocketHibernating, Opened: now})
	f.Log(inspect.LogLine{Kind: "console", Level: "log", Ref: lobby, Text: "joined ann 1 of 50", Place: "src/chat-room.ts:31:9"})
}

func row(values ...string) []json.RawMessage {
	out := make([]json.RawMessage, len(values))
	for i, v := range values {
		out[i] = json.RawMessage(v)
	}
	return out
}

func (f *Fake) limiters(extra int) {
	for i := range extra {
		ref := f.Put("RateLimiter", fmt.Sprintf("user:%d", i), func(o *inspect.Object) {
			o.SizeBytes, o.Since = int64(8192+i%7*4096), f.Now()
			if i%5 == 0 {
				o.State = inspect.Idle
			}
		})
		f.Store(ref, "check()", "count", fmt.Sprint(i))
	}
}

// Step has one more request reach the lobby: somebody says something, which is
// stored, logged, sent to the others and traced.
func (f *Fake) Step() {
	f.mu.Lock()
	f.steps++
	n := f.steps
	f.mu.Unlock()
	lobby := refOf("ChatRoom", "lobby")
	f.Frame(inspect.Frame{Object: lobby, Socket: n % 2, FromClient: true, Kind: "text", Text: fmt.Sprintf(`{"say":"message %d"}`, n)})
	f.Store(lobby, "webSocketMessage", "count", fmt.Sprint(n))
	f.Frame(inspect.Frame{Object: lobby, Socket: (n + 1) % 2, Kind: "text", Text: fmt.Sprintf(`{"said":"message %d"}`, n)})
	f.Log(inspect.LogLine{Kind: "console", Level: levels[n%len(levels)], Ref: lobby, Text: fmt.Sprintf("message %d", n), Place: "src/chat-room.ts:58:7", Trace: traceID(n), Span: 1})
	f.AddTrace(messageTrace(n, lobby, f.Now()))
	rate := float64(90 + n*7%23)
	load := inspect.Load{Queue: n % 3, Rate: rate, Total: uint64(n), P50Millis: 0.8, P99Millis: 4.1, History: []float64{rate - 9, rate - 4, rate + 6, rate}}
	f.Loads(load, map[inspect.Ref]inspect.Load{lobby: load})
	f.Put("ChatRoom", "lobby", func(o *inspect.Object) {
		if o.State = inspect.Running; n%2 == 0 {
			o.State = inspect.Idle
		}
		o.Since, o.SizeBytes = f.Now(), o.SizeBytes+128
	})
}

// levels are those that what is said is printed at, in turn.
var levels = []string{"log", "info", "warn", "error"}

func traceID(n int) string { return fmt.Sprintf("%04x", 0x7d20+n) }

// messageTrace is what one message led to.
func messageTrace(n int, lobby inspect.Ref, at time.Time) inspect.Trace {
	const us = time.Microsecond
	id := traceID(n)
	limiter := refOf("RateLimiter", "user:0")
	span := func(number, parent int, kind inspect.SpanKind, ref inspect.Ref, label, name, detail string, phases ...inspect.Phase) inspect.Span {
		return inspect.Span{Trace: id, ID: number, Parent: parent, Kind: kind, Ref: ref, Object: label, Name: name, Detail: detail, Phases: phases}
	}
	phase := func(kind inspect.PhaseKind, from, to time.Duration) inspect.Phase {
		return inspect.Phase{Kind: kind, From: from * us, To: to * us}
	}
	queued := phase(inspect.Queued, 0, 900)
	queued.Why = "alarm ran"
	printed := span(6, 1, inspect.LogSpan, lobby, "ChatRoom/lobby", fmt.Sprintf("message %d", n), "", phase(inspect.Ran, 6100, 6101))
	printed.Place, printed.Level = "src/chat-room.ts:58:7", levels[n%len(levels)]
	return inspect.Trace{
		ID: id, At: at, Name: "webSocketMessage", Kind: inspect.SocketSpan, Took: 6800 * us,
		Objects: []string{"ChatRoom/lobby", "RateLimiter/user:0"}, Refs: []inspect.Ref{lobby, limiter},
		Spans: []inspect.Span{
			span(1, 0, inspect.SocketSpan, lobby, "ChatRoom/lobby", "webSocketMessage", "", queued, phase(inspect.Ran, 900, 1900), phase(inspect.Waited, 1900, 5900), phase(inspect.Ran, 5900, 6800)),
			span(2, 1, inspect.StorageSpan, lobby, "ChatRoom/lobby", "get state", "118 B", phase(inspect.Ran, 1100, 1300)),
			span(3, 1, inspect.CallSpan, limiter, "RateLimiter/user:0", "check()", "", phase(inspect.Queued, 1900, 2000), phase(inspect.Ran, 2000, 3300)),
			span(4, 3, inspect.StorageSpan, limiter, "RateLimiter/user:0", "commit", "", phase(inspect.Ran, 3200, 3300)),
			span(5, 1, inspect.OutboundSpan, inspect.Ref{}, "", "api.example.com", "200", phase(inspect.Outside, 2800, 5900)),
			printed,
		},
	}
}
