package web

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// told is a receiver that keeps what it is told as lines.
type told struct {
	mu    sync.Mutex
	lines []string
	then  func(line string)
}

func (r *told) add(line string) {
	r.mu.Lock()
	r.lines = append(r.lines, line)
	then := r.then
	r.mu.Unlock()
	if then != nil {
		then(line)
	}
}

func (r *told) Message(text bool, data []byte) {
	if text {
		r.add("text " + string(data))
	} else {
		r.add(fmt.Sprintf("bytes %x", data))
	}
}

func (r *told) Closed(code int, reason string, clean bool) {
	r.add(fmt.Sprintf("closed %d %q %t", code, reason, clean))
}

func (r *told) Failed(err error) { r.add("failed " + err.Error()) }

func (r *told) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "; ")
}

func TestWireDeliversInOrderAndOnce(t *testing.T) {
	const gone = `closed 1006 "WebSocket disconnected without sending Close frame." false`
	for _, c := range []struct {
		name string
		do   func(a, b *End)
		want string
	}{
		{"messages and a close", func(a, _ *End) {
			a.Send(true, []byte("one"))
			a.Send(false, []byte{2})
			a.Close(4000, "why")
		}, `text one; bytes 02; closed 4000 "why" true`},
		{"nothing after a close", func(a, _ *End) {
			a.Close(1000, "")
			a.Send(true, []byte("late"))
			a.Close(1001, "")
			a.Abort()
		}, `closed 1000 "" true`},
		{"an abort comes after what was sent", func(a, _ *End) {
			a.Send(true, []byte("one"))
			a.Abort()
			a.Abort()
		}, `text one; ` + gone},
		{"a failure says why", func(a, _ *End) {
			a.Fail(errors.New("no frame"))
			a.Abort()
		}, `failed no frame`},
		{"an end that aborted hears nothing more", func(a, b *End) {
			b.Abort()
			a.Send(true, []byte("lost"))
			a.Close(1000, "")
		}, ``},
		{"one direction closes without the other", func(a, b *End) {
			b.Close(1000, "")
			a.Send(true, []byte("still"))
			a.Close(1000, "bye")
		}, `text still; closed 1000 "bye" true`},
		{"text is made valid", func(a, _ *End) { a.Send(true, []byte{0xff, 0xfe}) }, "text \ufffd\ufffd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			early, late := &told{}, &told{}
			a, b := NewWire()
			b.Receive(early)
			c.do(a, b)
			if got := early.String(); got != c.want {
				t.Errorf("attached before: got %s, want %s", got, c.want)
			}
			a, b = NewWire()
			c.do(a, b)
			b.Receive(late)
			if got := late.String(); got != c.want {
				t.Errorf("attached after: got %s, want %s", got, c.want)
			}
		})
	}
}

func TestWireReceiversMayAnswer(t *testing.T) {
	a, b := NewWire()
	left, right := &told{}, &told{}
	left.then = func(line string) {
		if len(line) < len("text ....") {
			a.Send(true, []byte(line[len("text "):]+"."))
		}
	}
	right.then = func(line string) { b.Send(true, []byte(line[len("text "):]+".")) }
	a.Receive(left)
	b.Receive(right)
	a.Send(true, nil)
	if got, want := left.String()+" | "+right.String(), "text .; text ...; text ..... | text ; text ..; text ...."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWireKeepsTheOrderOfEachSender(t *testing.T) {
	const senders, each = 4, 200
	a, b := NewWire()
	got := &told{}
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				a.Send(true, fmt.Appendf(nil, "%d/%04d", s, i))
			}
		})
	}
	wg.Go(func() { b.Receive(got) })
	wg.Wait()
	a.Close(1000, "")
	if len(got.lines) != senders*each+1 {
		t.Fatalf("got %d events, want %d", len(got.lines), senders*each+1)
	}
	for s := range senders {
		mine := slices.DeleteFunc(slices.Clone(got.lines), func(l string) bool { return !strings.HasPrefix(l, fmt.Sprintf("text %d/", s)) })
		if len(mine) != each || !slices.IsSorted(mine) {
			t.Errorf("sender %d: %d messages, sorted %t", s, len(mine), slices.IsSorted(mine))
		}
	}
}

func TestBothEndsKnowTheRequestThatOpenedTheWire(t *testing.T) {
	var wires Wires
	m, n := wires.New()
	wires.Opened(m+2, "/nobody")
	a, b := wires.Take(m), wires.Take(n)
	if a.URL() != "" {
		t.Errorf("got %q before it was opened", a.URL())
	}
	wires.Opened(wires.Add(a), "/first")
	b.Opened("/second")
	if a.URL() != "/first" || b.URL() != "/first" {
		t.Errorf("got %q and %q, want /first", a.URL(), b.URL())
	}
}

func TestWireEndsOnceWhenAllSidesEndIt(t *testing.T) {
	for range 200 {
		a, b := NewWire()
		left, right := &told{}, &told{}
		var wg sync.WaitGroup
		for _, fn := range []func(){
			func() { a.Receive(left) }, func() { b.Receive(right) }, a.Abort, b.Abort,
			func() { a.Close(1000, "") }, func() { b.Close(1000, "") },
			func() { a.Fail(errors.New("f")) }, func() { b.Send(true, []byte("m")) },
		} {
			wg.Go(fn)
		}
		wg.Wait()
		for _, r := range []*told{left, right} {
			ends := 0
			for _, line := range r.lines {
				if !strings.HasPrefix(line, "text") {
					ends++
				}
			}
			if ends > 1 {
				t.Fatalf("told of %d ends: %s", ends, r)
			}
		}
	}
}

func TestWiresGiveEachEndToOneTaker(t *testing.T) {
	var wires Wires
	m, n := wires.New()
	if n != m+1 {
		t.Errorf("numbers %d and %d, want neighbours", m, n)
	}
	a, b := wires.Take(m), wires.Take(n)
	if a == nil || b == nil || a.peer != b {
		t.Fatal("the ends taken are no wire")
	}
	if wires.Take(m) != nil {
		t.Error("an end was given twice")
	}
	again := wires.Add(b)
	got := &told{}
	a.Receive(got)
	wires.Drop(again)
	wires.Drop(again)
	if want := "closed 1006"; !strings.HasPrefix(got.String(), want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if wires.Len() != 0 {
		t.Errorf("%d ends left, want none", wires.Len())
	}
}
