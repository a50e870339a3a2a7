package live

import (
	"strings"
	"testing"

	"github.com/dodev/dodev/devserver/inspect"
)

func frameOf(text string) inspect.Event {
	return inspect.Event{Kind: inspect.FrameSeen, Frame: &inspect.Frame{Text: text}}
}

func TestARingKeepsTheLatestEventsAndNoMoreThanSoManyBytes(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name string
		text string
		add  int
		kept int
	}{
		{"all of a few", "x", 100, 100},
		{"as many as it has room for", "x", ringLength + 100, ringLength},
		{"as many as are not too large", large, 100, ringBytes >> 20},
		{"the latest, however large", strings.Repeat("x", 2*ringBytes), 3, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &Live{}
			start := l.ring.now()
			for range c.add {
				l.ring.add(frameOf(c.text))
			}
			kept := 0
			for _, e := range l.ring.slots {
				if e.Frame != nil {
					kept++
				}
			}
			if kept != c.kept {
				t.Errorf("%d events are kept, want %d", kept, c.kept)
			}
			s := &stream{l: l, follow: inspect.Follow{Topics: []inspect.Topic{inspect.Frames}}, over: make(chan struct{})}
			s.at, _ = l.ring.start(start)
			e, ok, _ := s.take()
			if missed := e.Kind == inspect.Missed; !ok || missed != (c.kept < c.add) {
				t.Errorf("who is late is told %v, %t", e.Kind, ok)
			}
		})
	}
}

func TestARingForgetsTheWeightOfWhatIsOverwritten(t *testing.T) {
	var r ring
	for range 3 * ringLength {
		r.add(frameOf("four"))
	}
	if want := 4 * ringLength; r.bytes != want {
		t.Errorf("%d bytes are counted, want %d", r.bytes, want)
	}
	for range ringLength {
		r.add(inspect.Event{Kind: inspect.Ping})
	}
	if r.bytes != 0 {
		t.Errorf("%d bytes are counted of none", r.bytes)
	}
}
