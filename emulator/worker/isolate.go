package worker

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/gate"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/sqlite"
)

// An Isolate is one heap with the bundle loaded: a home for objects.
type Isolate struct {
	w      *Worker
	number int // in the realm
	loop   *loop.Loop
	vm     engine.VM
	once   sync.Once

	exports []string
	classes map[string][]string // methods of exported classes

	// outcome is of the operation on storage that somebody follows, nil for none.
	outcome *StorageOutcome

	last     int // number given out: lives, calls, sections, cursors
	lives    map[int]*durable.Life
	handles  map[*durable.Life]int
	calls    map[int]*incoming
	sections map[int]*section
	cursors  map[int]*cursor
	ops      map[int]*loop.Op       // of opBegin
	facets   map[int]*durable.Facet // that JavaScript knows

	exchanges map[int]*exchange // by operation
	caps      map[int]*capability
	held      map[int]*held
	tenants   map[loop.Owner]*tenant
	promises  map[int]*promise // by operation
	writing   []reference      // in the message being written
	reading   []reference      // in the message being read, and not taken yet

	answerHandled func()         // calls the entry of that name
	args          []engine.Value // memory for those of a request

	data []datum // of the snapshot that is about to be restored

	legacyErrors bool
	encoder      *clone.Encoder
	rest         rest
}

// incoming is a call that JavaScript here is to answer.
type incoming struct {
	object  string        // "Class/name" of the object that answers, "" for the Worker and where life tells
	life    *durable.Life // that answers, nil when it does not matter
	url     string        // of the request, "" for what is none and for the Worker's
	promise *promise      // of the caller, nil for what is no call of a method
	answer  func(Answer)
}

// section is a critical section that JavaScript here runs.
type section struct {
	life  *durable.Life
	gate  *gate.Section
	level int    // of the savepoint, for a transaction
	end   func() // of the transaction, nil for a plain section
	stop  func() // the time limit
}

type cursor struct {
	life *durable.Life
	*sqlite.Cursor
	done func(StorageOutcome) // of who follows it, nil for nobody
}

func newIsolate(w *Worker) (*Isolate, error) {
	vm, err := w.setup.Engine.NewVM(engine.Options{
		MemoryLimit:      w.setup.MemoryLimit,
		RejectionsAtOnce: !w.setup.Flag("unhandled_rejection_after_microtask_checkpoint"),
	})
	if err != nil {
		return nil, err
	}
	i := &Isolate{
		w: w, vm: vm,
		lives: map[int]*durable.Life{}, handles: map[*durable.Life]int{}, calls: map[int]*incoming{},
		sections: map[int]*section{}, cursors: map[int]*cursor{}, ops: map[int]*loop.Op{}, facets: map[int]*durable.Facet{},
		caps: map[int]*capability{}, held: map[int]*held{}, tenants: map[loop.Owner]*tenant{}, promises: map[int]*promise{}, exchanges: map[int]*exchange{},
		classes:      map[string][]string{},
		legacyErrors: !w.setup.Flag("enhanced_error_serialization"),
	}
	i.answerHandled = func() {
		if _, err := i.vm.Call("answerHandled"); err != nil {
			i.uncaught(i.loop.Owner(), err, false)
		}
	}
	i.encoder = clone.NewEncoder(clone.EncodeOptions{LegacyErrors: i.legacyErrors})
	opts := w.setup.Loop
	opts.TurnLimit = w.setup.TurnLimit
	opts.Uncaught = i.uncaught
	i.loop = loop.New(vm, opts)
	i.number = w.setup.Realm.add(i)
	result := make(chan error, 1)
	i.loop.Post(func() { result <- i.boot() })
	if err := <-result; err != nil {
		i.close()
		return nil, err
	}
	return i, nil
}

// boot loads the runtime, then the bundle, outside of any turn.
func (i *Isolate) boot() error {
	opts := i.w.setup.Web
	opts.Console = func(m web.Message) { i.w.setup.Console(i.ref(), m) }
	opts.Uncaught = func(err error) { i.uncaught(i.loop.Owner(), err, false) }
	opts.Between = between
	opts.WasmModule = func(name string) ([]byte, bool) {
		m, ok := i.w.setup.Modules[name]
		return m.Data, ok && m.Kind == Wasm
	}
	web.Register(i.loop, opts)
	i.register()
	if err := i.vm.Boot(i.w.setup.Boot); err != nil {
		return fmt.Errorf("start the runtime: %w", err)
	}
	if _, err := i.vm.Call("configure", engine.String(i.w.setup.Env)); err != nil {
		return fmt.Errorf("set up env: %w", err)
	}
	i.vm.SetModules(i.loadModule, i.w.setup.Resolve)
	pending, err := i.importMain()
	if err != nil {
		return err
	}
	i.vm.SetModules(i.loadModule, i.resolveLater)
	if pending {
		return &engine.Exception{Name: "Error", Message: "Top-level await in module is unresolved: it waits for something that only an event could bring.", IsError: true}
	}
	return i.inspectExports()
}

// resolveLater is the bundle's Resolve for what code imports when all is loaded.
// What is not there is told in one line: who asked is known to the code.
func (i *Isolate) resolveLater(base, specifier string) (string, error) {
	name, err := i.w.setup.Resolve(base, specifier)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return "", errors.New(first)
	}
	return name, nil
}

// importMain evaluates the bundle at global scope, where nothing may be begun.
func (i *Isolate) importMain() (pending bool, err error) {
	if _, err := i.vm.Call("loading", engine.Bool(true)); err != nil {
		return false, err
	}
	pending, err = i.vm.Import(i.w.setup.Main, "loaded")
	if _, callErr := i.vm.Call("loading", engine.Bool(false)); callErr != nil && err == nil {
		err = callErr
	}
	return pending, err
}

func (i *Isolate) inspectExports() error {
	names, err := i.vm.Call("exportNames")
	if err != nil {
		return err
	}
	i.exports = strings.Split(names.Text(), "\n")
	for _, name := range i.exports {
		methods, err := i.vm.Call("classMethods", engine.String(name))
		if err != nil {
			return err
		}
		if methods.Text() != "" {
			i.classes[name] = strings.Split(methods.Text(), "\n")
		}
	}
	return nil
}

func (i *Isolate) loadModule(name string) (engine.Code, error) {
	m, ok := i.w.setup.Modules[name]
	if !ok {
		return engine.Code{}, fmt.Errorf("No such module %q.", name)
	}
	return m.asCode(i.w.setup.Engine, name)
}

func (i *Isolate) close() {
	i.once.Do(func() {
		i.w.setup.Realm.remove(i.number)
		i.loop.Close()
	})
}

// next gives a number that nothing else in the isolate has.
func (i *Isolate) next() int {
	i.last++
	return i.last
}

// ref is the object the current turn is run for, the zero Ref for none.
func (i *Isolate) ref() object.Ref {
	if life, ok := i.loop.Owner().(*durable.Life); ok {
		return life.Ref()
	}
	return object.Ref{}
}

// uncaught reports an exception that nobody handles.
func (i *Isolate) uncaught(owner loop.Owner, err error, rejection bool) {
	if rejection { // perhaps that of a write
		defer func() { _, _ = i.vm.Call("reportUnused") }()
	}
	var e *engine.Exception
	if !errors.As(err, &e) {
		e = &engine.Exception{Name: "Error", Message: err.Error(), IsError: true}
	}
	if e.Interrupted {
		_, _ = i.vm.Call("resetContext") // code that was stopped left its context behind
		if i.overran(owner, e) {
			return
		}
	}
	var ref object.Ref
	if life, ok := owner.(*durable.Life); ok {
		if life.Over() {
			return // a consequence of its end
		}
		ref = life.Ref()
	}
	i.w.setup.Uncaught(ref, i.loop.Span(), e)
}

// overran resets an object whose turn was interrupted for its length.
func (i *Isolate) overran(owner loop.Owner, e *engine.Exception) bool {
	life, ok := owner.(*durable.Life)
	if !ok || life.Over() {
		return ok
	}
	i.w.setup.Uncaught(life.Ref(), i.loop.Span(), e)
	_ = life.Reset(e)
	return true
}

// expect gives the number under which JavaScript here will answer a call.
func (i *Isolate) expect(object string, answer func(Answer)) int {
	n := i.next()
	i.calls[n] = &incoming{object: object, answer: answer}
	return n
}

// deliver calls an entry that is to answer a call; an exception is the answer.
func (i *Isolate) deliver(call int, entry string, args ...engine.Value) {
	i.worked()
	if _, err := i.vm.Call(entry, args...); err != nil {
		i.answerError(call, err)
	}
}

// deliverFetch is deliver for a request, which comes after the other arguments.
func (i *Isolate) deliverFetch(call int, entry string, r *Request, first ...engine.Value) {
	i.loop.WhenDrained(i.answerHandled)
	i.args = r.appendTo(append(i.args[:0], first...))
	i.deliver(call, entry, i.args...)
	clear(i.args)
}

// deliverWith is deliver for arguments of any shape.
func (i *Isolate) deliverWith(call int, entry string, fill func(engine.Sink)) {
	i.worked()
	if _, err := i.vm.CallWith(entry, fill); err != nil {
		i.answerError(call, err)
	}
}

func (i *Isolate) answerError(call int, err error) {
	i.settle(call, Answer{Err: callError(err)})
}

// settle answers a call once what the turn wrote is committed.
func (i *Isolate) settle(call int, a Answer) {
	in, ok := i.calls[call]
	if !ok {
		a.drop(i.w.setup.Realm)
		return
	}
	delete(i.calls, call)
	if a.Err != nil && a.Err.Object == "" {
		if a.Err.Object = in.object; in.life != nil {
			a.Err.Object = i.label(in.life.Ref())
		}
	}
	send := func() { in.answer(a) }
	if len(a.refs) == 0 {
		i.loop.Send(send)
		return
	}
	i.send(&message{refs: a.refs}, send)
}

// ---- durable.Home ----

// Loop implements durable.Home.
func (i *Isolate) Loop() *loop.Loop { return i.loop }

// Start implements durable.Home.
func (i *Isolate) Start(life *durable.Life) error {
	ref := life.Ref()
	ns, ok := i.w.namespaceOf(ref.Namespace)
	if !ok {
		return fmt.Errorf("no class of this Worker has the namespace %s", ref.Namespace)
	}
	if err := i.beginSession(life); err != nil {
		return err
	}
	n := i.next()
	i.lives[n], i.handles[life] = life, n
	if f := life.Object().Part(); f != nil {
		return i.startFacet(n, ns, f.Made().(*facetClass))
	}
	name := engine.Undefined
	if ref.Name != "" && len(ref.Name) <= 1024 {
		name = engine.String(ref.Name)
	}
	jurisdiction := engine.Undefined
	if in, _ := ns.Namespace.JurisdictionOf(ref.ID); in != "" {
		jurisdiction = engine.String(in)
	}
	_, err := i.vm.Call("construct", engine.Int(n), engine.String(ns.Class), engine.String(ref.ID.String()), name, jurisdiction, engine.Bool(ns.SQLite))
	return err
}

// KeepsAlive implements durable.Home.
func (i *Isolate) KeepsAlive(kind loop.Kind) bool { return i.w.setup.KeepsAlive(kind) }

// Drop implements durable.Home.
func (i *Isolate) Drop(life *durable.Life) {
	n, ok := i.handles[life]
	if !ok {
		return
	}
	if i.w.setup.Strict && life.Evicted() {
		i.reportLost(life, n)
	}
	delete(i.handles, life)
	for id, s := range i.sections {
		if s.life == life {
			s.stop()
			delete(i.sections, id)
		}
	}
	for id, c := range i.cursors {
		if c.life == life {
			c.Close()
			delete(i.cursors, id)
		}
	}
	database(life).CloseCursors()
	for id, c := range i.calls {
		if c.life == life {
			delete(i.calls, id)
		}
	}
	i.vacate(life)
	_, _ = i.vm.Call("drop", engine.Int(n))
	delete(i.lives, n)
}

// Alarm implements durable.Home.
func (i *Isolate) Alarm(life *durable.Life, info durable.AlarmInfo, done func(error)) {
	call := i.expect(life.Ref().String(), func(a Answer) { done(a.error()) })
	i.deliver(call, "objectAlarm", engine.Int(i.handles[life]), engine.Int(call), engine.Int(info.RetryCount), engine.Int(info.Scheduled.UnixMilli()))
}

// SocketEvent implements durable.Home.
func (i *Isolate) SocketEvent(life *durable.Life, s *durable.Socket, e durable.SocketEvent, done func(error)) {
	handle, last := i.handles[life], e.Kind != durable.SocketMessage
	call := i.expect(life.Ref().String(), func(a Answer) {
		done(a.error())
		if last {
			_, _ = i.vm.Call("socketGone", engine.Int(handle), engine.Int(s.ID))
		}
	})
	args := []engine.Value{engine.Int(handle), engine.Int(call), engine.Int(s.ID)}
	switch e.Kind {
	case durable.SocketMessage:
		data := engine.Bytes(e.Data)
		if e.Text {
			data = engine.String(string(e.Data))
		}
		i.deliver(call, "socketMessage", append(args, data)...)
	case durable.SocketClose:
		i.deliver(call, "socketClosed", append(args, engine.Int(e.Code), engine.String(e.Reason), engine.Bool(e.Clean))...)
	case durable.SocketError:
		i.deliver(call, "socketFailed", append(args, engine.String(e.Err.Error()))...)
	}
}
