// Package web is the web platform of an isolate: the globals a Worker expects,
// from console to crypto.
//
// TypeScript under src owns shape, validation and wording; Go owns bytes,
// sockets, digests and time. Only plain data crosses between them, through host
// functions that [Register] adds to a VM and entries that the script made by
// [Boot] answers with.
//
// Work that ends later is an operation: a host function returns its number, the
// script waits for it (src/ops.ts), and Go completes it with [Settle] or [Fail].
//
// Everything here belongs to the goroutine of its isolate.
package web

import (
	"errors"
	"fmt"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// Options say where an isolate's platform reaches out to. The zero value means
// nowhere.
type Options struct {
	// Console receives what a script prints.
	Console func(Message)
	// Pipes carry bodies; all isolates of a process share one. Nil gives the
	// isolate its own.
	Pipes *Pipes
	// Wires carry sockets; all isolates of a process share one. Nil gives the
	// isolate its own.
	Wires *Wires
	// Between is asked, when a script accepts a socket in a turn of owner, who is
	// to stand between that and its end. Nil stands for nobody.
	Between func(owner loop.Owner, s *Socket) Middle
	// Cache keeps what Workers cache; all isolates of a process share one. Nil
	// gives the isolate its own.
	Cache *Cache
	// Wasm keeps compiled WebAssembly; all isolates of a process share one. Nil
	// gives the isolate its own.
	Wasm *WasmCache
	// WasmModule finds a WebAssembly module of the Worker by its name. Nil
	// stands for none.
	WasmModule func(name string) ([]byte, bool)
	// Connections is how many requests to the outside one owner may have waiting
	// for the head of a response; further ones wait for their turn. Zero is no
	// limit.
	Connections int
	// Compress lets sockets to the outside offer to compress messages.
	Compress bool
	// Iterations is how many PBKDF2 may make, 0 for as many as it is asked for.
	Iterations int
	// LegacyErrors has errors cloned in V8's own form.
	LegacyErrors bool
	// LargeMessages raises the size of the messages that sockets take.
	LargeMessages bool
	// SourceLine gives a line of a module of the Worker as it runs, counted from
	// one, "" when there is none. Nil stands for that.
	SourceLine func(module string, line int) string
	// Later gives the second script of [Boot], compiled, when something in it is
	// first needed.
	Later func() (engine.Code, error)
	// Fetch says where requests may go.
	Fetch FetchOptions
	// Uncaught receives the errors of callbacks, in the turn of their event.
	Uncaught func(error)
}

// A host carries what the host functions of one isolate share.
type host struct {
	vm   engine.VM
	loop *loop.Loop
	opts Options
	out  turnstile // to the outside
}

// Register adds the host functions of the platform to the VM of a loop. It
// must be called before the VM boots.
func Register(l *loop.Loop, opts Options) {
	if opts.Pipes == nil {
		opts.Pipes = &Pipes{}
	}
	if opts.Wires == nil {
		opts.Wires = &Wires{}
	}
	if opts.Cache == nil {
		opts.Cache = &Cache{}
	}
	if opts.Wasm == nil {
		opts.Wasm = &WasmCache{}
	}
	h := &host{vm: l.VM(), loop: l, opts: opts, out: turnstile{max: opts.Connections}}
	for _, register := range []func(){
		h.registerLater,
		h.registerWords,
		h.registerConsole,
		h.registerTimers,
		h.registerURL,
		h.registerEncoding,
		h.registerClone,
		h.registerCrypto,
		h.registerCache,
		h.registerIntl,
		h.registerNode,
		h.registerBodies,
		h.registerZip,
		h.registerFetch,
		h.registerSockets,
		h.registerTCP,
		h.registerRewriter,
		h.registerWasm,
	} {
		register()
	}
}

// call calls an entry of the script. What that throws is reported, and given.
func (h *host) call(entry string, args ...engine.Value) error {
	_, err := h.vm.Call(entry, args...)
	if err != nil && h.opts.Uncaught != nil {
		h.opts.Uncaught(err)
	}
	return err
}

// Settle completes an operation: its promise resolves with the value, or with
// an array of them when there are several. It is called in a turn.
func Settle(vm engine.VM, op int, values ...engine.Value) error {
	args := append([]engine.Value{engine.Int(op)}, values...)
	if _, err := vm.Call("settle", args...); err != nil {
		return fmt.Errorf("settle operation %d: %w", op, err)
	}
	return nil
}

// Fail completes an operation with an error: its promise is rejected. An error
// that is no *[engine.Throw] becomes an Error with its text. It is called in a
// turn.
func Fail(vm engine.VM, op int, reason error) error {
	var throw *engine.Throw
	if !errors.As(reason, &throw) {
		throw = engine.Error("%s", reason)
	}
	_, err := vm.Call("fail", engine.Int(op), engine.String(throw.Class), engine.String(throw.Message), engine.String(throw.Props))
	if err != nil {
		return fmt.Errorf("fail operation %d: %w", op, err)
	}
	return nil
}
