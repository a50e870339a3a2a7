package web

import (
	"errors"
	"strings"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"

	"github.com/dodev/dodev/emulator/engine"
)

var (
	// errWasmPending stands for what a script's function threw: the script
	// keeps it and throws it again.
	errWasmPending     = errors.New("exception of an imported function")
	errWasmInterrupted = errors.New("interrupted")
	errWasmOverflow    = engine.RangeError("Maximum call stack size exceeded")
)

// wasmMaxDepth is how many calls of compiled code may be on the stack of the
// script that calls it.
const wasmMaxDepth = 200

// call calls a function with the arguments in the slots and puts its results
// there.
func (w *wasmHost) call(e *wasmExtern) error {
	if e == nil {
		return &engine.Throw{Class: "RuntimeError", Message: "the instance of this function is gone"}
	}
	if w.depth >= wasmMaxDepth {
		return errWasmOverflow
	}
	w.depth++
	defer func() { w.depth-- }()
	f, err := w.acquire(e)
	if err != nil {
		return err
	}
	s := e.Type.signature
	stack := make([]uint64, 1+max(len(s.params), len(s.results)))
	args := stack
	if e.ref != 0 {
		args[0] = e.ref
		args = stack[1:]
	}
	for i := range s.params {
		args[i] = w.slot(i)
	}
	err = f.CallWithStack(w.ctx, stack)
	e.idle = append(e.idle, f)
	if err != nil {
		return err
	}
	for i := range s.results {
		w.setSlot(i, stack[i])
	}
	return nil
}

// acquire gives a function that no running call uses.
func (w *wasmHost) acquire(e *wasmExtern) (api.Function, error) {
	if n := len(e.idle); n > 0 {
		f := e.idle[n-1]
		e.idle = e.idle[:n-1]
		return f, nil
	}
	if e.ref == 0 {
		return e.owner.mod.ExportedFunction(e.name), nil
	}
	key := e.Type.Signature
	if w.callers[key] == nil {
		m, err := w.helper(nil, wasmCallerModule(e.Type.signature), nil)
		if err != nil {
			return nil, err
		}
		w.callers[key] = m
	}
	return w.callers[key].ExportedFunction(wasmImportName), nil
}

// callImport calls a script's function for compiled code, which a panic stops.
func (w *wasmHost) callImport(instance, k int, s wasmSignature, stack []uint64) {
	if !strings.ContainsAny(s.String(), "vx") {
		for i := range s.params {
			w.setSlot(i, stack[i])
		}
	}
	threw, err := w.h.vm.Call("wasmImport", engine.Int(instance), engine.Int(k))
	if err != nil {
		panic(err)
	}
	if threw.Bool() {
		panic(errWasmPending)
	}
	for i := range s.results {
		stack[i] = w.slot(i)
	}
}

// wasmTraps are the engine's words for traps, and those of the platform. Where
// the engine has one for several, it is the likelier one.
var wasmTraps = map[string]string{
	"unreachable":                   "unreachable",
	"integer divide by zero":        "divide by zero",
	"integer overflow":              "float unrepresentable in integer range",
	"invalid conversion to integer": "float unrepresentable in integer range",
	"out of bounds memory access":   "memory access out of bounds",
	"invalid table access":          "table index is out of bounds",
	"indirect call type mismatch":   "null function or function signature mismatch",
	"unaligned atomic":              "operation does not support unaligned accesses",
	"null reference":                "dereferencing a null pointer",
}

// ended answers how a call of compiled code ended: true where the script is to
// throw what one of its functions threw.
func ended(c engine.Call, err error) error {
	if errors.Is(err, errWasmPending) {
		c.Return(engine.Bool(true))
		return nil
	}
	return wasmFailure(err)
}

// wasmFailure is what a call throws.
func wasmFailure(err error) error {
	var exception *engine.Exception
	var throw *engine.Throw
	switch {
	case err == nil:
		return nil
	case errors.As(err, &throw):
		return throw
	case errors.Is(err, errWasmInterrupted):
		return &engine.Exception{Name: "InternalError", Message: "interrupted", Interrupted: true}
	case errors.As(err, &exception):
		return exception
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	text = strings.TrimPrefix(text, "wasm error: ")
	switch {
	case text == "stack overflow":
		return errWasmOverflow
	case text == "uncaught exception":
		return &engine.Throw{Class: "Exception", Message: "wasm exception"}
	case wasmTraps[text] != "":
		text = wasmTraps[text]
	}
	return &engine.Throw{Class: "RuntimeError", Message: text}
}

// A wasmProbe finds out of what type a function is that is known by reference.
type wasmProbe struct {
	mod api.Module
	set api.Function
}

// signatureOf tries the signatures of all modules.
func (w *wasmHost) signatureOf(ref uint64) (wasmSignature, error) {
	if w.probe == nil {
		m, err := w.helper(nil, wasmProbeModule(), nil)
		if err != nil {
			return wasmSignature{}, err
		}
		w.probe = &wasmProbe{m, m.ExportedFunction("set")}
	}
	if err := w.probe.set.CallWithStack(w.ctx, []uint64{ref}); err != nil {
		return wasmSignature{}, err
	}
	for _, s := range w.signatures {
		if w.probe.has(s) {
			return s, nil
		}
	}
	return wasmSignature{}, errors.New("function of unknown type")
}

// has reports whether the function in the table is of a type; the engine
// panics where it is not.
func (p *wasmProbe) has(s wasmSignature) (ok bool) {
	defer func() { ok = recover() == nil }()
	table.LookupFunction(p.mod, 0, 0, s.params, s.results)
	return true
}
