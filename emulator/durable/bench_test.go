package durable

import (
	"sync"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// emptyStore is a database without anything.
type emptyStore struct{}

func (emptyStore) Dirty() bool                     { return false }
func (emptyStore) Commit() error                   { return nil }
func (emptyStore) Rollback() error                 { return nil }
func (emptyStore) Alarm() (time.Time, bool, error) { return time.Time{}, false, nil }
func (emptyStore) SetAlarm(time.Time, bool) error  { return nil }
func (emptyStore) Release()                        {}

// emptyHome has instances that do nothing.
type emptyHome struct{ loop *loop.Loop }

func (h *emptyHome) KeepsAlive(loop.Kind) bool                            { return true }
func (h *emptyHome) Loop() *loop.Loop                                     { return h.loop }
func (h *emptyHome) Start(*Life) error                                    { return nil }
func (h *emptyHome) Drop(*Life)                                           {}
func (h *emptyHome) Alarm(*Life, AlarmInfo, func(error))                  {}
func (h *emptyHome) SocketEvent(*Life, *Socket, SocketEvent, func(error)) {}

// BenchmarkEvent is an event from its delivery to its answer, which touches the
// store and is sent through the output gate: many at once, and one at a time,
// which adds two changes of goroutine.
func BenchmarkEvent(b *testing.B) {
	l := loop.New(fakeVM{}, loop.Options{TurnLimit: 30 * time.Second})
	m := New(Options{OpenStore: func(object.Ref) Store { return emptyStore{} }})
	m.SetHomes([]Home{&emptyHome{l}})
	b.Cleanup(func() {
		m.Close()
		l.Close()
	})
	ref := named("a")
	deliver := func(answered func()) {
		e := &Event{Fail: func(err error) { b.Error(err) }}
		e.Run = func(life *Life) {
			l.Touch(life)
			l.Send(func() {
				life.Finish(e)
				answered()
			})
		}
		m.Deliver(ref, e)
	}
	b.Run("many", func(b *testing.B) {
		b.ReportAllocs()
		var wait sync.WaitGroup
		wait.Add(b.N)
		for range b.N {
			deliver(wait.Done)
		}
		wait.Wait()
	})
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		done := make(chan struct{})
		for range b.N {
			deliver(func() { done <- struct{}{} })
			<-done
		}
	})
}
