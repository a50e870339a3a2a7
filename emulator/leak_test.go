package emulator_test

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// A holding is what a project has in memory when nothing runs.
type holding struct {
	engine, heap int64 // bytes
	goroutines   int
	pipes, wires int
}

// holds measures a project. What has just ended may take a moment to go.
func (p *project) holds(most holding) (h holding) {
	for late := time.Now().Add(patience); ; {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h = holding{int64(p.Memory().Used), int64(m.HeapAlloc), runtime.NumGoroutine(), p.Pipes(), p.Wires()}
		if most == (holding{}) || h.within(most) || time.Now().After(late) {
			return h
		}
		runtime.Gosched()
	}
}

func (h holding) within(most holding) bool {
	return h.engine <= most.engine && h.heap <= most.heap && h.goroutines <= most.goroutines &&
		h.pipes <= most.pipes && h.wires <= most.wires
}

func TestMemoryStaysFlat(t *testing.T) {
	if underRace {
		t.Skip("the race detector's own memory grows")
	}
	requests, evictions, reloads := 100_000, 1000, 200
	if testing.Short() {
		requests, evictions, reloads = 10_000, 100, 20
	}
	dir := extract(t, read(t, filepath.Join("testdata", "leak.txtar")))
	cfg, b := build(t, dir, config.Options{})
	p := serveBuilt(t, cfg, b, func(o *emulator.Options) { o.Isolates, o.Log = 1, func(emulator.Entry) {} })

	for _, c := range []struct {
		name  string
		times int
		warm  int
		run   func(n int)
	}{
		{"requests", requests, 2000, p.everyKind},
		{"evictions", evictions, 50, func(n int) {
			p.everyKind(n)
			p.EvictAll()
		}},
		{"reloads", reloads, 10, func(n int) {
			p.everyKind(n)
			info, err := p.Reload(cfg, b)
			if err != nil {
				t.Fatal(explained(err))
			}
			wait(t, "the old code to end", info.Moved)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for n := range c.warm {
				c.run(n)
			}
			before := p.holds(holding{})
			start := time.Now()
			for n := range c.times {
				c.run(n)
			}
			most := holding{before.engine + 64<<10, before.heap + 2<<20, before.goroutines + 2, before.pipes, before.wires}
			after := p.holds(most)
			t.Logf("%d in %v: before %+v, after %+v", c.times, time.Since(start), before, after)
			if !after.within(most) {
				t.Errorf("after %d %s: %+v\nbefore: %+v", c.times, c.name, after, before)
			}
		})
	}
}

// everyKind sends the nth of requests of all kinds, one after the other.
func (p *project) everyKind(n int) {
	kinds := []func(){
		func() { p.get("/a/add") },
		func() { p.get("/a/part") },
		func() { p.get("/a/throws") },
		func() { p.get("/a/rows") },
		func() { p.get("/a/timer") },
		func() { p.get("/a/abandoned") },
		func() { p.get("/a/clone") },
		func() { p.get("/a/stream") },
		func() { p.want(request{method: "POST", path: "/a/upper", body: "text"}, 200, "TEXT") },
		func() { p.get(fmt.Sprintf("/%d/add", n%5)) },
		p.uploadOfUnknownSize,
		func() { p.leaveEarly("/a/stream") },
		func() { p.leaveEarly("/a/endless") },
		func() { p.converse("/a/sleeper", n) },
		func() { p.converse("/a/waker", n) },
	}
	kinds[n%len(kinds)]()
}

func (p *project) uploadOfUnknownSize() {
	p.t.Helper()
	body := io.MultiReader(strings.NewReader("in "), strings.NewReader("parts"))
	res, err := p.Fetch(context.Background(), &emulator.Request{Method: "POST", URL: "http://localhost/a/upper", Body: body, Size: -1})
	if err != nil {
		p.t.Fatal(explained(err))
	}
	if got := p.read(res); got != "IN PARTS" {
		p.t.Errorf("got %s", got)
	}
}

// leaveEarly is a client that does not read what it asked for.
func (p *project) leaveEarly(path string) {
	p.t.Helper()
	res, err := p.try(request{path: path})
	if err != nil {
		p.t.Fatal(explained(err))
	}
	res.Body.Close()
}

// converse opens a socket, says something, and closes it or is gone.
func (p *project) converse(path string, n int) {
	p.t.Helper()
	res, err := p.try(request{path: path, header: [][2]string{{"upgrade", "websocket"}}})
	if err != nil {
		p.t.Fatal(explained(err))
	}
	s := &socket{t: p.t, end: res.Socket, events: make(chan string, 4)}
	s.end.Receive(s)
	s.send("hello")
	s.expect("hello")
	if n%3 == 0 {
		s.end.Abort()
		return
	}
	s.end.Close(4001, "enough")
	if got := s.next(); !strings.HasPrefix(got, "close 4001") {
		p.t.Errorf("got %s", got)
	}
}
