package tui

import (
	"fmt"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

// lobby goes to the chat room.
func (d *driver) lobby() {
	d.press("/")
	d.write("lobby")
	d.press("enter", "enter")
	d.await("ChatRoom/lobby ")
}

func TestAStatementIsTypedCompletedAndRecalled(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("2")
		d.await("messages")
		d.press("i")
		d.write("sel")
		d.press("tab")
		d.write(" * from mes")
		d.press("tab", "enter")
		d.await("hi Ann")
		d.await("3 rows")
		d.await("NULL")
		d.write("SELECT nothing")
		d.press("enter")
		d.await("syntax error")
		d.press("up", "up")
		d.await("SELECT * from messages")
		d.press("enter")
		d.await("3 rows")
		d.press("esc", "d")
		d.await("CREATE TABLE messages")
	})
}

func TestATraceIsOpenedAndReplayed(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.fake.Step()
		d.lobby()
		d.press("5")
		d.await("⇄ webSocketMessage")
		d.press("enter")
		d.await("RateLimiter/user:0")
		d.await("queued 0.9 ms")
		d.await("log message 1")
		d.await("oom.ts:58:7")
		d.press("r")
		d.await("✓ replayed webSocketMessage as 7d21-again")
		d.await("trace 7d21-again")
		d.press("esc")
		d.await("2 traces")
	})
}

func TestALineLeadsToItsTraceAndATraceToItsLines(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		for range 3 {
			d.fake.Step()
		}
		d.press("6")
		d.await("message 3")
		d.press("up", "enter")
		d.await("trace 7d22")
		d.await("▌  log message 2")
		d.awaitNot("log message 3")
		d.press("l")
		d.await("[6 Logs]")
		d.await("trace 7d22  1 line")
		d.awaitNot("message 3")
		d.press("esc")
		d.await("[5 Timeline]")
		d.await("log message 2")
		d.press("esc")
		d.await("[6 Logs]")
		d.await("message 3")
		d.fake.Log(inspect.LogLine{Kind: "console", Level: "log", Text: "from nowhere"})
		d.press("G")
		d.await("from nowhere")
		d.press("enter")
		d.await("trace: the line was printed in nothing that was recorded")
	})
}

func TestOnlyTracesThatSomethingWentWrongInAreShown(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.fake.Step()
		d.fake.AddTrace(inspect.Trace{ID: "bad1", At: d.fake.Now(), Name: "GET /caught", Kind: inspect.FetchSpan, Status: 200, Took: time.Millisecond, Errors: 2, Skipped: 1234})
		d.press("5")
		d.await("⇄ webSocketMessage")
		d.await("GET /caught  ✗ 2 errors")
		d.await("1234 left out")
		d.press("e")
		d.await("only errors")
		d.awaitNot("⇄ webSocketMessage")
		d.press("e")
		d.await("⇄ webSocketMessage")
	})
}

func TestLogsAreSiftedAndHeld(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		for range 8 {
			d.fake.Step()
		}
		d.press("6")
		d.await("message 8")
		d.press("L", "L", "L") // warn and worse
		d.awaitNot("message 1 ")
		d.await("4 lines")
		d.press("L", "L", "/")
		d.write("joined")
		d.await("1 line")
		d.press("enter", "esc", "space")
		d.fake.Step()
		d.await("paused, 1 new line")
		d.awaitNot("message 9")
		d.press("space")
		d.await("message 9")
	})
}

func TestKeysWithAPrefixOpenAndClose(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("t")
		d.await("▸ users:")
		d.await("2 keys")
		d.press("end", "enter")
		d.await("users:ann")
		d.awaitNot("▸")
		d.press("left")
		d.await("▸ users:")
		d.press("t", "/")
		d.write("bob")
		d.await("users:bob")
		d.awaitNot("users:ann")
		d.press("esc")
		d.await("users:ann")
	})
}

func TestAKeyIsAddedDeletedAndTakenBack(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("n")
		d.write("motd")
		d.press("enter")
		d.write("not json")
		d.press("enter")
		d.await("column 2")
		d.press("ctrl+u")
		d.write(`"hello"`)
		d.press("enter")
		d.await("✓ added motd")
		d.await(`"hello"`)
		d.press("x")
		d.await("Delete motd?")
		d.press("y")
		d.await("✓ deleted motd")
		d.awaitNot(`"hello"`)
		d.press("u")
		d.await("✓ taken back: deleted motd")
		d.await(`"hello"`)
	})
}

func TestAChangeFlashesAndShowsWhatItWas(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("end")
		d.fake.Store(d.ref("lobby"), "webSocketMessage", "users:bob", `{"name":"Rob","joined":1}`)
		d.await("changed just now by webSocketMessage")
		d.await(`was { name: "Bob"`)
		d.press("up")
		if d.under("users:bob").Bg == nil {
			t.Errorf("a value that has just changed is not lit")
		}
		time.Sleep(2 * flashes)
		if d.under("users:bob").Bg != nil {
			t.Errorf("a value that changed a while ago is still lit")
		}
		d.press("down", "d")
		d.await(`-   name: "Bob"`)
		d.await(`+   name: "Rob"`)
	})
}

func TestAnAlarmIsMovedAndDeleted(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.press("4")
		d.await("ChatRoom/lobby")
		d.press("m", "ctrl+u")
		d.write("90s")
		d.press("enter")
		d.await("✓ alarm of ChatRoom/lobby in 1 m 30 s")
		d.await("in 1 m 2")
		d.press("m", "ctrl+u")
		d.write("whenever")
		d.press("enter")
		d.await(`✗ "whenever" is no time`)
		d.press("esc", "x")
		d.await("Delete the alarm of ChatRoom/lobby?")
		d.await("It is due in 1 m 2")
		d.press("n")
		d.await("in 1 m 2")
		d.press("x", "y")
		d.await("No alarm is set")
	})
}

func TestAnObjectIsDeletedAfterAQuestion(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.press("down", "down", "D")
		d.await("Delete ChatRoom/attic?")
		d.press("n")
		d.await("✗ attic")
		d.press("D", "y")
		d.await("✓ deleted ChatRoom/attic")
		d.awaitNot("✗ attic")
	})
}

func TestWhatOthersWouldNoticeIsAskedFirst(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.press("/")
		d.write("lobby")
		d.press("enter", "b")
		d.await("Abort ChatRoom/lobby?")
		d.await("2 sockets will be closed.")
		d.await("What it is doing fails")
		d.press("esc")
		d.awaitNot("Abort ChatRoom/lobby?")
		if d.acted(inspect.Abort) {
			t.Error("it was aborted all the same")
		}
		d.press("R")
		d.await("Restart ChatRoom/lobby?")
		d.press("y")
		d.await("✓ restarted ChatRoom/lobby")
		d.fake.Put("ChatRoom", "lobby", func(o *inspect.Object) { o.State, o.Sockets = inspect.Idle, 0 })
		d.settle()
		d.press("b") // nobody notices
		d.await("✓ aborted ChatRoom/lobby")
	})
}

func TestPrefixesWithinPrefixesEndWithTheSame(t *testing.T) {
	fake := func(now func() time.Time) *inspecttest.Fake {
		f := lively(now)
		ref := f.Put("ChatRoom", "keys", func(o *inspect.Object) { o.State = inspect.Stored })
		for _, key := range []string{"a:b:c", "a:b:d", "a:e", "x/y", "x/z"} {
			f.Store(ref, "fetch", key, "1")
		}
		return f
	}
	driveWith(t, fake, 120, 36, func(o *Options) { o.Target = "ChatRoom/keys" }, func(d *driver) {
		d.await("a:b:c")
		d.press("t")
		d.await("▸ a: ")
		d.press("home", "enter")
		d.await("▸ b: ")
		d.press("enter")
		d.await("a:b:d")
		d.press("left", "left")
		d.await("▸ a: ")
		d.await("x/z")
	})
}

func TestThePaletteGoesAnywhereAndDoesAnything(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.press(":")
		d.write("user11")
		d.press("enter")
		d.await("RateLimiter/user:11")
		d.await("count")
		d.press(":")
		d.write("logs")
		d.press("enter")
		d.await("[6 Logs]")
	})
}

func TestTheMouseChoosesOpensAndScrolls(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.click("lobby")
		d.await("─ ChatRoom/lobby ")
		d.click("3 Sockets")
		d.await("[3 Sockets 2]")
		d.click("bob")
		d.await("userId=bob")
		d.click("STORED")
		d.await("by size")
		d.click("evict")
		d.await("✓ evicted ChatRoom/lobby")
		x, y := d.find("everything")
		d.program.Send(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
		d.settle()
	})
}

func TestWithoutAServerFilesAreShownAndActionsSayWhy(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.fake.SetProject(func(p *inspect.Project) { p.Live = false })
		d.fake.Disconnect()
		d.await("files, no server runs")
		d.press("down", "down", "down", "v")
		d.await("evict: no server runs")
		d.press("enter")
		d.await("users:ann")
		d.press("5")
		d.await("5 commits") // what was written to it can be seen all the same
		d.press("t")
		d.await("nothing happens that could be traced")
		d.fake.SetProject(func(p *inspect.Project) { p.Live = true })
		d.await("127.0.0.1:8787")
	})
}

func TestWhatAnotherProcessWritesIsShownAndLit(t *testing.T) {
	fake := func(now func() time.Time) *inspecttest.Fake {
		f := lively(now)
		f.SetProject(func(p *inspect.Project) { p.Live, p.ReadOnly = false, "wrangler dev or another process uses the files" })
		return f
	}
	driveWith(t, fake, 120, 36, func(o *Options) { o.Target = "ChatRoom/lobby" }, func(d *driver) {
		d.await("read only: wrangler dev or another process uses the files")
		d.await("users:bob")
		d.press("end", "i")
		d.await("edit here: wrangler dev or another process uses the files")
		d.fake.Store(d.ref("lobby"), "fetch", "users:bob", `{"name":"Rob"}`)
		d.await(`{ name: "Rob" }`)
		d.await("by another process")
		d.await(`was { name: "Bob"`)
		d.press("up")
		if d.under("users:bob").Bg == nil {
			t.Errorf("the value that has just changed is not lit")
		}
		d.fake.SetProject(func(p *inspect.Project) { p.Live, p.ReadOnly = true, "" })
		d.await("✓ a server runs now")
	})
}

func TestATargetOnTheCommandLineIsOpened(t *testing.T) {
	driveWith(t, lively, 120, 36, func(o *Options) { o.Target = "ROOMS/lobby" }, func(d *driver) {
		d.await("users:ann")
		d.await("─ ChatRoom/lobby ")
	})
	driveWith(t, lively, 120, 36, func(o *Options) { o.Target = "ChatRoom/loby" }, func(d *driver) {
		d.await("Near: ChatRoom/lobby")
	})
}

func TestEveryKeyHasItsHelpAndIsUsedOnceInAPlace(t *testing.T) {
	taken := map[place]map[string]string{}
	for _, s := range sections() {
		for _, b := range s.bindings {
			if b.name == "" || b.help == "" || len(b.keys) == 0 || b.do == nil {
				t.Errorf("%+v lacks something", b)
			}
			for p := inTree; p <= inMigrations; p <<= 1 {
				for _, k := range b.keys {
					if b.in&p == 0 {
						continue
					}
					if taken[p] == nil {
						taken[p] = map[string]string{}
					}
					if other := taken[p][k]; other != "" {
						t.Errorf("%q is both %q and %q", k, other, b.name)
					}
					taken[p][k] = b.name
				}
			}
		}
	}
}

func TestMomentsAreReadAsPeopleWriteThem(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"90s":                  now.Add(90 * time.Second),
		"+5m":                  now.Add(5 * time.Minute),
		"in 1h 30m":            now.Add(90 * time.Minute),
		"15:04":                time.Date(2026, 11, 25, 15, 4, 0, 0, time.UTC),
		"11:59":                time.Date(2026, 11, 26, 11, 59, 0, 0, time.UTC),
		"2027-01-02 03:04:05":  time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC),
		"2027-01-02T03:04:05Z": time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC),
	} {
		if got, err := moment(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestAListShowsItsCursor(t *testing.T) {
	var l list
	for _, key := range []string{"end", "pgup", "up", "home", "pgdown", "down", "G", "ctrl+u"} {
		l.press(key, 100)
		from, to := l.window(100, 10)
		if to-from != 10 || l.cursor < from || l.cursor >= to {
			t.Errorf("after %s rows %d to %d are in sight, the cursor is at %d", key, from, to, l.cursor)
		}
	}
	if from, to := l.window(3, 10); from != 0 || to != 3 || l.cursor > 2 {
		t.Errorf("of 3 rows %d to %d are in sight, the cursor is at %d", from, to, l.cursor)
	}
}

func TestADifferenceHasWhatWentAndWhatCame(t *testing.T) {
	got := difference(styles{}, []string{"a", "b", "c"}, []string{"a", "x", "c", "d"})
	if want := []string{"  a", "- b", "+ x", "  c", "+ d"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesThatAreHeldStayAndAreNotWithoutEnd(t *testing.T) {
	var p logs
	p.Add(inspect.LogLine{Text: "first", Level: "log"})
	p.Pause()
	for range 5 * linesKept {
		p.Add(inspect.LogLine{Text: "later", Level: "log"})
	}
	if l, ok := p.Selected(); !ok || l.Text != "first" || len(p.shown) != 1 {
		t.Errorf("shows %d lines, at the cursor %q; want the first one alone", len(p.shown), l.Text)
	}
	if len(p.all) > 4*linesKept || p.missed != 5*linesKept {
		t.Errorf("keeps %d lines and has counted %d", len(p.all), p.missed)
	}
	p.Pause()
	if len(p.shown) != linesKept {
		t.Errorf("shows %d lines afterwards, want %d", len(p.shown), linesKept)
	}
}

func TestTheCursorStaysOnItsTraceWhenOldOnesGo(t *testing.T) {
	var p timeline
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	put := func(i int) { p.Put(inspect.Trace{ID: fmt.Sprint(i), At: at.Add(time.Duration(i) * time.Second)}) }
	for i := range tracesKept {
		put(i)
	}
	p.Press("up")
	for i := range tracesKept / 2 {
		put(tracesKept + i)
	}
	if got, want := p.all[p.shown[p.cursor]].ID, fmt.Sprint(tracesKept-2); got != want {
		t.Errorf("the cursor is on trace %s, want %s", got, want)
	}
}
