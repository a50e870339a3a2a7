package durable

import (
	"time"

	"github.com/dodev/dodev/emulator/loop"
)

// busyWith says what keeps the instance alive, "" for nothing.
func (l *Life) busyWith() string {
	switch {
	case l.busy == 0:
		return ""
	case l.first != nil:
		return "an event is in flight"
	case l.ops.Count(loop.Timer) > 0:
		return "a timer is pending"
	case l.ops.Count(loop.Socket) > 0:
		return "a socket that cannot hibernate is open"
	case l.ops.Count(loop.Connection) > 0:
		return "a socket that it has opened is open"
	case l.holds > 0:
		return "something still refers to it"
	}
	return "an operation is pending"
}

// working reports whether the instance does something, or waits for more than
// what its sockets bring.
func (l *Life) working() bool {
	return l.busy > l.ops.Count(loop.Socket)+l.ops.Count(loop.Connection)
}

// wake notes that the instance has one thing more to do.
func (l *Life) wake() {
	l.busy++
	l.tellMode()
}

// tellMode tells of the state if it is another one now.
func (l *Life) tellMode() {
	if !l.ended && l.o.mode.Load() != modeOf(l.o) {
		l.o.changed()
	}
}

// rest notes that the instance has one thing less to do. When it was the last,
// the instance is dropped after a while.
func (l *Life) rest() {
	l.busy--
	l.tellMode()
	if l.busy > 0 || l.ended {
		l.watchLinger()
		return
	}
	l.idleSince = l.loop.RealNow()
	if l.stopIdle == nil {
		l.watchIdle(l.o.m.opts.IdleAfter)
	}
}

// watchIdle looks at the instance after d. One timer serves all the times it
// becomes idle: they are too many for one each.
func (l *Life) watchIdle(d time.Duration) {
	l.stopIdle = l.o.m.opts.Clock.AfterFunc(d, func() { l.o.run(l.dropIdle) })
}

// dropIdle ends the life if it has been idle for long enough.
func (l *Life) dropIdle() {
	l.stopIdle = nil
	if l.ended || l.busy > 0 {
		return
	}
	left := l.idleSince.Add(l.o.m.opts.IdleAfter).Sub(l.loop.RealNow())
	if left > 0 {
		l.watchIdle(left)
		return
	}
	l.evict()
}

// evict ends the life of an instance that has nothing to do.
func (l *Life) evict() {
	l.evicted = true
	l.end(errGone)
}

// fell remembers for a while that the last life ended with an error.
func (o *Object) fell(err error) {
	if o.facet != nil {
		o.facet.forget()
		if o.facet.failure == nil {
			o.facet.fail(err)
		}
		return
	}
	o.failure = err
	o.m.opts.Clock.AfterFunc(o.m.opts.IdleAfter, func() {
		o.run(func() {
			if o.failure == err {
				o.failure = nil
				o.changed()
			}
		})
	})
}
