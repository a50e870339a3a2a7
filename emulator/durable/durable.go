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
// Methods of [Objects] are safe for concurrent use. A Life and its Object
// belong to the goroutine of the loop they live on.
package durable

import (
	"errors"
	"hash/fnv"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// ErrClosed is what events get when the emulator shuts down.
var ErrClosed = errors.New("the server is shutting down")

// A Home is an isolate that objects live in.
type Home interface {
	Loop() *loop.Loop
	// Start makes an instance, in a turn of life. An error is the exception its
	// constructor threw.
	Start(life *Life) error
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

// An Index finds alarms without opening the objects that set them.
type Index interface {
	Set(ref object.Ref, at time.Time) error
	Delete(ref object.Ref) error
}

// Options of [New].
type Options struct {
	Clock clock.Clock
	// OpenStore gives the database of an object; it is called once for each
	// life.
	OpenStore func(object.Ref) Store
	Index     Index

	IdleAfter time.Duration // until an idle instance is dropped; 0 is 10 s
	MoveAfter time.Duration // until a busy one is reset for new code; 0 is 1 s

	// Changed is told when the state of an object changed.
	Changed func(object.Ref, State)
	// Log is told of what no caller hears of.
	Log func(ref object.Ref, err error)
	// Trace, unless nil, is told of each event on its way to an object and of
	// what the object's gates let through.
	Trace func(step string)
}

// Objects are all the objects of a server.
type Objects struct {
	opts   Options
	alarms alarms

	mu      sync.Mutex
	homes   []Home
	objects map[object.Key]*Object
	closed  bool
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
	if opts.MoveAfter == 0 {
		opts.MoveAfter = time.Second
	}
	if opts.Changed == nil {
		opts.Changed = func(object.Ref, State) {}
	}
	if opts.Log == nil {
		opts.Log = func(object.Ref, error) {}
	}
	m := &Objects{opts: opts, objects: map[object.Key]*Object{}}
	m.alarms.init(m)
	return m
}

// SetHomes gives the isolates objects live in from now on. An object that is
// alive in another one moves when its events have ended, and is reset when they
// have not within a while: never are there two instances of it. The returned
// channel is closed when nothing lives in the former homes.
func (m *Objects) SetHomes(homes []Home) (moved <-chan struct{}) {
	m.mu.Lock()
	m.homes = homes
	var old []*Object
	for _, o := range m.objects {
		old = append(old, o)
	}
	m.mu.Unlock()

	done := make(chan struct{})
	var wait sync.WaitGroup
	for _, o := range old {
		wait.Add(1)
		o.post(func() { o.move(m.homeOf(o.ref.Key()), wait.Done) })
	}
	go func() {
		wait.Wait()
		close(done)
	}()
	return done
}

func (m *Objects) homeOf(k object.Key) Home {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := fnv.New32a()
	h.Write([]byte(k.Namespace))
	h.Write(k.ID[:])
	return m.homes[int(h.Sum32()%uint32(len(m.homes)))]
}

// object gives the object of ref, making its record when there is none.
func (m *Objects) object(ref object.Ref) (*Object, error) {
	m.mu.Lock()
	o, ok := m.objects[ref.Key()]
	closed := m.closed
	m.mu.Unlock()
	if closed {
		return nil, ErrClosed
	}
	if ok {
		return o, nil
	}
	home := m.homeOf(ref.Key())
	m.mu.Lock()
	defer m.mu.Unlock()
	if o, ok := m.objects[ref.Key()]; ok {
		return o, nil
	}
	o = &Object{m: m, ref: ref}
	o.home.Store(&home)
	m.objects[ref.Key()] = o
	return o, nil
}

// Deliver sends an event to an object, waking it when it sleeps. Events of one
// goroutine arrive in the order in which they were delivered.
func (m *Objects) Deliver(ref object.Ref, e *Event) {
	if m.opts.Trace != nil {
		m.opts.Trace("durable.(*Objects).Deliver")
	}
	o, err := m.object(ref)
	if err != nil {
		e.Fail(err)
		return
	}
	o.post(func() {
		if o.ref.Name == "" {
			o.ref.Name = ref.Name
		}
		o.accept(e)
	})
}

// Abort resets an object as ctx.abort does. It reports whether there was an
// instance.
func (m *Objects) Abort(ref object.Ref, reason *engine.Throw) bool {
	return m.with(ref, func(o *Object) bool {
		alive := o.life != nil
		if alive {
			o.life.Reset(reason)
		}
		return alive
	})
}

// Evict drops an idle instance, or says why it cannot.
func (m *Objects) Evict(ref object.Ref) error {
	var err error
	m.with(ref, func(o *Object) bool {
		if o.life == nil {
			err = errors.New("it is not running")
			return false
		}
		if busy := o.life.busyWith(); busy != "" {
			err = errors.New("it is busy: " + busy)
			return false
		}
		o.life.end()
		return true
	})
	return err
}

// with runs fn on the loop of an object that is in memory.
func (m *Objects) with(ref object.Ref, fn func(*Object) bool) bool {
	m.mu.Lock()
	o, ok := m.objects[ref.Key()]
	m.mu.Unlock()
	if !ok {
		return false
	}
	result := make(chan bool, 1)
	o.post(func() { result <- fn(o) })
	return <-result
}

// Each calls fn for every object in memory, each on its own loop, and returns
// when all have been called.
func (m *Objects) Each(fn func(*Object)) {
	m.mu.Lock()
	all := make([]*Object, 0, len(m.objects))
	for _, o := range m.objects {
		all = append(all, o)
	}
	m.mu.Unlock()
	var wait sync.WaitGroup
	for _, o := range all {
		wait.Add(1)
		o.post(func() {
			defer wait.Done()
			fn(o)
		})
	}
	wait.Wait()
}

// Close ends every life; events in flight fail with ErrClosed. Stores are
// given back.
func (m *Objects) Close() {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return
	}
	m.closed = true
	m.mu.Unlock()
	m.alarms.stop()
	m.Each(func(o *Object) {
		if o.life != nil {
			o.life.fail(ErrClosed)
			o.life.end()
		}
		o.closeSockets(1001, "the server is shutting down")
	})
}
