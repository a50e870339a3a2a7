package emulator_test

import (
	"fmt"
	"testing"

	"github.com/dodev/dodev/emulator"
)

func TestObjectsHaveTenGigabytesWhereDeployed(t *testing.T) {
	t.Parallel()
	for limits, want := range map[emulator.Limits]int64{emulator.Production: 10 << 30, emulator.Local: 0, emulator.Off: 0} {
		if got := (emulator.Options{Limits: limits}).ObjectSize(); got != want {
			t.Errorf("--limits %s: got %d, want %d", limits, got, want)
		}
	}
}

// TestAnObjectThatIsFullIsResetAndKeepsWhatItHad does what the real runtime does
// whose databases were made small by setMaxPageCountForTest.
func TestAnObjectThatIsFullIsResetAndKeepsWhatItHad(t *testing.T) {
	t.Parallel()
	p := serve(t, extract(t, read(t, "testdata/full.txtar")), func(o *emulator.Options) {
		o.Isolates = 1
		o.LimitObjects(20 * 4096)
	})
	const full = `{"error":"database or disk is full: SQLITE_FULL","durableObjectReset":true}`
	for n, action := range []string{"rows", "caught", "pairs", "transaction", "transactionSync"} {
		for _, step := range [][2]string{
			{"begin", `"done"`}, {action, full}, {"look", fmt.Sprintf("[%d,1,1]", 2*n+2)},
			{"room", `"done"`}, {"begin", `"done"`}, {"look", fmt.Sprintf("[%d,1,1]", 2*n+2)},
		} {
			p.want(request{path: "/" + action + "/" + step[0]}, 200, step[1])
		}
	}
	p.says("in transactionSync: Cannot commit transaction due to an earlier SQL critical error")
}
