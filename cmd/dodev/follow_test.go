package main

import (
	"os"
	"os/exec"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

type followerKey struct{}

// A follower is a dodev that prints what happens until it is interrupted.
type follower struct {
	cmd           *exec.Cmd
	stdout, notes output
	ended         chan struct{}
}

// await waits until an output matches.
func (f *follower) await(ts *testscript.TestScript, o *output, re *regexp.Regexp) {
	late := time.After(patience)
	for ended := false; ; {
		text, more := o.read()
		if re.MatchString(text) {
			return
		}
		notes, _ := f.notes.read()
		if ended {
			ts.Fatalf("it ended without printing %s:\n%s%s", re, text, notes)
		}
		select {
		case <-more:
		case <-f.ended:
			ended = true
		case <-late:
			ts.Fatalf("it did not print %s in %v:\n%s%s", re, patience, text, notes)
		}
	}
}

func followCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: follow ARG...")
	}
	f := ts.Value(followerKey{}).(*follower)
	*f = follower{cmd: exec.Command(dodevPath(ts), args...), ended: make(chan struct{})}
	f.cmd.Dir = ts.MkAbs(".")
	f.cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "NO_COLOR=1"}
	f.cmd.Stdout, f.cmd.Stderr = &f.stdout, &f.notes
	ts.Check(f.cmd.Start())
	ts.Defer(func() {
		_ = f.cmd.Process.Kill()
		<-f.ended
	})
	go func() {
		_ = f.cmd.Wait()
		close(f.ended)
	}()
	f.await(ts, &f.notes, regexp.MustCompile("following"))
}

func followedCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: followed REGEXP")
	}
	f := ts.Value(followerKey{}).(*follower)
	re, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	f.await(ts, &f.stdout, re)
}

func unfollowCmd(ts *testscript.TestScript, _ bool, _ []string) {
	f := ts.Value(followerKey{}).(*follower)
	ts.Check(f.cmd.Process.Signal(os.Interrupt))
	select {
	case <-f.ended:
	case <-time.After(patience):
		ts.Fatalf("it did not end in %v", patience)
	}
	if code := f.cmd.ProcessState.ExitCode(); code != 0 {
		notes, _ := f.notes.read()
		ts.Fatalf("it exited with %d:\n%s", code, notes)
	}
}
