package durable

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/object"
)

func nobody(object.Ref) bool { return false }

func TestNothingRunsInAFreezeAndNothingIsLost(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		for _, name := range []string{"a", "b", "c"} {
			if err := w.do(named(name), func(*Life) {}); err != nil {
				t.Fatal(err)
			}
		}
		err := w.objects.Freeze(nobody, func() error {
			for _, name := range []string{"a", "b", "c", "new"} {
				w.send(named(name), func(_ *Life, finish func()) {
					w.note("%s", name)
					finish()
				})
			}
			time.Sleep(time.Second)
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.notes) > 0 {
				t.Errorf("%q ran in the freeze", w.notes)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.notes) != 4 {
			t.Errorf("%q ran afterwards, want all four", w.notes)
		}
	})
}

func TestObjectsWhoseDataIsReplacedInAFreezeBeginAnew(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		lives := map[string]*Life{}
		look := func(name string) *Life {
			var life *Life
			if err := w.do(named(name), func(l *Life) { life = l }); err != nil {
				t.Fatal(err)
			}
			return life
		}
		for _, name := range []string{"a", "b"} {
			lives[name] = look(name)
		}
		err := w.objects.Freeze(func(ref object.Ref) bool { return ref.Name == "a" }, func() error {
			if !lives["a"].Over() || lives["b"].Over() {
				t.Errorf("a has ended: %t, b has ended: %t; want a alone", lives["a"].Over(), lives["b"].Over())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if g, _ := w.objects.Glance(named("a").Key()); g.State != Stored {
			t.Errorf("a is %s, want %s: nothing failed", g.State, Stored)
		}
		if look("a") == lives["a"] || look("b") != lives["b"] {
			t.Error("a lives on, or b began anew")
		}
	})
}

func TestAFreezeGivesUpWhenATurnTakesTooLong(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.send(named("a"), func(_ *Life, finish func()) {
			time.Sleep(time.Minute)
			finish()
		})
		began := time.Now()
		err := w.objects.Freeze(nobody, func() error {
			t.Error("it was frozen")
			return nil
		})
		if took := time.Since(began); !errors.Is(err, ErrBusy) || took != frostTime {
			t.Errorf("got %v after %v, want %v after %v", err, took, ErrBusy, frostTime)
		}
		if err := w.do(named("b"), func(*Life) {}); err != nil {
			t.Errorf("afterwards b: %v", err)
		}
	})
}

func TestWhatGetsOtherCodeInAFreezeEndsWithItsSockets(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.echo()
		for _, name := range []string{"awake", "asleep", "gone", "other"} {
			w.connect(named(name), name)
		}
		time.Sleep(time.Minute) // all but one hibernate
		w.busy(named("awake"), "event", time.Hour)
		synctest.Wait()
		w.wantNotes("event begins")
		how := map[object.Key]Ending{named("awake").Key(): Updated, named("asleep").Key(): Updated, named("gone").Key(): Dropped}
		ended := false
		err := w.objects.Supersede(func(key object.Key) Ending { return how[key] }, func() error {
			ended = true
			return nil
		})
		if err != nil || !ended {
			t.Fatalf("%v, called: %t", err, ended)
		}
		synctest.Wait()
		w.mu.Lock()
		slices.Sort(w.notes)
		w.mu.Unlock()
		w.wantNotes("asleep closed 1012", "awake closed 1012", "event: Error: Durable Object reset because its code was updated.", "gone aborted")
		if got := w.objects.Tallies()[named("a").Namespace].Sockets; got != 1 {
			t.Errorf("%d sockets are left, want that of the other object", got)
		}
		if n := w.records(); n != 1 {
			t.Errorf("%d records are left, want that of the other object", n)
		}
	})
}
