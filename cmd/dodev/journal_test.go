package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// A wordEvent is an event of a test.
type wordEvent struct {
	word  string
	level severity
	bad   bool
}

func (e wordEvent) severity() severity  { return e.level }
func (e wordEvent) trouble() bool       { return e.bad }
func (e wordEvent) text(painter) string { return e.word + "\n" }
func (e wordEvent) json() any           { return map[string]string{"word": e.word} }

func TestAJournalShowsEventsInOrderOnTheirStreams(t *testing.T) {
	var out, errs bytes.Buffer
	j := newJournal(stream{Writer: &out}, stream{Writer: &errs}, false, logLevel)
	for i := range 5 {
		j.add(wordEvent{word: fmt.Sprint(i), bad: i == 2})
	}
	j.add(wordEvent{word: "hidden", level: debugLevel})
	j.close()
	if got, want := out.String(), "0\n1\n3\n4\n"; got != want {
		t.Errorf("stdout is %q, want %q", got, want)
	}
	if got, want := errs.String(), "2\n"; got != want {
		t.Errorf("stderr is %q, want %q", got, want)
	}
}

func TestAJournalInJSONIsOneStreamOfObjects(t *testing.T) {
	var out, errs bytes.Buffer
	j := newJournal(stream{Writer: &out}, stream{Writer: &errs}, true, logLevel)
	j.add(wordEvent{word: "a"})
	j.add(wordEvent{word: "b", bad: true})
	j.close()
	if got, want := out.String()+errs.String(), "{\"word\":\"a\"}\n{\"word\":\"b\"}\n"; got != want {
		t.Errorf("the lines are %q, want %q", got, want)
	}
}

func TestAJournalLosesNothing(t *testing.T) {
	const writers, each = 8, 3 * journalLimit / 8
	var out bytes.Buffer
	j := newJournal(stream{Writer: &out}, stream{Writer: io.Discard}, false, logLevel)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				j.add(wordEvent{word: "x"})
			}
		})
	}
	wg.Wait()
	j.close()
	if got := strings.Count(out.String(), "\n"); got != writers*each {
		t.Errorf("%d lines were shown, want %d", got, writers*each)
	}
}

// A stuckWriter writes nothing until it is released.
type stuckWriter struct{ release chan struct{} }

func (w stuckWriter) Write(p []byte) (int, error) {
	<-w.release
	return len(p), nil
}

func TestASlowTerminalDoesNotHoldUpThoseWhoAdd(t *testing.T) {
	w := stuckWriter{make(chan struct{})}
	j := newJournal(stream{Writer: w}, stream{Writer: w}, false, logLevel)
	for range journalLimit / 2 {
		j.add(wordEvent{word: "x"}) // would never return
	}
	close(w.release)
	j.close()
	j.close()
	j.add(wordEvent{word: "late"})
}

func TestAJournalThatIsHeldShowsLaterWhatCame(t *testing.T) {
	var out bytes.Buffer
	j := newJournal(stream{Writer: &out}, stream{Writer: io.Discard}, false, logLevel)
	j.hold()
	for i := range journalLimit + 1 { // the first quarter is lost
		j.add(wordEvent{word: fmt.Sprint(i)})
	}
	if got := out.String(); got != "" {
		t.Errorf("shows %.40q while it is held", got)
	}
	if got, want := j.release(), journalLimit/4; got != want {
		t.Errorf("%d events are lost, want %d", got, want)
	}
	j.close()
	if got, want := out.String(), fmt.Sprintf("%d\n", journalLimit/4); !strings.HasPrefix(got, want) {
		t.Errorf("shows %.40q, want it to begin with %q", got, want)
	}
}

func BenchmarkRequestLine(b *testing.B) {
	e := requestEvent{Start: time.Now(), Method: "GET", Target: "/increment?name=one", Status: 200, Took: 1234 * time.Microsecond, Objects: []string{"Counter/one"}}
	for b.Loop() {
		_ = e.text(false)
	}
}
