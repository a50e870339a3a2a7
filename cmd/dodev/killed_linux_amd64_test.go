package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// changing are the system calls that change what is on disk.
var changing = map[uint64]bool{
	unix.SYS_WRITE: true, unix.SYS_PWRITE64: true, unix.SYS_WRITEV: true, unix.SYS_PWRITEV: true, unix.SYS_PWRITEV2: true,
	unix.SYS_COPY_FILE_RANGE: true, unix.SYS_SENDFILE: true, unix.SYS_SPLICE: true, unix.SYS_FTRUNCATE: true, unix.SYS_TRUNCATE: true, unix.SYS_FALLOCATE: true,
	unix.SYS_RENAME: true, unix.SYS_RENAMEAT: true, unix.SYS_RENAMEAT2: true, unix.SYS_UNLINK: true, unix.SYS_UNLINKAT: true, unix.SYS_RMDIR: true,
	unix.SYS_MKDIR: true, unix.SYS_MKDIRAT: true, unix.SYS_LINK: true, unix.SYS_LINKAT: true, unix.SYS_SYMLINK: true, unix.SYS_SYMLINKAT: true, unix.SYS_UTIMENSAT: true,
}

// A tracing runs a process and kills it right before one of the system calls
// by which it changes what is on disk.
type tracing struct {
	pid    int
	kill   int // the number of the call, 0 for none
	calls  int
	inside map[int]bool // threads that are in a call
	status syscall.WaitStatus
}

// killedAt runs a command and kills it before its n-th change to the disk, or
// not at all for 0, and returns how many changes there were and its exit code.
func (s *site) killedAt(line string, n int) (calls, code int, output string) {
	s.t.Helper()
	runtime.LockOSThread() // the thread that traces
	defer runtime.UnlockOSThread()
	var text bytes.Buffer
	cmd := s.command(line)
	cmd.Stdout, cmd.Stderr = &text, &text
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		s.t.Skipf("NOTHING TRACED: %v", err)
	}
	t := tracing{pid: cmd.Process.Pid, kill: n, inside: map[int]bool{}}
	if err := t.run(); err != nil {
		s.t.Fatalf("trace dodev %s: %v", line, err)
	}
	_ = cmd.Wait() // it was waited for
	if t.status.Signaled() {
		return t.calls, -1, text.String()
	}
	return t.calls, t.status.ExitStatus(), text.String()
}

func (t *tracing) run() error {
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(t.pid, &ws, 0, nil); err != nil {
		return err
	}
	const options = syscall.PTRACE_O_TRACESYSGOOD | syscall.PTRACE_O_TRACECLONE | unix.PTRACE_O_EXITKILL
	if err := errors.Join(syscall.PtraceSetOptions(t.pid, options), syscall.PtraceSyscall(t.pid, 0)); err != nil {
		return err
	}
	for {
		tid, err := syscall.Wait4(-1, &ws, syscall.WALL|unix.WNOTHREAD, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if ws.Exited() || ws.Signaled() {
			if tid == t.pid {
				t.status = ws
				return nil
			}
			continue
		}
		signal := 0
		switch stop := ws.StopSignal(); {
		case stop == syscall.SIGTRAP|0x80:
			t.call(tid)
		case stop != syscall.SIGTRAP && stop != syscall.SIGSTOP:
			signal = int(stop)
		}
		if err := syscall.PtraceSyscall(tid, signal); err != nil && err != syscall.ESRCH {
			return err
		}
	}
}

// call is told that a thread enters a system call, or leaves it.
func (t *tracing) call(tid int) {
	if t.inside[tid] = !t.inside[tid]; !t.inside[tid] {
		return
	}
	var regs syscall.PtraceRegs
	if syscall.PtraceGetRegs(tid, &regs) != nil || !t.changes(regs) {
		return
	}
	if t.calls++; t.calls == t.kill {
		_ = syscall.Kill(t.pid, syscall.SIGKILL) // which no call outlives
	}
}

func (t *tracing) changes(regs syscall.PtraceRegs) bool {
	switch {
	case regs.Orig_rax == unix.SYS_OPENAT:
		return regs.Rdx&(syscall.O_CREAT|syscall.O_TRUNC) != 0
	case regs.Orig_rax == unix.SYS_WRITE:
		file, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", t.pid, regs.Rdi))
		return err == nil && strings.HasPrefix(file, "/") && !strings.HasPrefix(file, "/dev/")
	}
	return changing[regs.Orig_rax]
}

// stored describes all that objects hold, their alarms included, and checks that
// whoever looks for alarms finds these in time.
func (s *site) stored(when string) string {
	s.t.Helper()
	f := state.Folder{Dir: filepath.Join(s.dir, ".wrangler", "state")}
	keys, err := f.Namespaces()
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	for _, key := range keys {
		objects, err := f.Objects(key)
		if err != nil {
			s.t.Fatal(err)
		}
		entered := map[string]sqlite.Alarm{}
		alarms, err := f.Alarms(key)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, a := range alarms {
			entered[a.ID] = a
		}
		for _, o := range objects {
			text, alarm := describeObject(s.t, sqlite.ObjectPath(f.Namespace(key), o.ID))
			if text == "" {
				continue // it has a file, and nothing in it
			}
			fmt.Fprintf(&b, "%s/%s\n%s", key, o.ID[:8], text)
			if !alarm.At.IsZero() && (entered[o.ID].ID == "" || entered[o.ID].At.After(alarm.At)) {
				s.t.Errorf("%s: nobody finds the alarm of %s/%s at %v", when, key, o.ID, alarm.At)
			}
		}
	}
	return b.String()
}

func describeObject(t *testing.T, path string) (string, sqlite.Alarm) {
	t.Helper()
	var b strings.Builder
	db := sqlite.OpenObject(path, sqlite.Options{ReadOnly: true})
	defer db.Close()
	for list := db.List(sqlite.ListOptions{}); list.Next(); {
		fmt.Fprintf(&b, "  %s = %x\n", list.Key(), list.Value())
	}
	if c, err := db.Exec("SELECT group_concat(body) FROM messages"); err == nil {
		fmt.Fprintf(&b, "  messages: %s\n", c.Value(0).Text)
		c.Close()
	}
	at, ok, err := db.Alarm()
	if err != nil {
		t.Fatal(err)
	}
	if ok {
		fmt.Fprintf(&b, "  alarm: %s\n", at.UTC())
	}
	if !ok {
		return b.String(), sqlite.Alarm{}
	}
	return b.String(), sqlite.Alarm{At: at}
}

// snapshots checks that all there are hold what they say, and that nothing else
// lies in their folder once one was deleted.
func (s *site) snapshots(when string) {
	s.t.Helper()
	s.must("snapshot save sweeper")
	s.must("snapshot delete sweeper --yes")
	store := snapshot.Store{Dir: filepath.Join(s.dir, ".dodev", "snapshots")}
	all, err := store.List()
	if err != nil {
		s.t.Fatalf("%s: %v", when, err)
	}
	used := map[string]bool{}
	for _, m := range all {
		for _, o := range m.Objects {
			for _, file := range o.Files {
				text, err := os.ReadFile(filepath.Join(store.Dir, "data", file.Sum))
				if sum := sha256.Sum256(text); err != nil || hex.EncodeToString(sum[:]) != file.Sum {
					s.t.Errorf("%s: snapshot %s: %s is not what was saved: %v", when, m.Name, file.Name, err)
				}
				used[file.Sum] = true
			}
		}
	}
	for _, pattern := range []string{".dodev/snapshots/*.new", ".dodev/snapshots/data/*", ".wrangler/state/dodev/change"} {
		left, _ := filepath.Glob(filepath.Join(s.dir, pattern))
		for _, path := range left {
			if !used[filepath.Base(path)] {
				s.t.Errorf("%s: %s is left", when, path)
			}
		}
	}
}

// again is how a command says that it has been done already.
var again = regexp.MustCompile("already|no such snapshot|nothing to apply|nothing was applied|nothing to undo|no alarm is set|no object ")

// TestACommandThatIsKilledHasHappenedWhollyOrNotAtAll kills commands between any
// two system calls that change what is on disk. The next command finds
// everything as it was before or as it is afterwards, and the same command
// succeeds. All calls are tried with DODEV_TEST_KILLS=all, else some that differ
// from run to run: the seed is logged.
func TestACommandThatIsKilledHasHappenedWhollyOrNotAtAll(t *testing.T) {
	if err := tracingWorks(t); err != nil {
		t.Skipf("NOTHING KILLED: processes cannot be traced here: %v", err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	most := 8
	switch {
	case os.Getenv("DODEV_TEST_KILLS") == "all":
		most = 1 << 30
	case testing.Short():
		most = 2
	}
	first := newSite(t)
	bookmarks := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}`).FindAllString(first.must("storage history Room/lobby"), -1)
	migrated := first.copy(t, t.TempDir())
	migrated.must("-c later.toml migrate apply --yes")
	for _, trial := range []struct {
		from *site
		line string
	}{
		{first, "storage put Room/lobby topic 3"},
		{first, "sql Room/lobby DELETE/**/FROM/**/messages"},
		{first, "alarms set Room/lobby 2098-01-01T00:00:00Z"},
		{first, "alarms set Room/lobby 2199-01-01T00:00:00Z"},
		{first, "alarms delete Room/lobby"},
		{first, "objects delete Room/lobby --yes"},
		{first, "seed more.yaml"},
		{first, "restore Room/lobby --yes --at " + bookmarks[len(bookmarks)-1]},
		{first, "fork Room/lobby copy"},
		{first, "snapshot save second"},
		{first, "snapshot restore first --yes"},
		{first, "snapshot delete first --yes"},
		{first, "snapshot import first.dodev other"},
		{first, "snapshot import .wrangler/state other"},
		{first, "-c later.toml migrate apply --yes"},
		{migrated, "-c later.toml migrate undo --yes"},
	} {
		done := trial.from.copy(t, t.TempDir())
		calls, code, text := done.killedAt(trial.line, 0)
		if code != 0 {
			t.Fatalf("dodev %s: exit code %d\n%s", trial.line, code, text)
		}
		before, after := trial.from.stored("before"), done.stored("after "+trial.line)
		tried := 0
		for _, n := range random.Perm(calls) {
			if tried++; tried > most {
				break
			}
			s := trial.from.copy(t, t.TempDir())
			when := fmt.Sprintf("seed %d: dodev %s, killed before change %d of %d", seed, trial.line, n+1, calls)
			s.killedAt(trial.line, n+1)
			s.must("objects list")
			if got := s.stored(when); got != before && got != after {
				t.Fatalf("%s: stored is\n%s\nwant\n%s\nor\n%s", when, got, before, after)
			}
			if text, code := s.run(trial.line); code != 0 && !again.MatchString(text) {
				t.Fatalf("%s: done again: exit code %d\n%s", when, code, text)
			}
			if got := s.stored(when + ", done again"); got != after {
				t.Fatalf("%s, done again: stored is\n%s\nwant\n%s", when, got, after)
			}
			s.snapshots(when)
			if t.Failed() {
				return
			}
		}
		t.Logf("%s: killed at %d of %d changes", trial.line, min(most, calls), calls)
	}
}

// tracingWorks tells why processes cannot be traced.
func tracingWorks(t *testing.T) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command(cmp.Or(os.Getenv("SHELL"), "/bin/sh"), "-c", "exit 0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	tr := tracing{pid: cmd.Process.Pid, inside: map[int]bool{}}
	err := tr.run()
	_ = cmd.Wait()
	return err
}
