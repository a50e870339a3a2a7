package durable

import (
	"testing"
)

// TestWhatNeedsNoConfirmationLeavesBeforeItIsDurable sends in turns whose commits
// fail: what was sent leaves only where every write was to go unconfirmed.
func TestWhatNeedsNoConfirmationLeavesBeforeItIsDurable(t *testing.T) {
	write := func(unconfirmed bool, err error) func(*Life) {
		return func(life *Life) {
			life.Unconfirmed(unconfirmed)
			put(life, "x")
			life.Wrote(err)
			life.Unconfirmed(false)
		}
	}
	for name, c := range map[string]struct {
		writes []func(*Life)
		leaves bool
	}{
		"unconfirmed":          {[]func(*Life){write(true, nil), write(true, nil)}, true},
		"confirmed":            {[]func(*Life){write(false, nil)}, false},
		"confirmed afterwards": {[]func(*Life){write(true, nil), write(false, nil)}, false},
		"confirmed before":     {[]func(*Life){write(false, nil), write(true, nil)}, false},
		"failed":               {[]func(*Life){write(true, errBoom)}, false},
		"not noted":            {[]func(*Life){func(life *Life) { put(life, "x") }}, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				ref := named("a")
				if err := w.do(ref, func(life *Life) { write(true, nil)(life) }); err != nil {
					t.Fatal(err)
				}
				w.failCommit(ref, errBoom)
				err := w.do(ref, func(life *Life) {
					for _, write := range c.writes {
						write(life)
					}
					life.loop.Send(func() { w.note("sent") })
				})
				if (err == nil) != c.leaves {
					t.Errorf("the caller got %v", err)
				}
				if c.leaves {
					w.wantNotes("sent")
				} else {
					w.wantNotes()
				}
				if got := w.stored(ref).values; len(got) != 1 {
					t.Errorf("stored %q, want what was committed before", got)
				}
			})
		})
	}
}
