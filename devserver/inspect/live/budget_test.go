package live

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestABudgetGivesABurstAndThenSomeEachTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b budget
		b.init(3, 10)
		defer b.close()
		took := func() (n int) {
			for b.take() {
				n++
			}
			return n
		}
		if n := took(); n != 10 || b.left() {
			t.Errorf("took %d at once, want 10 and none left", n)
		}
		time.Sleep(tick + time.Millisecond)
		if n := took(); n != 3 {
			t.Errorf("took %d after a tick, want 3", n)
		}
		time.Sleep(time.Minute)
		if n := took(); n != 10 {
			t.Errorf("took %d after a while, want no more than 10", n)
		}
	})
}
