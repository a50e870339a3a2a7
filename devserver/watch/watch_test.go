package watch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A fakeSource brings the events that a test makes.
type fakeSource struct {
	queue    chan fsnotify.Event
	failures chan error
	refuse   error
}

func newFakeSource() *fakeSource {
	return &fakeSource{queue: make(chan fsnotify.Event), failures: make(chan error)}
}

func (s *fakeSource) add(string) error              { return s.refuse }
func (s *fakeSource) remove(string)                 {}
func (s *fakeSource) events() <-chan fsnotify.Event { return s.queue }
func (s *fakeSource) errors() <-chan error          { return s.failures }
func (s *fakeSource) close() error                  { return nil }

func (s *fakeSource) wrote(path string) {
	s.queue <- fsnotify.Event{Name: path, Op: fsnotify.Write}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// pair makes a folder with the files a.ts and b.ts.
func pair(t *testing.T) (dir, a, b string) {
	t.Helper()
	dir = t.TempDir()
	a, b = filepath.Join(dir, "a.ts"), filepath.Join(dir, "b.ts")
	write(t, a, "a")
	write(t, b, "b")
	return dir, a, b
}

func expect(t *testing.T, w *Watcher, want ...string) {
	t.Helper()
	select {
	case got := <-w.Changes():
		if !slices.Equal(got, want) {
			t.Errorf("changes are %q, want %q", got, want)
		}
	case <-time.After(time.Minute):
		t.Errorf("no changes, want %q", want)
	}
}

// expectNone waits, in a bubble, longer than any change takes.
func expectNone(t *testing.T, w *Watcher) {
	t.Helper()
	select {
	case got := <-w.Changes():
		t.Errorf("changes are %q, want none", got)
	case <-time.After(10 * slowPoll):
	}
}

// inBubble runs a test on a watcher of a source that the test plays.
func inBubble(t *testing.T, test func(t *testing.T, w *Watcher, s *fakeSource)) {
	synctest.Test(t, func(t *testing.T) {
		s := newFakeSource()
		w := start(s, Options{})
		defer w.Close()
		test(t, w, s)
	})
}

func TestASaveIsReportedOnceThingsAreQuiet(t *testing.T) {
	_, a, b := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{a, b}, time.Time{})
		began := time.Now()
		for range 3 {
			write(t, a, "changed")
			s.wrote(a)
			time.Sleep(quiet / 2)
		}
		write(t, b, "changed")
		s.wrote(b)
		expect(t, w, a, b)
		if took := time.Since(began); took > 10*quiet {
			t.Errorf("reported after %v, want little more than %v", took, quiet)
		}
		expectNone(t, w)
	})
}

func TestACheckoutThatGoesOnIsReportedInTheEnd(t *testing.T) {
	_, a, _ := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{a}, time.Time{})
		write(t, a, "changed")
		began := time.Now()
		for time.Since(began) < restless+2*quiet {
			s.wrote(a)
			time.Sleep(quiet / 2)
		}
		synctest.Wait()
		select {
		case <-w.Changes():
		default:
			t.Errorf("nothing is reported %v after the first of endless events", time.Since(began))
		}
	})
}

func TestWritingTheSameContentIsNoChange(t *testing.T) {
	_, a, b := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{a, b}, time.Time{})
		write(t, a, "a")
		if err := os.Chtimes(b, time.Now(), time.Now()); err != nil {
			t.Fatal(err)
		}
		s.wrote(a)
		s.wrote(b)
		expectNone(t, w)
	})
}

func TestAChangeOfEqualSizeAndTimeIsSeenWhenToldOf(t *testing.T) {
	_, a, _ := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		info, err := os.Stat(a)
		if err != nil {
			t.Fatal(err)
		}
		w.Set([]string{a}, time.Time{})
		write(t, a, "x")
		if err := os.Chtimes(a, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		s.wrote(a)
		expect(t, w, a)
	})
}

func TestAFileThatComesBackAtOnceWasNeverGone(t *testing.T) {
	_, a, _ := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{a}, time.Time{})
		if err := os.Remove(a); err != nil {
			t.Fatal(err)
		}
		s.wrote(a)
		time.Sleep(absence / 2)
		write(t, a, "changed")
		expect(t, w, a)
		expectNone(t, w)
	})
}

func TestAFileThatStaysAwayIsReported(t *testing.T) {
	_, a, b := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{a, b}, time.Time{})
		if err := os.Remove(a); err != nil {
			t.Fatal(err)
		}
		s.wrote(a)
		expect(t, w, a)
	})
}

func TestAFileThatDidNotExistIsReportedWhenItComes(t *testing.T) {
	dir, a, _ := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		deep := filepath.Join(dir, "new", "deep", "c.ts")
		w.Set([]string{a, deep}, time.Time{})
		write(t, deep, "c")
		s.wrote(filepath.Join(dir, "new"))
		expect(t, w, deep)
	})
}

func TestPollingFindsWhatNoEventTells(t *testing.T) {
	_, a, _ := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{a}, time.Time{})
		write(t, a, "changed")
		expect(t, w, a)

		write(t, a, "changed again")
		began := time.Now()
		expect(t, w, a)
		if took := time.Since(began); took > 2*quickPoll {
			t.Errorf("the second change took %v, want the quick poll of %v", took, quickPoll)
		}
	})
}

func TestWithoutNotificationsPollingIsQuick(t *testing.T) {
	for name, refuse := range map[string]error{"none": nil, "too many": errors.New("no space left on device")} {
		t.Run(name, func(t *testing.T) {
			_, a, _ := pair(t)
			synctest.Test(t, func(t *testing.T) {
				var s source
				if refuse != nil {
					fake := newFakeSource()
					fake.refuse = refuse
					s = fake
				}
				w := start(s, Options{})
				defer w.Close()
				w.Set([]string{a}, time.Time{})
				write(t, a, "changed")
				began := time.Now()
				expect(t, w, a)
				if took := time.Since(began); took > 2*quickPoll {
					t.Errorf("the change took %v, want the quick poll of %v", took, quickPoll)
				}
			})
		})
	}
}

func TestAProbeThatNobodyHearsMakesPollingQuick(t *testing.T) {
	dir, a, _ := pair(t)
	synctest.Test(t, func(t *testing.T) {
		w := start(newFakeSource(), Options{ProbeDir: dir})
		defer w.Close()
		w.Set([]string{a}, time.Time{})
		time.Sleep(probeWait + time.Millisecond)
		write(t, a, "changed")
		began := time.Now()
		expect(t, w, a)
		if took := time.Since(began); took > 2*quickPoll {
			t.Errorf("the change took %v, want the quick poll of %v", took, quickPoll)
		}
	})
	if left, _ := filepath.Glob(filepath.Join(dir, ".probe-*")); len(left) > 0 {
		t.Errorf("probes are left: %q", left)
	}
}

func TestAFolderStandsForAllBelowIt(t *testing.T) {
	dir, a, _ := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{dir}, time.Time{})
		added := filepath.Join(dir, "sub", "c.ts")
		write(t, added, "c")
		write(t, filepath.Join(dir, "sub", ".c.ts.swp"), "swap")
		write(t, filepath.Join(dir, "node_modules", "x.js"), "x")
		write(t, a, "changed")
		s.wrote(filepath.Join(dir, "sub"))
		expect(t, w, a, added)
	})
}

func TestNewFilesThatChangedSinceTheyWereReadAreReported(t *testing.T) {
	_, a, b := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		read := time.Now()
		for path, at := range map[string]time.Time{a: read.Add(time.Second), b: read.Add(-time.Second)} {
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		w.Set([]string{a, b}, read)
		expect(t, w, a)
		expectNone(t, w)
	})
}

func TestFilesWatchedBeforeKeepWhatTheyWere(t *testing.T) {
	_, a, b := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{a}, time.Time{})
		write(t, a, "changed while somebody was reading")
		w.Set([]string{a, b}, time.Time{})
		expect(t, w, a)
	})
}

func TestEventsOfOtherFilesAreIgnored(t *testing.T) {
	dir, a, b := pair(t)
	inBubble(t, func(t *testing.T, w *Watcher, s *fakeSource) {
		w.Set([]string{a}, time.Time{})
		write(t, b, "changed")
		s.wrote(b)
		s.wrote(filepath.Join(dir, "a.ts~"))
		expectNone(t, w)
	})
}

func TestCloseTwiceIsHarmless(t *testing.T) {
	w := New(Options{})
	for range 2 {
		if err := w.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	w.Set([]string{"x"}, time.Time{})
}
