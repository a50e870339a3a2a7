package durable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/loop"
)

func isDone(c <-chan struct{}) bool {
	synctest.Wait()
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestIdleObjectMovesAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		var ctx context.Context
		var before Home
		_ = w.do(ref, func(life *Life) {
			ctx, before = life.Context(), life.Home()
			put(life, "kept")
			life.loop.Begin(loop.Socket)
		})
		if moved := w.objects.SetHomes(w.homes(2)); !isDone(moved) {
			t.Error("not moved")
		}
		var cause closeCode
		if !errors.As(context.Cause(ctx), &cause) || cause.code != 1012 {
			t.Errorf("the old life ended with %v", context.Cause(ctx))
		}
		_ = w.do(ref, func(life *Life) {
			if life.Home() == before {
				t.Error("lives in the old home")
			}
		})
	})
}

func TestBusyObjectMovesWhenItsEventsHaveEnded(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		w.busy(ref, "old", 500*time.Millisecond)
		synctest.Wait()
		moved := w.objects.SetHomes(w.homes(2))
		for i := range 3 {
			w.busy(ref, fmt.Sprint("new ", i), 0)
			synctest.Wait()
		}
		if isDone(moved) {
			t.Error("moved too early")
		}
		w.wantNotes("old begins")
		time.Sleep(time.Second)
		w.wantNotes("old ends", "new 0 begins", "new 1 begins", "new 2 begins")
		if !isDone(moved) {
			t.Error("not moved")
		}
	})
}

func TestObjectThatStaysBusyIsResetForNewCode(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		w.busy(ref, "stream", time.Hour)
		synctest.Wait()
		_ = w.do(ref, func(life *Life) { section(life, func(func()) {}) }) // never ends
		w.busy(ref, "waiting at the gate", 0)
		synctest.Wait()
		var bound error
		w.onLoop(ref, func(o *Object) {
			o.life.Deliver(&Event{Run: func(*Life) { t.Error("ran") }, Fail: func(err error) { bound = err }})
		})
		moved := w.objects.SetHomes(w.homes(2))
		w.busy(ref, "waiting for the move", 0)
		time.Sleep(900 * time.Millisecond)
		w.wantNotes("stream begins")
		time.Sleep(200 * time.Millisecond)
		const updated = "Error: Durable Object reset because its code was updated."
		synctest.Wait()
		slices.Sort(w.notes)
		w.wantNotes("stream: "+updated, "waiting at the gate begins", "waiting for the move begins")
		if bound == nil || bound.Error() != updated {
			t.Errorf("an event for the old instance got %v", bound)
		}
		if !isDone(moved) {
			t.Error("not moved")
		}
		w.onLoop(ref, func(o *Object) {
			if o.State() != Idle {
				t.Errorf("state is %s", o.State())
			}
		})
	})
}

func TestAbortWhileMovingLetsTheObjectGo(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		w.busy(ref, "old", time.Hour)
		synctest.Wait()
		moved := w.objects.SetHomes(w.homes(2))
		w.busy(ref, "new", 0)
		synctest.Wait()
		w.objects.Abort(ref, codeUpdated())
		if !isDone(moved) {
			t.Error("not moved")
		}
		slices.Sort(w.notes)
		w.wantNotes("new begins", "old begins", "old: Error: Durable Object reset because its code was updated.")
	})
}

func TestReloadDuringReloadIsOneMoveToTheNewest(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		w.busy(ref, "old", 800*time.Millisecond)
		synctest.Wait()
		first := w.objects.SetHomes(w.homes(2))
		w.busy(ref, "waiting", 0)
		synctest.Wait()
		newest := w.homes(3)
		second := w.objects.SetHomes(newest)
		if isDone(first) || isDone(second) {
			t.Error("moved too early")
		}
		time.Sleep(time.Second)
		w.wantNotes("old begins", "old ends", "waiting begins")
		if !isDone(first) || !isDone(second) {
			t.Error("not moved")
		}
		_ = w.do(ref, func(life *Life) {
			if !slices.Contains(newest, life.Home()) {
				t.Error("lives in a home between")
			}
		})
	})
}

func TestEventsAreNeitherLostNorOvertakenByMoves(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		const events, senders = 300, 3
		got := make([][]int, senders)
		left := make(chan struct{}, senders)
		for s := range senders {
			go func() {
				for i := range events {
					w.send(ref, func(_ *Life, finish func()) {
						got[s] = append(got[s], i)
						finish()
					})
					if i%7 == s {
						time.Sleep(time.Millisecond)
					}
				}
				left <- struct{}{}
			}()
		}
		for range 40 {
			w.objects.SetHomes(w.homes(2))
			time.Sleep(time.Millisecond)
		}
		for range senders {
			<-left
		}
		synctest.Wait()
		for s := range senders {
			if len(got[s]) != events || !slices.IsSorted(got[s]) {
				t.Errorf("sender %d: %d events, in order: %v", s, len(got[s]), slices.IsSorted(got[s]))
			}
		}
	})
}

func TestManyObjectsMoveWhileEventsArrive(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		answers := 0
		left := make(chan int)
		for s := range 4 {
			go func() {
				n := 0
				for i := range 200 {
					if w.do(named(fmt.Sprint(i*(s+1)%50)), func(*Life) {}) == nil {
						n++
					}
				}
				left <- n
			}()
		}
		for range 20 {
			<-w.objects.SetHomes(w.homes(2))
		}
		for range 4 {
			answers += <-left
		}
		if answers != 800 {
			t.Errorf("%d answers, want 800", answers)
		}
	})
}

func TestWhatArrivedDuringAMoveComesBeforeWhatArrivesAtItsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		w.send(ref, func(life *Life, finish func()) {
			life.loop.After(500*time.Millisecond, loop.Timer, func() {
				w.busy(ref, "second", 0) // while the loop is busy with the end
				finish()
			})
		})
		synctest.Wait()
		w.objects.SetHomes(w.homes(2))
		w.busy(ref, "first", 0)
		time.Sleep(time.Second)
		w.wantNotes("first begins", "second begins")
	})
}

func TestObjectDoesNotLeaveWhatBeganAtTheLastMoment(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		ended := false
		w.send(ref, func(life *Life, finish func()) {
			life.loop.After(500*time.Millisecond, loop.Timer, func() {
				finish()
				life.loop.Send(func() {
					e := &Event{Fail: func(err error) { t.Errorf("failed: %v", err) }}
					e.Run = func(*Life) {
						life.loop.After(100*time.Millisecond, loop.Timer, func() { ended = life.Finish(e) })
					}
					life.Deliver(e)
				})
			})
		})
		synctest.Wait()
		moved := w.objects.SetHomes(w.homes(2))
		time.Sleep(550 * time.Millisecond)
		if isDone(moved) {
			t.Error("moved too early")
		}
		time.Sleep(100 * time.Millisecond)
		if !isDone(moved) || !ended {
			t.Errorf("moved: %v, the event ended: %v", isDone(moved), ended)
		}
	})
}
