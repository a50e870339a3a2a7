// Package durable keeps Durable Objects alive.
//
// An object is a name for stored data and, from time to time, one live
// instance: at most one anywhere, made when an event needs it and dropped when
// it has been idle, when it fails or when new code arrives. Each such life
// ([Life]) has its own gates, its own events in flight and its own end, so that
// nothing of an ended life can act on the next one.
//
// Objects are spread over homes, the isolates they live in. Package durable
// decides where and when; what an instance is, a [Home] decides. There is no
// JavaScript here.
//
// Methods of [Objects] are safe for concurrent use, but those that wait must
// not be called on the goroutine of a loop. A Life and its Object belong to the
// goroutine of the loop they live on.
package durable

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A Home is an isolate that objects live in. Homes are compared with ==.
type Home interface {
	Loop() *loop.Loop
	// Start makes an instance, in a turn of life. An error is the exception its
	// constructor threw.
	Start(life *Life) error
	// KeepsAlive tells whether a pending operation of a kind keeps an instance in
	// memory that has no event in flight, for a quarter of an hour at most.
	KeepsAlive(kind loop.Kind) bool
	// Drop forgets the instance; none of its code is to run again.
	Drop(life *Life)
	// Alarm runs the instance's alarm handler, in a turn of life, and calls
	// done, in a turn or not, when it has ended.
	Alarm(life *Life, info AlarmInfo, done func(error))
	// SocketEvent runs a hibernatable socket's handler, in a turn of life.
	SocketEvent(life *Life, s *Socket, e SocketEvent, done func(error))
}

// A Store is an object's database.
type Store interface {
	// Dirty reports whether there is something to commit.
	Dirty() bool
	Commit() error
	Rollback() error
	// Alarm is the time the object's alarm is set to.
	Alarm() (at time.Time, ok bool, err error)
	SetAlarm(at time.Time, ok bool) error
	// Release is called when a turn has ended and nothing is open: the file may
	// be closed until the store is used again.
	Release()
}

// An Index finds alarms without opening the objects that set them. It is used
// concurrently.
type Index interface {
	Set(ref object.Ref, at time.Time) error
	Delete(ref object.Ref) error
}

// Options of [New].
type Options struct {
	Clock clock.Clock
	// OpenStore gives the database of an object, to one user at a time: it is
	// called for each life, and to drop the alarm of an object without one.
	OpenStore func(object.Ref) Store
	Index     Index

	IdleAfter time.Duration // until an idle instance is dropped; 0 is 10 s
	// LingerAfter is how long an instance that cannot hibernate stays without an
	// event, when nothing that it waits for keeps it; 0 is 70 s.
	LingerAfter time.Duration
	MoveAfter   time.Duration // until a busy one is reset for new code; 0 is 1 s

	// Gone is what calls of something get whose instance has ended in peace; nil
	// is an error in the words of the local runtime.
	Gone *engine.Throw

	// CloseCause makes the cause with which the context of a life ends that
	// makes room for new code or for a shutdown: it has sockets that cannot
	// hibernate closed with a code. Nil leaves them to be aborted.
	CloseCause func(code int, reason string) error

	// Refuse, unless nil, says why an object must not begin a life; its events fail
	// with that.
	Refuse func(object.Ref) error

	// Changed is told, on any goroutine, when the state of an object changed.
	Changed func(object.Ref, State)
	// Started is told, on any goroutine, when an object gets an instance.
	Started func(object.Ref)
	// Log is told of what no caller hears of, and in what it happened, nil when
	// nobody follows that.
	Log func(ref object.Ref, err error, in loop.Span)
	// Trace, unless nil, is told of each event on its way to an object and of
	// what the object's gates let through.
	Trace func(step string)
}

// ErrClosed is what events get when the emulator shuts down.
var ErrClosed = errors.New("the server is shutting down")

// ErrNotRunning is what [Objects.Evict] gives for an object without an
// instance.
var ErrNotRunning = errors.New("it is not running")

// Objects are all the objects of a server.
type Objects struct {
	opts   Options
	alarms alarms
	closed atomic.Bool // set under mu
	watch  atomic.Pointer[watch]
	failed atomic.Pointer[func(object.Ref, error)]

	// Lock order: mu, then the mailbox of an object. Neither is held while
	// anything outside of this package runs.
	mu      sync.RWMutex
	homes   []Home
	apart   map[string][]Home // of the namespaces that have homes of their own
	objects map[object.Key]*Object
}

// New makes an empty set of objects. SetHomes must be called before the first
// event.
func New(opts Options) *Objects {
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if opts.IdleAfter == 0 {
		opts.IdleAfter = 10 * time.Second
	}
	if opts.Gone == nil {
		opts.Gone = errGone
	}
	if opts.LingerAfter == 0 {
		opts.LingerAfter = 70 * time.Second
	}
	if opts.MoveAfter == 0 {
		opts.MoveAfter = time.Second
	}
	if opts.Log == nil {
		opts.Log = func(object.Ref, error, loop.Span) {}
	}
	m := &Objects{opts: opts, apart: map[string][]Home{}, objects: map[object.Key]*Object{}}
	m.alarms = alarms{clock: opts.Clock, deliver: m.deliverAlarm, all: map[object.Key]*pending{}}
	return m
}

// SetHomes is [Objects.Update] as it serves who develops: an object is not held
// up for long, and no socket is closed that can hibernate.
func (m *Objects) SetHomes(homes []Home, namespaces ...string) (moved <-chan struct{}) {
	return m.Update(homes, Update{}, namespaces...)
}

// An Update says how objects take to new code.
type Update struct {
	// Deployed has them take to it as on the deployed service: a busy instance
	// takes new events, too, until all have ended, and sockets are aborted.
	Deployed bool
	// Delay is how long an instance may stay busy then.
	Delay time.Duration
}

// Update gives the isolates objects live in from now on. An object that is
// alive in another one moves when its events have ended, and is reset when they
// have not within a while: never are there two instances of it. Events that
// have not begun by then are handled in the new home, in their order. The
// returned channel is closed when nothing lives in the former homes.
//
// Namespaces that are named get homes apart from the others, and only their
// objects move; none named stands for all that have no homes of their own.
func (m *Objects) Update(homes []Home, how Update, namespaces ...string) (moved <-chan struct{}) {
	if !how.Deployed {
		how.Delay = m.opts.MoveAfter
	}
	m.mu.Lock()
	if len(namespaces) == 0 {
		m.homes = homes
	}
	for _, key := range namespaces {
		m.apart[key] = homes
	}
	old := make([]*Object, 0, len(m.objects))
	for key, o := range m.objects {
		_, apart := m.apart[key.Namespace]
		if len(namespaces) == 0 && !apart || slices.Contains(namespaces, key.Namespace) {
			old = append(old, o)
		}
	}
	m.mu.Unlock()

	done := make(chan struct{})
	var wait sync.WaitGroup
	for _, o := range old {
		wait.Add(1)
		o.tell(func(here bool) {
			if here {
				o.move(how, wait.Done)
			} else {
				wait.Done()
			}
		})
	}
	go func() {
		wait.Wait()
		close(done)
	}()
	return done
}

// homeOfLocked spreads objects over the homes by their id (FNV-1a).
func (m *Objects) homeOfLocked(k object.Key) Home {
	h := uint32(2166136261)
	for i := range len(k.Namespace) {
		h = (h ^ uint32(k.Namespace[i])) * 16777619
	}
	for _, b := range k.ID {
		h = (h ^ uint32(b)) * 16777619
	}
	homes, apart := m.apart[k.Namespace]
	if !apart {
		homes = m.homes
	}
	return homes[int(h%uint32(len(homes)))]
}

func (m *Objects) homeOf(k object.Key) Home {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.homeOfLocked(k)
}

// object gives the object of ref, making its record when there is none, or nil
// when the server is shutting down.
func (m *Objects) object(ref object.Ref) *Object {
	key := ref.Key()
	m.mu.RLock()
	o := m.objects[key]
	m.mu.RUnlock()
	if o != nil {
		return o
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed.Load() {
		return nil
	}
	if o := m.objects[key]; o != nil {
		return o
	}
	o = &Object{m: m, ref: ref}
	o.locate(ref.Location)
	o.settle(m.homeOfLocked(key))
	m.objects[key] = o
	return o
}

// Deliver sends an event to an object, waking it when it sleeps. Events of one
// goroutine arrive in the order in which they were delivered.
func (m *Objects) Deliver(ref object.Ref, e *Event) {
	if m.opts.Trace != nil {
		m.opts.Trace("durable.(*Objects).Deliver")
	}
	m.follow(ref, e)
	for {
		o := m.object(ref)
		if o == nil {
			e.fail(ErrClosed)
			return
		}
		if o.post(mail{event: e, name: ref.Name, location: ref.Location}) {
			return
		}
	}
}

// Abort resets an object as ctx.abort does. It reports whether there was an
// instance.
func (m *Objects) Abort(ref object.Ref, reason *engine.Throw) bool {
	alive := false
	m.with(ref, func(o *Object) {
		if alive = o.life != nil; alive {
			_ = o.life.Reset(reason)
		}
	})
	return alive
}

// Evict drops an idle instance, or says why it cannot.
func (m *Objects) Evict(ref object.Ref) error {
	err := ErrNotRunning
	m.with(ref, func(o *Object) {
		if o.life == nil {
			return
		}
		if busy := o.life.busyWith(); busy != "" {
			err = errors.New("it is busy: " + busy)
			return
		}
		err = nil
		o.life.evict()
		o.evictFacets()
	})
	return err
}

// with runs fn on the loop of an object that is in memory, and waits.
func (m *Objects) with(ref object.Ref, fn func(*Object)) {
	m.mu.RLock()
	o := m.objects[ref.Key()]
	m.mu.RUnlock()
	if o == nil {
		return
	}
	done := make(chan struct{})
	o.tell(func(here bool) {
		defer close(done)
		if here {
			fn(o)
		}
	})
	<-done
}

// Each calls fn for every object in memory, each on its own loop, and returns
// when all have been called.
func (m *Objects) Each(fn func(*Object)) {
	m.mu.RLock()
	all := make([]*Object, 0, len(m.objects))
	for _, o := range m.objects {
		all = append(all, o)
	}
	m.mu.RUnlock()
	var wait sync.WaitGroup
	for _, o := range all {
		wait.Add(1)
		o.tell(func(here bool) {
			defer wait.Done()
			if here {
				fn(o)
			}
		})
	}
	wait.Wait()
}

// Close ends every life; events in flight, and all later ones, fail with
// ErrClosed. Closing twice is harmless.
func (m *Objects) Close() {
	m.mu.Lock()
	closed := m.closed.Swap(true)
	m.mu.Unlock()
	if closed {
		return
	}
	m.alarms.stop()
	m.Each((*Object).close)
}
