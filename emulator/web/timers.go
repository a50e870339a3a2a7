package web

import (
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// timers are those of one isolate that have not fired yet, by the number
// JavaScript knows them by. An interval keeps its number.
type timers struct {
	h    *host
	last int
	ops  map[int]*loop.Op
}

func (h *host) registerTimers() {
	t := &timers{h: h, ops: map[int]*loop.Op{}}
	h.vm.Func("now", func(c engine.Call) error {
		c.Return(engine.Number(float64(h.loop.RealNow().UnixMilli())))
		return nil
	})
	h.vm.Func("setTimer", func(c engine.Call) error {
		t.last++
		t.start(t.last, time.Duration(c.Int(0))*time.Millisecond, c.Bool(1))
		c.Return(engine.Int(t.last))
		return nil
	})
	h.vm.Func("clearTimer", func(c engine.Call) error {
		if op := t.ops[c.Int(0)]; op != nil {
			delete(t.ops, c.Int(0))
			op.Cancel()
		}
		return nil
	})
}

func (t *timers) start(id int, d time.Duration, repeat bool) {
	if repeat {
		// An interval of zero would keep its isolate from everything else.
		d = max(d, time.Millisecond)
	}
	op := t.h.loop.After(d, loop.Timer, func() {
		delete(t.ops, id)
		if repeat {
			t.start(id, d, true)
		}
		_ = t.h.call("timer", engine.Int(id))
	})
	t.ops[id] = op
	op.OnEnd(func() { t.forget(id, op) })
}

// forget lets go of a timer that will not fire since its owner is gone.
func (t *timers) forget(id int, op *loop.Op) {
	if t.ops[id] == op {
		delete(t.ops, id)
		_ = t.h.call("timerGone", engine.Int(id))
	}
}
