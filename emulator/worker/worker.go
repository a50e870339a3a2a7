// Package worker runs a bundle: the Worker's own code and the instances of its
// Durable Object classes, in isolates.
//
// An [Isolate] is a home for objects (see package durable) and, the first one,
// also the place of the Worker itself. TypeScript under src is the object
// runtime as code sees it: env, ctx, storage, stubs and cloudflare:workers. Go
// carries what crosses: storage to SQLite, calls and requests between isolates
// as plain data, sockets.
//
// Everything an isolate owns belongs to the goroutine of its loop.
package worker

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/web"
)

//go:embed src
var source embed.FS

// BootScripts are the runtime: what boots an isolate, and what it loads when it
// needs more (see [web.Boot]).
func BootScripts() (first, later string, err error) {
	files, err := fs.Sub(source, "src")
	if err != nil {
		return "", "", err
	}
	return web.Boot(files, "index")
}

// Fingerprint writes to w what tells this runtime from that of another build.
func Fingerprint(w io.Writer) error {
	if err := web.Fingerprint(w); err != nil {
		return err
	}
	return web.WriteTree(w, source)
}

// ModuleKind says what importing a module gives.
type ModuleKind int

const (
	ESModule ModuleKind = iota
	Text                // a string as the default export
	Data                // an ArrayBuffer as the default export
	Wasm                // a WebAssembly.Module as the default export
)

// A Module is one module of the bundle.
type Module struct {
	Kind ModuleKind
	Code engine.Code // of an ESModule
	Data []byte      // of the others
}

// A Namespace is a Durable Object class as a Worker can reach it.
type Namespace struct {
	Binding   string // name in env, "" when nothing binds it
	Class     string
	Script    string
	SQLite    bool
	Namespace object.Namespace
	// Former leads to objects made under former names of the class, nil when
	// there can be none.
	Former Former
}

// Setup is everything a Worker is made of.
type Setup struct {
	Engine  engine.Engine
	Boot    engine.Code // the first of BootScripts
	Main    string
	Modules map[string]Module
	Resolve func(base, specifier string) (string, error)

	// Script is the Worker's name.
	Script string
	// Env is the setup of env as the entry configure takes it, in JSON.
	Env string
	// Namespaces are those of the classes that the Worker defines.
	Namespaces []Namespace
	Flag       func(name string) bool

	Isolates    int // for objects, besides the Worker's; 0 puts them in the Worker's
	MemoryLimit int64
	TurnLimit   time.Duration
	Limits      StorageLimits
	// Deployed are the limits of the deployed service, whichever are enforced.
	Deployed StorageLimits
	// Recovery lets SQLite classes go back in time, as deployed ones can.
	Recovery bool
	// Jurisdictions says that namespaces have them, as deployed ones do.
	Jurisdictions bool
	// SectionLimit enforces the time blockConcurrencyWhile may take.
	SectionLimit bool

	// KeepsAlive tells which pending operations keep an object in memory that
	// nobody is connected to.
	KeepsAlive func(loop.Kind) bool

	Realm   *Realm
	Objects *durable.Objects
	Web     web.Options
	Loop    loop.Options

	// Strict has traps looked for that need not be mistakes.
	Strict bool
	Trap   func(object.Ref, Trap)

	Console func(object.Ref, web.Message)
	// Uncaught is told of what nobody handles, and in what it was thrown, nil when
	// nobody follows that.
	Uncaught func(object.Ref, loop.Span, *engine.Exception)
	// Again sends a request from outside once more, whose answer nobody reads; nil
	// when that is not possible.
	Again func(Request)
	// Trace, unless nil, is told of the steps of requests.
	Trace func(step string)
}

// StorageLimits are enforced before a value is stored; zero means none.
type StorageLimits struct {
	Key   int // bytes of a key
	Value int // bytes of a serialized value, key-value classes
	Pair  int // bytes of key and serialized value, SQLite classes
	Batch int // keys in one call
}

// A Worker is one version of a script.
type Worker struct {
	setup Setup
	entry *Isolate
	homes []*Isolate // equals entry when objects live with the Worker

	mu      sync.Mutex
	running int // requests
	idle    chan struct{}
}

// New loads a bundle into its isolates. An exception thrown while the module
// loads is returned as an *engine.Exception.
func New(setup Setup) (*Worker, error) {
	w := &Worker{setup: setup}
	n := setup.Isolates + 1
	made := make([]*Isolate, n)
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Add(1)
		go func() {
			defer wait.Done()
			made[i], errs[i] = newIsolate(w)
		}()
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			for _, i := range made {
				if i != nil {
					i.close()
				}
			}
			return nil, err
		}
	}
	w.entry, w.homes = made[0], made[1:]
	if len(w.homes) == 0 {
		w.homes = made
	}
	return w, nil
}

// Homes are the isolates objects are to live in.
func (w *Worker) Homes() []durable.Home {
	out := make([]durable.Home, len(w.homes))
	for i, h := range w.homes {
		out[i] = h
	}
	return out
}

// Exports are the names the main module exports.
func (w *Worker) Exports() []string { return w.entry.exports }

// Class tells what methods an exported class has.
func (w *Worker) Class(name string) []string { return w.entry.classes[name] }

// namespaceOf finds the namespace of a unique key.
func (w *Worker) namespaceOf(key string) (Namespace, bool) {
	for _, ns := range w.setup.Namespaces {
		if ns.Namespace.UniqueKey() == key {
			return ns, true
		}
	}
	return Namespace{}, false
}

func (w *Worker) trace(step string) {
	if w.setup.Trace != nil {
		w.setup.Trace(step)
	}
}

func (w *Worker) begin() {
	w.mu.Lock()
	w.running++
	w.mu.Unlock()
}

func (w *Worker) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running--; w.running == 0 && w.idle != nil {
		close(w.idle)
		w.idle = nil
	}
}

// Wait returns when no request is running, or ctx is done.
func (w *Worker) Wait(ctx context.Context) {
	w.mu.Lock()
	if w.running == 0 {
		w.mu.Unlock()
		return
	}
	if w.idle == nil {
		w.idle = make(chan struct{})
	}
	idle := w.idle
	w.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// Close frees the isolates. Objects must have left them.
func (w *Worker) Close() {
	w.entry.close()
	for _, h := range w.homes {
		h.close()
	}
}

// Memory is what all isolates hold.
func (w *Worker) Memory() (sum engine.Memory) {
	all := append([]*Isolate{w.entry}, w.homes...)
	seen := map[*Isolate]bool{}
	for _, i := range all {
		if seen[i] {
			continue
		}
		seen[i] = true
		got := make(chan engine.Memory, 1)
		i.loop.Post(func() {
			i.vm.CollectGarbage()
			got <- i.vm.Memory()
		})
		m := <-got
		sum.Used += m.Used
		sum.Objects += m.Objects
	}
	return sum
}

// References is how many things the isolates have given away and hold of each
// other.
func (w *Worker) References() (n int) {
	seen := map[*Isolate]bool{}
	for _, i := range append([]*Isolate{w.entry}, w.homes...) {
		if seen[i] {
			continue
		}
		seen[i] = true
		counted := make(chan int, 1)
		if i.loop.Post(func() { counted <- len(i.caps) + len(i.held) }) {
			n += <-counted
		}
	}
	return n
}

func (m Module) asCode(e engine.Engine, name string) (engine.Code, error) {
	switch m.Kind {
	case ESModule:
		return m.Code, nil
	}
	return engine.Code{}, fmt.Errorf("module %q is no script", name)
}
