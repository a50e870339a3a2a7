package worker

import (
	"context"

	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A visit is the owner of what the Worker does for one request: it lasts until
// the response is out and waitUntil is satisfied, and takes timers with it.
type visit struct {
	i       *Isolate
	ctx     context.Context
	cancel  context.CancelFunc
	pending [loop.Other + 1]int
	sent    bool // the answer is out
	over    bool
	objects []string // reached
}

func newVisit(i *Isolate, parent context.Context) *visit {
	v := &visit{i: i}
	v.ctx, v.cancel = context.WithCancel(context.WithoutCancel(parent))
	return v
}

// reached notes that the request went to an object.
func (v *visit) reached(ref object.Ref, class string) {
	name := class + "/" + ref.Name
	if ref.Name == "" {
		name = class + "/" + ref.ID.String()[:8]
	}
	for _, seen := range v.objects {
		if seen == name {
			return
		}
	}
	v.objects = append(v.objects, name)
}

func (v *visit) answered() {
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
func (v *visit) Began(k loop.Kind) { v.pending[k]++ }

// Ended implements loop.Owner.
func (v *visit) Ended(k loop.Kind) {
	v.pending[k]--
	v.check()
}

// check ends the visit when only timers are left.
func (v *visit) check() {
	if !v.sent || v.over || v.pending[loop.Body]+v.pending[loop.Socket]+v.pending[loop.Other] > 0 {
		return
	}
	v.over = true
	v.i.loop.AfterTurn(v.cancel)
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
