// Package quickjs is the engine behind package engine: QuickJS in pure Go,
// driven through its transpiled C interface.
//
// It is the only package that knows of JavaScript values as the engine holds
// them. Three rules keep that safe. Every value obtained from the engine is
// freed by the function that obtained it, or stored in a field whose owner
// frees it in Close. Memory handed to the engine comes from the engine's own
// allocator, never from Go. And callbacks find their isolate by a number, not
// by a pointer, because a Go pointer must not travel through C memory.
package quickjs

import (
	"strings"
	"sync"

	lib "modernc.org/libquickjs"

	"modernc.org/libc"

	"github.com/dodev/dodev/emulator/engine"
)

// New returns the engine. It holds no state and is safe for concurrent use.
func New() engine.Engine { return quickJS{} }

type quickJS struct{}

func (quickJS) NewVM(o engine.Options) (engine.VM, error) { return newVM(o) }

// Compile parses source in an isolate of its own, so any number of calls may
// run at once.
func (quickJS) Compile(name, source string, kind engine.SourceKind) (engine.Code, error) {
	v, err := newVM(engine.Options{})
	if err != nil {
		return engine.Code{}, err
	}
	defer v.Close()
	v.compiling = true
	if strings.HasPrefix(name, "dodev:") {
		// Nobody reads the source of our own scripts: functions of the platform
		// show themselves as native code, and every isolate is smaller by it.
		lib.XJS_SetStripInfo(v.tls, v.rt, lib.MJS_STRIP_SOURCE)
	}

	flags := int32(lib.MJS_EVAL_TYPE_GLOBAL | lib.MJS_EVAL_FLAG_COMPILE_ONLY)
	if kind == engine.Module {
		flags = lib.MJS_EVAL_TYPE_MODULE | lib.MJS_EVAL_FLAG_COMPILE_ONLY
	}
	cname, text := v.cString(name), v.cString(source)
	defer libc.Xfree(v.tls, cname)
	defer libc.Xfree(v.tls, text)
	fn := lib.XJS_Eval(v.tls, v.ctx, text, lib.Tsize_t(len(source)), cname, flags)
	if isException(fn) {
		return engine.Code{}, v.exception()
	}
	defer v.free(fn)

	p := lib.XJS_WriteObject(v.tls, v.ctx, v.scratch, fn, lib.MJS_WRITE_OBJ_BYTECODE)
	if p == 0 {
		return engine.Code{}, v.exception()
	}
	defer lib.Xjs_free(v.tls, v.ctx, p)
	return engine.Code{Name: name, Kind: kind, Bytes: copyOut(p, int(v.scratchSize()))}, nil
}

// isolates finds an isolate by the number stored as its context's opaque
// pointer. Engine callbacks have nothing else to go by.
var isolates table

// A table maps small numbers to isolates.
type table struct {
	mu   sync.RWMutex
	vms  []*vm
	free []int
}

func (t *table) add(v *vm) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		t.vms[i] = v
		return i + 1
	}
	t.vms = append(t.vms, v)
	return len(t.vms)
}

func (t *table) get(handle uintptr) *vm {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.vms[handle-1]
}

func (t *table) remove(handle int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.vms[handle-1] = nil
	t.free = append(t.free, handle-1)
}
