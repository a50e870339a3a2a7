package worker

import (
	"sync"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// An exchange is a request that code of this isolate has sent, and waits for
// the response to.
type exchange struct {
	i     *Isolate
	op    *loop.Op
	owner loop.Owner
	body  int // the pipe of the request's body, 0 for none

	mu      sync.Mutex
	aborted bool     // nobody waits for the response any more
	home    *Isolate // where it is answered, nil when that is not known
	callee  loop.Owner
	call    int // its number there
}

// begin starts an operation that waits for the response to a request.
func (i *Isolate) begin(r Request) *exchange {
	x := &exchange{i: i, op: i.loop.Begin(loop.Call), owner: i.loop.Owner(), body: r.Pipe}
	id := x.op.ID()
	i.exchanges[id] = x
	x.op.OnEnd(func() { delete(i.exchanges, id) })
	return x
}

// arrive notes where the request is answered.
func (x *exchange) arrive(home *Isolate, callee loop.Owner, call int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.home, x.callee, x.call = home, callee, call
	if x.aborted {
		x.tellLocked()
	}
}

// answer completes the operation. A response that comes too late is given up.
func (x *exchange) answer(a Answer) {
	x.mu.Lock()
	x.home = nil
	aborted := x.aborted
	x.mu.Unlock()
	if aborted {
		x.i.discard(a)
		return
	}
	x.op.Done(func() {
		if v, ok := x.owner.(*visit); ok {
			v.passed(a.Objects)
		}
		x.i.finish(x.op.ID(), a, true)
	})
}

// discard gives up the body of a response.
func (i *Isolate) discard(a Answer) {
	if a.Response == nil {
		return
	}
	if p := i.w.setup.Web.Pipes.Get(a.Response.Pipe); p != nil {
		p.Cancel(engine.Error("Network connection lost."))
	}
}

// abort gives the exchange up: the callee learns that its client has gone.
func (x *exchange) abort() {
	x.mu.Lock()
	x.aborted = true
	if x.home != nil {
		x.tellLocked()
	}
	x.mu.Unlock()
	if p := x.i.w.setup.Web.Pipes.Get(x.body); p != nil {
		p.Break(&engine.Throw{Class: "TypeError", Message: "Can't read from request stream because client disconnected.", Props: `{"retryable":true}`})
	}
	x.op.Cancel()
}

func (x *exchange) tellLocked() {
	home, callee, call := x.home, x.callee, x.call
	home.loop.Post(func() { home.clientGone(callee, call) })
}

// clientGone tells JavaScript that nobody waits for the answer to a call any
// more.
func (i *Isolate) clientGone(owner loop.Owner, call int) {
	if i.calls[call] == nil || !i.w.setup.Flag("enable_request_signal") {
		return
	}
	owner.Admit(nil, func() {
		i.loop.Turn(owner, nil, func() {
			if _, err := i.vm.Call("clientGone", engine.Int(call)); err != nil {
				i.uncaught(owner, err, false)
			}
		})
	})
}

// exchangeAbort gives up the exchange of an operation.
func (i *Isolate) exchangeAbort(c engine.Call) error {
	if x := i.exchanges[c.Int(0)]; x != nil {
		x.abort()
	}
	return nil
}
