package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/dodev/dodev/emulator/loop"
)

// crowd answers requests two by two, and notes how many it has had at a time.
type crowd struct {
	mu        sync.Mutex
	now, most int
	pair      chan chan struct{}
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	met := make(chan struct{})
	select {
	case c.pair <- met:
		<-met
	case other := <-c.pair:
		close(other)
	case <-r.Context().Done():
	}
	c.mu.Lock()
	c.now--
	c.mu.Unlock()
	fmt.Fprint(w, "met")
}

func TestOnlySoManyRequestsWaitForAnAnswerAtATime(t *testing.T) {
	c := &crowd{pair: make(chan chan struct{})}
	server := httptest.NewServer(c)
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	is := newIsolate(t, Options{Connections: 2, Fetch: FetchOptions{Outbound: map[string]*url.URL{"out.test": target}, Offline: true}})
	const many = `
const all = Array.from({ length: 8 }, (_, n) => fetch("http://out.test/" + n).then((r) => r.text()));
return [await Promise.all(all)].flat().join()`
	if got := is.eval(t, many); got != `"met,met,met,met,met,met,met,met"` {
		t.Errorf("got %s", got)
	}
	if c.most != 2 {
		t.Errorf("%d requests were there at a time, want 2", c.most)
	}
	// One that is given up, before its turn or in it, makes room for the next.
	const givenUp = `
const controllers = Array.from({ length: 6 }, () => new AbortController());
const all = controllers.map(({ signal }, n) => fetch("http://out.test/" + n, { signal }).then((r) => r.text(), (e) => e.name));
for (const n of [0, 1, 2, 4]) controllers[n].abort();
return (await Promise.all(all)).join()`
	if got := is.eval(t, givenUp); got != `"AbortError,AbortError,AbortError,met,AbortError,met"` {
		t.Errorf("got %s", got)
	}
}

func TestWhoIsGoneSendsNothingThatWaited(t *testing.T) {
	is := newIsolate(t, Options{})
	for _, gone := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		began := make(chan int, 1)
		is.loop.Post(func() {
			pass := &turnstile{max: 1}
			owner, n := everybody{ctx}, 0
			first, second := is.loop.Begin(loop.Fetch), is.loop.Begin(loop.Fetch)
			pass.pass(owner, first, func() { n++ })
			pass.pass(owner, second, func() { n++ })
			if gone {
				cancel()
			}
			first.Cancel()
			second.Cancel()
			if len(pass.lines) != 0 {
				n = -1
			}
			began <- n
		})
		if got, want := <-began, map[bool]int{false: 2, true: 1}[gone]; got != want {
			t.Errorf("gone %v: %d requests began, want %d", gone, got, want)
		}
		cancel()
	}
}
