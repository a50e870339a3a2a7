// Package loop gives an isolate its turns.
//
// A [Loop] owns one isolate and the goroutine that alone touches it. Whatever
// reaches JavaScript is an event, delivered as one turn: a function runs, the
// job queue is drained, what the turn touched is committed, and only then does
// what it sent leave. While JavaScript waits for something outside, that is an
// [Op]; its completion is an event again.
//
// A turn is run for an [Owner], which decides when an event may come in and
// what becomes of what was sent. The loop knows neither objects nor storage.
package loop

import (
	"context"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/engine"
)

// An Owner is what turns are run for. All methods are called on the loop's
// goroutine.
type Owner interface {
	// Admit is given an event that belongs to section, the section that was
	// current when the operation began. It calls run at once, or later when its
	// gate lets the event in, or never when the owner is gone.
	Admit(section any, run func())
	// Began and Ended count the operations JavaScript waits for.
	Began(Kind)
	Ended(Kind)
	// Context is done when the owner is gone.
	Context() context.Context
	// Commit makes what the turn stored durable. It is called once at the end
	// of each turn in which Touch named the owner. After an error, which the
	// owner handles itself, what the owner sent in this turn is dropped.
	Commit() error
	// Release is given what the owner sent in a turn that has committed.
	Release(sent []func())
}

// Kind says what an operation waits for.
type Kind int

const (
	Timer Kind = iota
	Fetch
	Body
	Socket
	Call
	Other
)

// Options of a loop.
type Options struct {
	Clock clock.Clock
	// TurnLimit interrupts a turn that computes for longer; zero is no limit.
	TurnLimit time.Duration
	// Uncaught is told of exceptions nobody handles, on the loop's goroutine.
	Uncaught func(owner Owner, err error, rejection bool)
}

// A Loop runs one isolate.
type Loop struct {
	vm   engine.VM
	opts Options

	mu      sync.Mutex
	queue   []func()
	closing bool
	wake    chan struct{}
	done    chan struct{}

	// Only the loop's goroutine uses what follows.
	owner    Owner
	section  any
	touched  []Owner
	sent     []sent
	next     []func() // to be run after the current turn
	inTurn   bool
	draining bool // next is being worked off
	now      time.Time
	nextOp   int
	timers   timers
}

// sent is something that leaves when its owner has committed.
type sent struct {
	owner Owner
	fn    func()
}

// New starts a loop for vm, which it owns from then on.
func New(vm engine.VM, opts Options) *Loop {
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if opts.Uncaught == nil {
		opts.Uncaught = func(Owner, error, bool) {}
	}
	l := &Loop{vm: vm, opts: opts, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go l.run()
	return l
}

// VM is the isolate. Only code on the loop's goroutine may use it.
func (l *Loop) VM() engine.VM { return l.vm }

// Post runs fn on the loop's goroutine, after what was posted before. It is no
// turn: fn starts one when it wants JavaScript to run. After Close it does
// nothing. It is safe for concurrent use.
func (l *Loop) Post(fn func()) {
	l.mu.Lock()
	if !l.closing {
		l.queue = append(l.queue, fn)
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Close stops the loop after what has been posted and frees the isolate. It
// waits, and may be called twice, but not on the loop's goroutine.
func (l *Loop) Close() {
	l.mu.Lock()
	l.closing = true
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
	<-l.done
}

func (l *Loop) run() {
	defer close(l.done)
	defer l.vm.Close()
	defer l.timers.stop()
	for {
		l.mu.Lock()
		batch, closing := l.queue, l.closing
		l.queue = nil
		l.mu.Unlock()
		if len(batch) == 0 {
			if closing {
				return
			}
			<-l.wake
			continue
		}
		for _, fn := range batch {
			l.now = time.Time{}
			fn()
		}
	}
}

// Turn delivers one event: fn runs for owner in section, then the turn ends.
// Called in a turn, it runs the event after that one.
func (l *Loop) Turn(owner Owner, section any, fn func()) {
	if l.inTurn {
		l.next = append(l.next, func() { l.turn(owner, section, fn) })
		return
	}
	l.turn(owner, section, fn)
	l.runNext()
}

// AfterTurn calls fn when no turn is running: now, or after the current one in
// the order of the calls. It must be called on the loop's goroutine.
func (l *Loop) AfterTurn(fn func()) {
	l.next = append(l.next, fn)
	if !l.inTurn {
		l.runNext()
	}
}

func (l *Loop) runNext() {
	if l.draining {
		return
	}
	l.draining = true
	for len(l.next) > 0 {
		fn := l.next[0]
		l.next = l.next[1:]
		fn()
	}
	l.draining = false
}

func (l *Loop) turn(owner Owner, section any, fn func()) {
	l.inTurn, l.owner, l.section = true, owner, section
	l.now = l.opts.Clock.Now()
	stop := l.watch()
	fn()
	if err := l.vm.Drain(); err != nil {
		l.opts.Uncaught(owner, err, false)
	}
	for _, r := range l.vm.Rejections() {
		l.opts.Uncaught(owner, r, true)
	}
	stop()
	l.finish()
	l.inTurn, l.owner, l.section = false, nil, nil
}

// watch interrupts the turn when it runs for too long.
func (l *Loop) watch() (stop func()) {
	if l.opts.TurnLimit == 0 {
		return func() {}
	}
	t := time.AfterFunc(l.opts.TurnLimit, func() { l.vm.Interrupt("Worker exceeded CPU time limit.") })
	return func() { t.Stop() }
}

// finish commits what the turn touched and lets out what was sent. Owners
// release in the order in which they first sent something.
func (l *Loop) finish() {
	var failed map[Owner]bool
	for len(l.touched) > 0 {
		touched := l.touched
		l.touched = nil
		for _, o := range touched {
			if err := o.Commit(); err != nil {
				if failed == nil {
					failed = map[Owner]bool{}
				}
				failed[o] = true
			}
		}
	}
	for len(l.sent) > 0 {
		batch := l.sent
		l.sent = nil
		for len(batch) > 0 {
			owner := batch[0].owner
			var mine []func()
			rest := batch[:0]
			for _, s := range batch {
				if s.owner == owner {
					mine = append(mine, s.fn)
				} else {
					rest = append(rest, s)
				}
			}
			batch = rest
			if !failed[owner] {
				owner.Release(mine)
			}
		}
	}
}

// Owner is whom the current turn is run for, nil outside of one.
func (l *Loop) Owner() Owner { return l.owner }

// Section is the section of the current turn.
func (l *Loop) Section() any { return l.section }

// SetSection makes the rest of the current turn belong to section.
func (l *Loop) SetSection(section any) { l.section = section }

// As runs fn, within the current turn, for another owner and section.
func (l *Loop) As(owner Owner, section any, fn func()) {
	o, s := l.owner, l.section
	l.owner, l.section = owner, section
	fn()
	l.owner, l.section = o, s
}

// Touch has owner commit at the end of this turn. Outside a turn it does
// nothing.
func (l *Loop) Touch(owner Owner) {
	for _, o := range l.touched {
		if o == owner {
			return
		}
	}
	l.touched = append(l.touched, owner)
}

// Send has fn run when the current turn has committed and its owner lets it
// out. Outside a turn fn runs at once.
func (l *Loop) Send(fn func()) {
	if l.owner == nil {
		fn()
		return
	}
	l.sent = append(l.sent, sent{l.owner, fn})
}

// Now is the time at which the current turn began: JavaScript sees time stand
// still while it computes.
func (l *Loop) Now() time.Time {
	if l.now.IsZero() {
		l.now = l.opts.Clock.Now()
	}
	return l.now
}

// RealNow is the time on the loop's clock, turn or not.
func (l *Loop) RealNow() time.Time { return l.opts.Clock.Now() }
