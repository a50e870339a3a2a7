package loop

import (
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/clock"
)

func TestTimersOfOneTurnCountFromTheSameMoment(t *testing.T) {
	c := clock.NewManual(time.Unix(1000, 0))
	l := &Loop{opts: Options{Clock: c}}
	first := l.timerBase()
	c.Advance(3 * time.Millisecond)
	if got := l.timerBase(); !got.Equal(first) {
		t.Errorf("a timer begun 3 ms later counts from %v, want %v", got, first)
	}
	c.Advance(timerSlack)
	if got := l.timerBase(); !got.Equal(c.Now()) {
		t.Errorf("after a long computation a timer counts from %v, want %v", got, c.Now())
	}
}
