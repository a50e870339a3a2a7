// Package inspecttest has an Inspector without a server behind it, for the tests
// of what shows one.
//
// A [Fake] holds plain data that a test changes through its methods; every
// change goes to the streams that follow it. [Lively] is one with a chat and a
// rate limiter in it, that [Fake.Step] lets live on, the same way each time.
package inspecttest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// A Fake is an Inspector in memory. It is safe for concurrent use.
type Fake struct {
	// Now tells the time of what happens.
	Now func() time.Time
	// Fail, unless nil, is asked before everything; its error is the answer. It
	// may block, as a slow server does.
	Fail func(ctx context.Context, what string) error

	mu      sync.Mutex
	project inspect.Project
	spaces  []inspect.Namespace
	objects map[inspect.Ref]*inspect.Object
	pairs   map[inspect.Ref]map[string]inspect.Entry
	tables  map[inspect.Ref][]Table
	sockets map[inspect.Ref][]inspect.Socket
	logs    []inspect.LogLine
	traces  []inspect.Trace
	load    inspect.Load
	streams map[*stream]bool
	acted   []inspect.Action
	kept    map[string]keep // snapshots
	pasts   map[inspect.Ref][]moment
	undone  map[inspect.Ref]map[string]inspect.Entry // by the last rewind
	applied inspect.MigrationStatus
	plan    inspect.MigrationPlan
	steps   int
}

var _ inspect.Inspector = (*Fake)(nil)

// A Table is a table of a Fake. Its SQL is not understood: "SELECT * FROM name"
// gives all rows, and whatever else is asked an error.
type Table struct {
	inspect.Table
	Data [][]json.RawMessage
}

// New is a Fake of a live project without objects.
func New(now func() time.Time) *Fake {
	return &Fake{
		Now: now,
		project: inspect.Project{
			Version: "0.0.0", Name: "example", Config: "wrangler.toml", URL: "http://127.0.0.1:8787", State: ".wrangler/state", Live: true, Started: now(),
		},
		objects: map[inspect.Ref]*inspect.Object{}, pairs: map[inspect.Ref]map[string]inspect.Entry{},
		tables: map[inspect.Ref][]Table{}, sockets: map[inspect.Ref][]inspect.Socket{}, streams: map[*stream]bool{},
		pasts: map[inspect.Ref][]moment{}, undone: map[inspect.Ref]map[string]inspect.Entry{},
	}
}

// SetProject changes what the project is said to be.
func (f *Fake) SetProject(change func(p *inspect.Project)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.project)
}

// AddNamespace adds a class.
func (f *Fake) AddNamespace(ns inspect.Namespace) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spaces = append(f.spaces, ns)
	f.tellLocked(inspect.Event{Kind: inspect.NamespaceChanged, Namespace: &ns})
}

// Put adds an object or changes the one that is there, and returns its Ref.
func (f *Fake) Put(class, name string, change func(o *inspect.Object)) inspect.Ref {
	f.mu.Lock()
	defer f.mu.Unlock()
	ref := refOf(class, name)
	o := f.objects[ref]
	if o == nil {
		o = &inspect.Object{Ref: ref, Script: "example", Class: class, ID: ref.ID, Name: name, Label: class + "/" + name, State: inspect.Stored}
		for _, ns := range f.spaces {
			if ns.Class == class && len(ns.Bindings) > 0 {
				o.Binding = ns.Bindings[0]
			}
		}
		f.objects[ref] = o
	}
	if change != nil {
		change(o)
	}
	f.changedLocked(ref)
	return ref
}

// refOf makes an id of a name: not the platform's, but the same each time.
func refOf(class, name string) inspect.Ref {
	sum := sha256.Sum256([]byte(class + "/" + name))
	return inspect.Ref{Namespace: "example-" + class, ID: hex.EncodeToString(sum[:])}
}

// Store puts a value, in the form of Entry.Value, and tells of it as a turn's
// doing.
func (f *Fake) Store(ref inspect.Ref, by, key, value string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	diff := f.changeLocked(ref, inspect.Change{Key: key, Value: json.RawMessage(value)})
	f.commitLocked(ref, inspect.Written, inspect.Contrast{Keys: []inspect.Diff{diff}})
	f.tellLocked(inspect.Event{Kind: inspect.StorageChanged, Storage: &inspect.StorageEvent{Object: ref, By: by, Diffs: []inspect.Diff{diff}}})
}

// AddTable adds a SQL table.
func (f *Fake) AddTable(ref inspect.Ref, t Table) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t.Rows = int64(len(t.Data))
	f.tables[ref] = append(f.tables[ref], t)
}

// Open adds a socket, or changes the one with its number.
func (f *Fake) Open(s inspect.Socket) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.openLocked(s)
}

func (f *Fake) openLocked(s inspect.Socket) {
	if o := f.objects[s.Ref]; o != nil {
		s.Object = o.Label
	}
	list := f.sockets[s.Ref]
	i := slices.IndexFunc(list, func(other inspect.Socket) bool { return other.ID == s.ID })
	switch {
	case s.State == inspect.SocketClosed && i >= 0:
		list = slices.Delete(list, i, i+1)
	case i >= 0:
		list[i] = s
	case s.State != inspect.SocketClosed:
		list = append(list, s)
	}
	f.sockets[s.Ref] = list
	f.tellLocked(inspect.Event{Kind: inspect.SocketChanged, Socket: &s})
	if o := f.objects[s.Ref]; o != nil && o.Sockets != len(list) {
		o.Sockets, o.Holding = len(list), 0
		for _, s := range list {
			if !s.Hibernatable {
				o.Holding++
			}
		}
		f.changedLocked(s.Ref)
	}
}

// Frame tells of a message on a socket and counts it.
func (f *Fake) Frame(fr inspect.Frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.frameLocked(fr)
}

func (f *Fake) frameLocked(fr inspect.Frame) {
	fr.At = f.Now()
	fr.SizeBytes = int64(len(fr.Text) + len(fr.Data))
	for _, s := range f.sockets[fr.Object] {
		if s.ID != fr.Socket {
			continue
		}
		if fr.FromClient {
			s.Received++
			s.ReceivedBytes += fr.SizeBytes
		} else {
			s.Sent++
			s.SentBytes += fr.SizeBytes
		}
		s.Last = &fr
		f.tellLocked(inspect.Event{Kind: inspect.FrameSeen, Frame: &fr})
		f.openLocked(s)
		return
	}
}

// Log adds a line.
func (f *Fake) Log(l inspect.LogLine) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l.At = f.Now()
	if o := f.objects[l.Ref]; o != nil {
		l.Object = o.Label
	}
	f.logs = append(f.logs, l)
	f.tellLocked(inspect.Event{Kind: inspect.LogWritten, Log: &l})
}

// AddTrace adds a trace, or changes the one with its id.
func (f *Fake) AddTrace(t inspect.Trace) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := f.traceLocked(t.ID); i >= 0 {
		f.traces[i] = t
	} else {
		f.traces = append(f.traces, t)
	}
	t.Spans = nil
	f.tellLocked(inspect.Event{Kind: inspect.TraceChanged, Trace: &t})
}

func (f *Fake) traceLocked(id string) int {
	return slices.IndexFunc(f.traces, func(t inspect.Trace) bool { return t.ID == id })
}

// Loads tells how busy objects and the project are now.
func (f *Fake) Loads(project inspect.Load, objects map[inspect.Ref]inspect.Load) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.load = project
	for ref, load := range objects {
		if o := f.objects[ref]; o != nil {
			o.Load = load
		}
	}
	f.tellLocked(inspect.Event{Kind: inspect.Loads, Load: &project, Loads: objects})
}

// Remove takes an object away.
func (f *Fake) Remove(ref inspect.Ref) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removeLocked(ref)
}

func (f *Fake) removeLocked(ref inspect.Ref) {
	delete(f.objects, ref)
	delete(f.pairs, ref)
	delete(f.tables, ref)
	f.tellLocked(inspect.Event{Kind: inspect.ObjectGone, Gone: &ref})
}

// Tell sends an event to the streams as it is: a Missed, a Reloaded.
func (f *Fake) Tell(e inspect.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tellLocked(e)
}

// Disconnect ends all streams, as when the server goes away.
func (f *Fake) Disconnect() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.streams {
		s.end()
	}
	clear(f.streams)
}

// Acted are the actions that were asked for, in order.
func (f *Fake) Acted() []inspect.Action {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.acted)
}

func (f *Fake) ask(ctx context.Context, what string) error {
	if f.Fail == nil {
		return nil
	}
	return f.Fail(ctx, what)
}

// changedLocked tells of an object.
func (f *Fake) changedLocked(ref inspect.Ref) {
	if o := f.objects[ref]; o != nil {
		now := *o
		f.tellLocked(inspect.Event{Kind: inspect.ObjectChanged, Object: &now})
	}
}

func (f *Fake) tellLocked(e inspect.Event) {
	e.At = f.Now()
	for s := range f.streams {
		s.tell(e)
	}
}

// sortedLocked are the objects by class, then name.
func (f *Fake) sortedLocked() []inspect.Object {
	out := make([]inspect.Object, 0, len(f.objects))
	for _, o := range f.objects {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b inspect.Object) int {
		return cmp.Or(strings.Compare(a.Class, b.Class), strings.Compare(cmp.Or(a.Name, a.ID), cmp.Or(b.Name, b.ID)))
	})
	return out
}

func notFound(what string, args ...any) error {
	return &inspect.Error{Code: inspect.NotFound, Message: fmt.Sprintf(what, args...)}
}

// stream is what a watcher reads. Its queue has no bound: tests see everything.
type stream struct {
	f      *Fake
	follow inspect.Follow
	mu     sync.Mutex
	queue  []inspect.Event
	more   chan struct{}
	over   bool
}

func (s *stream) tell(e inspect.Event) {
	if !s.wants(e) {
		return
	}
	s.mu.Lock()
	s.queue = append(s.queue, e)
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *stream) end() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *stream) wants(e inspect.Event) bool { return s.follow.Wants(e) }

// Next implements inspect.Stream.
func (s *stream) Next(ctx context.Context) (inspect.Event, error) {
	for {
		s.mu.Lock()
		if len(s.queue) > 0 {
			e := s.queue[0]
			s.queue = s.queue[1:]
			s.mu.Unlock()
			return e, nil
		}
		over := s.over
		s.mu.Unlock()
		if over {
			return inspect.Event{}, io.EOF
		}
		select {
		case <-s.more:
		case <-ctx.Done():
			return inspect.Event{}, ctx.Err()
		}
	}
}

// Close implements inspect.Stream.
func (s *stream) Close() error {
	s.f.mu.Lock()
	delete(s.f.streams, s)
	s.f.mu.Unlock()
	s.end()
	return nil
}
