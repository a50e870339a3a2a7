package emulator_test

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/config"
)

var compatProject = filepath.Join("testdata", "compat")

// TestRowsOfTheCompatibilityTable runs the probes of testdata/compat, each for
// the row of docs/compatibility.tsv whose id it has.
func TestRowsOfTheCompatibilityTable(t *testing.T) {
	p := serve(t, compatProject)
	for _, id := range decode[[]string](t, p.get("/")) {
		t.Run(id, func(t *testing.T) {
			if status, body := p.ask(request{path: "/" + url.PathEscape(id)}); status != 200 {
				t.Errorf("%s", body)
			}
		})
	}
}

// call calls the one object of a binding that the compat project calls from
// outside.
func (p *project) call(binding, method string, args ...any) string {
	p.t.Helper()
	data, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		p.t.Fatal(err)
	}
	query := url.Values{"on": {binding}, "call": {method}, "args": {string(data)}}
	return p.get("/?" + query.Encode())
}

// An alarmRun is what the compat project's alarm handler notes.
type alarmRun struct {
	IsRetry       bool
	RetryCount    int
	ScheduledTime int64
	Name          string
}

func (p *project) alarmRuns() []alarmRun {
	p.t.Helper()
	return decode[[]alarmRun](p.t, p.call("RINGER", "runs"))
}

func TestAlarmsAreTriedSixTimesMoreEachTwiceAsLate(t *testing.T) {
	hands := clock.NewManual(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	p := serve(t, compatProject, func(o *emulator.Options) { o.Clock = hands })
	p.call("RINGER", "ring", hands.Now().UnixMilli()+1000, "throw")
	hands.Advance(1100 * time.Millisecond)

	for retry := 1; retry <= 6; retry++ {
		p.until("a failure", func() bool { return p.failures() == retry })
		wait := 2 * time.Second << (retry - 1)
		if n := len(p.alarmRuns()); n != retry {
			t.Fatalf("the handler has run %d times, want %d", n, retry)
		}
		hands.Advance(wait * 74 / 100)
		if n := len(p.alarmRuns()); n != retry {
			t.Errorf("retry %d came more than a quarter too early", retry)
		}
		hands.Advance(wait * 52 / 100)
		p.until("another failure", func() bool { return p.failures() == retry+1 })
		last := p.alarmRuns()[retry]
		if !last.IsRetry || last.RetryCount != retry {
			t.Errorf("retry %d was told %+v", retry, last)
		}
	}
	hands.Advance(time.Hour)
	if n := len(p.alarmRuns()); n != 7 {
		t.Errorf("the handler has run %d times, want 7", n)
	}
	if pending := p.call("RINGER", "pending"); pending != "null" {
		t.Errorf("an alarm is still set to %s", pending)
	}
}

// failures is how many times the alarm has been reported to fail.
func (p *project) failures() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.log {
		if strings.Contains(e.Text, "alarm failed") {
			n++
		}
	}
	return n
}

// until waits for what happens beside the test.
func (p *project) until(what string, holds func() bool) {
	p.t.Helper()
	for late := time.Now().Add(patience); !holds(); {
		if time.Now().After(late) {
			p.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestAlarmsOutliveTheServerAndKnowTheirObjectsName(t *testing.T) {
	state := t.TempDir()
	at := time.Now().Add(time.Hour)
	p := serve(t, compatProject, inFolder(state))
	p.call("RINGER", "ring", at.UnixMilli(), "once")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	hands := clock.NewManual(at.Add(time.Minute))
	p = serve(t, compatProject, inFolder(state), func(o *emulator.Options) { o.Clock = hands })
	hands.Advance(time.Second)
	p.until("the overdue alarm", func() bool { return p.call("RINGER", "runs") != "null" })
	runs := p.alarmRuns()
	if len(runs) != 1 || runs[0].ScheduledTime != at.UnixMilli() || runs[0].Name != "called" {
		t.Errorf("got %+v, want one run for %d of the object %q", runs, at.UnixMilli(), "called")
	}
}

func TestObjectsAreEvictedTenSecondsAfterTheirLastEvent(t *testing.T) {
	hands := clock.NewManual(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	p := serve(t, compatProject, func(o *emulator.Options) { o.Clock = hands })
	const count = "count"
	visits := func() string { return p.call("PROBE", "run", count) }
	for _, step := range []struct {
		pass time.Duration
		want string
	}{{0, "1"}, {9 * time.Second, "2"}, {11 * time.Second, "1"}} {
		hands.Advance(step.pass)
		if got := visits(); got != step.want {
			t.Errorf("after %v the instance has seen %s events, want %s", step.pass, got, step.want)
		}
	}
}

func TestHibernatingSocketsOutliveEvictionWithTagsAndAttachment(t *testing.T) {
	p := serve(t, compatProject)
	s := p.dial("/?call=fetch&on=SOCKETS&tag=a&tag=b")
	s.send("attach")
	s.expect("attached to instance 1")
	p.until("the eviction", func() bool { return p.EvictAll() > 0 })
	s.send("attach")
	s.expect("still a,b of instance 1")
	s.send("ping")
	s.expect("pong")
}

func TestObjectsBusyBeyondASecondAreResetByAReload(t *testing.T) {
	hands := clock.NewManual(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	p := serve(t, compatProject, func(o *emulator.Options) { o.Clock = hands })
	p.call("PROBE", "run", "count") // so that it is there before the next call
	failed := make(chan error, 1)
	go func() {
		_, err := p.try(request{path: "/?call=forever&on=PROBE"})
		failed <- err
	}()
	p.until("the call", func() bool { return p.call("PROBE", "run", "busy") == "true" })
	cfg, b := build(t, compatProject, config.Options{})
	info, err := p.Reload(cfg, b)
	if err != nil {
		t.Fatal(err)
	}
	p.until("the old code to end", func() bool {
		hands.Advance(time.Second)
		select {
		case <-info.Moved:
			return true
		default:
			return false
		}
	})
	const want = "Error: Durable Object reset because its code was updated."
	if err := <-failed; err == nil || err.Error() != want {
		t.Errorf("the call that went on got %v, want %s", err, want)
	}
}

func TestHibernatingSocketsOutliveAReload(t *testing.T) {
	p := serve(t, compatProject)
	hibernating := p.dial("/?call=fetch&on=SOCKETS")
	p.reload(compatProject)
	hibernating.send("hello")
	hibernating.expect("hibernating hello")
}
