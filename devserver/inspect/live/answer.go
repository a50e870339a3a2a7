package live

import (
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/object"
)

// An Answer is how a request from outside was answered.
type Answer struct {
	At      time.Time
	Name    string // "GET /x"
	Status  int
	Took    time.Duration
	Objects []string          // that it reached
	Failure *emulator.Failure // that the Worker did not handle, nil for none
	Span    any               // of the emulator's response; nil when nobody followed it
}

// unfollowed is what people should know of a trace of which there is only the
// answer.
const unfollowed = "too much came in at once to follow each: of this only the answer is known"

// Answered is told of each request from outside. What failed is logged; what did,
// or took long, has a trace in any case.
func (l *Live) Answered(a Answer) {
	s, _ := a.Span.(*span)
	recorded := s != nil && s.trace != nil
	if a.Failure == nil && (recorded || a.Took < slow && a.Status < 500) {
		return
	}
	var t *trace
	switch {
	case recorded:
		t = s.trace
		s.answered(a.Status)
	case l.record.failures.take():
		t = l.record.answered(a)
	}
	if a.Failure != nil {
		l.failed(a, t)
	}
}

// failed logs what the Worker did not handle.
func (l *Live) failed(a Answer, t *trace) {
	f := a.Failure
	line := inspect.LogLine{
		At: a.At.Add(a.Took).UTC(), Kind: string(emulator.Uncaught), Level: "error", Text: f.Error(), Place: placeIn(f.Stack), Stack: f.Stack, Excerpt: f.Excerpt,
	}
	label := f.Object
	if label == "" && len(a.Objects) == 1 {
		label = a.Objects[0]
	}
	if t != nil {
		line.Trace = t.id
		line.Ref, line.Span = t.thrower(f.Message)
	}
	if line.Ref.IsZero() {
		line.Ref, _ = l.labelled(label)
	}
	if !line.Ref.IsZero() {
		line.Object = l.labels()(line.Ref)
	}
	l.write(line)
}

// answered notes the status that an error of the first span's came to.
func (s *span) answered(status int) {
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	if s.status == 0 {
		s.status = status
		s.trace.changedLocked()
	}
}

// thrower is the span that threw an error, and whose it is: the last one that
// failed with it, as those before it had it from there.
func (t *trace) thrower(message string) (ref inspect.Ref, id int) {
	id = 1
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.spans {
		if s.fault == nil || s.fault.Message != message {
			continue
		}
		ref, id = inspect.Ref{}, s.id
		if s.ref.Namespace != "" {
			ref = refOf(s.ref.Key())
		}
	}
	return ref, id
}

// answered makes a trace of a request of which there is only the answer.
func (r *recorder) answered(a Answer) *trace {
	t := &trace{r: r, name: a.Name, at: a.At, note: unfollowed, reached: a.Objects, over: true, slow: a.Took >= slow, version: 1, told: 1, weight: spanWeight}
	s := &span{r: r, trace: t, id: 1, kind: inspect.FetchSpan, name: a.Name, sent: a.At, status: a.Status, over: true, took: a.Took}
	s.phases = []phase{{kind: inspect.Untold, to: a.Took}}
	if a.Failure != nil {
		s.fault, t.errors = faultOf(a.Failure), 1
		s.fault.At, s.place = a.At.Add(a.Took).UTC(), s.fault.Place
	}
	t.spans = []*span{s}
	r.put(t)
	t.tell()
	return t
}

// labelled is the object of a name that a label has: "Class/name", or
// "script:Class/name".
func (l *Live) labelled(label string) (inspect.Ref, bool) {
	e := l.emu.Load()
	if e == nil {
		return inspect.Ref{}, false
	}
	class, name, _ := strings.Cut(label, "/")
	script, rest, beside := strings.Cut(class, ":")
	if !beside {
		script, rest = "", class
	}
	for _, c := range e.Classes() {
		if c.Name == rest && (script == "" || c.Script == script) {
			return inspect.Ref{Namespace: c.Key, ID: object.NewNamespace(c.Script, c.Name).FromName(name).String()}, true
		}
	}
	return inspect.Ref{}, false
}
