package live

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// maxFrame is how much of a message is told.
const maxFrame = 64 << 10

// A recorder is what the emulator tells of events.
type recorder struct {
	l *Live
	meters
	shelf

	traces   budget // of what is recorded
	failures budget // of what is not, and failed or took long
	skipped  atomic.Int64
	wish     atomic.Pointer[string] // the name of an event that is recorded at any rate

	measuring atomic.Bool // somebody wants to know loads
	followed  atomic.Bool // somebody follows traces
	wanted    atomic.Pointer[wanted]
}

func (r *recorder) init(l *Live) {
	r.l = l
	r.traces.init(10, 200) // a hundred a second, and a burst of two
	r.failures.init(5, 50)
}

// wanted are the objects that somebody follows closely.
type wanted struct {
	stores, taps map[inspect.Ref]bool
}

func (r *recorder) want(measuring, traces bool, w wanted) {
	r.measuring.Store(measuring)
	r.followed.Store(traces)
	r.wanted.Store(&w)
}

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

// Wants implements durable.Watcher. Whether what follows from an event from
// outside is recorded is decided as it comes: what is not costs no more than this.
func (r *recorder) Wants(parent loop.Span, outside bool) bool {
	if parent != nil || r.measuring.Load() {
		return true
	}
	if w := r.wanted.Load(); w != nil && len(w.stores) > 0 {
		return true
	}
	if !outside {
		return false
	}
	if r.traces.left() || r.wish.Load() != nil {
		return true
	}
	r.skipped.Add(1)
	return false
}

// Event implements durable.Watcher.
func (r *recorder) Event(ref object.Ref, e *durable.Event) durable.Span {
	if e.Kind == string(inspect.EditSpan) {
		return nil // looking is no load
	}
	var m *meter
	if r.measuring.Load() {
		m = r.of(ref.Key())
		m.queued()
	}
	stores := false
	if w := r.wanted.Load(); w != nil && len(w.stores) > 0 && ref.Namespace != "" {
		stores = w.stores[refOf(ref.Key())]
	}
	parent, inTrace := e.Parent.(*span)
	traced := inTrace && parent.trace != nil
	begins := !e.Inside && e.Parent == nil && r.affords(e)
	if !traced && !begins && !stores {
		if m == nil {
			return nil
		}
		return &probe{meter: m, sent: time.Now()}
	}
	now := time.Now()
	s := &span{r: r, event: e, ref: ref, name: e.Name, detail: e.Detail, kind: inspect.SpanKind(e.Kind), meter: m, sent: now, since: now, stores: stores}
	switch {
	case traced:
		parent.trace.join(s, parent)
	case begins:
		r.begin(s)
	}
	return s
}

// affords reports whether one more trace may begin.
func (r *recorder) affords(e *durable.Event) bool {
	if wish := r.wish.Load(); wish != nil && *wish == e.Name && r.wish.CompareAndSwap(wish, nil) {
		return true
	}
	if r.traces.take() {
		return true
	}
	r.skipped.Add(1)
	return false
}

// begin starts a trace with its first span.
func (r *recorder) begin(s *span) {
	t := &trace{r: r, name: s.name, at: s.sent, again: s.event.Again, skipped: int(r.skipped.Swap(0)), version: 1}
	t.weight = spanWeight + len(s.name) + s.event.Weight
	s.trace, s.id = t, 1
	t.spans = []*span{s}
	r.put(t)
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
