package worker

import (
	"crypto/rand"
	"time"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/gate"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
)

// blockLimit is how long blockConcurrencyWhile may take.
// https://developers.cloudflare.com/durable-objects/api/state/#blockconcurrencywhile
const blockLimit = 30 * time.Second

// register adds the host functions of src/host.ts.
func (i *Isolate) register() {
	for _, table := range []map[string]engine.Func{
		i.identityFuncs(), i.callFuncs(), i.capFuncs(), i.answerFuncs(), i.stateFuncs(), i.spied(i.kvFuncs()), i.recoveryFuncs(), i.facetFuncs(), i.spied(i.alarmFuncs()), i.spied(i.sqlFuncs()), i.socketFuncs(),
	} {
		for name, fn := range table {
			i.vm.Func(name, fn)
		}
	}
}

// gone stops code of a life that has ended: nothing it does may have an effect.
func (i *Isolate) gone() error {
	t := engine.Error("This Durable Object instance is no longer active.")
	i.vm.Terminate(t)
	return t
}

// life is the life a host call acts for, by its first argument.
func (i *Isolate) life(c engine.Call) (*durable.Life, error) {
	life := i.lives[c.Int(0)]
	if life == nil || life.Over() {
		return nil, i.gone()
	}
	return life, nil
}

// forLife makes a host function that acts for a life.
func (i *Isolate) forLife(fn func(c engine.Call, life *durable.Life) error) engine.Func {
	return func(c engine.Call) error {
		life, err := i.life(c)
		if err != nil {
			return err
		}
		return fn(c, life)
	}
}

// forStore makes a host function that uses the database of a life.
func (i *Isolate) forStore(fn func(c engine.Call, db *sqlite.Object) error) engine.Func {
	return i.forLife(func(c engine.Call, life *durable.Life) error {
		i.loop.Touch(life)
		return fn(c, database(life))
	})
}

// encode clones an argument. The bytes are valid until the next call.
func (i *Isolate) encode(c engine.Call, arg int, mode engine.Mode) ([]byte, error) {
	i.encoder.Reset()
	if err := c.Encode(arg, mode, i.encoder); err != nil {
		return nil, err
	}
	return i.encoder.Bytes(), nil
}

// ---- identity ----

func (i *Isolate) identityFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"idFromName":     i.forNamespace(i.idFromName),
		"idFromString":   i.forNamespace(i.idFromString),
		"newUniqueId":    i.forNamespace(i.newUniqueID),
		"jurisdiction":   i.forNamespace(func(engine.Call, Namespace) error { return nil }),
		"jurisdictionOf": i.jurisdictionOf,
		"namespaceName": func(c engine.Call) error {
			ns := i.w.setup.Realm.namespace(c.Int(0))
			c.ReturnStrings([]string{ns.Script, ns.Class})
			return nil
		},
		"namespaceNamed": func(c engine.Call) error {
			c.Return(engine.Int(i.w.setup.Realm.named(c.String(0), c.String(1))))
			return nil
		},
		"moduleData": func(c engine.Call) error {
			if m, ok := i.w.setup.Modules[c.String(0)]; ok && m.Kind == Text {
				c.Return(engine.String(string(m.Data)))
			} else if ok && m.Kind == Data {
				c.Return(engine.Bytes(m.Data))
			}
			return nil
		},
		"flag": func(c engine.Call) error {
			c.Return(engine.Bool(i.w.setup.Flag(c.String(0))))
			return nil
		},
		"isolate": func(c engine.Call) error {
			c.Return(engine.Int(i.number))
			return nil
		},
	}
}

// errNoJurisdictions is what the local runtime says of all of them.
var errNoJurisdictions = engine.Error("Jurisdiction restrictions are not implemented in workerd.")

// forNamespace makes a host function that acts for a namespace, or for the part
// of it that the second argument names.
func (i *Isolate) forNamespace(fn func(c engine.Call, ns Namespace) error) engine.Func {
	return func(c engine.Call) error {
		ns := i.w.setup.Realm.namespace(c.Int(0))
		if c.Kind(1) == engine.KindString {
			if !i.w.setup.Jurisdictions {
				return errNoJurisdictions
			}
			part, ok := ns.Namespace.Jurisdiction(c.String(1))
			if !ok || c.String(1) == "" {
				return engine.TypeError("%s called with an unsupported jurisdiction: %q", c.String(2), c.String(1))
			}
			ns.Namespace, ns.Former = part, nil // no older tool had any
		}
		return fn(c, ns)
	}
}

func (i *Isolate) idFromName(c engine.Call, ns Namespace) error {
	c.Return(engine.String(ns.fromName(c.String(2)).String()))
	return nil
}

func (i *Isolate) idFromString(c engine.Call, ns Namespace) error {
	id, err := ns.parse(c.String(2))
	if err == nil && !i.w.setup.Jurisdictions && !ns.Namespace.Owns(id) {
		err = object.ErrOtherNamespace
	}
	if err != nil {
		return engine.TypeError("%s", err)
	}
	c.Return(engine.String(id.String()))
	return nil
}

func (i *Isolate) newUniqueID(c engine.Call, ns Namespace) error {
	id, err := ns.Namespace.Unique(rand.Reader)
	if err != nil {
		return err
	}
	c.Return(engine.String(id.String()))
	return nil
}

// jurisdictionOf tells which jurisdiction an id of a namespace is bound to.
func (i *Isolate) jurisdictionOf(c engine.Call) error {
	id, err := object.Decode(c.String(1))
	if err != nil {
		return engine.TypeError("%s", err)
	}
	if name, _ := i.w.setup.Realm.namespace(c.Int(0)).Namespace.JurisdictionOf(id); name != "" {
		c.Return(engine.String(name))
	}
	return nil
}

// ---- answers ----

func (i *Isolate) answerFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"fulfilled": func(c engine.Call) error {
			c.ReturnFulfilled(0)
			return nil
		},
		"respond": func(c engine.Call) error {
			call, socket := c.Int(0), c.Int(7)
			if in := i.calls[call]; socket != 0 && in != nil && in.url != "" {
				i.w.setup.Web.Wires.Opened(socket, in.url)
			}
			i.settle(call, Answer{Response: &Response{
				Status: c.Int(1), StatusText: c.String(2), Headers: c.String(3), Body: bodyAt(c, 4), Pipe: c.Int(5), Raw: c.Bool(6), Socket: socket,
			}})
			return nil
		},
		"reply": func(c engine.Call) error {
			return i.reply(c)
		},
		"trap": func(c engine.Call) error {
			i.trap(i.lives[c.Int(0)], Trap{Code: TrapCode(c.String(1)), About: c.String(2), Place: c.String(3)})
			return nil
		},
		"fail": func(c engine.Call) error {
			i.settle(c.Int(0), Answer{Err: i.thrown(c, 1)})
			return nil
		},
		"uncaught": func(c engine.Call) error {
			i.uncaught(i.loop.Owner(), exceptionAt(c, 0), false)
			return nil
		},
	}
}

// reply answers a call with a value. What the result offers to calls on it is
// the capability of the third argument, or what the result itself stands for
// when that is -1; the fourth says that it is kept until the caller disposes of
// the result.
func (i *Isolate) reply(c engine.Call) error {
	m, err := i.encodeMessage(c, 1)
	if err != nil {
		return err
	}
	a := Answer{Value: m.data, refs: m.refs, disposer: c.Bool(3)}
	switch n := c.Int(2); {
	case n > 0:
		a.pipeline = reference{i.number, n}
	case n < 0 && len(m.refs) > 0:
		a.pipeline = m.refs[0]
		i.w.setup.Realm.use(a.pipeline)
	}
	i.settle(c.Int(0), a)
	return nil
}

// thrown reads what was thrown and the texts that go with it, as outgoing in
// src/errors.ts gives them. What cannot be cloned, or by an older date nothing,
// crosses as itself.
func (i *Isolate) thrown(c engine.Call, first int) *CallError {
	e := exceptionAt(c, first+1)
	out := &CallError{Name: e.Name, Message: e.Message, Stack: e.Stack, code: true}
	out.Throw = engine.Throw{Class: c.String(first + 4), Message: c.String(first + 5), Props: c.String(first + 6)}
	if i.legacyErrors {
		return out
	}
	var w clone.Encoder
	if err := c.Encode(first, engine.ForClone, &w); err == nil {
		out.Thrown = w.Bytes()
	}
	return out
}

func exceptionAt(c engine.Call, first int) *engine.Exception {
	e := &engine.Exception{Name: c.String(first), Message: c.String(first + 1), Stack: c.String(first + 2), IsError: c.String(first) != ""}
	if e.Name == "InternalError" {
		e.Name, e.Message = platformWords(e.Message)
	}
	return e
}

// platformWords names what the engine calls an InternalError.
func platformWords(message string) (name, words string) {
	switch message {
	case "interrupted":
		return "Error", "Worker exceeded CPU time limit."
	case "stack overflow":
		return "RangeError", "Maximum call stack size exceeded"
	case "out of memory":
		return "Error", "Worker exceeded memory limit."
	}
	return "InternalError", message
}

// ---- state ----

func (i *Isolate) stateFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"abort":           i.forLife(i.abort),
		"section":         i.forLife(i.beginSection),
		"sectionEnd":      i.forLife(i.endSection),
		"sectionRollback": i.forLife(i.rollbackSection),
		"sectionFail":     i.forLife(i.failSection),

		"constructorThrew": i.forLife(i.constructorThrew),
		"opBegin": func(c engine.Call) error {
			op := i.loop.Begin(loop.Other)
			i.ops[op.ID()] = op
			op.OnEnd(func() { delete(i.ops, op.ID()) })
			c.Return(engine.Int(op.ID()))
			return nil
		},
		"opEnd": func(c engine.Call) error {
			if op := i.ops[c.Int(0)]; op != nil {
				op.Cancel()
			}
			return nil
		},
	}
}

func (i *Isolate) abort(c engine.Call, life *durable.Life) error {
	t := engine.Error("%s", c.String(1))
	if !c.Bool(2) {
		life.SkipAlarmRetry()
	}
	_ = life.Reset(t)
	i.vm.Terminate(t)
	return t
}

// beginSection has JavaScript run a critical section when its turn has come.
func (i *Isolate) beginSection(c engine.Call, life *durable.Life) error {
	token, transaction := c.Int(1), c.Bool(2)
	what := "blockConcurrencyWhile"
	if transaction {
		what = "transaction"
	}
	life.Section(what, func(g *gate.Section) {
		s := &section{life: life, gate: g, stop: func() {}}
		n := i.next()
		i.sections[n] = s
		if transaction {
			level, err := database(life).Savepoint()
			if err != nil {
				_ = life.Reset(err)
				return
			}
			s.level, s.end = level, life.Transaction()
		}
		s.stop = i.limitSection(life)
		if _, err := i.vm.Call("runSection", engine.Int(token), engine.Int(n)); err != nil && !life.Over() {
			_ = life.Reset(err)
		}
	})
	return nil
}

// limitSection resets the object when a section takes too long.
func (i *Isolate) limitSection(life *durable.Life) (stop func()) {
	if !i.w.setup.SectionLimit {
		return func() {}
	}
	return i.w.setup.Loop.Clock.AfterFunc(blockLimit, func() {
		i.loop.Post(func() {
			if !life.Over() {
				_ = life.Reset(&engine.Throw{
					Class:   "Error",
					Message: "A call to blockConcurrencyWhile() in a Durable Object waited for too long. The call was canceled and the Durable Object was reset.",
					Props:   `{"overloaded":true}`,
				})
			}
		})
	})
}

// endSection ends a section. The rest of the turn belongs to the one around it.
func (i *Isolate) endSection(c engine.Call, life *durable.Life) error {
	s := i.sections[c.Int(1)]
	if s == nil {
		return nil
	}
	delete(i.sections, c.Int(1))
	s.stop()
	if s.end != nil {
		finish := database(life).RollbackTo
		if c.Bool(2) {
			finish = database(life).Release
		}
		if err := finish(s.level); err != nil {
			_ = life.Reset(storageError(err)) // what is open can no longer be told
			return i.gone()
		}
		if !c.Bool(2) {
			life.AlarmRolledBack()
		}
		s.end()
	}
	i.loop.SetSection(s.gate.Parent())
	s.gate.End()
	return nil
}

// rollbackSection undoes what a transaction has written, and lets it go on.
func (i *Isolate) rollbackSection(c engine.Call, life *durable.Life) error {
	s := i.sections[c.Int(1)]
	if s == nil || s.end == nil {
		return nil
	}
	db := database(life)
	err := db.RollbackTo(s.level)
	if err == nil {
		s.level, err = db.Savepoint()
	}
	if err != nil {
		_ = life.Reset(storageError(err)) // what is open can no longer be told
		return i.gone()
	}
	life.AlarmRolledBack()
	return nil
}

func (i *Isolate) failSection(c engine.Call, life *durable.Life) error {
	i.w.setup.Uncaught(life.Ref(), i.loop.Span(), exceptionAt(c, 3))
	_ = life.Reset(i.resetBy(c, 2))
	return i.gone()
}

func (i *Isolate) constructorThrew(c engine.Call, life *durable.Life) error {
	_ = life.Reset(i.resetBy(c, 1))
	return i.gone()
}

// resetBy is the error of a reset by what an object's code threw, which is read
// from the arguments of a host call.
func (i *Isolate) resetBy(c engine.Call, first int) *durable.ResetError {
	e := i.thrown(c, first)
	return &durable.ResetError{
		Throw:     engine.Throw{Class: e.Name, Message: e.Message},
		Exception: &engine.Exception{Name: e.Name, Message: e.Message, Stack: e.Stack, IsError: true},
		Thrown:    e.Thrown,
	}
}
