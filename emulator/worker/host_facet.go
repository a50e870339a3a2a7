package worker

import (
	"crypto/rand"
	"strings"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// A facetClass is what the instances of a facet are made from.
type facetClass struct {
	class  string
	id     string // what ctx.id is, in digits if hasID
	hasID  bool
	idName string // of such an id
	within string // likewise, the jurisdiction it is bound to
	props  []byte // a structured clone
}

// idOf is the id of the object that a life is of, "" for a facet that was given
// a text instead.
func idOf(life *durable.Life) string {
	f := life.Object().Part()
	if f == nil {
		return life.Ref().ID.String()
	}
	if made := f.Made().(*facetClass); made.hasID {
		return made.id
	}
	return ""
}

func (i *Isolate) facetFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"facetDepth": i.forLife(func(c engine.Call, life *durable.Life) error {
			c.Return(engine.Int(life.Object().Depth()))
			return nil
		}),
		"facetOpen": i.forLife(func(c engine.Call, life *durable.Life) error {
			n := i.next()
			i.facets[n] = life.Object().Facet(c.String(1))
			c.Return(engine.Int(n))
			return nil
		}),
		"facetDrop": func(c engine.Call) error {
			delete(i.facets, c.Int(0))
			return nil
		},
		"facetBegin":  i.forLife(i.facetBegin),
		"facetBecome": i.forLife(i.facetBecome),
		"facetRefuse": i.forLife(func(c engine.Call, _ *durable.Life) error {
			i.facets[c.Int(1)].Refuse(i.thrownHere(c, 2))
			return nil
		}),
		"facetFetch": i.forLife(i.facetFetch),
		"facetCall":  i.forLife(i.facetCall),
		"facetAbort": i.forLife(func(c engine.Call, life *durable.Life) error {
			life.Object().AbortFacet(c.String(1), i.thrownHere(c, 2))
			return nil
		}),
		"facetDelete": i.forLife(func(c engine.Call, life *durable.Life) error {
			life.Object().AbortFacet(c.String(1), durable.ErrFacetDeleted)
			return i.removeFacet(life, c.String(1))
		}),
		"facetClone": i.forLife(i.facetClone),
	}
}

// thrownHere is thrown for what the caller's own object has thrown.
func (i *Isolate) thrownHere(c engine.Call, first int) *CallError {
	e := i.thrown(c, first)
	e.Throw.Props = ""
	return e
}

// facetBegin has JavaScript find out what a facet is to be, in a turn of its
// object, unless that is known or somebody is at it.
func (i *Isolate) facetBegin(c engine.Call, _ *durable.Life) error {
	n := c.Int(1)
	first := i.facets[n].Begin()
	c.Return(engine.Bool(first))
	if !first {
		return nil
	}
	op := i.loop.Begin(loop.Other)
	i.loop.Send(func() {
		op.Done(func() {
			if _, err := i.vm.Call("facetStart", engine.Int(n)); err != nil {
				i.uncaught(i.loop.Owner(), err, false)
			}
		})
	})
	return nil
}

// facetBecome tells what a facet is: class, id with its name, and props. Only
// now it gets its number, as in the real runtime.
func (i *Isolate) facetBecome(c engine.Call, life *durable.Life) error {
	f := i.facets[c.Int(1)]
	made := &facetClass{class: c.String(2), id: c.String(3), hasID: c.Bool(4), idName: c.String(5), within: c.String(6)}
	props, err := i.encodeMessage(c, 7)
	if err != nil {
		return err
	}
	made.props = props.data
	store := life.Store().(*Store)
	facets, err := store.pool.Facets(store.root)
	if err != nil {
		return err
	}
	number, err := facets.Number(life.Ref().Facet, f.Name())
	if err != nil {
		f.Refuse(internalError())
		return nil
	}
	f.Become(number, made)
	return nil
}

// internalError is what the platform answers where it did not expect to fail.
func internalError() error {
	return engine.Error("internal error; reference = %s", strings.ToLower(rand.Text())[:24])
}

// startFacet makes an instance of a facet.
func (i *Isolate) startFacet(life int, ns Namespace, made *facetClass) error {
	_, err := i.vm.CallWith("constructFacet", func(s engine.Sink) {
		s.Int(int32(life))
		s.String(made.class)
		s.String(made.id)
		s.Bool(made.hasID)
		for _, text := range []string{made.idName, made.within} {
			if text != "" {
				s.String(text)
			} else {
				s.Undefined()
			}
		}
		s.Bool(ns.SQLite)
		decodeInto(s, made.props)
	})
	return err
}

func (i *Isolate) facetFetch(c engine.Call, _ *durable.Life) error {
	f, r := i.facets[c.Int(1)], requestAt(c, 2)
	x := i.begin(r)
	i.loop.Send(func() { f.Deliver(i.w.fetchEvent(r, x, x.answer)) })
	c.Return(engine.Int(x.op.ID()))
	return nil
}

func (i *Isolate) facetCall(c engine.Call, _ *durable.Life) error {
	f := i.facets[c.Int(1)]
	op, inv, err := i.beginCall(c, 2)
	if err != nil {
		return err
	}
	i.send(&inv.args, func() { f.Deliver(i.w.callEvent(inv)) })
	c.Return(engine.Int(op.ID()))
	return nil
}

// facetClone replaces a facet, and all within it, by a copy of what another one
// has stored. The other one goes on.
func (i *Isolate) facetClone(c engine.Call, life *durable.Life) error {
	from, to := c.String(1), c.String(2)
	life.Object().AbortFacet(to, durable.ErrFacetReplaced)
	if from == to {
		return nil
	}
	if err := i.removeFacet(life, to); err != nil {
		return err
	}
	store := life.Store().(*Store)
	facets, err := store.pool.Facets(store.root)
	if err != nil {
		return err
	}
	source, ok := facets.Find(life.Ref().Facet, from)
	if !ok {
		return nil
	}
	target, err := facets.Number(life.Ref().Facet, to)
	if err != nil {
		return internalError()
	}
	return store.copyFacet(facets, source, target)
}

// removeFacet removes what the facet of a name has stored.
func (i *Isolate) removeFacet(life *durable.Life, name string) error {
	store := life.Store().(*Store)
	facets, err := store.pool.Facets(store.root)
	if err != nil {
		return err
	}
	if n, ok := facets.Find(life.Ref().Facet, name); ok {
		return store.removeFacet(facets, n)
	}
	return nil
}

// deleteFacets does away with everything within an object, or facet.
func deleteFacets(life *durable.Life) error {
	life.Object().AbortFacets(durable.ErrFacetDeleted)
	store := life.Store().(*Store)
	facets, err := store.pool.Facets(store.root)
	if err != nil {
		return err
	}
	for _, f := range facets.Within(life.Ref().Facet) {
		if err := store.removeFacet(facets, f.Number); err != nil {
			return err
		}
	}
	return nil
}
