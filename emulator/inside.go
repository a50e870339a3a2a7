package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
	"github.com/dodev/dodev/sqlite"
)

// What an inspector needs to see into a running project.

// A Class is a Durable Object class of a running project.
type Class struct {
	Key      string // of its namespace, "<script>-<Class>"
	Script   string
	Name     string
	SQLite   bool
	Bindings []string
}

// Classes are those that the Workers define, the first one's first.
func (e *Emulator) Classes() []Class {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var out []Class
	for _, v := range e.workers {
		for _, ns := range v.own() {
			key := ns.Namespace.UniqueKey()
			i := slices.IndexFunc(out, func(c Class) bool { return c.Key == key })
			if i < 0 {
				i = len(out)
				out = append(out, Class{Key: key, Script: ns.Script, Name: ns.Class, SQLite: ns.SQLite})
			}
			if ns.Binding != "" {
				out[i].Bindings = append(out[i].Bindings, ns.Binding)
			}
		}
	}
	return out
}

// Objects are the objects of the project.
func (e *Emulator) Objects() *durable.Objects { return e.objects }

// Names has the names under which objects were seen.
func (e *Emulator) Names() *names.Book { return e.names }

// Folder is where the files of a namespace's objects lie, "" when nothing is
// kept.
func (e *Emulator) Folder(namespace string) string {
	if e.opts.InMemory {
		return ""
	}
	return filepath.Join(e.objectDir(), namespace)
}

// NamedAlarms are the names that the alarm index of a namespace has.
func (e *Emulator) NamedAlarms(namespace string) ([]sqlite.Alarm, error) {
	index, ok := e.indexes.opened(namespace)
	if !ok {
		return nil, nil
	}
	return index.All()
}

// Visit runs fn as an event of an object and waits for it; see
// [durable.Objects.Visit]. When ctx ends before, fn may still run.
func (e *Emulator) Visit(ctx context.Context, ref object.Ref, what string, fn func(*durable.Life) error) error {
	done := make(chan error, 1)
	e.objects.Visit(ref, what, func(l *durable.Life) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(l)
	}, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// address is that of an object, for the Worker that defines its class.
func (e *Emulator) address(ref object.Ref) (worker.Address, error) {
	for _, c := range e.Classes() {
		if c.Key == ref.Namespace {
			return worker.Address{Entrypoint: worker.Entrypoint{Script: c.Script}, Class: c.Name, Object: ref}, nil
		}
	}
	return worker.Address{}, fmt.Errorf("no Worker that runs here has the class of %s", ref.Namespace)
}

// FetchObject sends a request straight to an object. The error is a *[Failure]
// when the object's code did not handle an error of its own.
func (e *Emulator) FetchObject(ctx context.Context, ref object.Ref, r *Request) (*Response, error) {
	at, err := e.address(ref)
	if err != nil {
		return nil, err
	}
	request, err := e.request(ctx, r)
	if err != nil {
		return nil, err
	}
	if request.Pipe == 0 {
		request.Again = func() { e.fetchAgain(at, request) }
	}
	answers := make(chan worker.Answer, 1)
	e.realm.Fetch(ctx, at, request, func(a worker.Answer) { answers <- a })
	select {
	case a := <-answers:
		return e.response(e.definer(ref.Namespace), a)
	case <-ctx.Done():
		go e.discard(answers)
		return nil, ctx.Err()
	}
}

// CallObject calls a method of an object, given its arguments as the structured
// clone of an array, and returns that of its result. The error is a *[Failure]
// when the object's code threw.
func (e *Emulator) CallObject(ctx context.Context, ref object.Ref, method string, args []byte) ([]byte, error) {
	at, err := e.address(ref)
	if err != nil {
		return nil, err
	}
	answers := make(chan worker.Answer, 1)
	e.realm.Call(at, jsonPath(method), true, args, func(a worker.Answer) { answers <- a })
	select {
	case a := <-answers:
		if a.Err != nil {
			return nil, e.Explain(ref, a.Err)
		}
		value := a.Value
		e.realm.Discard(a)
		return value, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Explain gives an error of an object's the places its author knows.
func (e *Emulator) Explain(ref object.Ref, err error) *Failure {
	v := e.definer(ref.Namespace)
	if v == nil {
		return &Failure{Message: err.Error()}
	}
	return v.failure(err, v.label(ref))
}

// jsonPath is the path of a call: the names on the way to what is called.
func jsonPath(method string) string {
	text, err := json.Marshal(strings.Split(method, "."))
	if err != nil {
		return "[]" // not for strings
	}
	return string(text)
}

// again sends a request to the Worker once more, whose answer nobody reads.
func (e *Emulator) again(r worker.Request) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return
	}
	answers := make(chan worker.Answer, 1)
	e.workers[0].worker.Fetch(context.Background(), r, func(a worker.Answer) { answers <- a })
	go e.discard(answers)
}

// fetchAgain sends a request straight to an object once more.
func (e *Emulator) fetchAgain(at worker.Address, r worker.Request) {
	answers := make(chan worker.Answer, 1)
	e.realm.Fetch(context.Background(), at, r, func(a worker.Answer) { answers <- a })
	go e.discard(answers)
}

// Abort resets an object as ctx.abort() does, and reports whether it was alive.
func (e *Emulator) Abort(ref object.Ref) bool {
	return e.objects.Abort(ref, engine.Error("Application called abort() to reset Durable Object."))
}

// Wake makes an object's instance, if there is none.
func (e *Emulator) Wake(ctx context.Context, ref object.Ref) error {
	done := make(chan error, 1)
	event := &durable.Event{Name: "start", Kind: "edit"}
	event.Run = func(l *durable.Life) {
		if l.Finish(event) {
			done <- nil
		}
	}
	event.Fail = func(err error) { done <- err }
	e.objects.Deliver(ref, event)
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ValueLimit says why a value cannot be stored under a key, nil when it can.
func (e *Emulator) ValueLimit(namespace, key string, size int) error {
	if e.opts.Limits != Production {
		return nil
	}
	if len(key) > maxKey {
		return fmt.Errorf("keys cannot be larger than %d bytes, and this one has %d", maxKey, len(key))
	}
	for _, c := range e.Classes() {
		switch {
		case c.Key != namespace:
		case c.SQLite && len(key)+size > maxPair:
			return fmt.Errorf("key and value cannot be larger than %d bytes, and these have %d", maxPair, len(key)+size)
		case !c.SQLite && size > maxValue+valueOverrun:
			return fmt.Errorf("values cannot be larger than %d bytes, and this one has %d", maxValue, size)
		}
	}
	return nil
}
