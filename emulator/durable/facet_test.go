package durable

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// part is the number of a facet, by its name.
func part(name string) int { return int(name[0]) }

// facetRef is the ref of a facet of an object.
func facetRef(ref object.Ref, name string) object.Ref {
	ref.Facet = part(name)
	return ref
}

// ask delivers an event to a facet of a running object, which becomes
// something if it is nothing yet.
func (w *world) ask(ref object.Ref, name string, fn func(life *Life, finish func())) <-chan error {
	w.t.Helper()
	answer := make(chan error, 2)
	w.onLoop(ref, func(o *Object) {
		f := o.Facet(name)
		if f.Begin() {
			f.Become(part(name), name)
		}
		f.Deliver(eventOf(answer, fn))
	})
	return answer
}

func eventOf(answer chan<- error, fn func(life *Life, finish func())) *Event {
	e := &Event{Name: "test"}
	e.Run = func(life *Life) {
		fn(life, func() {
			if life.Finish(e) {
				answer <- nil
			}
		})
	}
	e.Fail = func(err error) { answer <- err }
	return e
}

func atOnce(_ *Life, finish func()) { finish() }

func never(*Life, func()) {}

func wake(w *world, ref object.Ref) {
	w.t.Helper()
	if err := w.do(ref, func(*Life) {}); err != nil {
		w.t.Fatal(err)
	}
}

func TestFacetHasAStoreOfItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		_ = w.do(ref, func(life *Life) { put(life, "whole") })
		err := <-w.ask(ref, "p", func(life *Life, finish func()) {
			if life.Object().Part().Name() != "p" || life.Object().Part().Made() != "p" {
				t.Error("the instance does not know what it is")
			}
			put(life, "part")
			finish()
		})
		synctest.Wait()
		if got := w.stored(facetRef(ref, "p")).values; err != nil || !slices.Equal(got, []string{"part"}) {
			t.Errorf("the facet stored %q, %v", got, err)
		}
		if got := w.stored(ref).values; !slices.Equal(got, []string{"whole"}) {
			t.Errorf("the object stored %q", got)
		}
	})
}

func TestEventsWaitUntilItIsKnownWhatAFacetIs(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		first, second := make(chan error, 1), make(chan error, 1)
		w.onLoop(ref, func(o *Object) {
			f := o.Facet("p")
			if !f.Begin() || f.Begin() {
				t.Error("not exactly one begins")
			}
			f.Deliver(eventOf(first, func(_ *Life, finish func()) { w.note("first"); finish() }))
			f.Deliver(eventOf(second, func(_ *Life, finish func()) { w.note("second"); finish() }))
		})
		w.wantNotes()
		w.onLoop(ref, func(o *Object) { o.Facet("p").Become(part("p"), "p") })
		w.wantNotes("first", "second")
		if err := errors.Join(<-first, <-second); err != nil {
			t.Error(err)
		}
	})
}

func TestFacetThatCannotStartFailsUntilItIsAborted(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		before := make(chan error, 1)
		w.onLoop(ref, func(o *Object) {
			f := o.Facet("p")
			f.Begin()
			f.Deliver(eventOf(before, atOnce))
			f.Refuse(errBoom)
		})
		for i, err := range []error{<-before, <-w.ask(ref, "p", atOnce)} {
			var local *LocalError
			if !errors.Is(err, errBoom) || !errors.As(err, &local) {
				t.Errorf("event %d: %v, want the object's own %v", i, err, errBoom)
			}
		}
		w.onLoop(ref, func(o *Object) { o.AbortFacet("p", errBoom) })
		if err := <-w.ask(ref, "p", atOnce); err != nil {
			t.Errorf("after it was aborted: %v", err)
		}
	})
}

func TestAbortFailsWhatIsInFlightAndAllThatKnowTheFacet(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		var known *Facet
		w.onLoop(ref, func(o *Object) { known = o.Facet("p") })
		running := w.ask(ref, "p", func(life *Life, _ func()) {
			life.Transaction()
			put(life, "not committed")
		})
		synctest.Wait()
		late := make(chan error, 1)
		w.onLoop(ref, func(o *Object) {
			o.AbortFacet("p", errBoom)
			known.Deliver(eventOf(late, atOnce))
		})
		for i, err := range []error{<-running, <-late} {
			var reset *ResetError
			if !errors.Is(err, errBoom) || errors.As(err, &reset) {
				t.Errorf("event %d: %v, want %v and no reset", i, err, errBoom)
			}
		}
		if err := <-w.ask(ref, "p", atOnce); err != nil {
			t.Errorf("the next one of the name: %v", err)
		}
		if got := w.stored(facetRef(ref, "p")).values; len(got) > 0 {
			t.Errorf("%q was stored", got)
		}
	})
}

func TestFacetsOfAFacetAreAbortedWithIt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		inner := make(chan error, 1)
		outer := w.ask(ref, "p", func(life *Life, _ func()) {
			if d := life.Object().Depth(); d != 2 {
				t.Errorf("a facet of it is %d deep, want 2", d)
			}
			f := life.Object().Facet("q")
			f.Become(part("q"), "q")
			f.Deliver(eventOf(inner, never))
		})
		synctest.Wait()
		w.onLoop(ref, func(o *Object) { o.AbortFacet("p", errBoom) })
		if err := errors.Join(<-outer, <-inner); !errors.Is(err, errBoom) {
			t.Error(err)
		}
		if n := w.count(); n != 1 {
			t.Errorf("%d instances are left, want the object's", n)
		}
	})
}

func TestResetOfAnObjectEndsItsFacets(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		running := w.ask(ref, "p", never)
		_ = w.do(ref, func(life *Life) { _ = life.Reset(errBoom) })
		var reset *ResetError
		if err := <-running; !errors.As(err, &reset) || reset.Throw.Message != errBoom.Error() {
			t.Errorf("the facet's event failed with %v", err)
		}
		if n := w.count(); n != 0 {
			t.Errorf("%d instances are left", n)
		}
	})
}

func TestResetOfAFacetLeavesTheObject(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		var whole *Life
		_ = w.do(ref, func(life *Life) { whole = life })
		var reset *ResetError
		if err := <-w.ask(ref, "p", func(life *Life, _ func()) { _ = life.Reset(errBoom) }); !errors.As(err, &reset) {
			t.Errorf("the event failed with %v, want a reset", err)
		}
		if whole.Over() {
			t.Error("the object was reset")
		}
		if err := <-w.ask(ref, "p", atOnce); err != nil {
			t.Errorf("the next one of the name: %v", err)
		}
	})
}

func TestFacetThatSetsAnAlarmIsEnded(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		err := <-w.ask(ref, "p", func(life *Life, finish func()) {
			put(life, "with the alarm")
			if err := life.SetAlarm(time.Now().Add(time.Hour), true); err != nil {
				t.Error(err)
			}
			life.loop.Send(finish)
		})
		if !errors.Is(err, errFacetAlarm) {
			t.Errorf("got %v, want %v", err, errFacetAlarm)
		}
		if got := w.stored(facetRef(ref, "p")); len(got.values) > 0 || !got.alarm.IsZero() {
			t.Errorf("%v was stored", got)
		}
		err = <-w.ask(ref, "p", func(life *Life, finish func()) {
			_ = life.SetAlarm(time.Now(), true)
			life.AlarmRolledBack()
			life.loop.Send(finish)
		})
		if err != nil {
			t.Errorf("with the alarm taken back: %v", err)
		}
	})
}

func TestFacetOutlivesAnEvictionAndIsForgottenLater(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		if err := <-w.ask(ref, "p", atOnce); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		if n := w.count(); n != 0 {
			t.Errorf("%d instances are left after they were idle", n)
		}
		w.onLoop(ref, func(o *Object) {
			if o.Facet("p").Begin() {
				t.Error("what the facet is was forgotten")
			}
		})
		time.Sleep(2 * facetsRest)
		if n := w.records(); n != 0 {
			t.Errorf("%d objects are remembered", n)
		}
	})
}

func TestObjectMovesWhenItsFacetsHaveEnded(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		short := w.ask(ref, "p", func(life *Life, finish func()) { life.loop.After(500*time.Millisecond, loop.Timer, finish) })
		moved := w.objects.SetHomes(w.homes(2))
		if isDone(moved) {
			t.Error("moved while a facet was busy")
		}
		if err := <-short; err != nil || !isDone(moved) {
			t.Errorf("the facet's event: %v, moved: %v", err, isDone(moved))
		}
		wake(w, ref)
		long := w.ask(ref, "p", never)
		moved = w.objects.SetHomes(w.homes(2))
		time.Sleep(2 * time.Second)
		if err := <-long; err == nil || !isDone(moved) {
			t.Errorf("the facet's event: %v, moved: %v", err, isDone(moved))
		}
		if n := w.count(); n != 0 {
			t.Errorf("%d instances are left in the old homes", n)
		}
	})
}

func TestCloseEndsFacets(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		wake(w, ref)
		running := w.ask(ref, "p", never)
		w.objects.Close()
		if err := <-running; !errors.Is(err, ErrClosed) {
			t.Errorf("got %v, want %v", err, ErrClosed)
		}
	})
}

// chaos sends events to an object and facets of it, and ends them in all ways
// there are.
type chaos struct {
	w      *world
	ref    object.Ref
	random *rand.Rand

	mu   sync.Mutex
	sent []chan error // the answers to come
}

// event is one that takes no time, some time or for ever, or ends what it is
// delivered to; some send others to a facet of that.
func (c *chaos) event(deeper int) (send func() *Event) {
	kind, d := c.random.IntN(6), time.Duration(c.random.IntN(3000))*time.Millisecond
	name, inner := c.name(), func() *Event { return nil }
	if deeper > 0 && c.random.IntN(2) == 0 {
		inner = c.event(deeper - 1)
	}
	run := func(life *Life, finish func()) {
		put(life, "x")
		if e := inner(); e != nil {
			deliver(life.Object(), name, e)
		}
		switch kind {
		case 0:
			_ = life.Reset(errBoom)
		case 1, 2:
			life.loop.After(d, loop.Timer, finish)
		case 3:
			life.Transaction()
		default:
			finish()
		}
	}
	return func() *Event {
		answer := make(chan error, 2)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sent = append(c.sent, answer)
		return eventOf(answer, run)
	}
}

func (c *chaos) name() string { return []string{"p", "q"}[c.random.IntN(2)] }

// deliver sends an event to a facet. Its number tells the way to it.
func deliver(o *Object, name string, e *Event) {
	f := o.Facet(name)
	if f.Begin() {
		f.Become(100*o.ref.Facet+int(name[0]-'a'), name)
	}
	f.Deliver(e)
}

func (c *chaos) step() {
	w := c.w
	switch c.random.IntN(8) {
	case 0:
		w.objects.SetHomes(w.homes(2))
	case 1:
		_ = w.objects.Evict(c.ref)
	case 2:
		name := c.name()
		w.objects.with(c.ref, func(o *Object) { o.AbortFacet(name, errBoom) })
	case 3:
		time.Sleep(time.Duration(c.random.IntN(90)) * time.Second)
	case 4, 5:
		w.objects.Deliver(c.ref, c.event(0)())
	default:
		name, e := c.name(), c.event(2)
		w.objects.Deliver(c.ref, eventOf(make(chan error, 2), func(life *Life, finish func()) {
			deliver(life.Object(), name, e())
			finish()
		}))
	}
	if c.random.IntN(2) == 0 {
		synctest.Wait()
	}
}

// TestFacetsAnswerEverythingOnceWhateverHappens also has the world see to it
// that there are never two instances of one.
func TestFacetsAnswerEverythingOnceWhateverHappens(t *testing.T) {
	rounds := uint64(200)
	if testing.Short() {
		rounds = 40
	}
	for seed := range rounds {
		bubble(t, func(t *testing.T, w *world) {
			c := &chaos{w: w, ref: named("a"), random: rand.New(rand.NewPCG(seed, 1))}
			for range 60 {
				c.step()
			}
			w.objects.Close()
			synctest.Wait()
			for i, answer := range c.sent {
				if len(answer) != 1 {
					t.Errorf("seed %d: event %d has %d answers", seed, i, len(answer))
				}
			}
			if n := w.count(); n > 0 {
				t.Errorf("seed %d: %d instances are left", seed, n)
			}
		})
	}
}
