package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/emulator/worker"
)

// A Worker is a script to run: its configuration and the code built for it.
type Worker struct {
	Config *config.Config
	Bundle *bundle.Bundle
}

// A version is one state of the code and configuration of a Worker.
type version struct {
	config *config.Config
	bundle *bundle.Bundle
	worker *worker.Worker
	// prefix goes before the names of its objects: "rooms:", or "" for the
	// Worker that gets the requests.
	prefix string
	// namespaces are those it can reach, other Workers' too.
	namespaces []worker.Namespace
	// placed are the unique keys whose objects live in its isolates, and those
	// of former versions.
	placed []string
}

// own are the namespaces of the classes the Worker defines.
func (v *version) own() []worker.Namespace {
	var own []worker.Namespace
	for _, ns := range v.namespaces {
		if ns.Script == v.config.Name {
			own = append(own, ns)
		}
	}
	return own
}

// startWorkers loads all Workers and opens what they have stored.
func (e *Emulator) startWorkers() error {
	all := e.opts.Workers
	if e.opts.Config != nil {
		all = append([]Worker{{e.opts.Config, e.opts.Bundle}}, all...)
	}
	if len(all) == 0 {
		return errors.New("there is no Worker to run")
	}
	for _, w := range all {
		if e.named(w.Config.Name) != nil {
			return fmt.Errorf("two Workers have the name %q", w.Config.Name)
		}
		v, err := e.load(len(e.workers), w.Config, w.Bundle)
		if err != nil {
			return err
		}
		e.workers = append(e.workers, v)
		e.settle(len(e.workers)-1, v)
	}
	for _, v := range e.workers {
		if err := e.openIndexes(v); err != nil {
			return err
		}
	}
	e.register()
	return nil
}

// register lets other servers find the Workers.
func (e *Emulator) register() {
	if e.peers == nil {
		return
	}
	var names []string
	for _, v := range e.workers {
		names = append(names, v.config.Name)
	}
	e.peers.registry.Register(names)
}

// settle has others reach a version, at a place among the Workers, by its name,
// and its objects live in it. Namespaces that nobody defines are with the first.
func (e *Emulator) settle(place int, v *version) (moved <-chan struct{}) {
	e.realm.Install(v.worker)
	for _, ns := range v.own() {
		if key := ns.Namespace.UniqueKey(); !slices.Contains(v.placed, key) {
			v.placed = append(v.placed, key)
		}
	}
	how := durable.Update{Deployed: e.opts.Strict, Delay: v.config.CodeUpdate.Delay()}
	switch {
	case place == 0:
		return e.objects.Update(v.worker.Homes(), how)
	case len(v.placed) > 0:
		return e.objects.Update(v.worker.Homes(), how, v.placed...)
	}
	nothing := make(chan struct{})
	close(nothing)
	return nothing
}

// named finds a Worker by name.
func (e *Emulator) named(name string) *version {
	for _, v := range e.workers {
		if v.config.Name == name {
			return v
		}
	}
	return nil
}

// definer is the Worker that defines the class of a namespace, the first one
// when none does.
func (e *Emulator) definer(key string) *version {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, v := range e.workers {
		if slices.Contains(v.placed, key) {
			return v
		}
	}
	if len(e.workers) == 0 {
		return nil
	}
	return e.workers[0]
}

// load makes isolates of a bundle, for a place among the Workers.
func (e *Emulator) load(place int, cfg *config.Config, b *bundle.Bundle) (*version, error) {
	v := &version{config: cfg, bundle: b, namespaces: namespaces(cfg, e.ledger.Load())}
	if place > 0 {
		v.prefix = cfg.Name + ":"
	}
	for n, ns := range v.namespaces {
		if !e.opts.InMemory {
			v.namespaces[n].Former = e.formerOf(ns.Script, ns.Class)
		}
	}
	modules, err := e.compile(b)
	if err != nil {
		return nil, v.failure(err, "")
	}
	env, err := e.environment(v)
	if err != nil {
		return nil, err
	}
	objects := e.opts.Isolates
	if objects == 1 {
		objects = 0
	}
	setup := worker.Setup{
		Engine: e.engine, Boot: e.boot, Main: b.Main, Modules: modules, Resolve: b.Resolve,
		Script: cfg.Name, Env: env, Namespaces: v.own(), Flag: cfg.Flag,
		Isolates: objects, Realm: &e.realm, Objects: e.objects,
		Web: web.Options{
			Pipes: &e.pipes, Wires: &e.wires, Cache: &e.cache, Wasm: &e.wasm, Later: laterCode, SourceLine: sourceLine(b),
			Connections: e.opts.Limits.connections(), Iterations: e.opts.Limits.iterations(), Compress: cfg.Flag("web_socket_compression"), LargeMessages: cfg.Flag("increase_websocket_message_size"),
			LegacyErrors: !cfg.Flag("enhanced_error_serialization"),
			Fetch:        web.FetchOptions{Outbound: e.opts.Outbound, Offline: e.opts.Offline, Transport: e.transport},
		},
		Loop:     loop.Options{Clock: e.opts.Clock},
		Console:  func(ref object.Ref, m web.Message) { e.logConsole(v, ref, m) },
		Uncaught: func(ref object.Ref, in loop.Span, x *engine.Exception) { e.logUncaught(v, ref, in, x) },
		Again:    e.again,
		Trap:     func(ref object.Ref, t worker.Trap) { e.logTrap(v, ref, t) },
		Strict:   e.opts.Strict,
		Trace:    e.opts.Trace,
	}
	setup.Jurisdictions = e.opts.Limits != Local
	setup.Recovery = e.opts.Limits != Local && !e.opts.InMemory
	setup.KeepsAlive = e.opts.Limits.keepsAlive(cfg)
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
		case bundle.Wasm:
			out[m.Name] = worker.Module{Kind: worker.Wasm, Data: m.Source}
		default:
			return nil, fmt.Errorf("%s: modules of type %s are not emulated by dodev yet", m.Name, m.Kind)
		}
	}
	return out, nil
}

// sourceLine finds lines of a bundle's modules.
func sourceLine(b *bundle.Bundle) func(module string, line int) string {
	return func(module string, line int) string {
		i := slices.IndexFunc(b.Modules, func(m bundle.Module) bool { return m.Name == module })
		if i < 0 {
			return ""
		}
		source := b.Modules[i].Source
		for ; line > 1; line-- {
			_, rest, more := bytes.Cut(source, []byte("\n"))
			if !more {
				return ""
			}
			source = rest
		}
		text, _, _ := bytes.Cut(source, []byte("\n"))
		return string(text)
	}
}

// namespaces lists the classes a Worker can reach: those it binds, by the order
// of the bindings, then those it has without binding them. The ledger knows the
// storage of those that came from another Worker.
func namespaces(cfg *config.Config, ledger *migrate.Ledger) []worker.Namespace {
	classes := map[string]config.Class{}
	for _, c := range cfg.Classes() {
		if c.Elsewhere {
			c.SQLite = ledger.SQLite(cfg, c.Name)
		}
		classes[c.Name] = c
	}
	var out []worker.Namespace
	bound := map[string]bool{}
	add := func(binding, class, script string, sqlite bool) {
		out = append(out, worker.Namespace{
			Binding: binding, Class: class, Script: script,
			SQLite: sqlite, Namespace: object.NewNamespace(script, class),
		})
	}
	for _, b := range cfg.Bindings {
		if b.ScriptName != "" {
			add(b.Name, b.Class, b.ScriptName, false)
			continue
		}
		add(b.Name, b.Class, cfg.Name, classes[b.Class].SQLite)
		bound[b.Class] = true
	}
	for _, c := range cfg.Classes() {
		if !bound[c.Name] {
			add("", c.Name, cfg.Name, classes[c.Name].SQLite)
		}
	}
	return out
}

// Dangling tells of bindings that lead nowhere: calls through them fail.
func (e *Emulator) Dangling() config.Diagnostics {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var ds config.Diagnostics
	warn := func(pos config.Position, code, message, detail, hint string) {
		d := config.Diagnostic{Severity: config.Warning, Code: code, Pos: pos, Message: message, Hint: hint}
		if detail != "" {
			d.Detail = []string{detail}
		}
		ds = append(ds, d)
	}
	absent := func(pos config.Position, binding, script string) {
		if e.peers != nil {
			if peer, _ := e.peers.find(script); peer != nil {
				return
			}
		}
		warn(pos, "absent-worker", fmt.Sprintf("%s is bound to the Worker %q, which does not run here", binding, script),
			"calls fail until it does", "name the configurations of both, each with -c")
	}
	for _, v := range e.workers {
		for _, b := range v.config.Bindings {
			if b.ScriptName == "" {
				continue
			}
			if other := e.named(b.ScriptName); other == nil {
				absent(b.Pos, b.Name, b.ScriptName)
			} else if !other.defines(b.Class) {
				warn(b.Pos, "absent-class", fmt.Sprintf("%s is bound to the class %q, which the Worker %q does not define", b.Name, b.Class, b.ScriptName),
					"", "declare it there in a migration, or change class_name")
			}
		}
		for _, s := range v.config.Services {
			other := e.named(s.Service)
			if other == nil {
				absent(s.Pos, s.Name, s.Service)
			} else if s.Entrypoint != "" && !slices.Contains(other.bundle.Exports, s.Entrypoint) {
				warn(s.Pos, "absent-entrypoint", fmt.Sprintf("%s is bound to the entrypoint %q, which the Worker %q does not export", s.Name, s.Entrypoint, s.Service),
					s.Service+" exports: "+strings.Join(other.bundle.Exports, ", "), "")
			}
		}
	}
	return ds
}

func (v *version) defines(class string) bool {
	return slices.ContainsFunc(v.own(), func(ns worker.Namespace) bool { return ns.Class == class })
}
