package tui

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

// Somebody who has never read the manual looks for their chat room.
func TestSomebodyNewDoesAllOfItInAMinute(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.await("lobby")
		began := time.Now()

		d.press("/") // it is written below: / filter
		d.write("lobby")
		d.press("enter", "enter")
		d.await("users:ann")

		d.press("3") // [3 Sockets 2]
		d.await("[3 Sockets 2]")
		d.await(`{ user: "ann" }`)
		d.press("down")
		d.await(`{ user: "bob" }`)

		d.press("1", "down")
		d.await("2026-11-23T12:04:52.103Z") // the value of "last"
		d.press("end", "i")
		d.await("Value of users:bob")
		d.press("ctrl+u")
		d.write(`{"name":"Robert"}`)
		d.press("enter")
		d.await("✓ changed users:bob")
		d.await(`{ name: "Robert" }`)

		d.press("a")
		d.await("✓ fired the alarm of ChatRoom/lobby")
		d.awaitNot("alarm in")
		if !d.acted(inspect.FireAlarm) {
			t.Errorf("no alarm was fired")
		}

		d.press("v")
		d.await("✓ evicted ChatRoom/lobby")
		d.await("◌ hibernated")
		d.fake.Step() // somebody says something
		d.await("● running")

		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAnEditInTheEditorKeepsTypes(t *testing.T) {
	driveWith(t, lively, 120, 36, withEditor(t, "12:04:33.001Z=>23:59:59.000Z"), func(d *driver) {
		d.press("/")
		d.write("lobby")
		d.press("enter", "enter", "end", "e")
		d.await("✓ changed users:bob")
		entry, err := d.fake.Entry(t.Context(), d.ref("lobby"), "users:bob")
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"$type":"Date","value":"2026-11-23T23:59:59.000Z"}`; !strings.Contains(compacted(entry.Value), want) {
			t.Errorf("stored %s, want it to have %s", entry.Value, want)
		}
		d.press("u")
		d.await("✓ taken back: changed users:bob")
		d.await("2026-11-23T12:04:33.001Z")
	})
}

func TestWhatIsNoJSONIsNotStoredAndNotLost(t *testing.T) {
	driveWith(t, lively, 120, 36, withEditor(t, `"name"=>name`), func(d *driver) {
		d.press("/")
		d.write("lobby")
		d.press("enter", "enter", "end", "e")
		d.await("That is no JSON")
		d.await("line 5, column 3")
		d.press("n")
		d.awaitNot("That is no JSON")
	})
}

func TestAnEditOfAValueThatChangedMeanwhileAsksFirst(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.press("/")
		d.write("lobby")
		d.press("enter", "enter", "end", "i", "ctrl+u")
		d.write("1")
		d.fake.Store(d.ref("lobby"), "fetch", "users:bob", "2")
		d.press("enter")
		d.await("has changed since it was shown")
		entry, err := d.fake.Entry(t.Context(), d.ref("lobby"), "users:bob")
		if err != nil || string(entry.Value) != "2" {
			t.Errorf("stored %s, %v; want 2", entry.Value, err)
		}
	})
}

func TestASlowServerNeverHoldsUpTheScreen(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.fake.Fail = func(ctx context.Context, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		}
		d.press("/")
		d.write("cellar")
		d.press("enter", "enter")
		d.await("reading …")
		d.press("4")
		d.await("No alarm is set")
		d.press("?")
		d.await("Get around")
		d.press("esc", "1")
		d.fake.Fail = nil
		time.Sleep(patience)
		d.await("no answer within 15 s")
	})
}

func TestAServerThatGoesAwayIsShownAndRejoined(t *testing.T) {
	var gone atomic.Bool
	adjust := func(o *Options) {
		connect := o.Connect
		o.Connect = func(ctx context.Context) (inspect.Inspector, func(), error) {
			if gone.Load() {
				return nil, nil, errors.New("nobody listens")
			}
			return connect(ctx)
		}
	}
	driveWith(t, lively, 120, 36, adjust, func(d *driver) {
		d.press("/")
		d.write("lobby")
		d.press("enter", "enter")
		d.await("users:ann")
		gone.Store(true)
		d.fake.Disconnect()
		d.await("✗ gone")
		d.await("users:ann") // what was there stays
		d.press("v")
		d.await("evict: the server has gone")
		d.fake.Put("ChatRoom", "lobby", func(o *inspect.Object) { o.Sockets = 7 })
		gone.Store(false)
		d.await("✓ the server is back")
		d.await("3 Sockets 7")
	})
}

func TestAKeyThatCannotActSaysWhy(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.press("v")
		d.await("evict: choose an object")
		d.press("down", "down", "h") // the attic, which failed
		d.await("hibernate: it is not running")
		if len(d.fake.Acted()) > 0 {
			t.Errorf("acted all the same: %v", d.fake.Acted())
		}
		d.press("?")
		d.await("not now: it is not running")
	})
}

func TestTextOfTheProjectCannotReachTheTerminal(t *testing.T) {
	fake := func(now func() time.Time) *inspecttest.Fake {
		f := lively(now)
		evil := f.Put("ChatRoom", "a\x1b]0;owned\x07\nb", func(o *inspect.Object) { o.State = inspect.Running })
		f.Store(evil, "fetch", "k\x1b[2J", `"v\u001b[31m\u202ered"`)
		f.Log(inspect.LogLine{Level: "log", Ref: evil, Text: "\x1b[2Jgone"})
		return f
	}
	drive(t, fake, 120, 36, func(d *driver) {
		d.press("down", "down", "enter")
		d.await("k␛[2J")
		d.press("6")
		d.await("␛[2Jgone")
	})
}

// ref is a room of the lively fake.
func (d *driver) ref(name string) inspect.Ref {
	s, err := d.fake.Snapshot(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	t, err := s.Resolve("ChatRoom/"+name, false)
	if err != nil {
		d.t.Fatal(err)
	}
	return t.Ref
}

func compacted(value []byte) string {
	return strings.NewReplacer(" ", "", "\n", "").Replace(string(value))
}
