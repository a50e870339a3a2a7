package emulator_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// stormFolder names, for the process that is to be killed, the folder to keep
// its state in.
const stormFolder = "DODEV_TEST_STORM"

// stormObjects is how many objects the storm goes over.
const stormObjects = 3

// TestNoAnsweredIncrementIsLostToAKill kills a process that increments, in the
// middle of it, and looks at what the next one finds.
func TestNoAnsweredIncrementIsLostToAKill(t *testing.T) {
	if state := os.Getenv(stormFolder); state != "" {
		storm(t, state)
		return
	}
	t.Parallel()
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	if underRace {
		rounds = 1
	}
	dir, state := things(t), t.TempDir()
	for round := range rounds {
		answered := killInAStorm(t, state, 200+100*round)
		p := serve(t, dir, inFolder(state))
		for object, want := range answered {
			if got, err := strconv.Atoi(p.get("/" + object + "/count")); err != nil || got < want {
				t.Fatalf("round %d: object %s was told %d and is at %d (%v)", round, object, want, got, err)
			}
		}
		closed(t, p)
	}
}

// storm increments until the process is killed, and prints each answer.
func storm(t *testing.T, state string) {
	p := serve(t, things(t), inFolder(state))
	var print sync.Mutex
	var wg sync.WaitGroup
	for n := range 4 * stormObjects {
		wg.Go(func() {
			for {
				object := strconv.Itoa(n % stormObjects)
				_, count := p.ask(request{path: "/" + object + "/increment"})
				print.Lock()
				fmt.Printf("answered %s %s\n", object, count)
				print.Unlock()
			}
		})
	}
	wg.Wait()
}

// killInAStorm gives the highest answer for each object by the time that so
// many had come.
func killInAStorm(t *testing.T, state string, answers int) map[string]int {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=5m")
	// What the child does not get to remove goes with this test's own folder.
	left := t.TempDir()
	child.Env = append(os.Environ(), stormFolder+"="+state, "TMPDIR="+left, "TMP="+left)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	highest, n := map[string]int{}, 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[0] != "answered" {
			continue
		}
		if count, err := strconv.Atoi(fields[2]); err == nil {
			highest[fields[1]] = max(highest[fields[1]], count)
		}
		if n++; n == answers {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if n < answers {
		t.Fatalf("the storm ended after %d answers", n)
	}
	return highest
}
