package worker

import (
	"context"
	"slices"

	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A visit is the owner of what the Worker does for one request: it lasts until
// the response is out and waitUntil is satisfied, and takes timers with it.
type visit struct {
	i       *Isolate
	ctx     context.Context
	cancel  context.CancelFunc
	ops     loop.Ops
	call    int         // to be answered, 0 when it is
	sent    bool        // the answer is out
	unwatch func() bool // of the client, nil when it is not watched
	over    bool
	session bool     // of calls: what it gave away keeps it going
	given   int      // things given away that callers may still use
	objects []string // reached
}

func newVisit(i *Isolate, parent context.Context) *visit {
	v := &visit{i: i}
	v.ctx, v.cancel = context.WithCancel(context.WithoutCancel(parent))
	return v
}

// watchClient tells JavaScript when the client of a request leaves before the
// answer, where code may see that.
func (v *visit) watchClient(client context.Context, call int) {
	if client.Done() == nil || !v.i.w.setup.Flag("enable_request_signal") {
		return
	}
	v.unwatch = context.AfterFunc(client, func() {
		v.i.loop.Post(func() { v.i.clientGone(v, call) })
	})
}

// reached notes that the request went to an object.
func (v *visit) reached(ref object.Ref, class string) {
	name := class + "/" + ref.Name
	if ref.Name == "" {
		name = class + "/" + ref.ID.String()[:8]
	}
	v.pass(name)
}

// passed notes objects that the request went to by way of another Worker.
func (v *visit) passed(names []string) {
	for _, name := range names {
		v.pass(name)
	}
}

func (v *visit) pass(name string) {
	if !slices.Contains(v.objects, name) {
		v.objects = append(v.objects, name)
	}
}

// hold keeps a session going until the returned function is called.
func (v *visit) hold() (release func()) {
	v.given++
	return func() {
		v.given--
		v.check()
	}
}

func (v *visit) answered() {
	if v.unwatch != nil {
		v.unwatch()
	}
	v.sent = true
	v.check()
}

// Admit implements loop.Owner.
func (v *visit) Admit(_ any, run func()) {
	if !v.over {
		run()
	}
}

// Began implements loop.Owner.
func (v *visit) Began(op *loop.Op) {
	v.ops.Add(op)
	if v.over {
		op.Cancel()
	}
}

// Ended implements loop.Owner.
func (v *visit) Ended(op *loop.Op) {
	v.ops.Remove(op)
	v.check()
}

// check ends the visit when only timers are left.
func (v *visit) check() {
	if v.session && v.given > 0 {
		return
	}
	if !v.sent || v.over || v.ops.Count(loop.Body)+v.ops.Count(loop.Socket)+v.ops.Count(loop.Connection)+v.ops.Count(loop.Other) > 0 {
		return
	}
	v.over = true
	v.i.loop.AfterTurn(func() {
		v.cancel()
		v.ops.Cancel()
		v.i.vacate(v)
	})
}

// Context implements loop.Owner.
func (v *visit) Context() context.Context { return v.ctx }

// Commit implements loop.Owner.
func (v *visit) Commit() error { return nil }

// Release implements loop.Owner.
func (v *visit) Release(sent []func()) {
	for _, fn := range sent {
		fn()
	}
}

// Fail implements loop.Owner: a request whose turn was broken off is answered
// with the error.
func (v *visit) Fail(err error) {
	if v.call != 0 {
		v.i.answerError(v.call, err)
	}
}
