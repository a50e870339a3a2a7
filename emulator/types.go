package emulator

import (
	"io"
	"net/url"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/clock"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/web"
)

// Limits says whose limits hold.
type Limits string

const (
	Production Limits = "production" // those of the deployed service
	Local      Limits = "local"      // the laxer ones of the local runtime
	Off        Limits = "off"        // none, CPU time and memory included
)

// Options of [Open].
type Options struct {
	// Config and Bundle are the Worker that gets the requests; without them it
	// is the first of Workers.
	Config *config.Config
	Bundle *bundle.Bundle
	// Workers are those that bindings reach besides.
	Workers []Worker

	// StateDir is the state folder; objects live in StateDir/v3/do.
	StateDir string
	// InMemory keeps nothing on disk.
	InMemory bool
	// Registry is the folder in which the dev servers of this machine find one
	// another's Workers, see package registry; "" is none.
	Registry string
	// Isolates is how many isolates objects are spread over; 0 is one for each
	// core. 1 puts the Worker in the same one.
	Isolates int
	Limits   Limits
	// Strict has a reload do to objects and sockets what a deploy does, and warns
	// of traps that need not be mistakes, see worker.Trap.
	Strict bool

	// Withheld are namespaces whose objects must not come to life, since what is
	// to be stored there is elsewhere, with why. Migrations that are applied end
	// that, and code that does not ask for them.
	Withheld map[string]string

	step func() error // see state.Folder, for tests

	objectSize int64 // in bytes, instead of that of Limits; 0 is that of Limits

	// Outbound sends requests for a host, or "host:port", elsewhere.
	Outbound map[string]*url.URL
	// Offline refuses every other request out of the emulator.
	Offline bool

	Clock clock.Clock
	// Log receives what the project prints and what nobody handles. It may be
	// called from several goroutines at once.
	Log func(Entry)
	// Trace, unless nil, is told of the steps of each request, by the names of
	// the functions that take them: "sqlite.(*Object).Commit". It may be called
	// from several goroutines at once, those of one request in order.
	Trace func(step string)
}

// An Entry is one thing to show the developer.
type Entry struct {
	Kind  EntryKind
	Level string // debug, log, info, warn or error
	Code  string // of a notice of a trap: one of the worker.TrapCodes, else ""
	// Object is "ChatRoom/lobby", "" for the Worker; of a Worker beside the one
	// that gets the requests "rooms:ChatRoom/lobby" and "rooms".
	Object string
	Ref    object.Ref // the same for programs, zero for a Worker
	Span   loop.Span  // of the turn that printed it, nil when nobody follows it
	Text   string
	Frame  string // "src/x.ts:12:5", "" when unknown
	// Stack is that of an uncaught error, or what console.trace adds: lines
	// "    at f (src/x.ts:12:5)".
	Stack string
	// Excerpt shows the source around the error's place, "" for none.
	Excerpt string
}

// EntryKind tells entries apart.
type EntryKind string

const (
	Console  EntryKind = "console"
	Uncaught EntryKind = "uncaught"
	Notice   EntryKind = "notice" // from the emulator itself
)

// A Request comes from outside.
type Request struct {
	Method string
	URL    string
	Header [][2]string
	// Body may be nil. Size is its length, -1 when it is not known.
	Body io.Reader
	Size int64
	// CF is request.cf as JSON, or "".
	CF string
	// Done is closed when the client has gone; nil means never.
	Done <-chan struct{}
}

// A Response goes out. Body is never nil and must be closed.
type Response struct {
	Status     int
	StatusText string
	Header     [][2]string
	Body       io.ReadCloser
	// Encoded says that the body already is as Content-Encoding has it.
	Encoded bool
	// Socket is the server's end of a WebSocket when Status is 101.
	Socket *web.End
	// Compress says that the socket's messages may be compressed.
	Compress bool
	// Objects are those the request reached, "ChatRoom/lobby".
	Objects []string
	// Span is what followed the request, nil for nothing.
	Span loop.Span
}

// A Failure is an error the Worker did not handle.
type Failure struct {
	Name, Message string
	Stack         string // source-mapped lines "    at f (src/x.ts:12:5)"
	Excerpt       string // the source around its place, "" for none
	Object        string // where it was thrown, "" for the Worker
	Objects       []string
	Span          loop.Span // what followed the request, nil for nothing
}

func (f *Failure) Error() string {
	if f.Name == "" {
		return f.Message
	}
	return f.Name + ": " + f.Message
}

// A Namespace is a class as the start-up screen shows it.
type Namespace struct {
	Worker  string // that it is listed for
	Binding string // "" when nothing binds the class
	Class   string
	SQLite  bool
	Script  string // that defines the class
	Objects int    // stored
	Bytes   int64  // stored
	Alarms  int
}
