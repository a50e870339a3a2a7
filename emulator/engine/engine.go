// Package engine is the seam between the emulator and a JavaScript engine.
//
// A [VM] is one isolate: a heap, a global object, a job queue. Packages above
// hand it scripts and host functions and exchange plain data with it: numbers,
// strings and bytes cross as [Value], anything richer is walked through a
// [Sink]. No engine type, reference count or pointer crosses the seam, so a
// second engine fits behind it and nothing above can leak the first one's
// memory.
//
// A VM belongs to one goroutine at a time. Only [VM.Interrupt] may be called
// from another.
package engine

import (
	"errors"
	"fmt"
	"strings"
)

// ErrClosed is returned by every method of a closed VM.
var ErrClosed = errors.New("isolate is closed")

// An Engine makes isolates and compiles code for them.
type Engine interface {
	// NewVM makes an isolate with the language's own globals and nothing else.
	NewVM(Options) (VM, error)

	// Compile turns source into code that every VM of this engine can load. A
	// syntax error is returned as an *[Exception] that carries its place.
	Compile(name, source string, kind SourceKind) (Code, error)
}

// Options bound an isolate. The zero value means no bounds.
type Options struct {
	// MemoryLimit is the most the isolate's heap may hold, in bytes. Past it an
	// allocation throws and [VM.Exhausted] answers true.
	MemoryLimit int64
	// StackDepth is the number of nested calls before a RangeError; zero is the
	// engine's own default.
	StackDepth int
	// RejectionsAtOnce has the entry rejected called by a job that is queued when
	// a promise is rejected, before the jobs queued later have run.
	RejectionsAtOnce bool
}

// SourceKind says how source is parsed.
type SourceKind int

const (
	Script SourceKind = iota // an expression or statements, in sloppy mode
	Module                   // an ECMAScript module
)

// Code is compiled source. It is immutable and may be shared by goroutines.
type Code struct {
	Name  string
	Kind  SourceKind
	Bytes []byte
}

// A VM is one isolate.
type VM interface {
	// Func makes fn callable from the boot script as host.name. It must be
	// called before Boot.
	Func(name string, fn Func)

	// Boot runs a script whose value is a function, calls that function with
	// the host object, and keeps the methods of the object it returns as this
	// isolate's entries, callable by name with Call. These entries are called
	// by the VM itself where the script defines them:
	//
	//   makeError(class, message, props)   an error for a *Throw; props is JSON or ""
	//   describe(value, mode)              see [Sink.BeginHost]
	//   revive(tag, payload)               the value of a host record
	//   rejected(promise, reason)          a promise was left without a handler; true when code has dealt with it
	//   rejectionHandled(promise)          it got one after all
	//   builtin(name)                      the exports of a module the host supplies, or undefined
	//   reword(thrown)                     called before what was thrown is described
	Boot(code Code) error

	// Call calls an entry. An exception is returned as an *Exception; a result
	// that is not plain data is an error.
	Call(entry string, args ...Value) (Value, error)

	// CallWith calls an entry whose arguments fill feeds to a Sink one after
	// the other, each a value of any shape.
	CallWith(entry string, fill func(Sink)) (Value, error)

	// SetModules gives the code of the modules that Import and import
	// statements find by name. Specifiers are resolved by resolve, which is
	// given the importing module's name.
	SetModules(load func(name string) (Code, error), resolve func(base, specifier string) (string, error))

	// Import evaluates a module and its dependencies and passes its namespace
	// object to an entry as the first argument, args after it. Top-level await
	// is driven as far as the job queue allows; pending says that it has not
	// settled, and then the entry is called by a later Drain.
	Import(name, entry string, args ...Value) (pending bool, err error)

	// Drain runs jobs until none is left. An exception that escapes a job is
	// returned after the queue is empty.
	Drain() error

	// Rejections returns, and forgets, the reasons of promises that were
	// rejected without a handler since the last call, that still have none, and
	// that the entry rejected has not dealt with. It runs the jobs that entry
	// queues.
	Rejections() []*Exception

	// Interrupt stops the running JavaScript with an exception that it cannot
	// catch, whose message is reason. It does nothing when none runs.
	Interrupt(reason string)

	// Interrupted reports whether Interrupt has stopped the running JavaScript.
	// A host function that computes for long asks it, and returns when it has.
	Interrupted() bool

	// Terminate marks the current host call's JavaScript to be stopped with an
	// uncatchable exception as soon as the host function returns.
	Terminate(err *Throw)

	// Memory reports what the heap holds, in bytes.
	Memory() Memory

	// CollectGarbage runs a full collection.
	CollectGarbage()

	// NewExternal makes memory that scripts see as an ArrayBuffer and Go as a
	// slice. It is empty at first.
	NewExternal() External

	// AtClose has fn run when the isolate is closed, while it can still be used.
	AtClose(fn func())

	// Close frees the isolate. Closing twice is harmless.
	Close()
}

// External is memory beside an isolate's heap, of which Memory counts every
// byte. [Call.ReturnExternal] makes an ArrayBuffer of it without a copy.
type External interface {
	// Bytes is the memory. It is valid until Resize, Free, or the isolate's end.
	Bytes() []byte
	// Resize changes the length; what is new is zero. The buffer scripts hold is
	// detached. It reports false, and changes nothing, where the isolate's limit
	// or the machine's memory would be exceeded.
	Resize(n int) bool
	// Free gives the memory up; a buffer that scripts hold keeps it until it
	// dies. Freeing twice is harmless.
	Free()
}

// Memory is what an isolate's heap holds.
type Memory struct {
	Used    int64 // bytes allocated and in use
	Limit   int64 // bytes allowed, 0 when unlimited
	Objects int64 // JavaScript objects alive
}

// A Func is a host function. What it returns with an error is thrown: a
// *[Throw] keeps its class, anything else becomes an Error.
type Func func(c Call) error

// A Call is one call of a host function. It is valid until the Func returns.
// Reading an argument that is missing or of another kind gives the zero value;
// host functions are called by our own scripts, which check types first.
type Call interface {
	Len() int
	Kind(i int) Kind
	Bool(i int) bool
	Number(i int) float64
	Int(i int) int
	// String gives an argument as WTF-8: UTF-8 in which a lone surrogate is
	// three bytes.
	String(i int) string
	// Bytes copies an ArrayBuffer or view out.
	Bytes(i int) []byte
	// Fill copies p into an ArrayBuffer or view and returns how much fitted.
	Fill(i int, p []byte) int
	// Strings reads an array of strings.
	Strings(i int) []string
	// Encode walks an argument of any shape into s. A value that cannot be
	// cloned is returned as a *Throw of class DataCloneError, an exception
	// thrown by a getter as an *Exception.
	Encode(i int, mode Mode, s Sink) error

	// Return sets the result; without it the result is undefined.
	Return(v Value)
	// ReturnStrings sets an array of strings as the result.
	ReturnStrings(v []string)
	// ReturnExternal sets as the result the ArrayBuffer of x, the same one until
	// x is resized.
	ReturnExternal(x External)
	// ReturnFulfilled sets as the result what the promise that is an argument was
	// fulfilled with, undefined for one that was not and for anything else.
	ReturnFulfilled(i int)
	// ReturnScript sets as the result the value of a script.
	ReturnScript(code Code) error
	// ReturnBuilt sets as the result the value that build feeds to the Sink.
	ReturnBuilt(build func(Sink) error) error
}

// Kind is the kind of a plain value.
type Kind uint8

const (
	KindUndefined Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindBytes  // ArrayBuffer or a view of one
	KindArray  // only as an argument, see Call.Strings and Call.Encode
	KindObject // only as an argument, see Call.Encode
	KindOther  // functions, symbols, bigints
)

// A Value is plain data that crosses the seam. The zero value is undefined.
type Value struct {
	kind  Kind
	num   float64
	str   string
	bytes []byte
}

// Undefined is the value undefined.
var Undefined = Value{}

// Null is the value null.
var Null = Value{kind: KindNull}

// Bool makes a boolean.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// Number makes a number.
func Number(n float64) Value { return Value{kind: KindNumber, num: n} }

// Int makes a number from an integer.
func Int[T ~int | ~int32 | ~int64 | ~uint32 | ~uint64](n T) Value {
	return Value{kind: KindNumber, num: float64(n)}
}

// String makes a string from WTF-8.
func String(s string) Value { return Value{kind: KindString, str: s} }

// Bytes makes an ArrayBuffer; the engine copies b.
func Bytes(b []byte) Value { return Value{kind: KindBytes, bytes: b} }

// Kind tells what v is.
func (v Value) Kind() Kind { return v.kind }

// IsUndefined reports whether v is undefined.
func (v Value) IsUndefined() bool { return v.kind == KindUndefined }

// Bool is the boolean v holds, or whether a number is not zero.
func (v Value) Bool() bool { return v.num != 0 }

// Number is the number v holds.
func (v Value) Number() float64 { return v.num }

// Int is the number v holds, cut to an integer.
func (v Value) Int() int { return int(v.num) }

// Text is the string v holds.
func (v Value) Text() string { return v.str }

// Bytes is the buffer v holds.
func (v Value) Bytes() []byte { return v.bytes }

// A Throw is an error to be thrown into JavaScript.
type Throw struct {
	Class   string // TypeError, RangeError, …, or DOMException: and its name
	Message string
	Props   string // further own properties as a JSON object, or ""
}

func (t *Throw) Error() string {
	name := t.Class
	if _, dom, ok := strings.Cut(t.Class, ":"); ok {
		name = dom
	}
	if name == "" {
		name = "Error"
	}
	return name + ": " + t.Message
}

// TypeError makes a *Throw of class TypeError.
func TypeError(format string, args ...any) *Throw {
	return &Throw{Class: "TypeError", Message: fmt.Sprintf(format, args...)}
}

// RangeError makes a *Throw of class RangeError.
func RangeError(format string, args ...any) *Throw {
	return &Throw{Class: "RangeError", Message: fmt.Sprintf(format, args...)}
}

// Error makes a *Throw of class Error.
func Error(format string, args ...any) *Throw {
	return &Throw{Class: "Error", Message: fmt.Sprintf(format, args...)}
}

// DOMException makes a *Throw of class DOMException with the given name.
func DOMException(name, format string, args ...any) *Throw {
	return &Throw{Class: "DOMException:" + name, Message: fmt.Sprintf(format, args...)}
}

// An Exception is what JavaScript threw.
type Exception struct {
	Name    string // name of an error, "" for another value
	Message string // message of an error, else the value as a string
	Stack   string // "    at f (file:line:column)" lines, "" for another value
	IsError bool   // an Error or DOMException was thrown

	File         string // place of a syntax error
	Line, Column int    // of a syntax error, from 1

	Interrupted bool // stopped by Interrupt or Terminate
	OutOfMemory bool // the memory limit was reached
}

func (e *Exception) Error() string {
	if e.Name == "" {
		return e.Message
	}
	if e.Message == "" {
		return e.Name
	}
	return e.Name + ": " + e.Message
}
