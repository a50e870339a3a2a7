package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// eventsHelp is what the modules of these tests begin with.
const eventsHelp = `
	const heard = (source, count) => new Promise((resolve) => {
		const log = [];
		for (const type of ["open", "message", "error", "x"]) {
			source.addEventListener(type, (event) => {
				log.push([type, event.constructor.name, event.data ?? null, event.lastEventId ?? null, event.error?.message ?? null, source.readyState]);
				if (type === "error" || log.length === count) resolve(log);
			});
		}
	});
	const from = (...chunks) => heard(EventSource.from(new Response(new ReadableStream({ start(c) { for (const chunk of chunks) c.enqueue(new TextEncoder().encode(chunk)); c.close() } })).body));
	const thrown = (run) => { try { run(); return "nothing" } catch (e) { return e.name + ": " + e.message } };
`

func TestEventSourcesOfStreams(t *testing.T) {
	const end = `["error", "ErrorEvent", null, null, "The server disconnected.", 2]`
	var cases []jsCase
	for _, c := range []jsCase{
		{"fields and types", `return from("data: one\n\ndata: two\ndata: three\n\n", "id: 7\nevent: x\ndata:four\n\n", ": comment\nretry: 10\ndata\n\ndata: cut")`,
			`[["message", "MessageEvent", "one", "", null, 1], ["message", "MessageEvent", "two\nthree", "", null, 1], ["x", "MessageEvent", "four", "7", null, 1], ` + end + `]`},
		{"ends of lines", `return from("data: a\r", "\ndata: b\r\r", "data: c\r\n\r\n")`,
			`[["message", "MessageEvent", "a", "", null, 1], ["message", "MessageEvent", "b", "", null, 1], ["message", "MessageEvent", "c", "", null, 1], ` + end + `]`},
		{"a byte order mark", `return from("\ufeffdata: a\n\n")`, `[["message", "MessageEvent", "a", "", null, 1], ` + end + `]`},
		{"what is refused", `return [thrown(() => new EventSource()), thrown(() => new EventSource("nope")), thrown(() => new EventSource("http://x/", { withCredentials: true })), thrown(() => EventSource.from(5)), thrown(() => EventSource())]`,
			`["TypeError: Failed to construct 'EventSource': constructor parameter 1 is not of type 'string'.", "SyntaxError: Cannot open an EventSource to 'nope'. The URL is invalid.",
			"NotSupportedError: The init.withCredentials option is not supported. It must be false or undefined.", "TypeError: Failed to execute 'from' on 'EventSource': parameter 1 is not of type 'JsReadableStream'.",
			"TypeError: Failed to construct 'EventSource': Please use the 'new' operator, this object constructor cannot be called as a function."]`},
	} {
		c.body = eventsHelp + c.body
		cases = append(cases, c)
	}
	runCases(t, cases)
}

func TestEventSourcesConnectAgain(t *testing.T) {
	visits := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits++
		if visits > 2 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "retry: 1\nid: %d\ndata: %s after %q\n\n", visits, r.Header.Get("Accept"), r.Header.Get("Last-Event-ID"))
	}))
	defer server.Close()
	is := newIsolate(t, Options{})
	got := is.eval(t, eventsHelp+fmt.Sprintf(`
		const source = new EventSource(%q), log = [];
		source.onmessage = (event) => log.push([event.data, event.lastEventId, event.origin === new URL(source.url).origin]);
		await heard(source);
		log.push(source.readyState);
		await heard(source);
		while (source.readyState !== 2) await scheduler.wait(1);
		return log`, server.URL))
	want := `[["text/event-stream after \"\"", "1", true], 0, ["text/event-stream after \"1\"", "2", true]]`
	if !sameJSON(t, got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
