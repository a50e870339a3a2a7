package worker

import (
	"slices"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// A reference names a capability: something an isolate gave away. Whoever has
// one has one of the capability's uses and drops it once. The zero reference
// names nothing.
type reference struct{ isolate, number int }

// A capability is something of this isolate that others may call. It ends with
// its last use: those of references, and of calls that are on.
type capability struct {
	owner   loop.Owner
	object  string // id of the object it belongs to, "" for the Worker
	uses    int
	release func() // keeps the owner alive until then
}

// held is a reference that JavaScript here has, for an owner.
type held struct {
	owner loop.Owner
	ref   reference
}

// A tenant is what one owner has to do with other isolates. When the owner is
// gone nothing of it may be left.
type tenant struct {
	given   map[int]struct{} // capabilities
	held    map[int]struct{}
	unsent  map[*message]struct{} // written, and not on their way yet
	answers map[int]struct{}      // calls of capabilities that are on
}

func (i *Isolate) tenant(owner loop.Owner) *tenant {
	t := i.tenants[owner]
	if t == nil {
		t = &tenant{given: map[int]struct{}{}, held: map[int]struct{}{}, unsent: map[*message]struct{}{}, answers: map[int]struct{}{}}
		i.tenants[owner] = t
	}
	return t
}

// vacate takes back what an owner that is gone gave away, and drops what it
// held.
func (i *Isolate) vacate(owner loop.Owner) {
	t := i.tenants[owner]
	if t == nil {
		return
	}
	delete(i.tenants, owner)
	for handle := range t.held {
		i.w.setup.Realm.drop(i.held[handle].ref)
		delete(i.held, handle)
	}
	for m := range t.unsent {
		m.drop(i.w.setup.Realm)
	}
	for number := range t.given {
		delete(i.caps, number)
		_, _ = i.vm.Call("capForget", engine.Int(number))
	}
	for call := range t.answers {
		if in := i.calls[call]; in != nil {
			delete(i.calls, call)
			in.answer(Answer{Err: callError(errNoContext)})
		}
	}
}

func (i *Isolate) capFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"capCall":      i.capCall,
		"capExport":    i.capExport,
		"capUnexport":  i.capUnexport,
		"capSend":      i.capSend,
		"capReceive":   i.capReceive,
		"capDup":       i.capDup,
		"capDrop":      i.capDrop,
		"pipelined":    i.pipelined,
		"pipelineCall": i.pipelineCall,
	}
}

// ---- what this isolate gave away ----

// capExport makes a capability of the current owner with one use, which goes
// with the message being written when the argument says so.
func (i *Isolate) capExport(c engine.Call) error {
	owner := i.loop.Owner()
	entry := &capability{owner: owner, uses: 1, release: func() {}}
	switch owner := owner.(type) {
	case *durable.Life:
		entry.object = idOf(owner)
		entry.release = owner.Hold()
	case *visit:
		entry.release = owner.hold()
	default:
		return engine.Error("Disallowed operation called within global scope.")
	}
	n := i.next()
	i.caps[n] = entry
	i.tenant(owner).given[n] = struct{}{}
	if c.Bool(0) {
		i.writing = append(i.writing, reference{i.number, n})
	}
	c.Return(engine.Int(n))
	return nil
}

// capUnexport takes back a capability that nobody was told of.
func (i *Isolate) capUnexport(c engine.Call) error {
	i.unuse(c.Int(0))
	return nil
}

// use notes one use more of a capability.
func (i *Isolate) use(number int) {
	if entry := i.caps[number]; entry != nil {
		entry.uses++
	}
}

// unuse notes one use less. After the last one JavaScript is told, as an event.
func (i *Isolate) unuse(number int) {
	entry := i.caps[number]
	if entry == nil {
		return
	}
	if entry.uses--; entry.uses > 0 {
		return
	}
	delete(i.caps, number)
	if t := i.tenants[entry.owner]; t != nil {
		delete(t.given, number)
	}
	entry.owner.Admit(nil, func() {
		i.loop.Turn(entry.owner, nil, func() {
			if _, err := i.vm.Call("capEnd", engine.Int(number)); err != nil {
				i.uncaught(entry.owner, err, false)
			}
		})
	})
	entry.release()
}

// use notes that a reference was copied.
func (r *Realm) use(ref reference) {
	if home := r.get(ref.isolate); home != nil {
		home.loop.Post(func() { home.use(ref.number) })
	}
}

// drop gives up a reference.
func (r *Realm) drop(ref reference) {
	if home := r.get(ref.isolate); home != nil {
		home.loop.Post(func() { home.unuse(ref.number) })
	}
}

// errNoContext is what callers of something get whose owner is gone.
var errNoContext = engine.Error("The execution context which hosts this callback is no longer running.")

// invoke calls what a reference names.
func (r *Realm) invoke(ref reference, inv *invocation) {
	home := r.get(ref.isolate)
	if home == nil || !home.loop.Post(func() { home.answerCap(ref.number, inv) }) {
		inv.refuse(errNoContext)
	}
}

// answerCap calls something that was given away, which lasts until the answer.
func (i *Isolate) answerCap(number int, inv *invocation) {
	entry := i.caps[number]
	if entry == nil {
		inv.refuse(errNoContext)
		return
	}
	entry.uses++
	answer := func(a Answer) {
		i.unuse(number)
		inv.answer(a)
	}
	run := func(done func(Answer)) int {
		n := i.expect("", done)
		i.calls[n].promise = inv.promise
		i.deliverWith(n, "capCall", func(s engine.Sink) {
			s.Int(int32(number))
			s.Int(int32(n))
			s.String(entry.object)
			s.String(inv.path)
			s.Bool(inv.call)
			i.receive(s, &inv.args)
		})
		return n
	}
	event := func() *durable.Event {
		return &durable.Event{Name: callName(inv.path, inv.call), Kind: "call", Parent: inv.parent, Inside: inv.inside}
	}
	if v, ok := entry.owner.(*visit); ok {
		_, span := i.w.follow(inv.parent, inv.inside, event)
		i.loop.Turn(v, nil, func() {
			i.admit(span)
			t, n := i.tenant(v), 0
			n = run(func(a Answer) {
				delete(t.answers, n)
				if span != nil {
					span.End(a.error())
				}
				answer(a)
			})
			t.answers[n] = struct{}{}
		})
		return
	}
	life := entry.owner.(*durable.Life)
	e := event()
	e.Fail = func(err error) {
		failure := callError(err)
		failure.Throw.Props = withProps(failure.Throw.Props, map[string]any{"remote": true, "durableObjectId": entry.object})
		answer(Answer{Err: failure})
	}
	e.Run = func(*durable.Life) {
		n := run(func(a Answer) {
			e.Err = a.error()
			if life.Finish(e) {
				answer(a)
			}
		})
		if in := i.calls[n]; in != nil {
			in.life = life
		}
	}
	life.Follow(e)
	life.Deliver(e)
}

// ---- what this isolate was given ----

// hold notes a reference that JavaScript has from now on, and gives its handle.
func (i *Isolate) hold(ref reference) int {
	n, owner := i.next(), i.loop.Owner()
	i.held[n] = &held{owner, ref}
	i.tenant(owner).held[n] = struct{}{}
	return n
}

// errOtherRequest is what code gets that uses what an earlier request left
// behind.
var errOtherRequest = engine.Error("Cannot perform I/O on behalf of a different request. I/O objects (such as streams, request/response bodies, and others) created in the context of one request handler cannot be accessed from a different request's handler. This is a limitation of Cloudflare Workers which allows us to improve overall performance. (I/O type: Client)")

// heldAt is the reference with the handle of the first argument. What its
// owner held is gone with it.
func (i *Isolate) heldAt(c engine.Call) (*held, error) {
	h := i.held[c.Int(0)]
	if h == nil {
		return nil, errOtherRequest
	}
	return h, nil
}

// capReceive takes a reference out of the message being read.
func (i *Isolate) capReceive(c engine.Call) error {
	ref := reference{c.Int(0), c.Int(1)}
	if at := slices.Index(i.reading, ref); at >= 0 {
		i.reading = slices.Delete(i.reading, at, at+1)
	} else if ref.isolate != i.number || i.caps[ref.number] == nil {
		i.w.setup.Realm.use(ref)
	}
	c.Return(engine.Int(i.hold(ref)))
	return nil
}

// capSend puts a copy of a reference into the message being written.
func (i *Isolate) capSend(c engine.Call) error {
	h, err := i.heldAt(c)
	if err != nil {
		return err
	}
	i.w.setup.Realm.use(h.ref)
	i.writing = append(i.writing, h.ref)
	return nil
}

func (i *Isolate) capDup(c engine.Call) error {
	h, err := i.heldAt(c)
	if err != nil {
		return err
	}
	i.w.setup.Realm.use(h.ref)
	c.Return(engine.Int(i.hold(h.ref)))
	return nil
}

// capDrop gives up a reference, after what was sent by it before.
func (i *Isolate) capDrop(c engine.Call) error {
	n := c.Int(0)
	h := i.held[n]
	if h == nil {
		return nil
	}
	i.loop.Send(func() {
		if i.held[n] != h {
			return // its owner is gone, and so is it
		}
		delete(i.held, n)
		delete(i.tenant(h.owner).held, n)
		i.w.setup.Realm.drop(h.ref)
	})
	return nil
}

func (i *Isolate) capCall(c engine.Call) error {
	h, err := i.heldAt(c)
	if err != nil {
		return err
	}
	op, inv, err := i.beginCall(c, 1)
	if err != nil {
		return err
	}
	i.send(&inv.args, func() { i.w.setup.Realm.invoke(h.ref, inv) })
	c.Return(engine.Int(op.ID()))
	return nil
}
