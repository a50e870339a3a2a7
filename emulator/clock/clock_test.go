package clock

import (
	"slices"
	"testing"
	"time"
)

func TestAdvanceCallsWhatComesDueInOrderOfTime(t *testing.T) {
	start := time.Unix(1000, 0)
	m := NewManual(start)
	var got []time.Duration
	for _, d := range []time.Duration{3, 1, 2, 9} {
		m.AfterFunc(d*time.Second, func() { got = append(got, m.Now().Sub(start)) })
	}
	m.Advance(5 * time.Second)
	if want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second}; !slices.Equal(got, want) {
		t.Errorf("called at %v, want %v", got, want)
	}
	if now := m.Now(); !now.Equal(start.Add(5 * time.Second)) {
		t.Errorf("clock stands at %v", now)
	}
}

func TestStoppedCallDoesNotHappen(t *testing.T) {
	m := NewManual(time.Unix(0, 0))
	stop := m.AfterFunc(time.Second, func() { t.Error("called") })
	stop()
	stop()
	m.Advance(time.Hour)
}
