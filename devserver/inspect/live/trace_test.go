package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/live"
	"github.com/dodev/dodev/emulator"
)

func TestATraceHasTheStepsOfARequestAcrossObjects(t *testing.T) {
	p := open(t, t.TempDir())
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Traces}})
	if got := p.get(t, "/relay"); got != "1" {
		t.Fatal(got)
	}
	e := await(t, stream, "the trace", func(e inspect.Event) bool { return e.Trace != nil })
	tr, err := p.Trace(t.Context(), e.Trace.ID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range tr.Spans {
		depth := 0
		for up := s.Parent; up != 0; up = tr.Spans[up-1].Parent {
			depth++
		}
		got = append(got, strings.Repeat(" ", depth)+s.Object+" "+s.Name)
		for i, phase := range s.Phases {
			if phase.To < phase.From || i > 0 && phase.From != s.Phases[i-1].To {
				t.Errorf("%s: phases %+v have gaps", s.Name, s.Phases)
			}
		}
	}
	want := []string{" GET /relay", " Room/lobby GET /relay", "  Room/lobby constructor", "  Room/other count()", "   Room/other constructor", "   Room/other get n", "   Room/other put n", "   Room/other commit"}
	if !slices.Equal(got, want) {
		t.Errorf("steps\n%q\nwant\n%q", got, want)
	}
	if tr.Took <= 0 || !slices.Equal(tr.Objects, []string{"Room/lobby", "Room/other"}) {
		t.Errorf("took %v, reached %v", tr.Took, tr.Objects)
	}

	if tr.Status != 200 || tr.Spans[1].Detail != "200" {
		t.Errorf("status %d, detail %q; want 200", tr.Status, tr.Spans[1].Detail)
	}

	again, err := p.Replay(t.Context(), tr.ID)
	if err != nil || again == "" || again == tr.ID {
		t.Fatalf("replay gives %q, %v; want another trace", again, err)
	}
	await(t, stream, "the replay", func(e inspect.Event) bool { return e.Trace != nil && e.Trace.ID == again })
	if e, err := p.Entry(t.Context(), p.ref(t, "other"), "n"); err != nil || string(e.Value) != `2` {
		t.Errorf("after the replay n is %s, %v; want 2", e.Value, err)
	}
}

func TestATraceHasFetchesToTheOutsideAndWhatWasPrinted(t *testing.T) {
	outside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer outside.Close()
	p := open(t, t.TempDir())
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Traces}})
	p.get(t, "/outside?url="+url.QueryEscape(outside.URL+"/tea"))
	e := await(t, stream, "the trace", func(e inspect.Event) bool { return e.Trace != nil })
	tr, err := p.Trace(t.Context(), e.Trace.ID)
	if err != nil {
		t.Fatal(err)
	}
	var fetched, printed bool
	for _, s := range tr.Spans {
		switch s.Kind {
		case inspect.OutboundSpan:
			fetched = s.Name == "GET "+outside.URL+"/tea" && s.Detail == "418" && len(s.Phases) == 1 && s.Phases[0].Kind == inspect.Outside
		case inspect.LogSpan:
			printed = s.Name == "asked outside" && strings.HasPrefix(s.Place, "index.ts:")
		}
	}
	if !fetched || !printed {
		t.Errorf("fetched %v, printed %v; spans %+v", fetched, printed, tr.Spans)
	}
	lines, err := p.Logs(t.Context(), inspect.LogQuery{Search: "asked"})
	if err != nil || len(lines) != 1 || lines[0].Trace != tr.ID {
		t.Errorf("lines %+v, %v; want one of the trace %s", lines, err, tr.ID)
	}
}

// traced is the latest trace with a name, with its spans, when it is over.
func (p *project) traced(t *testing.T, name string) inspect.Trace {
	t.Helper()
	traces, err := p.Traces(t.Context(), inspect.TraceQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range slices.Backward(traces) {
		if tr.Name == name {
			whole, err := p.Trace(t.Context(), tr.ID)
			if err != nil {
				t.Fatal(err)
			}
			return whole
		}
	}
	t.Fatalf("no trace %q among %+v", name, traces)
	return inspect.Trace{}
}

func TestTracesAreThereForWhoComesLater(t *testing.T) {
	p := open(t, t.TempDir())
	p.get(t, "/one")
	if tr := p.traced(t, "GET /one"); tr.Status != 200 || len(tr.Spans) < 4 {
		t.Errorf("got %+v, want a whole trace of what happened while nobody looked", tr)
	}
}

func TestABusyServerRecordsSomeTracesAndSaysHowManyItLeftOut(t *testing.T) {
	p := open(t, t.TempDir())
	sent := 0
	for began := time.Now(); time.Since(began) < patience; {
		for range 100 {
			p.get(t, "/one")
			sent++
		}
		traces, err := p.Traces(t.Context(), inspect.TraceQuery{Limit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		skipped := 0
		for _, tr := range traces {
			skipped += tr.Skipped
		}
		if len(traces)+skipped > sent {
			t.Fatalf("%d recorded and %d left out, of %d", len(traces), skipped, sent)
		}
		if skipped > 0 {
			return
		}
	}
	t.Errorf("of %d none was left out", sent)
}

func TestWhatFailedHasATraceThoughItWasNotRecorded(t *testing.T) {
	p := open(t, t.TempDir())
	at := time.Now()
	p.Answered(live.Answer{At: at, Name: "GET /fine", Status: 200, Took: time.Millisecond})
	p.Answered(live.Answer{At: at, Name: "GET /slow", Status: 200, Took: 3 * time.Second})
	p.Answered(live.Answer{
		At: at, Name: "GET /throw", Status: 500, Took: time.Millisecond, Objects: []string{"Room/lobby"},
		Failure: &emulator.Failure{Name: "TypeError", Message: "no", Stack: "    at f (src/x.ts:12:5)"},
	})
	traces, err := p.Traces(t.Context(), inspect.TraceQuery{})
	if err != nil || len(traces) != 2 {
		t.Fatalf("traces %+v, %v; want the slow one and the one that failed", traces, err)
	}
	if tr := traces[0]; tr.Name != "GET /slow" || tr.Took != 3*time.Second || tr.Note == "" {
		t.Errorf("got %+v, want the slow one and why there is no more of it", tr)
	}
	tr := traces[1]
	if tr.Error == nil || tr.Error.Place != "src/x.ts:12:5" || tr.Errors != 1 || !slices.Equal(tr.Objects, []string{"Room/lobby"}) {
		t.Errorf("got %+v, want the error with its place", tr)
	}
	lines, err := p.Logs(t.Context(), inspect.LogQuery{Trace: tr.ID})
	if err != nil || len(lines) != 1 || lines[0].Kind != "uncaught" || lines[0].Place != "src/x.ts:12:5" {
		t.Errorf("lines %+v, %v; want the error", lines, err)
	}
}

// waits are the reasons why a trace's events waited to be let in.
func waits(tr inspect.Trace) []string {
	var out []string
	for _, s := range tr.Spans {
		for _, phase := range s.Phases {
			if phase.Kind == inspect.Queued && phase.Why != "" {
				out = append(out, s.Object+" "+phase.Why)
			}
		}
	}
	return out
}

func TestWhatIsQueuedSaysWhatKeptItOut(t *testing.T) {
	p := open(t, t.TempDir())
	p.call(t, "lobby", "count")
	lobby := p.ref(t, "lobby")
	for _, c := range []struct{ method, arg, begun, want string }{
		{"section", "", "in the section", "Room/lobby blockConcurrencyWhile in section()"},
		{"spin", "300", "spinning", "Room/lobby spin() ran"},
	} {
		stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}})
		done := make(chan struct{})
		go func() {
			defer close(done)
			call := inspect.Call{Object: lobby, Name: "lobby", Method: c.method}
			if c.arg != "" {
				call.Args = []json.RawMessage{json.RawMessage(c.arg)}
			}
			_, _ = p.Call(context.Background(), call)
		}()
		await(t, stream, c.begun, func(e inspect.Event) bool { return e.Log != nil && e.Log.Text == c.begun })
		p.get(t, "/"+c.method)
		<-done
		if got := waits(p.traced(t, "GET /"+c.method)); !slices.Contains(got, c.want) {
			t.Errorf("behind %s events waited for %q, want %q among it", c.method, got, c.want)
		}
	}
}

func TestLinesCarryTheTraceAndSpanThatPrintedThem(t *testing.T) {
	p := open(t, t.TempDir())
	p.get(t, "/one")
	p.call(t, "lobby", "section")
	for text, of := range map[string]struct{ trace, span string }{
		"path /one":      {"GET /one", "GET /one"},
		"in the section": {"section()", "section()"},
	} {
		lines, err := p.Logs(t.Context(), inspect.LogQuery{Search: text})
		if err != nil || len(lines) != 1 {
			t.Fatalf("lines %+v, %v; want one with %q", lines, err, text)
		}
		tr := p.traced(t, of.trace)
		i := slices.IndexFunc(tr.Spans, func(s inspect.Span) bool { return s.ID == lines[0].Span })
		if lines[0].Trace != tr.ID || i < 0 || tr.Spans[i].Name != of.span || tr.Spans[i].Object != "Room/lobby" {
			t.Errorf("%q is of trace %q, span %d; want %s of %s: %+v", text, lines[0].Trace, lines[0].Span, of.span, tr.ID, tr.Spans)
		}
	}
}

func TestAnAlarmThatThrowsHasATraceThatTheLogLeadsTo(t *testing.T) {
	p := open(t, t.TempDir())
	p.call(t, "lobby", "count")
	lobby := p.ref(t, "lobby")
	if _, err := p.Act(t.Context(), inspect.Action{Kind: inspect.SetAlarm, Object: lobby, At: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Act(t.Context(), inspect.Action{Kind: inspect.FireAlarm, Object: lobby}); err != nil {
		t.Fatal(err)
	}
	tr := p.traced(t, "alarm")
	if tr.Error == nil || tr.Error.Message != "not now" || !strings.HasPrefix(tr.Spans[0].Place, "index.ts:") {
		t.Errorf("got %+v, want the error with its place", tr)
	}
	lines, err := p.Logs(t.Context(), inspect.LogQuery{Trace: tr.ID})
	if err != nil || len(lines) != 1 || lines[0].Kind != "uncaught" {
		t.Errorf("lines %+v, %v; want the error", lines, err)
	}
}

func TestStepsOnStorageSayWhatTheyDid(t *testing.T) {
	p := open(t, t.TempDir())
	p.call(t, "lobby", "rows")
	var got []string
	for _, s := range p.traced(t, "rows()").Spans {
		if s.Kind == inspect.StorageSpan {
			got = append(got, s.Name+": "+s.Detail)
		}
	}
	want := []string{
		"CREATE TABLE IF NOT EXISTS t (x): 1 row read, 2 rows written", "INSERT INTO t VALUES (1), (2), (3): 3 rows written",
		"put key: 9 B", "SELECT * FROM t: 3 rows read", "commit: ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestWhatATraceLeavesBehindIsPartOfIt(t *testing.T) {
	p := open(t, t.TempDir())
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Traces}})
	p.get(t, "/later")
	e := await(t, stream, "the end", func(e inspect.Event) bool { return e.Trace != nil && e.Trace.Took > 0 })
	ended := e.Trace.Took
	late := func(tr inspect.Trace) bool {
		return slices.ContainsFunc(tr.Spans, func(s inspect.Span) bool { return s.Name == "put late" && s.Start() > ended })
	}
	await(t, stream, "what was left behind", func(e inspect.Event) bool {
		tr, err := p.Trace(t.Context(), e.Trace.ID)
		return err == nil && e.Trace.Took == ended && late(tr)
	})
}

func TestATraceThatGoesOnIsToldOf(t *testing.T) {
	p := open(t, t.TempDir())
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Traces}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.get(t, "/hang")
	}()
	e := await(t, stream, "the trace", func(e inspect.Event) bool { return e.Trace != nil })
	if e.Trace.Took != 0 {
		t.Errorf("it took %v, want it to go on", e.Trace.Took)
	}
	p.call(t, "lobby", "unhang")
	<-done
	await(t, stream, "its end", func(again inspect.Event) bool {
		return again.Trace != nil && again.Trace.ID == e.Trace.ID && again.Trace.Took > 0
	})
}

func TestOnlyWhatIsKeptCanBeAskedFor(t *testing.T) {
	p := open(t, t.TempDir())
	_, err := p.Trace(t.Context(), "0bad")
	if e, ok := errors.AsType[*inspect.Error](err); !ok || e.Code != inspect.NotFound {
		t.Errorf("got %v, want that there is none", err)
	}
}

func TestAMessageOnASocketWaitsFromWhenItArrives(t *testing.T) {
	p := open(t, t.TempDir())
	end := p.dial(t, "/ws")
	lobby := p.ref(t, "lobby")
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Logs, inspect.Traces}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = p.Call(context.Background(), inspect.Call{Object: lobby, Name: "lobby", Method: "spin", Args: []json.RawMessage{json.RawMessage("300")}})
	}()
	await(t, stream, "the spin", func(e inspect.Event) bool { return e.Log != nil && e.Log.Text == "spinning" })
	end.Send(true, []byte("hello"))
	<-done
	await(t, stream, "the message", func(e inspect.Event) bool {
		return e.Trace != nil && e.Trace.Name == "webSocketMessage" && e.Trace.Took > 0
	})
	if got, want := waits(p.traced(t, "webSocketMessage")), "Room/lobby spin() ran"; !slices.Equal(got, []string{want}) {
		t.Errorf("it waited for %q, want %q", got, want)
	}
	end.Send(true, []byte("ping"))
	await(t, stream, "the automatic answer", func(e inspect.Event) bool {
		return e.Trace != nil && e.Trace.Name == "webSocketMessage" && e.Trace.Took > 0
	})
	if got := p.traced(t, "webSocketMessage").Spans[0].Detail; got != "answered automatically" {
		t.Errorf("of the automatic answer it says %q", got)
	}
}

func TestWhatSomebodySentStraightToAnObjectIsReplayed(t *testing.T) {
	p := open(t, t.TempDir())
	lobby := p.ref(t, "lobby")
	p.call(t, "lobby", "count")
	if _, err := p.Request(t.Context(), inspect.Request{Object: lobby, Name: "lobby", Method: "GET", URL: "/straight"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"count()", "GET /straight"} {
		tr := p.traced(t, name)
		again, err := p.Replay(t.Context(), tr.ID)
		if err != nil || again == "" || again == tr.ID {
			t.Errorf("replay of %s gives %q, %v; want another trace", name, again, err)
		}
	}
	if e, err := p.Entry(t.Context(), lobby, "n"); err != nil || string(e.Value) != "2" {
		t.Errorf("after the replay n is %s, %v; want 2", e.Value, err)
	}
}
