package watch

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A run is the state of a watcher's goroutine, which owns all of it.
type run struct {
	w       *Watcher
	opts    Options
	files   *files
	folders folders
	armed   map[string]bool // folders that are asked about

	doubt   map[string]bool // names that events told of since the last scan
	first   time.Time       // when the first of those events came
	due     *time.Timer     // when to scan
	missing bool            // the last scan waits for a file to come back
	poll    *time.Timer
	silent  bool // a change came without a notification
	deaf    bool // notifications cannot be had, or not of all folders

	probe     string // the file whose notification is awaited
	probeOver <-chan time.Time

	pending []string // changes nobody has taken yet
}

func newRun(w *Watcher, opts Options) *run {
	r := &run{w: w, opts: opts, files: newFiles(), armed: map[string]bool{}, doubt: map[string]bool{}, deaf: w.source == nil}
	r.due = time.NewTimer(time.Hour)
	r.due.Stop()
	r.poll = time.NewTimer(r.pollEvery())
	return r
}

func (r *run) pollEvery() time.Duration {
	if r.silent || r.deaf {
		return quickPoll
	}
	return slowPoll
}

// loop runs until the watcher is closed.
func (r *run) loop() {
	defer r.due.Stop()
	defer r.poll.Stop()
	var events <-chan fsnotify.Event
	var failures <-chan error
	if r.w.source != nil {
		events, failures = r.w.source.events(), r.w.source.errors()
	}
	for {
		var out chan<- []string
		if len(r.pending) > 0 {
			out = r.w.changes
		}
		select {
		case <-r.w.done:
			r.endProbe()
			return
		case s := <-r.w.sets:
			r.set(s)
		case event, ok := <-events:
			if !ok {
				events = nil
				r.hurry(&r.deaf)
				break
			}
			r.event(event)
		case _, ok := <-failures:
			if !ok {
				failures = nil
			}
			r.hurry(&r.deaf)
		case <-r.due.C:
			r.scan()
		case <-r.poll.C:
			r.polled()
		case <-r.probeOver:
			r.hurry(&r.silent)
			r.endProbe()
		case out <- r.pending:
			r.pending = nil
		}
	}
}

func (r *run) set(s setting) {
	defer close(s.taken)
	r.report(r.files.set(s.files, s.asOf))
	r.arm()
	if r.probe == "" && r.opts.ProbeDir != "" && r.w.source != nil {
		r.startProbe()
		r.opts.ProbeDir = ""
	}
}

// event takes a notification: if it is about something that matters, a scan
// follows as soon as no more come.
func (r *run) event(e fsnotify.Event) {
	if e.Name == r.probe && r.probe != "" {
		r.endProbe()
		return
	}
	if e.Op == fsnotify.Chmod || !r.folders.concern(e.Name) {
		return
	}
	r.silent = false
	now := time.Now()
	if len(r.doubt) == 0 {
		r.first = now
	}
	r.doubt[e.Name] = true
	if now.Sub(r.first) < restless {
		r.due.Reset(quiet)
	}
}

// scan looks at all files after events.
func (r *run) scan() { r.settle(r.files.scan(r.doubt)) }

// polled looks at all files because time has passed. What it finds is what no
// event told of.
func (r *run) polled() {
	if len(r.doubt) == 0 && !r.missing {
		if found := r.files.scan(nil); len(found) > 0 {
			r.hurry(&r.silent)
			r.settle(found)
		}
	}
	r.poll.Reset(r.pollEvery())
}

// settle reports what a scan found, unless a file is gone: editors that replace
// one leave a moment without, so that is looked at again.
func (r *run) settle(found []difference) {
	gone := slices.ContainsFunc(found, func(d difference) bool { return d.gone })
	if gone && !r.missing {
		r.missing = true
		r.due.Reset(absence)
		return
	}
	r.missing = false
	clear(r.doubt)
	r.report(r.files.note(found))
	r.arm()
}

// hurry sets one of the reasons to poll quickly.
func (r *run) hurry(reason *bool) {
	if !*reason {
		*reason = true
		r.poll.Reset(r.pollEvery())
	}
}

// report adds to what changed.
func (r *run) report(paths []string) {
	r.pending = append(r.pending, paths...)
	slices.Sort(r.pending)
	r.pending = slices.Compact(r.pending)
}

// arm asks for notifications about the folders around the files as they are
// now. Asking again for one that was replaced meanwhile is the point.
func (r *run) arm() {
	if r.w.source == nil {
		return
	}
	r.folders = around(r.files.given, r.files.expand())
	for dir := range r.armed {
		if !r.folders.wanted[dir] {
			r.w.source.remove(dir)
			delete(r.armed, dir)
		}
	}
	for dir := range r.folders.wanted {
		switch err := r.w.source.add(dir); {
		case err == nil:
			r.armed[dir] = true
		case os.IsNotExist(err):
			delete(r.armed, dir)
		default:
			r.hurry(&r.deaf) // such as too many watches
		}
	}
}

// startProbe writes a file and expects to be told of it.
func (r *run) startProbe() {
	if r.w.source.add(r.opts.ProbeDir) != nil {
		return
	}
	f, err := os.CreateTemp(r.opts.ProbeDir, ".probe-*")
	if err != nil {
		return
	}
	_ = f.Close()
	r.probe = filepath.Join(r.opts.ProbeDir, filepath.Base(f.Name()))
	r.probeOver = time.After(probeWait)
}

func (r *run) endProbe() {
	if r.probe == "" {
		return
	}
	_ = os.Remove(r.probe)
	if dir := filepath.Dir(r.probe); !r.folders.wanted[dir] {
		r.w.source.remove(dir)
	}
	r.probe, r.probeOver = "", nil
}
