package worker

import (
	"context"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/object"
)

// An Address is where an event of a Worker goes: to an entrypoint of another,
// or, when it has a class, to an object.
type Address struct {
	Entrypoint
	Class  string
	Object object.Ref
}

// Elsewhere carries events to Workers of other servers. Both methods report
// false when no server has the Worker; else done is called once, on any
// goroutine. They do not block.
type Elsewhere interface {
	Fetch(a Address, r Request, done func(Answer)) bool
	Call(a Address, path string, isCall bool, args []byte, done func(Answer)) bool
}

// Fetch delivers a request from another server. Done is called once, on any
// goroutine.
func (r *Realm) Fetch(ctx context.Context, a Address, request Request, done func(Answer)) {
	w := r.enter(a.Script)
	switch {
	case w == nil:
		done(answerAbsent(a.Script))
	case a.Class == "":
		w.fetch(ctx, a.Entrypoint, request, nil, done)
	default:
		w.sendFetch(a.Object, request, nil, w.ending(done))
	}
}

// Call delivers a method call from another server. Path is a JSON array. Done
// is called once, on any goroutine.
func (r *Realm) Call(a Address, path string, isCall bool, args []byte, done func(Answer)) {
	inv := &invocation{path: path, call: isCall, args: message{data: args}, answer: done}
	inv.again = func() { r.Call(a, path, isCall, args, r.Discard) }
	w := r.enter(a.Script)
	switch {
	case w == nil:
		inv.refuse(errAbsent(a.Script))
	case a.Class == "":
		w.call(a.Entrypoint, inv)
	default:
		inv.answer = w.ending(done)
		w.sendCall(a.Object, inv)
	}
}

// ending is done, after which the Worker has one thing less to do.
func (w *Worker) ending(done func(Answer)) func(Answer) {
	return func(a Answer) {
		done(a)
		w.end()
	}
}

func (r *Realm) fetchElsewhere(a Address, request Request, done func(Answer)) {
	if r.Elsewhere == nil || !r.Elsewhere.Fetch(a, request, done) {
		done(answerAbsent(a.Script))
	}
}

func (r *Realm) callElsewhere(a Address, inv *invocation) {
	if r.Elsewhere == nil || !r.Elsewhere.Call(a, inv.path, inv.call, inv.args.data, inv.answer) {
		inv.refuse(errAbsent(a.Script))
	}
}

// Refers reports whether a message holds something that only this server can
// reach: a function, a stub of an object or a stream.
func Refers(message []byte) bool {
	if message == nil {
		return false
	}
	var s references
	s.Sink = clone.NewEncoder(clone.EncodeOptions{})
	return clone.Decode(message, &s) != nil || s.found
}

// references looks for what an isolate gave away.
type references struct {
	engine.Sink
	found bool
}

// The tags of src/rpc-values.ts, src/stub.ts and src/transfer.ts that may cross.
const (
	serviceTag = 102
	headersTag = 113
	blobTag    = 114
)

// BeginHost implements engine.Sink.
func (r *references) BeginHost(tag uint32) {
	if tag >= 100 && tag != serviceTag && tag != headersTag && tag != blobTag {
		r.found = true
	}
	r.Sink.BeginHost(tag)
}
