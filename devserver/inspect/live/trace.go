package live

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// A trace is what followed from one event from outside.
type trace struct {
	r       *recorder
	number  uint64
	id      string
	name    string // of its first span
	at      time.Time
	again   func()   // sends that event once more, nil when that is not possible
	skipped int      // events before it that were not recorded
	note    string   // what people should know
	reached []string // labels of objects, of a trace without their spans

	mu      sync.Mutex // guards its spans, too
	spans   []*span
	over    bool // the first span has ended
	slow    bool
	errors  int // spans that failed, and lines printed as errors
	lost    int // spans that are too many
	weight  int // in bytes, about
	gone    bool
	version int // of what there is to show, from 1
	told    int // version that who follows was told of
}

// join adds a span to those of a trace.
func (t *trace) join(s, parent *span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.gone:
		return
	case len(t.spans) >= maxSpans:
		t.lost++
		return
	}
	t.spans = append(t.spans, s)
	s.trace, s.id, s.parent = t, len(t.spans), parent.id
	weight := spanWeight + len(s.name) + len(s.detail)
	t.weight += weight
	t.r.weight.Add(int64(weight))
	if t.over {
		t.changedLocked()
	}
}

// changedLocked has who follows told of the trace by and by.
func (t *trace) changedLocked() { t.version++ }

// drop says that the trace is not kept any more, and how much it weighed.
func (t *trace) drop() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gone = true
	return t.weight
}

// isNotable reports whether the trace is worth being kept for longer.
func (t *trace) isNotable() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.errors > 0 || t.slow || t.spans[0].status >= 500
}

// tell tells who follows traces of it.
func (t *trace) tell() {
	if t.r.followed.Load() {
		shown := t.show(false)
		t.r.l.ring.add(inspect.Event{Kind: inspect.TraceChanged, Trace: &shown, Skipped: shown.Skipped})
	}
}

// tellTraces tells who follows traces of those that changed after their end, and
// of those that go on for longer than people wait.
func (r *recorder) tellTraces() {
	if !r.followed.Load() {
		return
	}
	for _, t := range r.list() {
		t.mu.Lock()
		due := t.version != t.told && (t.over || time.Since(t.at) > tick)
		if due {
			t.told = t.version
		}
		t.mu.Unlock()
		if due {
			t.tell()
		}
	}
}

// show is the trace for people, with its spans or without.
func (t *trace) show(whole bool) inspect.Trace {
	labels := t.r.l.labels()
	t.mu.Lock()
	spans := make([]span, len(t.spans))
	for i, s := range t.spans {
		spans[i] = span{
			ref: s.ref, name: s.name, kind: s.kind, id: s.id, parent: s.parent, detail: s.detail, place: s.place, level: s.level, status: s.status,
			phases: slices.Clone(s.phases), since: s.since, by: s.by, running: s.running, over: s.over, admitted: s.admitted, outside: s.outside,
			took: s.took, fault: s.fault, lost: s.lost,
		}
	}
	out := inspect.Trace{
		ID: t.id, At: t.at.UTC(), Objects: []string{}, Refs: []inspect.Ref{}, Skipped: t.skipped, Note: t.note, Errors: t.errors,
	}
	if t.lost > 0 {
		out.Note = fmt.Sprintf("%d more steps are left out", t.lost)
	}
	t.mu.Unlock()
	for _, label := range t.reached {
		out.Objects = append(out.Objects, label)
		if ref, ok := t.r.l.labelled(label); ok {
			out.Refs = append(out.Refs, ref)
		}
	}
	for i := range spans {
		s := spans[i].show(t, labels)
		if i == 0 {
			out.Name, out.Kind, out.Error, out.Status = s.Name, s.Kind, s.Error, s.Status
			if spans[i].over {
				out.Took = spans[i].took
			}
		}
		if !s.Ref.IsZero() && !slices.Contains(out.Refs, s.Ref) {
			out.Refs, out.Objects = append(out.Refs, s.Ref), append(out.Objects, s.Object)
		}
		if whole {
			out.Spans = append(out.Spans, s)
		}
	}
	if t.again == nil {
		out.WhyNoReplay = whyNoReplay
	}
	return out
}

const whyNoReplay = "it is no request or message whose content was kept"

// show is the span for people.
func (s *span) show(t *trace, label func(inspect.Ref) string) inspect.Span {
	out := inspect.Span{
		Trace: t.id, ID: s.id, Parent: s.parent, Kind: s.kind, Name: nameOfEvent(s.kind, s.name), Detail: s.detail, Phases: []inspect.Phase{},
		Status: s.status, Place: s.place, Level: s.level, Error: s.fault,
	}
	if s.status != 0 && s.detail == "" {
		out.Detail = strconv.Itoa(s.status)
	}
	if s.ref.Namespace != "" {
		out.Ref = refOf(s.ref.Key())
		out.Object = label(out.Ref)
	}
	for _, p := range s.phases {
		out.Phases = append(out.Phases, inspect.Phase{Kind: p.kind, From: p.from, To: p.to, Why: p.why.text(s.ref, label)})
	}
	if !s.over || s.running {
		out.Phases = append(out.Phases, inspect.Phase{Kind: s.nowDoing(), From: s.since.Sub(t.at), To: time.Since(t.at), Why: s.by.text(s.ref, label)})
	}
	return out
}

// nowDoing is the phase that goes on.
func (s *span) nowDoing() inspect.PhaseKind {
	switch {
	case s.running:
		return inspect.Ran
	case s.kind == inspect.OutboundSpan:
		return inspect.Outside
	case !s.admitted:
		return inspect.Queued
	}
	return s.waitLocked()
}

// labels gives objects their labels.
func (l *Live) labels() func(inspect.Ref) string {
	e := l.emu.Load()
	if e == nil {
		return inspect.Ref.String
	}
	classes := e.Classes()
	return func(ref inspect.Ref) string {
		k, err := keyOf(ref)
		if err != nil {
			return ref.String()
		}
		o := inspect.Object{ID: ref.ID, Name: e.Names().Name(k)}
		for _, c := range classes {
			if c.Key == ref.Namespace {
				o.Class, o.Script = c.Name, c.Script
				return o.LabelIn(classes[0].Script)
			}
		}
		return ref.String()
	}
}

// Logs implements inspect.Recorder.
func (l *Live) Logs(_ context.Context, q inspect.LogQuery) ([]inspect.LogLine, error) {
	return q.Choose(l.logs.all()), nil
}

// Traces implements inspect.Recorder.
func (l *Live) Traces(_ context.Context, q inspect.TraceQuery) ([]inspect.Trace, error) {
	var all []inspect.Trace
	for _, t := range l.record.list() {
		all = append(all, t.show(false))
	}
	return q.Choose(all), nil
}

// Trace implements inspect.Recorder.
func (l *Live) Trace(_ context.Context, id string) (inspect.Trace, error) {
	t := l.record.find(id)
	if t == nil {
		return inspect.Trace{}, noTrace(id)
	}
	return t.show(true), nil
}

// replayWait is how long a replay has to show up as a trace.
const replayWait = 2 * time.Second

// Replay implements inspect.Actor.
func (l *Live) Replay(ctx context.Context, id string) (string, error) {
	t := l.record.find(id)
	switch {
	case t == nil:
		return "", noTrace(id)
	case t.again == nil:
		return "", &inspect.Error{Code: inspect.Refused, Message: whyNoReplay}
	}
	before := l.record.newest()
	l.record.wish.Store(&t.name)
	t.again()
	ctx, cancel := context.WithTimeout(ctx, replayWait)
	defer cancel()
	for look := time.NewTicker(tick / 10); ; {
		for _, other := range l.record.list() {
			if other.name == t.name && other.number > before {
				look.Stop()
				return other.id, nil
			}
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			look.Stop()
			return "", nil
		}
	}
}

func noTrace(id string) error {
	return &inspect.Error{Code: inspect.NotFound, Message: "no trace " + id + ": only the latest are kept, and of those before them what failed or was slow"}
}
