package worker

import (
	"encoding/json"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/object"
)

func (i *Isolate) callFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"objectFetch":  i.objectFetch,
		"objectCall":   i.objectCall,
		"serviceFetch": i.serviceFetch,
		"serviceCall":  i.serviceCall,

		"exchangeAbort": i.exchangeAbort,
	}
}

// target reads namespace, id and name from the first arguments, and the location
// from one that need not be there.
func (i *Isolate) target(c engine.Call, location int) (Namespace, object.Ref, error) {
	ns := i.w.setup.Realm.namespace(c.Int(0))
	id, err := object.Decode(c.String(1))
	if err != nil {
		return ns, object.Ref{}, engine.TypeError("%s", err)
	}
	ref := object.Ref{Namespace: ns.Namespace.UniqueKey(), ID: id, Name: c.String(2), Location: c.String(location)}
	if v, ok := i.loop.Owner().(*visit); ok {
		v.reached(ref, ns.Class)
	}
	return ns, ref, nil
}

func addressOf(ns Namespace, ref object.Ref) Address {
	return Address{Entrypoint: Entrypoint{Script: ns.Script}, Class: ns.Class, Object: ref}
}

func (i *Isolate) objectFetch(c engine.Call) error {
	ns, ref, err := i.target(c, 9)
	if err != nil {
		return err
	}
	r := requestAt(c, 3)
	i.w.trace("worker.(*Isolate).objectFetch")
	r.Parent, r.Inside = i.loop.Span(), true
	x := i.begin(r)
	i.loop.Send(func() {
		if i.w.setup.Realm.owner(ns) == nil {
			i.w.setup.Realm.fetchElsewhere(addressOf(ns, ref), r, x.answer)
			return
		}
		i.w.sendFetch(ref, r, x, x.answer)
	})
	c.Return(engine.Int(x.op.ID()))
	return nil
}

// sendFetch delivers a request to an object. The exchange is nil for a request
// that is not from code here.
func (w *Worker) sendFetch(ref object.Ref, r Request, x *exchange, answer func(Answer)) {
	w.setup.Objects.Deliver(ref, w.fetchEvent(r, x, answer))
}

// fetchEvent is a request as an object gets it.
func (w *Worker) fetchEvent(r Request, x *exchange, answer func(Answer)) *durable.Event {
	e := &durable.Event{Name: r.Method + " " + r.URL, Kind: "fetch", Parent: r.Parent, Inside: r.Inside}
	if r.Again != nil {
		e.Again, e.Weight = r.Again, r.weight()
	}
	return w.event(e, answer, func(home *Isolate, life int, call int) {
		home.receiveFetch(life, call, r, x)
	})
}

// receiveFetch hands a request to an instance, in a turn of its life.
func (i *Isolate) receiveFetch(life, call int, r Request, x *exchange) {
	i.w.trace("worker.(*Isolate).receiveFetch")
	if x != nil {
		x.arrive(i, i.loop.Owner(), call)
	}
	i.calls[call].url = r.URL
	i.deliverFetch(call, "objectFetch", &r, engine.Int(life), engine.Int(call))
}

// event makes of e something an object is to answer. Run is called in a turn of
// the object's life.
func (w *Worker) event(e *durable.Event, answer func(Answer), run func(home *Isolate, life, call int)) *durable.Event {
	e.Fail = func(err error) { answer(Answer{Err: callError(err)}) }
	e.Run = func(life *durable.Life) {
		home := life.Home().(*Isolate)
		call := home.expect("", func(a Answer) {
			e.Err, e.Status = a.error(), a.status()
			if life.Finish(e) {
				answer(a)
			}
		})
		home.calls[call].life = life
		run(home, home.handles[life], call)
	}
	return e
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
	ns, ref, err := i.target(c, 6)
	if err != nil {
		return err
	}
	op, inv, err := i.beginCall(c, 3)
	if err != nil {
		return err
	}
	inv.top = true
	i.send(&inv.args, func() {
		if i.w.setup.Realm.owner(ns) == nil {
			i.w.setup.Realm.callElsewhere(addressOf(ns, ref), inv)
			return
		}
		i.w.sendCall(ref, inv)
	})
	c.Return(engine.Int(op.ID()))
	return nil
}

// sendCall delivers a method call to an object.
func (w *Worker) sendCall(ref object.Ref, inv *invocation) {
	w.setup.Objects.Deliver(ref, w.callEvent(inv))
}

// callEvent is a method call as an object gets it.
func (w *Worker) callEvent(inv *invocation) *durable.Event {
	e := &durable.Event{Name: callName(inv.path, inv.call), Kind: "call", Parent: inv.parent, Inside: inv.inside}
	if inv.again != nil {
		e.Again, e.Weight = inv.again, len(inv.args.data)
	}
	return w.event(e, inv.answer, func(home *Isolate, life, number int) {
		home.calls[number].promise = inv.promise
		home.deliverWith(number, "objectCall", func(s engine.Sink) {
			s.Int(int32(life))
			s.Int(int32(number))
			s.String(inv.path)
			s.Bool(inv.call)
			home.receive(s, &inv.args)
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
