package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

func TestALongStringIsShownToItsEnd(t *testing.T) {
	fake := func(now func() time.Time) *inspecttest.Fake {
		f := lively(now)
		ref := f.Put("ChatRoom", "long", func(o *inspect.Object) { o.State = inspect.Stored })
		f.Store(ref, "fetch", "text", `{"a":"`+strings.Repeat("word ", 60)+`the end","b":1}`)
		return f
	}
	driveWith(t, fake, 120, 36, func(o *Options) { o.Target = "ChatRoom/long" }, func(d *driver) {
		d.await(`the end"`)
		d.await("b: 1")
	})
}

func TestOfALongTextTheBeginningIsLookedAt(t *testing.T) {
	text := strings.Repeat("世", 1_000_000)
	got := plain(text)
	if len(got) > glance+10 || !strings.HasPrefix(got, "世世") || !strings.HasSuffix(got, "世…") {
		t.Errorf("%d bytes of %d, %.10q to %q", len(got), len(text), got, got[len(got)-9:])
	}
	if got := quoted(text); len(got) < len(text) {
		t.Errorf("of a value %d bytes are shown, want all %d", len(got), len(text))
	}
}

func TestALongTextIsTypedIntoAtOnce(t *testing.T) {
	text := strings.Repeat("世x", 200_000)
	f := newField(text)
	for _, key := range []string{"left", "home", "right", "end", "ctrl+a", "y"} {
		f.press(keyPress(key))
		for range 20 {
			if w := wide(f.render(60)); w != 60 {
				t.Fatalf("after %s it is %d wide", key, w)
			}
		}
	}
	if f.text() != "y"+text {
		t.Errorf("the text is another one")
	}
}

func TestTextIsAsWideAsAskedFor(t *testing.T) {
	for _, text := range []string{"", "a", "wide 世界 text", "\x1b[1mbold\x1b[m text that is long"} {
		for width := range 20 {
			for _, got := range []string{fit(text, width), fitRight(text, width), ends(text, "note", width)} {
				if w := wide(got); w != width {
					t.Errorf("%q made %d wide is %d", text, width, w)
				}
			}
		}
	}
}
