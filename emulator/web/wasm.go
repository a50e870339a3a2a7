package web

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"runtime"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/dodev/dodev/emulator/engine"
)

// wasmFeatures are what modules may use.
const wasmFeatures = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall |
	experimental.CoreFeaturesExtendedConst | experimental.CoreFeaturesExceptionHandling

// A wasmHost runs WebAssembly for an isolate. The runtime behind it starts with
// the first module. Scripts know modules, owners and externs by numbers, which
// are never used again.
type wasmHost struct {
	h       *host
	ctx     context.Context
	runtime wazero.Runtime
	slots   engine.External // where arguments and results cross, eight bytes each
	meter   api.Module      // what metered code calls

	last       int // number given away
	depth      int // of calls of compiled code
	modules    map[int]*wasmModule
	owners     map[int]*wasmOwner
	externs    map[int]*wasmExtern
	synthetic  map[string]wazero.CompiledModule
	signatures map[string]wasmSignature
	callers    map[string]api.Module // of functions without a name, by signature
	probe      *wasmProbe
}

// A wasmModule is a compiled module.
type wasmModule struct {
	shape    *wasmShape
	compiled wazero.CompiledModule
}

// registerWasm adds the functions of host/wasm.ts.
func (h *host) registerWasm() {
	w := &wasmHost{
		h: h, ctx: context.Background(), slots: h.vm.NewExternal(),
		modules: map[int]*wasmModule{}, owners: map[int]*wasmOwner{}, externs: map[int]*wasmExtern{},
		synthetic: map[string]wazero.CompiledModule{}, signatures: map[string]wasmSignature{}, callers: map[string]api.Module{},
	}
	h.vm.AtClose(w.close)
	for _, table := range []map[string]engine.Func{w.moduleFuncs(), w.instanceFuncs(), w.memoryFuncs(), w.tableFuncs()} {
		for name, fn := range table {
			h.vm.Func(name, fn)
		}
	}
}

// begin starts the runtime.
func (w *wasmHost) begin() {
	if w.runtime != nil {
		return
	}
	config := wazero.NewRuntimeConfig().WithCoreFeatures(wasmFeatures).WithCompilationCache(w.h.opts.Wasm.open())
	w.runtime = wazero.NewRuntimeWithConfig(w.ctx, config)
	w.slots.Resize(wasmMaxValues * 8)
}

func (w *wasmHost) close() {
	if w.runtime == nil {
		return
	}
	// What closing one module fails with does not keep the others open.
	_ = w.runtime.Close(w.ctx)
	for _, m := range w.modules {
		_ = m.compiled.Close(w.ctx)
	}
	for _, m := range w.synthetic {
		_ = m.Close(w.ctx)
	}
}

func (w *wasmHost) number() int {
	w.last++
	return w.last
}

// slot and setSlot read and write what crosses.
func (w *wasmHost) slot(i int) uint64       { return binary.LittleEndian.Uint64(w.slots.Bytes()[i*8:]) }
func (w *wasmHost) setSlot(i int, v uint64) { binary.LittleEndian.PutUint64(w.slots.Bytes()[i*8:], v) }

func (w *wasmHost) moduleFuncs() map[string]engine.Func {
	return map[string]engine.Func{
		"wasmLoad": func(c engine.Call) error {
			if w.h.opts.WasmModule == nil {
				return nil
			}
			binary, ok := w.h.opts.WasmModule(c.String(0))
			if !ok {
				return nil
			}
			return w.returnModule(c, binary)
		},
		"wasmCompile": func(c engine.Call) error { return w.returnModule(c, c.Bytes(0)) },
		"wasmValidate": func(c engine.Call) error {
			m, err := w.compile(c.Bytes(0))
			if err == nil {
				_ = m.compiled.Close(w.ctx)
			}
			c.Return(engine.Bool(err == nil))
			return nil
		},
		"wasmSections": func(c engine.Call) error {
			m := w.modules[c.Int(0)]
			return c.ReturnBuilt(func(s engine.Sink) error {
				n := 0
				s.BeginSparse(0)
				for _, custom := range m.shape.customs {
					if custom.name == c.String(1) {
						s.Index(uint32(n))
						s.Buffer(custom.data)
						n++
					}
				}
				s.EndSparse(n, n)
				return nil
			})
		},
		"wasmSlots": func(c engine.Call) error {
			w.begin()
			c.ReturnExternal(w.slots)
			return nil
		},
		"wasmForget": func(c engine.Call) error {
			if m := w.modules[c.Int(0)]; m != nil {
				delete(w.modules, c.Int(0))
				return m.compiled.Close(w.ctx)
			}
			return nil
		},
	}
}

// returnModule compiles a module and answers its number and its shape.
func (w *wasmHost) returnModule(c engine.Call, binary []byte) error {
	m, err := w.compile(binary)
	if err != nil {
		return &engine.Throw{Class: "CompileError", Message: err.Error()}
	}
	id := w.number()
	w.modules[id] = m
	for _, s := range m.shape.types {
		w.signatures[s.String()] = s
	}
	text, err := json.Marshal(struct {
		ID int `json:"id"`
		*wasmShape
	}{id, m.shape})
	c.Return(engine.String(string(text)))
	return err
}

// compile makes a module ready. Isolates that want the same one wait for each
// other, and find it in the cache.
func (w *wasmHost) compile(binary []byte) (*wasmModule, error) {
	shape, err := readWasm(binary)
	if err != nil {
		return nil, err
	}
	metered, err := meterWasm(binary, shape)
	if err != nil {
		return nil, err
	}
	w.begin()
	ctx := experimental.WithCompilationWorkers(w.ctx, runtime.GOMAXPROCS(0))
	w.h.opts.Wasm.mu.Lock()
	defer w.h.opts.Wasm.mu.Unlock()
	compiled, err := w.runtime.CompileModule(ctx, metered)
	if err != nil {
		return nil, err
	}
	return &wasmModule{shape, compiled}, nil
}

// numbers reads a list of numbers.
func wasmNumberList(s string) []int {
	var out []int
	for item := range strings.SplitSeq(s, ",") {
		if n, err := strconv.Atoi(item); err == nil {
			out = append(out, n)
		}
	}
	return out
}
