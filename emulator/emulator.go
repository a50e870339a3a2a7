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
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/engine/quickjs"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/names"
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
	wasm    web.WasmCache
	objects *durable.Objects
	pool    *sqlite.Pool
	ledger  atomic.Pointer[migrate.Ledger]
	held    atomic.Pointer[map[string]string] // see Options.Withheld
	indexes indexes
	names   *names.Book
	keeping keeping
	peers   *peers // nil without a registry
	traps   traps
	// transport carries the requests of all isolates, so that they share
	// connections.
	transport *http.Transport

	mu      sync.RWMutex // guards what a reload replaces
	workers []*version   // the first one gets the requests
	closed  bool
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
	e := &Emulator{opts: opts, engine: quickjs.New(), boot: boot.first, transport: newTransport()}
	e.wasm.Dir = wasmDir()
	e.held.Store(&opts.Withheld)
	e.realm.Snapshots.Open(filepath.Join(opts.StateDir, "dodev", "next"))
	e.pool = sqlite.NewPool(0, sqlite.Options{InMemory: opts.InMemory, MaxSize: opts.maxObject(), MaxRow: opts.Limits.row(), History: e.history(), Opening: e.touch, Trace: opts.Trace})
	if err := e.openState(); err != nil {
		return nil, err
	}
	e.indexes = indexes{dir: e.objectDir(), opts: sqlite.Options{InMemory: opts.InMemory}, open: map[string]*sqlite.Index{}}
	e.names = names.Open("")
	if !opts.InMemory {
		e.names = names.Open(names.Dir(opts.StateDir))
	}
	e.objects = durable.New(durable.Options{
		Started:     e.names.Note,
		Refuse:      e.refuse,
		Clock:       opts.Clock,
		OpenStore:   func(ref object.Ref) durable.Store { return worker.NewStore(e.pool, e.path(ref), ref.Facet) },
		Index:       &e.indexes,
		LingerAfter: opts.Limits.lingerAfter(),
		Gone:        opts.Limits.gone(),
		CloseCause:  func(code int, reason string) error { return web.CloseCause{Code: code, Reason: reason} },
		Log:         e.logObject,
		Trace:       opts.Trace,
	})
	if opts.Registry != "" {
		if e.peers, err = openPeers(e, opts.Registry); err != nil {
			opts.Log(Entry{Kind: Notice, Level: "debug", Text: "Workers of other servers cannot be reached: " + err.Error()})
		} else {
			e.realm.Elsewhere = e.peers
		}
	}
	if err := e.startWorkers(); err != nil {
		_ = e.Close()
		return nil, err
	}
	if err := e.Refresh(); err != nil { // now that nobody else can change anything
		return nil, errors.Join(err, e.Close())
	}
	e.objects.StartAlarms()
	return e, nil
}

func (e *Emulator) objectDir() string { return filepath.Join(e.opts.StateDir, "v3", "do") }

func (e *Emulator) path(ref object.Ref) string {
	return filepath.Join(e.objectDir(), ref.Namespace, ref.ID.String()+".sqlite")
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
	var sum engine.Memory
	for _, v := range e.workers {
		m := v.worker.Memory()
		sum.Used += m.Used
		sum.Objects += m.Objects
	}
	return sum
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
	workers := e.workers
	e.mu.Unlock()
	if e.peers != nil {
		e.peers.close()
	}
	if len(workers) > 0 {
		ctx, cancel := context.WithTimeout(context.Background(), drainGrace)
		defer cancel()
		for _, v := range workers {
			v.worker.Wait(ctx)
		}
		e.objects.Close()
		for _, v := range workers {
			v.worker.Close()
		}
	}
	e.transport.CloseIdleConnections()
	return errors.Join(e.pool.Close(), e.indexes.close(), e.names.Close(), e.realm.Snapshots.Close())
}

// newTransport carries requests as the platform does, which decodes bodies
// itself and keeps no more connections than a Worker may have.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableCompression: true, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
	}
}
