//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

// Variables by which a test constrains the dodev that it starts.
const (
	asUser   = "DODEV_TEST_USER"      // runs as the user of that number
	fileSize = "DODEV_TEST_FILE_SIZE" // writes no file beyond so many bytes
)

// constrain does what the variables say.
func constrain() {
	if text := os.Getenv(fileSize); text != "" {
		bytes, err := strconv.ParseUint(text, 10, 63)
		if err == nil {
			err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: rlimit(bytes), Max: rlimit(bytes)})
		}
		if err != nil {
			panic(err)
		}
	}
	if text := os.Getenv(asUser); text != "" {
		user, err := strconv.Atoi(text)
		if err == nil {
			err = errors.Join(syscall.Setgroups(nil), syscall.Setgid(user), syscall.Setuid(user))
		}
		if err != nil {
			panic(err)
		}
	}
}

// rlimit is a number as the system's limits are.
func rlimit[N ~uint64 | ~int64](n N) N { return n }

// A project on which commands are tried, with objects that have values, rows, a
// past and an alarm, and a snapshot.
const refusedProject = `
name = "app"
main = "index.js"
compatibility_date = "2026-11-01"
[[durable_objects.bindings]]
name = "ROOMS"
class_name = "Room"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room"]
`

// later is the project with a class renamed.
var later = strings.ReplaceAll(strings.Replace(refusedProject, "index.js", "later.js", 1), `class_name = "Room"`, `class_name = "Hall"`) + `
[[migrations]]
tag = "v2"
renamed_classes = [{ from = "Room", to = "Hall" }]
`

const refusedSeed = `
Room/lobby:
  storage: {topic: hello}
  tables:
    messages: {sql: CREATE TABLE messages (body TEXT), rows: [[one], [two]]}
  alarm: 2099-01-01T00:00:00Z
Room/attic:
  storage: {topic: dust}
`

// A site is a folder in which dodev is run.
type site struct {
	t   *testing.T
	dir string
	env []string
}

// newSite makes a project that has something stored.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir()}
	code := "import { DurableObject } from 'cloudflare:workers';\nexport class %s extends DurableObject {}\nexport default { fetch: () => new Response('ok') };\n"
	for name, text := range map[string]string{
		"wrangler.toml": refusedProject, "later.toml": later, "seed.yaml": refusedSeed, "more.yaml": "Room/cellar: {storage: {topic: wine}}\n",
		"index.js": fmt.Sprintf(code, "Room"), "later.js": fmt.Sprintf(code, "Hall"),
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range []string{"migrate apply", "seed seed.yaml", "storage put Room/lobby topic 1", "snapshot save first", "snapshot export first"} {
		s.must(line)
	}
	s.must("storage put Room/lobby topic 2")
	return s
}

// copy is the same in another folder.
func (s *site) copy(t *testing.T, dir string) *site {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	return &site{t: t, dir: dir}
}

func (s *site) command(line string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	temp := filepath.Join(s.dir, "temp")
	if err := os.MkdirAll(temp, 0o777); err != nil {
		s.t.Fatal(err)
	}
	env := append([]string{"HOME=" + s.dir, "NO_COLOR=1", "TMPDIR=" + temp}, s.env...)
	return &exec.Cmd{Path: exe, Args: append([]string{"dodev", "-q"}, strings.Fields(line)...), Dir: s.dir, Env: env}
}

// run runs a command and gives what it printed and its exit code.
func (s *site) run(line string) (output string, code int) {
	s.t.Helper()
	cmd := s.command(line)
	var text bytes.Buffer
	ready := &watched{w: &text, until: "Ready on", then: func() { _ = cmd.Process.Signal(os.Interrupt) }} // of a server
	cmd.Stdout, cmd.Stderr = ready, ready
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok || ok && !exit.Exited() {
		s.t.Fatalf("dodev %s: %v\n%s", line, err, text.String())
	}
	return text.String(), cmd.ProcessState.ExitCode()
}

func (s *site) must(line string) string {
	s.t.Helper()
	text, code := s.run(line)
	if code != 0 {
		s.t.Fatalf("dodev %s: exit code %d\n%s", line, code, text)
	}
	return text
}

// passing are files that hold nothing: locks, and what the engine puts beside a
// database that is read.
var passing = regexp.MustCompile(`(-shm|/lock)$`)

// contents are those of all files, empty logs and locks apart; of an index its
// alarms.
func (s *site) contents() map[string]string {
	s.t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || passing.MatchString(path) || d.Name() == "filler" {
			return err
		}
		if d.Name() == "metadata.sqlite" {
			alarms, err := s.alarms(filepath.Dir(path))
			all[path[len(s.dir):]] = alarms
			return err
		}
		if strings.HasPrefix(d.Name(), "metadata.sqlite") {
			return nil
		}
		text, err := os.ReadFile(path)
		if filepath.Ext(path) == ".hist" {
			text = []byte("its commits are compared") // when it is read more is noted of the file
		}
		if len(text) > 0 || !strings.HasSuffix(path, "-wal") {
			all[path[len(s.dir):]] = string(text)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *site) alarms(namespace string) (string, error) {
	index, err := sqlite.OpenIndex(namespace, sqlite.Options{ReadOnly: true})
	if errors.Is(err, sqlite.ErrLocked) {
		return "in use", nil
	}
	if err != nil {
		return "", err
	}
	alarms, err := index.All()
	return fmt.Sprint(alarms), errors.Join(err, index.Close())
}

// unchanged compares the folder with what it held.
func (s *site) unchanged(when string, before map[string]string) {
	s.t.Helper()
	now := s.contents()
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if text, ok := now[path]; !ok {
			s.t.Errorf("%s: %s is gone", when, path)
		} else if text != before[path] {
			s.t.Errorf("%s: %s has changed", when, path)
		}
		delete(now, path)
	}
	for path := range now {
		s.t.Errorf("%s: it left %s", when, path)
	}
}

// writing are commands that write, each at least once.
var writing = []string{
	"storage put Room/lobby topic 3",
	"storage put Room/lobby fresh 3",
	"storage delete Room/lobby topic",
	"sql Room/lobby DELETE/**/FROM/**/messages",
	"alarms set Room/attic 5m",
	"alarms delete Room/lobby",
	"objects delete Room/lobby --yes",
	"reset --yes",
	"seed more.yaml",
	"seed seed.yaml --replace",
	"seed --export out.yaml",
	"storage export Room/lobby out.json",
	"restore Room/lobby --at -1ms --yes",
	"fork Room/lobby copy",
	"snapshot save second",
	"snapshot save second Room/lobby",
	"snapshot restore first --yes",
	"snapshot restore first Room/lobby --yes",
	"snapshot delete first --yes",
	"snapshot import first.dodev other",
	"snapshot import .wrangler/state other",
	"snapshot export first out.dodev",
	"-c later.toml migrate apply --yes",
	"serve --port 0 --apply-migrations -c later.toml",
}

// refused checks that a command failed for a cause and changed nothing.
func (s *site) refused(line, text string, code int, cause *regexp.Regexp, before map[string]string) {
	s.t.Helper()
	switch {
	case code != exitFailed:
		s.t.Errorf("dodev %s: exit code %d, want %d\n%s", line, code, exitFailed, text)
	case !cause.MatchString(text):
		s.t.Errorf("dodev %s: it says\n%swant a match of %s", line, text, cause)
	case strings.Contains(text, "goroutine"):
		s.t.Errorf("dodev %s: it panicked\n%s", line, text)
	}
	s.unchanged("dodev "+line, before)
}

func TestAFolderThatCannotBeWrittenIsRefusedByNameAndUnchanged(t *testing.T) {
	s := newSite(t)
	if os.Getuid() == 0 { // who may write everywhere
		s.env = []string{asUser + "=65534"}
		if err := os.Chmod(filepath.Dir(s.dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before := s.contents()
	for _, folder := range []string{".wrangler", ".dodev", "."} {
		s.chmod(folder, 0o222, 0)
	}
	t.Cleanup(func() { s.chmod(".", 0, 0o200) })
	cause := regexp.MustCompile(`^dodev: .*` + regexp.QuoteMeta(filepath.Base(s.dir)) + `.*: permission denied\n +hint: this user may not write there|^dodev: .*out\.[a-z.]+: permission denied\n +hint: `)
	for _, line := range writing {
		text, code := s.run(line)
		s.refused(line, text, code, cause, before)
	}
	// What only reads needs no leave to write.
	if text := s.must("storage get Room/lobby topic"); text != "2\n" {
		t.Errorf("read: %q", text)
	}
	s.must("snapshot list")
	s.unchanged("reading", before)
}

// chmod takes leave away from a folder and all in it, and gives leave. Whoever
// runs dodev may put temporary files away.
func (s *site) chmod(folder string, take, give fs.FileMode) {
	s.t.Helper()
	err := filepath.WalkDir(filepath.Join(s.dir, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || filepath.Base(path) == "temp" {
			return errors.Join(err, os.Chmod(path, 0o777))
		}
		return os.Chmod(path, info.Mode().Perm()&^take|0o444|give)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// index is where the alarms of the project's objects are found.
var index = filepath.FromSlash("/.wrangler/state/v3/do/app-Room/metadata.sqlite")

// noRoom is how it is said that something does not fit.
var noRoom = regexp.MustCompile(`(?m)(file too large|no space left on device|database or disk is full|disk quota).*\n +hint: (free some space, and try again|once its cause is gone)`)

func TestAWriteThatDoesNotFitIsRefusedByNameAndNothingHasChanged(t *testing.T) {
	limits := []int{0, 600, 4096, 8192, 12_500, 20_000}
	if testing.Short() {
		limits = []int{0, 8192}
	}
	from := newSite(t)
	from.tryAll(limits, func(limit int) (*site, func()) {
		s := from.copy(t, t.TempDir())
		s.env = []string{fmt.Sprint(fileSize, "=", limit)}
		return s, func() { s.env = nil }
	})
}

// tryAll runs all commands that write where so much space is left, the least
// first, until there is enough of it. Each time a copy of the folder is made, and
// given more space afterwards.
func (s *site) tryAll(spaces []int, in func(space int) (at *site, more func())) {
	s.t.Helper()
	commits := s.must("storage history Room/lobby --json")
	refused := 0
	for _, line := range writing {
		for i, space := range spaces {
			at, more := in(space)
			before := at.contents()
			text, code := at.run(line)
			if code == 0 {
				more()
				break // it fits
			}
			if i == 0 {
				refused++
			}
			switch {
			case strings.HasPrefix(line, "alarms set"):
				before[index] = at.contents()[index] // which may have an alarm too early, as whoever fires it finds out
			case strings.HasPrefix(line, "reset"), strings.HasSuffix(line, "--replace"):
				before = at.contents() // one object after the other, each wholly or not at all
			}
			at.refused(fmt.Sprintf("%s with room for %d bytes", line, space), text, code, noRoom, before)
			more()
			if past := at.must("storage history Room/lobby --json"); past != commits && !strings.HasPrefix(line, "seed") {
				s.t.Errorf("dodev %s with room for %d bytes: the past is\n%s\nwant\n%s", line, space, past, commits)
			}
			at.must(line) // with space it goes on as if nothing had been
		}
	}
	if refused < len(writing)-3 { // deleting and restoring may do with no space
		s.t.Errorf("%d of %d commands needed space", refused, len(writing))
	}
}

// watched calls a function once something was written.
type watched struct {
	w     *bytes.Buffer
	until string
	then  func()
}

func (w *watched) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if w.then != nil && strings.Contains(w.w.String(), w.until) {
		w.then()
		w.then = nil
	}
	return n, err
}
