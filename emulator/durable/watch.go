package durable

import (
	"time"

	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A Watcher is told what objects do. Its methods are called on any goroutine,
// must not block, and cost nothing while nobody watches.
type Watcher interface {
	// Wants reports whether to be told of an event that code sent in parent, or,
	// for outside, of one that nothing here caused. It is asked of every event.
	Wants(parent loop.Span, outside bool) bool
	// Event is told of an event on its way to an object, or to a Worker for the
	// zero Ref. What it returns follows the event, unless it is nil.
	Event(ref object.Ref, e *Event) Span
	// Frame is told of a message on a socket, and of its close.
	Frame(f Frame)
}

// A Span follows an event from when it was sent to when it was handled.
type Span interface {
	loop.Span
	// Posted says on which loop the event waits, and is called again when that
	// is another one. It may be called on any goroutine.
	Posted(*loop.Loop)
	// Starting says that a constructor is about to run for the event; the span
	// that it returns, nil for none, follows that, and done is told how it went.
	Starting() (s loop.Span, done func(error))
	// Held says what keeps the event out from now on, although its loop has come
	// to it.
	Held(Holder)
	// Admitted says that the event does not wait any more.
	Admitted()
	// Committing is told when what a turn of it wrote to the object of ref is
	// about to be committed; what it returns is told how that went.
	Committing(ref object.Ref) (done func(error))
	// End is called once, with what the handler threw or why it never ran.
	End(err error)
}

// A Holder is what keeps events out of an object.
type Holder struct {
	What string    // "blockConcurrencyWhile", "transaction", "new code"
	Span loop.Span // of the event in which it began, nil for none
}

// A Frame is what went over a socket.
type Frame struct {
	Ref        object.Ref
	Socket     int
	At         time.Time
	FromClient bool // it came from the other side
	Auto       bool // the automatic response answers it
	Size       int  // in bytes, also where Data is cut short
	SocketEvent
}

// watch is the watcher of the moment.
type watch struct{ Watcher }

// Watch has w told of everything from now on, instead of who was told before;
// nil stops it.
func (m *Objects) Watch(w Watcher) {
	if w == nil {
		m.watch.Store(nil)
		return
	}
	m.watch.Store(&watch{w})
}

// TellFailures has fn told, on any goroutine, what handlers and constructors of
// objects throw, whether or not somebody waits for the answer.
func (m *Objects) TellFailures(fn func(object.Ref, error)) { m.failed.Store(&fn) }

func (o *Object) tellFailure(err error) {
	if fn := o.m.failed.Load(); fn != nil {
		(*fn)(o.ref, err)
	}
}

// committing has who follows the current turn told of a commit.
func (l *Life) committing() (done func(error)) {
	if s, ok := l.loop.Span().(Span); ok {
		return s.Committing(l.o.ref)
	}
	return func(error) {}
}

// followed is what follows the event, nil for nothing.
func (e *Event) followed() loop.Span {
	if e.span == nil {
		return nil
	}
	return e.span
}

// starting has who follows the event follow the constructor that it needs, in the
// current turn.
func (e *Event) starting(l *loop.Loop) (done func(error)) {
	if e.span == nil {
		return func(error) {}
	}
	span, done := e.span.Starting()
	l.SetSpan(span)
	return done
}

// held tells who follows the event what keeps it out.
func (e *Event) held(by Holder) {
	if e.span != nil {
		e.span.Held(by)
	}
}

// holder is what keeps events out of the life.
func (l *Life) holder() Holder {
	h, _ := l.input.Holder().Of.(Holder)
	return h
}

// Follows reports whether somebody wants to follow an event of a Worker; see
// [Watcher].
func (m *Objects) Follows(parent loop.Span, outside bool) bool {
	w := m.watch.Load()
	return w != nil && w.Wants(parent, outside)
}

// Follow gives what follows an event of a Worker, nil for nothing.
func (m *Objects) Follow(e *Event) Span {
	m.accompany(object.Ref{}, e)
	return e.span
}

// Follow has who watches follow an event that is to be delivered to this life.
func (l *Life) Follow(e *Event) { l.o.m.follow(l.o.root().ref, e) }

func (m *Objects) follow(ref object.Ref, e *Event) {
	if m.Follows(e.Parent, !e.Inside) {
		m.accompany(ref, e)
	}
}

// accompany has who watches follow an event that it wants to follow.
func (m *Objects) accompany(ref object.Ref, e *Event) {
	if w := m.watch.Load(); w != nil {
		e.span = w.Event(ref, e)
	}
}

// fail tells the sender that the event was not handled.
func (e *Event) fail(err error) {
	e.leave(err)
	e.Fail(err)
}

// leave tells who follows the event, which may be nil, that nothing more becomes
// of it.
func (e *Event) leave(err error) {
	if e != nil && e.span != nil {
		e.span.End(err)
	}
}

// answered is leave for what the automatic response has answered.
func (e *Event) answered() {
	if e != nil {
		e.Detail = "answered automatically"
	}
	e.leave(nil)
}

// Values of Object.mode, in the order of modes.
const (
	modeStored = iota
	modeIdle
	modeRunning
	modeFailed
)

// modeOf is the object's state without regard to its sockets.
func modeOf(o *Object) uint32 {
	switch {
	case o.life != nil && o.life.working():
		return modeRunning
	case o.life != nil:
		return modeIdle
	case o.failure != nil:
		return modeFailed
	}
	return modeStored
}

// A Glance is an object as it looks from outside.
type Glance struct {
	Ref     object.Ref
	State   State
	Queue   int // events that its loop has not seen yet
	Sockets int // open ones, also those of its facets
	Holding int // of its own, those that keep it in memory
}

// Glances are all objects in memory. It waits for no loop, however busy that
// is.
func (m *Objects) Glances() []Glance {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := make([]Glance, 0, len(m.objects))
	for _, o := range m.objects {
		out = append(out, o.glance())
	}
	return out
}

// Glance is one object; false says that nothing of it is in memory.
func (m *Objects) Glance(k object.Key) (Glance, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	o := m.objects[k]
	if o == nil {
		return Glance{}, false
	}
	return o.glance(), true
}

func (o *Object) glance() Glance {
	g := Glance{Ref: object.Ref{Namespace: o.ref.Namespace, ID: o.ref.ID}, State: Stored, Sockets: int(o.connected.Load()), Holding: int(o.held.Load())}
	if location := o.location.Load(); location != nil {
		g.Ref.Location = *location
	}
	o.mu.Lock()
	g.Queue = len(o.queue) - o.head
	o.mu.Unlock()
	switch mode := o.mode.Load(); {
	case mode == modeRunning:
		g.State = Running
	case mode == modeIdle:
		g.State = Idle
	case g.Sockets > 0:
		g.State = Hibernated
	case mode == modeFailed:
		g.State = Failed
	}
	return g
}

// Visit runs fn as an event of an object: nothing of the object's own runs
// meanwhile, and what fn writes is committed at once or, when it gives an
// error, not at all. It makes no instance: without one the life that fn gets
// has nothing but a store. Done is told the error, on any goroutine.
func (m *Objects) Visit(ref object.Ref, name string, fn func(*Life) error, done func(error)) {
	o := m.object(ref)
	if o == nil {
		done(ErrClosed)
		return
	}
	posted := o.post(mail{fn: func(here bool) {
		switch {
		case !here:
			done(ErrClosed)
		case o.life == nil && o.moving == nil:
			done(o.visitAsleep(fn))
		default:
			o.visitAwake(name, fn, done)
		}
	}})
	if !posted {
		m.Visit(ref, name, fn, done) // its record has just been forgotten
	}
}

// visitAsleep runs fn for an object without an instance.
func (o *Object) visitAsleep(fn func(*Life) error) error {
	l := newLife(o)
	defer l.cancel(nil)
	defer l.store.Release()
	err := fn(l)
	if err == nil && (l.store.Dirty() || l.alarmSet) {
		err = l.commit()
	}
	if err != nil && l.store.Dirty() {
		_ = l.store.Rollback() // the first error says what is wrong
	}
	return err
}

// visitAwake runs fn in a turn of the instance.
func (o *Object) visitAwake(name string, fn func(*Life) error, done func(error)) {
	e := &Event{Name: name, Kind: "edit", Fail: done}
	e.Run = func(l *Life) {
		l.loop.Touch(l)
		err := fn(l)
		l.loop.SendFor(l, func() {
			e.Err = err
			if l.Finish(e) {
				done(err)
			}
		})
	}
	o.m.follow(o.ref, e)
	o.accept(e)
}

// Inside runs fn on the loop of an object of which something is in memory, and
// reports whether that was so.
func (m *Objects) Inside(ref object.Ref, fn func(*Object)) (there bool) {
	m.with(ref, func(o *Object) {
		there = true
		fn(o)
	})
	return there
}

// A Pending is an alarm that an object is to be called for.
type Pending struct {
	Ref     object.Ref
	At      time.Time
	Retries int // in vain so far
}

// Alarms are all pending alarms, in no order.
func (m *Objects) Alarms() []Pending {
	m.alarms.mu.Lock()
	defer m.alarms.mu.Unlock()
	out := make([]Pending, 0, len(m.alarms.heap))
	for _, p := range m.alarms.heap {
		out = append(out, Pending{Ref: p.ref, At: p.due, Retries: p.retries})
	}
	return out
}

// CloseSockets closes all sockets of an object and of its facets.
func (m *Objects) CloseSockets(ref object.Ref, code int, reason string) {
	m.with(ref, func(o *Object) {
		for _, s := range o.AllSockets() {
			s.Close(code, reason)
			s.o.dropSocket(s)
		}
	})
}
