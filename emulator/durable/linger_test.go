package durable

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/loop"
)

// outward keeps an instance only for what leads to the outside, as before
// durable_object_io_tasks_prevent_eviction.
func outward(kind loop.Kind) bool { return kind == loop.Fetch || kind == loop.Connection }

// TestWhatIsPendingKeepsAnInstanceForAQuarterOfAnHour leaves an instance without
// events, waiting for something.
func TestWhatIsPendingKeepsAnInstanceForAQuarterOfAnHour(t *testing.T) {
	const always = 24 * time.Hour
	for name, c := range map[string]struct {
		begin func(*Life)
		keeps func(loop.Kind) bool
		stays time.Duration // at least, and 70 s longer at most
	}{
		"a timer":               {begin: op(loop.Timer), stays: 15 * time.Minute},
		"a call":                {begin: op(loop.Call), stays: 15 * time.Minute},
		"waitUntil":             {begin: op(loop.Other), stays: 15 * time.Minute},
		"a fetch":               {begin: op(loop.Fetch), stays: 15 * time.Minute},
		"a connection":          {begin: op(loop.Connection), stays: 15 * time.Minute},
		"a client's socket":     {begin: op(loop.Socket), stays: always},
		"a body":                {begin: op(loop.Body), stays: always},
		"a reference":           {begin: func(life *Life) { life.Hold() }, stays: always},
		"a timer, before":       {begin: op(loop.Timer), keeps: outward, stays: time.Minute},
		"a call, before":        {begin: op(loop.Call), keeps: outward, stays: time.Minute},
		"waitUntil, before":     {begin: op(loop.Other), keeps: outward, stays: time.Minute},
		"a fetch, before":       {begin: op(loop.Fetch), keeps: outward, stays: 15 * time.Minute},
		"a connection, before":  {begin: op(loop.Connection), keeps: outward, stays: 15 * time.Minute},
		"a client, before":      {begin: op(loop.Socket), keeps: outward, stays: always},
		"one that begins later": {begin: anotherAfter(10 * time.Minute), stays: 25 * time.Minute},
		"an interval":           {begin: every(time.Second), stays: always},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.keeps = c.keeps
				if err := w.do(named("a"), c.begin); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.stays)
				synctest.Wait()
				if w.count() != 1 {
					t.Fatal("it has gone too early")
				}
				if c.stays == always {
					return
				}
				time.Sleep(80 * time.Second)
				synctest.Wait()
				if w.count() != 0 {
					t.Error("it is still there")
				}
			})
		})
	}
}

func op(kind loop.Kind) func(*Life) {
	return func(life *Life) { life.loop.Begin(kind) }
}

// anotherAfter has a second operation begin some time after the first.
func anotherAfter(d time.Duration) func(*Life) {
	return func(life *Life) {
		life.loop.Begin(loop.Call)
		life.loop.After(d, loop.Timer, func() { life.loop.Begin(loop.Call) })
	}
}

// every is a timer that is set again each time.
func every(d time.Duration) func(*Life) {
	var tick func(*Life)
	tick = func(life *Life) { life.loop.After(d, loop.Timer, func() { tick(life) }) }
	return tick
}

func TestEventsKeepAnInstanceThatCannotHibernate(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.keeps = outward
		ref := named("a")
		for n := range 20 {
			if err := w.do(ref, op(loop.Timer)); err != nil {
				t.Fatal(err)
			}
			if time.Sleep(time.Minute); n > 0 && w.count() != 1 {
				t.Fatal("it has gone between two events")
			}
		}
		w.busy(ref, "busy", time.Hour)
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		if w.count() != 1 {
			t.Error("it has gone with an event in flight")
		}
		time.Sleep(35 * time.Minute)
		synctest.Wait()
		w.wantNotes("busy begins", "busy ends")
		if w.count() != 0 {
			t.Error("it is still there")
		}
	})
}
