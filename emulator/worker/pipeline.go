package worker

import (
	"sync"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// An invocation is a call of a method, or the reading of a property, on its way
// to where it is answered.
type invocation struct {
	path    string // a JSON array
	call    bool
	args    message
	promise *promise // of the answer, nil when nobody can call on it
	answer  func(Answer)
	parent  loop.Span // in which it was made, nil when nobody follows that
	inside  bool      // code made it
	again   func()    // makes the same once more, nil when that is not possible
	top     bool      // it is of an object or entrypoint itself
}

// refuse answers for a receiver that is not there.
func (inv *invocation) refuse(err error) {
	inv.answer(Answer{Err: callError(err)})
}

// A promise is the answer to a call that is on, and the place where calls wait
// that were made on it. They leave for where the result is as soon as it is
// there: without going by way of the caller, and in order.
//
// The callee asks, when it has the result, whether calls are made on it. Those
// made after that find the result with the caller.
type promise struct {
	realm *Realm

	mu       sync.Mutex
	unsent   int           // calls made on the result that have not come here yet
	queue    []*invocation // that wait for the result
	settled  bool          // target or failure is known
	target   reference     // of the result
	failure  *CallError
	arrived  *Answer // not delivered yet
	finished bool    // the caller has the answer
	gone     bool    // the caller does not wait any more
}

// beginCall starts an operation that waits for the answer to the call that the
// arguments from first on describe: path, whether it is a call, its arguments.
func (i *Isolate) beginCall(c engine.Call, first int) (*loop.Op, *invocation, error) {
	args, err := i.encodeMessage(c, first+2)
	if err != nil {
		return nil, nil, err
	}
	op := i.loop.Begin(loop.Call)
	owner := i.loop.Owner()
	p := &promise{realm: i.w.setup.Realm}
	i.promises[op.ID()] = p
	op.OnEnd(func() {
		delete(i.promises, op.ID())
		p.end()
	})
	inv := &invocation{path: c.String(first), call: c.Bool(first + 1), args: args, promise: p, parent: i.loop.Span(), inside: true}
	inv.answer = func(a Answer) {
		inv.args.drop(p.realm) // if nobody received them
		if inv.top && a.Err != nil {
			failure := *a.Err
			failure.top, a.Err = true, &failure
		}
		if !p.arrive(a) {
			return
		}
		op.Done(func() {
			a := p.take()
			if v, ok := owner.(*visit); ok {
				v.passed(a.Objects)
			}
			i.finishCall(op.ID(), p, a)
		})
	}
	return op, inv, nil
}

// arrive settles the promise, and reports whether somebody waits for the answer.
func (p *promise) arrive(a Answer) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		a.drop(p.realm)
		return false
	}
	p.arrived = &a
	if a.Err != nil || a.pipeline != (reference{}) {
		p.settleLocked(a.pipeline, a.Err)
	}
	return true
}

// take gives the answer that arrived, which is the caller's from then on.
func (p *promise) take() Answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := *p.arrived
	p.arrived = nil
	return a
}

func (p *promise) settleLocked(target reference, failure *CallError) {
	p.settled, p.target, p.failure = true, target, failure
	for _, inv := range p.queue {
		p.dispatchLocked(inv)
	}
	p.queue = nil
}

func (p *promise) dispatchLocked(inv *invocation) {
	if p.failure != nil {
		inv.answer(Answer{Err: p.failure})
		return
	}
	p.realm.invoke(p.target, inv)
}

// send has a call made on the result.
func (p *promise) send(inv *invocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unsent--
	switch {
	case p.gone:
		inv.refuse(errNoContext)
	case p.settled:
		p.dispatchLocked(inv)
		p.letGoLocked()
	default:
		p.queue = append(p.queue, inv)
	}
}

// wanted reports whether calls were made on the result so far.
func (p *promise) wanted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.unsent+len(p.queue) > 0
}

// unserved reports whether calls wait for a result that the callee has kept
// nothing of.
func (p *promise) unserved() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.settled && p.unsent+len(p.queue) > 0
}

// finish notes that the caller has the result, and where to find it for calls
// that nobody served.
func (p *promise) finish(local reference) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finished = true
	if local != (reference{}) {
		p.settleLocked(local, nil)
	}
	p.letGoLocked()
}

// letGoLocked gives up the result when no more calls can come.
func (p *promise) letGoLocked() {
	if p.finished && p.unsent == 0 && p.target != (reference{}) {
		p.realm.drop(p.target)
		p.target = reference{}
	}
}

// end gives up what has not been delivered: the caller is gone, unless it has
// finished.
func (p *promise) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.finished {
		return
	}
	p.gone = true
	if p.arrived != nil {
		p.arrived.pipeline = reference{} // it is the target
		p.arrived.drop(p.realm)
		p.arrived = nil
	}
	for _, inv := range p.queue {
		inv.refuse(errNoContext)
	}
	p.queue = nil
	if p.target != (reference{}) {
		p.realm.drop(p.target)
		p.target = reference{}
	}
}

// pipelined tells the callee whether calls were made on the result of the call
// that it is about to answer.
func (i *Isolate) pipelined(c engine.Call) error {
	in := i.calls[c.Int(0)]
	c.Return(engine.Bool(in != nil && in.promise != nil && in.promise.wanted()))
	return nil
}

// pipelineCall makes a call on the result of an operation that is on.
func (i *Isolate) pipelineCall(c engine.Call) error {
	p := i.promises[c.Int(0)]
	if p == nil {
		return errNoContext
	}
	op, inv, err := i.beginCall(c, 1)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.unsent++
	p.mu.Unlock()
	i.send(&inv.args, func() { p.send(inv) })
	c.Return(engine.Int(op.ID()))
	return nil
}

// finishCall completes an operation of a caller with the answer to its call.
func (i *Isolate) finishCall(op int, p *promise, a Answer) {
	if a.Err != nil {
		i.finish(op, a, false)
		p.finish(reference{})
		return
	}
	handle := 0
	if a.disposer {
		p.realm.use(a.pipeline)
		handle = i.hold(a.pipeline)
	}
	m := message{a.Value, a.refs}
	local, err := i.vm.CallWith("settleCall", func(s engine.Sink) {
		s.Int(int32(op))
		i.receive(s, &m)
		s.Int(int32(handle))
		s.Bool(p.unserved())
	})
	if err != nil {
		i.uncaught(i.loop.Owner(), err, false)
	}
	if n := local.Int(); n != 0 {
		p.finish(reference{i.number, n})
		return
	}
	p.finish(reference{})
}
