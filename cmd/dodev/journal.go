package main

import (
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"
)

// An event is one thing to show: a request, a line of the console, a reload.
type event interface {
	// severity is what --log-level goes by.
	severity() severity
	// trouble says that the event goes to stderr.
	trouble() bool
	// text shows the event to people, as whole lines.
	text(p painter) string
	// json shows it to programs: one object.
	json() any
}

// journalLimit is how many events may wait to be written.
const journalLimit = 1 << 14

// gathering is how long more events are waited for when one has come: to wake
// and write for each costs a busy server more than some of its answers do.
const gathering = 4 * time.Millisecond

// flushAt is how many bytes are written at a time.
const flushAt = 64 << 10

// A journal shows events in the order in which they come. Showing happens on a
// goroutine of its own, in batches, so that whoever adds an event is not held up
// by a slow terminal until very many wait. Methods are safe for concurrent use.
type journal struct {
	out, errs stream
	asJSON    bool
	most      severity // events less severe than this are left out

	mu      sync.Mutex
	changed sync.Cond // events came, were taken or shown, or the journal closed
	queue   []event
	added   int  // events so far
	shown   int  // and those that are on their stream
	held    bool // nothing is shown for a while
	dropped int  // events that were not kept meanwhile
	closed  bool
	written sync.WaitGroup
}

// A stream is where events are shown.
type stream struct {
	io.Writer
	painter
}

// newJournal begins a journal. In JSON all events go to out.
func newJournal(out, errs stream, asJSON bool, most severity) *journal {
	j := &journal{out: out, errs: errs, asJSON: asJSON, most: most}
	j.changed.L = &j.mu
	j.written.Go(j.write)
	return j
}

// add shows an event, and waits if too many wait already.
func (j *journal) add(e event) {
	if e.severity() > j.most {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.queue) >= journalLimit && !j.closed && !j.held {
		j.changed.Wait()
	}
	if len(j.queue) >= journalLimit && j.held {
		j.queue = slices.Delete(j.queue, 0, journalLimit/4) // nobody waits for a screen that others have
		j.dropped += journalLimit / 4
		j.shown += journalLimit / 4
	}
	if j.closed {
		return
	}
	j.added++
	j.queue = append(j.queue, e)
	if len(j.queue) == 1 {
		j.changed.Broadcast()
	}
}

// hold shows what was added, and has what follows wait, as something else is on
// the screen. When it returns nothing is written any more.
func (j *journal) hold() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for upTo := j.added; j.shown < upTo && !j.closed; {
		j.changed.Wait()
	}
	j.held = true
	for j.shown+len(j.queue) < j.added && !j.closed {
		j.changed.Wait() // what was taken from the queue before
	}
}

// release shows what came while events were held, and returns how many of the
// oldest are lost.
func (j *journal) release() (dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	dropped, j.held, j.dropped = j.dropped, false, 0
	j.changed.Broadcast()
	return dropped
}

// close shows what was added and ends the journal. Closing twice is harmless.
func (j *journal) close() {
	j.mu.Lock()
	j.closed = true
	j.changed.Broadcast()
	j.mu.Unlock()
	j.written.Wait()
}

// take waits for events, once the last ones are shown; none means that the
// journal is closed.
func (j *journal) take(spare []event) []event {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.shown += len(spare)
	j.changed.Broadcast()
	if len(j.queue) == 0 {
		j.awaitLocked()
		j.mu.Unlock()
		time.Sleep(gathering)
		j.mu.Lock()
	}
	j.awaitLocked()
	batch := j.queue
	j.queue = spare[:0]
	j.changed.Broadcast()
	return batch
}

// awaitLocked waits until there is something to show.
func (j *journal) awaitLocked() {
	for (len(j.queue) == 0 || j.held) && !j.closed {
		j.changed.Wait()
	}
}

// write shows batches of events until the journal is closed.
func (j *journal) write() {
	var spare []event
	for {
		batch := j.take(spare)
		if len(batch) == 0 {
			return
		}
		j.show(batch)
		clear(batch)
		spare = batch
	}
}

func (j *journal) show(batch []event) {
	var buf []byte
	to := &j.out
	flush := func() {
		if len(buf) > 0 {
			_, _ = to.Write(buf) // there is nowhere to complain
			buf = buf[:0]
		}
	}
	for _, e := range batch {
		next := &j.out
		if e.trouble() && !j.asJSON {
			next = &j.errs
		}
		if next != to || len(buf) > flushAt {
			flush()
			to = next
		}
		if !j.asJSON {
			buf = append(buf, e.text(to.painter)...)
			continue
		}
		if line, err := json.Marshal(e.json()); err == nil {
			buf = append(append(buf, line...), '\n')
		}
	}
	flush()
}
