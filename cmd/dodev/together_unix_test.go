//go:build unix

package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

// hold keeps the state folder as a dodev does that changes it, or a server.
func (s *site) hold() *state.Hold {
	s.t.Helper()
	h, err := state.Folder{Dir: filepath.Join(s.dir, ".wrangler", "state")}.Hold("app-Room")
	if err != nil {
		s.t.Fatal(err)
	}
	return h
}

func TestWhatAnotherProcessUsesIsRefusedByNameAndUnchanged(t *testing.T) {
	s := newSite(t)
	h := s.hold()
	before := s.contents()
	elsewhere := regexp.MustCompile("^(seed --export|storage export|snapshot (delete|export|import first))") // these change no state
	cause := regexp.MustCompile("(?m)^dodev: .*(another dodev is changing .*/state: try again|metadata.sqlite is in use by another process)")
	for _, line := range writing {
		if !elsewhere.MatchString(line) {
			text, code := s.run(line)
			s.refused(line, text, code, cause, before)
		}
	}
	if err := h.Release(); err != nil {
		t.Fatal(err)
	}
	s.must("storage put Room/lobby topic 3")
}

func TestSnapshotsThatAnotherProcessChangesAreRefusedByNameAndUnchanged(t *testing.T) {
	s := newSite(t)
	before := s.contents()
	lock, err := sqlite.TakeLock(filepath.Join(s.dir, ".dodev", "snapshots", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	cause := regexp.MustCompile("(?m)^dodev: .*another dodev is changing the snapshots of this project: try again when it has ended$")
	for _, line := range []string{
		"snapshot save second", "snapshot delete first --yes", "snapshot import first.dodev other", "snapshot import .wrangler/state other",
		"-c later.toml migrate apply --yes",
	} {
		text, code := s.run(line)
		s.refused(line, text, code, cause, before)
	}
	s.must("snapshot export first out.dodev") // what reads need not wait
	s.must("snapshot restore first --yes")
	lock.Release()
	s.must("snapshot save second")
}

// atOnce runs commands at the same time, and gives what each printed if it was
// done. Others must have been refused by name.
func (s *site) atOnce(lines ...string) (done []string) {
	s.t.Helper()
	refused := regexp.MustCompile("another dodev|another process|there is no such snapshot|there is a snapshot of that name already")
	texts, codes := make([]string, len(lines)), make([]int, len(lines))
	var all sync.WaitGroup
	for i, line := range lines {
		all.Go(func() { texts[i], codes[i] = s.run(line) })
	}
	all.Wait()
	for i, text := range texts {
		switch {
		case codes[i] == 0:
			done = append(done, text)
		case codes[i] != exitFailed || !refused.MatchString(text):
			s.t.Errorf("dodev %s: exit code %d\n%s", lines[i], codes[i], text)
		}
	}
	return done
}

func TestOfMigrationsAppliedAtOnceOneIs(t *testing.T) {
	from := newSite(t)
	for range 3 {
		s := from.copy(t, t.TempDir())
		const apply = "-c later.toml migrate apply --yes"
		applied := 0
		for _, text := range s.atOnce(apply, apply, apply, apply) {
			if strings.Contains(text, "rename Room") {
				applied++
			}
		}
		if applied != 1 {
			t.Errorf("%d of them applied it, want one", applied)
		}
		if text := s.must("-c later.toml storage get Hall/lobby topic"); text != "2\n" {
			t.Errorf("afterwards %q is stored", text)
		}
		s.must("-c later.toml migrate undo --yes")
		if text := s.must("storage get Room/lobby topic"); text != "2\n" {
			t.Errorf("undone, %q is stored", text)
		}
	}
}

func TestCommandsAtOnceHappenOneAfterTheOtherOrNotAtAll(t *testing.T) {
	s := newSite(t)
	for range 3 {
		s.atOnce(
			"snapshot save a", "snapshot save b", "seed more.yaml", "snapshot import first.dodev c",
			"snapshot restore first --yes", "snapshot delete b --yes", "storage put Room/lobby topic 4",
		)
		// Whatever was done, all that there is can be read, and restored.
		s.must("objects list")
		for _, name := range strings.Fields("a b c first") {
			if _, code := s.run("snapshot show " + name); code != 0 {
				continue
			}
			s.must("snapshot restore " + name + " --yes")
			if text := s.must("snapshot diff " + name); strings.Contains(text, "Room") {
				t.Errorf("restored, %s is not what is stored:\n%s", name, text)
			}
			s.must("snapshot export " + name + " " + name + ".dodev")
			if name != "first" {
				s.must("snapshot delete " + name + " --yes")
				s.must("snapshot import " + name + ".dodev") // which checks its content
				s.must("snapshot delete " + name + " --yes")
			}
		}
	}
}
