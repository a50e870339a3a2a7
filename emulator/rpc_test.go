package emulator_test

import (
	"fmt"
	"testing"
	"time"
)

// TestCallsLeaveNothingBehind passes functions, targets, streams and results
// with stubs to and fro: not one reference is left when the requests are over.
func TestCallsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	calls := 10_000
	if testing.Short() || underRace {
		calls = 1000
	}
	b := bedNamed("rpc")
	for _, isolates := range []int{1, 3} {
		t.Run(fmt.Sprint(isolates), func(t *testing.T) {
			p := serveBedConfig(t, b, b.configs[0], isolates)
			p.get("/pass?calls=100")
			objects := p.Memory().Objects
			for range calls / 100 {
				p.get("/pass?calls=100")
			}
			late := time.Now().Add(patience)
			for p.References() > 0 && time.Now().Before(late) {
				time.Sleep(time.Millisecond)
			}
			if n := p.References(); n > 0 {
				t.Errorf("%d references are left", n)
			}
			if now := p.Memory().Objects; now > objects+objects/10+500 {
				t.Errorf("%d engine objects are alive, %d before", now, objects)
			}
		})
	}
}
