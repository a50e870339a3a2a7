package web

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/dodev/dodev/emulator/engine"
)

// A wasmOwner is what lives and dies together: an instance, or something that a
// script made with new, and the modules the host needs for it. Scripts keep it
// alive, together with everything it is linked with (src/wasm-store.ts).
type wasmOwner struct {
	id      int
	mod     api.Module
	helpers []api.Closer // closed with it
	externs []int
	memory  *wasmLinear // that it defines, or nil
	roots   []wasmRoot
	tables  map[string]*wasmTableOps // of roots
}

// A wasmExtern is a function, table, memory, global or tag.
type wasmExtern struct {
	Type  wasmType
	owner *wasmOwner
	name  string // among the exports of its owner

	ref     uint64         // of a function that nobody exports
	idle    []api.Function // one is needed for each nested call
	adapter api.Module     // exports it as wasmImportName
	table   *wasmTableOps
}

// A wasmLinear is a linear memory in memory that scripts share.
type wasmLinear struct {
	engine.External
	failed bool // there was no room
}

// Reallocate implements experimental.LinearMemory.
func (m *wasmLinear) Reallocate(size uint64) []byte {
	if size > 1<<32 || !m.Resize(int(size)) {
		m.failed = true
		return nil
	}
	return m.Bytes()
}

// newOwner instantiates a module whose imports resolve finds.
func (w *wasmHost) newOwner(compiled wazero.CompiledModule, resolve experimental.ImportResolver) (o *wasmOwner, err error) {
	o = &wasmOwner{id: w.number()}
	ctx := experimental.WithImportResolver(w.ctx, resolve)
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory {
		o.memory = &wasmLinear{External: w.h.vm.NewExternal()}
		return o.memory
	}))
	defer func() {
		// The engine takes for granted that a memory can be had.
		if p := recover(); p != nil {
			err = fmt.Errorf("instantiate: %v", p)
		}
		if err != nil && o.memory != nil && o.memory.failed {
			err = errWasmMemory
		}
		if err != nil && o.memory != nil {
			o.memory.Free()
		}
	}()
	o.mod, err = w.runtime.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err == nil {
		w.owners[o.id] = o
	}
	return o, err
}

var errWasmMemory = errors.New("out of memory")

// extern makes an export of an owner known to scripts.
func (w *wasmHost) extern(o *wasmOwner, name string, t wasmType) int {
	id := w.number()
	w.externs[id] = &wasmExtern{Type: t, owner: o, name: name}
	o.externs = append(o.externs, id)
	return id
}

// drop closes an owner that nobody can reach any more.
func (w *wasmHost) drop(id int) error {
	o := w.owners[id]
	if o == nil {
		return nil
	}
	return w.closeOwner(o)
}

func (w *wasmHost) closeOwner(o *wasmOwner) error {
	delete(w.owners, o.id)
	for _, e := range o.externs {
		delete(w.externs, e)
	}
	var errs []error
	if o.mod != nil {
		errs = append(errs, o.mod.Close(w.ctx))
	}
	for _, h := range o.helpers {
		errs = append(errs, h.Close(w.ctx))
	}
	return errors.Join(errs...)
}

// helper instantiates a module of the host's own making for an owner.
func (w *wasmHost) helper(o *wasmOwner, binary []byte, resolve experimental.ImportResolver) (api.Module, error) {
	made, err := w.synthesize(binary)
	if err != nil {
		return nil, err
	}
	ctx := experimental.WithImportResolver(w.ctx, resolve)
	m, err := w.runtime.InstantiateModule(ctx, made, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, err
	}
	if o != nil {
		o.helpers = append(o.helpers, m)
	}
	return m, nil
}

// synthesize compiles a module of the host's own making, once.
func (w *wasmHost) synthesize(binary []byte) (wazero.CompiledModule, error) {
	w.begin()
	if m, ok := w.synthetic[string(binary)]; ok {
		return m, nil
	}
	m, err := w.runtime.CompileModule(w.ctx, binary)
	if err == nil {
		w.synthetic[string(binary)] = m
	}
	return m, err
}

func (w *wasmHost) instanceFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"wasmInstantiate": func(c engine.Call) error {
			o, err := w.instantiate(w.modules[c.Int(0)], c.Int(1), wasmNumberList(c.String(2)))
			if err != nil {
				return wasmLinkFailure(err)
			}
			first := 0
			for _, e := range w.modules[c.Int(0)].shape.Exports {
				if id := w.extern(o, e.Name, e.Type); first == 0 {
					first = id
				}
			}
			return returnNumbers(c, o.id, first)
		},
		"wasmStart": func(c engine.Call) error {
			o := w.owners[c.Int(0)]
			f := o.mod.ExportedFunction(wasmMeterStart)
			if f == nil {
				return nil
			}
			return ended(c, f.CallWithStack(w.ctx, nil))
		},
		"wasmCall": func(c engine.Call) error { return ended(c, w.call(w.externs[c.Int(0)])) },
		"wasmDrop": func(c engine.Call) error { return w.drop(c.Int(0)) },
	}
}

// instantiate links a module with what its imports are: an extern, or 0 for a
// function of the script, which is called as the import of instance.
func (w *wasmHost) instantiate(m *wasmModule, instance int, imports []int) (*wasmOwner, error) {
	functions, err := w.importedFunctions(m, instance)
	if err != nil {
		return nil, err
	}
	var failed error
	o, err := w.newOwner(m.compiled, func(name string) api.Module {
		k, err := strconv.Atoi(name)
		if err != nil {
			return nil
		}
		if m.shape.Imports[k].Type.Kind == wasmFunc {
			return functions.Module
		}
		adapter, err := w.adapt(w.externs[imports[k]])
		if err != nil {
			failed = err
			return nil
		}
		return adapter
	})
	o.roots = m.shape.roots()
	o.helpers = append(o.helpers, functions)
	if err == nil {
		err = w.install(o)
	}
	if err != nil {
		// The first failure is what is told.
		_ = w.closeOwner(o)
		return nil, errors.Join(failed, err)
	}
	return o, nil
}

// wasmFunctions are functions of the host as a module.
type wasmFunctions struct {
	api.Module
	compiled wazero.CompiledModule
}

// Close implements api.Closer.
func (f wasmFunctions) Close(ctx context.Context) error {
	return errors.Join(f.Module.Close(ctx), f.compiled.Close(ctx))
}

// hostModule makes a module of the functions that build adds.
func (w *wasmHost) hostModule(build func(wazero.HostModuleBuilder)) (wasmFunctions, error) {
	b := w.runtime.NewHostModuleBuilder("functions")
	build(b)
	compiled, err := b.Compile(w.ctx)
	if err != nil {
		return wasmFunctions{}, err
	}
	m, err := w.runtime.InstantiateModule(w.ctx, compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return wasmFunctions{}, errors.Join(err, compiled.Close(w.ctx))
	}
	return wasmFunctions{m, compiled}, nil
}

// importedFunctions makes the functions that a module imports, each named as
// renamedImports names it.
func (w *wasmHost) importedFunctions(m *wasmModule, instance int) (wasmFunctions, error) {
	return w.hostModule(func(b wazero.HostModuleBuilder) {
		for k, i := range m.shape.Imports {
			s := i.Type.signature
			if i.Type.Kind == wasmFunc {
				fn := func(_ context.Context, stack []uint64) { w.callImport(instance, k, s, stack) }
				b.NewFunctionBuilder().WithGoFunction(api.GoFunc(fn), s.params, s.results).Export(strconv.Itoa(k))
			}
		}
	})
}

// install gives metered code what it calls now and then.
func (w *wasmHost) install(o *wasmOwner) error {
	if w.meter == nil {
		check := func(context.Context, []uint64) {
			if w.h.vm.Interrupted() {
				panic(errWasmInterrupted)
			}
		}
		m, err := w.hostModule(func(b wazero.HostModuleBuilder) {
			b.NewFunctionBuilder().WithGoFunction(api.GoFunc(check), nil, nil).Export(wasmImportName)
		})
		if err != nil {
			return err
		}
		w.meter = m.Module
	}
	_, err := w.helper(o, wasmInstaller(), func(name string) api.Module {
		if name == "meter" {
			return w.meter
		}
		return o.mod
	})
	return err
}

// adapt gives a module that exports an extern as wasmImportName.
func (w *wasmHost) adapt(e *wasmExtern) (api.Module, error) {
	if e == nil {
		return nil, errors.New("import of something that is gone")
	}
	if e.adapter == nil {
		m, err := w.helper(e.owner, wasmAdapter(e.name, e.Type), func(string) api.Module { return e.owner.mod })
		if err != nil {
			return nil, err
		}
		e.adapter = m
	}
	return e.adapter, nil
}

// wasmLinkFailure is what instantiating throws.
func wasmLinkFailure(err error) error {
	text := err.Error()
	switch {
	case errors.Is(err, errWasmMemory):
		return engine.RangeError("Out of memory: Cannot allocate Wasm memory for new instance")
	case strings.Contains(text, "out of bounds memory access"):
		return &engine.Throw{Class: "RuntimeError", Message: "data segment is out of bounds"}
	case strings.Contains(text, "invalid table access"):
		return &engine.Throw{Class: "RuntimeError", Message: "table index is out of bounds"}
	}
	return &engine.Throw{Class: "LinkError", Message: text}
}
