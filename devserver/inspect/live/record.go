package live

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
)

// Bounds of what is recorded, so that watching a busy server costs little.
const (
	maxTraces     = 500
	maxSpans      = 400 // of one trace
	tracesPerTick = 20
	maxFrame      = 64 << 10
)

// A recorder is what the emulator tells of events.
type recorder struct {
	l *Live
	meters

	tracing atomic.Bool
	budget  atomic.Int64 // traces that may begin until the next tick
	skipped atomic.Int64
	wanted  atomic.Pointer[wanted]

	mu     sync.Mutex // guards what follows
	traces []*trace   // oldest first
	last   uint64     // number of the latest
}

// wanted are the objects that somebody follows closely.
type wanted struct {
	stores, taps map[inspect.Ref]bool
}

func (r *recorder) want(traces bool, w wanted) {
	if traces && !r.tracing.Load() {
		r.budget.Store(tracesPerTick)
	}
	r.tracing.Store(traces)
	r.wanted.Store(&w)
}

func (r *recorder) refill() { r.budget.Store(tracesPerTick) }

func (r *recorder) storing(ref inspect.Ref) bool {
	w := r.wanted.Load()
	return w != nil && w.stores[ref]
}

// stores are the objects whose storage somebody follows.
func (r *recorder) stores() []inspect.Ref {
	w := r.wanted.Load()
	if w == nil {
		return nil
	}
	return slices.Collect(maps.Keys(w.stores))
}

// Event implements durable.Watcher.
func (r *recorder) Event(ref object.Ref, e *durable.Event) durable.Span {
	if e.Kind == string(inspect.EditSpan) {
		return nil // looking is no load
	}
	m := r.of(ref.Key())
	m.queued()
	parent, inTrace := e.Parent.(*span)
	stores := false
	if w := r.wanted.Load(); w != nil && len(w.stores) > 0 && ref.Namespace != "" {
		stores = w.stores[refOf(ref.Key())]
	}
	traced := inTrace && parent.trace != nil
	begins := e.Parent == nil && r.tracing.Load() && r.affords()
	if !traced && !begins && !stores {
		return &probe{meter: m, sent: time.Now()}
	}
	s := &span{r: r, event: e, ref: ref, name: e.Name, kind: inspect.SpanKind(e.Kind), meter: m, sent: time.Now(), stores: stores}
	switch {
	case traced:
		parent.trace.join(s, parent)
	case begins:
		r.begin(s, e.Again)
	}
	return s
}

// affords reports whether one more trace may begin.
func (r *recorder) affords() bool {
	if r.budget.Add(-1) >= 0 {
		return true
	}
	r.skipped.Add(1)
	return false
}

// Frame implements durable.Watcher.
func (r *recorder) Frame(f durable.Frame) {
	w := r.wanted.Load()
	if w == nil || len(w.taps) == 0 {
		return
	}
	if ref := refOf(f.Ref.Key()); w.taps[ref] {
		frame := showFrame(ref, f)
		r.l.ring.add(inspect.Event{At: frame.At, Kind: inspect.FrameSeen, Frame: &frame})
	}
}

// showFrame is a frame for people, of a long one the beginning.
func showFrame(ref inspect.Ref, f durable.Frame) inspect.Frame {
	out := inspect.Frame{At: f.At.UTC(), Object: ref, Socket: f.Socket, FromClient: f.FromClient, Auto: f.Auto, SizeBytes: int64(f.Size)}
	data := f.Data[:min(len(f.Data), maxFrame)]
	switch {
	case f.Kind == durable.SocketClose:
		out.Kind, out.Code, out.Text = "close", f.Code, f.Reason
	case f.Kind == durable.SocketError:
		out.Kind, out.Code = "close", 1006
		if f.Err != nil {
			out.Text = f.Err.Error()
		}
	case f.Text:
		out.Kind, out.Text = "text", strings.ToValidUTF8(string(data), "") // it may be cut within a character
	default:
		out.Kind, out.Data = "binary", slices.Clone(data)
	}
	return out
}

// begin starts a trace with its first span.
func (r *recorder) begin(s *span, again func()) {
	t := &trace{r: r, name: s.name, at: s.sent, again: again}
	s.trace, s.id = t, 1
	t.spans = []*span{s}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	t.number, t.id = r.last, fmt.Sprintf("%04x", r.last)
	if len(r.traces) == maxTraces {
		r.traces = slices.Delete(r.traces, 0, 1)
	}
	r.traces = append(r.traces, t)
}

// find is a trace by its id.
func (r *recorder) find(id string) *trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.traces {
		if t.id == id {
			return t
		}
	}
	return nil
}

func (r *recorder) all() []*trace {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.traces)
}

// newest is the number of the latest trace.
func (r *recorder) newest() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}
