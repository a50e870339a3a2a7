package quickjs

import (
	"fmt"
	"runtime/debug"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

// A call is one call of a host function. Calls are reused by depth.
type call struct {
	v      *vm
	argc   int
	argv   uintptr
	result lib.TJSValue
}

// onHostCall is called by the engine for every host function; magic is its
// index.
func onHostCall(_ *libc.TLS, ctx uintptr, _ lib.TJSValue, argc int32, argv uintptr, magic int32) lib.TJSValue {
	v := isolates.get(lib.XJS_GetContextOpaque(nil, ctx))
	if v.depth == len(v.calls) {
		v.calls = append(v.calls, &call{v: v})
	}
	c := v.calls[v.depth]
	v.depth++
	c.argc, c.argv, c.result = int(argc), argv, undefined
	err := v.run(v.funcs[magic], c)
	v.depth--
	result := c.result
	c.result = undefined
	if t := v.terminate; t != nil {
		v.terminate, v.terminated = nil, t
		v.free(result)
		v.throw(t)
		lib.XJS_SetUncatchableException(v.tls, v.ctx, 1)
		return exception
	}
	if err != nil {
		v.free(result)
		return v.throw(err)
	}
	return result
}

// run keeps a panic of a host function from unwinding through the engine.
func (v *vm) run(f hostFunc, c *call) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("bug in dodev: host function %s: %v\n%s", f.name, p, debug.Stack())
		}
	}()
	return f.fn(c)
}

func (c *call) arg(i int) lib.TJSValue {
	if i >= c.argc {
		return undefined
	}
	return arg(c.argv, i)
}

func (c *call) Len() int               { return c.argc }
func (c *call) Kind(i int) engine.Kind { return c.v.kind(c.arg(i)) }
func (c *call) Bool(i int) bool {
	a := c.arg(i)
	return tag(a) == lib.EJS_TAG_BOOL && toInt32(a) != 0
}
func (c *call) Number(i int) float64 { return c.v.number(c.arg(i)) }
func (c *call) Int(i int) int        { return int(c.v.number(c.arg(i))) }

func (c *call) String(i int) string {
	a := c.arg(i)
	if !isString(a) {
		return ""
	}
	return c.v.text(a)
}

func (c *call) Bytes(i int) []byte {
	if a := c.arg(i); isObject(a) {
		return c.v.bytes(a)
	}
	return nil
}

func (c *call) Fill(i int, b []byte) int {
	a := c.arg(i)
	if !isObject(a) {
		return 0
	}
	p, n, release := c.v.view(a)
	defer release()
	return copy(memory(p, n), b)
}

func (c *call) Strings(i int) []string {
	a := c.arg(i)
	if c.v.kind(a) != engine.KindArray {
		return nil
	}
	length := c.v.get(a, "length")
	out := make([]string, int(c.v.number(length)))
	for j := range out {
		s := lib.XJS_GetPropertyUint32(c.v.tls, c.v.ctx, a, lib.Tuint32_t(j))
		if isString(s) {
			out[j] = c.v.text(s)
		}
		c.v.free(s)
	}
	return out
}

func (c *call) Encode(i int, mode engine.Mode, s engine.Sink) error {
	w := walker{v: c.v, mode: mode, sink: s}
	defer w.done()
	return w.walk(c.arg(i))
}

func (c *call) set(val lib.TJSValue) {
	c.v.free(c.result)
	c.result = val
}

func (c *call) Return(x engine.Value) { c.set(c.v.fromGo(x)) }

func (c *call) ReturnStrings(list []string) {
	a := lib.XJS_NewArray(c.v.tls, c.v.ctx)
	for i, s := range list {
		lib.XJS_DefinePropertyValueUint32(c.v.tls, c.v.ctx, a, lib.Tuint32_t(i), c.v.newString(s), lib.MJS_PROP_C_W_E)
	}
	c.set(a)
}

func (c *call) ReturnFulfilled(i int) {
	if p := c.arg(i); lib.XJS_PromiseState(c.v.tls, c.v.ctx, p) == lib.EJS_PROMISE_FULFILLED {
		c.set(lib.XJS_PromiseResult(c.v.tls, c.v.ctx, p))
	}
}

func (c *call) ReturnScript(code engine.Code) error {
	fn, err := c.v.load(code)
	if err != nil {
		return err
	}
	val := lib.XJS_EvalFunction(c.v.tls, c.v.ctx, fn)
	if isException(val) {
		return c.v.exception()
	}
	c.set(val)
	return nil
}

func (c *call) ReturnBuilt(build func(engine.Sink) error) error {
	b := newBuilder(c.v, false)
	defer b.release()
	if err := build(b); err != nil {
		return err
	}
	if err := b.finished(); err != nil {
		return err
	}
	if len(b.roots) > 0 {
		c.set(c.v.dup(b.roots[0]))
	}
	return nil
}
