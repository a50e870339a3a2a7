package tui

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

// chatter has things written to the lobby, and gives it.
func (d *driver) chatter() inspect.Ref {
	lobby := d.ref("lobby")
	d.fake.Store(lobby, "fetch", "topic", `"welcome"`)
	d.fake.Store(lobby, "fetch", "state", `{"$type":"Map","entries":[["topic","welcome"],["limit",60],["words",["one","two","three","four","five","six"]]]}`)
	d.fake.Change(lobby, inspect.Contrast{
		Tables: []inspect.TableDiff{{
			Table: "messages", Columns: []string{"id", "author", "body"}, Key: []int{0}, Changed: [][2]int{{0, 0}},
			Removed: []string{`[2,"Bob","hi Ann"]`, `[3,"Ann",null]`}, Added: []string{`[2,"Bob","hi all"]`, `[4,"Cat","hello"]`},
		}},
		Facets: []inspect.FacetDiff{{Facet: "draft", Contrast: inspect.Contrast{Keys: []inspect.Diff{{Key: "text", After: &inspect.Entry{Key: "text", Value: json.RawMessage(`"x"`)}}}}}},
	})
	d.fake.Store(lobby, "fetch", "topic", `"goodbye"`)
	return lobby
}

// keepSome keeps snapshots, and has things change between them.
func (d *driver) keepSome() {
	lobby := d.chatter()
	keep := func(s inspect.Saving) {
		if _, err := d.fake.Keep(d.t.Context(), s); err != nil {
			d.t.Fatal(err)
		}
		time.Sleep(time.Minute) // each second is drawn
	}
	keep(inspect.Saving{Name: "before-the-demo"})
	d.fake.Store(lobby, "fetch", "topic", `"later"`)
	d.fake.Store(lobby, "fetch", "users:cat", `{"name":"Cat"}`)
	d.fake.Remove(d.ref("attic"))
	d.fake.Put("ChatRoom", "garden", func(o *inspect.Object) { o.SizeBytes = 4096 })
	keep(inspect.Saving{Name: "lobby-full", Namespace: lobby.Namespace, ID: lobby.ID})
}

// value is what an object has under a key, "" for nothing.
func (d *driver) value(ref inspect.Ref, key string) string {
	e, _ := d.fake.Entry(d.t.Context(), ref, key)
	return e.Preview
}

func TestCommitsAreSteppedThroughAndShowWhatEachChanged(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		lobby := d.chatter()
		d.lobby()
		d.press("5")
		d.await("t commits")
		d.press("t")
		d.await("9 commits")
		d.await(`~ topic  "welcome" → "goodbye"`)
		d.await("what is stored now  ·  write")
		d.press("down")
		d.await(`~ id 2 · body "hi Ann" → "hi all"`)
		d.await(`- id 3 · author "Ann" · body NULL`)
		d.await(`+ id 4 · author "Cat" · body "hello"`)
		d.await("facet draft")
		d.press("down")
		d.await("~ state")
		d.await(`-   "limit" → 50`)
		d.await(`+   "limit" → 60`)
		d.press("down")
		d.await(`+ topic  "welcome"`)
		d.fake.Store(lobby, "alarm", "later", `1`)
		d.await("10 commits")
		d.await(`+ topic  "welcome"`) // whoever looks at an older one stays there
		d.press("home")
		d.await("+ later  1")
		d.press("t")
		d.await("traces")
	})
}

func TestAnObjectGoesBackToACommitAndForthAgain(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		lobby := d.chatter()
		d.lobby()
		d.press("5", "t")
		d.await("9 commits")
		d.press("r")
		d.await("restore: it is what is stored now")
		d.press("down", "r")
		d.await("Take ChatRoom/lobby back to ")
		d.await(`~ topic  "goodbye" → "welcome"`)
		d.press("n")
		if got := d.value(lobby, "topic"); got != "goodbye" {
			t.Errorf("without a yes topic became %s", got)
		}
		d.press("r", "y")
		d.await("u takes it back")
		d.await("10 commits")
		d.await("restore")
		if got := d.value(lobby, "topic"); got != "welcome" {
			t.Errorf("topic is %s, want welcome", got)
		}
		d.press("u")
		d.await("✓ taken back")
		if got := d.value(lobby, "topic"); got != "goodbye" {
			t.Errorf("topic is %s, want goodbye", got)
		}
		d.press("u")
		d.await("undo: nothing was restored here")

		d.press("home", "down", "down", "down", "r", "y") // to before that again
		d.await("12 commits")
		d.fake.Store(lobby, "alarm", "later", `1`)
		d.await("13 commits")
		d.press("u")
		d.await("Take ChatRoom/lobby back to before it was restored?")
		d.await("- later  1")
		d.press("y")
		d.await("✓ taken back")
		if got := d.value(lobby, "later"); got != "" {
			t.Errorf("what was written since is still there: %s", got)
		}
		d.press("y")
		d.await("copied the bookmark")
	})
}

func TestAForkIsOfNowOrOfACommit(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.chatter()
		d.lobby()
		d.press("f")
		d.await("Fork ChatRoom/lobby as")
		d.press("enter")
		d.await("✓ forked ChatRoom/lobby as ChatRoom/lobby-copy")
		if got := d.value(d.ref("lobby-copy"), "topic"); got != "goodbye" {
			t.Errorf("the copy's topic is %s, want goodbye", got)
		}
		d.press("5", "t", "down", "f")
		d.await("Fork ChatRoom/lobby as of")
		d.press("enter")
		d.await("ChatRoom/lobby-copy is there already")
		d.press("ctrl+u")
		d.write("before")
		d.press("enter")
		d.await("as ChatRoom/before")
		if got := d.value(d.ref("before"), "topic"); got != "welcome" {
			t.Errorf("the copy's topic is %s, want welcome", got)
		}
	})
}

// TestSteppingOnAsksForNothingMore: what a commit changed is asked of the one that
// the cursor rests on, and given up when it moves on.
func TestSteppingOnAsksForNothingMore(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.chatter()
		asked, left := 0, 0
		d.fake.Fail = func(ctx context.Context, what string) error {
			if !strings.HasPrefix(what, "between ") {
				return nil
			}
			if asked++; asked > 1 {
				return nil
			}
			<-ctx.Done() // a slow server
			left++
			return ctx.Err()
		}
		d.lobby()
		d.press("5", "t")
		d.await("reading what it changed")
		for range 4 {
			d.program.Send(keyPress("down"))
		}
		d.settle()
		d.await("+ users:bob")
		if asked != 2 || left != 1 {
			t.Errorf("asked %d times, of which %d were left, want 2 and 1", asked, left)
		}
	})
}

func TestWhatHasNoPastSaysSo(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.fake.Fail = func(_ context.Context, what string) error {
			if strings.HasPrefix(what, "history") {
				return errors.New("no history is kept of this object")
			}
			return nil
		}
		d.lobby()
		d.press("5", "t")
		d.await("no history is kept of this object")
		d.press("r")
		d.await("restore: there is no commit")
		d.press("esc", "esc", "home", "5", "t")
		d.await("choose an object: commits are those of one")
	})
}

func TestASnapshotIsKeptComparedPutBackAndDeleted(t *testing.T) {
	drive(t, lively, 130, 36, func(d *driver) {
		lobby := d.chatter()
		d.await("everything")
		d.press("S")
		d.await("Nothing was kept yet")
		d.press("s")
		d.await("Keep a snapshot of everything as")
		d.press("ctrl+u")
		d.write("before")
		d.press("enter")
		d.await("✓ kept everything as before: 15 objects")
		d.await("ChatRoom/lobby")
		d.fake.Store(lobby, "fetch", "topic", `"later"`)
		d.fake.Remove(d.ref("attic"))
		d.fake.Put("ChatRoom", "new", func(o *inspect.Object) { o.SizeBytes = 4096 })
		d.press("d")
		d.await(`~ topic  "goodbye" → "later"`)
		d.await("- ChatRoom/attic  removed since")
		d.await("+ ChatRoom/new  added since")

		d.press("enter")
		d.await("Restore what of before?")
		d.write("lobby")
		d.press("enter")
		d.await("Restore ChatRoom/lobby from before?")
		d.await("1 object overwritten.")
		d.press("y")
		d.await("✓ restored before: 1 object, of which 1 had changed")
		if got := d.value(lobby, "topic"); got != "goodbye" {
			t.Errorf("topic is %s, want goodbye", got)
		}
		d.await("removed since") // what differs is compared anew
		d.awaitNot("~ ChatRoom/lobby")

		d.press("enter", "enter")
		d.await("1 object removed, 1 object brought back.")
		d.press("y")
		d.await("1 removed")
		d.await("Nothing differs from what is stored now.")
		d.press("enter", "enter")
		d.await("✓ nothing to restore: all of it is as in before")

		d.press("s", "ctrl+u")
		d.write("before")
		d.press("enter")
		d.await("there is a snapshot of that name already")
		d.await("Keep a snapshot of everything as")
		d.press("esc", "x")
		d.await("Delete the snapshot before?")
		d.press("y")
		d.await("✓ deleted the snapshot before")
		d.await("Nothing was kept yet")
		d.press("esc")
		d.await("Objects")
	})
}

func TestASnapshotIsOfWhatTheCursorIsOn(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("s")
		d.await("Keep a snapshot of ChatRoom/lobby as")
		d.await("lobby-0101-0000")
		d.press("enter")
		d.await("✓ kept ChatRoom/lobby as lobby-0101-0000: 1 object")
		d.press("tab", "esc", "home", "down", "s")
		d.await("Keep a snapshot of ChatRoom as")
		d.press("enter")
		d.await("✓ kept ChatRoom as ChatRoom-0101-0000: 3 objects")
		d.press("S")
		d.await("1 of ChatRoom")
		d.press("1")
		d.await("Objects")
	})
}

func TestFilesAreSteppedThroughAndKeptWithoutAServer(t *testing.T) {
	offline := func(now func() time.Time) *inspecttest.Fake {
		f := lively(now)
		f.SetProject(func(p *inspect.Project) { p.Live, p.URL = false, "" })
		return f
	}
	drive(t, offline, 120, 36, func(d *driver) {
		d.press("5")
		d.await("to step through what was written")
		d.chatter()
		d.press("tab")
		d.lobby()
		d.press("5")
		d.await("9 commits")
		d.await(`"welcome" → "goodbye"`)
		d.press("t")
		d.await("traces: no server runs")
		d.press("down", "r", "y")
		d.await("u takes it back")
		d.await("10 commits")
		d.fake.SetProject(func(p *inspect.Project) { p.ReadOnly = "wrangler dev uses them" })
		time.Sleep(3 * time.Second)
		for key, why := range map[string]string{"u": "undo: ", "f": "fork: ", "s": "snapshot: "} {
			d.press(key)
			d.await(why + "wrangler dev uses them")
		}
		d.press("S")
		d.await("Nothing was kept yet")
	})
}

func TestNothingIsKeptOfAProjectInMemory(t *testing.T) {
	fake := func(now func() time.Time) *inspecttest.Fake {
		f := lively(now)
		f.SetProject(func(p *inspect.Project) { p.State = inspect.InMemory })
		return f
	}
	drive(t, fake, 120, 36, func(d *driver) {
		d.lobby()
		for key, what := range map[string]string{"f": "fork: ", "s": "snapshot: "} {
			d.press(key)
			d.await(what + "nothing is kept: the server runs with --in-memory")
		}
	})
}

func TestAStepOfATraceLeadsToWhatItWrote(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		for range 3 {
			d.fake.Step()
			time.Sleep(time.Second)
		}
		d.press("5", "d")
		d.await("what it wrote: open a trace")
		d.press("up", "enter", "down", "d")
		d.await("8 commits")
		d.await("~ count  1 → 2")
		d.press("esc")
		d.await("⇄ webSocketMessage")
	})
}
