// Package emulator runs a Worker and its Durable Objects on this machine.
//
// It is where the parts meet: a bundle becomes isolates (worker), objects live
// in them (durable), their data lies in SQLite files under the state folder.
// [Open] starts a project, [Emulator.Fetch] sends it a request,
// [Emulator.Reload] gives it new code while objects and sockets live on.
//
// All methods are safe for concurrent use.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/engine/quickjs"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/emulator/worker"
	"github.com/dodev/dodev/sqlite"
)

// An Emulator is a running project.
type Emulator struct {
	opts    Options
	engine  engine.Engine
	boot    engine.Code
	realm   worker.Realm
	pipes   web.Pipes
	wires   web.Wires
	cache   web.Cache
	objects *durable.Objects
	pool    *sqlite.Pool
	indexes indexes
	// transport carries the requests of all isolates, so that they share
	// connections.
	transport *http.Transport

	mu      sync.RWMutex // guards what a reload replaces
	current *version
	closed  bool
}

// A version is one state of the code and its configuration.
type version struct {
	config     *config.Config
	bundle     *bundle.Bundle
	worker     *worker.Worker
	namespaces []worker.Namespace
}

// Open starts a project. The error is a *[Failure] when its code throws while
// it loads, and matches sqlite.ErrLocked when another process uses the state
// folder.
func Open(opts Options) (*Emulator, error) {
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if opts.Log == nil {
		opts.Log = func(Entry) {}
	}
	if opts.Isolates == 0 {
		opts.Isolates = runtime.NumCPU()
	}
	if opts.Limits == "" {
		opts.Limits = Production
	}
	boot, err := bootCode()
	if err != nil {
		return nil, fmt.Errorf("prepare the runtime: %w", err)
	}
	e := &Emulator{opts: opts, engine: quickjs.New(), boot: boot, transport: newTransport()}
	e.pool = sqlite.NewPool(0, sqlite.Options{InMemory: opts.InMemory, Trace: opts.Trace})
	e.indexes = indexes{dir: e.objectDir(), opts: sqlite.Options{InMemory: opts.InMemory}, open: map[string]*sqlite.Index{}}
	e.objects = durable.New(durable.Options{
		Clock:      opts.Clock,
		OpenStore:  func(ref object.Ref) durable.Store { return worker.NewStore(e.pool, e.path(ref)) },
		Index:      &e.indexes,
		CloseCause: func(code int, reason string) error { return web.CloseCause{Code: code, Reason: reason} },
		Log:        e.logObject,
		Trace:      opts.Trace,
	})
	v, err := e.load(opts.Config, opts.Bundle)
	if err == nil {
		e.current = v
		e.objects.SetHomes(v.worker.Homes())
		err = e.openIndexes(v)
	}
	if err != nil {
		_ = e.Close()
		return nil, err
	}
	e.objects.StartAlarms()
	return e, nil
}

func (e *Emulator) objectDir() string { return filepath.Join(e.opts.StateDir, "v3", "do") }

func (e *Emulator) path(ref object.Ref) string {
	return filepath.Join(e.objectDir(), ref.Namespace, ref.ID.String()+".sqlite")
}

// load makes isolates of a bundle.
func (e *Emulator) load(cfg *config.Config, b *bundle.Bundle) (*version, error) {
	v := &version{config: cfg, bundle: b, namespaces: namespaces(cfg)}
	modules, err := e.compile(b)
	if err != nil {
		return nil, v.failure(err, "")
	}
	env, err := environment(cfg, b, v.namespaces)
	if err != nil {
		return nil, err
	}
	objects := e.opts.Isolates
	if objects == 1 {
		objects = 0
	}
	setup := worker.Setup{
		Engine: e.engine, Boot: e.boot, Main: b.Main, Modules: modules, Resolve: b.Resolve,
		Env: env, Namespaces: v.namespaces, Flag: cfg.Flag,
		Isolates: objects, Realm: &e.realm, Objects: e.objects,
		Web: web.Options{
			Pipes: &e.pipes, Wires: &e.wires, Cache: &e.cache,
			Fetch: web.FetchOptions{Outbound: e.opts.Outbound, Offline: e.opts.Offline, Transport: e.transport},
		},
		Loop:     loop.Options{Clock: e.opts.Clock},
		Console:  func(ref object.Ref, m web.Message) { e.logConsole(v, ref, m) },
		Uncaught: func(ref object.Ref, x *engine.Exception) { e.logUncaught(v, ref, x) },
		Trace:    e.opts.Trace,
	}
	e.opts.Limits.apply(&setup, cfg)
	v.worker, err = worker.New(setup)
	if err != nil {
		return nil, v.failure(err, "")
	}
	return v, nil
}

// compile turns the modules of a bundle into code, those that take longest at
// the same time.
func (e *Emulator) compile(b *bundle.Bundle) (map[string]worker.Module, error) {
	out := make(map[string]worker.Module, len(b.Modules))
	for _, m := range b.Modules {
		switch m.Kind {
		case bundle.ESModule:
			code, err := e.engine.Compile(m.Name, string(m.Source), engine.Module)
			if err != nil {
				return nil, err
			}
			out[m.Name] = worker.Module{Kind: worker.ESModule, Code: code}
		case bundle.Text:
			out[m.Name] = worker.Module{Kind: worker.Text, Data: m.Source}
		case bundle.Data:
			out[m.Name] = worker.Module{Kind: worker.Data, Data: m.Source}
		default:
			return nil, fmt.Errorf("%s: modules of type %s are not emulated by dodev yet", m.Name, m.Kind)
		}
	}
	return out, nil
}

// namespaces lists the classes a Worker can reach: those it binds, by the order
// of the bindings, then those it has without binding them.
func namespaces(cfg *config.Config) []worker.Namespace {
	classes := map[string]config.Class{}
	for _, c := range cfg.Classes() {
		classes[c.Name] = c
	}
	var out []worker.Namespace
	bound := map[string]bool{}
	add := func(binding, class, script string) {
		if script == "" {
			script = cfg.Name
		}
		out = append(out, worker.Namespace{
			Binding: binding, Class: class, Script: script,
			SQLite: classes[class].SQLite, Namespace: object.NewNamespace(script, class),
		})
	}
	for _, b := range cfg.Bindings {
		add(b.Name, b.Class, b.ScriptName)
		if b.ScriptName == "" {
			bound[b.Class] = true
		}
	}
	for _, c := range cfg.Classes() {
		if !bound[c.Name] {
			add("", c.Name, "")
		}
	}
	return out
}

// ReloadInfo tells what a reload did.
type ReloadInfo struct {
	Objects int // alive when the new code came
	Sockets int // kept
	// Moved is closed when nothing runs in the old code any more.
	Moved <-chan struct{}
}

// closeGrace is how long the old code may take to finish its requests.
const closeGrace = 30 * time.Second

// Reload gives the project new code. New events go to it at once; when it does
// not load the old code keeps serving and the error says why.
func (e *Emulator) Reload(cfg *config.Config, b *bundle.Bundle) (ReloadInfo, error) {
	v, err := e.load(cfg, b)
	if err != nil {
		return ReloadInfo{}, err
	}
	if err := e.openIndexes(v); err != nil {
		v.worker.Close()
		return ReloadInfo{}, err
	}
	info := ReloadInfo{}
	var mu sync.Mutex
	e.objects.Each(func(o *durable.Object) {
		mu.Lock()
		defer mu.Unlock()
		if o.Life() != nil {
			info.Objects++
		}
		info.Sockets += len(o.Sockets(nil))
	})
	e.mu.Lock()
	old := e.current
	e.current = v
	moved := e.objects.SetHomes(v.worker.Homes())
	e.mu.Unlock()
	done := make(chan struct{})
	info.Moved = done
	go func() {
		<-moved
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		defer cancel()
		old.worker.Wait(ctx)
		old.worker.Close()
		close(done)
	}()
	return info, nil
}

// EvictAll drops every idle instance and tells how many there were.
func (e *Emulator) EvictAll() int {
	var refs []object.Ref
	var mu sync.Mutex
	e.objects.Each(func(o *durable.Object) {
		if o.Life() != nil {
			mu.Lock()
			refs = append(refs, o.Ref())
			mu.Unlock()
		}
	})
	n := 0
	for _, ref := range refs {
		if e.objects.Evict(ref) == nil {
			n++
		}
	}
	return n
}

// Memory is what the isolates hold after a full collection.
func (e *Emulator) Memory() engine.Memory {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.current.worker.Memory()
}

// drainGrace is how long Close waits for requests that are being handled.
const drainGrace = 3 * time.Second

// Close lets running requests end for a moment, ends what is left and closes
// every file. Closing twice is harmless.
func (e *Emulator) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	v := e.current
	e.mu.Unlock()
	if v != nil {
		ctx, cancel := context.WithTimeout(context.Background(), drainGrace)
		defer cancel()
		v.worker.Wait(ctx)
		e.objects.Close()
		v.worker.Close()
	}
	e.transport.CloseIdleConnections()
	return errors.Join(e.pool.Close(), e.indexes.close())
}

// newTransport carries requests as the platform does, which decodes bodies
// itself and keeps no more connections than a Worker may have.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableCompression: true, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
	}
}
