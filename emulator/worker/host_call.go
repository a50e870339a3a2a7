package worker

import (
	"encoding/json"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A capability is something of this isolate that others may call.
type capability struct {
	owner   loop.Owner
	object  string // id of the object it belongs to, "" for the Worker
	release func() // keeps the object alive until then
}

func (i *Isolate) callFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"objectFetch":  i.objectFetch,
		"objectCall":   i.objectCall,
		"serviceFetch": i.serviceFetch,
		"serviceCall":  i.serviceCall,
		"capCall":      i.capCall,
		"capDup":       i.capNotice("capDup"),
		"capDrop":      i.capNotice("capDrop"),
		"capExport":    i.capExport,
		"capForget":    i.capForget,
	}
}

// target reads namespace, id and name from the first arguments.
func (i *Isolate) target(c engine.Call) (Namespace, object.Ref, error) {
	ns := i.w.setup.Realm.namespace(c.Int(0))
	id, err := object.Decode(c.String(1))
	if err != nil {
		return ns, object.Ref{}, engine.TypeError("%s", err)
	}
	ref := object.Ref{Namespace: ns.Namespace.UniqueKey(), ID: id, Name: c.String(2)}
	if v, ok := i.loop.Owner().(*visit); ok {
		v.reached(ref, ns.Class)
	}
	return ns, ref, nil
}

func addressOf(ns Namespace, ref object.Ref) Address {
	return Address{Entrypoint: Entrypoint{Script: ns.Script}, Class: ns.Class, Object: ref}
}

// begin starts an operation that waits for a call's answer.
func (i *Isolate) begin(fetch bool) (op *loop.Op, answer func(Answer)) {
	op = i.loop.Begin(loop.Call)
	owner := i.loop.Owner()
	return op, func(a Answer) {
		op.Done(func() {
			if v, ok := owner.(*visit); ok {
				v.passed(a.Objects)
			}
			i.finish(op.ID(), a, fetch)
		})
	}
}

func (i *Isolate) objectFetch(c engine.Call) error {
	ns, ref, err := i.target(c)
	if err != nil {
		return err
	}
	r := requestAt(c, 3)
	i.w.trace("worker.(*Isolate).objectFetch")
	op, answer := i.begin(true)
	i.loop.Send(func() {
		if i.w.setup.Realm.owner(ns) == nil {
			i.w.setup.Realm.fetchElsewhere(addressOf(ns, ref), r, answer)
			return
		}
		i.w.sendFetch(ref, r, answer)
	})
	c.Return(engine.Int(op.ID()))
	return nil
}

// sendFetch delivers a request to an object.
func (w *Worker) sendFetch(ref object.Ref, r Request, answer func(Answer)) {
	w.deliver(ref, r.Method+" "+r.URL, answer, func(home *Isolate, life int, call int) {
		w.trace("worker.(*Worker).sendFetch")
		home.deliver(call, "objectFetch", append([]engine.Value{engine.Int(life), engine.Int(call)}, r.values()...)...)
	})
}

// deliver sends an event to an object and its answer back. Run is called in a
// turn of the object's life.
func (w *Worker) deliver(ref object.Ref, name string, answer func(Answer), run func(home *Isolate, life, call int)) {
	e := &durable.Event{Name: name}
	e.Fail = func(err error) { answer(Answer{Err: callError(err)}) }
	e.Run = func(life *durable.Life) {
		home := life.Home().(*Isolate)
		call := home.expect(home.label(life.Ref()), func(a Answer) {
			if life.Finish(e) {
				answer(a)
			}
		})
		home.calls[call].life = life
		run(home, home.handles[life], call)
	}
	w.setup.Objects.Deliver(ref, e)
}

// label is how people know an object: "Class/name".
func (i *Isolate) label(ref object.Ref) string {
	class := ref.Namespace
	if ns, ok := i.w.namespaceOf(ref.Namespace); ok {
		class = ns.Class
	}
	if ref.Name != "" {
		return class + "/" + ref.Name
	}
	return class + "/" + ref.ID.String()[:8]
}

func (i *Isolate) objectCall(c engine.Call) error {
	ns, ref, err := i.target(c)
	if err != nil {
		return err
	}
	path, call := c.String(3), c.Bool(4)
	args, err := i.encodeMessage(c, 5)
	if err != nil {
		return err
	}
	op, answer := i.begin(false)
	i.loop.Send(func() {
		if i.w.setup.Realm.owner(ns) == nil {
			i.w.setup.Realm.callElsewhere(addressOf(ns, ref), path, call, args, answer)
			return
		}
		i.w.sendCall(ref, path, call, args, answer)
	})
	c.Return(engine.Int(op.ID()))
	return nil
}

// sendCall delivers a method call to an object. Path is a JSON array.
func (w *Worker) sendCall(ref object.Ref, path string, call bool, args []byte, answer func(Answer)) {
	w.deliver(ref, callName(path, call), answer, func(home *Isolate, life, number int) {
		home.deliverWith(number, "objectCall", func(s engine.Sink) {
			s.Int(int32(life))
			s.Int(int32(number))
			s.String(path)
			s.Bool(call)
			decodeInto(s, args)
		})
	})
}

func callName(path string, call bool) string {
	var steps []string
	_ = json.Unmarshal([]byte(path), &steps)
	name := ""
	for n, step := range steps {
		if n > 0 {
			name += "."
		}
		name += step
	}
	if call {
		name += "()"
	}
	return name
}

// ---- capabilities ----

// capExport notes that JavaScript here has given something away.
func (i *Isolate) capExport(c engine.Call) error {
	entry := &capability{owner: i.loop.Owner(), release: func() {}}
	if life, ok := entry.owner.(*durable.Life); ok {
		entry.object = life.Ref().ID.String()
		entry.release = life.Hold()
	} else if v, ok := entry.owner.(*visit); ok {
		entry.release = v.hold()
	}
	i.caps[c.Int(0)] = entry
	return nil
}

func (i *Isolate) capForget(c engine.Call) error {
	if entry := i.caps[c.Int(0)]; entry != nil {
		delete(i.caps, c.Int(0))
		entry.release()
	}
	return nil
}

// capNotice makes a host function that tells the isolate a capability lives in.
func (i *Isolate) capNotice(entry string) engine.Func {
	return func(c engine.Call) error {
		home := i.w.setup.Realm.get(c.Int(0))
		number := c.Int(1)
		if home == nil {
			return nil
		}
		home.loop.Post(func() {
			held := home.caps[number]
			if held == nil {
				return
			}
			home.loop.Turn(held.owner, nil, func() {
				_, _ = home.vm.Call(entry, engine.Int(number))
			})
		})
		return nil
	}
}

func (i *Isolate) capCall(c engine.Call) error {
	home, number := i.w.setup.Realm.get(c.Int(0)), c.Int(1)
	path, call := c.String(2), c.Bool(3)
	args, err := i.encodeMessage(c, 4)
	if err != nil {
		return err
	}
	op, answer := i.begin(false)
	i.loop.Send(func() {
		if home == nil {
			answer(Answer{Err: callError(errDisconnected)})
			return
		}
		if !home.loop.Post(func() { home.answerCap(number, path, call, args, answer) }) {
			answer(Answer{Err: callError(errDisconnected)})
		}
	})
	c.Return(engine.Int(op.ID()))
	return nil
}

var errDisconnected = &engine.Throw{Class: "Error", Message: "The destination object for this session no longer exists."}

// answerCap calls something that was given away.
func (i *Isolate) answerCap(number int, path string, call bool, args []byte, answer func(Answer)) {
	entry := i.caps[number]
	if entry == nil {
		answer(Answer{Err: callError(errDisconnected)})
		return
	}
	run := func(done func(Answer)) {
		n := i.expect("", done)
		i.deliverWith(n, "capCall", func(s engine.Sink) {
			s.Int(int32(number))
			s.Int(int32(n))
			s.String(entry.object)
			s.String(path)
			s.Bool(call)
			decodeInto(s, args)
		})
	}
	if v, ok := entry.owner.(*visit); ok {
		if v.over {
			answer(Answer{Err: callError(errDisconnected)})
			return
		}
		i.loop.Turn(v, nil, func() { run(answer) })
		return
	}
	life := entry.owner.(*durable.Life)
	e := &durable.Event{Name: callName(path, call)}
	e.Fail = func(err error) { answer(Answer{Err: callError(err)}) }
	e.Run = func(*durable.Life) {
		run(func(a Answer) {
			if life.Finish(e) {
				answer(a)
			}
		})
	}
	life.Deliver(e)
}
