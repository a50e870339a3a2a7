package quickjs

import (
	_ "embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

// intrinsics is evaluated before anything else, so that what it captures
// cannot have been changed by a script.
//
//go:embed intrinsics.js
var intrinsics string

// A vm is one isolate: a QuickJS runtime with one context.
type vm struct {
	tls    *libc.TLS
	rt     uintptr
	ctx    uintptr
	handle int // in isolates

	scratch uintptr // a few words for out parameters
	buf     uintptr // memory through which strings and bytes enter
	bufCap  int

	global      lib.TJSValue
	objectProto uintptr
	helpers     map[string]lib.TJSValue // functions of intrinsics.js
	entries     map[string]lib.TJSValue // methods of the boot script's result
	keyAtoms    map[string]lib.TJSAtom

	funcs []hostFunc
	calls []*call // one for each depth of host calls
	depth int     // of host calls now running

	running    int // nested entries into the engine
	interrupt  atomic.Pointer[string]
	terminate  *engine.Throw // asked for by the running host call
	terminated *engine.Throw // last thrown

	compiling  bool // imports need not be found
	modules    moduleHost
	imports    []pendingImport
	rejected   rejections
	memLimit   int64
	outOfSpace bool
	rewording  bool // the script is at it
	externals  externals
	atClose    []func()
	closed     bool
}

type hostFunc struct {
	name string
	fn   engine.Func
}

// useUTC makes UTC the local time of every isolate, as it is on the platform,
// wherever the developer is.
var useUTC = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	name, err := libc.CString("TZ")
	if err != nil {
		return
	}
	defer libc.Xfree(tls, name)
	zone, err := libc.CString("UTC")
	if err != nil {
		return
	}
	defer libc.Xfree(tls, zone)
	libc.Xsetenv(tls, name, zone, 1)
})

func newVM(o engine.Options) (*vm, error) {
	useUTC()
	tls := libc.NewTLS()
	rt := lib.XJS_NewRuntime(tls)
	if rt == 0 {
		tls.Close()
		return nil, errors.New("make an isolate: out of memory")
	}
	ctx := lib.XJS_NewContext(tls, rt)
	if ctx == 0 {
		lib.XJS_FreeRuntime(tls, rt)
		tls.Close()
		return nil, errors.New("make an isolate: out of memory")
	}
	v := &vm{tls: tls, rt: rt, ctx: ctx, entries: map[string]lib.TJSValue{}, helpers: map[string]lib.TJSValue{}, keyAtoms: map[string]lib.TJSAtom{}, memLimit: o.MemoryLimit}
	v.rejected.atOnce = o.RejectionsAtOnce
	v.scratch = libc.Xcalloc(tls, 8, 8)
	v.handle = isolates.add(v)
	lib.XJS_SetContextOpaque(tls, ctx, uintptr(v.handle))
	lib.XJS_SetRuntimeOpaque(tls, rt, uintptr(v.handle))
	if o.StackDepth > 0 {
		lib.XJS_SetMaxStackSize(tls, rt, lib.Tsize_t(o.StackDepth))
	}
	if o.MemoryLimit > 0 {
		lib.XJS_SetMemoryLimit(tls, rt, lib.Tsize_t(o.MemoryLimit))
	}
	lib.XJS_SetInterruptHandler(tls, rt, fp(onInterrupt), uintptr(v.handle))
	lib.XJS_SetHostPromiseRejectionTracker(tls, rt, fp(onRejection), uintptr(v.handle))
	lib.XJS_SetModuleLoaderFunc2(tls, rt, fp(onNormalize), fp(onLoad), 0, uintptr(v.handle))
	v.global = lib.XJS_GetGlobalObject(tls, ctx)
	if err := v.loadIntrinsics(); err != nil {
		v.Close()
		return nil, err
	}
	return v, nil
}

func (v *vm) loadIntrinsics() error {
	obj, err := v.evalSource("dodev:intrinsics", intrinsics)
	if err != nil {
		return fmt.Errorf("load intrinsics: %w", err)
	}
	defer v.free(obj)
	return v.methods(obj, v.helpers)
}

func (v *vm) evalSource(name, source string) (lib.TJSValue, error) {
	cname, text := v.cString(name), v.cString(source)
	defer libc.Xfree(v.tls, cname)
	defer libc.Xfree(v.tls, text)
	r := lib.XJS_Eval(v.tls, v.ctx, text, lib.Tsize_t(len(source)), cname, lib.MJS_EVAL_TYPE_GLOBAL)
	if isException(r) {
		return undefined, v.exception()
	}
	return r, nil
}

// methods stores the own enumerable properties of obj in into.
func (v *vm) methods(obj lib.TJSValue, into map[string]lib.TJSValue) error {
	if !isObject(obj) {
		return errors.New("boot script did not give an object of entries")
	}
	return v.eachProperty(obj, lib.MJS_GPN_STRING_MASK|lib.MJS_GPN_ENUM_ONLY, func(name string, _ lib.TJSAtom, val lib.TJSValue) error {
		into[name] = lib.XDupValue(v.tls, v.ctx, val)
		return nil
	})
}

// Func implements engine.VM.
func (v *vm) Func(name string, fn engine.Func) {
	v.funcs = append(v.funcs, hostFunc{name, fn})
}

// Boot implements engine.VM.
func (v *vm) Boot(code engine.Code) error {
	if v.closed {
		return engine.ErrClosed
	}
	defer v.enter()()
	fn, err := v.load(code)
	if err != nil {
		return err
	}
	boot := lib.XJS_EvalFunction(v.tls, v.ctx, fn)
	if isException(boot) {
		return v.exception()
	}
	defer v.free(boot)
	host := v.hostObject()
	defer v.free(host)
	entries, err := v.call(boot, host)
	if err != nil {
		return err
	}
	defer v.free(entries)
	return v.methods(entries, v.entries)
}

// load reads compiled code.
func (v *vm) load(code engine.Code) (lib.TJSValue, error) {
	p := v.enterBytes(code.Bytes)
	r := lib.XJS_ReadObject(v.tls, v.ctx, p, lib.Tsize_t(len(code.Bytes)), lib.MJS_READ_OBJ_BYTECODE)
	if isException(r) {
		return undefined, v.exception()
	}
	return r, nil
}

func (v *vm) hostObject() lib.TJSValue {
	host := lib.XJS_NewObject(v.tls, v.ctx)
	for i, f := range v.funcs {
		name := v.cString(f.name)
		fn := lib.XJS_NewCFunction2(v.tls, v.ctx, fp(onHostCall), name, 0, lib.EJS_CFUNC_generic_magic, int32(i))
		lib.XJS_DefinePropertyValueStr(v.tls, v.ctx, host, name, fn, lib.MJS_PROP_C_W_E)
		libc.Xfree(v.tls, name)
	}
	return host
}

// Call implements engine.VM.
func (v *vm) Call(entry string, args ...engine.Value) (engine.Value, error) {
	fn, ok := v.entries[entry]
	if !ok {
		return engine.Undefined, v.noEntry(entry)
	}
	defer v.enter()()
	n := len(args)
	argv := v.tls.Alloc((n + 1) * valueSize)
	defer v.tls.Free((n + 1) * valueSize)
	for i, a := range args {
		setArg(argv, i, v.fromGo(a))
	}
	r := lib.XJS_Call(v.tls, v.ctx, fn, undefined, int32(n), argv)
	for i := range args {
		v.free(arg(argv, i))
	}
	return v.result(entry, r)
}

// CallWith implements engine.VM.
func (v *vm) CallWith(entry string, fill func(engine.Sink)) (engine.Value, error) {
	fn, ok := v.entries[entry]
	if !ok {
		return engine.Undefined, v.noEntry(entry)
	}
	defer v.enter()()
	b := newBuilder(v, true)
	defer b.release()
	fill(b)
	if err := b.finished(); err != nil {
		return engine.Undefined, err
	}
	n := len(b.roots)
	argv := v.tls.Alloc((n + 1) * valueSize)
	defer v.tls.Free((n + 1) * valueSize)
	for i, a := range b.roots {
		setArg(argv, i, a)
	}
	return v.result(entry, lib.XJS_Call(v.tls, v.ctx, fn, undefined, int32(n), argv))
}

func (v *vm) noEntry(entry string) error {
	if v.closed {
		return engine.ErrClosed
	}
	return fmt.Errorf("isolate has no entry %q", entry)
}

// result turns what an entry returned into plain data and frees it.
func (v *vm) result(entry string, r lib.TJSValue) (engine.Value, error) {
	if isException(r) {
		return engine.Undefined, v.exception()
	}
	defer v.free(r)
	out, ok := v.toGo(r)
	if !ok {
		return engine.Undefined, fmt.Errorf("entry %q returned a value that is not plain data", entry)
	}
	return out, nil
}

// call calls a function value; the caller frees the result.
func (v *vm) call(fn lib.TJSValue, args ...lib.TJSValue) (lib.TJSValue, error) {
	n := len(args)
	argv := v.tls.Alloc((n + 1) * valueSize)
	defer v.tls.Free((n + 1) * valueSize)
	for i, a := range args {
		setArg(argv, i, a)
	}
	r := lib.XJS_Call(v.tls, v.ctx, fn, undefined, int32(n), argv)
	if isException(r) {
		return undefined, v.exception()
	}
	return r, nil
}

// helper calls a function of intrinsics.js.
func (v *vm) helper(name string, args ...lib.TJSValue) (lib.TJSValue, error) {
	return v.call(v.helpers[name], args...)
}

// enter marks that JavaScript runs until the returned function is called.
func (v *vm) enter() (leave func()) {
	v.running++
	return v.leave
}

func (v *vm) leave() {
	v.running--
	if v.running == 0 {
		v.interrupt.Store(nil)
	}
}

// Drain implements engine.VM.
func (v *vm) Drain() error {
	if v.closed {
		return engine.ErrClosed
	}
	defer v.enter()()
	var first error
	for {
		r := lib.XJS_ExecutePendingJob(v.tls, v.rt, v.scratch)
		if r < 0 {
			if err := v.exception(); first == nil {
				first = err
			}
			continue
		}
		if r == 0 {
			if !v.settleImports(&first) {
				return first
			}
		}
	}
}

// Interrupt implements engine.VM.
func (v *vm) Interrupt(reason string) { v.interrupt.Store(&reason) }

// Interrupted implements engine.VM.
func (v *vm) Interrupted() bool { return v.running > 0 && v.interrupt.Load() != nil }

// onInterrupt is called by the engine every few thousand operations.
func onInterrupt(_ *libc.TLS, _ uintptr, opaque uintptr) int32 {
	if isolates.get(opaque).interrupt.Load() != nil {
		return 1
	}
	return 0
}

// Terminate implements engine.VM.
func (v *vm) Terminate(err *engine.Throw) { v.terminate = err }

// Memory implements engine.VM.
func (v *vm) Memory() engine.Memory {
	if v.closed {
		return engine.Memory{}
	}
	u := libc.Xcalloc(v.tls, 1, lib.Tsize_t(memoryUsageSize))
	defer libc.Xfree(v.tls, u)
	lib.XJS_ComputeMemoryUsage(v.tls, v.rt, u)
	m := memoryUsage(u)
	return engine.Memory{Used: m.Fmalloc_size + v.externals.size, Limit: v.memLimit, Objects: m.Fobj_count}
}

// CollectGarbage implements engine.VM.
func (v *vm) CollectGarbage() {
	if !v.closed {
		lib.XJS_RunGC(v.tls, v.rt)
	}
}

// AtClose implements engine.VM.
func (v *vm) AtClose(fn func()) { v.atClose = append(v.atClose, fn) }

// Close implements engine.VM.
func (v *vm) Close() {
	if v.closed {
		return
	}
	for _, fn := range v.atClose {
		fn()
	}
	v.closed = true
	for _, m := range []map[string]lib.TJSValue{v.entries, v.helpers} {
		for name, val := range m {
			v.free(val)
			delete(m, name)
		}
	}
	for _, a := range v.keyAtoms {
		lib.XJS_FreeAtom(v.tls, v.ctx, a)
	}
	v.dropImports()
	v.dropRejections()
	v.dropExternals()
	v.free(v.global)
	lib.XJS_FreeContext(v.tls, v.ctx)
	lib.XJS_FreeRuntime(v.tls, v.rt)
	if v.buf != 0 {
		libc.Xfree(v.tls, v.buf)
	}
	libc.Xfree(v.tls, v.scratch)
	isolates.remove(v.handle)
	v.tls.Close()
}
