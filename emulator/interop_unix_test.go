//go:build unix

package emulator_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/sqlite"
)

// interopFolder names, for the process that is to be killed, the folder to keep
// its state in.
const interopFolder = "DODEV_TEST_INTEROP"

var countLine = regexp.MustCompile(`(?m)^count: (\d+)\n`)

// withoutCount splits what /read answered into the count and the rest.
func withoutCount(t *testing.T, read string) (count int, rest string) {
	t.Helper()
	if m := countLine.FindStringSubmatch(read); m != nil {
		count, _ = strconv.Atoi(m[1])
	}
	return count, countLine.ReplaceAllString(read, "")
}

func TestWranglerAndDodevTakeTurnsOnOneFolder(t *testing.T) {
	if state := os.Getenv(interopFolder); state != "" {
		takeTurn(t, state)
		return
	}
	tool := findWrangler(t)
	dir, state := extract(t, read(t, filepath.Join("testdata", "interop.txtar"))), t.TempDir()

	first := tool.dev(t, dir, state)
	first.mustGet("/write?by=wrangler")
	for range 3 {
		first.mustGet("/increment")
	}
	written := first.mustGet("/read")
	cfg, b := build(t, dir, config.Options{})
	if _, err := open(t, cfg, b, inFolder(state)); !errors.Is(err, sqlite.ErrLocked) || !strings.Contains(err.Error(), "interop-") {
		t.Errorf("open beside wrangler dev: %v, want a refusal by name", err)
	}
	first.stop()

	found, left, answered := dodevsTurn(t, state, 50)
	if found != written {
		t.Errorf("dodev found %s\nwant %s", found, written)
	}

	second := tool.dev(t, dir, state)
	count, rest := withoutCount(t, second.mustGet("/read"))
	if _, want := withoutCount(t, left); rest != want {
		t.Errorf("wrangler dev found %s\nwant %s", rest, want)
	}
	if count < answered {
		t.Errorf("wrangler dev found the count %d, want %d", count, answered)
	}
	second.mustGet("/write?by=wrangler-again")
	written = second.mustGet("/read")
	second.stop()

	p := serveBuilt(t, cfg, b, inFolder(state))
	if got := p.get("/read"); got != written {
		t.Errorf("dodev found %s\nwant %s", got, written)
	}
	third := tool.dev(t, dir, state)
	if body, err := third.get("/read"); err == nil {
		t.Errorf("wrangler dev beside dodev answered %s", body)
	} else if text := err.Error() + third.printed(); !strings.Contains(text, "SQLITE_BUSY") && !strings.Contains(text, "locked") {
		t.Errorf("wrangler dev beside dodev: %s", text)
	}
	third.stop()
	if got := p.get("/read"); got != written {
		t.Errorf("after wrangler dev tried, dodev finds %s\nwant %s", got, written)
	}
}

// takeTurn is dodev's turn, in a process that is killed in the middle of it.
func takeTurn(t *testing.T, state string) {
	p := serve(t, extract(t, read(t, filepath.Join("testdata", "interop.txtar"))), inFolder(state))
	fmt.Printf("found %q\n", p.get("/read"))
	p.get("/write?by=dodev")
	fmt.Printf("left %q\n", p.get("/read"))
	for {
		fmt.Printf("answered %q\n", p.get("/increment"))
	}
}

// dodevsTurn has dodev go on in a folder, kills it after so many increments, and
// gives what it read at first, before the increments, and the last answer.
func dodevsTurn(t *testing.T, state string, increments int) (found, left string, answered int) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=1m")
	// What the child does not get to remove goes with this test's own folder.
	child.Env = append(os.Environ(), interopFolder+"="+state, "TMPDIR="+t.TempDir())
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		kind, quoted, _ := strings.Cut(lines.Text(), " ")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Errorf("dodev printed %s", lines.Text())
			continue
		}
		switch kind {
		case "found":
			found = text
		case "left":
			left = text
		case "answered":
			answered, _ = strconv.Atoi(text)
			if n++; n == increments {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	_ = child.Wait() // it was killed
	return found, left, answered
}
