package live

import (
	"cmp"
	"strings"
	"sync"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
)

// A trace is what followed from one event from outside.
type trace struct {
	r      *recorder
	number uint64
	id     string
	name   string // of its first span
	at     time.Time
	again  func() // sends that event once more, nil when that is not possible

	mu    sync.Mutex // guards its spans, too
	spans []*span
	over  bool // the first span has ended
}

// A span follows one event, or is a step of one.
type span struct {
	r     *recorder
	event *durable.Event // nil for a step
	ref   object.Ref
	name  string
	kind  inspect.SpanKind
	meter *meter // nil for a step
	sent  time.Time

	trace      *trace // nil when it is only measured
	id, parent int
	detail     string
	place      string
	status     int
	phases     []inspect.Phase
	since      time.Time // of the phase that goes on
	outside    int       // fetches that are under way
	steps      map[*loop.Op]*span
	err        error

	admitted, ended bool
	stores          bool // somebody follows what it stores
	changes         changes
}

var (
	_ durable.Span       = (*span)(nil)
	_ worker.StorageSpan = (*span)(nil)
	_ loop.Describer     = (*span)(nil)
)

// join adds a span to those of a trace.
func (t *trace) join(s, parent *span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.spans) >= maxSpans {
		return
	}
	t.spans = append(t.spans, s)
	s.trace, s.id, s.parent = t, len(t.spans), parent.id
}

// phaseLocked ends the phase that goes on.
func (s *span) phaseLocked(kind inspect.PhaseKind, from, to time.Time) {
	if to.After(from) {
		s.phases = append(s.phases, inspect.Phase{Kind: kind, From: from.Sub(s.trace.at), To: to.Sub(s.trace.at)})
	}
}

// Admitted implements durable.Span.
func (s *span) Admitted() {
	if s.admitted {
		return
	}
	s.admitted = true
	s.meter.admitted()
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	s.since = time.Now()
	s.phaseLocked(inspect.Queued, s.sent, s.since)
}

// Resume implements loop.Span.
func (s *span) Resume() {
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	if s.ended {
		return
	}
	now := time.Now()
	s.phaseLocked(s.waitLocked(), s.since, now)
	s.since = now
}

func (s *span) waitLocked() inspect.PhaseKind {
	if s.outside > 0 {
		return inspect.Outside
	}
	return inspect.Waited
}

// Pause implements loop.Span.
func (s *span) Pause() {
	if s.stores {
		s.tellChanges()
	}
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	if s.ended {
		return
	}
	now := time.Now()
	s.phaseLocked(inspect.Ran, s.since, now)
	s.since = now
}

// Began implements loop.Span: a fetch to the outside is a step of its own.
func (s *span) Began(op *loop.Op) {
	if s.trace == nil || op.Kind() != loop.Fetch {
		return
	}
	step := &span{r: s.r, kind: inspect.OutboundSpan, name: "fetch", ref: s.ref, sent: time.Now()}
	s.trace.join(step, s)
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	s.outside++
	if s.steps == nil {
		s.steps = map[*loop.Op]*span{}
	}
	s.steps[op] = step
}

// Ended implements loop.Span.
func (s *span) Ended(op *loop.Op) {
	if s.trace == nil || op.Kind() != loop.Fetch {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	s.outside--
	step := s.steps[op]
	delete(s.steps, op)
	if step != nil && step.trace != nil {
		step.phaseLocked(inspect.Outside, step.sent, time.Now())
		step.ended = true
	}
}

// Describe implements loop.Describer.
func (s *span) Describe(op *loop.Op, what, outcome string) {
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	if step := s.steps[op]; step != nil {
		step.name = cmp.Or(what, step.name)
		step.detail = cmp.Or(outcome, step.detail)
	}
}

// step adds a step that has ended by now.
func (s *span) step(kind inspect.SpanKind, name, place string, ref object.Ref, began time.Time, err error) {
	step := &span{r: s.r, kind: kind, name: name, place: place, ref: ref, sent: began, ended: true, err: err}
	s.trace.join(step, s)
	if step.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	step.phaseLocked(inspect.Ran, began, time.Now().Add(1))
}

// Committing implements durable.Span.
func (s *span) Committing(ref object.Ref) func(error) {
	if s.trace == nil {
		return func(error) {}
	}
	began := time.Now()
	return func(err error) { s.step(inspect.StorageSpan, "commit", "", ref, began, err) }
}

// log adds a line that was printed.
func (s *span) log(line inspect.LogLine) {
	first, _, _ := strings.Cut(line.Text, "\n")
	s.step(inspect.LogSpan, clip(first), line.Place, s.ref, time.Now(), nil)
}

// End implements durable.Span.
func (s *span) End(err error) {
	now := time.Now()
	s.meter.ended(now.Sub(s.sent), !s.admitted)
	if s.trace == nil {
		return
	}
	t := s.trace
	t.mu.Lock()
	kind := inspect.Ran
	if !s.admitted {
		kind, s.since = inspect.Queued, s.sent
	}
	s.phaseLocked(kind, s.since, now)
	s.ended, s.err = true, err
	if s.event != nil {
		s.status = s.event.Status
	}
	first := s.id == 1
	t.over = t.over || first
	t.mu.Unlock()
	if first {
		shown := t.show(false)
		s.r.l.ring.add(inspect.Event{Kind: inspect.TraceChanged, Trace: &shown, Skipped: int(s.r.skipped.Swap(0))})
	}
}

// Storage implements worker.StorageSpan.
func (s *span) Storage(op worker.StorageOp) func(error) {
	if s.stores && op.Life.Ref().Key() == s.ref.Key() {
		s.changes.note(op)
	}
	if s.trace == nil {
		return func(error) {}
	}
	began := time.Now()
	return func(err error) { s.step(inspect.StorageSpan, nameOf(op), "", s.ref, began, err) }
}

// changes are what a turn does to the storage of an object that somebody
// follows closely.
type changes struct {
	life   *durable.Life
	before map[string][]byte
	there  map[string]bool
	sql    bool
	all    bool
}

// note takes what is there before an operation.
func (c *changes) note(op worker.StorageOp) {
	c.life = op.Life
	switch op.Name {
	case "sqlExec":
		c.sql = c.sql || inspect.Writes(op.SQL)
	case "deleteAll":
		c.all = true
	case "kvPut", "kvDelete", "kvDeleteMany":
		if c.before == nil {
			c.before, c.there = map[string][]byte{}, map[string]bool{}
		}
		for _, key := range op.Keys {
			if _, noted := c.there[key]; noted {
				continue
			}
			data, ok, err := worker.Database(op.Life).Get(key)
			if err == nil {
				c.before[key], c.there[key] = data, ok
			}
		}
	}
}

// tellChanges tells what has become of what the turn wrote.
func (s *span) tellChanges() {
	c := s.changes
	s.changes = changes{}
	if c.life == nil || c.life.Over() {
		return
	}
	e := inspect.StorageEvent{Object: refOf(s.ref.Key()), By: s.name, SQL: c.sql, All: c.all}
	if s.trace != nil {
		e.Trace = s.trace.id
	}
	for key, ok := range c.there {
		d, err := stored.Diff(worker.Database(c.life), key, c.before[key], ok)
		if err == nil && d != nil {
			e.Diffs = append(e.Diffs, *d)
		}
	}
	c.life.Store().Release()
	if len(e.Diffs) > 0 || e.SQL || e.All {
		s.r.l.ring.add(inspect.Event{Kind: inspect.StorageChanged, Storage: &e})
	}
}
