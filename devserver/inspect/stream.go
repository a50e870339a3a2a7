package inspect

import (
	"context"
	"slices"
	"time"
)

// A Topic is something a stream tells of. What nobody follows costs the server
// nothing.
type Topic string

const (
	AllObjects Topic = "objects" // objects, namespaces and loads
	Logs       Topic = "logs"
	// Traces are told as they end, and again when what they left behind goes on.
	Traces Topic = "traces"
	// AllSockets tells of the sockets of Follow.Object, or of all objects.
	AllSockets Topic = "sockets"
	// Frames is the tap of the sockets of Follow.Object, which it needs.
	Frames Topic = "frames"
	// Stores tells what each turn of Follow.Object, which it needs, stored.
	Stores Topic = "storage"
)

// A Follow says what a stream is to tell of.
type Follow struct {
	Topics []Topic `json:"topics"`
	Object Ref     `json:"object"`
	// Socket narrows Frames to one socket, -1 or nil for all.
	Socket *int `json:"socket,omitempty"`
	// From is Snapshot.Next, or Event.Cursor of the last event that was seen.
	From Cursor `json:"from,omitempty"`
}

// EventKind tells events apart: it names the field of Event that is set.
type EventKind string

const (
	ObjectChanged    EventKind = "object"
	ObjectGone       EventKind = "gone"
	NamespaceChanged EventKind = "namespace"
	Loads            EventKind = "loads"
	SocketChanged    EventKind = "socket"
	FrameSeen        EventKind = "frame"
	LogWritten       EventKind = "log"
	TraceChanged     EventKind = "trace"
	StorageChanged   EventKind = "storage"
	Reloaded         EventKind = "reload"
	// MigrationsChanged says that migrations were applied or undone: take a new
	// snapshot, since objects have other ids.
	MigrationsChanged EventKind = "migrations"
	// Missed says that events were dropped, or that the cursor is of another run
	// of the server: take a new snapshot. The stream goes on after it.
	Missed EventKind = "missed"
	// Ping says nothing but that the server is there.
	Ping EventKind = "ping"
)

// An Event is something that changed. Only what its kind names is set.
type Event struct {
	Cursor    Cursor        `json:"cursor,omitempty"` // right behind it
	At        time.Time     `json:"at"`
	Kind      EventKind     `json:"kind"`
	Object    *Object       `json:"object,omitempty"` // as it is now
	Gone      *Ref          `json:"gone,omitempty"`
	Namespace *Namespace    `json:"namespace,omitempty"`
	Load      *Load         `json:"load,omitempty"`  // of the project
	Loads     map[Ref]Load  `json:"loads,omitempty"` // of the objects whose load changed
	Socket    *Socket       `json:"socket,omitempty"`
	Frame     *Frame        `json:"frame,omitempty"`
	Log       *LogLine      `json:"log,omitempty"`
	Trace     *Trace        `json:"trace,omitempty"`
	Storage   *StorageEvent `json:"storage,omitempty"`
	Reload    *Reload       `json:"reload,omitempty"`
	// Skipped is how many traces came before this one that were not recorded,
	// because there were too many at once.
	Skipped int `json:"skipped,omitempty"`
}

// A Stream gives events in order.
type Stream interface {
	// Next waits for an event. Its error is io.EOF when the server has gone, and
	// that of ctx when it has ended.
	Next(ctx context.Context) (Event, error)
	// Close ends the stream. Closing twice is harmless.
	Close() error
}

// Wants reports whether an event belongs to what is followed.
func (f Follow) Wants(e Event) bool {
	switch e.Kind {
	case ObjectChanged, ObjectGone, NamespaceChanged, Loads:
		return f.has(AllObjects)
	case SocketChanged:
		return f.has(AllSockets) && (f.Object.IsZero() || f.Object == e.Socket.Ref)
	case FrameSeen:
		return f.has(Frames) && f.Object == e.Frame.Object && (f.Socket == nil || *f.Socket < 0 || *f.Socket == e.Frame.Socket)
	case LogWritten:
		return f.has(Logs)
	case TraceChanged:
		return f.has(Traces)
	case StorageChanged:
		return f.has(Stores) && f.Object == e.Storage.Object
	}
	return true
}

func (f Follow) has(t Topic) bool { return slices.Contains(f.Topics, t) }
