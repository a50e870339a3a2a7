package live

import (
	"cmp"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
)

// A span follows one event, or is a step of one.
type span struct {
	r     *recorder
	event *durable.Event // nil for a step, and once it has ended
	ref   object.Ref
	name  string
	kind  inspect.SpanKind
	meter *meter // nil while nobody wants to know
	sent  time.Time
	loop  *loop.Loop // observed while the event waits, else nil

	// The trace guards what follows. It is nil when the event is followed only
	// for what it stores.
	trace      *trace
	id, parent int
	detail     string
	place      string
	level      string // of a line that was printed
	status     int
	phases     []phase
	lost       int       // phases that are too many
	since      time.Time // of the phase that goes on
	by         cause     // of that phase, as far as it is known
	running    bool      // a turn of it is
	outside    int       // fetches that are under way
	steps      map[*loop.Op]*span
	over       bool          // its handler has ended; what it left behind may go on
	late       bool          // and did
	took       time.Duration // until then
	err        error
	fault      *inspect.Fault // the same for people

	admitted bool
	stores   bool // somebody follows what it stores
	changes  changes
}

// A phase is a part of a span, as offsets from the beginning of the trace.
type phase struct {
	kind     inspect.PhaseKind
	from, to time.Duration
	why      cause
}

var (
	_ durable.Span       = (*span)(nil)
	_ worker.StorageSpan = (*span)(nil)
	_ loop.Describer     = (*span)(nil)
)

// gap is how long a wait must be to be one.
const gap = 10 * time.Microsecond

// phaseLocked ends the phase that goes on.
func (s *span) phaseLocked(kind inspect.PhaseKind, to time.Time, why cause) {
	from := s.since
	s.since = to
	if !to.After(from) {
		return
	}
	p := phase{kind, from.Sub(s.trace.at), to.Sub(s.trace.at), why}
	short := kind == inspect.Waited && to.Sub(from) < gap
	if n := len(s.phases); n > 0 {
		last := &s.phases[n-1]
		if short || last.kind == kind && last.why == why {
			last.to = p.to
			return
		}
	}
	if short {
		return
	}
	if len(s.phases) == maxPhases {
		s.lost++
		return
	}
	s.phases = append(s.phases, p)
}

// Posted implements durable.Span.
func (s *span) Posted(l *loop.Loop) {
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	s.unobserveLocked()
	l.Observe()
	s.loop = l
}

func (s *span) unobserveLocked() {
	if s.loop != nil {
		s.loop.Unobserve()
		s.loop = nil
	}
}

// queuedLocked ends a phase in which the event waited to be let in.
func (s *span) queuedLocked(now time.Time) {
	why := s.by
	if why == (cause{}) {
		why = ran(s.loop, s.since)
	}
	s.phaseLocked(inspect.Queued, now, why)
}

// Held implements durable.Span.
func (s *span) Held(by durable.Holder) {
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	s.queuedLocked(time.Now())
	s.by = heldBy(by)
}

// Starting implements durable.Span: a constructor is a step of its own, with all
// that it leaves behind.
func (s *span) Starting() (loop.Span, func(error)) {
	if s.trace == nil {
		return nil, func(error) {}
	}
	now := time.Now()
	step := &span{r: s.r, kind: inspect.StartSpan, name: "constructor", ref: s.ref, sent: now, since: now, admitted: true, over: true}
	s.trace.join(step, s)
	if step.trace == nil {
		return nil, func(error) {}
	}
	return step, func(err error) {
		step.err = err
		step.explain()
	}
}

// Admitted implements durable.Span.
func (s *span) Admitted() {
	if s.admitted {
		return
	}
	if s.meter != nil {
		s.meter.admitted()
	}
	if s.trace == nil {
		s.admitted = true
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	s.admitted = true
	s.queuedLocked(time.Now())
	s.by = cause{}
	s.unobserveLocked()
}

// Resume implements loop.Span.
func (s *span) Resume() {
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	if s.over && s.kind != inspect.StartSpan {
		s.late = true
	}
	s.phaseLocked(s.waitLocked(), time.Now(), cause{})
	s.running = true
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
	s.phaseLocked(inspect.Ran, time.Now(), cause{})
	s.running = false
	if !s.over || s.late {
		s.trace.changedLocked()
	}
}

// Began implements loop.Span: a fetch to the outside is a step of its own.
func (s *span) Began(op *loop.Op) {
	if s.trace == nil || op.Kind() != loop.Fetch {
		return
	}
	now := time.Now()
	step := &span{r: s.r, kind: inspect.OutboundSpan, name: "fetch", ref: s.ref, sent: now, since: now}
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
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	if n := len(s.phases); s.running && n > 0 && s.phases[n-1].kind == inspect.Waited && s.phases[n-1].why == (cause{}) {
		s.phases[n-1].why = waitsFor(op) // this turn is because of it
	}
	if op.Kind() != loop.Fetch {
		return
	}
	s.outside--
	step := s.steps[op]
	delete(s.steps, op)
	if step != nil && step.trace != nil {
		step.phaseLocked(inspect.Outside, time.Now(), cause{})
		step.over = true
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
func (s *span) step(step *span, began time.Time) {
	step.r, step.sent, step.since, step.over = s.r, began, began, true
	s.trace.join(step, s)
	if step.trace == nil {
		return
	}
	s.trace.mu.Lock()
	step.phaseLocked(inspect.Ran, time.Now().Add(1), cause{}) // it is never nothing
	if step.level == "error" {
		s.trace.errors++
	}
	s.trace.mu.Unlock()
	step.explain()
}

// Committing implements durable.Span.
func (s *span) Committing(ref object.Ref) func(error) {
	if s.trace == nil {
		return func(error) {}
	}
	began := time.Now()
	return func(err error) {
		s.step(&span{kind: inspect.StorageSpan, name: "commit", ref: ref, err: err}, began)
	}
}

// log adds a line that was printed.
func (s *span) log(line inspect.LogLine) {
	first, _, _ := strings.Cut(line.Text, "\n")
	s.step(&span{kind: inspect.LogSpan, name: clip(first), level: line.Level, place: line.Place, ref: s.ref}, line.At)
}

// Storage implements worker.StorageSpan.
func (s *span) Storage(op worker.StorageOp) func(worker.StorageOutcome) {
	if s.stores && op.Life.Ref().Key() == s.ref.Key() {
		s.changes.note(op)
	}
	if s.trace == nil {
		return func(worker.StorageOutcome) {}
	}
	began := time.Now()
	step := &span{kind: inspect.StorageSpan, name: nameOf(op), ref: s.ref}
	return func(out worker.StorageOutcome) {
		if step.trace != nil { // a cursor has come to its end
			step.trace.mu.Lock()
			defer step.trace.mu.Unlock()
			step.detail, step.err = cameOut(op, out), out.Err
			step.phaseLocked(inspect.Ran, time.Now(), cause{})
			return
		}
		step.detail, step.err = cameOut(op, out), out.Err
		s.step(step, began)
	}
}

// End implements durable.Span.
func (s *span) End(err error) {
	now := time.Now()
	if s.meter != nil {
		s.meter.ended(now.Sub(s.sent), !s.admitted)
	}
	if s.trace == nil {
		return
	}
	s.trace.mu.Lock()
	switch {
	case s.running:
		s.phaseLocked(inspect.Ran, now, cause{})
	case !s.admitted:
		s.queuedLocked(now)
		s.unobserveLocked()
	case err == nil:
		s.phaseLocked(s.waitLocked(), now, cause{what: "output gate"})
	default:
		s.phaseLocked(s.waitLocked(), now, cause{})
	}
	s.over, s.took, s.err = true, now.Sub(s.sent), err
	if s.event != nil {
		s.status, s.detail, s.event = s.event.Status, s.event.Detail, nil
	}
	s.trace.mu.Unlock()
	s.explain()
	s.finished()
}

// explain gives an error of the span the place that its author knows.
func (s *span) explain() {
	if s.err == nil {
		return
	}
	fault := s.r.l.fault(s.ref, s.err)
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	fault.At = s.sent.Add(s.took).UTC()
	s.fault, s.place = fault, fault.Place
	s.trace.errors++
}

// finished notes that the handler of an event has ended; with that of the first
// one the trace is over, and who follows traces is told.
func (s *span) finished() {
	t := s.trace
	t.mu.Lock()
	first := s.id == 1
	if first {
		t.over, t.slow, t.told = true, s.took >= slow, t.version
	} else {
		t.changedLocked()
	}
	t.mu.Unlock()
	if first {
		t.tell()
	}
}
