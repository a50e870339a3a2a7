// Package watch tells when files change.
//
// A [Watcher] is given the files that matter, those among them that do not
// exist yet, and folders that stand for all below them. It watches the folders
// around them, so that editors that rename, folders that are moved as a whole
// and checkouts of another branch are all seen, waits until things are quiet,
// and then compares content: a file that was written as it was has not changed.
//
// The system's notifications say when to look, never what changed. Where they
// do not come, as on network file systems and in some containers, a slow poll
// finds the change, and from then on the poll is quick.
package watch

import (
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// How long to wait. A save must be served at once, a checkout only when it is
// through, and a file that is gone may be on its way back.
const (
	quiet     = 12 * time.Millisecond
	restless  = 500 * time.Millisecond
	absence   = 100 * time.Millisecond
	slowPoll  = 2 * time.Second
	quickPoll = 250 * time.Millisecond
	probeWait = time.Second
)

// Options of [New].
type Options struct {
	// ProbeDir is a folder, on the file system that matters, where a file may be
	// written to find out whether its notifications work; "" for none.
	ProbeDir string
}

// A Watcher tells of changes until it is closed. Its methods are safe for
// concurrent use.
type Watcher struct {
	source  source // nil when there are no notifications at all
	changes chan []string
	sets    chan setting
	done    chan struct{}
	close   sync.Once
	wg      sync.WaitGroup
}

// A setting asks the watching goroutine to watch other files.
type setting struct {
	files []string
	asOf  time.Time
	taken chan struct{}
}

// A source brings the system's notifications about folders.
type source interface {
	add(dir string) error
	remove(dir string)
	events() <-chan fsnotify.Event
	errors() <-chan error
	close() error
}

// New makes a watcher that watches nothing yet. A system without notifications
// is polled.
func New(opts Options) *Watcher {
	var src source
	if s, err := newNotifier(); err == nil {
		src = s
	}
	return start(src, opts)
}

func start(src source, opts Options) *Watcher {
	w := &Watcher{source: src, changes: make(chan []string), sets: make(chan setting), done: make(chan struct{})}
	w.wg.Go(func() { newRun(w, opts).loop() })
	return w
}

// Set replaces the files to watch; their state when it returns is what later
// changes are measured against, except that files watched before keep theirs.
// A new file that changed after asOf, unless that is zero, has changed: pass
// the time at which reading the files began.
func (w *Watcher) Set(files []string, asOf time.Time) {
	s := setting{files: slices.Clone(files), asOf: asOf, taken: make(chan struct{})}
	select {
	case w.sets <- s:
		<-s.taken
	case <-w.done:
	}
}

// Changes brings the files that changed, came or went, sorted. What happens
// before it is read is brought together.
func (w *Watcher) Changes() <-chan []string { return w.changes }

// Close ends watching. Closing twice is harmless.
func (w *Watcher) Close() error {
	var err error
	w.close.Do(func() {
		close(w.done)
		w.wg.Wait()
		if w.source != nil {
			err = w.source.close()
		}
	})
	return err
}
