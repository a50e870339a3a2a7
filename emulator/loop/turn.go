package loop

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/dodev/dodev/emulator/engine"
)

// A Panic is a bug of ours that broke off a turn.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("bug in dodev: %v\n%s", p.Value, p.Stack) }

// guard runs fn and gives its panic as an error.
func guard(fn func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Panic{p, debug.Stack()}
		}
	}()
	fn()
	return nil
}

// overrun is what a turn that computed for too long is stopped with.
func overrun() *engine.Exception {
	return &engine.Exception{Name: "Error", Message: "Worker exceeded CPU time limit.", IsError: true, Interrupted: true}
}

func (l *Loop) turn(owner Owner, section any, fn func()) {
	l.inTurn, l.owner, l.section = true, owner, section
	l.timed = time.Time{}
	if l.watch != nil {
		l.watch.begin()
	}
	if err := guard(fn); err != nil {
		l.broken(err)
	}
	l.interrupted = false
	if err := guard(l.drainJobs); err != nil {
		l.broken(err)
	}
	if l.watch != nil && l.watch.end() {
		l.overran()
	}
	if err := guard(l.finishTurn); err != nil {
		l.touched, l.sent = nil, nil
		l.broken(err)
	}
	if l.recent.wanted.Load() > 0 {
		l.recent.note(owner, l.span)
	}
	if l.span != nil {
		l.SetSpan(nil)
	}
	clear(l.failed)
	l.failed = l.failed[:0]
	l.inTurn, l.owner, l.section = false, nil, nil
}

// drain runs the jobs of the turn, and what waits for them, and reports what
// they threw.
func (l *Loop) drain() {
	l.runJobs()
	for len(l.drained) > 0 {
		last := len(l.drained) - 1
		fn := l.drained[last]
		l.drained = l.drained[:last]
		fn()
		l.runJobs()
	}
	for _, r := range l.vm.Rejections() {
		l.opts.Uncaught(l.owner, r, true)
	}
}

func (l *Loop) runJobs() {
	if err := l.vm.Drain(); err != nil {
		var e *engine.Exception
		l.interrupted = l.interrupted || errors.As(err, &e) && e.Interrupted
		l.opts.Uncaught(l.owner, err, false)
	}
}

func (l *Loop) broken(err error) {
	l.opts.Uncaught(l.owner, err, false)
	l.owner.Fail(err)
}

// overran ends a turn that was interrupted, whoever saw the exception.
func (l *Loop) overran() {
	// An interruption that found no JavaScript running must not stop that of
	// the next turn: running it, though there is none, takes it back.
	_ = l.vm.Drain()
	err := overrun()
	if !l.interrupted {
		l.opts.Uncaught(l.owner, err, false)
	}
	l.owner.Fail(err)
}

// finish commits what the turn touched and lets out what was sent, and again
// what that touched and sent.
func (l *Loop) finish() {
	for len(l.touched) > 0 || len(l.sent) > 0 {
		l.commit()
		l.release()
	}
}

func (l *Loop) commit() {
	for i := 0; i < len(l.touched); i++ {
		if err := l.touched[i].Commit(); err != nil {
			l.failed = append(l.failed, l.touched[i])
		}
	}
	clear(l.touched)
	l.touched = l.touched[:0]
}

// ReleaseSent lets out what an owner has sent in this turn, before it commits.
func (l *Loop) ReleaseSent(owner Owner) {
	var mine []func()
	others := l.sent[:0]
	for _, s := range l.sent {
		if s.owner == owner {
			mine = append(mine, s.fn)
		} else {
			others = append(others, s)
		}
	}
	clear(l.sent[len(others):])
	l.sent = others
	if len(mine) > 0 {
		owner.Release(mine)
	}
}

// release lets out what was sent. Owners release in the order in which they
// first sent something.
func (l *Loop) release() {
	batch := l.sent
	l.sent = l.spare[:0]
	for rest := batch; len(rest) > 0; {
		owner := rest[0].owner
		mine, others := l.batch[:0], rest[:0]
		for _, s := range rest {
			if s.owner == owner {
				mine = append(mine, s.fn)
			} else {
				others = append(others, s)
			}
		}
		rest, l.batch = others, nil
		if !slices.Contains(l.failed, owner) {
			owner.Release(mine)
		}
		clear(mine)
		l.batch = mine[:0]
	}
	clear(batch)
	l.spare = batch[:0]
}
