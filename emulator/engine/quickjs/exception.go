package quickjs

import (
	"strings"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

// exception takes the pending exception.
func (v *vm) exception() *engine.Exception {
	reason := v.interrupt.Load()
	val := lib.XJS_GetException(v.tls, v.ctx)
	defer v.free(val)
	lib.XJS_SetUncatchableException(v.tls, v.ctx, 0)
	e := v.describe(val)
	if t := v.terminated; t != nil && e.Message == t.Message {
		v.terminated = nil
		return &engine.Exception{Name: t.Class, Message: t.Message, IsError: true, Interrupted: true}
	}
	if e.Name == "InternalError" {
		switch {
		case e.Message == "interrupted":
			e.Interrupted = true
			if reason != nil {
				e.Name, e.Message = "Error", *reason
			}
		case strings.Contains(e.Message, "out of memory"):
			e.OutOfMemory = true
			v.outOfSpace = true
		}
	}
	return e
}

// describe copies a thrown value out without running more of its code than
// reading the usual properties takes.
func (v *vm) describe(val lib.TJSValue) *engine.Exception {
	if !isObject(val) {
		return &engine.Exception{Message: v.display(val)}
	}
	v.reword(val)
	e := &engine.Exception{
		Name:    v.property(val, "name"),
		Message: v.property(val, "message"),
		IsError: lib.XJS_IsError(v.tls, v.ctx, val) != 0,
	}
	if !e.IsError && e.Name == "" {
		e.Message = v.display(val)
		return e
	}
	e.IsError = true
	e.Stack = stackFrames(v.property(val, "stack"))
	if e.Name == "SyntaxError" {
		e.File = v.property(val, "fileName")
		e.Line = v.intProperty(val, "lineNumber")
		e.Column = v.intProperty(val, "columnNumber")
	}
	return e
}

// reword lets the script put an error of the engine's into other words.
func (v *vm) reword(val lib.TJSValue) {
	entry, ok := v.entries["reword"]
	if !ok || v.rewording || v.outOfSpace || v.interrupt.Load() != nil {
		return
	}
	v.rewording = true // what this throws is taken as it is
	defer func() { v.rewording = false }()
	if r, err := v.call(entry, val); err == nil {
		v.free(r)
	}
}

// stackFrames keeps the lines of a stack that name a place.
func stackFrames(stack string) string {
	if i := strings.Index(stack, "    at "); i >= 0 {
		return strings.TrimRight(stack[i:], "\n")
	}
	return ""
}

func (v *vm) display(val lib.TJSValue) string {
	if tag(val) == lib.EJS_TAG_SYMBOL || isObject(val) {
		if s, err := v.helper("display", val); err == nil {
			defer v.free(s)
			return v.text(s)
		}
		return "[object]"
	}
	return v.text(val)
}

func (v *vm) get(obj lib.TJSValue, name string) lib.TJSValue {
	p := v.cString(name)
	defer libc.Xfree(v.tls, p)
	r := lib.XJS_GetPropertyStr(v.tls, v.ctx, obj, p)
	if isException(r) {
		v.free(lib.XJS_GetException(v.tls, v.ctx))
		return undefined
	}
	return r
}

// property is a string property, "" when it is anything else.
func (v *vm) property(obj lib.TJSValue, name string) string {
	r := v.get(obj, name)
	defer v.free(r)
	if !isString(r) {
		return ""
	}
	return v.text(r)
}

func (v *vm) intProperty(obj lib.TJSValue, name string) int {
	r := v.get(obj, name)
	defer v.free(r)
	return int(v.number(r))
}

// throw raises err in JavaScript and returns the exception marker.
func (v *vm) throw(err error) lib.TJSValue {
	t, interrupted := asThrow(err)
	if interrupted {
		v.terminated = t
		defer lib.XJS_SetUncatchableException(v.tls, v.ctx, 1)
	}
	maker, ok := v.entries["makeError"]
	if !ok {
		maker = v.helpers["makeError"]
	}
	class, msg, props := v.newString(t.Class), v.newString(t.Message), v.newString(t.Props)
	defer v.free(class)
	defer v.free(msg)
	defer v.free(props)
	val, callErr := v.call(maker, class, msg, props)
	if callErr != nil {
		val, _ = v.helper("makeError", class, msg, props)
	}
	return lib.XJS_Throw(v.tls, v.ctx, val)
}

// asThrow gives err the form in which it is thrown. An exception that came out
// of a nested call keeps its class and message, and stays uncatchable.
func asThrow(err error) (t *engine.Throw, interrupted bool) {
	switch e := err.(type) {
	case *engine.Throw:
		return e, false
	case *engine.Exception:
		if e.Name == "DataCloneError" { // what describing or reviving a value threw
			return engine.DOMException(e.Name, "%s", e.Message), e.Interrupted
		}
		return &engine.Throw{Class: e.Name, Message: e.Message}, e.Interrupted
	}
	return &engine.Throw{Class: "Error", Message: err.Error()}, false
}
