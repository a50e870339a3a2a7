package emulator_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/web"
)

const (
	// benchProject is the project that .ci/bench measures tools with.
	benchProject = "../cmd/dodev/testdata/bench/wrangler.jsonc"
	// stagesProject does a little more on each path.
	stagesProject = "testdata/stages/wrangler.jsonc"
)

func openBench(b *testing.B, project string) *emulator.Emulator {
	path, err := filepath.Abs(project)
	if err != nil {
		b.Fatal(err)
	}
	cfg, ds, err := config.Load(path, config.Options{})
	if err != nil || ds.HasErrors() {
		b.Fatal(err, ds)
	}
	built, ds := bundle.Build(cfg, bundle.Options{})
	if built == nil {
		b.Fatal(ds)
	}
	e, err := emulator.Open(emulator.Options{Config: cfg, Bundle: built, StateDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e
}

// benchDial opens a socket whose messages come out of the channel.
func benchDial(b *testing.B, e *emulator.Emulator, path string) (*web.End, <-chan int) {
	res, err := e.Fetch(context.Background(), &emulator.Request{
		Method: "GET", URL: "http://127.0.0.1:8787" + path, Header: [][2]string{{"Upgrade", "websocket"}},
	})
	if err != nil || res.Socket == nil {
		b.Fatal(res, err)
	}
	heard := make(listening, benchBacklog)
	res.Socket.Receive(heard)
	return res.Socket, heard
}

// benchBacklog is how many messages are on their way at once.
const benchBacklog = 64

// listening counts the bytes of messages.
type listening chan int

func (l listening) Message(_ bool, data []byte)    { l <- len(data) }
func (l listening) Closed(_ int, _ string, _ bool) { close(l) }
func (l listening) Failed(error)                   { close(l) }

func benchFetch(b *testing.B, e *emulator.Emulator, path string) {
	res, err := e.Fetch(context.Background(), &emulator.Request{
		Method: "GET", URL: "http://127.0.0.1:8787" + path,
		Header: [][2]string{{"Host", "127.0.0.1:8787"}, {"User-Agent", "bench"}, {"Accept", "*/*"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		b.Fatal(err)
	}
	_ = res.Body.Close()
}

// BenchmarkRequest is one request at a time, then many at once, by what it does.
func BenchmarkRequest(b *testing.B) {
	n := 0
	for _, work := range []struct {
		name string
		path func() string
	}{
		{"hello", func() string { return "/" }},
		{"increment", func() string { return "/increment?name=one" }},
		{"read", func() string { return "/read?name=one" }},
		{"increment1000", func() string { n++; return "/increment?name=" + strconv.Itoa(n%1000) }},
	} {
		b.Run(work.name, func(b *testing.B) {
			e := openBench(b, benchProject)
			for b.Loop() {
				benchFetch(b, e, work.path())
			}
		})
	}
	b.Run("increments at once", func(b *testing.B) {
		e := openBench(b, benchProject)
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				benchFetch(b, e, "/increment?name=one")
			}
		})
	})
}

// BenchmarkStage is one request at a time, each doing what the one before it
// does and one thing more: the differences are what the stages cost.
func BenchmarkStage(b *testing.B) {
	e := openBench(b, stagesProject)
	for _, path := range []string{"hello", "url", "query", "stub", "forward", "read", "increment", "call"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				benchFetch(b, e, "/"+path)
			}
		})
	}
}

// BenchmarkSocket is a message to an object, which sends it back, with as many on
// their way at once as a client sends that does not wait.
func BenchmarkSocket(b *testing.B) {
	for _, path := range []string{"accept", "hibernate"} {
		for _, size := range []int{16, 4 << 10} {
			b.Run(fmt.Sprintf("%s/%d", path, size), func(b *testing.B) {
				end, heard := benchDial(b, openBench(b, stagesProject), "/"+path)
				message := bytes.Repeat([]byte("a"), size)
				for range benchBacklog {
					end.Send(true, message)
				}
				b.ReportAllocs()
				for b.Loop() {
					if n := <-heard; n != size {
						b.Fatalf("got %d bytes, want %d", n, size)
					}
					end.Send(true, message)
				}
				end.Abort()
			})
		}
	}
}
