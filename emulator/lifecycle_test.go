package emulator_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/config"
)

// things writes the lifecycle project.
func things(t testing.TB) (dir string) {
	t.Helper()
	return extract(t, read(t, filepath.Join("testdata", "lifecycle.txtar")))
}

// release gives the lifecycle project another version.
func release(t testing.TB, dir string, version int) {
	t.Helper()
	write(t, filepath.Join(dir, "src", "version.ts"), fmt.Sprintf("export const VERSION = %d;\n", version))
}

// at runs by a clock that only the test moves.
func at(c *clock.Manual) func(*emulator.Options) {
	return func(o *emulator.Options) { o.Clock = c }
}

func newClock() *clock.Manual { return clock.NewManual(time.UnixMilli(1_800_000_000_000)) }

func TestNewCodeServesAndStorageStays(t *testing.T) {
	t.Parallel()
	dir := things(t)
	p := serve(t, dir)
	p.want(request{path: "/a/version"}, 200, "1")
	p.want(request{path: "/a/increment"}, 200, "1")
	p.want(request{path: "/a/requests"}, 200, "1")
	release(t, dir, 2)
	p.reload(dir)
	p.want(request{path: "/a/version"}, 200, "2")
	p.want(request{path: "/a/increment"}, 200, "2")
	p.want(request{path: "/a/requests"}, 200, "1")
}

func TestAnAlarmRunsInTheCodeOfItsTime(t *testing.T) {
	t.Parallel()
	dir, now := things(t), newClock()
	p := serve(t, dir, at(now))
	p.want(request{path: "/a/arm?in=3600000"}, 200, "1800003600000")
	release(t, dir, 2)
	p.reload(dir)
	now.Advance(time.Hour)
	p.says("alarm of a in version 2")
}

func TestAnOverdueAlarmRunsAtTheStart(t *testing.T) {
	t.Parallel()
	dir, state, now := things(t), t.TempDir(), newClock()
	p := serve(t, dir, at(now), inFolder(state))
	p.want(request{path: "/a/arm?in=60000"}, 200, "1800000060000")
	closed(t, p)
	now.Advance(time.Hour)
	later := serve(t, dir, at(now), inFolder(state))
	now.Advance(time.Second)
	later.says("alarm of a in version 1")
}

func TestASleepingSocketOutlivesEvictionAndNewCode(t *testing.T) {
	t.Parallel()
	dir := things(t)
	p := serve(t, dir)
	s := p.dial("/a/sleeper")
	p.want(request{path: "/a/requests"}, 200, "1")
	s.send("x")
	s.expect("version 1 heard x as number 1 of a sleeper, request 1")
	if n := p.EvictAll(); n != 1 {
		t.Errorf("evicted %d objects, want 1", n)
	}
	s.send("y")
	s.expect("version 1 heard y as number 2 of a sleeper, request 0")
	for version := 2; version <= 4; version++ {
		release(t, dir, version)
		p.reload(dir)
		s.send("z")
		s.expect(fmt.Sprintf("version %d heard z as number %d of a sleeper, request 0", version, version+1))
	}
}

func TestASocketThatCannotSleepIsClosedForNewCode(t *testing.T) {
	t.Parallel()
	dir := things(t)
	p := serve(t, dir)
	s := p.dial("/a/waker")
	s.send("x")
	s.expect("version 1 heard x")
	release(t, dir, 2)
	p.reload(dir)
	if got := s.next(); !strings.HasPrefix(got, "close 1012 ") {
		t.Errorf("got %s, want close 1012", got)
	}
}

func TestAnObjectThatStaysBusyIsResetForNewCode(t *testing.T) {
	t.Parallel()
	dir, now := things(t), newClock()
	p := serve(t, dir, at(now))
	answers := make(chan string, 1)
	go func() {
		status, body := p.ask(request{path: "/a/stall"})
		answers <- fmt.Sprint(status, " ", body)
	}()
	p.says("stalling")

	release(t, dir, 2)
	cfg, b := build(t, dir, config.Options{})
	info, err := p.Reload(cfg, b)
	if err != nil {
		t.Fatal(err)
	}
	p.EvictAll() // a round through every object: all know of the new code
	now.Advance(999 * time.Millisecond)
	select {
	case got := <-answers:
		t.Errorf("within a second: %s", got)
	default:
	}
	now.Advance(time.Millisecond)
	if got, want := <-answers, "503 Error: Durable Object reset because its code was updated."; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	wait(t, "the old code to end", info.Moved)
	p.want(request{path: "/a/version"}, 200, "2")
}

func TestCodeThatDoesNotLoadChangesNothing(t *testing.T) {
	t.Parallel()
	dir := things(t)
	p := serve(t, dir)
	s := p.dial("/a/sleeper")
	p.want(request{path: "/a/requests"}, 200, "1")
	write(t, filepath.Join(dir, "src", "version.ts"), "export const VERSION = 2;\nthrow new Error('not today');\n")
	cfg, b := build(t, dir, config.Options{})
	if _, err := p.Reload(cfg, b); err == nil || !strings.Contains(explained(err), "not today") || !strings.Contains(explained(err), "src/version.ts:2:") {
		t.Errorf("got %s\nwant the error and its place", explained(err))
	}
	p.want(request{path: "/a/requests"}, 200, "2")
	s.send("x")
	s.expect("version 1 heard x as number 1 of a sleeper, request 2")

	release(t, dir, 3)
	p.reload(dir)
	p.want(request{path: "/a/version"}, 200, "3")
}

func TestNewCodeMayBringClassesAndBindings(t *testing.T) {
	t.Parallel()
	dir := things(t)
	p := serve(t, dir)
	p.want(request{path: "/a/increment"}, 200, "1")
	write(t, filepath.Join(dir, "wrangler.toml"), read(t, filepath.Join(dir, "wrangler.toml"))+`
[[migrations]]
tag = "v2"
new_classes = ["Other"]

[[durable_objects.bindings]]
name = "OTHERS"
class_name = "Other"
`)
	write(t, filepath.Join(dir, "src", "index.ts"), read(t, filepath.Join(dir, "src", "index.ts"))+`
export class Other extends DurableObject {
  async fetch() { return new Response("other " + ((await (this.env as any).THINGS.getByName("a").fetch("http://x/a/count")).status)); }
}
`)
	index := read(t, filepath.Join(dir, "src", "index.ts"))
	write(t, filepath.Join(dir, "src", "index.ts"), strings.Replace(index, "return await env.THINGS", `if (name === "other") return await env.OTHERS.getByName("b").fetch(request);
      return await env.THINGS`, 1))
	p.reload(dir)
	p.want(request{path: "/other"}, 200, "other 200")
	p.want(request{path: "/a/count"}, 200, "1")
	if n := len(p.Namespaces()); n != 2 {
		t.Errorf("%d namespaces, want 2", n)
	}
}

func TestNeverAreThereTwoInstancesOfAnObject(t *testing.T) {
	t.Parallel()
	const objects = 4
	reloads := 50
	if underRace {
		reloads = 5
	}
	dir := things(t)
	p := serve(t, dir)
	bundles := make([]func() (emulator.ReloadInfo, error), reloads)
	for n := range bundles {
		release(t, dir, n+2)
		cfg, b := build(t, dir, config.Options{})
		bundles[n] = func() (emulator.ReloadInfo, error) { return p.Reload(cfg, b) }
	}
	var stop atomic.Bool
	var requests [objects]atomic.Int64
	var wg sync.WaitGroup
	for n := range 2 * objects {
		wg.Go(func() {
			o := n % objects
			for !stop.Load() {
				if status, body := p.ask(request{path: fmt.Sprintf("/%d/check", o)}); status != 200 {
					t.Errorf("object %d: %d %s", o, status, body)
					return
				}
				requests[o].Add(1)
			}
		})
	}
	for _, reload := range bundles {
		if _, err := reload(); err != nil {
			t.Error(explained(err))
		}
	}
	stop.Store(true)
	wg.Wait()
	for o := range objects {
		p.want(request{path: fmt.Sprintf("/%d/count", o)}, 200, fmt.Sprint(requests[o].Load()))
		p.want(request{path: fmt.Sprintf("/%d/version", o)}, 200, fmt.Sprint(reloads+1))
	}
}

func TestAnIdleInstanceIsEvictedAfterTenSeconds(t *testing.T) {
	t.Parallel()
	now := newClock()
	p := serve(t, things(t), at(now))
	p.want(request{path: "/a/requests"}, 200, "1")
	now.Advance(9 * time.Second)
	p.want(request{path: "/a/requests"}, 200, "2")
	now.Advance(9 * time.Second)
	p.want(request{path: "/a/requests"}, 200, "3")
	now.Advance(10 * time.Second)
	p.want(request{path: "/a/requests"}, 200, "1")
}

func TestASocketThatCannotSleepKeepsItsInstance(t *testing.T) {
	t.Parallel()
	now := newClock()
	p := serve(t, things(t), at(now))
	p.want(request{path: "/a/requests"}, 200, "1")
	s := p.dial("/a/waker")
	now.Advance(time.Minute)
	s.send("x")
	s.expect("version 1 heard x")
	p.want(request{path: "/a/requests"}, 200, "2")
}

func TestAConstructorThatThrowsFailsItsRequests(t *testing.T) {
	t.Parallel()
	p := serve(t, things(t))
	for range 2 {
		p.want(request{path: "/unmakeable/requests"}, 503, "RangeError: cannot be made")
	}
	p.want(request{path: "/a/requests"}, 200, "1")
}

func TestAbortDropsTheInstanceAndWhatItHasNotCommitted(t *testing.T) {
	t.Parallel()
	p := serve(t, things(t))
	p.want(request{path: "/a/increment"}, 200, "1")
	p.want(request{path: "/a/requests"}, 200, "1")
	p.want(request{path: "/a/abort"}, 503, "Error: it was enough")
	p.want(request{path: "/a/requests"}, 200, "1")
	p.want(request{path: "/a/count"}, 200, "1")
}
