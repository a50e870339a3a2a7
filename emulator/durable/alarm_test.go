package durable

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// alarmWorld is a world whose alarms run, and note each call: how long after
// the start, and how often it was in vain.
func alarmWorld(t *testing.T, fn func(t *testing.T, w *world, ref object.Ref)) {
	t.Helper()
	bubble(t, func(t *testing.T, w *world) {
		w.objects.StartAlarms()
		began := time.Now()
		w.onAlarm = func(_ *Life, info AlarmInfo, done func(error)) {
			w.note("alarm after %v, retry %d", time.Since(began).Round(time.Second), info.RetryCount)
			done(nil)
		}
		fn(t, w, named("a"))
	})
}

func (w *world) setAlarm(ref object.Ref, d time.Duration) {
	w.t.Helper()
	if err := w.do(ref, func(life *Life) { w.must(life.SetAlarm(time.Now().Add(d), true)) }); err != nil {
		w.t.Error(err)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Error(err)
	}
}

// wantNoAlarm says that nothing is left of an alarm.
func (w *world) wantNoAlarm(ref object.Ref) {
	w.t.Helper()
	synctest.Wait()
	_, indexed := w.indexed(ref)
	_, next := w.objects.NextAlarm(ref)
	if at := w.stored(ref).alarm; !at.IsZero() || indexed || next {
		w.t.Errorf("stored %v, indexed %v, to be called %v; want no alarm", at, indexed, next)
	}
}

func TestAlarmRunsOnceAndIsGone(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.setAlarm(ref, time.Hour)
		if at, ok := w.objects.NextAlarm(ref); !ok || !at.Equal(time.Now().Add(time.Hour)) {
			t.Errorf("next alarm at %v", at)
		}
		time.Sleep(30 * time.Minute)
		if w.records() != 0 {
			t.Error("a pending alarm keeps the object in memory")
		}
		time.Sleep(time.Hour)
		w.wantNotes("alarm after 1h0m0s, retry 0")
		w.wantNoAlarm(ref)
	})
}

func TestAlarmIsMovedAndDeleted(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.setAlarm(ref, time.Hour)
		w.setAlarm(ref, time.Minute)
		w.setAlarm(ref, 2*time.Minute)
		w.setAlarm(named("b"), time.Second)
		time.Sleep(90 * time.Second)
		w.wantNotes("alarm after 1s, retry 0")
		time.Sleep(time.Hour)
		w.wantNotes("alarm after 2m0s, retry 0")
		w.setAlarm(ref, time.Minute)
		if err := w.do(ref, func(life *Life) { w.must(life.SetAlarm(time.Time{}, false)) }); err != nil {
			t.Error(err)
		}
		w.wantNoAlarm(ref)
		time.Sleep(time.Hour)
		w.wantNotes()
	})
}

func TestPastTimeCountsAsNow(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		_ = w.do(ref, func(life *Life) {
			w.must(life.SetAlarm(time.Now().Add(-time.Hour), true))
			if at, ok, _ := life.Alarm(); !ok || !at.Equal(time.Now().Truncate(time.Millisecond)) {
				t.Errorf("alarm is at %v", at)
			}
		})
		w.wantNotes()
		time.Sleep(alarmLag)
		w.wantNotes("alarm after 0s, retry 0")
	})
}

func TestAlarmIsNoneWhileItsHandlerRuns(t *testing.T) {
	for _, c := range []struct {
		name  string
		in    func(life *Life) error // in the handler
		after bool                   // an alarm is set
	}{
		{"nothing", func(*Life) error { return nil }, false},
		{"set", func(life *Life) error { return life.SetAlarm(time.Now().Add(time.Minute), true) }, true},
		{"delete", func(life *Life) error { return life.SetAlarm(time.Time{}, false) }, false},
	} {
		for _, fails := range []bool{false, true} {
			alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
				var runs atomic.Int32
				w.onAlarm = func(life *Life, _ AlarmInfo, done func(error)) {
					if runs.Add(1) > 1 {
						done(nil)
						return
					}
					if _, ok, _ := life.Alarm(); ok {
						t.Error("an alarm is set in its handler")
					}
					w.must(c.in(life))
					life.loop.After(time.Second, loop.Timer, func() {
						if _, ok, _ := life.Alarm(); ok != c.after {
							t.Errorf("%s: an alarm is set: %v", c.name, ok)
						}
						if fails {
							done(errBoom)
						} else {
							done(nil)
						}
					})
				}
				w.setAlarm(ref, time.Second)
				time.Sleep(10 * time.Second)
				synctest.Wait()
				// A handler that fails without touching its alarm runs again.
				if want := map[bool]int32{true: 2, false: 1}[fails && c.name == "nothing"]; runs.Load() != want {
					t.Errorf("%s, fails %v: ran %d times, want %d", c.name, fails, runs.Load(), want)
				}
				time.Sleep(time.Hour)
				w.wantNoAlarm(ref)
				if c.after && runs.Load() != 2 {
					t.Errorf("%s, fails %v: the new alarm did not run", c.name, fails)
				}
			})
		}
	}
}

func TestAlarmSetDuringASlowHandlerWaitsForItsEnd(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.onAlarm = func(life *Life, _ AlarmInfo, done func(error)) {
			w.note("begins")
			life.loop.After(time.Minute, loop.Timer, func() { w.note("ends"); done(nil) })
		}
		w.setAlarm(ref, time.Second)
		time.Sleep(10 * time.Second)
		w.setAlarm(ref, time.Second)
		time.Sleep(10 * time.Second)
		w.wantNotes("begins")
		time.Sleep(5 * time.Minute)
		w.wantNotes("ends", "begins", "ends")
		w.wantNoAlarm(ref)
	})
}

func TestFailingAlarmIsTriedSixTimesMore(t *testing.T) {
	fail := map[string]func(w *world, life *Life, done func(error)){
		"by a throw":  func(_ *world, _ *Life, done func(error)) { done(errBoom) },
		"by an abort": func(_ *world, life *Life, _ func(error)) { _ = life.Reset(errBoom) },
		"by a panic":  func(*world, *Life, func(error)) { panic("x") },
		"by a failed commit": func(w *world, life *Life, done func(error)) {
			put(life, "x")
			w.failCommit(life.Ref(), errBoom)
			done(nil)
		},
		"by commit of the end": func(w *world, life *Life, done func(error)) { done(nil); w.failCommit(life.Ref(), errBoom) },
	}
	for name, fail := range fail {
		alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
			var at []time.Time
			var counts []int
			w.onAlarm = func(life *Life, info AlarmInfo, done func(error)) {
				at, counts = append(at, time.Now()), append(counts, info.RetryCount)
				fail(w, life, done)
			}
			w.setAlarm(ref, time.Second)
			time.Sleep(time.Hour)
			synctest.Wait()
			if !slices.Equal(counts, []int{0, 1, 2, 3, 4, 5, 6}) {
				t.Fatalf("%s: ran with counts %v", name, counts)
			}
			for i := 1; i < len(at); i++ {
				least := alarmBackoff << (i - 1)
				if d := at[i].Sub(at[i-1]); d < least || d > least*5/4+alarmLag {
					t.Errorf("%s: retry %d came after %v", name, i, d)
				}
			}
			w.wantNoAlarm(ref)
		})
	}
}

func TestConstructorThatFailsCountsAsARetry(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		starts := 0
		w.onStart = func(*Life) error {
			if starts++; starts == 1 {
				return nil
			}
			return errBoom
		}
		w.setAlarm(ref, time.Minute)
		time.Sleep(time.Hour)
		synctest.Wait()
		if want := 1 + 1 + alarmTries; starts != want {
			t.Errorf("started %d times, want %d", starts, want)
		}
		w.wantNoAlarm(ref)
	})
}

func TestAlarmSetBetweenRetriesStartsAnew(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.onAlarm = func(_ *Life, info AlarmInfo, done func(error)) {
			w.note("retry %d", info.RetryCount)
			done(errBoom)
		}
		w.setAlarm(ref, time.Second)
		time.Sleep(6 * time.Second)
		w.wantNotes("retry 0", "retry 1")
		w.setAlarm(ref, 10*time.Second)
		time.Sleep(11 * time.Second)
		w.wantNotes("retry 0")
		if err := w.do(ref, func(life *Life) { w.must(life.SetAlarm(time.Time{}, false)) }); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		w.wantNotes()
		w.wantNoAlarm(ref)
	})
}

func TestAbortMaySkipTheRetry(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.onAlarm = func(life *Life, _ AlarmInfo, _ func(error)) {
			w.note("ran")
			life.SkipAlarmRetry()
			_ = life.Reset(engine.Error("x"))
		}
		w.setAlarm(ref, time.Second)
		time.Sleep(time.Hour)
		w.wantNotes("ran")
		w.wantNoAlarm(ref)
	})
}

func TestAlarmSetByAHandlerThatIsResetStands(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		runs := 0
		w.onAlarm = func(life *Life, info AlarmInfo, done func(error)) {
			if runs++; runs > 1 {
				w.note("again, retry %d", info.RetryCount)
				done(nil)
				return
			}
			w.must(life.SetAlarm(time.Now().Add(time.Second), true))
			life.loop.After(5*time.Second, loop.Timer, func() { _ = life.Reset(errBoom) })
		}
		w.setAlarm(ref, time.Second)
		time.Sleep(6*time.Second + 2*alarmLag)
		w.wantNotes("again, retry 0")
		w.wantNoAlarm(ref)
	})
}

func TestAlarmHandlerIsStoppedAfterFifteenMinutes(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.onAlarm = func(life *Life, info AlarmInfo, done func(error)) {
			w.note("retry %d", info.RetryCount)
			if info.RetryCount > 0 {
				done(nil)
				return
			}
			life.loop.After(time.Hour, loop.Timer, func() { t.Error("goes on"); done(nil) })
		}
		w.setAlarm(ref, time.Second)
		time.Sleep(alarmWallTime)
		w.wantNotes("retry 0")
		w.busy(ref, "other", time.Minute)
		time.Sleep(time.Minute)
		w.wantNotes("other begins", "other: Error: Alarm exceeded its allowed execution time", "retry 1")
		time.Sleep(time.Hour)
		w.wantNoAlarm(ref)
	})
}

func TestAlarmInterruptedByNewCodeRunsAgainUncounted(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.onAlarm = func(life *Life, info AlarmInfo, done func(error)) {
			w.note("retry %d", info.RetryCount)
			life.loop.After(2*time.Second, loop.Timer, func() { w.note("ended"); done(nil) })
		}
		w.setAlarm(ref, time.Second)
		time.Sleep(1500 * time.Millisecond)
		w.objects.SetHomes(w.homes(2))
		time.Sleep(time.Minute)
		w.wantNotes("retry 0", "retry 0", "ended")
		w.wantNoAlarm(ref)
	})
}

func TestFailedCommitLeavesTheAlarmAsItWas(t *testing.T) {
	for _, d := range []time.Duration{time.Minute, 2 * time.Hour, 0} {
		alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
			w.setAlarm(ref, time.Hour)
			w.failCommit(ref, errBoom)
			if err := w.do(ref, func(life *Life) { w.must(life.SetAlarm(time.Now().Add(d), d > 0)) }); err == nil {
				t.Error("no error")
			}
			time.Sleep(3 * time.Hour)
			w.wantNotes("alarm after 1h0m0s, retry 0")
			w.wantNoAlarm(ref)
		})
	}
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.failCommit(ref, errBoom)
		if err := w.do(ref, func(life *Life) { w.must(life.SetAlarm(time.Now().Add(time.Minute), true)) }); err == nil {
			t.Error("no error")
		}
		time.Sleep(time.Hour)
		w.wantNotes()
		w.wantNoAlarm(ref)
	})
}

func TestBrokenIndexKeepsAnAlarmFromBeingSetButNotFromEnding(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.setAlarm(ref, time.Minute)
		w.badIndex = errors.New("index is broken")
		if err := w.do(ref, func(life *Life) { w.must(life.SetAlarm(time.Now().Add(time.Second), true)) }); err == nil {
			t.Error("an alarm was set that the index cannot find")
		}
		if err := w.do(ref, func(life *Life) { w.must(life.SetAlarm(time.Now().Add(2*time.Minute), true)) }); err != nil {
			t.Errorf("committed, and answered %v", err)
		}
		time.Sleep(time.Hour)
		w.wantNotes("alarm after 2m0s, retry 0")
		if !w.stored(ref).alarm.IsZero() {
			t.Error("the alarm is left")
		}
	})
}

func TestFileIsTheTruthAboutAnAlarm(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		none, later := named("none"), named("later")
		w.mu.Lock()
		w.fileLocked(later.Key()).committed.alarm = time.Now().Add(time.Hour)
		w.index[later.Key()], w.index[none.Key()] = time.Now(), time.Now()
		w.mu.Unlock()
		w.objects.Schedule(none, time.Now().Add(-time.Hour))
		w.objects.Schedule(later, time.Now())
		time.Sleep(time.Minute)
		w.wantNotes()
		w.wantNoAlarm(none)
		time.Sleep(time.Hour)
		w.wantNotes("alarm after 1h0m0s, retry 0")
		w.wantNoAlarm(later)
	})
}

func TestOverdueAlarmsWaitForTheStart(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.onAlarm = func(life *Life, _ AlarmInfo, done func(error)) { w.note("%s", life.Ref().Name); done(nil) }
		for i, name := range []string{"c", "a", "b"} {
			at := time.Now().Add(time.Duration(-i) * time.Minute)
			w.mu.Lock()
			w.fileLocked(named(name).Key()).committed.alarm = at
			w.index[named(name).Key()] = at
			w.mu.Unlock()
			w.objects.Schedule(named(name), at)
		}
		time.Sleep(time.Hour)
		w.wantNotes()
		w.objects.StartAlarms()
		time.Sleep(time.Second)
		synctest.Wait()
		slices.Sort(w.notes)
		w.wantNotes("a", "b", "c")
	})
}

func TestFireAlarmRunsItEarly(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		type result struct {
			ran bool
			err error
		}
		fire := func() result {
			got := make(chan result, 1)
			w.objects.FireAlarm(ref, func(ran bool, err error) { got <- result{ran, err} })
			return <-got
		}
		if got := fire(); got.ran {
			t.Error("an alarm ran that was never set")
		}
		w.setAlarm(ref, time.Hour)
		if got := fire(); !got.ran || got.err != nil {
			t.Errorf("got %+v", got)
		}
		w.wantNotes("alarm after 0s, retry 0")
		w.wantNoAlarm(ref)
		w.onAlarm = func(_ *Life, _ AlarmInfo, done func(error)) { done(errBoom) }
		w.setAlarm(ref, time.Hour)
		if got := fire(); !got.ran || got.err != errBoom {
			t.Errorf("got %+v", got)
		}
		if at, ok := w.objects.NextAlarm(ref); !ok || at.Sub(time.Now()) > 3*time.Second {
			t.Errorf("retried at %v", at)
		}
	})
}

func TestAlarmOfARolledBackTransactionIsNotSet(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.onAlarm = func(life *Life, _ AlarmInfo, done func(error)) {
			s := life.store.(*store)
			before := s.now.clone()
			w.must(life.SetAlarm(time.Now().Add(time.Hour), true))
			s.now = before
			life.AlarmRolledBack()
			if _, ok, _ := life.Alarm(); ok {
				t.Error("an alarm is set")
			}
			w.note("ran")
			done(nil)
		}
		w.setAlarm(ref, time.Minute)
		_ = w.do(ref, func(life *Life) {
			end := life.Transaction()
			s := life.store.(*store)
			before := s.now.clone()
			w.must(life.SetAlarm(time.Now().Add(time.Second), true))
			s.now = before
			life.AlarmRolledBack()
			end()
		})
		time.Sleep(3 * time.Hour)
		w.wantNotes("ran")
		w.wantNoAlarm(ref)
	})
}

func TestAlarmThatEndsDuringATransactionIsNotPartOfIt(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.onAlarm = func(life *Life, _ AlarmInfo, done func(error)) {
			w.note("ran")
			section(life, func(end func()) {
				finish := life.Transaction()
				put(life, "x")
				life.loop.After(time.Second, loop.Timer, func() { finish(); end() })
			})
			done(nil)
		}
		w.setAlarm(ref, time.Second)
		time.Sleep(time.Hour)
		w.wantNotes("ran")
		w.wantNoAlarm(ref)
		if len(w.stored(ref).values) != 1 {
			t.Error("the transaction was lost")
		}
	})
}

func TestClosedServerCallsNoAlarms(t *testing.T) {
	alarmWorld(t, func(t *testing.T, w *world, ref object.Ref) {
		w.setAlarm(ref, time.Minute)
		w.objects.Close()
		time.Sleep(time.Hour)
		w.wantNotes()
		if _, ok := w.indexed(ref); !ok {
			t.Error("the alarm was lost")
		}
	})
}
