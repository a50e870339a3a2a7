package durable

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

func TestEventsOfOneSenderKeepTheirOrder(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		var got []int
		for i := range 500 {
			w.send(ref, func(_ *Life, finish func()) {
				got = append(got, i)
				finish()
			})
		}
		synctest.Wait()
		if len(got) != 500 || !slices.IsSorted(got) {
			t.Errorf("ran %v", got)
		}
		if w.count() != 1 {
			t.Errorf("%d instances, want 1", w.count())
		}
	})
}

func TestConstructorFailureReachesEachCallerAndIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		starts := 0
		w.onStart = func(*Life) error {
			if starts++; starts < 3 {
				return &engine.Exception{Name: "RangeError", Message: "ctor boom", IsError: true}
			}
			return nil
		}
		for range 2 {
			err := w.do(named("a"), func(*Life) { t.Error("ran") })
			var reset *ResetError
			if !errors.As(err, &reset) || reset.Throw.Class != "RangeError" || reset.Throw.Message != "ctor boom" || reset.Exception == nil {
				t.Errorf("got %#v", err)
			}
		}
		if err := w.do(named("a"), func(*Life) {}); err != nil {
			t.Error(err)
		}
	})
}

func TestConstructorWhoseCommitFailsFailsItsCaller(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.onStart = func(life *Life) error { put(life, "x"); return nil }
		w.failCommit(named("a"), errBoom)
		if err := w.do(named("a"), func(*Life) { t.Error("ran") }); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("got %v", err)
		}
		if err := w.do(named("a"), func(*Life) {}); err != nil {
			t.Error(err)
		}
	})
}

func TestConstructorSectionKeepsEventsOut(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.onStart = func(life *Life) error {
			section(life, func(end func()) {
				life.loop.After(time.Second, loop.Timer, func() { w.note("ready"); end() })
			})
			return nil
		}
		w.busy(named("a"), "event", 0)
		time.Sleep(2 * time.Second)
		w.wantNotes("ready", "event begins")
	})
}

func TestSectionHoldsFromTheCallOn(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		w.send(ref, func(life *Life, finish func()) {
			section(life, func(end func()) {
				w.note("outer begins")
				section(life, func(end func()) {
					w.note("inner begins")
					life.loop.After(time.Second, loop.Timer, func() { w.note("inner ends"); end() })
				})
				life.loop.After(time.Millisecond, loop.Timer, func() {
					w.note("outer ends")
					end()
					life.loop.After(time.Second, loop.Timer, func() { w.note("after the section"); finish() })
				})
			})
			section(life, func(end func()) { w.note("sibling"); end() })
		})
		w.busy(ref, "outside 1", time.Millisecond)
		w.busy(ref, "outside 2", 0)
		time.Sleep(5 * time.Second)
		w.wantNotes("outer begins", "inner begins", "inner ends", "outer ends", "sibling",
			"outside 1 begins", "outside 2 begins", "outside 1 ends", "after the section")
	})
}

func TestWaitingEventThatBeginsASectionStopsTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		locked := func(name string) {
			w.send(ref, func(life *Life, finish func()) {
				section(life, func(end func()) {
					w.note("%s begins", name)
					life.loop.After(time.Second, loop.Timer, func() { w.note("%s ends", name); end(); finish() })
				})
			})
		}
		locked("first")
		locked("second")
		w.busy(ref, "third", 0)
		time.Sleep(5 * time.Second)
		w.wantNotes("first begins", "first ends", "second begins", "second ends", "third begins")
	})
}

func TestSectionOfAnotherObjectsTurnIsItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.objects.SetHomes(w.homes(1))
		a, b := named("a"), named("b")
		var other *Life
		if err := w.do(b, func(life *Life) { other = life }); err != nil {
			t.Fatal(err)
		}
		w.send(a, func(life *Life, finish func()) {
			section(life, func(end func()) {
				section(other, func(end func()) { w.note("b's section"); end() })
				life.loop.After(time.Second, loop.Timer, func() { end(); finish() })
			})
		})
		w.busy(b, "b", 0)
		w.wantNotes("b's section", "b begins")
	})
}

func TestResetFailsWhatIsInFlightInOrderAndOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		for _, name := range []string{"1", "2", "3"} {
			w.busy(ref, name, time.Hour)
			w.wantNotes(name + " begins")
		}
		var order []string
		for _, name := range []string{"4", "5"} {
			e := &Event{Run: func(*Life) {}, Fail: func(err error) { order = append(order, name) }}
			w.objects.Deliver(ref, e)
		}
		var ctx context.Context
		err := w.do(ref, func(life *Life) {
			ctx = life.Context()
			put(life, "lost")
			_ = life.Reset(engine.Error("because"))
			_ = life.Reset(errBoom)
			if !life.Over() {
				t.Error("life goes on")
			}
		})
		if err == nil || err.Error() != "Error: because" {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if !slices.Equal(order, []string{"4", "5"}) {
			t.Errorf("failed %v", order)
		}
		var throw *engine.Throw
		if cause := context.Cause(ctx); !errors.As(cause, &throw) || throw.Message != "because" {
			t.Errorf("cause is %v", cause)
		}
		if got := w.stored(ref).values; len(got) != 0 {
			t.Errorf("stored %q", got)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		slices.Sort(w.notes)
		w.wantNotes("1: Error: because", "2: Error: because", "3: Error: because")
	})
}

func TestEventsOnTheirWayToAnInstanceThatIsResetFailWithIt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		var late <-chan error
		first := w.send(ref, func(life *Life, _ func()) {
			late = w.send(ref, func(_ *Life, finish func()) { finish() })
			_ = life.Reset(errBoom)
		})
		<-first
		if err := <-late; err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("who was on the way got %v, want the reason of the reset", err)
		}
		if err := w.do(ref, func(*Life) {}); err != nil {
			t.Errorf("who came afterwards got %v", err)
		}
	})
}

func TestEndedLifeBeginsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		var dead *Life
		_ = w.do(named("a"), func(life *Life) {
			dead = life
			put(life, "lost")
			life.loop.Send(func() { t.Error("sent") })
			timer := life.loop.After(time.Hour, loop.Timer, func() { t.Error("timer") })
			timer.OnEnd(func() { w.note("timer ended") })
			_ = life.Reset(errBoom)
			w.note("life ended")
			life.loop.After(0, loop.Timer, func() { t.Error("timer") })
			life.loop.Send(func() { t.Error("sent") })
			life.Section("blockConcurrencyWhile", nil)
			life.Hold()()
			life.Transaction()()
			life.Admit(nil, func() { t.Error("admitted") })
		})
		w.wantNotes("timer ended", "life ended")
		time.Sleep(2 * time.Hour)
		failed := 0
		e := &Event{Run: func(*Life) { t.Error("ran") }, Fail: func(error) { failed++ }}
		dead.Deliver(e)
		if failed != 1 || dead.Finish(e) {
			t.Error("an event of an ended life did not fail")
		}
	})
}

func TestCallsOfWhatIsNoMoreFailInTheWordsGiven(t *testing.T) {
	for want, gone := range map[string]*engine.Throw{
		"Error: The destination object for this session no longer exists.": nil,
		"Error: no longer active": engine.Error("no longer active"),
	} {
		bubble(t, func(t *testing.T, w *world) {
			if gone != nil {
				w.objects.opts.Gone = gone
			}
			ref := named("a")
			var held *Life
			if err := w.do(ref, func(life *Life) { held = life }); err != nil {
				t.Fatal(err)
			}
			if err := w.objects.Evict(ref); err != nil {
				t.Fatal(err)
			}
			held.Deliver(&Event{Fail: func(err error) { w.note("%v", err) }})
			w.wantNotes(want)
		})
	}
}

func TestFailedCommitDropsOutputAndResets(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		w.failCommit(ref, errBoom)
		err := w.do(ref, func(life *Life) {
			put(life, "lost")
			life.loop.Send(func() { t.Error("sent") })
		})
		if err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("caller got %v", err)
		}
		if err := w.do(ref, func(life *Life) { put(life, "kept") }); err != nil {
			t.Error(err)
		}
		if got := w.stored(ref).values; !slices.Equal(got, []string{"kept"}) {
			t.Errorf("stored %q", got)
		}
	})
}

func TestOneTurnCommitsEveryObjectItTouched(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.objects.SetHomes(w.homes(1))
		a, b := named("a"), named("b")
		var other *Life
		if err := w.do(b, func(life *Life) { other = life }); err != nil {
			t.Fatal(err)
		}
		w.failCommit(b, errBoom)
		if err := w.do(a, func(life *Life) {
			put(life, "1")
			put(other, "2")
			life.loop.SendFor(other, func() { t.Error("what b sent left") })
		}); err != nil {
			t.Error(err)
		}
		if !other.Over() || len(w.stored(b).values) != 0 || len(w.stored(a).values) != 1 {
			t.Errorf("b over: %v, stored %v and %v", other.Over(), w.stored(a), w.stored(b))
		}
	})
}

func TestTransactionHoldsOutputUntilItsCommit(t *testing.T) {
	for _, fails := range []bool{false, true} {
		bubble(t, func(t *testing.T, w *world) {
			ref := named("a")
			send := func(life *Life, name string) {
				life.loop.Send(func() { w.note("%s sent, %d stored", name, len(w.stored(ref).values)) })
			}
			answer := w.send(ref, func(life *Life, finish func()) {
				end := life.Transaction()
				put(life, "1")
				send(life, "first")
				life.loop.After(time.Second, loop.Timer, func() {
					w.note("ending, %d stored", len(w.stored(ref).values))
					put(life, "2")
					if fails {
						w.failCommit(ref, errBoom)
					}
					end()
					end()
					send(life, "second")
					finish()
				})
			})
			err := <-answer
			if fails {
				w.wantNotes("ending, 0 stored")
			} else {
				w.wantNotes("ending, 0 stored", "first sent, 2 stored", "second sent, 2 stored")
			}
			if (err != nil) != fails {
				t.Errorf("answered %v", err)
			}
		})
	}
}

func TestEvictionRollsBackAnOpenTransaction(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		_ = w.do(ref, func(life *Life) { put(life, "kept") })
		w.send(ref, func(life *Life, finish func()) {
			finish()
			life.loop.AfterTurn(func() {
				life.loop.Turn(life, nil, func() { life.Transaction(); put(life, "lost") })
			})
		})
		synctest.Wait()
		if err := w.objects.Evict(ref); err == nil {
			w.wantNotes()
		}
		time.Sleep(time.Minute)
		if got := w.stored(ref).values; !slices.Equal(got, []string{"kept"}) || w.count() != 0 {
			t.Errorf("stored %q, %d instances", got, w.count())
		}
	})
}

func TestPanicResetsTheObjectAlone(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.objects.SetHomes(w.homes(1))
		w.busy(named("b"), "b", time.Second)
		err := w.do(named("a"), func(life *Life) { put(life, "lost"); panic("oh no") })
		if err == nil || !strings.Contains(err.Error(), "bug in dodev: oh no") {
			t.Errorf("got %v", err)
		}
		if err := w.do(named("a"), func(*Life) {}); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Second)
		w.wantNotes("b begins", "b ends")
		if len(w.stored(named("a")).values) != 0 {
			t.Error("what the broken turn wrote was kept")
		}
	})
}

func TestNameIsLearntFromWhoKnowsIt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		nameless := object.Ref{Namespace: ref.Namespace, ID: ref.ID}
		for _, c := range []struct {
			by   object.Ref
			want string
		}{{nameless, ""}, {ref, "a"}, {nameless, "a"}} {
			_ = w.do(c.by, func(life *Life) {
				if got := life.Object().Ref().Name; got != c.want {
					t.Errorf("name is %q, want %q", got, c.want)
				}
			})
		}
	})
}

func TestCloseFailsEverything(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		var ctx context.Context
		_ = w.do(named("a"), func(life *Life) { ctx = life.Context(); put(life, "kept") })
		w.busy(named("a"), "busy", time.Hour)
		w.busy(named("b"), "blocked", time.Hour)
		synctest.Wait()
		w.notes = nil
		w.objects.SetHomes(w.homes(2)) // both are moving now
		w.busy(named("a"), "waiting", 0)
		for range 2 {
			go w.objects.Close()
		}
		synctest.Wait()
		w.busy(named("a"), "late", 0)
		w.busy(named("c"), "later", 0)
		synctest.Wait()
		slices.Sort(w.notes)
		w.wantNotes("blocked: the server is shutting down", "busy: the server is shutting down",
			"late: the server is shutting down", "later: the server is shutting down", "waiting: the server is shutting down")
		var closing closeCode
		if !errors.As(context.Cause(ctx), &closing) || closing.code != 1001 {
			t.Errorf("cause is %v", context.Cause(ctx))
		}
		if w.count() != 0 {
			t.Error("instances are left")
		}
	})
}

func TestNothingIsWokenAfterClose(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		retried := make(chan error, 1)
		w.objects.Deliver(ref, &Event{
			Run: func(*Life) {},
			Fail: func(error) { // as a caller may that tries again
				w.objects.Deliver(ref, &Event{Run: func(*Life) { t.Error("ran") }, Fail: func(err error) { retried <- err }})
			},
		})
		w.objects.Close()
		if err := <-retried; !errors.Is(err, ErrClosed) || w.count() != 0 {
			t.Errorf("got %v, %d instances", err, w.count())
		}
	})
}

func TestClosedLoopAnswersWithErrClosed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		homes := w.homes(1)
		w.objects.SetHomes(homes)
		_ = w.do(named("a"), func(*Life) {})
		homes[0].Loop().Close()
		if err := w.do(named("a"), func(*Life) {}); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		w.objects.Each(func(*Object) { t.Error("called") })
		if err := w.objects.Evict(named("a")); !errors.Is(err, ErrNotRunning) {
			t.Errorf("evict: %v", err)
		}
		<-w.objects.SetHomes(homes)
	})
}

func TestAnObjectKnowsWhereItWasFirstAskedToBe(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		for _, location := range []string{"", "weur", "oc"} {
			ref.Location = location
			_ = w.do(ref, func(*Life) {})
		}
		w.onLoop(ref, func(o *Object) {
			if got := o.Ref().Location; got != "weur" {
				t.Errorf("location %q, want weur", got)
			}
		})
	})
}
