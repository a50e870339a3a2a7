package durable

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

func TestIdleInstanceIsDroppedAndForgotten(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		for range 5 { // each event starts the time anew
			if err := w.do(ref, func(*Life) {}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(9 * time.Second)
			synctest.Wait()
			if w.count() != 1 {
				t.Fatal("dropped too early")
			}
		}
		time.Sleep(time.Second)
		if n := w.records(); w.count() != 0 || n != 0 {
			t.Errorf("%d instances and %d records are left", w.count(), n)
		}
		if got, want := w.states[len(w.states)-1], Stored; got != want {
			t.Errorf("told of state %s, want %s", got, want)
		}
	})
}

func TestWhatKeepsAnInstanceAlive(t *testing.T) {
	begin := func(k loop.Kind) func(*Life) func() {
		return func(life *Life) func() { return life.loop.Begin(k).Cancel }
	}
	for _, c := range []struct {
		busy  string
		state State
		hold  func(life *Life) (release func())
	}{
		{"a timer is pending", Running, func(life *Life) func() { return life.loop.After(time.Hour, loop.Timer, func() {}).Cancel }},
		{"an operation is pending", Running, begin(loop.Fetch)},
		{"an operation is pending", Running, begin(loop.Other)},
		{"a socket that cannot hibernate is open", Idle, begin(loop.Socket)},
		{"a socket that it has opened is open", Idle, begin(loop.Connection)},
		{"something still refers to it", Running, func(life *Life) func() { return life.Hold() }},
	} {
		bubble(t, func(t *testing.T, w *world) {
			ref := named("a")
			var release func()
			if err := w.do(ref, func(life *Life) { release = c.hold(life) }); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if err := w.objects.Evict(ref); w.count() != 1 || err == nil || err.Error() != "it is busy: "+c.busy {
				t.Errorf("%d instances, evict says %v, want %s", w.count(), err, c.busy)
			}
			w.onLoop(ref, func(o *Object) {
				if o.State() != c.state || o.Life() == nil || !o.Ref().Same(ref) {
					t.Errorf("state is %s, want %s", o.State(), c.state)
				}
				release()
				release()
				if o.State() != Idle {
					t.Errorf("state is %s", o.State())
				}
			})
			time.Sleep(11 * time.Second)
			synctest.Wait()
			if w.count() != 0 {
				t.Error("the instance was not dropped")
			}
		})
	}
}

func TestEvictAndAbortFromOutside(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		if err := w.objects.Evict(ref); !errors.Is(err, ErrNotRunning) {
			t.Errorf("evict: %v", err)
		}
		if w.objects.Abort(ref, engine.Error("x")) {
			t.Error("aborted what is not there")
		}
		w.busy(ref, "event", time.Hour)
		if err := w.objects.Evict(ref); err == nil || err.Error() != "it is busy: an event is in flight" {
			t.Errorf("evict: %v", err)
		}
		if !w.objects.Abort(ref, engine.Error("x")) {
			t.Error("not aborted")
		}
		w.wantNotes("event begins", "event: Error: x")
		w.onLoop(ref, func(o *Object) {
			if o.State() != Failed {
				t.Errorf("state is %s", o.State())
			}
		})
		if err := w.do(ref, func(*Life) {}); err != nil {
			t.Error(err)
		}
		if err := w.objects.Evict(ref); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		if n := w.records(); n != 0 {
			t.Errorf("%d records are left", n)
		}
	})
}

func TestFailedObjectIsForgottenAfterAWhile(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.onStart = func(*Life) error { return errBoom }
		for _, name := range strings.Split("a b c d", " ") {
			_ = w.do(named(name), func(*Life) {})
		}
		if n := w.records(); n != 4 {
			t.Errorf("%d records, want 4", n)
		}
		time.Sleep(time.Minute)
		if n := w.records(); n != 0 {
			t.Errorf("%d records are left", n)
		}
	})
}

func TestRecordsComeAndGoWhileEventsArrive(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		for i := range 200 {
			_ = w.do(ref, func(*Life) {})
			evicted := make(chan error, 1)
			go func() { evicted <- w.objects.Evict(ref) }()
			if i%2 == 0 {
				synctest.Wait()
			}
			if err := w.do(ref, func(*Life) {}); err != nil {
				t.Fatal(err)
			}
			<-evicted
		}
	})
}
