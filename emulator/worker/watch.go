package worker

import (
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/sqlite"
)

// A StorageSpan is a span that wants to know what its event does to storage.
type StorageSpan interface {
	// Storage is told before an operation; what it returns is told afterwards,
	// and once more when a cursor has come to its end. Both are called on the
	// loop's goroutine.
	Storage(StorageOp) (done func(StorageOutcome))
}

// A StorageOutcome is how an operation on storage came out.
type StorageOutcome struct {
	Rows    int64 // that were found, or of SQL read
	Written int64 // of SQL
	Bytes   int64 // of the values that were read or written
	Err     error
}

// A StorageOp is an operation of code on storage.
type StorageOp struct {
	Life *durable.Life
	// Name is that of the host function: "kvGet", "sqlExec".
	Name string
	Keys []string // of a key-value operation; of a list the prefix
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
	if !ok {
		return fn(c)
	}
	life := i.lives[c.Int(0)]
	if life == nil || life.Over() {
		return fn(c)
	}
	op := StorageOp{Life: life, Name: name}
	switch name {
	case "kvGet", "kvPut", "kvDelete":
		op.Keys = []string{c.String(1)}
	case "kvGetMany", "kvDeleteMany":
		op.Keys = c.Strings(1)
	case "kvList":
		op.Keys = []string{c.String(4)}
	case "deleteAll", "setAlarm", "deleteAlarm":
	case "sqlExec":
		op.SQL = c.String(1)
	default:
		return fn(c)
	}
	var out StorageOutcome
	done := span.Storage(op)
	i.outcome = &out
	out.Err = fn(c)
	i.outcome = nil
	done(out)
	if cur := i.cursors[i.last]; name == "sqlExec" && out.Err == nil && cur != nil && !cur.Done() {
		cur.done = done
	}
	return out.Err
}

// met tells who follows the current operation on storage of what it came upon.
func (i *Isolate) met(rows, size int) {
	if i.outcome != nil {
		i.outcome.Rows += int64(rows)
		i.outcome.Bytes += int64(size)
	}
}

// tell tells who follows the cursor what it has read.
func (c *cursor) tell() {
	if c.done != nil {
		c.done(c.outcome())
		c.done = nil
	}
}

func (c *cursor) outcome() StorageOutcome {
	return StorageOutcome{Rows: c.RowsRead(), Written: c.RowsWritten(), Err: c.Err()}
}

// follow gives an event of the Worker itself and what follows it, nil when nobody
// does. Parent and inside are those of the event.
func (w *Worker) follow(parent loop.Span, inside bool, event func() *durable.Event) (*durable.Event, durable.Span) {
	if !w.setup.Objects.Follows(parent, !inside) {
		return nil, nil
	}
	e := event()
	return e, w.setup.Objects.Follow(e)
}

// admit begins the first turn of an event of the Worker's.
func (i *Isolate) admit(span durable.Span) {
	if span != nil {
		span.Admitted()
		i.loop.SetSpan(span)
	}
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
