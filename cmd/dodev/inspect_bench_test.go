//go:build bench && linux

package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestWhatInspectingCosts looks into a server with 5,000 objects and 1,000
// sockets while it is loaded: how soon a key shows, and what is left of the
// server's throughput. Rounds with and without the inspector take turns.
func TestWhatInspectingCosts(t *testing.T) {
	project, state := copyProject(t), t.TempDir()
	r := start(t, dodevSubject(t), project, state)
	defer r.stop()
	if failed := touch(r.url, 5000); failed > 0 {
		t.Fatalf("%.0f objects were not made", failed)
	}
	for i := range 1000 {
		conn, _, err := websocket.Dial(t.Context(), strings.Replace(r.url, "http", "ws", 1)+"/socket?name="+strconv.Itoa(i%20), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
	}
	load := requests(func() string { return "/increment?name=one" })
	var without, with, keys []float64
	for range 2 * benchRounds {
		without = append(without, load(t, r.url))
		v := viewOf(t, project, 160, 45, "inspect", "--persist-to", state)
		v.shows("objects", "1000 sockets")
		with = append(with, load(t, r.url))
		loaded := make(chan struct{})
		go func() { defer close(loaded); load(t, r.url) }()
		keys = append(keys, v.keyTimes(10)...)
		<-loaded
		v.press("q")
		v.awaitExit(exitDone)
	}
	slices.Sort(keys)
	t.Logf("a key shows after %.1f ms, nine of ten within %.1f ms, all within %.1f ms", median(keys), keys[len(keys)*9/10], keys[len(keys)-1])
	less := 100 * (1 - median(with)/median(without))
	t.Logf("requests/s: %.0f, inspected %.0f: %.1f %% less", median(without), median(with), less)
	if late := keys[len(keys)*9/10]; late > mostKeyTime {
		t.Errorf("one key of ten shows after %.1f ms, want within %d ms", late, mostKeyTime)
	}
	if less > mostLess {
		t.Errorf("inspected it handles %.1f %% less, want at most %d", less, mostLess)
	}
}

// What the inspector may cost, on a machine that does nothing else: milliseconds
// until a key shows, and percent of the throughput.
const (
	mostKeyTime = 50
	mostLess    = 10
)

// keyTimes presses a key that moves the cursor some times, and says how long
// each takes to show, in milliseconds.
func (v *view) keyTimes(n int) []float64 {
	v.t.Helper()
	var times []float64
	for range n {
		before := v.cursorLine()
		began := time.Now()
		v.press("j")
		for v.cursorLine() == before {
			select {
			case <-v.changed:
			case <-time.After(patience):
				v.t.Fatalf("the cursor stays:\n%s", v.text())
			}
		}
		times = append(times, ms(time.Since(began)))
	}
	return times
}

// cursorLine is where the cursor is.
func (v *view) cursorLine() int {
	for i, l := range strings.Split(v.text(), "\n") {
		if strings.Contains(l, "▌") {
			return i
		}
	}
	return -1
}
