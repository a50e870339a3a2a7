package web

import (
	"encoding/json"
	"errors"

	"github.com/tetratelabs/wazero/api"

	"github.com/dodev/dodev/emulator/engine"
)

// define makes a table, memory, global or tag of no instance, and answers the
// numbers of its owner and of itself. A global's number is in the first slot.
func (w *wasmHost) define(c engine.Call) error {
	var t wasmType
	if err := json.Unmarshal([]byte(c.String(0)), &t); err != nil {
		return err
	}
	t.complete()
	first := uint64(0)
	if t.Kind == wasmGlobal {
		first = w.slot(0)
		// A reference can be set only after its global is made.
		t.Mutable = t.Mutable || t.value == wasmFuncref || t.value == wasmExternref
	}
	compiled, err := w.synthesize(wasmDefinition(t, first))
	if err != nil {
		return err
	}
	o, err := w.newOwner(compiled, func(string) api.Module { return nil })
	if errors.Is(err, errWasmMemory) {
		return engine.RangeError("could not allocate memory")
	} else if err != nil {
		return err
	}
	if t.value == wasmExternref {
		o.roots = []wasmRoot{{t.Kind, wasmImportName}}
	}
	id := w.extern(o, wasmImportName, t)
	w.externs[id].adapter = o.mod
	return returnNumbers(c, o.id, id)
}

// returnNumbers answers an array of numbers.
func returnNumbers(c engine.Call, numbers ...int) error {
	return c.ReturnBuilt(func(s engine.Sink) error {
		s.BeginDense(len(numbers))
		for _, n := range numbers {
			s.Int(int32(n))
		}
		s.EndDense(0, len(numbers))
		return nil
	})
}

// complete fills in what JSON leaves out.
func (t *wasmType) complete() {
	for value, letter := range wasmLetters {
		if t.Value == string(letter) {
			t.value = value
		}
	}
	for _, letter := range t.Signature {
		for value, l := range wasmLetters {
			if rune(l) == letter {
				t.signature.params = append(t.signature.params, value)
			}
		}
	}
}

func (w *wasmHost) memoryFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"wasmDefine": w.define,
		"wasmBuffer": func(c engine.Call) error {
			c.ReturnExternal(w.externs[c.Int(0)].owner.memory.External)
			return nil
		},
		"wasmGrow": func(c engine.Call) error {
			o, delta := w.externs[c.Int(0)].owner, c.Int(1)
			if delta == 0 {
				// Growing by nothing changes nothing but the buffer.
				o.memory.Resize(len(o.memory.Bytes()))
			}
			before, ok := o.mod.Memory().Grow(uint32(delta))
			if !ok {
				c.Return(engine.Int(-1))
				return nil
			}
			c.Return(engine.Int(before))
			return nil
		},
		"wasmGlobalGet": func(c engine.Call) error {
			e := w.externs[c.Int(0)]
			w.setSlot(0, e.owner.mod.ExportedGlobal(e.name).Get())
			return nil
		},
		"wasmGlobalSet": func(c engine.Call) error {
			e := w.externs[c.Int(0)]
			if g, ok := e.owner.mod.ExportedGlobal(e.name).(api.MutableGlobal); ok {
				g.Set(w.slot(0))
			}
			return nil
		},
	}
}

// A wasmTableOps is what can be done with a table.
type wasmTableOps struct{ get, set, grow, size api.Function }

func (w *wasmHost) table(id int) (*wasmTableOps, error) {
	e := w.externs[id]
	if e.table == nil {
		ops, err := w.tableOps(e.owner, e.name, e.Type.value)
		if err != nil {
			return nil, err
		}
		e.table = ops
	}
	return e.table, nil
}

// tableOps makes the operations on a table that an owner exports.
func (w *wasmHost) tableOps(o *wasmOwner, name string, element byte) (*wasmTableOps, error) {
	m, err := w.helper(o, wasmTableModule(name, element), func(string) api.Module { return o.mod })
	if err != nil {
		return nil, err
	}
	f := m.ExportedFunction
	return &wasmTableOps{f("get"), f("set"), f("grow"), f("size")}, nil
}

func (w *wasmHost) tableFuncs() map[string]engine.Func {
	// op makes a host function of an operation on a table.
	op := func(run func(c engine.Call, t *wasmTableOps) error) engine.Func {
		return func(c engine.Call) error {
			t, err := w.table(c.Int(0))
			if err != nil {
				return err
			}
			return wasmFailure(run(c, t))
		}
	}
	return map[string]engine.Func{
		"wasmTableGet": op(func(c engine.Call, t *wasmTableOps) error {
			stack := []uint64{uint64(c.Int(1))}
			err := t.get.CallWithStack(w.ctx, stack)
			w.setSlot(0, stack[0])
			return err
		}),
		"wasmTableSet": op(func(c engine.Call, t *wasmTableOps) error {
			return t.set.CallWithStack(w.ctx, []uint64{uint64(c.Int(1)), w.slot(0)})
		}),
		"wasmTableGrow": op(func(c engine.Call, t *wasmTableOps) error {
			stack := []uint64{w.slot(0), uint64(c.Int(1))}
			err := t.grow.CallWithStack(w.ctx, stack)
			c.Return(engine.Int(int32(stack[0])))
			return err
		}),
		"wasmTableSize": op(func(c engine.Call, t *wasmTableOps) error {
			stack := []uint64{0}
			err := t.size.CallWithStack(w.ctx, stack)
			c.Return(engine.Int(uint32(stack[0])))
			return err
		}),
		"wasmRef":        w.ref,
		"wasmHeld":       w.held,
		"wasmFunctionOf": w.functionOf,
	}
}

// ref puts the reference to a function into the first slot.
func (w *wasmHost) ref(c engine.Call) error {
	e := w.externs[c.Int(0)]
	if e.ref != 0 {
		w.setSlot(0, e.ref)
		return nil
	}
	m, err := w.helper(e.owner, wasmRefModule(e.name, e.Type.signature), func(string) api.Module { return e.owner.mod })
	if err != nil {
		return err
	}
	stack := []uint64{0}
	err = m.ExportedFunction("ref").CallWithStack(w.ctx, stack)
	w.setSlot(0, stack[0])
	return wasmFailure(err)
}

// functionOf makes the function known whose reference is in the first slot,
// and answers the numbers of an owner and of itself, and its signature.
func (w *wasmHost) functionOf(c engine.Call) error {
	ref := w.slot(0)
	s, err := w.signatureOf(ref)
	if err != nil {
		return err
	}
	o := &wasmOwner{id: w.number()}
	w.owners[o.id] = o
	id := w.extern(o, "", wasmType{Kind: wasmFunc, Signature: s.String(), signature: s})
	w.externs[id].ref = ref
	return c.ReturnBuilt(func(sink engine.Sink) error {
		sink.BeginDense(3)
		sink.Int(int32(o.id))
		sink.Int(int32(id))
		sink.String(s.String())
		sink.EndDense(0, 3)
		return nil
	})
}
