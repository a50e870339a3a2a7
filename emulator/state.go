package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
	"github.com/dodev/dodev/sqlite"
)

// indexes are the alarm indexes of all namespaces, each locked for as long as
// the emulator runs.
type indexes struct {
	dir  string
	opts sqlite.Options
	mu   sync.Mutex
	open map[string]*sqlite.Index
}

// get opens the index of a namespace; fresh tells that this call did.
func (x *indexes) get(key string) (index *sqlite.Index, fresh bool, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if index, ok := x.open[key]; ok {
		return index, false, nil
	}
	index, err = sqlite.OpenIndex(filepath.Join(x.dir, key), x.opts)
	if err != nil {
		return nil, false, err
	}
	x.open[key] = index
	return index, true, nil
}

// opened gives the index of a namespace that is in use.
func (x *indexes) opened(key string) (*sqlite.Index, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	index, ok := x.open[key]
	return index, ok
}

// Set implements durable.Index.
func (x *indexes) Set(ref object.Ref, at time.Time) error {
	index, _, err := x.get(ref.Namespace)
	if err != nil {
		return err
	}
	return index.Set(sqlite.Alarm{ID: ref.ID.String(), At: at, Name: ref.Name})
}

// Delete implements durable.Index.
func (x *indexes) Delete(ref object.Ref) error {
	index, _, err := x.get(ref.Namespace)
	if err != nil {
		return err
	}
	return index.Delete(ref.ID.String())
}

func (x *indexes) close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var errs []error
	for key, index := range x.open {
		errs = append(errs, index.Close())
		delete(x.open, key)
	}
	return errors.Join(errs...)
}

// openIndexes locks the namespaces of a version and schedules their alarms.
func (e *Emulator) openIndexes(v *version) error {
	for _, ns := range v.own() {
		key := ns.Namespace.UniqueKey()
		index, fresh, err := e.indexes.get(key)
		if err != nil {
			return err
		}
		if !fresh {
			continue
		}
		alarms, err := index.All()
		if err != nil {
			return fmt.Errorf("read the alarms of %s: %w", ns.Class, err)
		}
		for _, a := range alarms {
			id, err := object.Decode(a.ID)
			if err != nil {
				continue // not an object of this namespace
			}
			e.objects.Schedule(object.Ref{Namespace: key, ID: id, Name: a.Name}, a.At)
		}
	}
	return nil
}

// Namespaces lists the classes of each Worker with what they have stored.
func (e *Emulator) Namespaces() []Namespace {
	e.mu.RLock()
	workers := e.workers
	e.mu.RUnlock()
	var out []Namespace
	for _, v := range workers {
		for _, ns := range v.namespaces {
			n := Namespace{Worker: v.config.Name, Binding: ns.Binding, Class: ns.Class, SQLite: ns.SQLite, Script: ns.Script}
			if ns.Script != v.config.Name {
				n.SQLite = e.storesSQL(ns)
			}
			n.Objects, n.Bytes = e.stored(ns.Namespace.UniqueKey())
			if index, ok := e.indexes.opened(ns.Namespace.UniqueKey()); ok {
				if alarms, err := index.All(); err == nil {
					n.Alarms = len(alarms)
				}
			}
			out = append(out, n)
		}
	}
	return out
}

// storesSQL tells whether the class of a namespace has SQLite storage, by the
// Worker that defines it.
func (e *Emulator) storesSQL(ns worker.Namespace) bool {
	key := ns.Namespace.UniqueKey()
	for _, own := range e.definer(key).own() {
		if own.Namespace.UniqueKey() == key {
			return own.SQLite
		}
	}
	return false
}

// stored counts the files of a namespace.
func (e *Emulator) stored(key string) (objects int, size int64) {
	entries, err := os.ReadDir(filepath.Join(e.objectDir(), key))
	if err != nil {
		return 0, 0
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || strings.HasPrefix(entry.Name(), "metadata.sqlite") {
			continue
		}
		size += info.Size()
		if _, kind, _ := strings.Cut(entry.Name(), "."); kind == "sqlite" {
			objects++ // not a facet of one
		}
	}
	return objects, size
}

// binding is a binding as the runtime's entry configure takes it.
type binding struct {
	Name  string `json:"name"`
	Index int    `json:"index"`
}

// service is a service binding as configure takes it.
type service struct {
	Name       string          `json:"name"`
	Script     string          `json:"script"`
	Entrypoint string          `json:"entrypoint"`
	Props      json.RawMessage `json:"props,omitempty"`
}

// environment is what the runtime's entry configure takes.
type environment struct {
	Script         string                     `json:"script"`
	Vars           map[string]json.RawMessage `json:"vars"`
	Namespaces     []binding                  `json:"namespaces"`
	Services       []service                  `json:"services"`
	Exports        []binding                  `json:"exports"`
	Flags          flagStates                 `json:"flags"`
	AsyncContext   bool                       `json:"asyncContext"`
	ContextExports bool                       `json:"contextExports"`
	Snapshots      string                     `json:"snapshots"`
	Strict         bool                       `json:"strict"`
}

// flagStates are an object in JSON whose keys keep their order.
type flagStates []config.FlagState

// MarshalJSON implements json.Marshaler. No name needs quoting.
func (f flagStates) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, flag := range f {
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, "%q:%t", flag.Name, flag.On)
	}
	return append(out, '}'), nil
}

// environment gives env its values.
func (e *Emulator) environment(v *version) (string, error) {
	cfg := v.config
	setup := environment{
		Script: cfg.Name, AsyncContext: v.bundle.NeedsAsyncContext, ContextExports: cfg.Flag("enable_ctx_exports"), Strict: e.opts.Strict,
		Vars: map[string]json.RawMessage{}, Namespaces: []binding{}, Services: []service{}, Exports: []binding{}, Flags: cfg.FlagStates(),
	}
	switch {
	case e.opts.Limits != Local:
		setup.Snapshots = "documented"
	case cfg.Flag("experimental"):
		setup.Snapshots = "experimental"
	}
	for _, v := range cfg.Vars {
		setup.Vars[v.Name] = json.RawMessage(v.JSON)
	}
	seen := map[string]bool{}
	for _, ns := range v.namespaces {
		number := e.realm.Number(ns)
		if ns.Binding != "" {
			setup.Namespaces = append(setup.Namespaces, binding{ns.Binding, number})
		}
		if ns.Script == cfg.Name && !seen[ns.Class] {
			seen[ns.Class] = true
			setup.Exports = append(setup.Exports, binding{ns.Class, number})
		}
	}
	for _, s := range cfg.Services {
		out := service{Name: s.Name, Script: s.Service, Entrypoint: s.Entrypoint, Props: json.RawMessage(s.PropsJSON)}
		if s.Service == cfg.Name {
			out.Script = ""
		}
		setup.Services = append(setup.Services, out)
	}
	text, err := json.Marshal(setup)
	if err != nil {
		return "", fmt.Errorf("set up env: %w", err)
	}
	return string(text), nil
}

// Limits of the deployed service, in bytes.
// https://developers.cloudflare.com/durable-objects/platform/limits/
const (
	maxKey         = 2048
	maxValue       = 131072
	maxPair        = 2 << 20
	maxBatch       = 128
	maxConnections = 6
	maxIterations  = 100_000
	memoryLimit    = 128 << 20
	defaultCPU     = 30 * time.Second
	objectLimit    = 10 << 30
	valueOverrun   = 34 // bytes the service lets a serialized value be longer
)

// keepsAlive tells which pending operations keep an object in memory that nobody
// is connected to. In the local runtime none does; deployed, those that lead to
// the outside always have.
func (l Limits) keepsAlive(cfg *config.Config) func(loop.Kind) bool {
	all := cfg.Flag("durable_object_io_tasks_prevent_eviction")
	return func(kind loop.Kind) bool {
		switch kind {
		case loop.Fetch, loop.Connection:
			return l != Local
		}
		return all && l != Local
	}
}

// lingerAfter is how long such an object stays without an event when nothing
// keeps it; 0 is as long as it does deployed.
func (l Limits) lingerAfter() time.Duration {
	if l == Off {
		return 1000 * 24 * time.Hour
	}
	return 0
}

// gone is what calls of something get whose instance has been shut down; nil for
// the words of the local runtime.
func (l Limits) gone() *engine.Throw {
	if l == Local {
		return nil
	}
	return &engine.Throw{
		Class:   "Error",
		Message: "Connection closed: this Durable Object instance is no longer active. Reconnect or retry the request.",
		Props:   `{"retryable":true}`,
	}
}

// connections is how many requests of one invocation may wait for the head of a
// response from outside, 0 for as many as there are.
func (l Limits) connections() int {
	if l != Production {
		return 0
	}
	return maxConnections
}

// iterations is how many PBKDF2 may make, 0 for as many as it is asked for.
func (l Limits) iterations() int {
	if l != Production {
		return 0
	}
	return maxIterations
}

// row is how many bytes a row of a table, and what is in it, may have; 0 is as
// many as in the local runtime.
func (l Limits) row() int {
	if l != Production {
		return 0
	}
	return maxPair
}

// maxObject is how many bytes an object may store, 0 for as many as there are.
func (o Options) maxObject() int64 {
	if o.objectSize == 0 && o.Limits == Production {
		return objectLimit
	}
	return o.objectSize
}

// apply sets what a Worker is bound by.
func (l Limits) apply(s *worker.Setup, cfg *config.Config) {
	s.Deployed = worker.StorageLimits{Key: maxKey, Value: maxValue + valueOverrun, Pair: maxPair, Batch: maxBatch}
	if l == Off {
		return
	}
	s.SectionLimit = true
	s.MemoryLimit = memoryLimit
	if l == Local {
		return
	}
	s.TurnLimit = defaultCPU
	if cfg.CPULimit > 0 {
		s.TurnLimit = time.Duration(cfg.CPULimit) * time.Millisecond
	}
	s.Limits = s.Deployed
}
