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
//
// Post and Close, and the methods of an Op that say so, are safe for concurrent
// use; everything else belongs to the loop's goroutine.
package loop

import (
	"context"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/engine"
)

// An Owner is what turns are run for. Owners are compared with ==. All methods
// are called on the loop's goroutine.
type Owner interface {
	// Admit is given an event that belongs to section, the section that was
	// current when the operation began. It calls run at once, or later when its
	// gate lets the event in, or never when the owner is gone.
	Admit(section any, run func())
	// Began and Ended tell of the operations JavaScript waits for. Every
	// operation that began ends once. An owner that cancels its operations when
	// it goes keeps them in [Ops].
	Began(*Op)
	Ended(*Op)
	// Context is done when the owner is gone.
	Context() context.Context
	// Commit makes what the turn stored durable. It is called once at the end
	// of each turn in which Touch named the owner. After an error, which the
	// owner handles itself, what the owner sent in this turn is dropped.
	Commit() error
	// Release is given what the owner sent in a turn that has committed, in
	// order. The slice is valid during the call.
	Release(sent []func())
	// Fail says that a turn of the owner was broken off, by a panic (*[Panic])
	// or for its length. It comes before the turn's commit.
	Fail(err error)
}

// Options of a loop.
type Options struct {
	Clock clock.Clock
	// TurnLimit interrupts a turn that computes for longer; zero is no limit.
	TurnLimit time.Duration
	// Uncaught is told of exceptions nobody handles, on the loop's goroutine.
	// The owner is nil for what happens outside of any turn.
	Uncaught func(owner Owner, err error, rejection bool)
}

// A Loop runs one isolate.
type Loop struct {
	vm    engine.VM
	opts  Options
	watch *watchdog // nil without a limit

	mu      sync.Mutex
	queue   []func()
	closing bool
	wake    chan struct{}
	done    chan struct{}

	// Only the loop's goroutine uses what follows.
	owner    Owner
	section  any
	span     Span // nil when nobody follows the turn
	touched  []Owner
	failed   []Owner // whose commit failed in this turn
	sent     []sent
	spare    []sent   // the memory of a batch that was released
	batch    []func() // what is being released
	drained  []func() // to be run when the jobs of the current turn are done
	next     []func() // to be run after the current turn
	inTurn   bool
	timed    time.Time // from when timers begun in this turn count
	draining bool      // next is being worked off
	nextOp   int
	timers   timers

	recent recent

	interrupted bool   // a job of this turn was
	drainJobs   func() // l.drain and l.finish, made once
	finishTurn  func()
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
	l.drainJobs, l.finishTurn = l.drain, l.finish
	if opts.TurnLimit > 0 {
		l.watch = newWatchdog(opts.TurnLimit, func() { vm.Interrupt(overrun().Message) })
	}
	go l.run()
	return l
}

// VM is the isolate. Only code on the loop's goroutine may use it.
func (l *Loop) VM() engine.VM { return l.vm }

// Post runs fn on the loop's goroutine, after what was posted before. It is no
// turn: fn starts one when it wants JavaScript to run. After Close it reports
// false and fn does not run. It is safe for concurrent use.
func (l *Loop) Post(fn func()) bool {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return false
	}
	l.queue = append(l.queue, fn)
	first := len(l.queue) == 1
	l.mu.Unlock()
	if first {
		l.rouse()
	}
	return true
}

func (l *Loop) rouse() {
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
	l.rouse()
	<-l.done
}

// maxSpare is the longest queue whose memory is kept for the next one.
const maxSpare = 4096

func (l *Loop) run() {
	defer close(l.done)
	defer l.vm.Close()
	defer l.timers.stop()
	if l.watch != nil {
		defer l.watch.close()
	}
	var spare []func()
	for {
		l.mu.Lock()
		batch, closing := l.queue, l.closing
		l.queue = spare
		l.mu.Unlock()
		spare = batch[:0]
		if len(batch) == 0 {
			if closing {
				return
			}
			<-l.wake
			continue
		}
		for i, fn := range batch {
			batch[i] = nil
			l.outside(fn)
		}
		if cap(batch) > maxSpare {
			spare = nil
		}
	}
}

// outside runs what is no turn. A panic there concerns no owner.
func (l *Loop) outside(fn func()) {
	if err := guard(fn); err != nil {
		l.opts.Uncaught(nil, err, false)
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

// WhenDrained has fn run, in the current turn, when its jobs are done; jobs that
// fn leaves are run, too.
func (l *Loop) WhenDrained(fn func()) { l.drained = append(l.drained, fn) }

// AfterTurn calls fn when no turn is running: now, or after the current one in
// the order of the calls.
func (l *Loop) AfterTurn(fn func()) {
	l.next = append(l.next, fn)
	if !l.inTurn {
		l.runNext()
	}
}

func (l *Loop) runNext() {
	if l.draining || len(l.next) == 0 {
		return
	}
	l.draining = true
	for i := 0; i < len(l.next); i++ {
		fn := l.next[i]
		l.next[i] = nil
		l.outside(fn)
	}
	l.next = l.next[:0]
	l.draining = false
}

// Owner is whom the current turn is run for, nil outside of one.
func (l *Loop) Owner() Owner { return l.owner }

// Section is the section of the current turn.
func (l *Loop) Section() any { return l.section }

// SetSection makes the rest of the current turn belong to section.
func (l *Loop) SetSection(section any) { l.section = section }

// Touch has owner commit at the end of this turn. Outside a turn it does
// nothing.
func (l *Loop) Touch(owner Owner) {
	if !l.inTurn {
		return
	}
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
	if !l.inTurn {
		fn()
		return
	}
	l.sent = append(l.sent, sent{l.owner, fn})
}

// SendFor is Send for what belongs to owner, whoever's turn it is.
func (l *Loop) SendFor(owner Owner, fn func()) {
	if !l.inTurn {
		owner.Release([]func(){fn})
		return
	}
	l.sent = append(l.sent, sent{owner, fn})
}

// LastOp is the number of the operation that began last.
func (l *Loop) LastOp() int { return l.nextOp }

// RealNow is the time on the loop's clock.
func (l *Loop) RealNow() time.Time { return l.opts.Clock.Now() }
