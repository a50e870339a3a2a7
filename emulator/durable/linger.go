package durable

import (
	"time"

	"github.com/dodev/dodev/emulator/loop"
)

// keepLimit is for how long one operation keeps an instance that has no events.
// https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/
const keepLimit = 15 * time.Minute

// A linger watches an instance that has no event in flight and cannot hibernate,
// since it waits for something: what that is may not keep it for ever.
type linger struct {
	stop   func() // of the next look, nil for none
	events int    // delivered to the life
	seen   int    // of them, by the last look
	marks  []mark // oldest first
}

// A mark says which operation was the last one to begin by some time.
type mark struct {
	at time.Time
	op int
}

// watchLinger looks at the instance after a while, unless something is in
// flight or a look is due anyway.
func (l *Life) watchLinger() {
	if l.ended || l.first != nil || l.linger.stop != nil {
		return
	}
	l.linger.seen = l.linger.events
	l.linger.marks = append(l.linger.marks, mark{l.loop.RealNow(), l.loop.LastOp()})
	l.oldOp() // keeps the list short
	l.linger.stop = l.o.m.opts.Clock.AfterFunc(l.o.m.opts.LingerAfter, func() { l.o.run(l.lookLinger) })
}

// lookLinger ends the life if it has had no event since the last look and
// nothing keeps it.
func (l *Life) lookLinger() {
	l.linger.stop = nil
	if l.ended || l.busy == 0 || l.first != nil {
		return // the end of what is in flight, or of being idle, sees to it
	}
	if l.linger.seen == l.linger.events && !l.kept() {
		l.evict()
		return
	}
	l.watchLinger()
}

// kept reports whether something keeps an instance that has no events: a client
// of its own, or an operation that has not been pending for too long.
func (l *Life) kept() bool {
	if l.holds > 0 || l.ops.Count(loop.Socket) > 0 || l.ops.Count(loop.Body) > 0 {
		return true
	}
	old := l.oldOp()
	return l.ops.Any(func(op *loop.Op) bool { return op.ID() > old && l.home.KeepsAlive(op.Kind()) })
}

// oldOp is the last operation that began too long ago to keep the instance.
func (l *Life) oldOp() int {
	before := l.loop.RealNow().Add(-keepLimit)
	marks := l.linger.marks
	for len(marks) > 1 && !marks[1].at.After(before) {
		marks = marks[1:]
	}
	l.linger.marks = marks
	if len(marks) == 0 || marks[0].at.After(before) {
		return 0
	}
	return marks[0].op
}
