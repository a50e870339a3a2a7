package quickjs

import (
	"errors"
	"fmt"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

// A moduleHost finds modules for the engine.
type moduleHost struct {
	load    func(name string) (engine.Code, error)
	resolve func(base, specifier string) (string, error)
}

// A pendingImport is an Import whose module has not finished evaluating.
type pendingImport struct {
	promise lib.TJSValue
	entry   string
	args    []engine.Value
}

// SetModules implements engine.VM.
func (v *vm) SetModules(load func(string) (engine.Code, error), resolve func(base, specifier string) (string, error)) {
	v.modules.load, v.modules.resolve = load, resolve
}

// Import implements engine.VM.
func (v *vm) Import(name, entry string, args ...engine.Value) (bool, error) {
	if _, ok := v.entries[entry]; !ok {
		return false, v.noEntry(entry)
	}
	defer v.enter()()
	base, file := v.cString(""), v.cString(name)
	defer libc.Xfree(v.tls, base)
	defer libc.Xfree(v.tls, file)
	p := lib.XJS_LoadModule(v.tls, v.ctx, base, file)
	if isException(p) {
		return false, v.exception()
	}
	v.imports = append(v.imports, pendingImport{p, entry, args})
	err := v.Drain()
	for _, i := range v.imports {
		if pointer(i.promise) == pointer(p) {
			return true, err
		}
	}
	return false, err
}

// settleImports completes imports whose promises have settled. It reports
// whether any did, since their entries may have queued jobs.
func (v *vm) settleImports(first *error) bool {
	for i, im := range v.imports {
		state := lib.XJS_PromiseState(v.tls, v.ctx, im.promise)
		if state == lib.EJS_PROMISE_PENDING {
			continue
		}
		v.imports = append(v.imports[:i], v.imports[i+1:]...)
		if err := v.settleImport(im, state == lib.EJS_PROMISE_FULFILLED); err != nil && *first == nil {
			*first = err
		}
		v.free(im.promise)
		return true
	}
	return false
}

func (v *vm) settleImport(im pendingImport, fulfilled bool) error {
	result := lib.XJS_PromiseResult(v.tls, v.ctx, im.promise)
	defer v.free(result)
	if !fulfilled {
		// The engine rejects promises of its own with the same reason.
		v.forgetRejections(func(r rejection) bool {
			return pointer(r.promise) == pointer(im.promise) || (isObject(result) && pointer(r.reason) == pointer(result))
		})
		return v.describe(result)
	}
	args := []lib.TJSValue{result}
	for _, a := range im.args {
		args = append(args, v.fromGo(a))
	}
	r, err := v.call(v.entries[im.entry], args...)
	for _, a := range args[1:] {
		v.free(a)
	}
	v.free(r)
	return err
}

func (v *vm) dropImports() {
	for _, i := range v.imports {
		v.free(i.promise)
	}
	v.imports = nil
}

// onNormalize turns a specifier into a module's name; the engine frees it.
func onNormalize(_ *libc.TLS, ctx, base, specifier, opaque uintptr) uintptr {
	v := isolates.get(opaque)
	name, err := v.normalize(libc.GoString(base), libc.GoString(specifier))
	if err != nil {
		v.throw(err)
		return 0
	}
	b := []byte(name)
	p := lib.Xjs_malloc(v.tls, ctx, lib.Tsize_t(len(b)+1))
	if p != 0 {
		m := memory(p, len(b)+1)
		copy(m, b)
		m[len(b)] = 0
	}
	return p
}

func (v *vm) normalize(base, specifier string) (string, error) {
	if base == "" || v.modules.resolve == nil {
		return specifier, nil
	}
	return v.modules.resolve(base, specifier)
}

// onLoad gives the engine a module it has not seen yet.
func onLoad(_ *libc.TLS, _ uintptr, cname, opaque, _ uintptr) uintptr {
	v := isolates.get(opaque)
	name := libc.GoString(cname)
	if v.compiling {
		return lib.XJS_NewCModule(v.tls, v.ctx, cname, fp(onInitModule)) // never evaluated
	}
	m, err := v.hostModule(name)
	if err == nil && m == 0 {
		m, err = v.codeModule(name)
	}
	if err != nil {
		v.throw(err)
		return 0
	}
	return m
}

func (v *vm) codeModule(name string) (uintptr, error) {
	if v.modules.load == nil {
		return 0, fmt.Errorf("No such module %q.", name)
	}
	code, err := v.modules.load(name)
	if err != nil {
		return 0, err
	}
	m, err := v.load(code)
	if err != nil {
		return 0, err
	}
	defer v.free(m) // the engine's list of modules keeps it
	return pointer(m), nil
}

// hostModule makes a module of the object that the entry builtin answers, or
// returns 0 when it answers none.
func (v *vm) hostModule(name string) (uintptr, error) {
	builtin, ok := v.entries["builtin"]
	if !ok {
		return 0, nil
	}
	arg := v.newString(name)
	defer v.free(arg)
	exports, err := v.call(builtin, arg)
	if err != nil {
		return 0, err
	}
	if !isObject(exports) {
		v.free(exports)
		return 0, nil
	}
	cname := v.cString(name)
	defer libc.Xfree(v.tls, cname)
	m := lib.XJS_NewCModule(v.tls, v.ctx, cname, fp(onInitModule))
	if m == 0 {
		v.free(exports)
		return 0, errors.New("make module: out of memory")
	}
	err = v.eachProperty(exports, lib.MJS_GPN_STRING_MASK|lib.MJS_GPN_ENUM_ONLY, func(key string, _ lib.TJSAtom, _ lib.TJSValue) error {
		ckey := v.cString(key)
		defer libc.Xfree(v.tls, ckey)
		lib.XJS_AddModuleExport(v.tls, v.ctx, m, ckey)
		return nil
	})
	lib.XJS_SetModulePrivateValue(v.tls, v.ctx, m, exports)
	return m, err
}

// onInitModule fills in the exports of a host module.
func onInitModule(_ *libc.TLS, ctx, m uintptr) int32 {
	v := isolates.get(lib.XJS_GetContextOpaque(nil, ctx))
	exports := lib.XJS_GetModulePrivateValue(v.tls, ctx, m)
	defer v.free(exports)
	err := v.eachProperty(exports, lib.MJS_GPN_STRING_MASK|lib.MJS_GPN_ENUM_ONLY, func(key string, _ lib.TJSAtom, val lib.TJSValue) error {
		ckey := v.cString(key)
		defer libc.Xfree(v.tls, ckey)
		if lib.XJS_SetModuleExport(v.tls, ctx, m, ckey, v.dup(val)) < 0 {
			return v.exception()
		}
		return nil
	})
	if err != nil {
		v.throw(err)
		return -1
	}
	return 0
}
