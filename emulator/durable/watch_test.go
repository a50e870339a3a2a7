package durable

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// witnesses watches a world, and notes what it is told of events.
type witnesses struct{ w *world }

func (s witnesses) Wants(parent loop.Span, outside bool) bool { return parent != nil || outside }
func (s witnesses) Event(_ object.Ref, e *Event) Span         { return &witness{s.w, e.Name} }
func (s witnesses) Frame(Frame)                               {}

type witness struct {
	w    *world
	name string
}

func (s *witness) Resume()           { s.w.note("%s resumes", s.name) }
func (s *witness) Pause()            { s.w.note("%s pauses", s.name) }
func (s *witness) Began(*loop.Op)    {}
func (s *witness) Ended(*loop.Op)    {}
func (s *witness) Posted(*loop.Loop) { s.w.note("%s posted", s.name) }
func (s *witness) Admitted()         { s.w.note("%s admitted", s.name) }
func (s *witness) Committing(object.Ref) func(error) {
	return func(error) { s.w.note("%s committed", s.name) }
}
func (s *witness) End(err error) { s.w.note("%s ends: %v", s.name, err) }

func (s *witness) Starting() (loop.Span, func(error)) {
	return &witness{s.w, "constructor"}, func(err error) { s.w.note("constructor returns: %v", err) }
}

func (s *witness) Held(by Holder) {
	in := "nothing"
	if other, ok := by.Span.(*witness); ok {
		in = other.name
	}
	s.w.note("%s held by %s in %s", s.name, by.What, in)
}

// event delivers one with a name, that runs fn and ends.
func (w *world) event(ref object.Ref, name string, fn func(*Life)) {
	e := &Event{Name: name, Fail: func(error) {}}
	e.Run = func(life *Life) {
		fn(life)
		life.Finish(e)
	}
	w.objects.Deliver(ref, e)
}

func TestWhoWatchesIsToldOfAnEventFromItsSendingToItsEnd(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.objects.Watch(witnesses{w})
		w.event(named("a"), "first", func(life *Life) { put(life, "1") })
		w.wantNotes(
			"first posted", "constructor resumes", "constructor returns: <nil>", "constructor pauses",
			"first admitted", "first resumes", "first ends: <nil>", "first committed", "first pauses",
		)
		w.event(named("a"), "second", func(*Life) {})
		w.wantNotes("second posted", "second admitted", "second resumes", "second ends: <nil>", "second pauses")
	})
}

func TestWhoWatchesIsToldWhatKeepsAnEventOut(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.event(named("a"), "unwatched", func(*Life) {})
		synctest.Wait()
		w.objects.Watch(witnesses{w})
		w.event(named("a"), "first", func(life *Life) {
			section(life, func(end func()) { life.loop.After(time.Second, loop.Timer, end) })
		})
		w.wantNotes("first posted", "first admitted", "first resumes", "first ends: <nil>", "first pauses", "first resumes", "first pauses")
		w.event(named("a"), "second", func(*Life) {})
		w.wantNotes("second posted", "second held by blockConcurrencyWhile in first")
		time.Sleep(time.Second)
		w.wantNotes("first resumes", "first pauses", "second admitted", "second resumes", "second ends: <nil>", "second pauses")
	})
}

func TestWhoWatchesChoosesWhatToBeToldOf(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.objects.Watch(witnesses{w})
		e := &Event{Name: "inside", Inside: true, Fail: func(error) {}}
		e.Run = func(life *Life) { life.Finish(e) }
		w.objects.Deliver(named("a"), e)
		w.wantNotes()
	})
}
