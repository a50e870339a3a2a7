package loop

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTurnsAreNotedWhileSomebodyObserves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		turns := func(n int) {
			for range n {
				b.do(func() { b.Turn(o, nil, func() {}) })
			}
		}
		want := func(when string, want int) {
			t.Helper()
			got := 0
			b.Since(time.Time{}, func(p Past) {
				if p.Owner != Owner(o) {
					t.Errorf("a turn is of %v, want %v", p.Owner, o)
				}
				got++
			})
			if got != want {
				t.Errorf("%s %d turns are noted, want %d", when, got, want)
			}
		}
		turns(1)
		want("before anybody observes", 0)
		b.Observe()
		b.Observe()
		turns(2)
		b.Unobserve()
		want("while somebody does", 2)
		turns(2 * recentTurns)
		want("after many", recentTurns)
		time.Sleep(time.Second)
		late := time.Now()
		time.Sleep(time.Second)
		turns(3)
		n := 0
		b.Since(late, func(Past) { n++ })
		if n != 3 {
			t.Errorf("%d turns ended since, want 3", n)
		}
		b.Unobserve()
		want("after the last one left", 0)
	})
}

func TestTheTurnInWhichSomebodyBeginsToObserveIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		b.do(func() { b.Turn(b.owner("o"), nil, b.Observe) })
		n := 0
		b.Since(time.Time{}, func(Past) { n++ })
		if n != 1 {
			t.Errorf("%d turns are noted, want it", n)
		}
	})
}
