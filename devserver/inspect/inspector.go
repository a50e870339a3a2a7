package inspect

import "context"

// An Inspector is all that can be asked and done. Errors are an [*Error] where
// there is more to say than a text.
type Inspector interface {
	Viewer
	Storage
	Actor
	Recorder
	Keeper
	Traveller
	Migrator
}

// A Viewer tells what there is.
type Viewer interface {
	Snapshot(ctx context.Context) (Snapshot, error)
	// Find finds the object that a text names, as [Snapshot.Resolve] does.
	Find(ctx context.Context, f Finding) (Target, error)
	// Object is one object as it is now.
	Object(ctx context.Context, ref Ref) (Object, error)
	// Watch follows what changes until the stream is closed.
	Watch(ctx context.Context, f Follow) (Stream, error)
	// Sockets lists the sockets of an object, or of all for the zero Ref.
	Sockets(ctx context.Context, ref Ref) ([]Socket, error)
	// Alarms lists pending alarms, soonest first.
	Alarms(ctx context.Context) ([]Alarm, error)
}

// A Storage reads and changes what objects store. With a server, each call is
// an event in the object's queue.
type Storage interface {
	Keys(ctx context.Context, ref Ref, q KeyQuery) (KeyPage, error)
	// Entry is one pair; the error's code is NotFound without one.
	Entry(ctx context.Context, ref Ref, key string) (Entry, error)
	// Edit makes all changes, in one transaction, or none. The error's code is
	// Conflict when a value is not the one that was expected.
	Edit(ctx context.Context, ref Ref, changes []Change) ([]Diff, error)
	Schema(ctx context.Context, ref Ref) (Schema, error)
	SQL(ctx context.Context, ref Ref, q SQLQuery) (SQLResult, error)
}

// An Actor acts on objects.
type Actor interface {
	Act(ctx context.Context, a Action) (Outcome, error)
	// Call calls a method of an object, which is made if it is not there.
	Call(ctx context.Context, c Call) (Value, error)
	// Request sends a request straight to an object, which is made if it is not
	// there.
	Request(ctx context.Context, r Request) (Response, error)
	// Replay sends the request, call or message again with which a trace began,
	// and returns the id of the new trace.
	Replay(ctx context.Context, trace string) (string, error)
}

// A Recorder tells what happened before somebody followed the stream.
type Recorder interface {
	Logs(ctx context.Context, q LogQuery) ([]LogLine, error)   // oldest first
	Traces(ctx context.Context, q TraceQuery) ([]Trace, error) // oldest first
	// Trace is one trace with its spans.
	Trace(ctx context.Context, id string) (Trace, error)
}
