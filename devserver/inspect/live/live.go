// Package live lets an inspector see into a running emulator.
//
// A [Live] answers from what the emulator knows, and acts by way of the objects'
// own queues. It has the emulator tell it of every event, and records what
// follows from some two hundred of those that come from outside in a second, so
// that who looks after something went wrong sees it; of the others what failed or
// took long. The rest is watched only while somebody follows it.
package live

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
)

// A Live is an Inspector of an emulator. It is safe for concurrent use.
type Live struct {
	project inspect.Project
	emu     atomic.Pointer[emulator.Emulator]
	saved   atomic.Pointer[Project]
	ring    ring
	record  recorder
	logs    logs
	files   files
	hurry   chan struct{} // has whoever ticks look at all objects at once

	migrating sync.Mutex        // held while migrations are applied, guards before
	before    []emulator.Worker // what ran before they were applied last, nil for not in this run

	mu      sync.Mutex // guards what follows
	streams map[*stream]bool
	ticking context.CancelFunc // nil when nobody follows
	tasks   sync.WaitGroup     // goroutines that Close waits for
	ctx     context.Context
	stop    context.CancelFunc
	shown   map[inspect.Ref]inspect.Object // as followers know them
	sockets map[socketKey]inspect.Socket   // likewise
	base    base
	// glimpses belong to the goroutine that ticks.
	glimpses map[object.Key]glimpse
	closed   bool
}

var _ inspect.Inspector = (*Live)(nil)

// New makes a Live of a project whose emulator is yet to be opened: what it
// logs meanwhile is not lost.
func New(project inspect.Project) *Live {
	project.Live = true
	l := &Live{project: project, hurry: make(chan struct{}, 1), streams: map[*stream]bool{}}
	l.ctx, l.stop = context.WithCancel(context.Background())
	l.ring.run = inspect.NewToken()[:8]
	l.logs.l, l.files.l = l, l
	l.record.init(l)
	return l
}

// Attach gives it the emulator.
func (l *Live) Attach(e *emulator.Emulator) {
	for _, c := range e.Classes() {
		alarms, err := e.NamedAlarms(c.Key)
		if err != nil {
			continue
		}
		for _, a := range alarms {
			if id, err := object.Decode(a.ID); err == nil {
				e.Names().Note(object.Ref{Namespace: c.Key, ID: id, Name: a.Name})
			}
		}
	}
	e.Objects().TellFailures(l.logs.failed)
	l.emu.Store(e)
	e.Objects().Watch(&l.record)
}

// errStarting is the answer before there is an emulator.
var errStarting = &inspect.Error{Code: inspect.Unavailable, Message: "the project has not started yet"}

func (l *Live) emulator() (*emulator.Emulator, error) {
	if e := l.emu.Load(); e != nil {
		return e, nil
	}
	return nil, errStarting
}

// Close ends all streams. Closing twice is harmless.
func (l *Live) Close() {
	l.mu.Lock()
	l.closed = true
	l.stop()
	for s := range l.streams {
		s.end()
	}
	clear(l.streams)
	l.record.traces.close()
	l.record.failures.close()
	l.followedLocked()
	l.mu.Unlock()
	l.ring.wake()
	l.tasks.Wait()
}

// refOf and keyOf translate between the names of an object here and there.
func refOf(k object.Key) inspect.Ref {
	return inspect.Ref{Namespace: k.Namespace, ID: k.ID.String()}
}

// known is an object by its reference, with its name.
func (l *Live) known(ref inspect.Ref) (*emulator.Emulator, object.Ref, error) {
	e, err := l.emulator()
	if err != nil {
		return nil, object.Ref{}, err
	}
	id, err := object.Decode(ref.ID)
	if err != nil {
		return nil, object.Ref{}, &inspect.Error{Code: inspect.Invalid, Message: err.Error()}
	}
	out := object.Ref{Namespace: ref.Namespace, ID: id}
	out.Name = e.Names().Name(out.Key())
	return e, out, nil
}

// fault gives an error of an object's its place.
func (l *Live) fault(ref object.Ref, err error) *inspect.Fault {
	f, ok := errors.AsType[*emulator.Failure](err)
	if !ok {
		e := l.emu.Load()
		if e == nil {
			return &inspect.Fault{At: time.Now(), Message: err.Error()}
		}
		f = e.Explain(ref, err)
	}
	return faultOf(f)
}

func faultOf(f *emulator.Failure) *inspect.Fault {
	return &inspect.Fault{At: time.Now(), Name: f.Name, Message: f.Message, Place: placeIn(f.Stack), Stack: f.Stack, Excerpt: f.Excerpt}
}

// refusal is an error of durable's as package inspect has it.
func refusal(label string, err error) error {
	code := inspect.Refused
	if errors.Is(err, durable.ErrClosed) {
		code = inspect.Gone
	}
	return &inspect.Error{Code: code, Message: label + ": " + err.Error()}
}
