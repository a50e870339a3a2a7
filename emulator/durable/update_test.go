package durable

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/loop"
)

func TestAsDeployedABusyInstanceTakesEventsUntilAllHaveEnded(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		w.busy(ref, "stream", 20*time.Second)
		synctest.Wait()
		moved := w.objects.Update(w.homes(2), Update{Deployed: true, Delay: time.Minute})
		w.busy(ref, "in the old code", 30*time.Second)
		time.Sleep(25 * time.Second)
		w.wantNotes("stream begins", "in the old code begins", "stream ends")
		if isDone(moved) {
			t.Error("moved too early")
		}
		time.Sleep(10 * time.Second)
		w.wantNotes("in the old code ends")
		if !isDone(moved) {
			t.Error("not moved")
		}
	})
}

func TestAsDeployedAnInstanceThatStaysBusyIsResetAfterTheDelay(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Minute} {
		bubble(t, func(t *testing.T, w *world) {
			ref := named("a")
			w.busy(ref, "stream", time.Hour)
			synctest.Wait()
			began := time.Now()
			<-w.objects.Update(w.homes(2), Update{Deployed: true, Delay: delay})
			if took := time.Since(began); took != delay {
				t.Errorf("moved after %v, want %v", took, delay)
			}
			w.wantNotes("stream begins", "stream: Error: Durable Object reset because its code was updated.")
		})
	}
}

func TestAsDeployedNewCodeAbortsSockets(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.echo()
		asleep, awake, busy := named("asleep"), named("awake"), named("busy")
		w.connect(asleep, "the sleeper's")
		time.Sleep(time.Minute)
		w.connect(awake, "the idle one's")
		w.connect(busy, "the busy one's")
		var ctx context.Context
		_ = w.do(awake, func(life *Life) {
			ctx = life.Context()
			life.loop.Begin(loop.Socket)
		})
		w.busy(busy, "work", 5*time.Second)
		synctest.Wait()
		moved := w.objects.Update(w.homes(1), Update{Deployed: true, Delay: time.Second})
		<-moved
		w.mu.Lock()
		aborted := map[string]bool{}
		for _, note := range w.notes {
			aborted[note] = true
		}
		w.mu.Unlock()
		for _, name := range []string{"the sleeper's", "the idle one's", "the busy one's"} {
			if !aborted[name+" aborted"] {
				t.Errorf("%s socket was not aborted: %q", name, w.notes)
			}
		}
		var closing closeCode
		if errors.As(context.Cause(ctx), &closing) {
			t.Errorf("a socket that cannot hibernate was closed with %d, want aborted", closing.code)
		}
		if n := w.objects.Tallies()[awake.Namespace].Sockets; n != 0 {
			t.Errorf("%d sockets are left", n)
		}
	})
}
