package live

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/worker"
)

// nameOf says what an operation on storage is, for people.
func nameOf(op worker.StorageOp) string {
	verbs := map[string]string{
		"kvGet": "get", "kvPut": "put", "kvDelete": "delete", "kvGetMany": "get", "kvDeleteMany": "delete", "kvList": "list",
		"deleteAll": "deleteAll", "setAlarm": "setAlarm", "deleteAlarm": "deleteAlarm",
	}
	switch {
	case op.Name == "sqlExec":
		return clip(strings.Join(strings.Fields(op.SQL), " "))
	case len(op.Keys) > 3:
		return clip(verbs[op.Name] + " " + strings.Join(op.Keys[:3], ", ") + ", …")
	case len(op.Keys) > 0:
		return clip(verbs[op.Name] + " " + strings.Join(op.Keys, ", "))
	}
	return verbs[op.Name]
}

func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// show is the trace for people, with its spans or without.
func (t *trace) show(whole bool) inspect.Trace {
	labels := t.r.l.labels()
	t.mu.Lock()
	spans := make([]span, len(t.spans))
	for i, s := range t.spans {
		spans[i] = span{
			r: s.r, ref: s.ref, name: s.name, kind: s.kind, sent: s.sent, id: s.id, parent: s.parent, detail: s.detail, place: s.place, status: s.status,
			phases: slices.Clone(s.phases), since: s.since, err: s.err, ended: s.ended,
		}
	}
	out := inspect.Trace{ID: t.id, At: t.at.UTC(), Objects: []string{}, Refs: []inspect.Ref{}}
	t.mu.Unlock()
	for i := range spans {
		s := spans[i].show(t, labels)
		if i == 0 {
			out.Name, out.Kind, out.Error, out.Status = s.Name, s.Kind, s.Error, s.Status
			if spans[i].ended {
				out.Took = s.End()
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
		out.WhyNoReplay = "it is no request or message whose content was kept"
	}
	return out
}

// show is the span for people.
func (s *span) show(t *trace, label func(inspect.Ref) string) inspect.Span {
	out := inspect.Span{Trace: t.id, ID: s.id, Parent: s.parent, Kind: s.kind, Name: s.name, Detail: s.detail, Phases: s.phases, Status: s.status, Place: s.place}
	if s.status != 0 && s.detail == "" {
		out.Detail = strconv.Itoa(s.status)
	}
	if s.ref.Namespace != "" {
		out.Ref = refOf(s.ref.Key())
		out.Object = label(out.Ref)
	}
	if method, url, ok := strings.Cut(s.name, " "); ok && s.kind == inspect.FetchSpan {
		out.Name = method + " " + pathOf(url)
	}
	if !s.ended {
		from := s.since
		if from.IsZero() {
			from = s.sent
		}
		out.Phases = append(out.Phases, inspect.Phase{Kind: inspect.Waited, From: from.Sub(t.at), To: time.Since(t.at)})
	}
	if s.err != nil {
		out.Error = s.r.l.fault(s.ref, s.err)
		out.Place = out.Error.Place
	}
	return out
}

// pathOf is a URL without its origin.
func pathOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[i:]
	}
	return "/"
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
	for _, t := range l.record.all() {
		all = append(all, t.show(false))
	}
	return q.Choose(all), nil
}

// Trace implements inspect.Recorder.
func (l *Live) Trace(_ context.Context, id string) (inspect.Trace, error) {
	t := l.record.find(id)
	if t == nil {
		return inspect.Trace{}, &inspect.Error{Code: inspect.NotFound, Message: "no trace " + id + ": it is from before somebody watched, or too long ago"}
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
		return "", &inspect.Error{Code: inspect.NotFound, Message: "no trace " + id}
	case t.again == nil:
		return "", &inspect.Error{Code: inspect.Refused, Message: "it is no request or message whose content was kept"}
	}
	before := l.record.newest()
	t.again()
	ctx, cancel := context.WithTimeout(ctx, replayWait)
	defer cancel()
	for look := time.NewTicker(tick / 10); ; {
		for _, other := range l.record.all() {
			if other.name == t.name && other.number > before {
				look.Stop()
				return other.id, nil
			}
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			look.Stop()
			return "", nil // nobody watches, so nothing was recorded
		}
	}
}
