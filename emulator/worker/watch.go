package worker

import (
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/sqlite"
)

// A StorageSpan is a span that wants to know what its event does to storage.
type StorageSpan interface {
	// Storage is told before an operation; what it returns is told afterwards.
	// Both are called on the loop's goroutine.
	Storage(StorageOp) (done func(err error))
}

// A StorageOp is an operation of code on storage.
type StorageOp struct {
	Life *durable.Life
	// Name is that of the host function: "kvGet", "sqlExec".
	Name string
	Keys []string // of a key-value operation on known keys
	SQL  string
}

// Database is the object's database, to be used in its turn.
func Database(life *durable.Life) *sqlite.Object { return database(life) }

// spied has who follows the current turn told of the operations on storage in a
// table of host functions. Nobody following costs a comparison.
func (i *Isolate) spied(table map[string]engine.Func) map[string]engine.Func {
	for name, fn := range table {
		table[name] = func(c engine.Call) error {
			if i.loop.Span() == nil {
				return fn(c)
			}
			return i.spy(name, fn, c)
		}
	}
	return table
}

func (i *Isolate) spy(name string, fn engine.Func, c engine.Call) error {
	span, ok := i.loop.Span().(StorageSpan)
	life := i.lives[c.Int(0)]
	if !ok || life == nil || life.Over() {
		return fn(c)
	}
	op := StorageOp{Life: life, Name: name}
	switch name {
	case "kvGet", "kvPut", "kvDelete":
		op.Keys = []string{c.String(1)}
	case "kvGetMany", "kvDeleteMany":
		op.Keys = c.Strings(1)
	case "kvList", "deleteAll", "setAlarm", "deleteAlarm":
	case "sqlExec":
		op.SQL = c.String(1)
	default:
		return fn(c)
	}
	done := span.Storage(op)
	err := fn(c)
	done(err)
	return err
}

// follow gives an event of the Worker itself and what follows it, nil when nobody
// watches.
func (w *Worker) follow(event func() *durable.Event) (*durable.Event, durable.Span) {
	if !w.setup.Objects.Watched() {
		return nil, nil
	}
	e := event()
	return e, w.setup.Objects.Follow(e)
}

// status is that of the response, 0 when it is none.
func (a Answer) status() int {
	if a.Response == nil {
		return 0
	}
	return a.Response.Status
}

// Discard gives up what an answer holds that only a caller's code could use.
func (r *Realm) Discard(a Answer) { a.drop(r) }

// DeleteEverything does away with what an object has stored, its facets and
// their databases included, in a turn of its.
func DeleteEverything(life *durable.Life) error {
	if err := database(life).DeleteAll(true); err != nil {
		return err
	}
	return deleteFacets(life)
}
