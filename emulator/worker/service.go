package worker

import (
	"context"
	"fmt"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// An Entrypoint is what a service binding leads to.
type Entrypoint struct {
	Script string // "" for the Worker that calls
	Name   string // of the export, "" for the default one
	Props  []byte // a structured clone of ctx.props, nil for none
}

func (e Entrypoint) export() string {
	if e.Name == "" {
		return "default"
	}
	return e.Name
}

// errAbsent is what callers of a Worker get that is not running.
func errAbsent(script string) error {
	return &engine.Throw{Class: "Error", Message: absent(script), Props: `{"remote":true}`}
}

func absent(script string) string {
	return fmt.Sprintf("Worker %q not found. Make sure it is running locally.", script)
}

// answerAbsent answers a request for a Worker that is not running.
func answerAbsent(script string) Answer {
	return Answer{Response: &Response{Status: 503, Headers: "content-type\ntext/plain;charset=UTF-8", Body: engine.String(absent(script))}}
}

// receive runs an event of the Worker's own in a visit, and answers it. The
// Worker must have begun; it ends with the answer.
func (w *Worker) receive(v *visit, parent loop.Span, inside bool, event func() *durable.Event, done func(Answer), run func(call int)) {
	e, span := w.follow(parent, inside, event)
	i := w.entry
	if span != nil {
		span.Posted(i.loop)
	}
	posted := i.loop.Post(func() {
		i.loop.Turn(v, nil, func() {
			i.admit(span)
			v.call = i.expect("", func(a Answer) {
				v.call = 0
				if span != nil {
					e.Status = a.status()
					span.End(a.error())
					a.Span = span
				}
				a.Objects = v.objects
				v.answered()
				done(a)
				w.end()
			})
			run(v.call)
		})
	})
	if !posted {
		if span != nil {
			span.End(durable.ErrClosed)
		}
		done(Answer{Err: callError(durable.ErrClosed)})
		w.end()
	}
}

// Fetch delivers a request to the default export of the Worker. Done is called
// once, on an isolate's goroutine. It is safe for concurrent use.
func (w *Worker) Fetch(ctx context.Context, r Request, done func(Answer)) {
	w.trace("worker.(*Worker).Fetch")
	w.begin()
	w.fetch(ctx, Entrypoint{}, r, nil, done)
}

func (w *Worker) fetch(ctx context.Context, e Entrypoint, r Request, x *exchange, done func(Answer)) {
	v := newVisit(w.entry, ctx)
	event := func() *durable.Event {
		e := &durable.Event{Name: r.Method + " " + r.URL, Kind: "fetch", Parent: r.Parent, Inside: r.Inside}
		if r.Kept && w.setup.Again != nil {
			e.Again, e.Weight = func() { w.setup.Again(r) }, r.weight()
		}
		return e
	}
	w.receive(v, r.Parent, r.Inside, event, done, func(call int) {
		if x != nil {
			x.arrive(w.entry, v, call)
		} else {
			v.watchClient(ctx, call)
		}
		if e.Props == nil {
			w.entry.deliverFetch(call, "workerFetch", &r, engine.Int(call), engine.String(e.export()), engine.Undefined)
			return
		}
		w.entry.loop.WhenDrained(w.entry.answerHandled)
		w.entry.deliverWith(call, "workerFetch", func(s engine.Sink) {
			s.Int(int32(call))
			s.String(e.export())
			decodeInto(s, e.Props)
			r.feed(s)
		})
	})
}

func (w *Worker) call(e Entrypoint, inv *invocation) {
	v := newVisit(w.entry, context.Background())
	v.session = true
	event := func() *durable.Event {
		return &durable.Event{Name: callName(inv.path, inv.call), Kind: "call", Parent: inv.parent, Inside: inv.inside}
	}
	w.receive(v, inv.parent, inv.inside, event, inv.answer, func(call int) {
		w.entry.calls[call].promise = inv.promise
		w.entry.deliverWith(call, "workerCall", func(s engine.Sink) {
			s.Int(int32(call))
			s.String(e.export())
			decodeInto(s, e.Props)
			s.String(inv.path)
			s.Bool(inv.call)
			w.entry.receive(s, &inv.args)
		})
	})
}

// entrypoint reads script, entrypoint and props from the first arguments.
func (i *Isolate) entrypoint(c engine.Call) (Entrypoint, error) {
	e := Entrypoint{Script: c.String(0), Name: c.String(1)}
	if c.Kind(2) == engine.KindUndefined {
		return e, nil
	}
	props, err := i.encodeMessage(c, 2)
	e.Props = props.data
	return e, err
}

// find gives the Worker of an entrypoint, which has begun, nil when it is not
// here. Code calls its own Worker in the version that it belongs to.
func (i *Isolate) find(e Entrypoint) *Worker {
	if e.Script != "" {
		return i.w.setup.Realm.enter(e.Script)
	}
	i.w.begin()
	return i.w
}

func (i *Isolate) serviceFetch(c engine.Call) error {
	e, err := i.entrypoint(c)
	if err != nil {
		return err
	}
	r := requestAt(c, 3)
	r.Parent, r.Inside = i.loop.Span(), true
	x := i.begin(r)
	i.loop.Send(func() {
		w := i.find(e)
		if w == nil {
			i.w.setup.Realm.fetchElsewhere(Address{Entrypoint: e}, r, x.answer)
			return
		}
		w.fetch(context.Background(), e, r, x, x.answer)
	})
	c.Return(engine.Int(x.op.ID()))
	return nil
}

func (i *Isolate) serviceCall(c engine.Call) error {
	e, err := i.entrypoint(c)
	if err != nil {
		return err
	}
	op, inv, err := i.beginCall(c, 3)
	if err != nil {
		return err
	}
	inv.top = true
	i.send(&inv.args, func() {
		w := i.find(e)
		if w == nil {
			i.w.setup.Realm.callElsewhere(Address{Entrypoint: e}, inv)
			return
		}
		w.call(e, inv)
	})
	c.Return(engine.Int(op.ID()))
	return nil
}
